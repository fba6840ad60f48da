"""`:gitlab` lines about merge requests: who opens, approves, merges and closes them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import in_words, options, project_named, require, word
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.merge_requests import DRAFT, FIRST_MERGE_REQUEST_ID, MergeRequest, Options
from sandbox.gitlab.merging import Merging
from sandbox.gitlab.nouns import Person, Project
from sandbox.gitlab.people import person_named

NAMED = ("reviewer", "assignee", "draft", "target", "label", "project")


@dataclass(frozen=True, slots=True)
class MergeActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {
            "mr": self.open,
            "approve-mr": self.approve,
            "unapprove-mr": self.unapprove,
            "merge-mr": self.merge,
            "close-mr": self.close,
            "reopen-mr": self.reopen,
            "draft-mr": self.draft,
            "ready-mr": self.ready,
            "recheck-mr": self.recheck,
        }

    def open(self, person: Person, words: list[str]) -> str:
        """`mr BRANCH TITLE [reviewer=NAME] [assignee=NAME] [draft=yes] [target=BRANCH] [label=NAME] [project=PATH]`.

        Several names are written with commas. The target is the default branch unless it is named.
        """
        words, given = options(words, *NAMED)
        project = project_named(self.desk.state, [given["project"]] if "project" in given else [])
        require(person, project, "developer")
        source, title = word(words, 0, "a branch"), " ".join(words[1:])
        target = given.get("target", project.default_branch or "")
        self._check(project, source, target, title)
        made = self._made(person, project, source, target, title)
        made.reviewers, made.assignees = _people(given.get("reviewer")), _people(given.get("assignee"))
        made.labels = tuple(given["label"].split(",")) if "label" in given else ()
        if given.get("draft") in ("yes", "true"):
            made.title = f"Draft: {title}"
        return f"{person.username} opened {project.path}{made.reference}: {made.title}"

    def _check(self, project: Project, source: str, target: str, title: str) -> None:
        """Raises ValueError for branches that are not there or have a merge request already."""
        if not title:
            raise ValueError("The line lacks a title.")
        for name in (source, target):
            if name not in project.branches:
                raise ValueError(f"{project.path} has no branch {name}.")
        if source == target:
            raise ValueError("You can't use the same branch for source and target.")
        for one in self.desk.state.merge_requests_of(project):
            if (one.source, one.target, one.state) == (source, target, "opened"):
                raise ValueError(f"Another open merge request has this source branch: {one.reference}.")

    def _made(self, person: Person, project: Project, source: str, target: str, title: str) -> MergeRequest:
        state = self.desk.state
        number, iid, now = (
            len(state.merge_requests) + 1,
            len(state.merge_requests_of(project)) + 1,
            state.clock(),
        )
        head = project.branches[source]
        made = MergeRequest(
            FIRST_MERGE_REQUEST_ID + number, iid, project, title, person, source, target, now, now, head
        )
        state.merge_requests[made.id] = made
        return made

    def approve(self, person: Person, words: list[str]) -> str:
        """`approve-mr !N [PROJECT]`."""
        found = self._found(words)
        with in_words(f"{person.username} {found.reference}"):
            Merging(self.desk).approve(found, person)
        return f"{person.username} approved {found.project.path}{found.reference}."

    def unapprove(self, person: Person, words: list[str]) -> str:
        """`unapprove-mr !N [PROJECT]`."""
        found = self._found(words)
        with in_words(f"{person.username} {found.reference}"):
            Merging(self.desk).unapprove(found, person)
        return f"{person.username} took the approval of {found.project.path}{found.reference} back."

    def merge(self, person: Person, words: list[str]) -> str:
        """`merge-mr !N [PROJECT] [auto=yes] [squash=yes]`."""
        words, given = options(words, "auto", "squash")
        found, squash = self._found(words), Options(squash=given.get("squash") == "yes")
        with in_words(f"{person.username} {found.reference}"):
            Merging(self.desk).merge(found, person, squash, auto=given.get("auto") == "yes")
        done = "merged" if found.merged else "lets GitLab merge"
        return f"{person.username} {done} {found.project.path}{found.reference}."

    def close(self, person: Person, words: list[str]) -> str:
        """`close-mr !N [PROJECT]`."""
        found = self._mine(person, words, "opened")
        found.close(person, self.desk.state.clock())
        return f"{person.username} closed {found.project.path}{found.reference}."

    def reopen(self, person: Person, words: list[str]) -> str:
        """`reopen-mr !N [PROJECT]`."""
        found = self._mine(person, words, "closed")
        found.reopen(self.desk.state.clock())
        return f"{person.username} opened {found.project.path}{found.reference} again."

    def draft(self, person: Person, words: list[str]) -> str:
        """`draft-mr !N [PROJECT]`: its title begins with `Draft:` from now on."""
        found = self._mine(person, words, "opened")
        found.title, found.updated_at = (
            f"Draft: {DRAFT.sub('', found.title, count=1)}",
            self.desk.state.clock(),
        )
        return f"{found.project.path}{found.reference} is a draft."

    def ready(self, person: Person, words: list[str]) -> str:
        """`ready-mr !N [PROJECT]`: the `Draft:` goes."""
        found = self._mine(person, words, "opened")
        found.title, found.updated_at = DRAFT.sub("", found.title, count=1), self.desk.state.clock()
        return f"{found.project.path}{found.reference} is ready."

    def recheck(self, person: Person, words: list[str]) -> str:
        """`recheck-mr !N [PROJECT]`: whether it can be merged is being checked until somebody has looked once."""
        found = self._found(words)
        found.checking = 1
        return f"GitLab checks {found.project.path}{found.reference}."

    def _mine(self, person: Person, words: list[str], state: str) -> MergeRequest:
        """The merge request of the line, if it is in this state and theirs to change: an author's always is."""
        found = self._found(words)
        if found.state != state:
            raise ValueError(f"{found.project.path}{found.reference} is {found.state}.")
        if found.author is not person:
            require(person, found.project, "developer")
        return found

    def _found(self, words: list[str]) -> MergeRequest:
        number, project = word(words, 0, "a number").lstrip("!"), project_named(self.desk.state, words[1:])
        rows = self.desk.state.merge_requests_of(project)
        found = next((one for one in rows if str(one.iid) == number), None)
        if found is None:
            raise ValueError(f"{project.path} has no merge request !{number}.")
        return found


def _people(names: str | None) -> tuple[Person, ...]:
    return tuple(person_named(name) for name in names.split(",")) if names else ()
