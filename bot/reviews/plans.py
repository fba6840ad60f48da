"""What somebody wants to do with a merge request, and what was done, in words."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from bot.ledger import Write
from bot.merge_requests import MERGED, Reference, Sighting

APPROVE, UNAPPROVE, MERGE = "mr.approve", "mr.unapprove", "mr.merge"
_DECISIONS = {APPROVE: "approved", UNAPPROVE: "approval taken back", MERGE: "merged"}
#: The decision for a merge that GitLab does later.
SET_TO_MERGE = "set to merge"


@dataclass(frozen=True, slots=True)
class Plan:
    """What somebody wants to do with a merge request."""

    kind: str
    about: Reference
    sha: str
    """The head they were shown."""
    squash: bool = False
    auto: bool = False
    """Whether GitLab shall merge it by itself once nothing is in the way."""

    @property
    def verb(self) -> str:
        return self.kind.rpartition(".")[2]

    @property
    def words(self) -> str:
        """The same as one types it, without the number."""
        more = [word for word, on in (("squash", self.squash), ("when passes", self.auto)) if on]
        return " ".join((self.verb, *more))


def dump(plan: Plan) -> str:
    return json.dumps(asdict(plan))


def of_write(write: Write) -> Plan:
    """Return what a change is to do."""
    body = json.loads(write.about)
    return Plan(**body | {"about": Reference(**body["about"])})


def decision(seen: Sighting, plan: Plan) -> str:
    """Return what was done in a word of the audit trail."""
    waits = plan.kind == MERGE and seen.one.state != MERGED
    return SET_TO_MERGE if waits else _DECISIONS[plan.kind]


def remark(seen: Sighting, plan: Plan, name: str) -> str:
    """Return what was done and by whom, for people, in plain text."""
    if plan.kind == APPROVE:
        return f"Approved by {name}"
    if plan.kind == UNAPPROVE:
        return f"{name} took their approval back"
    if seen.one.state == MERGED:
        return f"Merged by {name}{' as one commit' if plan.squash else ''}"
    return f"{name} lets GitLab merge it once nothing is in the way"
