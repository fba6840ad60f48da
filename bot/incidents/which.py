"""Which incident somebody means: the one they name, else that of the room they are in; and who may see it."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from bot.command import Click, Form, Request
from bot.edges.store import Tx
from bot.errors import LeftOut, NotUnderstood, SlackError
from bot.incident import Incident
from bot.incidents.values import BETWEEN, value
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Option, Person, Place
from bot.text import one_line

#: `#4`, `acme/shop#4`, `shop#4` is the issue; `inc 7`, `inc-7` and `inc7` the number of the incident itself.
_ISSUE = re.compile(r"(?P<project>[\w./-]*)#(?P<number>\d{1,9})")
_OWN = re.compile(r"inc[- ]?(?P<number>\d{1,9})\b", re.IGNORECASE)
TITLE_SHOWN = 60
__all__ = [
    "Found",
    "choices",
    "found",
    "here",
    "is_room_open",
    "may_see",
    "pressed",
    "seen",
    "takes_part",
    "value",
]


@dataclass(frozen=True, slots=True)
class Found:
    """An incident, and what was typed after it."""

    incident: Incident
    rest: str = ""
    version: int = 0
    """The version that a button was drawn for; 0 for what was typed."""


def here(kit: Kit, place: Place) -> Incident | None:
    """Return the incident whose room a place is; of a room that was used again the newest."""
    with kit.store.read() as tx:
        return tx.incidents.at(place)


def found(kit: Kit, request: Request, act: str) -> Found:
    """
    Return the incident that was typed after a verb, or that of the room, and what follows.

    Raises LeftOut with those that are open, NotUnderstood for one that is not there or not for this person.
    """
    text = request.line.after(1)
    said = named(kit, request, text)
    if said is not None:
        return said
    one = here(kit, request.place)
    if one is not None:
        return Found(seen(kit, request.person, one), text)
    raise _which(kit, request, act, text)


def pressed(kit: Kit, asked: Click | Form) -> Found:
    """
    Return the incident that a button or form is about, and what was picked with it.

    Raises NotUnderstood for one that is forgotten.
    """
    key, _, more = asked.value.partition(BETWEEN)
    version, _, rest = more.partition(BETWEEN)
    with kit.store.read() as tx:
        one = tx.incidents.get(key)
    if one is None:
        raise NotUnderstood("That card is too old: I do not know its incident any more.")
    return Found(seen(kit, asked.person, one), rest, int(version) if version.isdecimal() else 0)


def named(kit: Kit, request: Request, text: str) -> Found | None:
    """Return the incident whose name a text begins with, and what follows; None if it begins with none."""
    own, issue = _OWN.match(text), _ISSUE.match(text)
    if own:
        with kit.store.read() as tx:
            one = tx.incidents.numbered(int(own["number"]))
        return _or_none(kit, request, one, own[0], text[own.end() :].strip())
    if not issue or text[issue.end() : issue.end() + 1].strip():
        return None
    with kit.store.read() as tx:
        open_and_over = tx.incidents.where("iid = ? ORDER BY number DESC", int(issue["number"]))
    path = _project(kit, request, issue["project"])
    one = next((one for one in open_and_over if path in {None, one.project}), None)
    return _or_none(kit, request, one, issue[0], text[issue.end() :].strip())


def _project(kit: Kit, request: Request, said: str) -> str | None:
    """Return the path before a number; None where any project is meant."""
    if said:
        return projects.path_of(kit, request.person.team, said) or said
    if request.project:
        return projects.checked(kit, request)
    own = here(kit, request.place)
    return own.project if own else projects.of_place(kit, request.person, request.place)


def _or_none(kit: Kit, request: Request, one: Incident | None, said: str, rest: str) -> Found:
    if one is None or not may_see(kit, request.person, one):
        raise NotUnderstood(
            f"I know no incident {said}, or it is not for you. `/incident list` has those that are open."
        )
    return Found(one, rest)


def _which(kit: Kit, request: Request, act: str, text: str) -> NotUnderstood:
    options = choices(kit, request.person)
    if not options:
        return NotUnderstood(
            "There is no open incident. `/incident declare sev2 What is wrong` declares one."
        )
    return LeftOut("Which incident?", before=f"incident {act}", after=text, options=tuple(options))


def choices(kit: Kit, person: Person) -> list[Option]:
    """Return the open incidents that somebody may see, the worst first."""
    with kit.store.read() as tx:
        known = tx.incidents.open_ones()
    return [
        Option(
            one_line(f"inc {one.number} {kit.redact(one.title)}", TITLE_SHOWN), f"inc-{one.number}", one.state
        )
        for one in known
        if may_see(kit, person, one)
    ]


def seen(kit: Kit, person: Person, one: Incident) -> Incident:
    """Return the incident if it is for this person. Raises NotUnderstood, which tells nothing of it, if not."""
    if not may_see(kit, person, one):
        raise NotUnderstood("I know no such incident, or it is not for you.")
    return one


def may_see(kit: Kit, person: Person, one: Incident) -> bool:
    """Tell whether somebody may know of an incident: of a private one only who takes part in it."""
    if not one.private:
        return True
    with kit.store.read() as tx:
        return takes_part(tx, person, one)


def takes_part(tx: Tx, person: Person, one: Incident) -> bool:
    """
    Tell whether an incident is for this person: one that is not private is for everybody.

    Whoever has, or had, a part in a private one, unless they have left its room since, or were removed from it.
    """
    if not one.private or person in {one.declarer, one.commander}:
        return True
    return tx.holders.is_known(one.id, person) and tx.incident_facts.get(one.id, gone(person)) is None


def gone(person: Person) -> str:
    """Return the name of the fact that somebody has left the room of an incident, and did not come back."""
    return f"gone.{person.team}/{person.id}"


def is_room_open(kit: Kit, incident: Incident) -> bool:
    """Tell whether people read along in its room who may not see what is hidden in GitLab; if in doubt they do."""
    if not incident.channel:
        return not incident.private
    with suppress(SlackError):
        return not kit.slack.room(incident.channel).is_private
    return True
