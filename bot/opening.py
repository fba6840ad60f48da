"""Opens a form at once and fills it in when what it is made of is known: a trigger lives three seconds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from bot.command import Click, Request, Shortcut
from bot.deeds import Halted
from bot.edges.slack import LATE
from bot.errors import BotError, NotLinked, SlackError
from bot.kit import Kit
from bot.model import Block, Person, Place

#: The state of an account whose tokens count (bot/ledger.py).
LIVE = "live"


class Drawing(Protocol):
    """How an empty form looks (blocks/forms.py)."""

    def loading(self, callback: str, place: Place, *, title: str) -> Block: ...

    def trouble(self, callback: str, place: Place, sentence: str, *, title: str) -> Block: ...


def show(
    kit: Kit, draw: Drawing, asked: Request | Click | Shortcut, callback: str, title: str, fill: Callable[[], Block]
) -> bool:  # fmt: skip
    """
    Open a form for whoever asked, and put what `fill` returns into it; `fill` may ask GitLab.

    False, and nothing was opened, if that is not possible: what was said in a message, or goes on after a link or a
    confirmation, has no trigger, and one may be too old. Then a button is offered that opens the form.
    Raises NotLinked, and opens nothing, for somebody without an account. Whatever BotError `fill` raises stands in the
    form; what lets the request go on later is raised on as well.
    """
    if not asked.trigger:
        return False
    _check_account(kit, asked.person)
    try:
        opened = kit.slack.open_form(asked.trigger, draw.loading(callback, asked.place, title=title))
    except SlackError as error:
        if error.code in LATE:
            return False
        raise
    try:
        view = fill()
    except BotError as error:
        sentence = kit.redact(error.sentence)
        kit.slack.fill_form(opened, draw.trouble(callback, asked.place, sentence, title=title))
        if isinstance(error, NotLinked | Halted):
            raise
        return True
    kit.slack.fill_form(opened, view)
    return True


def _check_account(kit: Kit, person: Person) -> None:
    """Raise NotLinked for somebody without an account that counts, before a form is opened that has to stay empty."""
    with kit.store.read() as tx:
        account = tx.accounts.get(person)
    if account is None or account.state != LIVE:
        kit.gitlab_as(person)
