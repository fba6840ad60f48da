"""What the store keeps about people and rights: accounts, approvals, access, locks, writes, the trail."""

from __future__ import annotations

from dataclasses import dataclass

from bot.deeds import Bound
from bot.model import Millis, Person, Place


@dataclass(frozen=True, slots=True)
class Account:
    """A Slack person's GitLab account. Tokens are sealed; only the vault opens them."""

    person: Person
    gitlab_id: int
    username: str
    name: str
    """As GitLab shows it."""
    method: str
    """device (OAuth device grant) or token (a personal access token that was pasted)."""
    access: str
    """Sealed."""
    refresh: str
    """Sealed; empty for a pasted token."""
    expires_at: Millis | None
    linked_at: Millis
    state: str = "live"
    """live, or dead once GitLab has refused it for good."""
    version: int = 1
    """Grows with every new token, so that of two refreshes at once one is dropped."""


@dataclass(frozen=True, slots=True)
class Device:
    """A device grant somebody was asked to complete in GitLab (RFC 8628)."""

    id: str
    person: Person
    name: str
    place: Place
    """Where its owner hears how it went."""
    code: str
    """The device code, sealed."""
    interval: Millis
    next_look: Millis
    expires_at: Millis
    state: str = "pending"
    """pending, linked, expired or failed."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """How somebody can connect their account."""

    url: str = ""
    """The page in GitLab that takes the code; empty if only a token can be pasted."""
    code: str = ""
    """What that page shows; to be compared."""
    minutes: int = 0
    kept: bool = False
    """Whether a request waits to be done afterwards."""
    first: str | None = None
    """If an earlier request waits instead: how it was typed, empty for one that was not."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A request that waits for something its owner has to do first."""

    id: str
    why: str
    """link, confirm, approval, override, queue or access."""
    person: Person
    kind: str
    """Kind of the request, as in the inbox."""
    body: str
    """The request itself as the intake wrote it down, sealed."""
    until: Millis
    shown: str = ""
    """Digest of what its owner was shown."""
    detail: str = ""
    """JSON: what the buttons under it are about."""
    state: str = "waiting"
    """waiting, resumed or gone."""


@dataclass(frozen=True, slots=True)
class Approval:
    """The approval a run waits for; its id is the run's."""

    run: str
    rule: str
    needs: int
    by: tuple[str, ...]
    """Names of the groups whose members may approve."""
    reason: str
    bound: Bound
    requester: int
    """GitLab id of who asked: may never approve, from whichever Slack account."""
    asked_at: Millis
    expires_at: Millis
    state: str = "open"
    """open, granted, rejected, withdrawn, void or expired."""
    ended_by: str = ""
    ended_why: str = ""


@dataclass(frozen=True, slots=True)
class Vote:
    """One approval of one person; a GitLab account counts once."""

    run: str
    gitlab_id: int
    person: Person
    name: str
    at: Millis


@dataclass(frozen=True, slots=True)
class Grant:
    """Access somebody asked for after a refusal, and perhaps got for a while."""

    id: str
    person: Person
    name: str
    rule: str
    """The rule that is not applied to this person while the grant lasts."""
    command: str
    project: str
    job: str
    environment: str
    place: Place
    """Where it was asked, and where its card is."""
    asked_at: Millis
    state: str = "asked"
    """asked, granted, declined or ended."""
    by: str = ""
    """Name of who decided."""
    until: Millis | None = None
    gitlab_id: int = 0
    """GitLab id of who asked: may never grant it, from whichever Slack account."""
    kept: str = ""
    """Id of the kept request that was refused; done once access is granted, if it still waits."""


@dataclass(frozen=True, slots=True)
class Lock:
    """An environment that somebody holds."""

    id: str
    project_id: int
    project: str
    environment: str
    person: Person
    name: str
    gitlab_id: int
    since: Millis
    until: Millis | None
    """None while the deployment that took it lasts."""
    reason: str
    place: Place
    """Where its card is."""
    run: str = ""
    """The run whose deployment took it; empty for one that somebody took by hand."""
    state: str = "held"
    """held, released or expired."""
    reminded: bool = False
    watched: int = -1
    """Id of the newest deployment that was seen, so that a later one is noticed; -1 before the first look."""
    next_look: Millis = 0
    """When the environment's deployments are looked at again."""
    stale: bool = False
    """Whether its card does not show yet how it is."""


@dataclass(frozen=True, slots=True)
class Waiter:
    """Somebody, or a run, that wants an environment next."""

    id: str
    project_id: int
    environment: str
    person: Person
    name: str
    gitlab_id: int
    place: Place
    asked_at: Millis
    run: str = ""
    """The run that waits; empty for somebody who wants the lock itself."""
    reason: str = ""
    state: str = "waiting"
    """waiting, served or left."""
    project: str = ""
    """Full path."""
    due: Millis | None = None
    """When it is handed over to them unless the holder says otherwise; None for one who only waits."""


@dataclass(frozen=True, slots=True)
class Write:
    """A change in GitLab that is no run: an issue, a comment, a project (bot/writing.py)."""

    id: str
    """Made of the key of the request, so that one request makes one change; GitLab sees it as a hidden mark."""
    kind: str
    """`<command>.<verb>`."""
    person: Person
    name: str
    place: Place
    """Where the asker hears of it."""
    project_id: int
    project: str
    about: str
    """JSON: all that is needed to make the change, to find it and to tell of it."""
    state: str = "intent"
    """intent, done, failed, unknown, or lost if nobody will ever know."""
    result: str = "{}"
    """JSON: what GitLab answered."""
    at: Millis = 0
    next_look: Millis = 0


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the audit trail. Lines are only ever added, each sealed by a hash over itself and the one before."""

    at: Millis
    person: Person
    name: str
    gitlab_id: int
    username: str
    place: Place
    command: str
    decision: str
    """allowed, denied, asked, approved, rejected, started, and so on: a word of what was decided or done."""
    project: str = ""
    subject: str = ""
    """Job and ref, environment, or whatever it was done to."""
    environment: str = ""
    arguments: str = ""
    """Digest of the arguments; never the arguments themselves."""
    rule: str = ""
    by: str = ""
    """Who approved, granted or overrode."""
    pipeline: int | None = None
    detail: str = ""
    seq: int = 0
    """Number in the trail, from 1; given by the store."""
    before: str = ""
    hash: str = ""
