"""Declares an incident: one for each request, in one transaction, with all that is to be done for it written down."""

from __future__ import annotations

from dataclasses import dataclass, replace

from bot.command import Click, Form, Request, Shortcut
from bot.edges.store import Tx
from bot.errors import GitLabBusy, GitLabUnreachable, LeftOut, NotFound, NotUnderstood
from bot.incident import SLACK, Incident, State
from bot.incident_work import Due, Holder
from bot.incidents import acting, life, states
from bot.incidents.acting import Actor
from bot.incidents.crew.people import RESPONDER
from bot.incidents.drawing import Drawing
from bot.incidents.room import founding
from bot.incidents.room.wording import Typed, line_of
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Person, Place


@dataclass(frozen=True, slots=True)
class Wish:
    """The incident somebody wants declared."""

    source: str
    """What makes it itself: the key of the request, or of the form."""
    title: str
    """In which nothing acts (bot/issues/texts.py), at most 255 characters."""
    severity: int
    project: str
    """Full path."""
    project_id: int = 0
    """0 while GitLab has not been asked."""
    summary: str = ""
    state: State = State.INVESTIGATING
    private: bool = False
    invite: tuple[str, ...] = ()
    """Slack ids of people who are to be brought into the room."""


def declare(kit: Kit, draw: Drawing, who: Actor, wish: Wish) -> Incident:
    """
    Declare an incident and return it; what was declared by the same source before is returned as it is.

    GitLab is not asked: its issue, the room and all else are errands, written down in the same transaction.
    """
    with kit.store.write() as tx:
        known = tx.incidents.of_source(wish.source)
        if known is not None:
            return known
        incident = _new(tx, kit, who, wish)
        tx.incidents.put(incident)
        _write_down(tx, kit, who, incident)
        founding.begin(tx, kit, draw, incident, wish.invite)
    kit.deliver()
    return incident


def known(kit: Kit, source: str) -> Incident | None:
    """Return the incident that a request has declared before."""
    with kit.store.read() as tx:
        return tx.incidents.of_source(source)


def allow(kit: Kit, who: Actor, wish: Wish) -> None:
    """Climb the ladder for declaring an incident; raises as it does."""
    what = f"declare sev{wish.severity} {wish.title}"
    acting.climb(kit, who, wish.project, what, project_id=wish.project_id)


def _new(tx: Tx, kit: Kit, who: Actor, wish: Wish) -> Incident:
    now, settings, by = kit.now(), kit.config.incidents, who.by
    policy = settings.policy_private if wish.private else settings.policy_public
    made = Incident(
        kit.new_id(), tx.incidents.next_number(), wish.source, by.person.team, kit.redact(wish.title), wish.severity,
        wish.state, wish.project, by.person, by.name, now, summary=kit.redact(wish.summary), policy=policy,
        private=wish.private, project_id=wish.project_id, origin=by.place,
    )  # fmt: skip
    wait = states.update_after(made, settings.update_minutes, settings.monitoring_minutes)
    return replace(made, next_update=None if wait is None else now + wait)


def _write_down(tx: Tx, kit: Kit, who: Actor, incident: Incident) -> None:
    """What is known of it from the first moment: that it was declared, by whom, and when the next word is due."""
    by, now = who.by, incident.declared_at
    text = f"{by.name} declared it: {incident.title}"
    life.record(
        tx, kit, incident, "declared", acting.who(by), text, source="declared", at=now,
        origin=SLACK, shown=False,
    )  # fmt: skip  # GitLab notes by itself that an incident was made.
    held = Holder(kit.new_id(), incident.id, RESPONDER, by.person, by.name, now, by=by.name, how="declared")
    tx.holders.put(held)
    if incident.next_update is not None:
        tx.dues.arm(Due(incident.id, life.UPDATE, incident.next_update, about="{}"))
    acting.note(tx, kit, by, incident, "declared", f"sev{incident.severity} {incident.title}")
    tx.places.set_last(by.person, incident.project)


# Which project ----------------------------------------------------------------------------------------------


def project_of(kit: Kit, who: Actor, request: Request, said: Typed) -> tuple[str, int]:
    """
    Return path and id of the project an incident is declared in: the one named, the place's, or the configured one.

    The id is 0 where GitLab was not asked, or does not answer: it is found out when the issue is made. Raises
    LeftOut if there is none, and NotUnderstood for one that GitLab does not show this person.
    """
    named = said.project or request.project or ""
    if named:
        return found(kit, who, named)
    path = default(kit, request.person, request.place)
    if path is None:
        raise _which(request)
    return path, 0


def found(kit: Kit, who: Actor, said: str) -> tuple[str, int]:
    """Return path and id of a project by what somebody called it; the id is 0 while GitLab does not answer."""
    team = who.person.team
    path = projects.path_of(kit, team, said)
    try:
        if path is not None:
            known_there = who.gitlab.project(path)
            return known_there.path, known_there.id
    except NotFound:
        pass
    except (GitLabUnreachable, GitLabBusy):
        return path or said, 0
    one = projects.named(kit, who.gitlab, team, said)
    return one.path, one.id


def path_of(kit: Kit, person: Person, said: str) -> str:
    """Return the path that somebody's word for a project stands for; empty if it is only a word."""
    return projects.path_of(kit, person.team, said) or "" if said else ""


def default(kit: Kit, person: Person, place: Place) -> str | None:
    """Return the project of an incident for which none is named; None if there is none."""
    with kit.store.read() as tx:
        room = tx.incidents.at(place)
    if room is not None:
        return room.project
    own = projects.of_place_itself(kit, person, place)
    if own is not None:
        return own[0]
    return kit.config.incidents.project or projects.of_place(kit, person, place)


def _which(request: Request) -> NotUnderstood:
    """Ask for the project; what is picked goes before the same command."""
    return LeftOut(
        "Where shall the incident be kept? I know no project for this place. Pick it, or name it:"
        " `/incident declare sev2 What is wrong --project group/project`. Whoever runs me can set"
        " `incidents.project`.",
        before="", after=f"incident {request.line.after(0)}", source=projects.SOURCE,
    )  # fmt: skip


def key(asked: Request | Click | Form | Shortcut) -> str:
    """Return what makes an incident itself that is declared by a request: of a form, what was opened."""
    return f"form:{asked.value}" if isinstance(asked, Form) else f"request:{asked.key}"


def line(wish: Wish) -> str:
    """Return the line that could have been typed."""
    return line_of(severity=wish.severity, title=wish.title, project=wish.project, private=wish.private)
