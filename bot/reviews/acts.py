"""Approves and merges merge requests, as the person and once, at the head that they were shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from bot import writing
from bot.access import outright
from bot.command import By, Click, Request, by
from bot.deeds import SHA_SHOWN, Bound, digest
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import GitLabError, GitLabSaidNo, Refused
from bot.kit import Kit
from bot.ledger import Write
from bot.merge_requests import MERGED, Approvals, MergeRequest, Reference, Sighting
from bot.model import Message
from bot.reviews import cards, plans, refusals, seeing
from bot.reviews.cards import Drawing
from bot.reviews.plans import APPROVE, MERGE, UNAPPROVE, Plan
from bot.text import plural
from bot.writing import Kind, Result

#: GitLab's answer when the head is another than the one that was named (doc/api/merge_requests.md).
MOVED = 409
Make = Callable[[GitLab, Plan], Approvals | MergeRequest]
_UNDONE = {APPROVE: "Nothing was approved", UNAPPROVE: "Nothing was taken back", MERGE: "Nothing was merged"}


def act(kit: Kit, draw: Drawing, asked: Request | Click, plan: Plan) -> Message | None:
    """
    Do what somebody wants; return what only they should read, nothing if the card says it all.

    Raises NotUnderstood, Refused and GitLab's errors with a sentence, and what the ladder raises. If the head is no
    longer the one they were shown, nothing is done, and they are shown what it is now.
    """
    gitlab, who = kit.gitlab_as(asked.person), by(asked)
    with kit.store.read() as tx:
        again = tx.writes.get(f"{asked.key}.{plan.verb}")
    if again is None:
        seen = seeing.see(gitlab, plan.about)
        if seen.one.is_open and plan.kind != UNAPPROVE and plan.sha != seen.one.sha:
            return _moved(kit, draw, who, gitlab, seen, plan)
        refusals.check(seen, plan.kind)
        _climb(kit, asked, seen, plan)
    write = Write(
        f"{asked.key}.{plan.verb}", plan.kind, asked.person, who.name, asked.place, plan.about.project_id,
        plan.about.project, plans.dump(plan),
    )  # fmt: skip
    try:
        writing.once(kit, write, kinds(draw)[plan.kind])
    except GitLabSaidNo as error:
        now = _look_again(gitlab, plan.about, error)
        if error.status == MOVED and now.one.sha != plan.sha:
            return _moved(kit, draw, who, gitlab, now, plan)
        raise refusals.explained(kit, asked, now, plan.kind, plan.auto, error) from error
    return None


def _climb(kit: Kit, asked: Request | Click, seen: Sighting, plan: Plan) -> None:
    deed = cards.deed(asked, seen, plan.words)
    bound = Bound(ref=seen.one.target, sha=plan.sha, wishes=digest(plan.words, plan.about.text))
    where = f"{plan.about.text}/{plan.verb} at {plan.sha[:SHA_SHOWN]}"
    call = f"{'PUT' if plan.kind == MERGE else 'POST'} {where}"
    outright.check_bound(kit, deed, asked.permit, bound, name=asked.name, what="a merge request", call=call)


def _look_again(gitlab: GitLab, about: Reference, error: GitLabSaidNo) -> Sighting:
    """Return how it is after GitLab said no; raises that refusal itself if GitLab does not tell."""
    try:
        return seeing.see(gitlab, about)
    except GitLabError:
        raise error from None


def _moved(kit: Kit, draw: Drawing, who: By, gitlab: GitLab, seen: Sighting, plan: Plan) -> Message:
    what = f"{_UNDONE[plan.kind]}: {how_it_moved(gitlab, seen.one, plan.sha)} Look at it, and press again."
    return cards.moved(kit, draw, who, seen, what)


def how_it_moved(gitlab: GitLab, one: MergeRequest, before: str) -> str:
    """Say how the head of a merge request has moved since it was at `before`, as a sentence in plain text."""
    from_to = f"{before[:SHA_SHOWN]} → {one.sha[:SHA_SHOWN]}"
    try:
        shas = [commit.sha for commit in gitlab.commits_of_merge_request(one.project_id, one.iid)]
    except GitLabError:
        return f"its head moved since you looked, {from_to}."
    if before not in shas:
        return f"its commits were rewritten since you looked, {from_to}."
    return f"{plural(shas.index(before), 'commit', 'commits')} more since you looked, {from_to}."


# How each is done, found again, and told --------------------------------------------------------------------


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how each change is made, looked for after a lost answer, and told."""
    ways: Mapping[str, tuple[Make, Callable[[Sighting, Plan], bool]]] = {
        APPROVE: (_approve, _is_approved),
        UNAPPROVE: (_unapprove, _is_unapproved),
        MERGE: (_merge, _is_merged),
    }
    return {
        kind: Kind(
            partial(_made, make), partial(_found, holds), partial(_told, draw), partial(_settled, draw)
        )
        for kind, (make, holds) in ways.items()
    }  # fmt: skip


