"""The nouns of incidents: one incident, seen from Slack and from GitLab, and all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bot.model import Millis, Person, Place

#: Severities as GitLab names them, by the number that people type (incidents.md 2.1); 0 is nobody's guess.
SEVERITIES = {1: "CRITICAL", 2: "HIGH", 3: "MEDIUM", 4: "LOW", 0: "UNKNOWN"}
#: Policies of the discussion (incidents.md 2.3): only what is marked, all as internal notes, all.
CURATED, FULL_INTERNAL, FULL = "curated", "full-internal", "full"
POLICIES = (CURATED, FULL_INTERNAL, FULL)
#: Where something came from.
SLACK, GITLAB, BOT = "slack", "gitlab", "bot"


class State(StrEnum):
    """Where an incident is in its life (incidents.md 4.3)."""

    TRIAGE = "triage"
    INVESTIGATING = "investigating"
    FIXING = "fixing"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    REVIEW = "review"
    CLOSED = "closed"
    DECLINED = "declined"
    CANCELED = "canceled"
    MERGED = "merged"


#: In these an incident burns, or may burn again: somebody looks after it.
BURNING = frozenset({State.TRIAGE, State.INVESTIGATING, State.FIXING, State.MONITORING})
#: In these the work on it is over, but for its review.
OVER = frozenset({State.RESOLVED, State.REVIEW})
#: In these its issue is closed.
ENDED = frozenset({State.CLOSED, State.DECLINED, State.CANCELED, State.MERGED})


@dataclass(frozen=True, slots=True)
class Incident:
    """One incident. Its id is ours, its number is what people call it by before GitLab has one."""

    id: str
    number: int
    """Counts up from 1 in this bot; a part of the channel's name."""
    source: str
    """Key of what declared it; unique, so that one request declares one incident."""
    team: str
    title: str
    severity: int
    """1 to 4, 0 unknown."""
    state: State
    project: str
    """Full path."""
    declarer: Person
    declarer_name: str
    declared_at: Millis
    summary: str = ""
    """Plain text, at most 300 characters on the card."""
    policy: str = CURATED
    private: bool = False
    """Whether its room is private and its issue confidential."""
    born: str = SLACK
    """slack, or gitlab for one that was made in GitLab's own pages, by an alert or its API."""
    project_id: int = 0
    """0 while GitLab has not said which project that is."""
    iid: int = 0
    """Number of its issue; 0 while GitLab has not made it."""
    issue_id: int = 0
    """Global id of its issue."""
    url: str = ""
    channel: str = ""
    """Its room; empty while there is none."""
    channel_name: str = ""
    thread: str = ""
    """The message whose thread is its room, if it has no channel of its own."""
    origin: Place | None = None
    """Where it was declared."""
    announced_in: str = ""
    """Channel of its announcement; empty for none."""
    commander: Person | None = None
    commander_name: str = ""
    escalation: str = "TRIGGERED"
    """GitLab's status: TRIGGERED, ACKNOWLEDGED, RESOLVED or IGNORED."""
    started_at: Millis | None = None
    """When its impact began, as people say."""
    detected_at: Millis | None = None
    acked_at: Millis | None = None
    mitigated_at: Millis | None = None
    resolved_at: Millis | None = None
    closed_at: Millis | None = None
    episodes: int = 1
    """Grows each time it is opened again."""
    merged_into: str = ""
    """Id of the incident it is a duplicate of."""
    latest: str = ""
    """The latest word on it, in plain text."""
    latest_at: Millis | None = None
    latest_link: str = ""
    next_update: Millis | None = None
    """When the next word on it is due."""
    cause: str = ""
    impact: str = ""
    fix: str = ""
    review_iid: int = 0
    review_url: str = ""
    trouble: str = ""
    """A sentence for its card on what does not work right now; empty if all does."""
    muted: str = ""
    """Why nothing can be said in its room, as Slack's code; empty if it can."""
    version: int = 1
    """Grows with every change, so that of two at once one is refused."""
    notes_seen: Millis = 0
    """Up to when its comments are known, in GitLab's time."""
    swept_at: Millis = 0
    heard_ts: str = ""
    """The last message of its room that is known."""

    @property
    def room(self) -> Place:
        """Where people talk about it."""
        return Place(self.channel, self.thread or None)

    @property
    def led_by(self) -> str:
        """The Slack id of its commander, the username of one who is known in GitLab alone, or empty for nobody."""
        return self.commander.id if self.commander else self.commander_name

    @property
    def is_burning(self) -> bool:
        return self.state in BURNING

    @property
    def is_open(self) -> bool:
        """Whether its issue is open."""
        return self.state not in ENDED

    @property
    def reference(self) -> str:
        """What people call it by: `acme/shop#4`, or before GitLab has an issue `inc 7`."""
        return f"{self.project}#{self.iid}" if self.iid else f"inc {self.number}"


@dataclass(frozen=True, slots=True)
class Who:
    """Whoever did something, on either side: what is known of them."""

    name: str
    """As the side they did it on shows it."""
    person: Person | None = None
    """In Slack."""
    username: str = ""
    """In GitLab."""
    is_bot: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """Something that becomes true of an incident, from whichever side it comes."""

    what: str
    """state, severity, title, summary, commander, private, policy, update, …: `life.py` has a rule for each."""
    value: str
    who: Who
    at: Millis
    origin: str
    """slack, gitlab or bot."""
    source: str
    """What makes it itself, such as the key of a click or the id of GitLab's event: applied once, for ever."""
    reason: str = ""
    version: int = 0
    """The version that whoever did it was shown; 0 if that does not matter."""


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened; never changed, only taken back."""

    id: str
    incident: str
    at: Millis
    """When it happened."""
    recorded_at: Millis
    kind: str
    """declared, state, severity, commander, update, timeline, hypothesis, decision, cause, task, suspect, …"""
    who: Who
    origin: str
    text: str
    """Plain text, in one sentence."""
    source: str
    """Unique within an incident."""
    channel: str = ""
    ts: str = ""
    """The message in Slack it was said in, or that tells of it."""
    link: str = ""
    note_id: int = 0
    """The note in GitLab that holds it."""
    timeline: str = ""
    """Global id of GitLab's timeline event; empty while there is none."""
    tag: str = ""
    """GitLab's name of a timeline tag, such as Start time."""
    shown: bool = True
    """Whether it belongs on the timeline; GitLab's own automatic ones are not sent a second time."""
    retracted_at: Millis | None = None
