"""Brings people into the room of an incident: who declared it, has a part in it, was chosen, or always comes."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import partial

from bot.edges.store import Tx
from bot.errors import BotError, SlackError
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import cards, errands
from bot.incidents.crew import people
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.incidents.life import INVITE
from bot.issues.people import name_of
from bot.kit import Kit
from bot.model import Person

#: The fact that keeps whom somebody chose when the incident was declared.
CHOSEN = "chosen"
#: Slack's ids of user groups begin so.
GROUP = "S"
#: Why somebody was not brought in, by Slack's code; other codes are named.
_WHY = {
    "user_is_restricted": "guests cannot be invited by me", "ura_max_channels": "a guest of one channel",
    "user_not_found": "not in this workspace", "no_user": "not in this workspace",
    "org_user_not_in_team": "not in this workspace", "cant_invite": "Slack does not let me",
}  # fmt: skip


def choose(tx: Tx, incident: Incident, picked: Iterable[str]) -> None:
    """Keep whom somebody chose until there is a room."""
    tx.incident_facts.put(incident.id, CHOSEN, json.dumps(list(dict.fromkeys(picked))))


def want(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want everybody brought into the room who belongs there."""
    key = f"invite.{incident.channel}"
    errands.write(tx, errands.new(kit, incident, INVITE, key, 0))


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how people are brought in; whoever is there already stays there."""
    return {INVITE: Kind(_invite, _invite, partial(_invited, draw), partial(_refused, draw))}


def chosen(tx: Tx, incident: Incident) -> list[str]:
    """Return whom somebody chose when it was declared."""
    return list(json.loads(tx.incident_facts.get(incident.id, CHOSEN) or "[]"))


def _invite(kit: Kit, errand: Errand, incident: Incident) -> Result:
    """Bring in the one whom the errand is about, else everybody who belongs there."""
    if not incident.channel:
        raise NotYet("There is no room yet.")
    with kit.store.read() as tx:
        picked = [] if errand.subject else chosen(tx, incident)
        present = [one.person.id for one in tx.holders.present(incident.id)]
    called = [errand.subject] if errand.subject else _everybody(kit, incident, [*picked, *present])
    names = {one: name_of(kit, one) for one in called}
    left = kit.slack.invite(incident.channel, called) if called and not incident.thread else ()
    return {"people": called, "names": names, "left": [list(one) for one in left], "chosen": picked}


def _everybody(kit: Kit, incident: Incident, picked: list[str]) -> list[str]:
    """Slack ids, each once; a user group as its members."""
    found = [incident.declarer.id, *([incident.commander.id] if incident.commander else [])]
    for one in (*kit.config.incidents.invite, *picked):
        found += _members(kit, one) if one.startswith(GROUP) else [one]
    return [one for one in dict.fromkeys(found) if one]  # Who declared it in GitLab may be nobody here.


def _members(kit: Kit, group: str) -> list[str]:
    """Without a group that Slack does not show, the others still come."""
    with suppress(SlackError):
        answer = kit.slack.asked("usergroups_users_list", usergroup=group)
        return [str(one) for one in answer.get("users") or ()]
    return []


def _invited(draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, result: Result) -> None:
    """Who was chosen takes part from now on; who could not be brought in is named; a thread calls them instead."""
    names, left = dict(result["names"]), dict(result["left"])
    for person_id in result["chosen"]:
        if person_id not in left:
            person = Person(incident.team, person_id)
            people.joined(tx, kit, incident, person, names.get(person_id, person_id))
    if incident.thread:
        others = [one for one in result["people"] if one != incident.declarer.id]
        if others:
            cards.say(tx, kit, draw, incident, _key(errand, "summons"), draw.summons(others))
    elif left:
        cards.say(tx, kit, draw, incident, _key(errand, "not.invited"), not_invited(left, names))


def _key(errand: Errand, what: str) -> str:
    """Return what a line is known by: one for everybody, and one for each who comes later."""
    return f"{what}.{errand.id}" if errand.subject else what


def not_invited(left: Mapping[str, str], names: Mapping[str, str]) -> str:
    """Return who could not be brought into a room and why, as a sentence in plain text."""
    others = [f"{names.get(person, person)} ({_WHY.get(code, code)})" for person, code in left.items()]
    return f"I could not bring in {', '.join(others)}. Invite them with /invite."


def _refused(draw: Drawing, tx: Tx, kit: Kit, errand: Errand, incident: Incident, error: BotError) -> None:
    cards.say(
        tx, kit, draw, incident, _key(errand, "not.invited"), f"I could bring in nobody. {error.sentence}"
    )
