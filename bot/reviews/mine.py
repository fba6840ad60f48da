"""What waits for somebody's review and what is theirs: read as they, and kept for their Home and their list."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.access import accounts
from bot.edges.gitlab import GitLab
from bot.errors import GitLabError
from bot.kit import Kit
from bot.ledger import Account
from bot.merge_requests import Checks, MergeRequest, Reference, Review
from bot.model import Millis, Person
from bot.reviews import picks

log = logging.getLogger(__name__)

REVIEW, MINE = "review", "mine"
#: Of each list: who has more reads them in GitLab.
MOST = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """Both lists of a person, changed last first."""

    review: tuple[Review, ...]
    mine: tuple[Review, ...]


def refresh(kit: Kit, person: Person) -> Waiting:
    """
    Read what waits for somebody's review and what is theirs, as they, and keep it (`tx.reviews`).

    Four requests. Raises NotLinked without an account, and GitLab's errors; then what was kept stays.
    """
    account, gitlab, now = accounts.account(kit, person), kit.gitlab_as(person), kit.now()
    own = [
        *gitlab.merge_requests_of("author", account.gitlab_id, MOST),
        *gitlab.merge_requests_of("assignee", account.gitlab_id, MOST),
    ]
    mine = {one.reference: one for one in own}
    asked = gitlab.merge_requests_of("reviewer", account.gitlab_id, MOST)
    theirs = {one.reference: one for one in asked if one.reference not in mine}
    checks = _checks(gitlab, [*theirs, *mine])
    found = Waiting(
        _reviews(person, REVIEW, _unapproved(theirs, checks, account), checks, now),
        _reviews(person, MINE, list(mine.values()), checks, now),
    )
    with kit.store.write() as tx:
        if picks.learn(tx, person, account.gitlab_id, (*theirs.values(), *mine.values()), now):
            tx.reviews.put_all(person, (*found.review, *found.mine))
    return found


def _unapproved(
    asked: Mapping[Reference, MergeRequest], checks: Mapping[Reference, Checks], account: Account
) -> list[MergeRequest]:
    """Those that somebody has not approved yet: the others do not wait for them any more."""
    none = Checks()
    return [one for ref, one in asked.items() if account.username not in checks.get(ref, none).by]


def _checks(gitlab: GitLab, wanted: Sequence[Reference]) -> Mapping[Reference, Checks]:
    """Pipelines and approvals, if this GitLab tells; a list without them is still a list."""
    try:
        return gitlab.checks(wanted)
    except GitLabError as error:
        log.info("no pipelines for a list of merge requests: %s", error)
        return {}


def _reviews(
    person: Person, role: str, found: Sequence[MergeRequest], checks: Mapping[Reference, Checks], now: Millis
) -> tuple[Review, ...]:
    newest = sorted(found, key=lambda one: -one.updated_at)
    return tuple(review(person, role, one, checks.get(one.reference, Checks()), now) for one in newest)


def review(person: Person, role: str, one: MergeRequest, checks: Checks, now: Millis) -> Review:
    """Return what is kept of a merge request of a list."""
    return Review(
        person, one.project_id, one.project, one.iid, one.title, one.url, role, author=one.author, draft=one.draft,
        status=one.status, pipeline=checks.pipeline, approvals=len(checks.by), approved=checks.approved,
        updated_at=one.updated_at, seen_at=now,
    )  # fmt: skip


def of_project(kit: Kit, person: Person, project_id: int, search: str) -> list[Review]:
    """Return the open merge requests of a project that fit some words, as the person sees them; GitLab searches."""
    account, gitlab, now = accounts.account(kit, person), kit.gitlab_as(person), kit.now()
    found = gitlab.merge_requests(project_id, search=search, most=MOST)
    checks = _checks(gitlab, [one.reference for one in found])
    with kit.store.write() as tx:
        picks.learn(tx, person, account.gitlab_id, found, now)
    return list(_reviews(person, "", found, checks, now))
