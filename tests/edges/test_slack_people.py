"""What Slack says of people, groups and channels, and how long that counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from bot.edges.slack import Slack
from bot.edges.slack_people import AGAIN, CHANNEL_TTL, STALE, TTL, People
from bot.errors import SlackBusy, SlackError, SlackUnreachable
from sandbox.slack.groups import set_group
from tests.edges import wire
from tests.edges.slack_calls import connect, refused
from tests.edges.wire import Reply, Seen, Server
from tests.sandbox.slack_stage import OPS, SECRET, SHARED, Stage

HOME = {"ok": True, "team_id": "T0ACME0001", "user_id": "U0OPSBOT01"}


class Clock:
    now = 1_763_650_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def slack() -> Iterator[Stage]:
    """A Slack with people in it."""
    with Stage() as stage:
        yield stage


def people(stage: Stage, clock: Clock) -> People:
    return People(Slack(stage.slack.bot_token, stage.slack.api_url), clock)


def user(**changes: Any) -> dict[str, Any]:
    return {"ok": True, "user": {"id": "U0ALICE001", "team_id": "T0ACME0001", "name": "alice", **changes}}


def answered(user_body: dict[str, Any], home: dict[str, Any] = HOME) -> Any:
    return lambda seen: wire.data(home if seen.path.endswith("auth.test") else user_body)


def about(body: dict[str, Any], home: dict[str, Any] = HOME) -> Any:
    with wire.serve(answered(body, home)) as server:
        return People(connect(server), Clock()).about("U0ALICE001")


# Who they are -----------------------------------------------------------------------------------------------


def test_a_member(slack: Stage, clock: Clock) -> None:
    """A full member of the workspace is nothing but that, and has a name and a time zone."""
    found = people(slack, clock).about("U0ALICE001")
    assert (found.id, found.team, found.name, found.tz) == (
        "U0ALICE001",
        "T0ACME0001",
        "alice",
        "Europe/Berlin",
    )
    assert not any((found.is_guest, found.is_stranger, found.is_bot, found.is_gone))


@pytest.mark.parametrize(
    ("who", "what"), [("U0ERIN0001", "is_stranger"), ("U0ERIN0001", "is_guest"), ("U0OPSBOT01", "is_bot")]
)
def test_others(slack: Stage, clock: Clock, who: str, what: str) -> None:
    """Somebody of another company, a guest and an app are told apart."""
    assert getattr(people(slack, clock).about(who), what)


def test_somebody_who_left(slack: Stage, clock: Clock) -> None:
    """A deactivated account is gone; Slack gives it no time zone."""
    users = slack.slack.workspace.users
    users["U0DAVE0001"] = replace(users["U0DAVE0001"], deleted=True)
    found = people(slack, clock).about("U0DAVE0001")
    assert (found.is_gone, found.tz) == (True, "UTC")


@pytest.mark.parametrize(
    ("changes", "home", "stranger"),
    [
        ({"team_id": "T0OTHER"}, {}, True),
        ({"is_stranger": True}, {}, True),
        ({"team_id": "T0OTHER", "enterprise_user": {"teams": ["T0ACME0001"]}}, {}, False),
        ({"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E1"}}, {"enterprise_id": "E1"}, False),
        ({"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": "E2"}}, {"enterprise_id": "E1"}, True),
        ({"team_id": "T0OTHER", "enterprise_user": {"enterprise_id": ""}}, {"enterprise_id": ""}, True),
    ],
)
def test_strangers(changes: dict[str, Any], home: dict[str, Any], stranger: bool) -> None:
    """Whoever belongs neither to our workspace nor to its enterprise is a stranger, whatever Slack calls them."""
    assert about(user(**changes), HOME | home).is_stranger is stranger


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"is_restricted": True}, "is_guest"), ({"is_ultra_restricted": True}, "is_guest"),
        ({"id": "USLACKBOT"}, "is_bot"), ({"is_workflow_bot": True}, "is_bot"),
    ],
)  # fmt: skip
def test_marks(changes: dict[str, Any], what: str) -> None:
    """Each kind of guest is one, and so is each kind of bot."""
    assert getattr(about(user(**changes)), what)


def test_a_name_is_found_for_everybody() -> None:
    """The display name, else the real one, else the account's."""
    assert about(user(profile={"display_name": "al"}, real_name="Alice A")).name == "al"
    assert about(user(profile={"display_name": ""}, real_name="Alice A")).name == "Alice A"
    assert about(user()).name == "alice"


