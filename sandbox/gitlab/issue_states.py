"""Closes issues and opens them again, with what follows from it for an incident."""

from __future__ import annotations

from sandbox.gitlab import incidents
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.state import State


def set_state(state: State, issue: Issue, person: Person, wanted: str) -> None:
    """`closed` or `opened`. An issue that is opened again is a duplicate of nothing any more."""
    state.tracker.set_state(issue, wanted, person, state.clock())
    if wanted == "closed":
        incidents.closed(state, issue, person)
    else:
        issue.duplicate_of = None
        incidents.reopened(state, issue, person)
