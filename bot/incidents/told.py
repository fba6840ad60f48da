"""What is told of incidents when somebody looks at several, or back at one: lists, figures, changes, reviews."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.incident import Incident
from bot.incident_work import Suspect
from bot.incidents.measures import Average, Metrics, Share
from bot.model import Millis


@dataclass(frozen=True, slots=True)
class Listing:
    """Incidents that somebody asked to see."""

    which: str
    """open, all or closed."""
    severity: int
    """0 for any."""
    rows: Sequence[Incident]
    """Without secrets."""
    more: int = 0
    """How many more there are."""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the incidents of a span came to."""

    since: Millis
    until: Millis
    averages: Sequence[Average]
    adherence: Share
    provenance: Share
    incidents: int
    by_severity: Sequence[tuple[int, int]]
    """Severity and how many, the worst first."""
    handovers: int
    reopened: int
    """How often one of them was opened again."""
    project: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """What one incident came to."""

    incident: Incident
    metrics: Metrics
    words: Sequence[tuple[str, str]] = ()
    """What the events say that figures come from, by their ids."""


@dataclass(frozen=True, slots=True)
class Changed:
    """Something that changed before an incident."""

    suspect: Suspect
    """Without secrets; its state is `found` until somebody says more."""
    by: str = ""
    """A username."""
    status: str = ""
    """In GitLab's words."""
    production: bool = False
    near: bool = False
    """Whether it was shortly before the impact began."""
    sha: str = ""
    before: str = ""
    """The commit that ran there before it; empty if nobody knows."""

    @property
    def can_go_back(self) -> bool:
        return (
            self.suspect.kind == "deployment" and self.status == "success" and self.suspect.state != "rolled"
        )


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed before an incident, the likeliest first."""

    incident: Incident
    since: Millis
    until: Millis
    rows: Sequence[Changed]
    more: int = 0
    url: str = ""
    """GitLab's page of all deployments."""
    began: bool = False
    """Whether somebody said when its impact began; else it is counted from the first that is known."""


@dataclass(frozen=True, slots=True)
class FollowUp:
    """An issue for afterwards that is still open, as its owner is reminded of it."""

    text: str
    """Its reference and what it is about, without secrets."""
    url: str
    due: str = ""
    """Until when, as the end of a sentence; empty if nobody said."""


@dataclass(slots=True)
class Outcome:
    """What became of a review that was written; filled in as it is."""

    iid: int
    url: str
    made: bool
    edited: list[tuple[str, str]] = field(default_factory=list)
    """Titles of blocks that somebody has changed, and what would have changed in them."""
    removed: list[str] = field(default_factory=list)
    """Titles of blocks that somebody has taken away."""
    empty: list[str] = field(default_factory=list)
    """Titles of needed blocks in which nobody has said anything."""
    facts: dict[str, str] = field(default_factory=dict)
    """What is to be kept of it."""


@dataclass(slots=True)
class Report:
    """What was found again of the map between both sides; filled in as it is."""

    notes: int = 0
    """Notes that were read."""
    messages: int = 0
    """Messages of ours that were read."""
    restored: int = 0
    """Rows of the map that were written anew."""
    known: int = 0
    """Rows that were there already, and are as both sides say."""
    contradictions: list[str] = field(default_factory=list)
    """What does not fit, in plain sentences."""
    trouble: str = ""
    """Why one side could not be read, as a sentence."""
