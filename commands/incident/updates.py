"""`incident update`, `follow` and `unfollow`: words on an incident, what asks for them, and who hears them."""

from __future__ import annotations

from collections.abc import Callable

import blocks.incident as draw
from blocks import forms, incident_updates
from blocks.answers import said
from bot import opening
from bot.command import Click, Form, Request
from bot.edges.store import Tx
from bot.errors import NotLinked, Refused
from bot.incident import Incident, State, Who
from bot.incidents import acting, asking, life, states, which
from bot.incidents.crew import followers, nudges, updates
from bot.incidents.crew.update import Update
from bot.incidents.crew.updates import Desk
from bot.incidents.which import Found
from bot.kit import Kit
from bot.model import Block, Message
from bot.text import one_line, plural
from commands.incident.parts import Part, elsewhere

_MINUTE = 60_000
#: Characters of an update that whoever wrote it is given back.
WROTE = 1_000
UNSAID = "It is written down; there is no room yet in which to say it."


def _desk(kit: Kit) -> Desk:
    return Desk(kit, draw, incident_updates)


# Updates ----------------------------------------------------------------------------------------------------


def update(request: Request, kit: Kit) -> Message | None:
    """Say the update that was typed; without one open the form."""
    one = which.found(kit, request, "update")
    if not one.rest.strip():
        return _open(request, kit, one.incident)
    text = asking.plain(kit, one.rest)
    return _post(request, kit, one, Update(text, announce=True))


def press_update(click: Click, kit: Kit) -> Message | None:
    return _open(click, kit, which.pressed(kit, click).incident)


def _open(asked: Request | Click, kit: Kit, incident: Incident) -> Message | None:
    def fill() -> Block:
        public = updates.is_public(incident)
        return incident_updates.form(incident, asked.place, states.legal(incident), public=public)

    if opening.show(kit, forms, asked, draw.UPDATE, "Update", fill):
        return None
    return incident_updates.offer(incident)


def send_update(form: Form, kit: Kit) -> Message | None:
    one, values = which.pressed(kit, form), form.values
    minutes, heard = (
        values.get(incident_updates.MINUTES, ""),
        values.get(incident_updates.AUDIENCE, "").split("\n"),
    )
    wanted = Update(
        values.get(incident_updates.CHANGED, ""), values.get(incident_updates.IMPACT, ""),
        values.get(incident_updates.NEXT, ""), int(minutes) * _MINUTE if minutes.isdecimal() else None,
        incident_updates.FOLLOWERS in heard, incident_updates.ANNOUNCE in heard, incident_updates.PUBLIC in heard,
    )  # fmt: skip
    state, severity = values.get(incident_updates.STATE, ""), values.get(incident_updates.SEVERITY, "")
    try:
        return _post(form, kit, one, wanted, state, severity)
    except NotLinked:  # It is sent in once more by itself as soon as an account is connected.
        raise
    except Refused as error:  # The form is gone by now: what was written there is not lost.
        raise Refused(f"{error.sentence} You wrote: {one_line(wanted.text, WROTE)}") from error


def _post(
    asked: Request | Form, kit: Kit, one: Found, wanted: Update, state: str = "", severity: str = ""
) -> Message | None:
    """Post an update, with another state and severity if the form has some; all of it or nothing."""
    who = acting.actor(kit, asked)
    acting.climb(kit, who, one.incident.project, f"update inc {one.incident.number}")

    def act(tx: Tx) -> Incident:
        now = tx.incidents.get(one.incident.id) or one.incident
        for what, value, is_so in (
            ("severity", severity, severity == str(now.severity)), ("state", state, state == now.state),
        ):  # fmt: skip
            if value and not is_so:
                change = acting.change(kit, who.by, what, State(value) if what == "state" else value)
                now = life.apply(tx, kit, draw, now, change)
        return updates.post(tx, _desk(kit), now, who.by, wanted)

    after = asking.within(kit, draw, one, act)
    return elsewhere(asked, after, f"It is said in {draw.room(after)}." if after.channel else UNSAID)


