"""Closes an issue as the duplicate of another one (app/services/issues/duplicate_service.rb)."""

from __future__ import annotations

from contextlib import suppress

from sandbox.gitlab.issue_states import set_state
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.links import NotLinked, link_issues
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.state import State


def mark_duplicate(state: State, issue: Issue, person: Person, canonical: int) -> bool:
    """Both tell of it and are linked; the duplicate is closed. Whether that changed anything."""
    other = state.tracker.issues.get(canonical)
    if other is None or other is issue:
        return False
    now, tracker = state.clock(), state.tracker
    said = f"marked this {issue.type} as a duplicate of {other.named_from(issue.project)}"
    tracker.add_note(issue, person, said, now, system=True)
    said = f"marked {issue.named_from(other.project)} as a duplicate of this {other.type}"
    tracker.add_note(other, person, said, now, system=True)
    if issue.state == "opened":
        set_state(state, issue, person, "closed")
    issue.duplicate_of = other
    with suppress(NotLinked):
        link_issues(state, issue, other, person)
    return True
