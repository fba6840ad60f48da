"""What the form that resolves an incident asks, checks and makes true; later it fills in what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bot.command import Form
from bot.edges.store import Tx
from bot.incident import Incident, State
from bot.incident_work import Task
from bot.incidents import acting, gates, life, states
from bot.incidents.acting import Actor
from bot.incidents.drawing import Drawing
from bot.incidents.rules import AHEAD_MS
from bot.kit import Kit
from bot.model import Millis

#: Ids of the fields (blocks/incident_life.py); those of the times are their names.
FIX, CAUSE = "fix", "cause"
_MINUTE: Millis = 60_000
#: Of the times those that end something.
_ENDS = frozenset({"mitigated_at", "resolved_at"})


def times(incident: Incident, now: Millis) -> Mapping[str, Millis]:
    """Return what the fields begin with: what is known, else what is likely; whoever sends the form says it is so."""
    declared = incident.declared_at
    found = {
        "started_at": incident.started_at or min(incident.detected_at or declared, declared),
        "detected_at": incident.detected_at or declared,
        "mitigated_at": incident.mitigated_at or (now if incident.is_burning else None),
        "resolved_at": incident.resolved_at or (now if incident.is_burning else None),
    }
    return {name: at for name, at in found.items() if at is not None}


def open_tasks(tx: Tx, kit: Kit, incident: Incident) -> list[Task]:
    return [
        replace(one, text=kit.redact(one.text)) for one in tx.tasks.of(incident.id) if one.state == "open"
    ]


def needs_cause(kit: Kit, incident: Incident) -> bool:
    """Tell whether its root cause has to be said before it is done."""
    return states.needs_review(incident, kit.config.incidents.review_severity)


# What was filled in -----------------------------------------------------------------------------------------


def check(kit: Kit, form: Form, incident: Incident) -> Mapping[str, str]:
    """Return what is wrong with the form, by its fields."""
    found = {}
    if not form.values.get(FIX, "").strip():
        found[FIX] = "Say what fixed it, in a few words."
    if needs_cause(kit, incident) and not form.values.get(CAUSE, "").strip():
        found[CAUSE] = "An incident of this severity has a root cause; say what is known of it."
    return found | _check_times(incident, _filled(form, kit.now()), kit.now())


def _check_times(incident: Incident, filled: Mapping[str, Millis], now: Millis) -> dict[str, str]:
    found: dict[str, str] = {}
    latest, before = 0, ""
    for name, at in _whole(incident, filled).items():
        if at < latest and name in filled:
            found[name] = f"That is before {before}. Correct one of both."
        elif at > now + AHEAD_MS:
            found[name] = "That lies in the future."
        if at >= latest:
            latest, before = at, states.TIMES[name][0]
    return found


def _filled(form: Form, now: Millis) -> dict[str, Millis]:
    """Return the times that were filled in; what ended in this minute has ended now."""
    texts = {name: form.values.get(name, "") for name in states.TIMES}
    found = {name: int(text) * 1000 for name, text in texts.items() if text.isdecimal()}
    return {name: now if name in _ENDS and _same_minute(at, now) else at for name, at in found.items()}


def _whole(incident: Incident, filled: Mapping[str, Millis]) -> dict[str, Millis]:
    """Return all times as they are then, in their order: a field knows minutes, what is known already the moment."""
    found: dict[str, Millis] = {}
    latest = 0
    for name in states.TIMES:
        known, said = getattr(incident, name), filled.get(name)
        at = known if said is None or (known is not None and _same_minute(known, said)) else said
        if at is None:
            continue
        found[name] = latest if at < latest and _same_minute(at, latest) else at
        latest = max(latest, found[name])
    return found


def _same_minute(one: Millis, other: Millis) -> bool:
    return one // _MINUTE == other // _MINUTE


# Making it true ---------------------------------------------------------------------------------------------


def fill_in(tx: Tx, kit: Kit, draw: Drawing, who: Actor, pair: tuple[Incident, Form]) -> Incident:
    """
    Make what the form says true of an incident, and resolve one that burns. Raises Refused, and nothing is done then.
    """
    incident, form = pair
    incident = tx.incidents.get(incident.id) or incident
    for what in (FIX, CAUSE):
        text = form.values.get(what, "").strip()
        if text and kit.redact(text) != getattr(incident, what):
            incident = life.apply(tx, kit, draw, incident, acting.change(kit, who.by, what, text))
    whole = _whole(incident, _filled(form, kit.now()))
    resolved = whole.pop("resolved_at", None) if incident.is_burning else None
    for name, at in _in_order(incident, whole):
        incident = life.apply(tx, kit, draw, incident, acting.change(kit, who.by, name, str(at)))
    if incident.is_burning:
        change = acting.change(kit, who.by, "state", State.RESOLVED, reason=incident.fix)
        at = min(kit.now(), resolved) if resolved else kit.now()
        incident = life.apply(tx, kit, draw, incident, replace(change, at=at))
    return incident


def _in_order(incident: Incident, whole: Mapping[str, Millis]) -> list[tuple[str, Millis]]:
    """
    Return the times that are other ones now, so that on the way there none is before the one it follows.

    Those that move back go first, the earliest first; then those that move on, the latest first.
    """
    known = {name: getattr(incident, name) for name in whole}
    back = [name for name, at in whole.items() if known[name] is not None and at < known[name]]
    on = [name for name, at in whole.items() if known[name] is None or at > known[name]]
    return [(name, whole[name]) for name in (*back, *reversed(on))]


def lacks(kit: Kit, incident: Incident) -> tuple[str, ...]:
    """Return what an incident lacks before it can be closed, in words."""
    return gates.missing(incident, kit.config.incidents.review_severity)
