"""`:gitlab` lines about what is written in an issue: its title, its description, its boxes, who it is assigned to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import require, word
from sandbox.gitlab.acts_issues import ROLE, issue_named
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.issue_changes import TITLE_LENGTH, update_issue
from sandbox.gitlab.issue_rights import may_edit
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import level, person_named
from sandbox.gitlab.tasks import ticked


@dataclass(frozen=True, slots=True)
class FieldActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, str], str]]:
        """Each is handed the rest of its line as it is written, line feeds and all."""
        return {
            "title": self.title,
            "describe": self.describe,
            "tick": self.tick,
            "untick": self.untick,
            "assign": self.assign,
            "unassign": self.unassign,
        }

    def title(self, person: Person, rest: str) -> str:
        """`title #N TEXT`."""
        issue, text = self._edited(person, rest)
        if len(text) > TITLE_LENGTH:
            raise ValueError(f"A title has at most {TITLE_LENGTH} characters, not {len(text)}.")
        update_issue(self.desk.state, issue, person, {"title": text})
        return f"{person.username} called {issue.reference}: {issue.title}"

    def describe(self, person: Person, rest: str) -> str:
        """`describe #N TEXT`: replaces the description; quick actions in it are done."""
        issue, text = self._edited(person, rest)
        update_issue(self.desk.state, issue, person, {"description": text})
        return f"{person.username} described {issue.reference}."

    def tick(self, person: Person, rest: str) -> str:
        """`tick #N TEXT`: the box of the first task in the description that holds the text and is open."""
        return self._ticked(person, rest, done=True)

    def untick(self, person: Person, rest: str) -> str:
        """`untick #N TEXT`: the same of one that is ticked."""
        return self._ticked(person, rest, done=False)

    def _ticked(self, person: Person, rest: str, *, done: bool) -> str:
        issue, text = self._edited(person, rest)
        found = ticked(issue.description or "", text, done=done)
        if found is None:
            raise ValueError(f"{issue.reference} has no {'open' if done else 'ticked'} task with {text}.")
        update_issue(self.desk.state, issue, person, {"description": found})
        return f"{person.username} {'ticked' if done else 'unticked'} {text} in {issue.reference}."

    def assign(self, person: Person, rest: str) -> str:
        """`assign #N NAME`: in place of whoever it is assigned to, as on Free."""
        whose = person_named(word(rest.split(), 1, "a name"))
        issue = self._assigned(person, rest)
        if not level(whose, issue.project):
            raise ValueError(f"{whose.username} is no member of {issue.project.path}.")
        update_issue(self.desk.state, issue, person, {"assignee_ids": [whose.id]})
        return f"{issue.reference} is assigned to {whose.username}."

    def unassign(self, person: Person, rest: str) -> str:
        """`unassign #N`."""
        issue = self._assigned(person, rest)
        update_issue(self.desk.state, issue, person, {"assignee_ids": []})
        return f"{issue.reference} is assigned to nobody."

    def _assigned(self, person: Person, rest: str) -> Issue:
        issue = issue_named(self.desk, person, rest.split()[:1])
        require(person, issue.project, ROLE)
        return issue

    def _edited(self, person: Person, rest: str) -> tuple[Issue, str]:
        """The issue of the line, if it is this person's to edit, and the text behind it. Raises ValueError."""
        words = rest.split(maxsplit=1)
        issue, text = issue_named(self.desk, person, words[:1]), word(words, 1, "a text")
        if not may_edit(person, issue):
            raise ValueError(f"{issue.reference} is not {person.username}'s to edit.")
        return issue, text.rstrip()
