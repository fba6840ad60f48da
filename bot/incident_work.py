"""The nouns of the work on incidents: errands, mirrored texts, roles, tasks, suspects, what is due and watched."""

from __future__ import annotations

from dataclasses import dataclass

from bot.model import Millis, Person

#: How the source of a task begins that became an issue of its own (bot/incidents/crew/followups.py).
FOLLOW_UP = "follow-up:"

#: From what goes first to what only looks nice.
PRIORITIES = range(5)


@dataclass(frozen=True, slots=True)
class Errand:
    """Something to be done in GitLab or Slack for an incident: once, in order, with what came of it."""

    id: str
    """Unique; the same id is the same errand, for ever."""
    incident: str
    kind: str
    """Names the rule that does it."""
    target: str
    """gitlab or slack: a lane of each incident."""
    subject: str = ""
    """What it is about: id of a mirror row, an event, a task."""
    payload: str = "{}"
    """JSON."""
    person: Person | None = None
    """Whose act it is in GitLab; None: the keeper's, who answers for what the incident writes by itself."""
    priority: int = 2
    """0 room and issue, 1 state, 2 what people asked for, 3 talk, 4 what only looks nice."""
    state: str = "ready"
    """ready, doing, unknown, done or dead."""
    not_before: Millis = 0
    tries: int = 0
    since: Millis | None = None
    """When it was sent last without an answer."""
    why: str = ""
    at: Millis = 0
    """When what it is about happened: among those of one priority the order."""


@dataclass(frozen=True, slots=True)
class Mirrored:
    """One text that is on both sides: where it was born, and its copy."""

    id: str
    incident: str
    born: str
    """slack or gitlab: that side owns the text."""
    kind: str
    """talk, or mark for a copy that somebody asked for by an emoji."""
    channel: str
    ts: str
    """The message in Slack; empty while a copy is not posted."""
    thread: str
    """The root it answers in Slack; empty for a root."""
    at: Millis
    """When it was written."""
    author: str
    """Slack id, or GitLab username."""
    name: str
    note_id: int = 0
    """The note in GitLab; 0 while a copy is not written."""
    discussion: str = ""
    root: str = ""
    """Id of the mirror row of the root it answers; empty for a root."""
    internal: bool = False
    wanted: str = ""
    """What the copy shall hold: Markdown for GitLab, mrkdwn-free Markdown source for Slack."""
    wanted_hash: str = ""
    shown_hash: str = ""
    """Hash of what the copy holds as far as is known."""
    source_hash: str = ""
    """Hash of the text where it was born, as last seen."""
    state: str = "live"
    """claimed, live, held (its room cannot be reached), told (named in a digest only), gone (taken back) or failed."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Somebody's part in an incident, from when to when."""

    id: str
    incident: str
    role: str
    """commander, comms, ops, scribe or responder."""
    person: Person
    name: str
    started_at: Millis
    ended_at: Millis | None = None
    by: str = ""
    how: str = ""
    """taken, handed, overridden, assigned in GitLab, …"""


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be done during an incident; a box in the issue, a line with buttons in Slack."""

    id: str
    incident: str
    number: int
    """Counts up from 1 in the incident."""
    text: str
    owner: Person | None = None
    owner_name: str = ""
    state: str = "open"
    """open, done or dropped."""
    at: Millis = 0
    by: str = ""
    done_at: Millis | None = None
    done_by: str = ""
    follow_up: int = 0
    """Number of the issue it became."""
    follow_up_url: str = ""
    due: Millis | None = None
    source: str = ""

    @property
    def is_follow_up(self) -> bool:
        """Whether it is for afterwards, and an issue of its own."""
        return self.source.startswith(FOLLOW_UP)


@dataclass(frozen=True, slots=True)
class Suspect:
    """A change that may have caused it."""

    id: str
    incident: str
    kind: str
    """deployment, merge or pipeline."""
    title: str
    url: str
    at: Millis
    reference: str
    """Unique within an incident, such as `deployment 71`."""
    environment: str = ""
    state: str = "found"
    """found, suspect, out (ruled out) or rolled (rolled back)."""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is to happen at a time: a nudge, an answer to a handover, the archiving of a room."""

    incident: str
    kind: str
    due_at: Millis
    state: str = "armed"
    """armed, fired or off."""
    stage: int = 0
    """How often it has spoken."""
    about: str = ""
    """JSON."""
    ts: str = ""


@dataclass(frozen=True, slots=True)
class Watched:
    """A project in which GitLab is asked for incidents."""

    project: str
    """Full path."""
    began: Millis
    """Since when; what is older is nobody's news."""
    cursor: Millis
    """Up to when its incidents are known, in GitLab's time."""
    project_id: int = 0
    """0 until GitLab has said it."""
    next_look: Millis = 0
    wide_at: Millis = 0
    """When all of its open incidents were listed last, whether they had changed or not."""
    fails: int = 0
    """How many looks in a row came to nothing."""
