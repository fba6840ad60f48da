"""Issues that are linked to each other (app/services/issue_links), and GitLab's sentences about it."""

from __future__ import annotations

from sandbox.gitlab.issue_rights import GUEST
from sandbox.gitlab.issues import Issue, IssueLink
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import level
from sandbox.gitlab.state import State

LINK_TYPES = ("relates_to", "blocks", "is_blocked_by")
FREE = LINK_TYPES[0]
LINKED_ALREADY = "Issue(s) already assigned"
NO_RIGHT = "Couldn't link issues. You must have at least the Guest role in both projects."
NO_LICENCE = "Blocked issues not available for current license"


class NotLinked(Exception):
    """GitLab's own sentence, and the status it is answered with."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def may_link(person: Person, issue: Issue) -> bool:
    """Guests and those above (app/policies/project_policy.rb, admin_issue_link)."""
    return level(person, issue.project) >= GUEST and not issue.project.archived


def link_issues(state: State, source: Issue, target: Issue, person: Person, kind: str = FREE) -> IssueLink:
    """Both tell of it in a note of GitLab's. Raises NotLinked: other kinds than `relates_to` are Premium's."""
    if kind != FREE:
        raise NotLinked(403, NO_LICENCE)
    if any(one.other(source) is target for one in state.tracker.links_of(source)):
        raise NotLinked(409, LINKED_ALREADY)
    if not (may_link(person, source) and may_link(person, target)):
        raise NotLinked(403, NO_RIGHT)
    if source is target:
        raise NotLinked(
            422, f"{target.named_from(source.project)} cannot be added: cannot be related to itself"
        )
    made = state.tracker.link(source, target, state.clock())
    _tell(state, made, person, "marked this {kind} as related to {other}")
    return made


def unlink_issues(state: State, link: IssueLink, person: Person) -> None:
    """Raises NotLinked for whoever may not link the two."""
    if not (may_link(person, link.source) and may_link(person, link.target)):
        raise NotLinked(404, "No Issue Link found")
    state.tracker.links.remove(link)
    _tell(state, link, person, "removed the relation with {other}")


def _tell(state: State, link: IssueLink, person: Person, said: str) -> None:
    for one, other in ((link.source, link.target), (link.target, link.source)):
        text = said.format(kind=one.type, other=other.named_from(one.project))
        state.tracker.add_note(one, person, text, state.clock(), system=True)
    state.touch()
