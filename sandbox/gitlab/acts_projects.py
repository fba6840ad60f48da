"""`:gitlab` lines about projects and groups: made one by one or by thousands, archived, opened to people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import project_named, word
from sandbox.gitlab.answers import Refused
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.groups import may_create_in
from sandbox.gitlab.nouns import LEVELS, Namespace, Person
from sandbox.gitlab.people import person_named
from sandbox.gitlab.project_creation import Plan, create_project, new_project, path_of

DEFAULT_GROUP = "acme"
SERVICE, MOST = "service-", 100_000
MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ProjectActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {
            "project": self.project,
            "projects": self.projects,
            "archive": self.archive,
            "unarchive": self.unarchive,
            "group-role": self.group_role,
            "attachment-limit": self.attachment_limit,
        }

    def project(self, person: Person, words: list[str]) -> str:
        """`project NAME [GROUP]`: a new, empty project; in one's own namespace when no group is named."""
        name, groups = word(words, 0, "a name"), self.desk.state.groups
        place = self._group(words[1]) if words[1:] else groups.own(person)
        if not may_create_in(person, place):
            raise ValueError(f"{person.username} may make no projects in {place.path}.")
        try:
            made = create_project(self.desk.state, person, Plan(name, path_of(name), place))
        except Refused as refused:
            raise ValueError(
                f"GitLab makes no project {name} in {place.path}: {refused.body['message']}."
            ) from refused
        return f"{person.username} made {made.path}."

    def projects(self, person: Person, words: list[str]) -> str:
        """`projects N [GROUP]`: so many empty projects at once, `service-00001` and so on."""
        text, place = word(words, 0, "a number"), self._group(words[1] if words[1:] else DEFAULT_GROUP)
        if not text.isdigit() or not 0 < int(text) <= MOST:
            raise ValueError(f"{text} is no number of projects; it goes up to {MOST}.")
        state = self.desk.state
        beside = (one for one in state.projects.values() if one.namespace is place)
        start = sum(one.name.startswith(SERVICE) for one in beside) + 1
        names = [f"{SERVICE}{number:05}" for number in range(start, start + int(text))]
        for name in names:
            state.add_project(new_project(state, Plan(name, name, place)))
        return f"{place.path} has {text} projects more, up to {names[-1]}."

    def archive(self, person: Person, words: list[str]) -> str:
        """`archive [PROJECT]`: nobody changes anything in it any more."""
        return self._archived(words, wanted=True)

    def unarchive(self, person: Person, words: list[str]) -> str:
        """`unarchive [PROJECT]`: take it back."""
        return self._archived(words, wanted=False)

    def _archived(self, words: list[str], *, wanted: bool) -> str:
        project = project_named(self.desk.state, words)
        project.archived = wanted
        return f"{project.path} is {'archived' if wanted else 'not archived'}."

    def group_role(self, person: Person, words: list[str]) -> str:
        """`group-role NAME LEVEL [GROUP]`: somebody's role in a group, and in the projects made there from now on."""
        whose, named = person_named(word(words, 0, "a name")), word(words, 1, "a role").lower()
        if named not in LEVELS:
            raise ValueError(f"{named} is no role; there are {', '.join(LEVELS)}.")
        group = self._group(words[2] if words[2:] else DEFAULT_GROUP)
        group.members[whose.username] = LEVELS[named]
        return f"{whose.username} is {named} in the group {group.path}."

    def attachment_limit(self, person: Person, words: list[str]) -> str:
        """`attachment-limit MIB`: how large an uploaded file may be."""
        text = word(words, 0, "a number of MiB")
        if not text.isdigit() or not int(text):
            raise ValueError(f"{text} is no number of MiB.")
        self.desk.state.uploads.largest = int(text) * MIB
        return f"Files may have {text} MiB."

    def _group(self, path: str) -> Namespace:
        found = self.desk.state.groups.named(path)
        if found is None or found.kind != "group":
            raise ValueError(f"GitLab has no group {path}.")
        return found
