"""Who has marked which message with what, one fact for each person: the newest that Slack told of them counts."""

from __future__ import annotations

from dataclasses import dataclass

from bot.edges.store import Tx
from bot.incident import Event, Incident
from bot.incidents.chart.lines import MARK
from bot.model import Millis, Person

#: Kinds of marks that are events, by which they go (bot/config/incidents.py has their emoji).
OF_TIMELINE = frozenset({"timeline", "hypothesis", "decision", "cause"})
INTERNAL, TASK, DONE = "internal", "task", "done"
#: Their mark is there; is not; is there, but counts for nothing, since it is a bot's or a stranger's; or is there, but
#: somebody has undone what it brought about.
ON, OFF, VOID, UNDONE = "on", "off", "void", "undone"


#: When somebody marked a message of whose mark nobody told us.
NEVER = "0.000000"


@dataclass(frozen=True, slots=True)
class Mark:
    """A message, and what it was marked as."""

    channel: str
    ts: str
    kind: str

    @property
    def facts(self) -> str:
        """How the names of its facts begin; a person follows."""
        return f"mark.{self.channel}.{self.ts}.{self.kind}."

    @property
    def made(self) -> str:
        """Name of the fact that what it stands for is there."""
        return f"marked.{self.channel}.{self.ts}.{self.kind}"

    @property
    def source(self) -> str:
        """How the sources of its events begin; a number follows."""
        return f"{MARK}{self.channel}:{self.ts}:{self.kind}:"


@dataclass(frozen=True, slots=True)
class Hand:
    """What is known of one person's mark."""

    person: Person
    at: str
    """When Slack says they last did something with it, as a timestamp of its."""
    state: str
    name: str = ""
    """Empty while nobody has looked who that is."""

    @property
    def order(self) -> tuple[int, int]:
        return order(self.at)

    @property
    def moment(self) -> Millis:
        return moment_of(self.at)


def order(at: str) -> tuple[int, int]:
    """Return a timestamp of Slack's as what can be compared, to the microsecond."""
    seconds, _, rest = at.partition(".")
    return int(seconds or 0), int(rest[:6].ljust(6, "0") or 0)


def moment_of(at: str) -> Millis:
    """Return the moment of a timestamp of Slack's."""
    seconds, micros = order(at)
    return seconds * 1000 + micros // 1000


def of_event(event: Event) -> Mark | None:
    """Return the mark that an event comes of; None if it comes of none."""
    if not event.source.startswith(MARK):
        return None
    channel, ts, kind, _ = event.source.removeprefix(MARK).split(":", 3)
    return Mark(channel, ts, kind)


def hands(tx: Tx, incident: Incident, mark: Mark) -> list[Hand]:
    """Return what is known of everybody who has, or had, marked it, in the order they did so as far as it was heard."""
    kept = tx.incident_facts.begin(incident.id, mark.facts)
    found = [_hand(who, value) for who, value in kept.items()]
    return sorted(found, key=lambda one: (one.at == NEVER, one.order, one.person.team, one.person.id))


def _hand(who: str, value: str) -> Hand:
    at, _, rest = value.partition(" ")
    state, _, name = rest.partition(" ")
    return Hand(Person(*who.split("/", 1)), at, state, name)


def put(tx: Tx, incident: Incident, mark: Mark, hand: Hand) -> None:
    value = f"{hand.at} {hand.state} {hand.name}".rstrip()
    tx.incident_facts.put(incident.id, f"{mark.facts}{hand.person.team}/{hand.person.id}", value)


def note(tx: Tx, incident: Incident, mark: Mark, hand: Hand) -> bool:
    """Take in what Slack told of somebody's mark; False if something as new or newer is known."""
    known = tx.incident_facts.get(incident.id, f"{mark.facts}{hand.person.team}/{hand.person.id}")
    if known is not None and order(known.partition(" ")[0]) >= hand.order:
        return False
    put(tx, incident, mark, hand)
    return True


def on(tx: Tx, incident: Incident, mark: Mark) -> list[Hand]:
    """Return the marks that are there and count, as far as is known, in the order they were made."""
    return [one for one in hands(tx, incident, mark) if one.state == ON]


def seconds(tx: Tx, incident: Incident, event: Event) -> int:
    """Return how many people besides the one who made an event have marked it."""
    mark = of_event(event)
    if mark is None:
        return 0
    return sum(one.person != event.who.person for one in on(tx, incident, mark))


def of_message(tx: Tx, incident: Incident, channel: str, ts: str) -> list[Mark]:
    """Return all that a message was ever marked as."""
    kept = tx.incident_facts.begin(incident.id, f"mark.{channel}.{ts}.")
    return [Mark(channel, ts, kind) for kind in sorted({name.partition(".")[0] for name in kept})]
