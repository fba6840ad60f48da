"""`:gitlab` lines about comments: written, answered, edited, deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import require
from sandbox.gitlab.acts_issues import issue_named
from sandbox.gitlab.comments import Comment, Written, delete, edit, write
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.issue_rights import may_edit_note, may_see, may_see_note
from sandbox.gitlab.issues import Issue, Note
from sandbox.gitlab.nouns import Person

NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class NoteActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, str], str]]:
        """Each is handed the rest of its line as it is written, line feeds and all."""
        return {
            "comment": self.comment,
            "internal-note": self.internal_note,
            "reply": self.reply,
            "edit-note": self.edit,
            "delete-note": self.delete,
        }

    def comment(self, person: Person, rest: str) -> str:
        """`comment #N TEXT`; quick actions in it are done."""
        return self._written(person, rest, internal=False)

    def internal_note(self, person: Person, rest: str) -> str:
        """`internal-note #N TEXT`, for Planners and those above them alone."""
        return self._written(person, rest, internal=True)

    def _written(self, person: Person, rest: str, *, internal: bool) -> str:
        (number,), text = _parts(rest, 1)
        issue = issue_named(self.desk, person, [number])
        require(person, issue.project, "planner" if internal else "guest")
        return _told(write(self.desk.state, issue, person, Comment(text, internal)), person, issue)

    def reply(self, person: Person, rest: str) -> str:
        """`reply #N NOTE TEXT`; NOTE is its id, or `newest` for the newest comment."""
        (number, which), text = _parts(rest, 2)
        issue = issue_named(self.desk, person, [number])
        require(person, issue.project, "guest")
        comment = Comment(text, reply_to=self._note(person, which, issue)[1])
        return _told(write(self.desk.state, issue, person, comment), person, issue)

    def edit(self, person: Person, rest: str) -> str:
        """`edit-note NOTE TEXT`; NOTE is its id, or `newest`."""
        (which,), text = _parts(rest, 1)
        issue, note = self._own(person, which)
        return _told(edit(self.desk.state, issue, note, person, text), person, issue)

    def delete(self, person: Person, rest: str) -> str:
        """`delete-note NOTE`; NOTE is its id, or `newest`."""
        issue, note = self._own(person, rest.strip())
        delete(self.desk.state, issue, note)
        return f"{person.username} deleted note {note.id} of {issue.reference}."

    def _own(self, person: Person, which: str) -> tuple[Issue, Note]:
        issue, note = self._note(person, which)
        if not may_edit_note(person, note, issue):
            raise ValueError(f"Note {note.id} is not {person.username}'s to change.")
        return issue, note

    def _note(self, person: Person, which: str, issue: Issue | None = None) -> tuple[Issue, Note]:
        """The note of that id, of this issue when one is named; comments alone. Raises ValueError."""
        issues = self.desk.state.tracker.issues.values() if issue is None else [issue]
        seen = [(one, note) for one in issues if may_see(person, one) for note in one.comments]
        seen = [(one, note) for one, note in seen if may_see_note(person, note, one)]
        found = [pair for pair in seen if which in (NEWEST, str(pair[1].id))]
        if not found:
            raise ValueError(f"GitLab has no comment {which or 'without a number'} for {person.username}.")
        return max(found, key=lambda pair: pair[1].id)


def _parts(rest: str, count: int) -> tuple[list[str], str]:
    """So many words, and the text behind them. Raises ValueError when there is none."""
    words = rest.split(maxsplit=count)
    if len(words) <= count:
        raise ValueError("The line lacks a text.")
    return words[:count], words[count]


def _told(written: Written, person: Person, issue: Issue) -> str:
    done = " ".join(written.summary)
    if written.note is None:
        return done or f"GitLab did nothing: {person.username} may not, or there is nothing to do."
    return f"{person.username} wrote note {written.note.id} in {issue.reference}. {done}".strip()
