"""Which project somebody means: the one named, else the thread's, the channel's, or the one they used last."""

from __future__ import annotations

import re

from bot.command import Request
from bot.edges.gitlab import GitLab
from bot.errors import LeftOut, NotFound, NotUnderstood
from bot.kit import Kit
from bot.model import Person, Place, Project
from bot.words import longhand, nearest

#: How many of the projects that were busy last are compared with a name that nothing begins with; GitLab's most.
MOST_COMPARED = 100
#: Where a project that was left out is picked from.
SOURCE = "project"
#: Where the address of a project ends, in the address of one of its pages.
_PAGE = re.compile(r"/-(?:/|$)|[?#]")


def resolve(kit: Kit, request: Request) -> Project:
    """
    Return the project a request is about.

    Raises NotUnderstood when none is named and none can be told from the place, or when there is no such project.
    """
    if request.project is None:
        path = of_place(kit, request.person, request.place)
        if path is None:
            raise _which_one(kit, request)
        return named(kit, kit.gitlab_as(request.person), request.person.team, path)
    path = path_of(kit, request.person.team, request.project)
    try:
        if path is not None:
            return kit.gitlab_as(request.person).project(path)
    except NotFound as error:
        raise _mistyped(kit, request) from error
    raise _mistyped(kit, request)


def named(kit: Kit, gitlab: GitLab, team: str, said: str) -> Project:
    """Return the project of this path, short name or address; raises NotUnderstood with near names."""
    path = path_of(kit, team, said)
    try:
        if path is not None:
            return gitlab.project(path)
    except NotFound:
        pass
    near = _did_you_mean(_near(kit, gitlab, team, said))
    raise NotUnderstood(f"{_not_found(said)} {near}Name it by its full path, as in its address in GitLab.")


def path_of(kit: Kit, team: str, said: str) -> str | None:
    """Return the path that somebody's word for a project stands for; None if it is only a word."""
    given = pasted(kit.config.gitlab.url, said)
    path = aliases(kit, team).get(given, given)
    return path if "/" in path else None


def checked(kit: Kit, request: Request) -> str | None:
    """
    Return the path of the project that stands before the verb, if any, without asking GitLab.

    Raises NotUnderstood for a word that is no project: "not again" must never run anything again.
    """
    if request.project is None:
        return None
    path = path_of(kit, request.person.team, request.project)
    if path is not None:
        return path
    near = nearest(request.project, aliases(kit, request.person.team))
    lines = tuple(_line(request, name) for name in near)
    raise NotUnderstood(
        f"I know no project `{request.project}`. {_or_lines(request, lines)}A project stands before the command by"
        " its short name or its full path; leave it out for the project of this place.",
        suggestions=lines,
    )


def pasted(home: str, said: str) -> str:
    """
    Return the path of a project from its address, or that of one of its pages, at `home`; other text as it stands.

    >>> pasted("https://gitlab.com", "https://gitlab.com/acme/shop/-/pipelines/12")
    'acme/shop'
    >>> pasted("https://gitlab.com", "acme/shop")
    'acme/shop'
    """
    begin = home.partition("://")[2].casefold() + "/"
    address = said.partition("://")[2] or said
    if not address.casefold().startswith(begin):
        return said
    return _PAGE.split(address[len(begin) :], maxsplit=1)[0].strip("/").removesuffix(".git")


def aliases(kit: Kit, team: str) -> dict[str, str]:
    """Return every short name and the path it stands for; the configuration wins over what was set in chat."""
    with kit.store.read() as tx:
        chosen = tx.places.aliases(team)
    return chosen | configured_aliases(kit)


def configured_aliases(kit: Kit) -> dict[str, str]:
    """Return the short names that stand in the configuration, which nobody changes from chat."""
    return {alias: path for path, project in kit.config.projects.items() for alias in project.aliases}


# The place --------------------------------------------------------------------------------------------------


def of_place(kit: Kit, person: Person, place: Place) -> str | None:
    """Return the path of the project this place is about, for this person."""
    found = of_place_and_why(kit, person, place)
    return found[0] if found else None


