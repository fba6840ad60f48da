"""The groups of the sandbox's GitLab and everybody's own namespace, and their JSON bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sandbox.gitlab.answers import moment
from sandbox.gitlab.nouns import LEVELS, Namespace, Person, Project
from sandbox.gitlab.people import EVERYONE, ROLES

FIRST_GROUP_ID, OWN_NAMESPACES = 11, 200
CREATED = 1_676_883_600.0
#: Groups that are there without a project: what the bot is no member of, and where only Maintainers make projects.
LABS, GUILD = "acme/labs", "guild"
GUILD_ROLES = {"alice": LEVELS["owner"], "bob": LEVELS["developer"]}
#: The role from which on one may make projects, by `project_creation_level` (doc/user/group/manage.md).
CREATION = {"developer": LEVELS["developer"], "maintainer": LEVELS["maintainer"], "noone": 100}


class Groups:
    """All namespaces: those of the projects, two more groups, and one of each person."""

    def __init__(self, projects: Iterable[Project]) -> None:
        self.namespaces: dict[int, Namespace] = {}
        for project in projects:
            project.namespace = self.named(project.group) or self._add(project.group, dict(ROLES))
        self._add(GUILD, dict(GUILD_ROLES))
        if self.named(LABS.rpartition("/")[0]) is not None:
            self._add(LABS, {}, creation="maintainer")
        for person in EVERYONE:
            members = {person.username: LEVELS["owner"]}
            number = OWN_NAMESPACES + person.id
            self.namespaces[number] = Namespace(number, person.username, person.name, "user", None, members)

    def _add(self, path: str, members: dict[str, int], creation: str = "developer") -> Namespace:
        number = FIRST_GROUP_ID + len(self.namespaces)
        above, _, last = path.rpartition("/")
        made = Namespace(number, path, last.capitalize(), "group", self.named(above), members, creation)
        self.namespaces[number] = made
        return made

    def named(self, key: str) -> Namespace | None:
        """A namespace by its number or its full path."""
        if key.isdigit():
            return self.namespaces.get(int(key))
        return next((one for one in self.namespaces.values() if one.path.lower() == key.lower()), None)

    def groups_of(self, person: Person) -> list[Namespace]:
        """The groups somebody is in, by name. All of them are private: others do not see them."""
        found = [one for one in self.namespaces.values() if one.kind == "group" and level_in(person, one)]
        return sorted(found, key=lambda one: one.name.lower())

    def group(self, person: Person, key: str) -> Namespace | None:
        """One of them, by its number or its full path."""
        found = self.named(key)
        return found if found in self.groups_of(person) else None

    def own(self, person: Person) -> Namespace:
        return self.namespaces[OWN_NAMESPACES + person.id]


def level_in(person: Person, namespace: Namespace) -> int:
    """The role of a person in a namespace as GitLab's number; an administrator owns everything."""
    return LEVELS["owner"] if person.admin else namespace.level(person.username)


def may_create_in(person: Person, namespace: Namespace) -> bool:
    """Whether somebody may make projects there."""
    return level_in(person, namespace) >= CREATION[namespace.creation]


def above(namespace: Namespace | None) -> list[str]:
    """The names from the top down to it."""
    return [] if namespace is None else [*above(namespace.parent), namespace.name]


def namespace_body(namespace: Namespace, url: str) -> dict[str, Any]:
    """A namespace as projects and `GET /namespaces` carry it (samples/gitlab/projects_list_simple.json)."""
    page = f"groups/{namespace.path}" if namespace.kind == "group" else namespace.path
    return {
        "id": namespace.id,
        "name": namespace.name,
        "path": namespace.path.rpartition("/")[2],
        "kind": namespace.kind,
        "full_path": namespace.path,
        "parent_id": None if namespace.parent is None else namespace.parent.id,
        "avatar_url": None,
        "web_url": f"{url}/{page}",
    }


def group_body(group: Namespace, url: str) -> dict[str, Any]:
    """A group of a list (samples/gitlab/groups_list.json)."""
    whole = namespace_body(group, url)
    own = {
        key: whole[key] for key in ("id", "name", "path", "full_path", "parent_id", "avatar_url", "web_url")
    }
    maintainers = [{"access_level": LEVELS["maintainer"]}]
    return own | {
        "description": "",
        "visibility": "private",
        "share_with_group_lock": False,
        "require_two_factor_authentication": False,
        "two_factor_grace_period": 48,
        "project_creation_level": group.creation,
        "auto_devops_enabled": None,
        "subgroup_creation_level": "maintainer",
        "emails_disabled": False,
        "emails_enabled": True,
        "mentions_disabled": None,
        "lfs_enabled": True,
        "archived": False,
        "math_rendering_limits_enabled": True,
        "lock_math_rendering_limits_enabled": False,
        "default_branch": None,
        "default_branch_protection": 2,
        "default_branch_protection_defaults": {
            "allowed_to_push": maintainers,
            "allow_force_push": False,
            "allowed_to_merge": maintainers,
            "developer_can_initial_push": False,
            "code_owner_approval_required": False,
        },
        "request_access_enabled": True,
        "full_name": " / ".join(above(group)),
        "created_at": moment(CREATED),
        "organization_id": 1,
        "shared_runners_setting": "enabled",
    }
