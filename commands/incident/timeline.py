"""`incident timeline`, the form for it, and the marks on messages: what happened, on both sides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import blocks.incident_timeline as draw
from blocks import forms
from blocks.incident import TIMELINE
from bot import opening
from bot.command import Click, Form, Heard, Request, Shortcut
from bot.errors import NotUnderstood
from bot.incident import Incident
from bot.incidents import acting, which
from bot.incidents.chart import charting, chronicle, mark_facts, marks, moments, timeline, timeline_watch
from bot.incidents.chart.chronicle import Entry
from bot.incidents.values import BETWEEN, value
from bot.kit import Kit
from bot.model import Block, Message, Millis, Option, Place
from commands.incident.parts import Part

#: What a form is about besides an incident: an event that is changed, or a message.
EVENT, MESSAGE = "e", "m"
#: Stands between the parts of that; between ids of ours, and in Slack's timestamps, it does not occur.
SLASH = "/"
#: In place of an incident that is picked in the form.
ANY = "-"
_MINUTE: Millis = 60_000


# What is typed ----------------------------------------------------------------------------------------------


def run(request: Request, kit: Kit) -> Message | None:
    """Show the last events to the asker, or put on the timeline what is typed."""
    one = which.found(kit, request, "timeline")
    incident, now = one.incident, kit.now()
    if not one.rest.strip():
        acting.look(kit, request, incident.project, f"timeline inc {incident.number}")
        events, total = chronicle.latest(kit, incident)
        return draw.listing(incident, events, total, now, prefix=request.prefix)
    told = moments.read(one.rest, now, lambda: kit.people.about(request.person.id).tz)
    if not told.rest:
        raise NotUnderstood(f"What happened then? Type `/incident timeline {told.typed} What happened`.")
    moments.check(told, incident, now, before=f"incident timeline inc-{incident.number}")
    entry = Entry(chronicle.typed(kit, told.rest), told.at)
    chronicle.put(kit, draw, acting.actor(kit, request), incident, entry)
    return _answer(kit, request.place, incident, entry.at)


def _answer(kit: Kit, place: Place, incident: Incident, at: Millis) -> Message | None:
    """Say what became of it, to who asked elsewhere; in the room all see it."""
    if incident.channel and place.channel == incident.channel:
        return None
    return draw.noted(incident, at, kit.now())


# The form ---------------------------------------------------------------------------------------------------


def use_message(shortcut: Shortcut, kit: Kit) -> Message | None:
    """Open the form on a message; of which incident is picked in it if the message is in the room of none."""
    if shortcut.message is None:
        raise NotUnderstood("Use this on a message: it is in the menu beside it.")
    entry = chronicle.pointed(kit, shortcut.message)
    here = which.here(kit, Place(entry.channel, entry.thread))
    about = SLASH.join((MESSAGE, entry.ts, entry.thread))
    if here is not None:
        incident = which.seen(kit, shortcut.person, here)
        return _open(shortcut, kit, value(incident, about), entry)
    choices = which.choices(kit, shortcut.person)
    if not choices:
        raise NotUnderstood("There is no open incident. `/incident declare sev2 What is wrong` declares one.")
    return _open(shortcut, kit, BETWEEN.join((ANY, "0", about)), entry, choices)


def more_timeline(click: Click, kit: Kit) -> Message | None:
    """`Add to timeline…` on the card."""
    one = which.pressed(kit, click)
    return _open(click, kit, value(one.incident), Entry("", kit.now()))


def press_edit(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click)
    event = chronicle.event_of(kit, one.incident, one.rest)
    chronicle.check_right(one.incident, event, click.person)
    about = value(one.incident, SLASH.join((EVENT, event.id)))
    return _open(click, kit, about, Entry(event.text, event.at, event.tag))


def press_undo(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click)
    chronicle.undo(kit, draw, click, one.incident, chronicle.event_of(kit, one.incident, one.rest))
    return None


def press_again(click: Click, kit: Kit) -> Message | None:
    """Open a form that could not be opened before."""
    incident, rest = _about(kit, click)
    return _open(click, kit, click.value, _first(kit, incident, rest, click.place))


def _open(
    asked: Click | Shortcut, kit: Kit, about: str, entry: Entry, choices: Sequence[Option] = ()
) -> Message | None:
    is_new = f"{BETWEEN}{EVENT}{SLASH}" not in about

    def fill() -> Block:
        return draw.form(
            about, asked.place, text=entry.text, at=entry.at, tag=entry.tag, which=choices, is_new=is_new
        )

    if opening.show(kit, forms, asked, draw.FORM, draw.TITLE, fill):
        return None
    return draw.offer(about)


def send(form: Form, kit: Kit) -> Message | None:
    incident, rest = _about(kit, form)
    if incident is None:
        raise NotUnderstood("Pick the incident.")
    who, known = acting.actor(kit, form), _first(kit, incident, rest, form.place)
    tag = form.values.get(draw.TAG, draw.NO_TAG)
    entry = replace(
        known,
        text=form.values.get(draw.TEXT, ""),
        at=_moment(form, known.at),
        tag="" if tag == draw.NO_TAG else tag,
    )
    kind, _, key = rest.partition(SLASH)
    if kind == EVENT:
        chronicle.change(kit, draw, who, incident, chronicle.event_of(kit, incident, key), entry)
    else:
        chronicle.put(kit, draw, who, incident, entry)
    return _answer(kit, form.place, incident, entry.at)


def check(form: Form, kit: Kit) -> Mapping[str, str]:
    """Return what is wrong with it while it is open; from the store."""
    wrong = {} if form.values.get(draw.TEXT, "").strip() else {draw.TEXT: "Say what happened."}
    if _moment(form, kit.now()) > kit.now() + moments.AHEAD_MS:
        wrong[draw.WHEN] = "That is still to come. Pick when it happened."
    return wrong


def _about(kit: Kit, asked: Click | Form) -> tuple[Incident | None, str]:
    """Return which incident a form is about, and what else; None while the incident is still to be picked."""
    if not asked.value.startswith(f"{ANY}{BETWEEN}"):
        one = which.pressed(kit, asked)
        return one.incident, one.rest
    rest, picked = asked.value.split(BETWEEN, 2)[2], asked.values.get(draw.WHICH, "")
    number = picked.rpartition("-")[2]
    with kit.store.read() as tx:
        found = tx.incidents.numbered(int(number)) if number.isdecimal() else None
    return (which.seen(kit, asked.person, found) if found else None), rest


def _first(kit: Kit, incident: Incident | None, rest: str, place: Place) -> Entry:
    """Return what a form begins with, but for its words."""
    kind, _, key = rest.partition(SLASH)
    if kind == MESSAGE:
        ts, _, thread = key.partition(SLASH)
        entry = Entry("", mark_facts.moment_of(ts), channel=place.channel, ts=ts, thread=thread)
        return chronicle.linked(kit, entry)
    if kind == EVENT and incident is not None:
        event = chronicle.event_of(kit, incident, key)
        return Entry(event.text, event.at, event.tag)
    return Entry("", kit.now())


def _moment(form: Form, known: Millis) -> Millis:
    """Return the moment that was picked, to the minute; the one that was there to the second if it is the same."""
    picked = form.values.get(draw.WHEN, "")
    at = int(picked) * 1000 if picked.isdecimal() else known
    return known if at // _MINUTE == known // _MINUTE else at


# What is heard ----------------------------------------------------------------------------------------------


def _edited(kit: Kit, incident: Incident, heard: Heard) -> bool:
    return marks.edited(kit, draw, incident, heard)


HEARS: Mapping[str, Callable[[Kit, Incident, Heard], object]] = {
    "reacted": marks.reacted, "unreacted": marks.unreacted, "edited": _edited, "deleted": marks.deleted,
}  # fmt: skip

PART = Part(
    verbs={"timeline": run},
    buttons={draw.EDIT: press_edit, draw.UNDO: press_undo, draw.FORM: press_again},
    forms={draw.FORM: send},
    checks={draw.FORM: check},
    shortcuts={draw.SHORTCUT: use_message},
    kinds={timeline.ERRAND: charting.kind(), marks.ERRAND: marks.kind(draw)},
    more={TIMELINE: more_timeline},
    hears=HEARS,
    ticks=(timeline_watch.tick,),
)
