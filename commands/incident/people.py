"""`incident role`, `join` and `leave`: who has which part in an incident, and how command is taken and handed over."""

from __future__ import annotations

from collections.abc import Callable

import blocks.incident as draw
from blocks import forms, incident_life, incident_people
from blocks.answers import said
from bot import opening
from bot.command import Click, Form, Heard, Request
from bot.errors import NotUnderstood, Refused
from bot.incident import SLACK, Change, Incident
from bot.incident_work import Due
from bot.incidents import acting, cards, which
from bot.incidents.acting import Actor
from bot.incidents.crew import handing, handovers, notes, people
from bot.incidents.crew.handovers import Desk
from bot.incidents.crew.people import COMMANDER, Given
from bot.incidents.values import value
from bot.incidents.which import Found
from bot.issues.people import ME, MENTION, NOBODY, name_of
from bot.kit import Kit
from bot.model import Block, Message, Person
from commands.incident.parts import Part, elsewhere

_SHOWN = 40


def _desk(kit: Kit) -> Desk:
    return Desk(kit, draw, incident_people)


# What is typed ----------------------------------------------------------------------------------------------


def role(request: Request, kit: Kit) -> Message | None:
    """Show who has which part, or give one: `role comms @bob`."""
    one = which.found(kit, request, "role")
    word, _, rest = one.rest.strip().partition(" ")
    if not word:
        acting.look(kit, request, one.incident.project, f"role inc {one.incident.number}")
        with kit.store.read() as tx:
            return incident_people.roles(one.incident, tx.holders.present(one.incident.id))
    part = people.ROLES.get(word.lower())
    if part is None:
        raise NotUnderstood(
            f"`{word[:_SHOWN].replace('`', chr(39))}` is no part. They are commander (or ic), comms, ops and scribe:"
            " `/incident role comms @bob`."
        )
    whom, _, more = rest.strip().partition(" ")
    who = acting.actor(kit, request)
    if part == COMMANDER:
        told = _command(kit, who, one.incident, whom, more.strip() or request.permit.reason)
        return told or elsewhere(request, one.incident, _has(kit, one.incident, part))
    _give(kit, who, one.incident, part, whom or ME)
    return elsewhere(request, one.incident, _has(kit, one.incident, part))


def _has(kit: Kit, incident: Incident, part: str) -> str:
    """Return who has a part by now, as a sentence in mrkdwn."""
    with kit.store.read() as tx:
        held, now = tx.holders.now(incident.id, part), tx.incidents.get(incident.id) or incident
    name = now.commander_name if part == COMMANDER else held.name if held else ""
    return f"{draw.name(name or 'Nobody')} is {people.NAMES[part]} of inc {now.number}."


def _command(kit: Kit, who: Actor, incident: Incident, whom: str, more: str) -> Message | None:
    """Take command, ask somebody to, or lay it down."""
    meant = _meant(who, whom or ME)
    if meant == who.person.id:
        handing.take(_desk(kit), who, incident, more)
        return None
    if meant:
        one = handing.ask(_desk(kit), who, incident, meant, more)
        return incident_people.told(f"{one.to_name} is asked, and hears it in a direct message.")
    _lay_down(kit, who, incident, more)
    return None


def _meant(who: Actor, whom: str) -> str:
    """The Slack id of whoever is named; empty for nobody."""
    if whom.casefold() in NOBODY:
        return ""
    if whom.casefold().removeprefix("@") == ME:
        return who.person.id
    found = MENTION.fullmatch(whom)
    if found is None:
        raise NotUnderstood(f"Who is {whom[:_SHOWN]}? Mention somebody, or type `me` or `none`.")
    return found["id"]


def _lay_down(kit: Kit, who: Actor, incident: Incident, reason: str) -> None:
    acting.climb(kit, who, incident.project, f"role commander none inc {incident.number}")
    source = f"slack:{who.by.key}:commander"
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        if now.led_by and now.commander != who.person and not reason:
            raise Refused(
                f"{now.commander_name} commands it. Say why: `/incident role commander none <reason>`."
            )
        change = Change(COMMANDER, "", acting.who(who.by), kit.now(), SLACK, source, reason)
        after = people.lay_down(tx, kit, draw, now, change)
    kit.deliver()
    if now.commander not in {None, who.person} and after.commander is None:
        said = (
            f"{who.by.name} has taken command of {after.reference} from you, and nobody has it now: {reason}"
        )
        handing.tell_before(_desk(kit), after, now.commander, said)


def _give(kit: Kit, who: Actor, incident: Incident, part: str, whom: str) -> None:
    acting.climb(kit, who, incident.project, f"role {part} inc {incident.number}")
    meant = _meant(who, whom)
    about = people.checked(kit, meant) if meant else None
    person = Person(who.person.team, about.id) if about else None
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        people.give(tx, kit, draw, now, who.by, Given(part, person, about.name if about else ""))
    kit.deliver()


def join(request: Request, kit: Kit) -> Message:
    return _join(request, kit, which.found(kit, request, "join").incident)


def _join(asked: Request | Click, kit: Kit, one: Incident) -> Message:
    """Let whoever asks into the room, and have them take part from then on."""
    acting.let(kit, asked, one.project, f"join inc {one.number}")
    people.bring_in(kit, one, asked.person.id)
    with kit.store.write() as tx:
        people.joined(tx, kit, one, asked.person, asked.name or asked.person.id)
        cards.redraw(tx, kit, draw, one, urgent=False)
    return draw.joined(one)


