"""Tells people whose GitLab account gets connected to one more Slack account: else nobody notices (RFC 8628, 5.4)."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import Refused, SlackBusy, SlackError, SlackUnreachable
from bot.kit import Kit
from bot.ledger import Account
from bot.model import Message, Person, Place

log = logging.getLogger(__name__)


class Drawing(Protocol):
    """How it is told; handed in, since the rules do not know `blocks`."""

    def shared(self, mine: Account, other: Account, name: str, gitlab: str) -> Message:
        """What the owner of `mine` reads: `other`, somebody of this name in Slack, was connected to the same."""
        ...


def channels(kit: Kit, gitlab_id: int, person: Person) -> Mapping[Person, str]:
    """
    Return where the other people of a GitLab account are told, empty for one whom Slack does not let us write to.

    Asked before anything is written, so that the letter is in the transaction that connects. Raises Refused while
    Slack does not say: then nothing must be connected that its owner does not hear of.
    """
    with kit.store.read() as tx:
        others = _others(tx, gitlab_id, person)
    try:
        return {one.person: _direct(kit, one.person) for one in others}
    except (SlackUnreachable, SlackBusy):
        raise Refused(
            "That GitLab account is connected to another Slack account already, whose owner has to be told, and Slack"
            " does not answer just now. Nothing was connected. Type `link` again in a minute."
        ) from None


def tell(
    kit: Kit, tx: Tx, draw: Drawing, account: Account, name: str, where: Mapping[Person, str]
) -> Sequence[Person]:
    """Queue a letter to each of the others, and return them; the caller then tells the courier."""
    others = _others(tx, account.gitlab_id, account.person)
    for one in others:
        if where.get(one.person):
            message = draw.shared(one, account, name, kit.config.gitlab.url)
            place = Place(where[one.person])
            letters.answer(tx, _key(account, one), message, person=one.person, place=place, now=kit.now())
    return [one.person for one in others]


def _key(account: Account, other: Account) -> str:
    who, whom = account.person, other.person
    return f"shared.{who.team}.{who.id}.{account.linked_at}.{account.version}.{whom.team}.{whom.id}"


def _others(tx: Tx, gitlab_id: int, person: Person) -> list[Account]:
    return [one for one in tx.accounts.of_gitlab(gitlab_id) if one.person != person]


def _direct(kit: Kit, person: Person) -> str:
    try:
        return kit.slack.open_dm(person.id)
    except (SlackUnreachable, SlackBusy):
        raise
    except SlackError as error:
        log.info("nobody to tell that an account is shared: %s", error.code)
        return ""
