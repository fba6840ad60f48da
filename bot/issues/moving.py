"""Moves an issue to another project: once, as the person; its cards and threads go with it."""

from __future__ import annotations

import re

from bot import writing
from bot.command import Request
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import GitLabSaidNo, LeftOut, NotUnderstood
from bot.issues import cards
from bot.issues.acting import Actor, By, by_write, climb
from bot.issues.cards import Done, Drawing
from bot.issues.changing import followed
from bot.issues.meant import Found, follow, subject_of
from bot.issues.records import about, about_json, issue_kept, issue_of
from bot.jobs import projects
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message, Project
from bot.text import code, one_line
from bot.tracker import Issue
from bot.words import longhand
from bot.writing import Kind, Result

MOVE = "issue.move"
SHOWN = 60
#: `[to] group/project`, as in GitLab's own slash command (gitlab-chatops.md 3).
_TARGET = re.compile(r"(?:to\s+)?(?P<path>\S+)", re.IGNORECASE)


def target(kit: Kit, request: Request, who: Actor, one: Found) -> Project:
    """Return the project an issue is to be moved to; raises NotUnderstood, with near names, for none."""
    if not one.rest.strip():
        before = f"{one.issue.project} issue move #{one.issue.iid} to"
        raise LeftOut(f"Where shall {one.issue.reference} go?", before=before, source="project")
    found = _TARGET.fullmatch(one.rest.strip())
    if found is None or found["path"].casefold() == "to":
        said = one_line(one.rest, SHOWN).replace("`", "'")
        line = f"{longhand(request.prefix)}issue move #{one.issue.iid} to group/project"
        raise NotUnderstood(f"`{said}` is no project. Type it as `{line}`.")
    return projects.named(kit, who.gitlab, request.person.team, found["path"])


def move(kit: Kit, draw: Drawing, who: Actor, one: Found, to: Project) -> Message | None:
    """
    Move an issue; what only the asker sees comes back.

    The ladder is climbed for the project it leaves and for the one it comes to. Raises GitLabUnreachable if nobody
    knows whether it was moved.
    """
    issue = one.issue
    if to.id == issue.project_id:
        return draw.told(issue, f"is in {code(to.path)} already.")
    what = f"move #{issue.iid} to {to.path}"
    for project in ((to.id, to.path), (issue.project_id, issue.project)):
        climb(kit, who, project, what, call=f"POST issue #{issue.iid}, {what}", tied=issue.project)
    by = who.by
    kept = about_json(
        kit, {"issue": issue_kept(issue), "to": to.id, "path": to.path, "remark": followed(one)}
    )
    write = Write(f"{by.key}.move", MOVE, by.person, by.name, by.place, issue.project_id, issue.project, kept)
    result = writing.once(kit, write, kind(draw))
    return cards.answer(kit, draw, by, _done(issue_of(result["issue"]), issue, by, followed(one)))


def kind(draw: Drawing) -> Kind:
    """Return how an issue is moved, how it is found where it went, and what is told."""

    def told(_kit: Kit, write: Write, result: Result | None) -> Message:
        before, path = issue_of(about(write)["issue"]), about(write)["path"]
        return draw.lost(
            f"the move of {before.reference} to {path}", issue_of(result["issue"]).url if result else ""
        )

    def settled(tx: Tx, kit: Kit, write: Write, result: Result) -> None:
        by, kept = by_write(tx, write), about(write)
        done = _done(issue_of(result["issue"]), issue_of(kept["issue"]), by, str(kept["remark"]))
        cards.show(tx, kit, draw, by, done)

    return Kind(_act, _find, told, settled)


def _done(issue: Issue, before: Issue, by: By, remark: str) -> Done:
    said = f"{remark}Moved from {before.reference} by {by.name}"
    return Done(issue, "moved", said, before=subject_of(before), detail=f"from {before.reference}")


def _act(gitlab: GitLab, write: Write) -> Result:
    kept = about(write)
    moved = gitlab.move_issue(write.project_id, kept["issue"]["iid"], kept["to"])
    return {"issue": issue_kept(moved)}


def _find(gitlab: GitLab, write: Write) -> Result | None:
    """Where the issue is now, if that is another project."""
    kept = about(write)
    try:
        here = gitlab.issue(write.project_id, kept["issue"]["iid"])
        there = follow(gitlab, here).issue
    except GitLabSaidNo:
        return None
    return {"issue": issue_kept(there)} if there.project_id == kept["to"] else None
