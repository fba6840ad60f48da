"""Keeps what stands above a room as it should be: its topic, the pinned card, the bookmarks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from bot.edges.store import Tx
from bot.errors import BotError
from bot.incident import Incident
from bot.incident_work import Errand
from bot.incidents import cards, errands
from bot.incidents.drawing import Drawing
from bot.incidents.errands import Kind, NotYet, Result
from bot.kit import Kit

TOPIC, PIN, BOOKMARKS = cards.TOPIC, "slack.pin", cards.BOOKMARKS
#: How the names of the facts begin that keep why something cannot be had.
LACKS = "lacks."


def want(tx: Tx, kit: Kit, incident: Incident) -> None:
    """Want all of it brought to what the incident is now; a thread has none of it."""
    if not incident.channel or incident.thread:
        return
    for kind in (TOPIC, PIN, BOOKMARKS):
        want_one(tx, kit, incident, kind)


def want_one(tx: Tx, kit: Kit, incident: Incident, kind: str) -> None:
    """Want one of these brought to what the incident is now."""
    errands.write(tx, errands.new(kit, incident, kind, kind.partition(".")[2], 1), again=True)


def kinds(draw: Drawing) -> Mapping[str, Kind]:
    """Return how it is done: each looks first at how it is, and does nothing if that is as it should be."""
    return {
        TOPIC: _level(partial(_topic, draw), partial(_shown, draw, cards.SHOWN_TOPIC), "topic"),
        PIN: _level(_pin, _pinned, "pin"),
        BOOKMARKS: _level(_bookmarks, partial(_shown, draw, cards.SHOWN_BOOKMARKS), "bookmarks"),
    }  # fmt: skip


def lacking(tx: Tx, incident: Incident) -> dict[str, str]:
    """Return what cannot be had, by its name, and why if that is known; not what was refused to one person alone."""
    found = tx.incident_facts.begin(incident.id, LACKS)
    # Behind a dot stands who was refused; in place of a reason there may be the moment (charting.py).
    return {name: "" if why.isdecimal() else why for name, why in found.items() if "." not in name}


def _level(
    act: Callable[[Kit, Errand, Incident], Result],
    settled: Callable[[Tx, Kit, Incident, Result], object],
    name: str,
) -> Kind:
    """What is set to what it shall be may be set again, so that an answer that was lost is simply asked for anew."""

    def done(tx: Tx, kit: Kit, _errand: Errand, incident: Incident, result: Result) -> None:
        tx.incident_facts.drop(incident.id, f"{LACKS}{name}")
        settled(tx, kit, incident, result)

    def refused(tx: Tx, _kit: Kit, _errand: Errand, incident: Incident, error: BotError) -> None:
        tx.incident_facts.put(incident.id, f"{LACKS}{name}", error.sentence)

    return Kind(act, act, done, refused)


def _shown(draw: Drawing, fact: str, tx: Tx, kit: Kit, incident: Incident, result: Result) -> None:
    """Remember what is shown; it may have to be something else by now."""
    tx.incident_facts.put(incident.id, fact, str(result["shown"]))
    cards.follow(tx, kit, draw, incident)


# Topic ------------------------------------------------------------------------------------------------------


def _topic(draw: Drawing, kit: Kit, _errand: Errand, incident: Incident) -> Result:
    _check_open(incident)
    wanted = cards.topic(kit, draw, incident)
    if not is_same(kit.slack.room(incident.channel).topic, wanted):
        kit.slack.set_topic(incident.channel, wanted)
    return {"shown": wanted}


def is_same(shown: str, wanted: str) -> bool:
    """Tell whether a channel shows a topic; Slack marks up the addresses in it."""
    return _bare(shown) == _bare(wanted)


def _bare(text: str) -> str:
    return text.replace("<", "").replace(">", "").strip()


def _check_open(incident: Incident) -> None:
    """Raise NotYet while nothing can be done in the room."""
    if not incident.channel or incident.muted:
        raise NotYet("Nothing can be done in the room now.")


# Pin and bookmarks ------------------------------------------------------------------------------------------


def _pin(kit: Kit, _errand: Errand, incident: Incident) -> Result:
    _check_open(incident)
    with kit.store.read() as tx:
        card = tx.cards.get(cards.card_id(tx, incident))
    if card is None or card.ts is None:
        raise NotYet("Its card is not posted yet.")
    kit.slack.pin(card.place.channel, card.ts)
    return {"ts": card.ts}


def _pinned(tx: Tx, kit: Kit, incident: Incident, result: Result) -> None:
    """The card may be another message by now."""
    card = tx.cards.get(cards.card_id(tx, incident))
    if card is None or card.ts != result["ts"]:
        want_one(tx, kit, incident, PIN)


def _bookmarks(kit: Kit, _errand: Errand, incident: Incident) -> Result:
    """Other bookmarks are other people's."""
    _check_open(incident)
    wanted = cards.bookmarks_of(incident)
    there = {one.title: one for one in kit.slack.bookmarks(incident.channel)} if wanted else {}
    for title, link in wanted.items():
        one = there.get(title)
        if one is None:
            kit.slack.bookmark(incident.channel, title, link)
        elif one.link != link:
            kit.slack.change_bookmark(incident.channel, one.id, title, link)
    return {"shown": errands.packed(**wanted)}