def of_place_and_why(kit: Kit, person: Person, place: Place) -> tuple[str, str] | None:
    """Return the path of the project this place is about, and what made it so, as the end of a sentence."""
    own = of_place_itself(kit, person, place)
    if own is not None:
        return own
    with kit.store.read() as tx:
        last = tx.places.last_project(person)
    ways = ((last, "you used it last"), (_only(kit), "it is the only one in my configuration"))
    return next(((path, why) for path, why in ways if path), None)


def of_place_itself(kit: Kit, person: Person, place: Place) -> tuple[str, str] | None:
    """Return the same for what the thread or the channel is about, whoever asks there."""
    with kit.store.read() as tx:
        runs = tx.runs.in_thread(place) if place.thread else []
        issue = tx.issues.subject(person.team, place) if place.thread else None
        merge = tx.merge_cards.in_thread(place)
        default = tx.places.get_default(person.team, place.channel)
    here = "conversation" if place.is_dm else "channel"
    ways = (
        (runs[0].project if runs else None, "this thread is about a run of it"),
        (issue.project if issue else None, "this thread is about an issue of it"),
        (merge.about.project if merge else None, "this thread is about a merge request of it"),
        (default, f"somebody set it for this {here} with `project use`"),
        (configured(kit, place.channel), f"my configuration names it for this {here}"),
    )
    return next(((path, why) for path, why in ways if path), None)


def configured(kit: Kit, channel: str) -> str | None:
    """Return the project that the configuration gives a channel."""
    return next((path for path, project in kit.config.projects.items() if channel in project.channels), None)


def _only(kit: Kit) -> str | None:
    return next(iter(kit.config.projects)) if len(kit.config.projects) == 1 else None


def before(request: Request) -> str:
    """Return what somebody types before a verb to mean the same project as in this request."""
    return longhand(request.prefix) + (f"{request.project} " if request.project else "")


# Sentences --------------------------------------------------------------------------------------------------


def _which_one(kit: Kit, request: Request) -> NotUnderstood:
    """Ask for the project; what is picked goes before the same command."""
    prefix, names = longhand(request.prefix), sorted(aliases(kit, request.person.team))
    known = ", ".join(f"`{name}`" for name in names) or "none yet"
    here = "conversation" if request.place.is_dm else "channel"
    return LeftOut(
        "Which project? I know no project for this place. Pick it, name it before the command"
        f" (`{prefix}group/project {request.verb} …`), or set one for this {here} with"
        f" `{prefix}project use group/project`. Short names I know: {known}.",
        before="", after=_line(request), source=SOURCE,
    )  # fmt: skip


def _mistyped(kit: Kit, request: Request) -> NotUnderstood:
    """Say that a project was not found, with whole commands that were perhaps meant."""
    said = request.project or ""
    near = _near(kit, kit.gitlab_as(request.person), request.person.team, said)
    if near or "/" in said:
        return NotUnderstood(
            f"{_not_found(said)} {_did_you_mean(near)}Name it by its full path, as in its address in GitLab.",
            suggestions=tuple(_line(request, name) for name in near),
        )
    bare = _line(request)
    return NotUnderstood(
        f"I don't know `{said}`: it is no command, and I find no project of that name."
        f" {_or_lines(request, (bare,))}",
        suggestions=(bare,),
    )


def _line(request: Request, project: str = "") -> str:
    """Return what was typed, with this project before the verb."""
    return " ".join(part for part in (project, request.verb, request.line.after(0)) if part)


def _or_lines(request: Request, lines: tuple[str, ...]) -> str:
    prefix = longhand(request.prefix)
    return "Did you mean " + " or ".join(f"`{prefix}{line}`" for line in lines) + "? " if lines else ""


def _not_found(said: str) -> str:
    return f"I find no project `{said}`: GitLab does not know it, or does not show it to me."


def _near(kit: Kit, gitlab: GitLab, team: str, said: str) -> tuple[str, ...]:
    visible = gitlab.projects(search=said.rsplit("/", 1)[-1][:4]) or gitlab.projects(limit=MOST_COMPARED)
    # What was typed is not suggested: it may be one that GitLab hides from whoever asks.
    names = [*aliases(kit, team), *kit.config.projects, *(one.path for one in visible)]
    return nearest(said, dict.fromkeys(name for name in names if name != said))


def _did_you_mean(names: tuple[str, ...]) -> str:
    return "Did you mean " + " or ".join(f"`{name}`" for name in names) + "? " if names else ""
