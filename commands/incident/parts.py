"""What each part of `incident` says of itself, and all of it put together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial

from blocks.answers import said
from bot.command import Click, Form, Heard, Letters, Request, Shortcut
from bot.errors import BotError, StoreError
from bot.incident import Incident
from bot.incidents.dues import Act
from bot.incidents.errands import Kind
from bot.incidents.hearing import Hears
from bot.kit import Kit
from bot.model import Message, Option


@dataclass(frozen=True, slots=True)
class Part:
    """One part: what people type, press and fill in, and what it does by itself. As in bot.command.Command."""

    verbs: Mapping[str, Callable[[Request, Kit], Message | None]] = field(default_factory=dict)
    """By the word after `incident`."""
    buttons: Mapping[str, Callable[[Click, Kit], Message | None]] = field(default_factory=dict)
    forms: Mapping[str, Callable[[Form, Kit], Message | None]] = field(default_factory=dict)
    checks: Mapping[str, Callable[[Form, Kit], Mapping[str, str]]] = field(default_factory=dict)
    shortcuts: Mapping[str, Callable[[Shortcut, Kit], Message | None]] = field(default_factory=dict)
    options: Mapping[str, Callable[[Letters, Kit], Sequence[Option]]] = field(default_factory=dict)
    kinds: Mapping[str, Kind] = field(default_factory=dict)
    """The errands it knows how to do, by their kind."""
    more: Mapping[str, Callable[[Click, Kit], Message | None]] = field(default_factory=dict)
    """By what is picked in the card's select `More` (blocks/incident.py)."""
    dues: Mapping[str, Act] = field(default_factory=dict)
    """What it does when something of a kind is due (bot/incidents/dues.py)."""
    hears: Mapping[str, Hears] = field(default_factory=dict)
    """What it does about what is heard in the room of an incident, by Heard.kind; several parts may hear the same."""
    ticks: Sequence[Callable[[Kit], None]] = ()


def elsewhere(asked: Request | Click | Form, incident: Incident, words: str) -> Message | None:
    """Tell whoever asked elsewhere what came of it, in mrkdwn; in the room everybody sees that."""
    return None if incident.channel and asked.place.channel == incident.channel else said(words)


def all_of(parts: Iterable[Part]) -> Part:
    """Return all parts as one. Raises ValueError if two of them have the same name for something."""
    whole: dict[str, dict[str, object]] = {}
    ticks: list[Callable[[Kit], None]] = []
    hears: dict[str, tuple[Hears, ...]] = {}
    for part in parts:
        ticks += part.ticks
        hears |= {kind: (*hears.get(kind, ()), listens) for kind, listens in part.hears.items()}
        for name in (one.name for one in fields(Part) if one.name not in {"ticks", "hears"}):
            known, more = whole.setdefault(name, {}), getattr(part, name)
            if twice := known.keys() & more.keys():
                raise ValueError(f"Two parts of `incident` have the same {name}: {', '.join(sorted(twice))}")
            known.update(more)
    together = {kind: partial(_all_hear, several) for kind, several in hears.items()}
    return Part(**whole, hears=together, ticks=tuple(ticks))  # type: ignore[arg-type]  # each as in the parts


def _all_hear(several: Sequence[Hears], kit: Kit, incident: Incident, heard: Heard) -> None:
    """Each part hears it, in the order of the parts; what one of them cannot do does not keep it from the others."""
    failed: BotError | None = None
    for listens in several:
        try:
            listens(kit, incident, heard)
        except StoreError:
            raise
        except BotError as error:
            failed = failed or error
    if failed is not None:
        raise failed
