"""What people do to an incident in GitLab becomes a change of it here, told by whoever did it there.

What GitLab holds is compared with what it was last seen to hold. A wish of ours that is still on its way there wins
over what is older in GitLab; what somebody did there later wins over ours (incidents.md 4.1).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.edges.store import Tx
from bot.incident import SEVERITIES, Change, Incident, State
from bot.incidents import cards, gates, life, states
from bot.incidents.drawing import Drawing
from bot.incidents.held import following, holding
from bot.incidents.held.holding import SEEN, Held
from bot.incidents.held.reading import REOPENED, Reading, sorted_out
from bot.incidents.rules import OFF, ON, STRANGER
from bot.issues.changing import NOBODY
from bot.kit import Kit
from bot.tracker import IncidentFacts, Issue, LabelEvent, StateEvent


def from_gitlab(  # noqa: PLR0917 -- what one look finds
    tx: Tx, kit: Kit, draw: Drawing, incident: Incident, issue: Issue, facts: IncidentFacts | None,
    events: Sequence[LabelEvent | StateEvent],
) -> Incident:  # fmt: skip
    """
    Let an incident become what people made of its issue, and return it; `facts` are None where GitLab has none.

    `events` tell who put labels on and off, closed and reopened it.
    Who may see it goes first, and opening it before its labels: a label alone says less. What was read before a wish of
    ours came true is over: the next look tells more, and nothing that was hidden is shown by it.
    """
    now = tx.incidents.get(incident.id) or incident
    if issue.updated_at < holding.held_at(tx, now):
        return now
    seen = tx.incident_facts.begin(incident.id, SEEN)
    reading = Reading(tx, kit, draw, now, now, Held(issue, facts), sorted_out(events), seen)
    fields = (_private, _title, _assignee, _severity)
    for part in (*fields, following.reopened, following.labels, following.closed, _status):
        part(reading)
    _put_right(reading)
    return reading.incident


# What has one value -----------------------------------------------------------------------------------------


def _field(
    reading: Reading, name: str, value: str, ours: str, *, about: str, make: Callable[[], Change | None],
    before: str = "",
) -> None:  # fmt: skip
    """Follow one thing that GitLab holds: `value` there, `ours` here by now, and `before` the look."""
    if not reading.is_new(name, value, before or ours) or (value != ours and reading.is_on_its_way(about)):
        return
    reading.saw(name, value)
    change = make() if value != ours else None
    if change is not None:
        reading.apply(change)


def _private(reading: Reading) -> None:
    value = reading.issue.confidential
    made = reading.simple("private", ON if value else OFF)
    _field(
        reading, "confidential", str(value), str(reading.incident.private), about="private", make=lambda: made
    )


def _title(reading: Reading) -> None:
    value, ours = reading.issue.title, reading.incident.title
    ours = value if value == holding.title(reading.incident) else ours
    made = reading.simple("title", value)
    _field(reading, "title", value, ours, about="title", make=lambda: made)


def _severity(reading: Reading) -> None:
    value, ours = _severity_there(reading), holding.severity_name(reading.incident)
    number = next((str(one) for one, name in SEVERITIES.items() if name.lower() == value), "0")
    made = reading.simple("severity", number)
    _field(reading, "severity", value, ours, about="severity", make=lambda: made)


def _severity_there(reading: Reading) -> str:
    """Return the severity GitLab tells; where it has no such field, what the label says."""
    if reading.held.facts is not None:
        return reading.held.facts.severity
    if reading.issue.severity:
        return reading.issue.severity
    names = {f"{holding.SEVERITY_LABEL}{number}": name.lower() for number, name in SEVERITIES.items()}
    ours = holding.severity_name(reading.incident)
    return next((names[one] for one in reading.issue.labels if one in names), ours)


def _assignee(reading: Reading) -> None:
    ours = _commander_there(reading)
    value = str(holding.assigned(reading.issue, int(ours)))
    _field(reading, "assignee", value, ours, about="assignee", make=lambda: _assigned(reading, int(value)))


def _commander_there(reading: Reading) -> str:
    """Return the id of the commander in GitLab, as the store knows it; 0 for nobody."""
    commander, name = reading.incident.commander, reading.incident.commander_name
    if commander is None:
        known = [one.id for one in reading.issue.assignees if f"{STRANGER}{one.username}" == name]
        return str(next(iter(known), NOBODY))
    account = reading.tx.accounts.get(commander)
    return str(account.gitlab_id if account else NOBODY)


def _assigned(reading: Reading, gitlab_id: int) -> Change | None:
    """Return who commands by an assignment; nobody's leaves a commander who has no account alone."""
    if gitlab_id == NOBODY:
        return reading.simple("commander", "")
    team = reading.incident.team
    account = next((one for one in reading.tx.accounts.of_gitlab(gitlab_id) if one.person.team == team), None)
    if account is not None:
        return reading.simple("commander", f"{team}/{account.person.id}/{account.name or account.username}")
    stranger = next(one.username for one in reading.issue.assignees if one.id == gitlab_id)
    return reading.simple("commander", f"{STRANGER}{stranger}")


def _status(reading: Reading) -> None:
    """Follow the escalation status; who resolves it there while the issue is open says that it is over."""
    facts, ours = reading.held.facts, reading.incident.escalation.lower()
    if facts is None or not facts.status:
        return
    wanted = facts.status.upper()
    # GitLab leaves the status of an issue that is opened again as it was.
    again = bool(reading.events.states) and reading.events.states[-1].state == REOPENED
    is_over = not again and wanted == states.DONE and reading.issue.is_open and reading.incident.is_burning
    made = (
        reading.simple("state", State.RESOLVED)
        if is_over and State.RESOLVED in states.legal(reading.incident)
        else reading.simple("status", wanted)
    )
    before = reading.before.escalation.lower()
    _field(reading, "status", facts.status, ours, about="status", before=before, make=lambda: made)


# Afterwards -------------------------------------------------------------------------------------------------


def _put_right(reading: Reading) -> None:
    """After a change: ask for what is missing, and have GitLab say all of it in the same way."""
    tx, kit, before, after, held = reading.tx, reading.kit, reading.before, reading.incident, reading.held
    if after.version == before.version:
        return
    items = gates.missing(after, kit.config.incidents.review_severity)
    has_ended = after.state is not before.state and after.state in {State.CLOSED, State.RESOLVED}
    if items and has_ended:
        cards.say(
            tx, kit, reading.draw, after, f"missing.{after.version}", reading.draw.missing(after, items)
        )
    if after.state is not before.state or life.turned(kit, before, after):
        life.want(tx, kit, after, "state")
    if after.escalation != before.escalation and held.facts and held.facts.status != after.escalation.lower():
        life.want(tx, kit, after, "status")
    if after.severity != before.severity:
        life.want(tx, kit, after, "severity")
