"""What each change comes to: the columns it sets and what is told of it, or why it is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from bot.edges.store import Tx
from bot.errors import Refused
from bot.incident import (
    BOT,
    FULL,
    FULL_INTERNAL,
    OVER,
    POLICIES,
    SEVERITIES,
    SLACK,
    Change,
    Incident,
    State,
)
from bot.incidents import gates, states
from bot.incidents.outcomes import QUOTED, Outcome
from bot.kit import Kit
from bot.model import Millis, Person
from bot.text import clip, one_line
from bot.tracker import TITLE_LIMIT

ON, OFF = "on", "off"
#: Characters that are kept of a summary and of what people write on cause, impact and fix.
TEXT_KEPT = 3_000
#: What a time may lie in the future, for clocks that differ.
AHEAD_MS: Millis = 60_000
#: Stands before the username of a commander who was assigned in GitLab and has no account connected here.
STRANGER = "@"


Rule = Callable[[Tx, Kit, Incident, Change], Outcome | None]


def decide(tx: Tx, kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    """
    Return what a change comes to; None if it is so already.

    Raises Refused, with what is possible instead, and ValueError for something there is no rule for.
    """
    rule = RULES.get(change.what)
    if rule is None:
        raise ValueError(f"There is no rule for a change of {change.what}")
    return rule(tx, kit, incident, change)


# State ------------------------------------------------------------------------------------------------------


def _state(tx: Tx, kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    wanted = State(change.value)
    if wanted is incident.state:
        return None
    if wanted not in states.legal(incident):
        raise Refused(
            f"It is {states.named(incident.state)}. From there it can become"
            f" {states.listed(states.legal(incident))}, not {states.named(wanted)}."
        )
    if wanted is State.MERGED:
        raise Refused("Say of which other incident it is a duplicate.")
    _check_reason(incident, wanted, change)
    return _moved(tx, kit, incident, wanted, change)


def _check_reason(incident: Incident, wanted: State, change: Change) -> None:
    if change.origin != SLACK:
        return
    reason = change.reason.strip()
    if states.is_reopening(incident.state, wanted) and len(reason) < states.REOPEN_LEAST:
        raise Refused(
            f"It is {states.named(incident.state)}. To reopen it, say why, in at least {states.REOPEN_LEAST}"
            " characters: `/incident reopen <reason>`."
        )
    if wanted in {State.DECLINED, State.CANCELED} and not reason:
        word = "decline" if wanted is State.DECLINED else "cancel"
        raise Refused(f"Say why: `/incident {word} <reason>`.")


def _moved(_tx: Tx, _kit: Kit, incident: Incident, wanted: State, change: Change) -> Outcome:
    is_reopening = states.is_reopening(incident.state, wanted)
    did = "reopened it" if is_reopening else f"set it to {states.named(wanted)}"
    tag = states.TIMES["mitigated_at"][1] if wanted is State.MONITORING and not incident.mitigated_at else ""
    columns = states.entering(incident, wanted, change.at)
    if is_reopening and gates.is_about_gates(incident.trouble):
        columns["trouble"] = ""
    return Outcome(columns, did, kind="state", reason=change.reason, is_public=True, tag=tag)


def _closed(tx: Tx, kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    """Follow an issue that somebody closed in GitLab, from whatever state: nobody is fought."""
    if not incident.is_open:
        return None
    moved = _moved(tx, kit, incident, State.CLOSED, change)
    items = gates.missing(incident, kit.config.incidents.review_severity)
    trouble = {"trouble": gates.lacking(items)} if items else {}
    return replace(moved, columns={**moved.columns, **trouble}, did="closed it")


def _merged(tx: Tx, _kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    if incident.state is State.MERGED and incident.merged_into == change.value:
        return None
    survivor = tx.incidents.get(change.value)
    if survivor is None or survivor.id == incident.id:
        raise Refused("It cannot be a duplicate of that: name another incident.")
    if State.MERGED not in states.legal(incident):
        raise Refused(f"It is {states.named(incident.state)}, and can be merged into nothing any more.")
    if not survivor.is_open:
        raise Refused(
            f"{survivor.reference} is {states.named(survivor.state)}: nothing can be merged into it. Reopen it first."
        )
    columns = states.entering(incident, State.MERGED, change.at) | {"merged_into": survivor.id}
    did = f"marked it as a duplicate of {states.openly(survivor)}"
    return Outcome(columns, did, kind="state", reason=change.reason, is_public=True)


def _status(_tx: Tx, _kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    """GitLab's escalation status, as somebody set it there."""
    if change.value == incident.escalation:
        return None
    columns: dict[str, Any] = {"escalation": change.value}
    if change.value == states.ACKNOWLEDGED and incident.acked_at is None:
        columns["acked_at"] = change.at
    return Outcome(columns, f"set its status to {change.value.capitalize()}")


