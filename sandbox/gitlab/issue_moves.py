"""Moves an issue to another project (app/services/issues/move_service.rb)."""

from __future__ import annotations

from sandbox.gitlab.issue_rights import is_planner
from sandbox.gitlab.issue_states import set_state
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.nouns import Person, Project
from sandbox.gitlab.people import level
from sandbox.gitlab.state import State

NO_RIGHT = "Cannot move issue due to insufficient permissions!"
SAME_PROJECT = "Cannot move issue to project it originates from!"
MOVABLE = ("issue", "incident")


class CannotMove(Exception):
    """GitLab's own sentence for why not."""


def move_issue(state: State, issue: Issue, person: Person, target: Project) -> Issue:
    """The issue in the other project, its notes copied; the old one is closed and points to it.

    Raises CannotMove: it takes the role Planner in both, and no issue moves twice.
    """
    _check(issue, person, target)
    moved = _copy(state, issue, target)
    now, tracker = state.clock(), state.tracker
    tracker.add_note(moved, person, f"moved from {issue.reference}", now, system=True)
    tracker.add_note(issue, person, f"moved to {moved.reference}", now, system=True)
    issue.moved_to = moved.id
    if issue.state == "opened":
        set_state(state, issue, person, "closed")
    state.touch()
    return moved


def _check(issue: Issue, person: Person, target: Project) -> None:
    if issue.type not in MOVABLE:
        raise CannotMove(f"Cannot move issues of '{issue.type}' type.")
    both = (issue.project, target)
    rights = all(is_planner(person, one) and not one.archived for one in both)
    if not rights or issue.moved_to is not None:
        raise CannotMove(NO_RIGHT)
    if issue.project is target:
        raise CannotMove(SAME_PROJECT)


def _copy(state: State, issue: Issue, target: Project) -> Issue:
    """What moves along: all but labels that the other project lacks, and assignees who cannot see it."""
    tracker, known = state.tracker, state.tracker.labels_of(target)
    moved = tracker.open(target, issue.title, issue.author, issue.created_at, issue.type)
    moved.description, moved.severity, moved.status = issue.description, issue.severity, issue.status
    moved.confidential, moved.due_date = issue.confidential, issue.due_date
    moved.assignees = tuple(one for one in issue.assignees if level(one, target))
    moved.labels = tuple(name for name in issue.labels if name in known)
    threads: dict[str, str] = {}
    for note in issue.notes:
        copied = tracker.add_note(moved, note.author, note.body, note.created_at, system=note.system)
        copied.updated_at, copied.type, copied.internal = note.updated_at, note.type, note.internal
        copied.discussion = threads.setdefault(note.discussion, copied.discussion)
    moved.updated_at = state.clock()
    return moved
