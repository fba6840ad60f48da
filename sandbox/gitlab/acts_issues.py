"""`:gitlab` lines about issues: incidents that are declared, issues that are closed and opened again."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import project_named, require, word
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.issues import FIRST_ISSUE_ID, SEVERITIES, Issue
from sandbox.gitlab.nouns import Person

OPTION = re.compile(r"(severity|label|project)=(\S+)")
#: What GitLab's quick action `/severity` calls S1 to S4.
SHORT = {"S1": "CRITICAL", "S2": "HIGH", "S3": "MEDIUM", "S4": "LOW"}


@dataclass(frozen=True, slots=True)
class IssueActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {"incident": self.incident, "close": self.close, "reopen": self.reopen}

    def incident(self, person: Person, words: list[str]) -> str:
        """`incident TITLE [severity=LEVEL] [label=NAME]… [project=PATH]`."""
        state, (title, options) = self.desk.state, _options(words)
        project = project_named(state, options["project"][-1:])
        if not title:
            raise ValueError("The line lacks a title.")
        require(person, project, "reporter")
        severity = _severity(options["severity"][-1:])
        number, iid, now = len(state.issues) + 1, len(state.issues_of(project)) + 1, state.clock()
        made = Issue(FIRST_ISSUE_ID + number, iid, project, title, person, now, now, "incident", severity)
        made.labels = tuple(dict.fromkeys(options["label"]))
        state.issues[made.id] = made
        return f"{person.username} declared {project.path}#{iid} ({severity.lower()}): {title}"

    def close(self, person: Person, words: list[str]) -> str:
        """`close #N [PROJECT]`."""
        issue = self._issue(person, words, "opened")
        issue.close(person, self.desk.state.clock())
        return f"{person.username} closed {issue.project.path}#{issue.iid}."

    def reopen(self, person: Person, words: list[str]) -> str:
        """`reopen #N [PROJECT]`."""
        issue = self._issue(person, words, "closed")
        issue.reopen(self.desk.state.clock())
        return f"{person.username} opened {issue.project.path}#{issue.iid} again."

    def _issue(self, person: Person, words: list[str], wanted: str) -> Issue:
        """The issue of the line, if it is in this state and theirs to change: an author's always is."""
        number, project = word(words, 0, "a number").lstrip("#"), project_named(self.desk.state, words[1:])
        found = next((one for one in self.desk.state.issues_of(project) if str(one.iid) == number), None)
        if found is None:
            raise ValueError(f"{project.path} has no issue #{number}.")
        if found.state != wanted:
            raise ValueError(f"{project.path}#{number} is {found.state} already.")
        if found.author is not person:
            require(person, project, "reporter")
        return found


def _options(words: list[str]) -> tuple[str, dict[str, list[str]]]:
    """The title, and the values of the options that follow it, by name."""
    options: dict[str, list[str]] = {"severity": [], "label": [], "project": []}
    left = list(words)
    while left and (found := OPTION.fullmatch(left[-1])):
        options[found[1]].insert(0, found[2])
        left.pop()
    return " ".join(left), options


def _severity(given: list[str]) -> str:
    name = given[0].upper() if given else "UNKNOWN"
    name = SHORT.get(name, name)
    if name not in SEVERITIES:
        raise ValueError(f"{given[0]} is no severity; there are {', '.join(SEVERITIES).lower()}.")
    return name
