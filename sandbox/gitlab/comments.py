"""Comments of an issue: written, answered, edited and deleted, with the quick actions in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.gitlab.answers import Refused
from sandbox.gitlab.faults import POISON
from sandbox.gitlab.issue_changes import run_actions, scene
from sandbox.gitlab.issue_rights import is_planner
from sandbox.gitlab.issues import Issue, Note
from sandbox.gitlab.mentions import mentioned, tell
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.quick_actions import extract
from sandbox.gitlab.quick_effects import effects
from sandbox.gitlab.quick_scene import Effects
from sandbox.gitlab.state import State

DISCUSSION = "DiscussionNote"
#: Parameters of an update by the names that `commands_changes` has for them.
NAMED = {"add_labels": "add_label_ids", "remove_labels": "remove_label_ids", "labels": "label_ids"}


@dataclass(frozen=True, slots=True)
class Comment:
    """What somebody writes below an issue."""

    body: str
    internal: bool = False
    created_at: float | None = None
    thread: bool = False
    """Whether it begins a discussion that can be replied to."""
    reply_to: Note | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a text: the note, unless it held nothing but quick actions, and what these did."""

    note: Note | None
    effects: Effects
    changes: Mapping[str, Any]

    @property
    def summary(self) -> list[str]:
        """One sentence of all that was done, as `QuickActions::InterpretService` joins it."""
        return [" ".join(self.effects.messages)] if self.effects.messages else []


def write(state: State, issue: Issue, person: Person, comment: Comment) -> Written:
    """A new note; its quick actions are done after it. Who may not keep it internal writes it for all to see."""
    _survive(state, comment.body)
    text, actions = extract(comment.body)
    found = effects(scene(state, issue, person), actions)
    note = _added(state, issue, person, comment, text) if text else None
    return _done(state, issue, person, note, found)


def _survive(state: State, body: str) -> None:
    """Raise Refused for a comment that GitLab fails at, with 500 or the status that it was broken with."""
    fault = state.faults.hit(POISON) if POISON in body else None
    if fault is not None:
        raise Refused(int(fault.arg or 500), {"message": "500 Internal Server Error"})


def edit(state: State, issue: Issue, note: Note, person: Person, body: str) -> Written:
    """Change a note; one that is left with nothing but quick actions is gone (app/services/notes/update_service.rb)."""
    text, actions = extract(body)
    found = effects(scene(state, issue, person), actions)
    if not text:
        delete(state, issue, note)
        return _done(state, issue, person, None, found)
    tell(state, issue, person, mentioned(text), before=mentioned(note.body), note=note)
    note.body, note.updated_at = text, state.clock()
    issue.updated_at = note.updated_at
    return _done(state, issue, person, note, found)


def delete(state: State, issue: Issue, note: Note) -> None:
    issue.notes.remove(note)
    issue.updated_at = state.clock()
    state.touch()


def _added(state: State, issue: Issue, person: Person, comment: Comment, text: str) -> Note:
    now = comment.created_at or state.clock()
    note = state.tracker.add_note(issue, person, text, now)
    note.internal = comment.internal and is_planner(person, issue.project)
    note.type = DISCUSSION if comment.thread else None
    if (first := comment.reply_to) is not None:
        note.discussion, note.internal = first.discussion, first.internal
        note.type = first.type = DISCUSSION
    tell(state, issue, person, mentioned(text), note=note)
    return note


def _done(state: State, issue: Issue, person: Person, note: Note | None, found: Effects) -> Written:
    changes = _named(state, issue, found)
    run_actions(state, issue, person, found)
    state.touch()
    return Written(note, found, changes)


def _named(state: State, issue: Issue, found: Effects) -> dict[str, Any]:
    """The changes as an answer tells of them: labels by their ids, a severity in small letters."""
    known, named = state.tracker.labels_of(issue.project), {}
    for name, value in found.changes.items():
        if name in NAMED:
            named[NAMED[name]] = [known[label].id for label in value]
        else:
            named[name] = value.lower() if name == "severity" else value
    return named
