"""A deed: what somebody wants to do, the steps of the ladder that was looked at before it, and what it is tied to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from bot.changes import Preview
from bot.errors import BotError
from bot.model import Millis, Person

#: Characters of a commit id that people compare.
SHA_SHOWN = 8


class Agree(NamedTuple):
    """Action ids of the buttons under a request that was halted; their value is the id of the kept request."""

    go: str = "agree.go"
    approval: str = "agree.approval"
    override: str = "agree.override"
    queue: str = "agree.queue"
    leave: str = "agree.leave"


AGREE = Agree()


@dataclass(frozen=True, slots=True)
class Deed:
    """Something somebody wants to do, in all that a rule may ask about. What does not apply is empty."""

    commands: tuple[str, ...]
    """The command's name first, then what it is a kind of: a retry is a run, too, so that no rule is got round."""
    person: Person
    channel: str
    """Slack's id; one that begins with D is a direct message."""
    project: str = ""
    """Full path."""
    project_id: int = 0
    job: str = ""
    ref: str = ""
    environment: str = ""
    tier: str = ""
    arguments: str = ""
    """What was typed after the job."""
    inputs: Mapping[str, Any] = field(default_factory=dict)
    risky: bool = False
    """Whether locks, freezes and incidents hold it back: what starts something on an environment."""
    asks: str = ""
    """What the project itself asks before the job is started (`manual_confirmation`)."""
    along: tuple[Deed, ...] = ()
    """Other deployments that begin with it, since their jobs are in the same pipeline."""
    perhaps: tuple[str, ...] = ()
    """Names of jobs that may deploy as well: only GitLab knows."""

    @property
    def command(self) -> str:
        return self.commands[0]


class Mark(StrEnum):
    """How one step of the ladder came out."""

    FINE = "fine"
    WARN = "warn"  # worth knowing, and no hindrance
    ASK = "ask"  # somebody has to agree first: the asker, or others
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder, in words."""

    name: str
    """account, person, rules, lock, freeze, incidents, protection, change, checks, limits, confirmation, approval."""
    mark: Mark
    said: str
    """A sentence in plain text."""
    rule: str = ""
    """Name of the rule that decided."""
    until: Millis | None = None
    """When it ends by itself, to be shown in the reader's own time."""
    remedy: str = ""
    """What helps: `access`, `override` or `queue`; empty if nothing does from here."""
    passing: bool = False
    """Whether a stop is only of this moment, such as a GitLab that does not answer: what waits then waits on."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The whole ladder of one deed."""

    deed: Deed
    steps: tuple[Step, ...]
    wants: str = ""
    """Name of the rule that wants an approval, if one does."""
    call: str = ""
    """What would be asked of GitLab, in words: `POST pipeline on main`."""
    preview: Preview | None = None
    """What a deployment would change; None for anything else."""

    @property
    def stopped(self) -> Step | None:
        """The first step that says no."""
        return next((step for step in self.steps if step.mark is Mark.STOP), None)

    @property
    def asks(self) -> Step | None:
        """The first step at which somebody has to agree."""
        return next((step for step in self.steps if step.mark is Mark.ASK), None)


@dataclass(frozen=True, slots=True)
class Permit:
    """What somebody said beside the command itself."""

    dry_run: bool = False
    reason: str = ""
    """Why it should be done, for those who approve."""
    override: str = ""
    """Why it has to be done in spite of a freeze, an incident or a lock."""
    confirmed: str = ""
    """Digest of what was shown when the asker agreed."""
    queue: bool = False
    """Whether it shall wait until the lock is gone."""
    eases: str = ""
    """Names of the steps the override is about, with spaces between; empty for all that stand in the way."""


@dataclass(frozen=True, slots=True)
class Bound:
    """What a confirmation or an approval is tied to: if one of these moves, it counts no more."""

    ref: str = ""
    sha: str = ""
    definition: str = ""
    """Digest of the job as GitLab's merged configuration has it."""
    wishes: str = ""
    """Digest of arguments and inputs."""
    environment: str = ""
    along: str = ""
    """Digest of the other jobs that deploy in the same pipeline."""
    onto: str = ""
    """The commit that runs there: who agrees to a change agrees to it from there. Of what waits it is not asked."""

    @property
    def digest(self) -> str:
        parts = (self.ref, self.sha, self.definition, self.wishes, self.environment, self.along)
        return digest(*parts, self.onto) if self.onto else digest(*parts)

    def moved(self, now: Bound) -> tuple[str, ...]:
        """What is different by `now`, each in words; empty if nothing moved."""
        found = []
        if self.sha != now.sha:
            found.append(f"{self.ref} moved {self.sha[:SHA_SHOWN]} → {now.sha[:SHA_SHOWN]}")
        if self.definition != now.definition:
            found.append("the job's definition changed")
        if self.environment != now.environment:
            was, new = self.environment or "no environment", now.environment or "no environment"
            found.append(f"it would now deploy to {new} instead of {was}")
        if self.along != now.along:
            found.append("other jobs that deploy in the same pipeline changed")
        if self.onto != now.onto:
            found.append("something else runs there by now")
        if self.wishes != now.wishes or self.ref != now.ref:
            found.append("its arguments changed")
        return tuple(found)


def digest(*parts: Any) -> str:
    """What tells two things apart: SHA-256 over their JSON, in hexadecimal."""
    text = json.dumps(parts, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


class Halted(BotError):
    """That is not done: a rule, a lock or a freeze stands in the way, or somebody has to agree first."""

    def __init__(self, verdict: Verdict, *, shown: str = "", dry_run: bool = False) -> None:
        """`shown` is the digest of what the asker now sees, to which an agreement is tied."""
        step = verdict.stopped or verdict.asks
        super().__init__(step.said if step else None)
        self.verdict, self.shown, self.dry_run = verdict, shown, dry_run
