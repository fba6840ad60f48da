"""`access`: who has access past a rule for a while, and the buttons that ask for it and answer."""

from __future__ import annotations

import blocks.access
from blocks import answers
from bot.access import grants
from bot.command import Click, Command, Request
from bot.kit import Kit
from bot.model import Message, Millis


def run(request: Request, kit: Kit) -> Message:
    """List what is open or granted: all of it for those who may answer, else what concerns the asker."""
    everybody = grants.may_see_all(kit, request.person)
    with kit.store.read() as tx:
        found = tx.grants.current(request.person.team, kit.now())
    mine = [one for one in found if everybody or one.person == request.person]
    return blocks.access.listing(mine, everybody=everybody)


def ask(click: Click, kit: Kit) -> Message | None:
    grant = grants.ask(
        kit, blocks.access, click.value, person=click.person, name=click.name, place=click.place
    )
    who = grants.in_words(grants.granters(kit.config.policy, grant.rule))
    return answers.said(f"I asked for it here; {who} can answer.")


def hour(click: Click, kit: Kit) -> Message | None:
    return _allow(click, kit, grants.HOUR)


def day(click: Click, kit: Kit) -> Message | None:
    return _allow(click, kit, grants.WORKDAY)


def decline(click: Click, kit: Kit) -> Message | None:
    grants.decline(kit, blocks.access, click.value, person=click.person, name=click.name)
    return None


def tick(kit: Kit) -> None:
    grants.tick(kit, blocks.access)


def _allow(click: Click, kit: Kit, lasts: Millis) -> Message | None:
    grants.allow(kit, blocks.access, click.value, person=click.person, name=click.name, lasts=lasts)
    return None


COMMAND = Command(
    "access", "access", "Who has access past a rule for a while, and who asks for it.", ("access",), run,
    buttons={
        blocks.access.ASK: ask, blocks.access.HOUR: hour, blocks.access.DAY: day, blocks.access.DECLINE: decline,
    },
    in_turn=False, always=True, tick=tick,
)  # fmt: skip
