"""Shows issues in Slack: living cards that follow every change, lines under them, and what only one person may see."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol

from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import BotError, GitLabError, NotFound, NotUnderstood
from bot.issues import acting, picks, sheets
from bot.issues.acting import Actor, By
from bot.issues.meant import Found, at, subject_of
from bot.kit import Kit
from bot.model import Message, Millis, Person, Place
from bot.tracker import Comment, Issue, IssueCard, Subject

CONFIDENTIAL = "it is confidential now, so it is shown to members alone: `issue show` tells you."
GONE = "GitLab does not show it any more. It was deleted, or moved out of sight."


class Drawing(Protocol):
    """How an issue looks; handed in, since the rules do not know `blocks`."""

    def card(
        self, issue: Issue, last: Comment | None, card_id: str, now: Millis, *, remark: str = ""
    ) -> Message: ...

    def withdrawn(self, subject: Subject, why: str) -> Message: ...

    def line(self, remark: str, issue: Issue, words: str = "") -> Message: ...

    def told(self, issue: Issue, text: str) -> Message: ...

    def lost(self, what: str, url: str) -> Message: ...


@dataclass(frozen=True, slots=True)
class Done:
    """What was done to an issue."""

    issue: Issue
    """As it is afterwards."""
    decision: str
    """A word for the audit trail: created, commented, closed and so on."""
    remark: str
    """The same for people, with who did it, in plain text."""
    last: Comment | None = None
    """Its last comment."""
    before: Subject | None = None
    """Where it was, if it has moved."""
    detail: str = ""
    words: str = ""
    """What was said, in Markdown, for the line under the card."""


def show(tx: Tx, kit: Kit, draw: Drawing, by: By, done: Done) -> None:
    """
    Show what was done: on every card of the issue, and where it was asked, by a line under its card or by a new one.

    What is confidential is shown in direct messages alone. Written down in the same transaction; done again, once.
    """
    subject = subject_of(done.issue)
    if tx.issues.card(_card_id(by)) or tx.outbox.get(_line_id(by)):
        return  # It was told before a crash.
    if done.before:
        tx.issues.moved(done.before, subject)
    tx.issues.remark(subject, done.remark)
    for card in tx.issues.cards_of(subject):
        _draw(tx, kit, draw, replace(card, remark=done.remark), done.issue, done.last)
    if not is_private(done.issue, by.place):
        _tell_here(tx, kit, draw, by, done)
    picks.learn(tx, kit, by.gitlab_id, done.issue)
    acting.note(tx, kit, by, subject, done.decision, done.detail)


def is_private(issue: Issue, place: Place) -> bool:
    """Tell whether an issue must not be shown in a place, where people may read who may not see it in GitLab."""
    return issue.confidential and not place.is_dm


def _tell_here(tx: Tx, kit: Kit, draw: Drawing, by: By, done: Done) -> None:
    here = next(
        (one for one in tx.issues.cards_of(subject_of(done.issue)) if _stands(tx, one, by.place)), None
    )
    if here is None:
        post(tx, kit, draw, by, done.issue, done.last, remark=done.remark)
        return
    message = draw.line(done.remark, done.issue, kit.redact(done.words))
    letters.under(tx, _line_id(by), here.id, here.place, message, kit.now(), person=by.person.id)


def _stands(tx: Tx, card: IssueCard, place: Place) -> bool:
    """Tell whether a card stands in a place: in that channel or thread, or right above that thread."""
    if card.place == place:
        return True
    shown = tx.cards.get(card.id)
    return card.place.channel == place.channel and shown is not None and shown.ts == place.thread


def post(
    tx: Tx, kit: Kit, draw: Drawing, by: By, issue: Issue, last: Comment | None, *, remark: str = ""
) -> IssueCard:
    """Post a living card; a thread is about the issue from then on."""
    now, subject = kit.now(), subject_of(issue)
    card = IssueCard(_card_id(by), by.person, by.place, subject, living=True, remark=remark, at=now)
    tx.issues.put_card(card)
    if by.place.thread:
        tx.issues.set_subject(by.person.team, by.place, subject, now)
    _draw(tx, kit, draw, card, issue, last)
    return card


def _draw(tx: Tx, kit: Kit, draw: Drawing, card: IssueCard, issue: Issue, last: Comment | None) -> None:
    now = kit.now()
    if is_private(issue, card.place):
        tx.issues.end_card(card.id)
        message = draw.withdrawn(card.subject, CONFIDENTIAL)
    else:
        message = draw.card(*_clean(kit, issue, last), card.id, now, remark=card.remark)
    letters.card_of(tx, card.id, card.place, message, now, person=card.person.id)


def _clean(kit: Kit, issue: Issue, last: Comment | None) -> tuple[Issue, Comment | None]:
    """Return what is shown of an issue without the secrets that somebody has written into it."""
    shown = replace(last, body=kit.redact(last.body)) if last else None
    return replace(issue, title=kit.redact(issue.title)), shown


def _card_id(by: By) -> str:
    return f"{by.key}.card"


def _line_id(by: By) -> str:
    return f"{by.key}.line"


# What only one person sees ----------------------------------------------------------------------------------


def glimpse(
    kit: Kit, draw: Drawing, by: By, issue: Issue, remark: str = "", last: Comment | None = None
) -> Message:
    """Return the card of an issue for one person; it is not edited later, but its buttons work."""
    card = IssueCard(kit.new_id(), by.person, by.place, subject_of(issue), living=False, at=kit.now())
    with kit.store.write() as tx:
        tx.issues.put_card(card)
    return draw.card(*_clean(kit, issue, last), card.id, kit.now(), remark=remark)


def answer(kit: Kit, draw: Drawing, by: By, done: Done) -> Message | None:
    """Return what only the asker sees of what was done; None if a card says it."""
    if not is_private(done.issue, by.place):
        return None
    return glimpse(kit, draw, by, done.issue, done.remark, done.last)


def last_comment(gitlab: GitLab, issue: Issue) -> Comment | None:
    """Return the last comment that all who see the issue may read; None, too, if GitLab does not say now."""
    if not issue.comments:
        return None
    with suppress(BotError):
        found = gitlab.comments(issue.project_id, issue.iid)
        return next((one for one in found if not one.internal and not one.system), None)
    return None


# Keeping cards current --------------------------------------------------------------------------------------


def refresh(kit: Kit, draw: Drawing, one: Found, last: Comment | None) -> None:
    """Let every card of an issue show how it was just seen."""
    subject = one.subject
    with kit.store.write() as tx:
        for card in tx.issues.cards_of(subject):
            _draw(tx, kit, draw, card, one.issue, last)
    kit.deliver()


def pressed(kit: Kit, draw: Drawing, who: Actor, card_id: str) -> Found:
    """
    Return the issue whose card somebody pressed a button on, as they see it now; `card_id` may be that of a sheet.

    Raises NotUnderstood for a card that is forgotten. If the issue is gone, or not for everybody any more, the card
    says so; NotFound for who may not see it.
    """
    card, subject = _about(kit, who.person, card_id)
    if subject is None:
        raise NotUnderstood("That card is too old. Type `issue show` with its number.")
    try:
        one = at(who.gitlab, subject)
    except NotFound:
        if card:
            _out_of_sight(kit, draw, card)
        raise
    if one.moved_from:
        with kit.store.write() as tx:
            tx.issues.moved(subject, one.subject)
    return one


def numbered(kit: Kit, person: Person, card_id: str) -> int:
    """Return the number of the issue that a card or sheet is about, as the store knows it; 0 if it does not."""
    subject = _about(kit, person, card_id)[1]
    return subject.iid if subject else 0


def _about(kit: Kit, person: Person, card_id: str) -> tuple[IssueCard | None, Subject | None]:
    """Return the card, if it is one, and which issue the card or sheet is about."""
    with kit.store.read() as tx:
        card = tx.issues.card(card_id)
        sheet = sheets.known(kit, tx, person, card_id)
    return card, card.subject if card else sheet.subject if sheet else None


def _out_of_sight(kit: Kit, draw: Drawing, card: IssueCard) -> None:
    """
    Say on the cards of an issue why nobody sees it any more, if that is so; somebody may only not see it themselves.

    The bot's own token tells which: it sees what is confidential where it is a Reporter (doc/user/permissions.md).
    """
    subject = card.subject
    why = _why(kit, subject)
    if not why:
        return
    with kit.store.write() as tx:
        for one in tx.issues.cards_of(subject):
            if not one.place.is_dm or why == GONE:
                tx.issues.end_card(one.id)
                message = draw.withdrawn(subject, why)
                letters.card_of(tx, one.id, one.place, message, kit.now(), person=one.person.id)
    kit.deliver()


def _why(kit: Kit, subject: Subject) -> str:
    """Return why an issue is out of everybody's sight; empty if it is not, or if nobody knows."""
    try:
        return CONFIDENTIAL if kit.gitlab.issue(subject.project_id, subject.iid).confidential else ""
    except NotFound:
        return GONE if _sees(kit, subject) else ""
    except GitLabError:
        return ""


def _sees(kit: Kit, subject: Subject) -> bool:
    """Whether the bot sees the project at all: of one that it does not see, it knows nothing."""
    with suppress(GitLabError):
        return bool(kit.gitlab.project(subject.project_id))
    return False
