"""Projects and groups: those somebody is a member of, a card's facts, and making one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_shapes import millis
from bot.edges.gitlab_shapes import project as project_shape
from bot.edges.gitlab_wire import PER_PAGE, Wire, segment
from bot.model import Project
from bot.namespaces import Facts, Group, Plan

Json = Mapping[str, Any]
#: Developers may make projects in a group unless it says otherwise (doc/user/group, project creation level).
DEVELOPER = 30


class Projects:
    """The part of GitLab that is about projects and groups. Its errors are those of GitLab."""

    _wire: Wire

    def member_projects(self, after: int = 0) -> list[Project]:
        """One page, at most 100, of the projects this identity is a member of, by their ids from `after` on.

        `id_after` goes on where the last page ended, however many there are (doc/api/projects.md); pages by
        number end at 50,000 items.
        """
        query = {
            "membership": "true", "simple": "true", "archived": "false", "order_by": "id", "sort": "asc",
            "per_page": PER_PAGE, **({"id_after": after} if after else {}),
        }  # fmt: skip
        return each(project_shape, self._wire.get("/projects", query))

    def groups(self, search: str = "") -> list[Group]:
        """Groups in which this identity is a Developer or more, at most 1,000 (doc/api/groups.md)."""
        query = {"min_access_level": DEVELOPER, **({"search": search} if search else {})}
        return each(_group, self._wire.pages("/groups", query))

    def group(self, path: str) -> Group:
        """A group by its full path."""
        missing = f"GitLab knows no group `{path}`, or does not show it to you. Check the path."
        return shaped(_group, self._wire.get(f"/groups/{segment(path)}", missing=missing))

    def facts(self, path_or_id: str | int) -> Facts:
        """What a card tells of a project."""
        missing = f"GitLab knows no project `{path_or_id}`, or does not show it to you. Check the path."
        return shaped(_facts, self._wire.get(f"/projects/{segment(path_or_id)}", missing=missing))

    def create_project(self, plan: Plan, group: Group | None, path: str) -> Facts:
        """Makes a project in a group, or in this identity's own namespace (doc/api/projects.md, Create a project).

        `path` is the last part of its path; GitLab makes one of the name for an empty one.
        GitLabSaidNo.reason has GitLab's words for a name that is taken or cannot be one, and for who may not.
        """
        body: dict[str, Any] = {"name": plan.name, "initialize_with_readme": plan.readme}
        body |= {"path": path} if path else {}
        body |= {"namespace_id": group.id} if group else {}
        body |= {"visibility": plan.visibility} if plan.visibility else {}
        body |= {"description": plan.description} if plan.description else {}
        return shaped(_facts, self._wire.post("/projects", body))


def _group(data: Json) -> Group:
    """doc/api/groups.md."""
    return Group(data["id"], data["full_path"], data["name"], data.get("web_url") or "")


def _facts(data: Json) -> Facts:
    """doc/api/projects.md; whoever is no member may be shown less of it."""
    return Facts(
        id=data["id"],
        path=data["path_with_namespace"],
        name=data.get("name") or "",
        url=data["web_url"],
        description=data.get("description") or "",
        visibility=data.get("visibility") or "",
        default_branch="" if data.get("empty_repo") else data.get("default_branch") or "",
        created_at=millis(data["created_at"]),
        active_at=millis(data.get("last_activity_at") or data["created_at"]),
        open_issues=data.get("open_issues_count"),
        archived=bool(data.get("archived")),
        creator=data.get("creator_id") or 0,
    )