def leave(request: Request, kit: Kit) -> Message:
    """End the parts of whoever asks; who commands hands over first."""
    one = which.found(kit, request, "leave").incident
    acting.let(kit, request, one.project, f"leave inc {one.number}")
    if one.commander == request.person and one.is_burning:
        raise Refused(
            "You command it. Hand it over first, `/incident role commander @bob`, or lay it down,"
            " `/incident role commander none`."
        )
    people.left(kit, draw, one, request.person, request.name, f"slack:{request.key}:leave")
    return said("You have no part in it any more. To leave its channel, type `/leave` there.")


# Buttons and forms ------------------------------------------------------------------------------------------


def press_join(click: Click, kit: Kit) -> Message:
    return _join(click, kit, which.pressed(kit, click).incident)


def press_take(click: Click, kit: Kit) -> Message | None:
    """Take command of what nobody commands."""
    one = which.pressed(kit, click)
    if one.incident.led_by and one.incident.commander != click.person:
        return _open_override(click, kit, one)
    handing.take(_desk(kit), acting.actor(kit, click), one.incident, "")
    return None


def press_hand_over(click: Click, kit: Kit) -> Message | None:
    """Ask the commander to whom; anybody else why they take over."""
    one = which.pressed(kit, click)
    if one.incident.led_by and one.incident.commander != click.person:
        return _open_override(click, kit, one)
    title, incident = "Hand over command", one.incident
    view: Callable[[], Block] = lambda: incident_people.hand_over(incident, click.place)  # noqa: E731
    if opening.show(kit, forms, click, incident_people.HAND_OVER, title, view):
        return None
    return incident_life.offer("Who shall take command?", title, incident_people.HAND_OVER, value(incident))


def _open_override(click: Click, kit: Kit, one: Found) -> Message | None:
    incident, title = one.incident, "Take command"
    view: Callable[[], Block] = lambda: incident_people.override(incident, click.place)  # noqa: E731
    if opening.show(kit, forms, click, incident_people.OVERRIDE, title, view):
        return None
    text = f"{incident.commander_name} commands it. To take over, say why: `/incident role commander me <reason>`."
    return incident_people.told(text)


def send_hand_over(form: Form, kit: Kit) -> Message | None:
    one = which.pressed(kit, form)
    to, note = form.values.get(incident_people.TO, ""), form.values.get(incident_people.NOTE, "")
    who = acting.actor(kit, form)
    if not to or to == who.person.id:
        raise NotUnderstood("Name somebody else who shall take command.")
    asked = handing.ask(_desk(kit), who, one.incident, to, note)
    return incident_people.told(f"{asked.to_name} is asked, and hears it in a direct message.")


def send_override(form: Form, kit: Kit) -> Message | None:
    one, reason = which.pressed(kit, form), form.values.get(incident_people.REASON, "")
    handing.take(_desk(kit), acting.actor(kit, form), one.incident, reason, instead_of=one.rest)
    return None


def press_accept(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click)
    handing.accept(_desk(kit), acting.actor(kit, click), one.incident, int(one.rest or 0))
    return None


def press_decline(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click)
    handing.decline(_desk(kit), acting.actor(kit, click), one.incident, int(one.rest or 0))
    return None


# What is heard, and what is due -----------------------------------------------------------------------------


def heard_said(kit: Kit, incident: Incident, heard: Heard) -> None:
    """Somebody says something in the room, and so takes part."""
    if not heard.person or heard.bot:
        return
    person = Person(heard.team or incident.team, heard.person)
    with kit.store.read() as tx:
        if people.is_here(tx, incident, person):
            return
    name = name_of(kit, heard.person)
    with kit.store.write() as tx:
        people.spoke(tx, kit, incident, person, name)


def heard_left(kit: Kit, incident: Incident, heard: Heard) -> None:
    """Somebody has left the room."""
    person = Person(heard.team or incident.team, heard.person)
    with kit.store.read() as tx:
        known = next((one.name for one in tx.holders.of(incident.id) if one.person == person), "")
    if known:
        people.left(kit, draw, incident, person, known, f"slack:{heard.key}:left")


def nobody_commands(kit: Kit, due: Due, incident: Incident) -> None:
    """Remind the room that nobody commands."""
    with kit.store.write() as tx:
        now = tx.incidents.get(incident.id) or incident
        if tx.dues.claim(due) and now.is_burning and now.commander is None and not now.commander_name:
            cards.say(tx, kit, draw, now, f"nobody.{due.due_at}", incident_people.nobody(now))


PART = Part(
    verbs={"role": role, "join": join, "leave": leave},
    buttons={
        draw.JOIN: press_join, incident_people.TAKE: press_take, incident_people.HAND_OVER: press_hand_over,
        incident_people.ACCEPT: press_accept, incident_people.DECLINE: press_decline,
    },
    forms={incident_people.HAND_OVER: send_hand_over, incident_people.OVERRIDE: send_override},
    kinds={notes.KIND: notes.NOTING},
    dues={
        handovers.DUE: lambda kit, due, incident: handing.expire(_desk(kit), due, incident),
        people.GONE: nobody_commands,
        people.PRESENCE: lambda kit, due, incident: people.look(kit, draw, due, incident),
    },
    hears={"said": heard_said, "left": heard_left},
    ticks=(people.tick,),
)  # fmt: skip
