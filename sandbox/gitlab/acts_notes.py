"""`:gitlab` lines about comments: written, answered, edited, deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.gitlab.act_words import require, word
from sandbox.gitlab.acts_issues import issue_named
from sandbox.gitlab.comments import Comment, Written, delete, edit, write
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.issue_rights import may_edit_note, may_see, may_see_note
from sandbox.gitlab.issues import Issue, Note
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.uploads import upload_body

ROOT = Path(__file__).parents[2]
NEWEST = "newest"
WORD = re.compile(r'("[^"]+"|\S+)(?:\s+|\Z)')


@dataclass(frozen=True, slots=True)
class NoteActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, str], str]]:
        """Each is handed the rest of its line as it is written, line feeds and all."""
        return {
            "comment": self.comment,
            "internal-note": self.internal_note,
            "reply": self.reply,
            "internal-reply": self.internal_reply,
            "attach": self.attach,
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
        """`reply #N NOTE TEXT`; NOTE is its id, `newest`, or "words" of the newest comment that holds them."""
        return self._answered(person, rest)

    def internal_reply(self, person: Person, rest: str) -> str:
        """`internal-reply #N NOTE TEXT`; NOTE has to be internal, since a reply is what its discussion is."""
        return self._answered(person, rest, internal=True)

    def _answered(self, person: Person, rest: str, *, internal: bool = False) -> str:
        (number, which), text = _parts(rest, 2)
        issue = issue_named(self.desk, person, [number])
        require(person, issue.project, "planner" if internal else "guest")
        note = self._note(person, which, issue)[1]
        if internal and not note.internal:
            raise ValueError(f"Note {note.id} is for everybody, and so is every reply to it.")
        return _told(write(self.desk.state, issue, person, Comment(text, reply_to=note)), person, issue)

    def attach(self, person: Person, rest: str) -> str:
        """`attach #N PATH [TEXT]`: a comment with a file; a path is meant from here, else from the repository."""
        number, path, text = _attached(rest)
        issue = issue_named(self.desk, person, [number])
        require(person, issue.project, "guest")
        state, found = self.desk.state, file_at(path)
        upload = state.uploads.add(issue.project, found.name, found.read_bytes(), person, state.clock())
        body = f"{text}\n\n{upload_body(upload)['markdown']}".strip()
        return _told(write(state, issue, person, Comment(body)), person, issue)

    def edit(self, person: Person, rest: str) -> str:
        """`edit-note NOTE TEXT`; NOTE is its id, `newest`, or "words" of the newest comment that holds them."""
        (which,), text = _parts(rest, 1)
        issue, note = self._own(person, which)
        return _told(edit(self.desk.state, issue, note, person, text), person, issue)

    def delete(self, person: Person, rest: str) -> str:
        """`delete-note NOTE`; NOTE is its id, `newest`, or "words" of the newest comment that holds them."""
        issue, note = self._own(person, rest.strip())
        delete(self.desk.state, issue, note)
        return f"{person.username} deleted note {note.id} of {issue.reference}."

    def _own(self, person: Person, which: str) -> tuple[Issue, Note]:
        issue, note = self._note(person, which)
        if not may_edit_note(person, note, issue):
            raise ValueError(f"Note {note.id} is not {person.username}'s to change.")
        return issue, note

    def _note(self, person: Person, which: str, issue: Issue | None = None) -> tuple[Issue, Note]:
        """The comment of that id or with those words, of this issue when one is named. Raises ValueError."""
        issues = self.desk.state.tracker.issues.values() if issue is None else [issue]
        seen = [(one, note) for one in issues if may_see(person, one) for note in one.comments]
        seen = [(one, note) for one, note in seen if may_see_note(person, note, one)]
        quoted = len(which) > 2 and which[0] == which[-1] == '"'
        found = [pair for pair in seen if which in (NEWEST, str(pair[1].id))]
        found = [pair for pair in seen if which[1:-1] in pair[1].body] if quoted else found
        if not found:
            raise ValueError(f"GitLab has no comment {which or 'without a number'} for {person.username}.")
        return max(found, key=lambda pair: pair[1].id)


def file_at(path: str) -> Path:
    """The file of that path. Raises ValueError when there is none."""
    given = Path(path).expanduser()
    found = next((each for each in (given, ROOT / given) if each.is_file()), None)
    if found is None:
        raise ValueError(f"There is no file {path}.")
    return found


def _attached(rest: str) -> tuple[str, str, str]:
    words = rest.split(maxsplit=2)
    return word(words, 0, "a number"), word(words, 1, "a path"), "".join(words[2:])


def _parts(rest: str, count: int) -> tuple[list[str], str]:
    """So many words, each in double quotes or without blanks, and the text behind them. Raises ValueError."""
    words: list[str] = []
    left = rest.strip()
    while len(words) < count and (found := WORD.match(left)):
        words.append(found[1])
        left = left[found.end() :]
    if not left:
        raise ValueError("The line lacks a text.")
    return words, left


def _told(written: Written, person: Person, issue: Issue) -> str:
    done = " ".join(written.summary)
    if written.note is None:
        return done or f"GitLab did nothing: {person.username} may not, or there is nothing to do."
    return f"{person.username} wrote note {written.note.id} in {issue.reference}. {done}".strip()