# Groups and channels ----------------------------------------------------------------------------------------


def test_a_user_group(slack: Stage, clock: Clock) -> None:
    """Who is in a group is Slack's business, asked once for all of its members."""
    group = set_group(slack.slack.workspace, "oncall", ["U0ALICE001", "U0BOB00001"])
    found = people(slack, clock)
    assert found.in_usergroup(group.id, "U0ALICE001")
    assert not found.in_usergroup(group.id, "U0CAROL001")
    assert slack.slack.calls["usergroups.users.list"] == 1


def test_a_group_that_is_not_there(slack: Stage, clock: Clock) -> None:
    """Of a group that Slack does not have nobody knows the members."""
    with pytest.raises(SlackError) as caught:
        people(slack, clock).in_usergroup("S0NOBODY", "U0ALICE001")
    assert caught.value.code == "no_such_subteam"


def test_channels(slack: Stage, clock: Clock) -> None:
    """A channel with another company is shared; others, direct messages and those out of sight are not."""
    found = people(slack, clock)
    assert found.is_shared(SHARED)
    assert not found.is_shared(OPS)
    assert not found.is_shared(SECRET)
    before = slack.slack.calls["conversations.info"]
    assert not found.is_shared("D0ALICEBOT")
    assert slack.slack.calls["conversations.info"] == before


def test_a_channel_that_is_shared_meanwhile(slack: Stage, clock: Clock) -> None:
    """It is noticed within half a minute."""
    found = people(slack, clock)
    assert not found.is_shared(OPS)
    slack.slack.workspace.channels[OPS].is_ext_shared = True
    clock.now += CHANNEL_TTL - 1
    assert not found.is_shared(OPS)
    clock.now += 1
    assert found.is_shared(OPS)


# How long it counts -----------------------------------------------------------------------------------------


def test_slack_is_asked_once_a_minute() -> None:
    """Within a minute the same question is answered from memory; a clock set back is no excuse."""
    clock = Clock()
    with wire.serve(answered(user())) as server:
        found = People(connect(server), clock)
        for passed in (0, TTL - 1, 1, -TTL):
            clock.now += passed
            found.about("U0ALICE001")
    assert server.paths().count("POST /api/users.info") == 3


@pytest.mark.parametrize("trouble", [wire.html(503), refused("ratelimited"), wire.cut()])
def test_slack_is_away(trouble: Reply) -> None:
    """For an hour what was known counts, and Slack is asked again every few seconds; then nobody is known."""
    clock, away = Clock(), [False]

    def script(seen: Seen) -> Reply:
        return trouble if away[0] else answered(user())(seen)

    with wire.serve(script) as server:
        found = People(connect(server), clock)
        found.about("U0ALICE001")
        away[0] = True
        clock.now += TTL
        assert found.about("U0ALICE001").name == "alice"
        assert asked(server) == 2
        found.about("U0ALICE001")
        assert asked(server) == 2
        clock.now += AGAIN
        found.about("U0ALICE001")
        assert asked(server) == 3
        clock.now += STALE
        with pytest.raises((SlackUnreachable, SlackBusy)):
            found.about("U0ALICE001")
        away[0] = False
        assert found.about("U0ALICE001").name == "alice"


def test_nothing_is_known_at_first() -> None:
    """Without an answer there is no person."""
    with wire.serve(wire.always(wire.html(503))) as server, pytest.raises(SlackUnreachable):
        People(connect(server), Clock()).about("U0ALICE001")


def test_a_person_slack_takes_away_is_forgotten() -> None:
    """When Slack says there is no such person, what was known of them counts no more."""
    clock, said = Clock(), [wire.data(user()), refused("user_not_found"), wire.html(503)]

    def script(seen: Seen) -> Reply:
        return wire.data(HOME) if seen.path.endswith("auth.test") else said.pop(0)

    with wire.serve(script) as server:
        found = People(connect(server), clock)
        found.about("U0ALICE001")
        clock.now += TTL
        with pytest.raises(SlackError) as caught:
            found.about("U0ALICE001")
        assert caught.value.code == "user_not_found"
        with pytest.raises(SlackUnreachable):
            found.about("U0ALICE001")


def asked(server: Server) -> int:
    return server.paths().count("POST /api/users.info")
