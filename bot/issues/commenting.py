"""Comments on an issue: once, as the person, with the card that shows it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from bot import writing
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.issues import cards
from bot.issues.acting import Actor, By, by_write, climb
from bot.issues.cards import Done, Drawing
from bot.issues.changing import followed
from bot.issues.meant import Found
from bot.issues.records import (
    about,
    about_json,
    comment_kept,
    comment_of,
    has_mark,
    issue_kept,
    issue_of,
    with_mark,
)
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message
from bot.tracker import Comment, Issue
from bot.writing import Kind, Result

COMMENT = "issue.comment"
#: Comments that are looked through for one whose answer was lost.
LOOKED_THROUGH = 100


def allow(kit: Kit, who: Actor, one: Found, what: str) -> None:
    """Climb the ladder for writing on an issue, `what` being `comment` or `add` and what is said; raises as it does."""
    issue = one.issue
    act, _, said = what.partition(" ")
    call = f"POST note on #{issue.iid}"
    climb(kit, who, (issue.project_id, issue.project), f"{act} #{issue.iid} {said}".rstrip(), call=call)


@dataclass(frozen=True, slots=True)
class Words:
    """A comment on its way."""

    body: str
    """Markdown in which nothing acts."""
    remark: str = "Commented"
    """What was done, for people, without who did it."""
    part: str = ""
    """Tells comments of one request apart."""
    quiet: bool = False
    """Whether it only continues what is told already."""


def write_one(kit: Kit, draw: Drawing, who: Actor, one: Found, words: Words) -> Message | None:
    """
    Write a comment on an issue whose ladder has been climbed; what only the asker sees comes back.

    Raises GitLabUnreachable if nobody knows whether it was written: then `look` finds it out, and tells.
    """
    by, issue = who.by, one.issue
    remark = followed(one) + words.remark
    kept = about_json(kit, {"issue": issue_kept(issue), "remark": remark, "quiet": words.quiet})
    key = f"{by.key}.comment{words.part}"
    write = Write(key, COMMENT, by.person, by.name, by.place, issue.project_id, issue.project, kept)
    result = writing.once(kit, write, replace(kind(draw), act=partial(_act, issue.iid, words.body)))
    if words.quiet:
        return None
    return cards.answer(kit, draw, by, _done(issue, comment_of(result["comment"]), by, remark))


def kind(draw: Drawing) -> Kind:
    """Return how a lost comment is found, and what is told; only who asks for one knows what it says."""

    def told(_kit: Kit, write: Write, result: Result | None) -> Message:
        issue = issue_of(about(write)["issue"])
        return draw.lost(f"the comment on {issue.reference}", issue.url if result else "")

    def settled(tx: Tx, kit: Kit, write: Write, result: Result) -> None:
        by, kept = by_write(tx, write), about(write)
        if kept["quiet"]:
            return
        done = _done(issue_of(kept["issue"]), comment_of(result["comment"]), by, str(kept["remark"]))
        cards.show(tx, kit, draw, by, done)

    return Kind(_only_found, _find, told, settled)


def _done(issue: Issue, comment: Comment, by: By, remark: str) -> Done:
    """An internal comment is told of, and not shown."""
    seen = replace(issue, comments=issue.comments + 1)
    last = None if comment.internal else comment
    return Done(seen, "commented", f"{remark} by {by.name}", last, words=last.body if last else "")


def _act(iid: int, body: str, gitlab: GitLab, write: Write) -> Result:
    return {"comment": comment_kept(gitlab.comment(write.project_id, iid, with_mark(body, write)))}


def _only_found(_gitlab: GitLab, _write: Write) -> Result:
    raise AssertionError("what is looked for is not written")


def _find(gitlab: GitLab, write: Write) -> Result | None:
    """The comment with the mark of this change, by whose token this is."""
    iid, me = issue_of(about(write)["issue"]).iid, gitlab.me().id
    known = gitlab.comments(write.project_id, iid, LOOKED_THROUGH)
    found = next((one for one in known if one.author_id == me and has_mark(one.body, write)), None)
    return {"comment": comment_kept(found)} if found else None
