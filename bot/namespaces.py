"""Projects and groups as GitLab tells of them: where one may be made, and what is told of one."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Millis

#: Who may see a project (doc/api/projects.md, project visibility level); the most private first.
VISIBILITIES = ("private", "internal", "public")


@dataclass(frozen=True, slots=True)
class Group:
    """A namespace that projects stand in."""

    id: int
    path: str
    """Full path."""
    name: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """A project with what a card tells of it."""

    id: int
    path: str
    name: str
    url: str
    description: str
    visibility: str
    default_branch: str
    """Empty while there is no commit."""
    created_at: Millis
    active_at: Millis
    open_issues: int | None
    """None where issues are switched off, or not shown."""
    archived: bool = False
    creator: int = 0
    """GitLab id of who made it; 0 if that is not shown."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A project that somebody wants to make."""

    name: str
    group: str = ""
    """Full path of the group; empty for their own namespace."""
    visibility: str = ""
    """Empty for what GitLab's own default is."""
    description: str = ""
    readme: bool = False