def _made(make: Make, gitlab: GitLab, write: Write) -> Result:
    """Ask GitLab for it; what it is like afterwards is asked anew, and if that fails, pieced together."""
    plan = plans.of_write(write)
    answer = make(gitlab, plan)
    with suppress(GitLabError):
        return seeing.kept(seeing.see(gitlab, plan.about))
    if isinstance(answer, MergeRequest):
        return seeing.kept(Sighting(answer))
    return seeing.kept(Sighting(_bare(plan), answer))


def _bare(plan: Plan) -> MergeRequest:
    """Return a merge request of which nobody could tell more."""
    about = plan.about
    return MergeRequest(
        0, about.iid, about.project_id, about.project, "", "opened", "", "", "", plan.sha, ""
    )  # fmt: skip


def _approve(gitlab: GitLab, plan: Plan) -> Approvals:
    return gitlab.approve(plan.about.project_id, plan.about.iid, plan.sha)


def _unapprove(gitlab: GitLab, plan: Plan) -> Approvals:
    return gitlab.unapprove(plan.about.project_id, plan.about.iid)


def _merge(gitlab: GitLab, plan: Plan) -> MergeRequest:
    return gitlab.merge(plan.about.project_id, plan.about.iid, plan.sha, squash=plan.squash, auto=plan.auto)


def _found(holds: Callable[[Sighting, Plan], bool], gitlab: GitLab, write: Write) -> Result | None:
    plan = plans.of_write(write)
    seen = seeing.see(gitlab, plan.about)
    return seeing.kept(seen) if holds(seen, plan) else None


def _is_approved(seen: Sighting, _plan: Plan) -> bool:
    return seen.approvals is not None and seen.approvals.mine


def _is_unapproved(seen: Sighting, _plan: Plan) -> bool:
    return seen.approvals is not None and not seen.approvals.mine


def _is_merged(seen: Sighting, plan: Plan) -> bool:
    """Merged at that head, or about to be by itself: a squash leaves the head as it was (samples, `sha`)."""
    one = seen.one
    return one.sha == plan.sha and (one.state == MERGED or (plan.auto and one.is_open and one.auto))


def _settled(draw: Drawing, tx: Tx, kit: Kit, write: Write, result: Result) -> None:
    plan, seen = plans.of_write(write), seeing.of_kept(result)
    who = By(write.id, write.person, write.name, write.place)
    cards.tell(tx, kit, draw, who, seen, plans.remark(seen, plan, write.name))
    cards.note(tx, kit, who, seen, plans.decision(seen, plan), tx.accounts.get(write.person))


def _told(draw: Drawing, _kit: Kit, write: Write, result: Result | None) -> Message:
    plan = plans.of_write(write)
    if result is None:
        undone = {APPROVE: "not approved", UNAPPROVE: "still approved by you", MERGE: "not merged"}[plan.kind]
        return draw.outcome(plan.about, "", f"is {undone}: nothing came of it. Ask for it again.")
    seen = seeing.of_kept(result)
    return draw.outcome(plan.about, seen.one.url, f"after all: {plans.remark(seen, plan, write.name)}.")


def look(kit: Kit, draw: Drawing) -> None:
    """Look for changes of which nobody knows yet whether they were made; on every tick."""
    writing.look(kit, kinds(draw))


def aimed(kit: Kit, click: Click) -> tuple[Reference, str]:
    """Return which merge request a button is about and the head it showed; raises Refused if it is forgotten."""
    with kit.store.read() as tx:
        aim = tx.aims.get(click.value)
        card = tx.merge_cards.get(aim[0]) if aim else None
    if aim is None or card is None:
        raise Refused("That card is too old for me to remember. Type `mr show` with its number.")
    return card.about, aim[1]
