"""Opened, closed, labelled: what somebody did to the state of an incident in GitLab is followed here."""

from __future__ import annotations

from bot.errors import Refused
from bot.incident import GITLAB, State, Who
from bot.incidents import cards, life, states
from bot.incidents.held import holding
from bot.incidents.held.reading import REOPENED, Reading
from bot.incidents.life import PROPOSAL
from bot.tracker import CLOSED, OPENED, LabelEvent

#: What is said of an issue that GitLab has closed since somebody moved it.
MOVED = (
    "The issue was moved to another project in GitLab, and I do not follow it there. Reopen the incident to go on with"
    " it here, or declare it anew in that project."
)


def reopened(reading: Reading) -> None:
    """An issue that somebody opened again burns again."""
    issue = reading.issue
    ours = OPENED if _wants_open(reading) else CLOSED
    if not issue.is_open or not reading.is_new("state", OPENED, OPENED):
        return
    last = next((one for one in reversed(reading.events.states) if one.state == REOPENED), None)
    if ours == CLOSED and reading.is_on_its_way("state", last.at if last else None):
        return
    reading.saw("state", OPENED)
    reading.tx.incident_facts.drop(reading.incident.id, PROPOSAL)
    if ours == CLOSED:
        who = reading.who(last)
        reason, at = f"reopened in GitLab by {who.name}", last.at if last else issue.updated_at
        source = f"state:{last.id if last else issue.updated_at}"
        reading.apply(reading.change("state", State.INVESTIGATING, who, source, reason=reason, at=at))


def closed(reading: Reading) -> None:
    """An issue that a person closed stays closed; what a bot closed while it burns, people are asked about."""
    issue = reading.issue
    ours = OPENED if _wants_open(reading) else CLOSED
    if issue.is_open or not reading.is_new("state", CLOSED, OPENED):
        return
    last = next((one for one in reversed(reading.events.states) if one.state == "closed"), None)
    if ours == OPENED and reading.is_on_its_way("state", last.at if last else None):
        return
    reading.saw("state", CLOSED)
    if ours == CLOSED:
        return
    who, key = reading.who(last), f"state:{last.id if last else issue.updated_at}"
    if who.is_bot and reading.incident.is_burning:
        _propose(reading, who, key)
        return
    reading.apply(reading.change("closed", "", who, key, at=last.at if last else issue.updated_at))
    if issue.moved_to is not None:
        reading.say(f"{key}.moved", MOVED)


def _propose(reading: Reading, who: Who, key: str) -> None:
    incident, tx, kit = reading.incident, reading.tx, reading.kit
    tx.incident_facts.put(incident.id, PROPOSAL, who.name)
    told = life.record(
        tx, kit, incident, "proposal", who, f"{who.name} closed the issue in GitLab while it burns",
        source=f"gitlab:{key}", origin=GITLAB, shown=False,
    )  # fmt: skip
    if told is not None:
        cards.say(tx, kit, reading.draw, incident, key, reading.draw.proposal(incident, who.name))


def _wants_open(reading: Reading) -> bool:
    return states.wants_open(reading.incident, reading.kit.config.incidents.review_severity)


def labels(reading: Reading) -> None:
    """Follow the label that says a state; of two the one that was put on last."""
    prefix = reading.kit.config.incidents.label_prefix
    value = holding.state_labels(reading.kit, reading.issue)
    ours = states.label(prefix, reading.incident.state)
    if not reading.is_new("labels", value, states.label(prefix, reading.before.state)):
        return
    there = value.split(",") if value else []
    last = next((one for one in reversed(reading.events.labels) if one.added and one.label in there), None)
    winner = last.label if last else next((one for one in there if one != ours), ours)
    if winner != ours and reading.is_on_its_way("state", last.at if last else None):
        return
    reading.saw("labels", value)
    wanted = states.meant(prefix, winner)
    if there and winner != ours and wanted is not None:
        _follow_label(reading, wanted, last)
    if len(there) > 1:
        life.want(reading.tx, reading.kit, reading.incident, "state")


def _follow_label(reading: Reading, wanted: State, event: LabelEvent | None) -> None:
    """Go where a label says, by way of Investigating from Triage; where no move leads, say so and put it right."""
    incident, updated = reading.incident, reading.issue.updated_at
    who, key = reading.who(event), f"label:{event.id if event else updated}"
    at = event.at if event else updated
    reason = f"labelled in GitLab by {who.name}"
    steps = [wanted]
    if incident.state is State.TRIAGE and wanted not in states.legal(incident):
        steps = [State.INVESTIGATING, wanted]
    try:
        for step in steps:
            suffix = "" if step is wanted else ".accepted"
            reading.apply(reading.change("state", step, who, key + suffix, reason=reason, at=at))
    except Refused as error:
        reading.say(
            f"{key}.refused", f"{who.name} labelled it {states.named(wanted)} in GitLab. {error.sentence}"
        )
        life.want(reading.tx, reading.kit, reading.incident, "state")
