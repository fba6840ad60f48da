"""Who may use the bot, and where."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.access import people
from bot.model import Person, Place
from bot.policy import Policy
from tests.access.house import ALICE, OPS, SHARED, TEAM, House

ERIN, BOT, DAVE = Person("T0PARTNER1", "U0ERIN0001"), Person(TEAM, "U0OPSBOT01"), Person(TEAM, "U0DAVE0001")


def refusal(house: House, person: Person = ALICE, channel: str = OPS) -> str:
    return people.refusal(house.kit, person, Place(channel)) or ""


def become(house: House, person: Person, **changes: bool | str) -> None:
    users = house.slack.slack.workspace.users
    users[person.id] = replace(users[person.id], **changes)  # type: ignore[arg-type]  # by the names of its fields


def test_a_member_in_a_channel_of_ours(house: House) -> None:
    """A full member is let in, in channels and in direct messages."""
    assert refusal(house) == ""
    assert refusal(house, channel="D0ALICEBOT") == ""


@pytest.mark.parametrize(
    ("changes", "word"), [({"is_restricted": True}, "guest"), ({"is_ultra_restricted": True}, "guest")]
)
def test_guests(house: House, changes: dict[str, bool], word: str) -> None:
    """A guest is refused in one sentence that says who can change that, unless let in by name or team."""
    become(house, DAVE, **changes)
    assert word in refusal(house, DAVE)
    assert "`access.let_in`" in refusal(house, DAVE)
    assert refusal(house.under(Policy(let_in=(DAVE.id,))), DAVE) == ""
    assert refusal(house.under(Policy(let_in=(TEAM,))), DAVE) == ""
    assert refusal(house.under(Policy(let_in=(ALICE.id,))), DAVE) != ""


def test_strangers(house: House) -> None:
    """Somebody of another company is refused, whatever team the envelope names, unless let in."""
    assert "belong to another" in refusal(house, ERIN)
    assert "belong to another" in refusal(house, Person(TEAM, ERIN.id))
    assert refusal(house.under(Policy(let_in=(ERIN.id,))), ERIN) == ""
    assert refusal(house.under(Policy(let_in=("T0PARTNER1",))), ERIN) == ""


def test_apps(house: House) -> None:
    """Another app's user gives no commands."""
    assert "you are an app" in refusal(house, BOT)
    assert refusal(house.under(Policy(let_in=(BOT.id,))), BOT) == ""


def test_somebody_who_left(house: House) -> None:
    """A deactivated account is not let in by anything."""
    become(house, DAVE, deleted=True)
    assert "deactivated" in refusal(house, DAVE)
    assert "deactivated" in refusal(house.under(Policy(let_in=(DAVE.id, TEAM))), DAVE)


def test_channels_shared_outwards(house: House) -> None:
    """Where another company reads along nothing is done, unless the channel is listed."""
    assert "`access.shared_channels`" in refusal(house, channel=SHARED)
    assert refusal(house.under(Policy(shared_channels=(SHARED,))), channel=SHARED) == ""
    assert refusal(house.under(Policy(let_in=(TEAM,))), channel=SHARED) != ""


def test_slack_away(house: House) -> None:
    """Whom Slack has told of lately is let in while it is away; nobody else is, and is told to try again."""
    assert refusal(house) == ""
    house.slack.slack.break_("500")
    house.clock.now += 61_000
    assert refusal(house) == ""
    assert "Try again" in refusal(house, DAVE)
    house.clock.now += 3_600_000
    assert "Try again" in refusal(house)
    house.slack.slack.mend()
    assert refusal(house) == ""


def test_somebody_slack_does_not_know(house: House) -> None:
    """An id that Slack has never heard of is nobody."""
    assert "cannot make sure" in refusal(house, Person(TEAM, "U0NOBODY01"))
