"""`:gitlab` lines about issues: made, declared, closed, opened again, labelled, hidden, moved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.gitlab.act_words import project_named, require, word
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.issue_changes import create_issue, update_issue
from sandbox.gitlab.issue_moves import CannotMove, move_issue
from sandbox.gitlab.issue_rights import may_see
from sandbox.gitlab.issues import SEVERITIES, SHORT_SEVERITIES, Issue
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import person_named

OPTION = re.compile(r'(severity|label|project|assignee)=("[^"]+"|\S+)\s*$')
CHANGE = re.compile(r'(?P<sign>[+-])(?P<name>"[^"]+"|\S+)')
ROLE = "reporter"


@dataclass(frozen=True, slots=True)
class IssueActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, str], str]]:
        """Each is handed the rest of its line as it is written, line feeds and all."""
        return {
            "issue": self.issue,
            "incident": self.incident,
            "close": self.close,
            "reopen": self.reopen,
            "label": self.label,
            "confidential": self.confidential,
            "move": self.move,
        }

    def issue(self, person: Person, rest: str) -> str:
        """`issue TITLE [label=NAME]… [assignee=NAME] [project=PATH] [⏎ DESCRIPTION]`."""
        made = self._made(person, rest, "issue", "guest")
        return f"{person.username} opened {made.reference}: {made.title}"

    def incident(self, person: Person, rest: str) -> str:
        """`incident TITLE [severity=LEVEL] [label=NAME]… [assignee=NAME] [project=PATH] [⏎ DESCRIPTION]`."""
        made = self._made(person, rest, "incident", ROLE)
        return f"{person.username} declared {made.reference} ({made.severity.lower()}): {made.title}"

    def _made(self, person: Person, rest: str, kind: str, role: str) -> Issue:
        first, _, description = rest.partition("\n")
        title, options = _options(first)
        if not title:
            raise ValueError("The line lacks a title.")
        project = project_named(self.desk.state, options["project"][-1:])
        require(person, project, role)
        wish: dict[str, Any] = {"title": title, "issue_type": kind, "labels": options["label"]}
        wish |= {"severity": severity_named(options["severity"][-1:]), "description": description or None}
        wish["assignee_ids"] = [person_named(name).id for name in options["assignee"]]
        return create_issue(self.desk.state, project, person, wish)

    def close(self, person: Person, rest: str) -> str:
        """`close #N [PROJECT]`."""
        issue = self._set_state(person, rest, "opened", "close")
        return f"{person.username} closed {issue.reference}."

    def reopen(self, person: Person, rest: str) -> str:
        """`reopen #N [PROJECT]`."""
        issue = self._set_state(person, rest, "closed", "reopen")
        return f"{person.username} opened {issue.reference} again."

    def _set_state(self, person: Person, rest: str, wanted: str, event: str) -> Issue:
        issue = issue_named(self.desk, person, rest.split())
        if issue.state != wanted:
            raise ValueError(f"{issue.reference} is {issue.state} already.")
        if issue.author is not person and person not in issue.assignees:
            require(person, issue.project, ROLE)
        return update_issue(self.desk.state, issue, person, {"state_event": event})

    def label(self, person: Person, rest: str) -> str:
        """`label #N +NAME -NAME …`; a name with blanks in double quotes. A label that is not there is made."""
        issue = self._managed(person, rest.split()[:1])
        found = [(one["sign"], one["name"].strip('"')) for one in CHANGE.finditer(rest.partition(" ")[2])]
        if not found:
            raise ValueError("The line lacks labels, like `+bug -urgent`.")
        wish = {
            name: [label for mark, label in found if mark == sign]
            for name, sign in (("add_labels", "+"), ("remove_labels", "-"))
        }
        update_issue(self.desk.state, issue, person, wish)
        return f"{issue.reference} has the labels: {', '.join(issue.labels) or 'none'}."

    def confidential(self, person: Person, rest: str) -> str:
        """`confidential #N [off]`."""
        words = rest.split()
        wanted = words[1:] != ["off"]
        issue = self._managed(person, words[:1])
        update_issue(self.desk.state, issue, person, {"confidential": wanted})
        return f"{issue.reference} is {'confidential' if wanted else 'for everybody in the project'}."

    def move(self, person: Person, rest: str) -> str:
        """`move #N PROJECT`."""
        words = rest.split()
        issue = issue_named(self.desk, person, words[:1])
        target = project_named(self.desk.state, [word(words, 1, "a project")])
        try:
            moved = move_issue(self.desk.state, issue, person, target)
        except CannotMove as why:
            raise ValueError(f"{str(why).rstrip('!.')}.") from why
        return f"{person.username} moved {issue.reference} to {moved.reference}."

    def _managed(self, person: Person, words: list[str]) -> Issue:
        issue = issue_named(self.desk, person, words)
        require(person, issue.project, ROLE)
        return issue


def issue_named(desk: Desk, person: Person, words: list[str]) -> Issue:
    """The issue that `#1`, `infra#1`, `acme/infra#1` or `#1 PROJECT` names, if the person may see it.

    Raises ValueError with a sentence.
    """
    before, _, number = word(words, 0, "a number").rpartition("#")
    project = project_named(desk.state, [before] if before else words[1:])
    found = next((one for one in desk.state.tracker.issues_of(project) if str(one.iid) == number), None)
    if found is None or not may_see(person, found):
        raise ValueError(f"{project.path} has no issue #{number} for {person.username}.")
    return found


def _options(line: str) -> tuple[str, dict[str, list[str]]]:
    """The title, and the values of the options that follow it, by name."""
    options: dict[str, list[str]] = {"severity": [], "label": [], "project": [], "assignee": []}
    while (found := OPTION.search(line)) and (not found.start() or line[found.start() - 1].isspace()):
        options[found[1]].insert(0, found[2].strip('"'))
        line = line[: found.start()]
    return line.strip(), options


def severity_named(given: list[str]) -> str:
    name = given[0].upper() if given else "UNKNOWN"
    name = SHORT_SEVERITIES.get(name, name)
    if name not in SEVERITIES:
        raise ValueError(f"{given[0]} is no severity; there are {', '.join(SEVERITIES).lower()}.")
    return name
