"""`project use <path>`, `project alias <name> <path>`, `project show`: which project is meant where."""

from __future__ import annotations

from urllib.parse import quote

from blocks import lists
from blocks.answers import said
from bot import values
from bot.access import ladder
from bot.command import Command, Request
from bot.deeds import Deed
from bot.delivery import letters
from bot.edges.store import Letter, Tx
from bot.errors import NotUnderstood, Refused
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message, Place, Project
from bot.text import escape
from bot.words import longhand

#: What is typed in place of a project to take a default or a short name away.
NONE = "-"


def run(request: Request, kit: Kit) -> Message:
    projects.checked(kit, request)
    what = request.words[0].text.lower() if request.words else "show"
    act = {"use": _use, "alias": _alias, "show": _show}.get(what)
    if act is None:
        raise NotUnderstood(
            f"`project {what}` is nothing I know. I know `project use`, `project alias` and `project show`.",
            suggestions=("project show",),
        )
    return act(request, kit)


def _deed(request: Request, project: str) -> Deed:
    return Deed(("project",), request.person, request.place.channel, project=project)


# This place's project ---------------------------------------------------------------------------------------


def _use(request: Request, kit: Kit) -> Message:
    """Set the project of the place or take it away; everybody there is told, since it is theirs too."""
    path, link = None, ""
    if not _is_none(request, 1):
        project = _named(request, kit, 1, "project use group/project")
        path, link = project.path, _link(project)
    deed = _deed(request, path or "")
    ladder.check(kit, deed, request.permit, name=request.name)
    team, channel = request.person.team, request.place.channel
    here = "conversation" if request.place.is_dm else "channel"
    with kit.store.write() as tx:
        before = tx.places.get_default(team, channel)
        if path != before:
            tx.places.set_default(team, channel, path)
            _tell_all(tx, request, kit, path or "", before or projects.configured(kit, channel) or "")
    if path is None:
        return said(
            f"This {here} has no project of its own any more." if before else f"This {here} had none."
        )
    return said(f"From now on commands here are about {link}, unless they name another project.")


def _tell_all(tx: Tx, request: Request, kit: Kit, path: str, before: str) -> None:
    if request.place.is_dm:
        return
    name, was = escape(request.name or request.person.id), escape(before)
    what = f"made {escape(path)} the project of this channel" if path else "took this channel's project away"
    text = f"{name} {what}{f'; before it was {was}' if before else ''}."
    place, message = Place(request.place.channel), said(text)
    queue = f"{place.channel}:{request.person.id}"
    tx.outbox.put(
        Letter(f"{request.key}.told", queue, "post", place, request.person.id, letters.dump(message),
               created_at=kit.now())
    )  # fmt: skip


def _show(request: Request, kit: Kit) -> Message:
    """Say which project is meant here, and why; GitLab is not asked, so that it can be away."""
    named = projects.checked(kit, request)
    ladder.require(kit, _deed(request, named or ""))
    found = (
        (named, "you named it") if named else projects.of_place_and_why(kit, request.person, request.place)
    )
    title = "This place has no project yet."
    if found:
        link = f"<{kit.config.gitlab.url}/{quote(found[0])}|{escape(found[0])}>"
        title = f"Commands here are about {link}: {found[1]}."
    names = projects.aliases(kit, request.person.team)
    lines = [f"`{escape(name)}` stands for {escape(path)}" for name, path in sorted(names.items())]
    prefix = longhand(request.prefix)
    return lists.listed(title, lines, footer=f"Change it with `{prefix}project use group/project`.")


# Short names ------------------------------------------------------------------------------------------------


def _alias(request: Request, kit: Kit) -> Message:
    if len(request.words) < 3:
        raise NotUnderstood(f"Type it as `{longhand(request.prefix)}project alias shop group/project`.")
    name, team = request.words[1].text, request.person.team
    _check_name(request, kit, name)
    project = None if _is_none(request, 2) else _named(request, kit, 2, f"project alias {name} group/project")
    deed = _deed(request, project.path if project else "")
    ladder.check(kit, deed, request.permit, name=request.name)
    with kit.store.write() as tx:
        before = tx.places.alias(team, name)
        tx.places.set_alias(team, name, project.path if project else None)
    was = (
        f" Before, it stood for {escape(before)}."
        if before and (not project or before != project.path)
        else ""
    )
    if project is None:
        return said(
            f"`{name}` stands for nothing any more.{was}" if before else f"`{name}` stood for nothing."
        )
    return said(f"`{name}` now stands for {_link(project)}: `{longhand(request.prefix)}{name} jobs`.{was}")


def _check_name(request: Request, kit: Kit, name: str) -> None:
    if not values.ALIAS.fullmatch(name) or name.lower() in request.verbs:
        raise NotUnderstood(f"`{name}` cannot be a short name: use {values.ALIAS_RULE}, and no command.")
    configured = projects.configured_aliases(kit).get(name)
    if configured:
        raise Refused(
            f"`{name}` stands for {configured} in my configuration, which nobody changes from chat."
            " Take another name, or ask whoever runs me."
        )


def _is_none(request: Request, at: int) -> bool:
    return len(request.words) > at and request.words[at].text == NONE


def _named(request: Request, kit: Kit, at: int, form: str) -> Project:
    if len(request.words) <= at:
        raise NotUnderstood(f"Which project? Type `{longhand(request.prefix)}{form}`.")
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
    in_turn=False,
    changes=True,
)
