"""Why something was not done with a merge request, in sentences: what GitLab's bare numbers mean here."""

from __future__ import annotations

from bot.access import accounts
from bot.command import Click, Request
from bot.errors import BotError, GitLabSaidNo, NotUnderstood, Refused
from bot.kit import Kit
from bot.merge_requests import MergeRequest, Sighting, state_word
from bot.reviews.plans import APPROVE, MERGE, UNAPPROVE
from bot.text import one_line
from bot.words import longhand

#: GitLab's answers (doc/api/merge_requests.md, merge_request_approvals.md).
NOT_THEIRS, NOT_NOW, FAILED = 401, 405, 422
SHOWN = 200


def check(seen: Sighting, kind: str) -> None:
    """Raise Refused for what cannot be done whoever asks, before GitLab is asked for it."""
    one, given = seen.one, seen.approvals
    if not one.is_open:
        raise Refused(f"!{one.iid} is {state_word(one)}, so there is nothing to {_verb(kind)}.")
    if kind == APPROVE and given is not None and given.mine:
        raise Refused(f"You have approved !{one.iid} already.")
    if kind == UNAPPROVE and given is not None and not given.mine:
        raise Refused(f"You have not approved !{one.iid}, so there is nothing to take back.")


def explained(
    kit: Kit, asked: Request | Click, now: Sighting, kind: str, auto: bool, error: GitLabSaidNo
) -> BotError:  # fmt: skip
    """Return GitLab's refusal as an error that says what it means; `now` is how things are since."""
    try:
        check(now, kind)
    except Refused as plainer:
        return plainer
    if error.status == NOT_THEIRS:
        return _not_theirs(kit, asked, now, kind)
    if error.status == NOT_NOW:
        return _not_now(asked, now.one, auto)
    if error.status == FAILED:
        said = one_line(now.one.error or error.reason, SHOWN).rstrip(".")
        return Refused(f"GitLab could not merge !{now.one.iid}: {said}. {now.one.standing}")
    return error


def _not_theirs(kit: Kit, asked: Request | Click, now: Sighting, kind: str) -> Refused:
    one, me = now.one, accounts.account(kit, asked.person).username
    if kind == MERGE:
        return Refused(
            f"GitLab does not let @{me} merge into {one.target} of {one.project}. A maintainer there can do it, or"
            " change who may."
        )
    if kind == APPROVE and one.author == me:
        return Refused(
            f"!{one.iid} is your own, and GitLab does not let its author approve it in {one.project}. Ask a reviewer."
        )
    return Refused(
        f"GitLab does not let @{me} {_verb(kind)} !{one.iid} of {one.project}: it takes the role Developer there, or"
        " to be named by its approval rules."
    )


def _not_now(asked: Request | Click, one: MergeRequest, auto: bool) -> BotError:
    if auto and one.status == "mergeable":
        line = f"mr merge {one.reference.text}"
        return NotUnderstood(
            f"There is nothing that !{one.iid} could wait for: no pipeline of it runs. Merge it now:"
            f" `{longhand(asked.prefix)}{line}`.",
            suggestions=(line,),
        )
    if not auto and one.status == "ci_still_running":
        line = f"mr merge {one.reference.text} when passes"
        return NotUnderstood(
            f"GitLab did not merge !{one.iid}. {one.standing} Have it merged then:"
            f" `{longhand(asked.prefix)}{line}`.",
            suggestions=(line,),
        )
    return Refused(f"GitLab did not merge !{one.iid}. {one.standing}")


def _verb(kind: str) -> str:
    return {APPROVE: "approve", UNAPPROVE: "take back", MERGE: "merge"}[kind]
