"""Somebody's Home: shown when it is opened, and anew while what it shows changes, each look of it once."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from bot.errors import SlackError
from bot.kit import Kit
from bot.model import Block, Millis, Person
from bot.own import Home
from bot.personal import sight

log = logging.getLogger(__name__)

#: How long after it was opened a Home is kept as things are: nobody looks at one for longer without opening it again.
LOOKED_AT_MS: Millis = 900_000
#: How often such a Home is looked at; Slack takes a hundred a minute, of all people together (slack-platform.md 2.3).
EVERY_MS: Millis = 3_000
#: A Home that Slack has shown for longer is shown anew, whatever it shows.
STALE_MS: Millis = 86_400_000
#: Looked at in one tick.
MOST = 50
Draw = Callable[[Kit, Person], Block]


def opened(kit: Kit, draw: Draw, person: Person) -> None:
    """Show it at once from what is known; then ask GitLab, on another thread, and show it anew if that differs."""
    with kit.store.write() as tx:
        tx.homes.open(person, kit.now(), kit.now() + EVERY_MS)
    show(kit, draw, person)
    kit.apart(f"environments for the Home of {person.team} {person.id}", partial(refresh, kit, draw, person))


def refresh(kit: Kit, draw: Draw, person: Person) -> None:
    """Ask GitLab, as this person, for what their Home shows of it, and show that."""
    sight.look(kit, person)
    show(kit, draw, person)


def look(kit: Kit, draw: Draw) -> None:
    """Look at every Home that was opened lately, each apart; returns at once."""
    now = kit.now()
    with kit.store.read() as tx:
        due = tx.homes.due(now, now - LOOKED_AT_MS, MOST)
    for home in due:
        with kit.store.write() as tx:
            mine = tx.homes.look(home, now + EVERY_MS)
        if mine:
            kit.apart(f"Home of {home.person.team} {home.person.id}", partial(show, kit, draw, home.person))


def show(kit: Kit, draw: Draw, person: Person) -> bool:
    """Show a Home unless Slack shows just that already; whether it was shown."""
    view = _without_secrets(kit, draw(kit, person))
    digest = hashlib.sha256(json.dumps(view, sort_keys=True).encode()).hexdigest()
    with kit.store.read() as tx:
        home = tx.homes.get(person)
    if home is None or _is_shown(home, digest, kit.now()):
        return False
    try:
        kit.slack.publish_home(person.id, view)
    except SlackError as error:  # The next look tries again.
        log.info("the Home of %s is not shown: %s", person.id, error)
        return False
    with kit.store.write() as tx:
        tx.homes.shows(person, digest, kit.now())
    return True


def _is_shown(home: Home, digest: str, now: Millis) -> bool:
    return home.shown == digest and 0 <= now - home.shown_at < STALE_MS


def _without_secrets(kit: Kit, part: Any) -> Any:
    """Take secrets out of all that is read; what buttons carry stays."""
    if isinstance(part, Mapping):
        return {name: _text(kit, name, value) for name, value in part.items()}
    return [_without_secrets(kit, one) for one in part] if isinstance(part, list) else part


def _text(kit: Kit, name: str, value: Any) -> Any:
    if isinstance(value, str):
        return kit.redact(value) if name == "text" else value
    return _without_secrets(kit, value)
