"""The words for incidents: severities and states as people read them, and what the buttons about them are called."""

from __future__ import annotations

from bot.incident import CURATED, FULL, FULL_INTERNAL, Incident, State
from bot.model import Option
from bot.text import escape, one_line

UPDATE, STATE, TAKE, HAND_OVER, TASK, MORE = (
    "incident.update", "incident.state", "incident.take", "incident.hand_over", "incident.task", "incident.more",
)  # fmt: skip
JOIN, FOLLOW, DECLARE, DECLARE_FROM, EDIT = (
    "incident.join", "incident.follow", "incident.declare", "incident.declare_from", "incident.edit",
)  # fmt: skip
#: What a button carries that opens an empty form.
NEW = "-"
#: What `More` offers. Slack gives an overflow menu five options (slack-platform.md 2.1), and these are more.
SEVERITY, TIMELINE, CHANGES, FOLLOWING, DUPLICATE, REVIEW, PRIVATE = (
    "severity", "timeline", "changes", "follow", "duplicate", "review", "private",
)  # fmt: skip
MORE_OPTIONS = (
    (SEVERITY, "Severity…"), (TIMELINE, "Add to timeline…"), (CHANGES, "What changed"), (FOLLOWING, "Follow"),
    (DUPLICATE, "Duplicate of…"), (REVIEW, "Review"),
)  # fmt: skip
#: Severities in words, and the emoji beside them; the words alone say it all.
SEVERITIES = {
    1: ("🔴", "S1 Critical"), 2: ("🟠", "S2 High"), 3: ("🟡", "S3 Medium"), 4: ("🔵", "S4 Low"),
    0: ("⚪", "Severity unknown"),
}  # fmt: skip
#: What each severity means, for those who pick one.
MEANINGS = {
    1: "Most users are hit, or data is at risk", 2: "Many users are hit, or something important is down",
    3: "Some users are hit, and there is a way around", 4: "Hardly anybody notices",
}  # fmt: skip
STATES = {
    State.TRIAGE: ("🔎", "Triage"), State.INVESTIGATING: ("🔥", "Investigating"), State.FIXING: ("🛠️", "Fixing"),
    State.MONITORING: ("👀", "Monitoring"), State.RESOLVED: ("✅", "Resolved"), State.REVIEW: ("📝", "In review"),
    State.CLOSED: ("🏁", "Closed"), State.DECLINED: ("🚫", "Declined"), State.CANCELED: ("🚫", "Canceled"),
    State.MERGED: ("🔗", "Merged"),
}  # fmt: skip
POLICIES = {
    CURATED: "marked messages reach GitLab", FULL_INTERNAL: "all messages reach GitLab as internal notes",
    FULL: "all messages reach GitLab",
}  # fmt: skip
TITLE_SHOWN, NAME_SHOWN = 140, 80
NOBODY = "nobody yet"


def severity(number: int) -> str:
    """Return a severity as people read it."""
    return " ".join(SEVERITIES.get(number, SEVERITIES[0]))


def severities() -> list[Option]:
    """Return the severities to pick from, each with what it means."""
    return [Option(severity(number), str(number), meaning) for number, meaning in MEANINGS.items()]


def severity_word(number: int) -> str:
    return SEVERITIES.get(number, SEVERITIES[0])[1]


def state(of: State) -> str:
    """Return a state as people read it."""
    return " ".join(STATES[of])


def state_word(of: State) -> str:
    return STATES[of][1]


def room(incident: Incident) -> str:
    """Return the room in mrkdwn, as a link that its members can follow."""
    thread = f"the thread below its card in <#{escape(incident.channel)}>"
    return thread if incident.thread else f"<#{escape(incident.channel)}>"


def name(text: str) -> str:
    """Return a name from elsewhere in mrkdwn, in which nothing is marked up."""
    return escape(one_line(text, NAME_SHOWN)).replace("`", "'").replace("*", "∗")
