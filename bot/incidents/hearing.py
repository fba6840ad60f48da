"""Finds the incident that something heard in a room is about, and hands it to the parts that listen for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress

from bot.command import Heard
from bot.edges.slack_history import NOTHING_SINCE
from bot.errors import SlackError
from bot.incident import Incident
from bot.kit import Kit
from bot.model import Place

#: What a part does about something that was heard in the room of an incident.
Hears = Callable[[Kit, Incident, Heard], object]
#: What is about one message, and what is about a channel and so about every incident in it.
OF_MESSAGES = frozenset({"said", "edited", "deleted", "reacted", "unreacted", "unpinned"})


def heard(kit: Kit, hears: Mapping[str, Hears], one: Heard) -> list[Incident]:
    """Tell whoever listens for it of what was heard, for each incident it is about; these come back."""
    listens = hears.get(one.kind)
    if listens is None:
        return []
    about = about_which(kit, one)
    for incident in about:
        listens(kit, incident, one)
    return about


def about_which(kit: Kit, one: Heard) -> list[Incident]:
    """
    Return the incidents that something heard is about, none if it is in no room of one.

    Of a channel that was a room more than once the newest counts; of one in which incidents live in threads all of
    them, for what happens to the channel itself.
    """
    with kit.store.read() as tx:
        own = tx.incidents.at(Place(one.channel))
        if own is not None:
            return [own]
        known = tx.incidents.in_channel(one.channel)
    if one.kind not in OF_MESSAGES:
        return known
    found = _in_thread(kit, known, one)
    return [found] if found else []


def _in_thread(kit: Kit, known: list[Incident], one: Heard) -> Incident | None:
    """Return the incident in whose thread a message stands; where Slack does not say in which, it is looked for."""
    by_thread = {each.thread: each for each in known}
    thread = one.thread if one.thread is not None else one.ts if one.ts in by_thread else ""
    if thread or one.kind == "said":
        return by_thread.get(thread)
    with kit.store.read() as tx:
        rows = tx.mirror.all_of_message(one.channel, one.ts)
    if rows:
        return next((each for each in known if each.id == rows[0].incident), None)
    return by_thread.get(_thread_of(kit, one))


def _thread_of(kit: Kit, one: Heard) -> str:
    """Ask Slack in which thread a message stands that somebody marked; empty if it does not say, or for no mark."""
    if one.kind not in {"reacted", "unreacted"} or one.text not in kit.config.incidents.emoji():
        return ""
    with suppress(SlackError):
        message = next(iter(kit.slack.said(Place(one.channel, one.ts), since=NOTHING_SINCE)), None)
        return (message.thread or "") if message else ""
    return ""
