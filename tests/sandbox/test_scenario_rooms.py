"""Lines about channels: going to those the bot has made, changing them, and looking at what Slack holds of them."""

from __future__ import annotations

import io

import pytest
from slack_sdk import WebClient

from sandbox.scenario import Player
from sandbox.session import NotHeld
from tests.sandbox.echoing import do


@pytest.fixture
def web(player: Player) -> WebClient:
    """The bot's own way into Slack."""
    slack = player.session.world.slack
    return WebClient(slack.bot_token, base_url=slack.api_url)


def test_going_to_what_the_bot_has_made(player: Player, web: WebClient, screen: io.StringIO) -> None:
    """`*` leads to the newest that fits; whoever is not in it joins, as its members show."""
    web.conversations_create(name="inc-1-checkout")
    web.conversations_create(name="inc-2-search")
    do(player, ":in #inc-*", "hello", ":expect hello in #inc-2-search", ":expect hello in #inc-2*")
    do(player, ":in #inc-1-*", ":expect-slack members contains alice", ":expect-slack members contains (app)")
    do(player, ":expect-slack members lacks bob", ":as bob", ":in #inc-1-checkout")
    do(player, ":expect-slack members contains bob", ":expect-slack channels contains #inc-1-checkout")
    assert "bob has joined #inc-1-checkout." in screen.getvalue()
    for line in (":in #inc-9-*", ":expect hello within 1s in #inc-9-*", ":refuse hello in #inc-9-*"):
        with pytest.raises(NotHeld, match=r"There is no channel #inc-9-\*"):
            do(player, line)


def test_private_channels(player: Player, web: WebClient) -> None:
    """Nobody goes there without an invitation, and nobody else finds it."""
    channel = web.conversations_create(name="hush-1", is_private=True)["channel"]["id"]
    with pytest.raises(NotHeld, match="#hush-1 is private: somebody in it has to invite alice"):
        do(player, ":in #hush-1")
    with pytest.raises(NotHeld, match="There is no channel"):
        do(player, ":in #hush-*")
    do(player, ":expect-slack channels lacks hush")
    web.conversations_invite(channel=channel, users="U0ALICE001")
    do(player, ":in #hush-*", ":expect-slack channels contains #hush-1 (private)", ":slack invite bob")
    do(player, ":as bob", "hello", ":slack quit")
    with pytest.raises(NotHeld, match="bob is not in hush-1"):
        do(player, "still here")


def test_changing_a_channel(player: Player) -> None:
    """Topic, purpose and name; an archived one takes no words; whoever is no member changes nothing."""
    do(
        player,
        ":in #dev",
        ":slack topic S1 | down, see #ops",
        ":expect set the channel topic: S1 | down, see #ops",
    )
    do(player, ":expect-slack topic contains S1 | down, see #ops", ":slack purpose All of it")
    do(
        player,
        ":expect-slack purpose contains All of it",
        ":slack rename dev-2",
        ":expect has renamed the channel",
    )
    assert player.session.place == "#dev-2"
    with pytest.raises(NotHeld, match="name_taken"):
        do(player, ":slack rename ops")
    do(player, ":slack archive", ":expect-slack channels contains #dev-2 (archived)")
    with pytest.raises(NotHeld, match="#dev-2 is archived: nobody writes there"):
        do(player, "hello")
    do(player, ":slack unarchive", ":slack rename dev", ":slack me is back", ":expect is back", ":slack quit")
    with pytest.raises(NotHeld, match="alice is not in #dev; `:slack join` comes first"):
        do(player, ":slack topic mine")
    do(player, ":slack join", ":slack topic", ":expect cleared the channel topic", ":slack kick bob")
    do(player, ":expect-slack members lacks bob", ":slack invite bob #dev", ":slack kick signalbox")
    do(
        player,
        ":expect-slack members lacks signalbox",
        ":slack invite-bot",
        ":expect-slack members contains signalbox",
    )


def test_pins_bookmarks_reactions_and_files(player: Player, web: WebClient) -> None:
    """What hangs on a channel and its messages is told one line for each."""
    do(player, ":in #ops", "Checkout is⏎down", ":expect Checkout is")
    number = str(max(one.number for one in player.session.visible()))
    web.bookmarks_add(
        channel_id=player.session.channel,
        title="Issue",
        type="link",
        link="https://x.example/1",
        emoji=":fire:",
    )
    do(
        player,
        f":slack pin {number}",
        f":expect-slack pins contains {number} alice: Checkout is down (pinned by alice)",
    )
    do(player, ":expect-slack bookmarks contains :fire: Issue https://x.example/1", f":react eyes {number}")
    do(
        player,
        ":as bob",
        f":react eyes {number}",
        f":expect-slack reactions {number} contains :eyes: alice, bob",
    )
    do(player, f":slack unpin {number}", ":expect-slack pins lacks Checkout", ":upload LICENSE")
    do(player, ":expect-slack files contains LICENSE (LICENSE, ", ":expect-slack files contains by bob)")
    do(player, f":slack erase {number}", ":refuse Checkout is")
    with pytest.raises(NotHeld, match=r"Say which message: `:slack pin 3`, or `:slack pin on WORDS`\."):
        do(player, ":slack pin")
    with pytest.raises(
        NotHeld, match=r'#ops does not hold "nothing" among its bookmarks after 0\.1 s'
    ) as missed:
        do(player, ":expect-slack bookmarks contains nothing within 100ms")
    assert missed.value.seen == ":fire: Issue https://x.example/1"


def test_an_edited_message_says_so(player: Player, screen: io.StringIO) -> None:
    """People's messages do; the reactions stand below."""
    do(player, ":in #dev", "helo", ":expect helo")
    number = max(one.number for one in player.session.visible())
    do(player, f":edit {number} hello", ":expect hello⏎(edited)", f":react tada {number}", ":expect :tada: 1")
    assert "(edited)" in screen.getvalue()


def test_a_channel_that_goes_away(player: Player, web: WebClient) -> None:
    """Whoever was in it finds themselves in #ops; with a new id it stays where it is."""
    web.conversations_create(name="short")
    do(player, ":in #short", "hello", ":slack new-id", ":expect hello")
    assert player.session.place == "#short"
    do(player, ":slack delete-channel", ":expect-slack channels lacks #short")
    assert player.session.place == "#ops"
