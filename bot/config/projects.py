"""The projects of the file: each section, and what two of them cannot share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from bot import values
from bot.config.reading import Reading, named, section
from bot.config.sections import SLACK_APP, GitLabConfig, ProjectConfig


def projects(reading: Reading, tables: Any, gitlab: GitLabConfig | None) -> dict[str, ProjectConfig]:
    """Return the projects by full path; mistakes go to the problems."""
    tables = named(reading, ("projects",), tables, '[projects."group/project"]')
    read = {path: _project(reading, path, table) for path, table in tables.items()}
    whole = {path: project for path, project in read.items() if project}
    _refuse_shared(reading, "aliases", {path: each.aliases for path, each in whole.items()})
    _refuse_shared(reading, "channels", {path: each.channels for path, each in whole.items()})
    for path, project in whole.items():
        _check_chat(reading, path, project, gitlab)
    return whole


def _project(reading: Reading, path: str, table: Any) -> ProjectConfig | None:
    if values.PROJECT_PATH.fullmatch(path):
        return section(reading, ("projects", path), ProjectConfig, table)
    reading.problem(
        ("projects", path),
        'is not the full path of a project. Write it as in GitLab, in quotes: [projects."group/project"].',
    )
    return None


def _refuse_shared(reading: Reading, key: str, lists: Mapping[str, Iterable[str]]) -> None:
    """One alias or channel means one project."""
    first: dict[str, str] = {}
    for path, items in lists.items():
        for item in items:
            other = first.setdefault(item.casefold(), path)
            if other != path:
                reading.problem(
                    ("projects", path, key),
                    f'holds {item}, which projects."{other}" has already. Take one of them out.',
                )


def _check_chat(reading: Reading, path: str, project: ProjectConfig, gitlab: GitLabConfig | None) -> None:
    """Starting by GitLab's own slash command needs a token."""
    if project.start != "chat":
        return
    where: tuple[str, ...] = ("projects", path, "chat_token")
    if project.chat_via == SLACK_APP:
        where = ("gitlab", "slack_app_token")
    missing = not project.chat_token if len(where) > 2 else bool(gitlab and not gitlab.slack_app_token)
    if missing:
        reading.problem(where, f'is missing, but projects."{path}".start is "chat". Set it, or use "api".')