def _severity(_tx: Tx, _kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    wanted = int(change.value) if change.value.isdecimal() else -1
    if wanted not in SEVERITIES or (wanted == 0 and change.origin == SLACK):
        raise Refused(
            f"The severity is a number from 1, the worst, to 4, not {one_line(change.value, QUOTED)}."
        )
    if wanted == incident.severity:
        return None
    turn = "raised" if 0 < wanted < (incident.severity or 5) else "lowered"
    did = (
        f"{turn} the severity from {incident.severity} to {wanted}"
        if incident.severity and wanted
        else f"set the severity to {wanted or 'unknown'}"
    )
    return Outcome({"severity": wanted}, did, reason=change.reason, is_public=True)


# People -----------------------------------------------------------------------------------------------------


def _commander(tx: Tx, _kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    if change.value.startswith(STRANGER) or not change.value:
        if incident.commander is None and incident.commander_name == change.value:
            return None
        who = f"made {change.value} commander" if change.value else "left it without a commander"
        nobody = {"commander": None, "commander_name": change.value}
        return Outcome(nobody, who, reason=change.reason, is_public=True)
    person, name = commander_of(tx, change)
    if incident.commander == person:
        return None
    columns: dict[str, Any] = {"commander": person, "commander_name": name}
    if incident.acked_at is None:
        columns["acked_at"] = change.at
    if incident.escalation == states.TRIGGERED:
        columns["escalation"] = states.ACKNOWLEDGED
    instead = f" from {incident.commander_name}" if incident.commander is not None else ""
    did = f"took command{instead}" if change.who.person == person else f"made {name} commander"
    return Outcome(columns, did, reason=change.reason, is_public=True)


def commander_of(tx: Tx, change: Change) -> tuple[Person, str]:
    """Return who a change makes commander: `team/id`, behind which `/` and a name may stand."""
    team, _, rest = change.value.partition("/")
    person_id, _, said = rest.partition("/")
    person = Person(team, person_id)
    if said or change.who.person == person:
        return person, said or change.who.name
    account = tx.accounts.get(person)
    return person, account.username if account else person.id


# Texts ------------------------------------------------------------------------------------------------------


def _title(_tx: Tx, kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    title = one_line(kit.redact(change.value), TITLE_LIMIT).strip()
    if not title:
        raise Refused("An incident has a title: `/incident title <text>`.")
    if title == incident.title:
        return None
    return Outcome({"title": title}, "renamed it", one_line(title, QUOTED), is_public=True)


def _text(name: str, did: str, *, is_public: bool = False) -> Rule:
    def rule(_tx: Tx, kit: Kit, incident: Incident, change: Change) -> Outcome | None:
        text = clip(kit.redact(change.value).strip(), TEXT_KEPT)
        if text == getattr(incident, name):
            return None
        columns: dict[str, Any] = {name: text}
        if gates.is_about_gates(incident.trouble):
            after = replace(incident, **columns)
            columns["trouble"] = gates.lacking(gates.missing(after, kit.config.incidents.review_severity))
        return Outcome(columns, did, one_line(text, QUOTED) or "nothing", is_public=is_public)

    return rule


def _flag(name: str) -> Rule:
    """What only the bot notices: no event, since nobody did it."""

    def rule(_tx: Tx, _kit: Kit, incident: Incident, change: Change) -> Outcome | None:
        return None if getattr(incident, name) == change.value else Outcome({name: change.value})

    return rule


# Who sees what ----------------------------------------------------------------------------------------------


def _private(_tx: Tx, kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    if change.value not in {ON, OFF}:
        raise Refused("Say on or off: `/incident private on`.")
    wanted = change.value == ON
    if wanted is incident.private:
        return None
    # What is said in the room goes to GitLab as internal notes from now on (incidents.md 2.3); that stays so when it
    # becomes public again, until somebody says otherwise then: whoever said so before meant those who take part.
    policy = {"policy": FULL_INTERNAL} if wanted or incident.policy == FULL else {}
    columns = {"private": wanted, **policy, **({} if wanted else _announced(kit, incident))}
    return Outcome(columns, "made it private" if wanted else "made it visible to everybody", is_public=True)


def _announced(kit: Kit, incident: Incident) -> dict[str, Any]:
    """Where an incident is announced that has a room and was private from the first: it did without until now."""
    is_missed = incident.channel and not incident.thread and not incident.announced_in
    return {"announced_in": kit.config.incidents.announce} if is_missed else {}


def _policy(_tx: Tx, _kit: Kit, incident: Incident, change: Change) -> Outcome | None:
    if change.value not in POLICIES:
        raise Refused(f"The policy is one of {', '.join(POLICIES)}, not {one_line(change.value, QUOTED)}.")
    if change.value == incident.policy:
        return None
    did = f"set the policy of the discussion to {change.value}"
    # Where nobody has asked for it, whoever did it tells the room why (commands/incident/talk.py).
    return Outcome({"policy": change.value}, did, reason=change.reason, is_public=change.origin != BOT)


# Times ------------------------------------------------------------------------------------------------------


def _time(name: str) -> Rule:
    words, tag = states.TIMES[name]

    def rule(_tx: Tx, _kit: Kit, incident: Incident, change: Change) -> Outcome | None:
        at = int(change.value)
        if at == getattr(incident, name):
            return None
        if at > change.at + AHEAD_MS:
            raise Refused(f"When {words} cannot lie in the future.")
        if name == "resolved_at" and incident.state not in OVER and incident.resolved_at is None:
            raise Refused("It is not resolved yet: `/incident resolve` asks for the time as well.")
        why = states.misplaced(incident, name, at)
        if why:
            raise Refused(f"It cannot be that {words} then: {why}. Correct that time first.")
        return Outcome({name: at}, f"said when {words}", kind="time", at=at, tag=tag)

    return rule


RULES: Mapping[str, Rule] = MappingProxyType({
    "state": _state, "closed": _closed, "merged": _merged, "status": _status, "severity": _severity,
    "commander": _commander, "title": _title, "private": _private, "policy": _policy,
    "summary": _text("summary", "changed the summary", is_public=True), "cause": _text("cause", "named the root cause"),
    "impact": _text("impact", "described the impact"), "fix": _text("fix", "said what fixed it"),
    "trouble": _flag("trouble"), "muted": _flag("muted"),
    **{name: _time(name) for name in states.TIMES},
})  # fmt: skip
