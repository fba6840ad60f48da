"""`project`: make one, look at one, say which one commands of a place are about, and give it a short name."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

import blocks.project
from blocks import forms, lists
from blocks.answers import said
from bot import opening, values
from bot.access import ladder, outright
from bot.command import Click, Command, Form, Letters, Request
from bot.deeds import Deed
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import GitLabSaidNo, LeftOut, NotUnderstood, Refused
from bot.jobs import founding, known, projects
from bot.kit import Kit
from bot.model import Message, Option, Project
from bot.namespaces import Plan
from bot.text import escape
from bot.words import longhand

#: What is typed in place of a project to take a default or a short name away.
NONE = "-"
TITLE = "New project"


def run(request: Request, kit: Kit) -> Message | None:
    projects.checked(kit, request)
    what = request.words[0].text.lower() if request.words else "show"
    act = {"use": _use, "alias": _alias, "show": _show, "create": _create, "new": _create}.get(what)
    if act is None:
        raise NotUnderstood(
            f"`project {what}` is nothing I know. I know `project create`, `project show`, `project use` and"
            " `project alias`.",
            suggestions=("project show",),
        )
    return act(request, kit)


def _deed(asked: Request, project: str) -> Deed:
    return Deed(("project",), asked.person, asked.place.channel, project=project)


def _climb(kit: Kit, asked: Request, project: str, what: str) -> None:
    outright.check(kit, _deed(asked, project), asked.permit, name=asked.name, what=what)


# Making one -------------------------------------------------------------------------------------------------


def _create(request: Request, kit: Kit) -> Message | None:
    told = founding.typed(request)
    if told.whole or request.permit.dry_run:
        founding.make(kit, blocks.project, request, told.plan)
        return None
    sheet = founding.keep(kit, request.person, told.plan)
    if _opened(kit, request, sheet, told.plan):
        return None
    return blocks.project.offer(sheet, longhand(request.prefix), founding.line(told.plan))


def press_create(click: Click, kit: Kit) -> None:
    _opened(kit, click, click.value, founding.about(kit, click.person, click.value))


def _opened(kit: Kit, asked: Request | Click, sheet: str, plan: Plan) -> bool:
    def fill() -> dict[str, object]:
        own = kit.gitlab_as(asked.person).me().username
        known.wake(kit, asked.person)
        line = longhand(asked.prefix) + founding.line(plan)
        return blocks.project.form(sheet, asked.place, plan, own=own, line=line)

    return opening.show(kit, forms, asked, blocks.project.CREATE, TITLE, fill)


def send_create(form: Form, kit: Kit) -> Message | None:
    """Make it; what GitLab refuses is not lost: the form opens again with all that was filled in."""
    plan = founding.of_form(form)
    try:
        founding.make(kit, blocks.project, form, plan)
    except GitLabSaidNo as error:
        sheet = founding.keep(kit, form.person, plan)
        return blocks.project.refused(error.sentence, sheet)
    return None


# This place's project ---------------------------------------------------------------------------------------


def _use(request: Request, kit: Kit) -> Message:
    if _is_none(request, 1):
        return _set(kit, request, None)
    return _set(kit, request, _named(request, kit, 1, "project use"))


def _set(kit: Kit, asked: Request, project: Project | None) -> Message:
    """Set the project of the place or take it away; everybody there is told, since it is theirs too."""
    path = project.path if project else None
    _climb(kit, asked, path or "", "the project of a place")
    team, channel = asked.person.team, asked.place.channel
    here = "conversation" if asked.place.is_dm else "channel"
    with kit.store.write() as tx:
        before = tx.places.get_default(team, channel)
        if path != before:
            tx.places.set_default(team, channel, path)
            _tell_all(tx, asked, kit, path or "", before or projects.configured(kit, channel) or "")
    if project is None:
        return said(
            f"This {here} has no project of its own any more." if before else f"This {here} had none."
        )
    return said(f"From now on commands here are about {_link(project)}, unless they name another project.")


def _tell_all(tx: Tx, asked: Request, kit: Kit, path: str, before: str) -> None:
    name, was = escape(asked.name or asked.person.id), escape(before)
    what = f"made {escape(path)} the project of this channel" if path else "took this channel's project away"
    text = f"{name} {what}{f'; before it was {was}' if before else ''}."
    key, again = f"{asked.key}.told", kit.new_id()
    letters.announce(tx, key, said(text), asked.person, asked.place, kit.now(), again=again)


# Looking at one ---------------------------------------------------------------------------------------------


def _show(request: Request, kit: Kit) -> Message:
    if len(request.words) > 1:
        project = _named(request, kit, 1, "project show")
        ladder.require(kit, _deed(request, project.path))
        facts = kit.gitlab_as(request.person).facts(project.id)
        with kit.store.write() as tx:
            use = founding.offer_use(tx, request.key, facts, kit.now())
        return blocks.project.card(facts, kit.now(), use)
    return _here(request, kit)


def _here(request: Request, kit: Kit) -> Message:
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
    if len(request.words) < 2:
        raise NotUnderstood(f"Type it as `{longhand(request.prefix)}project alias shop group/project`.")
    name, team = request.words[1].text, request.person.team
    _check_name(request, kit, name)
    project = None if _is_none(request, 2) else _named(request, kit, 2, f"project alias {name}")
    _climb(kit, request, project.path if project else "", "a short name")
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


def _named(request: Request, kit: Kit, at: int, before: str) -> Project:
    if len(request.words) <= at:
        known.wake(kit, request.person)
        asks = f"Which project? Pick it, or type its path: `{before} group/project`."
        raise LeftOut(asks, before=before, source=projects.SOURCE)
    gitlab = kit.gitlab_as(request.person)
    return projects.named(kit, gitlab, request.person.team, request.words[at].text)


def _link(project: Project) -> str:
    return f"<{project.url}|{escape(project.path)}>"


# Typeahead --------------------------------------------------------------------------------------------------


def pick_project(typed: Letters, kit: Kit) -> Sequence[Option]:
    return known.matching(kit, typed.person, typed.place, typed.typed)


def pick_group(typed: Letters, kit: Kit) -> Sequence[Option]:
    return known.groups(kit, typed.person, typed.typed)


def tick(kit: Kit) -> None:
    founding.look(kit, blocks.project)


COMMAND = Command(
    "project",
    "project create <name> [in <group>] | show [path] | use <path> | alias <name> <path>",
    "Make a project, look at one, and say which one commands here are about.",
    (
        "project show",
        "project use acme/shop",
        "project alias shop acme/shop",
        "project create depot in acme",
        "project create depot in acme private with readme",
    ),
    run,
    buttons={blocks.project.CREATE: press_create},
    forms={blocks.project.CREATE: send_create},
    checks={blocks.project.CREATE: founding.check},
    options={"pick.project": pick_project, "pick.group": pick_group},
    in_turn=False,
    changes=True,
    tick=tick,
)
