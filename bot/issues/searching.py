"""Shows issues: one, those that a search finds, and the one a channel is about from now on."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from bot.command import Request
from bot.errors import NotUnderstood
from bot.issues import cards
from bot.issues.acting import Actor, Asked, look
from bot.issues.changing import followed
from bot.issues.meant import Found, subject_of
from bot.kit import Kit
from bot.model import Message, Project
from bot.tracker import Comment, Issue, IssueCard
from bot.words import longhand

#: Issues that a search tells; GitLab's own slash command tells five (gitlab-chatops.md 3).
MOST_FOUND = 10
NONE = "-"


class Drawing(cards.Drawing, Protocol):
    """How what was found looks."""

    def found(self, project: str, words: str, issues: list[tuple[Issue, str]], *, prefix: str) -> Message: ...

    def no_subject(self, *, was: bool, dm: bool) -> Message: ...


def show(kit: Kit, draw: Drawing, who: Actor, one: Found, asked: Asked) -> Message | None:
    """Show an issue to who asked: for them alone, and in direct messages as a card that lives."""
    look(kit, asked, one.issue.project_id, one.issue.project, f"show #{one.issue.iid}")
    last = cards.last_comment(who.gitlab, one.issue)
    cards.refresh(kit, draw, one, last)
    if who.by.place.is_dm:
        _post(kit, draw, who, one, last)
        return None
    with kit.store.write() as tx:
        tx.places.set_last(who.person, one.issue.project)
    return cards.glimpse(kit, draw, who.by, one.issue, followed(one), last)


def open_here(kit: Kit, draw: Drawing, who: Actor, one: Found, asked: Asked) -> Message | None:
    """Show an issue to everybody in a place, which is about it from then on; a confidential one to who asked."""
    if cards.is_private(one.issue, who.by.place):
        return show(kit, draw, who, one, asked)
    look(kit, asked, one.issue.project_id, one.issue.project, f"open #{one.issue.iid}")
    with kit.store.write() as tx:
        tx.issues.set_subject(who.person.team, who.by.place, one.subject, kit.now())
    _post(kit, draw, who, one, cards.last_comment(who.gitlab, one.issue))
    return None


def _post(kit: Kit, draw: Drawing, who: Actor, one: Found, last: Comment | None) -> None:
    with kit.store.write() as tx:
        cards.post(tx, kit, draw, who.by, one.issue, last, remark=followed(one))
        tx.places.set_last(who.person, one.issue.project)
    kit.deliver()


def leave(kit: Kit, draw: Drawing, request: Request) -> Message:
    """Let a place be about no issue any more."""
    team, place = request.person.team, request.place
    with kit.store.write() as tx:
        was = tx.issues.subject(team, place) is not None
        tx.issues.set_subject(team, place, None, kit.now())
    return draw.no_subject(was=was, dm=place.is_dm)


def search(kit: Kit, draw: Drawing, who: Actor, project: Project, request: Request) -> Message:
    """Return the issues of a project in which the typed words are, open and closed; NotUnderstood without any."""
    words, prefix = request.line.after(1), longhand(request.prefix)
    look(kit, request, project.id, project.path, f"search {words}")
    if not words:
        raise NotUnderstood(f"What for? Type it as `{prefix}issue search basket`.")
    found = who.gitlab.issues(project.id, search=words, state="all", most=MOST_FOUND)
    now, by = kit.now(), who.by
    rows = [
        IssueCard(kit.new_id(), by.person, by.place, subject_of(one), living=False, at=now) for one in found
    ]
    with kit.store.write() as tx:
        for row in rows:
            tx.issues.put_card(row)
    shown = [
        (replace(one, title=kit.redact(one.title)), row.id) for one, row in zip(found, rows, strict=True)
    ]
    return draw.found(project.path, words, shown, prefix=prefix)
