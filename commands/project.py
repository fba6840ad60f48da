"""`project use <path>`, `project alias <name> <path>`, `project show`: which project is meant where."""

from __future__ import annotations

import re

from blocks import lists
from blocks.answers import said
from bot.command import Command, Request
from bot.errors import NotUnderstood
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message, Project
from bot.text import escape

#: Like GitLab's own chat aliases, but never mistaken for a path or a mention (gitlab-chatops.md 3).
_ALIAS = re.compile(r"[\w.-]{2,50}")


def run(request: Request, kit: Kit) -> Message:
    what = request.words[0].text.lower() if request.words else "show"
    act = {"use": _use, "alias": _alias, "show": _show}.get(what)
    if act is None:
        raise NotUnderstood(
            f"`project {what}` is nothing I know. I know `project use`, `project alias` and `project show`.",
            suggestions=("project show",),
        )
    return act(request, kit)


def _use(request: Request, kit: Kit) -> Message:
    project = _named(request, kit, 1, "project use group/project")
    with kit.store.write() as tx:
        tx.places.set_default(request.person.team, request.place.channel, project.path)
    return said(f"From now on commands here are about {_link(project)}, unless they name another project.")


def _alias(request: Request, kit: Kit) -> Message:
    if len(request.words) < 3:
        raise NotUnderstood(f"Type it as `{request.prefix}project alias shop group/project`.")
    name = request.words[1].text
    if not _ALIAS.fullmatch(name) or name.lower() in request.verbs:
        raise NotUnderstood(
            f"`{name}` cannot be a short name: use 2 to 50 letters, digits, dots or dashes, and no command."
        )
    project = _named(request, kit, 2, f"project alias {name} group/project")
    with kit.store.write() as tx:
        tx.places.set_alias(request.person.team, name, project.path)
    return said(f"`{name}` now stands for {_link(project)}: `{request.prefix}{name} jobs`.")


def _show(request: Request, kit: Kit) -> Message:
    names = projects.aliases(kit, request.person.team)
    default = request.project or projects.of_place(kit, request.person, request.place)
    if default is None:
        title = "This place has no project yet."
    else:
        gitlab = kit.gitlab_as(request.person)
        title = f"Commands here are about {_link(projects.named(kit, gitlab, request.person.team, default))}."
    lines = [f"`{escape(name)}` stands for {escape(path)}" for name, path in sorted(names.items())]
    return lists.listed(title, lines, footer=f"Change it with `{request.prefix}project use group/project`.")


def _named(request: Request, kit: Kit, at: int, form: str) -> Project:
    if len(request.words) <= at:
        raise NotUnderstood(f"Which project? Type `{request.prefix}{form}`.")
    gitlab = kit.gitlab_as(request.person)
    return projects.named(kit, gitlab, request.person.team, request.words[at].text)


def _link(project: Project) -> str:
    return f"<{project.url}|{escape(project.path)}>"


COMMAND = Command(
    "project",
    "project use <path> | alias <name> <path> | show",
    "Which project commands here are about.",
    ("project show", "project use acme/shop", "project alias shop acme/shop"),
    run,
)