# What is pressed when one is due ----------------------------------------------------------------------------


def _snooze(minutes: int) -> Callable[[Click, Kit], Message | None]:
    """What a button that puts an update off does."""

    def press(click: Click, kit: Kit) -> Message | None:
        one, who = which.pressed(kit, click), acting.actor(kit, click)
        acting.climb(kit, who, one.incident.project, f"snooze inc {one.incident.number}")
        after = nudges.snooze(_desk(kit), who.by, one.incident, minutes)
        return elsewhere(click, after, f"The update is put off by {plural(minutes, 'minute')}.")

    return press


def press_nothing(click: Click, kit: Kit) -> Message | None:
    one, who = which.pressed(kit, click), acting.actor(kit, click)
    acting.climb(kit, who, one.incident.project, f"update inc {one.incident.number}")
    after = nudges.nothing_new(_desk(kit), who.by, one.incident)
    return elsewhere(click, after, f"It is said in {draw.room(after)}." if after.channel else UNSAID)


# Followers --------------------------------------------------------------------------------------------------


def follow(request: Request, kit: Kit) -> Message:
    return _follow(request, kit, which.found(kit, request, "follow").incident)


def press_follow(click: Click, kit: Kit) -> Message:
    return _follow(click, kit, which.pressed(kit, click).incident)


def _follow(asked: Request | Click, kit: Kit, incident: Incident) -> Message:
    acting.let(kit, asked, incident.project, f"follow inc {incident.number}")
    room = kit.people.dm(asked.person.id)
    who = (asked.person, asked.name or asked.person.id, room)
    with kit.store.write() as tx:
        is_new = followers.follow(tx, kit, incident_updates, incident, who)
    kit.deliver()
    if not is_new:
        return said("You follow it already: see your direct messages with me.")
    return said("You follow it: one direct message, which is edited with every update.")


def unfollow(request: Request, kit: Kit) -> Message:
    return _unfollow(request, kit, which.found(kit, request, "unfollow").incident)


def press_unfollow(click: Click, kit: Kit) -> Message | None:
    """The message whose button it is says so by itself, in somebody's direct messages."""
    done = _unfollow(click, kit, which.pressed(kit, click).incident)
    return None if click.place.is_dm else done


def _unfollow(asked: Request | Click, kit: Kit, incident: Incident) -> Message:
    acting.let(kit, asked, incident.project, f"unfollow inc {incident.number}")
    with kit.store.write() as tx:
        did = followers.unfollow(tx, kit, incident_updates, incident, asked.person)
    kit.deliver()
    return said("You do not follow it any more." if did else "You did not follow it.")


def press_request(click: Click, kit: Kit) -> Message:
    """Ask the room for an update: anybody may, now and then."""
    one = which.pressed(kit, click).incident
    acting.let(kit, click, one.project, f"request_update inc {one.number}")
    who = Who(click.name or click.person.id, click.person)
    with kit.store.write() as tx:
        followers.request(tx, kit, draw, one, who, f"slack:{click.key}:request")
    kit.deliver()
    return said("The room is asked for an update.")


PART = Part(
    verbs={"update": update, "follow": follow, "unfollow": unfollow},
    buttons={
        draw.UPDATE: press_update, draw.FOLLOW: press_follow, draw.REQUEST: press_request,
        incident_updates.UNFOLLOW: press_unfollow, incident_updates.NOTHING: press_nothing,
        **{action: _snooze(minutes) for action, minutes in incident_updates.SNOOZES.items()},
    },
    forms={draw.UPDATE: send_update},
    more={draw.FOLLOWING: press_follow},
    kinds=updates.kinds(draw, incident_updates),
    dues={
        updates.UPDATE: lambda kit, due, incident: nudges.nudge(_desk(kit), due, incident),
        nudges.OPEN: lambda kit, due, incident: nudges.watch(_desk(kit), due, incident),
    },
)  # fmt: skip
