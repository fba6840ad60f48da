"""Which project somebody means: the one named, else the thread's, the channel's, or the one they used last."""

from __future__ import annotations

from bot.command import Request
from bot.edges.gitlab import GitLab
from bot.errors import NotFound, NotUnderstood
from bot.kit import Kit
from bot.model import Person, Place, Project
from bot.words import longhand, nearest

#: How many of the projects that were busy last are compared with a name that nothing begins with; GitLab's most.
MOST_COMPARED = 100


def resolve(kit: Kit, request: Request) -> Project:
    """
    Return the project a request is about.

    Raises NotUnderstood when none is named and none can be told from the place, or when there is no such project.
    """
    said = request.project or of_place(kit, request.person, request.place)
    if said is None:
        known = ", ".join(f"`{name}`" for name in sorted(aliases(kit, request.person.team))) or "none yet"
        prefix = longhand(request.prefix)
        raise NotUnderstood(
            "Which project? I know no project for this place. Name it before the command"
            f" (`{prefix}group/project {request.verb} …`) or set one for this channel with"
            f" `{prefix}project use group/project`. Short names I know: {known}."
        )
    return named(kit, kit.gitlab_as(request.person), request.person.team, said)


def named(kit: Kit, gitlab: GitLab, team: str, said: str) -> Project:
    """Return the project of this path or short name; raises NotUnderstood with near names."""
    path = aliases(kit, team).get(said, said)
    try:
        return gitlab.project(path)
    except NotFound as error:
        raise NotUnderstood(_unknown(kit, gitlab, team, said)) from error


def aliases(kit: Kit, team: str) -> dict[str, str]:
    """Return every short name and the path it stands for; what was set in chat wins over the configuration."""
    with kit.store.read() as tx:
        chosen = tx.places.aliases(team)
    configured = {alias: path for path, project in kit.config.projects.items() for alias in project.aliases}
    return configured | chosen


def of_place(kit: Kit, person: Person, place: Place) -> str | None:
    """Return the path of the project this place is about, for this person."""
    with kit.store.read() as tx:
        runs = tx.runs.in_thread(place) if place.thread else []
        default = tx.places.get_default(person.team, place.channel)
        last = tx.places.last_project(person)
    if runs:
        return runs[0].project
    return default or _configured(kit, place.channel) or last or _only(kit)


def _configured(kit: Kit, channel: str) -> str | None:
    return next((path for path, project in kit.config.projects.items() if channel in project.channels), None)


def _only(kit: Kit) -> str | None:
    return next(iter(kit.config.projects)) if len(kit.config.projects) == 1 else None


def _unknown(kit: Kit, gitlab: GitLab, team: str, said: str) -> str:
    short = aliases(kit, team)
    visible = gitlab.projects(search=said.rsplit("/", 1)[-1][:4]) or gitlab.projects(limit=MOST_COMPARED)
    # What was typed is not suggested: it may be one that GitLab hides from whoever asks.
    names = [*short, *kit.config.projects, *(one.path for one in visible)]
    near = nearest(said, dict.fromkeys(name for name in names if name != said))
    hint = "Did you mean " + " or ".join(f"`{name}`" for name in near) + "? " if near else ""
    return (
        f"I find no project `{said}`: GitLab does not know it, or does not show it to me. {hint}"
        "Name it by its full path, as in its address in GitLab."
    )
