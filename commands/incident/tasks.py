"""`incident task`, `incident tasks` and `incident followup`: what is to be done, typed, pressed and filled in."""

from __future__ import annotations

from collections.abc import Callable

import blocks.incident as draw
from blocks import forms, incident_tasks
from bot import opening
from bot.command import Click, Form, Request
from bot.errors import NotUnderstood, Refused
from bot.incident import SLACK, Incident
from bot.incidents import acting, asking, which
from bot.incidents.crew import descriptions, followups, task_words, tasks
from bot.incidents.crew.tasks import Act
from bot.kit import Kit
from bot.model import Block, Message
from commands.incident.parts import Part, elsewhere

_MINUTE = 60_000
#: A task that takes longer is no task of an incident.
MOST_MINUTES = 10_080


def task(request: Request, kit: Kit) -> Message | None:
    """Add a task, or do something with one: `done 3`."""
    one = which.found(kit, request, "task")
    if not one.rest.strip():
        return _open(request, kit, one.incident)
    moved = task_words.move(one.rest)
    if one.rest.strip().lower() in task_words.MOVES:
        raise NotUnderstood(
            f"Which task? Type its number: `/incident task {one.rest.strip().lower()} 3`. `/incident tasks` lists them."
        )
    if moved is not None:
        return _move(request, kit, one.incident, *moved)
    return _add(request, kit, one.incident, task_words.typed(one.rest))


def listing(request: Request, kit: Kit) -> Message:
    """Show the tasks to the asker; the list in the room is shown anew, too."""
    one = which.found(kit, request, "tasks")
    acting.look(kit, request, one.incident.project, f"tasks inc {one.incident.number}")
    with kit.store.read() as tx:
        found = tasks.clean(kit, tasks.of(tx, one.incident))
    return (
        incident_tasks.card(one.incident, found, kit.now()) if found else incident_tasks.none(request.prefix)
    )


def follow_up(request: Request, kit: Kit) -> Message | None:
    """Make an issue of what has to be done after the incident."""
    one = which.found(kit, request, "followup")
    wanted = task_words.typed(one.rest)
    if not wanted.text:
        raise NotUnderstood(
            "What has to be done after it? Type it as `/incident followup Test the failover`."
        )
    who = acting.actor(kit, request)
    acting.climb(kit, who, one.incident.project, f"followup inc {one.incident.number}")
    owner, name = task_words.owner(kit, wanted.owner or task_words.ME, who.person, who.by.name)
    text = asking.plain(kit, wanted.text)
    with kit.store.write() as tx:
        followups.want(tx, kit, one.incident, who.by, text, owner=owner, name=name)
        acting.note(tx, kit, who.by, one.incident, "follow-up", text)
    kit.deliver()
    return elsewhere(
        request, one.incident, f"inc {one.incident.number} hears of its issue once GitLab has made it."
    )


def press_add(click: Click, kit: Kit) -> Message | None:
    return _open(click, kit, which.pressed(kit, click).incident)


def _press(move: str) -> Callable[[Click, Kit], Message | None]:
    """What a button beside a task does."""

    def press(click: Click, kit: Kit) -> Message | None:
        one = which.pressed(kit, click)
        return _move(click, kit, one.incident, move, int(one.rest or 0))

    return press


def send(form: Form, kit: Kit) -> Message | None:
    one, minutes = which.pressed(kit, form), form.values.get(incident_tasks.MINUTES, "").strip()
    after = int(minutes) * _MINUTE if minutes.isdecimal() and int(minutes) <= MOST_MINUTES else None
    text, owner = form.values.get(incident_tasks.TEXT, ""), form.values.get(incident_tasks.OWNER, "")
    return _add(form, kit, one.incident, task_words.Typed(text, owner, after))


def check(form: Form, _kit: Kit) -> dict[str, str]:
    minutes = form.values.get(incident_tasks.MINUTES, "").strip()
    if minutes and not (minutes.isdecimal() and 0 < int(minutes) <= MOST_MINUTES):
        return {incident_tasks.MINUTES: f"Write a whole number of minutes, at most {MOST_MINUTES}, a week."}
    return {}


def _open(asked: Request | Click, kit: Kit, incident: Incident) -> Message | None:
    def fill() -> Block:
        return incident_tasks.form(incident, asked.place)

    if opening.show(kit, forms, asked, incident_tasks.SEND, "Add task", fill):
        return None
    return incident_tasks.offer(incident)


def _add(asked: Request | Form, kit: Kit, incident: Incident, wanted: task_words.Typed) -> Message | None:
    who = acting.actor(kit, asked)
    acting.climb(kit, who, incident.project, f"task inc {incident.number}")
    owner, name = task_words.owner(kit, wanted.owner, who.person, who.by.name)
    text = asking.plain(kit, wanted.text)
    due = kit.now() + wanted.after if wanted.after is not None else None
    with kit.store.write() as tx:
        made = tasks.add(
            tx, kit, incident, text, acting.who(who.by), owner=owner, owner_name=name, due=due,
            source=f"slack:{who.by.key}:task",
        )  # fmt: skip
        acting.note(tx, kit, who.by, incident, "task", f"{made.number}. {made.text}")
    kit.deliver()
    return elsewhere(asked, incident, f"Task {made.number} of inc {incident.number} is added.")


def _move(asked: Request | Click, kit: Kit, incident: Incident, move: str, number: int) -> Message | None:
    """Do something with a task; whoever is too late hears how it is, alone."""
    who = acting.actor(kit, asked)
    acting.climb(kit, who, incident.project, f"task {move} {number} inc {incident.number}")
    act = Act(acting.who(who.by), SLACK, f"slack:{who.by.key}:task")
    with kit.store.write() as tx:
        one = tasks.numbered(tx, incident, number)
        if tasks.MOVES[move](tx, kit, incident, one, act, who.person):
            acting.note(tx, kit, who.by, incident, f"task {move}", f"{one.number}. {one.text}")
        else:
            raise Refused(_already(one.state, one.done_by, one.owner_name, number))
        now = tasks.numbered(tx, incident, number)
    kit.deliver()
    how = "yours" if move == "take" else now.state
    return elsewhere(asked, incident, f"Task {number} of inc {incident.number} is {how}.")


def _already(state: str, by: str, owner: str, number: int) -> str:
    if state != tasks.OPEN:
        return f"Task {number} is {state} already{f', by {by}' if by else ''}."
    return f"Task {number} is {owner}'s already." if owner else f"Task {number} is open already."


PART = Part(
    verbs={"task": task, "tasks": listing, "followup": follow_up},
    buttons={
        incident_tasks.ADD: press_add, **{action: _press(move) for action, move in incident_tasks.MOVES.items()},
    },
    forms={incident_tasks.SEND: send},
    checks={incident_tasks.SEND: check},
    kinds={
        **tasks.kinds(draw, incident_tasks), **descriptions.kinds(draw, tasks.ticked), **followups.kinds(draw),
    },
    dues={followups.NAG: lambda kit, due, incident: followups.nag(kit, incident_tasks, due, incident)},
)  # fmt: skip
