"""How errands and messages die: once each, at one step of their way, or without an answer from the other side."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

from bot.delivery.sending import Sender
from bot.edges.store import Tx
from bot.errors import BotError, GitLabUnreachable, SlackUnreachable
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents.errands import Kind
from bot.kit import Kit
from bot.model import Message, Place
from commands.incident import WHOLE

T = TypeVar("T")
NEVER, CLAIMED, SENT, LOST, WRITING, WRITTEN = (
    "never", "claimed", "sent", "answer lost", "being written down", "written down",
)  # fmt: skip
#: Where an errand may die; `answer lost` is no death, but the other side's silence.
STEPS = (CLAIMED, SENT, LOST, WRITING, WRITTEN)


class Killed(BaseException):
    """The process is gone."""


@dataclass(slots=True)
class Fate:
    """At which step everything dies once, and what has."""

    step: str
    deaths: set[str] = field(default_factory=set)
    """Errands and messages that have died already, and that do not again."""
    done: set[str] = field(default_factory=set)
    """Kinds of which an errand was done."""
    doomed: bool = False
    """Whether the process dies as soon as what was written down is to be sent."""

    def kinds(self) -> Mapping[str, Kind]:
        return {name: self._dying(name, kind) for name, kind in WHOLE.kinds.items()}

    def _dying(self, name: str, kind: Kind) -> Kind:
        def act(kit: Kit, errand: Errand, incident: Incident) -> Any:
            if self.step == CLAIMED and self.dies(errand.id):
                raise Killed
            result = kind.act(kit, errand, incident)
            if self.step == SENT and self.dies(errand.id):
                raise Killed
            if self.step == LOST and self.dies(errand.id):
                raise _silence(errand)
            return result

        def ends(tx: Tx, kit: Kit, errand: Errand, incident: Incident, end: Any) -> None:
            (kind.refused if isinstance(end, BotError) else kind.settled)(tx, kit, errand, incident, end)
            self.done.add(name)
            if self.step == WRITING and self.dies(errand.id):
                raise Killed
            self.doomed = self.step == WRITTEN and self.dies(errand.id)

        return replace(kind, act=act, settled=ends, refused=ends)

    def dies(self, key: str) -> bool:
        """Tell whether it is the turn of this errand or message: once each."""
        if key in self.deaths:
            return False
        self.deaths.add(key)
        return True

    def deliver(self) -> None:
        """What was written down is to be sent: right behind the transaction."""
        if self.doomed:
            self.doomed = False
            raise Killed


@dataclass(slots=True)
class Mortal(Sender):
    """The courier's hand, which dies once with each message; what only one person sees cannot be looked for."""

    fate: Fate = field(default_factory=lambda: Fate(NEVER))

    def _post_as_is(self, place: Place, oid: str, message: Message) -> str:
        return self._mortally(oid, partial(self.slack.post, place, message, oid=oid))

    def _update(self, channel: str, ts: str, oid: str, message: Message) -> None:
        self._mortally(f"{oid} again", partial(self.slack.update, channel, ts, message, oid=oid))

    def _mortally(self, key: str, send: Callable[[], T]) -> T:
        fate = self.fate
        if fate.step == CLAIMED and fate.dies(key):
            raise Killed
        sent = send()
        if fate.step in {SENT, WRITING} and fate.dies(key):
            raise Killed
        if fate.step == LOST and fate.dies(key):
            raise SlackUnreachable("The answer was lost.", sent=True)
        return sent


def _silence(errand: Errand) -> BotError:
    said = "The answer was lost."
    return (
        GitLabUnreachable(said, sent=True) if errand.target == "gitlab" else SlackUnreachable(said, sent=True)
    )
