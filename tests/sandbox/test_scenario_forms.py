"""Forms, ephemeral buttons and kinds of people in the scenario language, tried with a bot that only echoes."""

from __future__ import annotations

import io

import pytest

from sandbox.scenario import Player
from sandbox.session import NotHeld
from tests.sandbox.echoing import COLUMNS, do


def test_a_form_is_filled_in_and_sent(player: Player, screen: io.StringIO) -> None:
    """A form is a card on the screen; what is filled in reaches the bot, and the form is gone."""
    do(player, "/run form", ":expect In a few words. in form", ":fill why = because⏎of it")
    do(player, ":choose environment = step 2", ":show", ":submit", ":expect step 2: because⏎of it")
    printed = screen.getvalue()
    card = printed[printed.index("a form") :]
    assert card.index("Approve") < card.index("Why") < card.index("[Not now] [Send]")
    assert "[because" in card
    assert "[Step 2 ▾]" in card
    assert all(len(line) <= COLUMNS for line in printed.splitlines())
    with pytest.raises(NotHeld, match="No form is open before alice"):
        do(player, ":submit")


def test_errors_of_a_form_are_seen(player: Player, screen: io.StringIO) -> None:
    """What Slack or the app has against a form stands in it, until it is sent again."""
    do(player, ":as bob", "/run form", ":expect Why in form", ":submit")
    do(player, ":expect Please complete this required field. in form")
    do(player, ":fill Why = bad", ":choose Env = Staging", ":submit", ":expect Say it better. in form")
    do(player, ":fill Why = good", ":click send", ":expect staging: good")
    assert "Why: Please complete this required field." in screen.getvalue()


def test_buttons_of_a_form(player: Player) -> None:
    """A button in a form is found before those of messages; `:cancel` closes the form."""
    do(player, ":as carol", "/run form", ":expect Why in form", ":fill Why = kept", ":click more")
    do(player, ":expect More. in form", ":expect kept in form", ":cancel", ":refuse Why in form")
    with pytest.raises(NotHeld, match="No form is open before carol"):
        do(player, ":fill Why = x")


def test_a_form_is_before_one_person(player: Player) -> None:
    """Nobody else sees the form somebody has opened."""
    do(player, ":as dave", "/run form", ":expect Why in form", ":as alice", ":refuse Why in form")
    do(player, ":as dave", ":cancel")


def test_a_button_of_an_ephemeral_message(player: Player) -> None:
    """It can be pressed, and is gone once the bot has answered by its response_url."""
    do(player, ":in #dev", "/run ask", ":expect-ephemeral [Approve]", ":click approve")
    do(player, ":expect-ephemeral Approved.", ":refuse [Approve]", ":as bob", ":refuse Approved.")


def test_dates_by_the_clock_of_the_reader_and_the_bot(player: Player) -> None:
    """A date is shown in the reader's zone, and near days by the bot's clock."""
    stamp = int(player.session.world.reader("dave").now)
    do(player, ":as dave", ":dm", f"/run date {stamp}", ":expect Today = ")
    do(player, ":clock +1d", ":expect Yesterday = ", ":clock -1d", ":expect Today = ")
    do(player, "/run date 1763640000", ":expect 2025-11-20 12:00 PM")
    do(player, ":as alice", ":in #ops", "/run date 1763640000", ":expect 2025-11-20 1:00 PM")
    do(player, ":as bob", ":expect 2025-11-20 7:00 AM")


def test_the_second_account(player: Player) -> None:
    """alice2 sits in #ops and #dev, and is somebody of her own."""
    do(player, ":as alice2", ":in #dev", "/run say hello from two", ":expect hello from two")
    do(player, ":in #shared", "/run say hello from outside", ":expect hello from outside")
    with pytest.raises(NotHeld, match="#secret is private"):
        do(player, ":in #secret")


def test_slack_lines(player: Player, screen: io.StringIO) -> None:
    """`:slack` changes people, channels and groups, and names what it knows."""
    do(player, ":slack group oncall alice bob", ":in #dev", "ask @oncall", ":expect ask @oncall")
    do(player, ":slack guest carol", ":slack member carol", ":slack share #dev", ":slack unshare #dev")
    do(player, ":slack deactivate dave", ":as dave", "still here", ":slack activate dave")
    assert "The user group @oncall (S0ONCALL01) holds alice, bob." in screen.getvalue()
    with pytest.raises(NotHeld, match="`share #CHANNEL`"):
        do(player, ":slack promote bob")


def test_help_names_what_slack_knows(player: Player, screen: io.StringIO) -> None:
    """`:help` lists every shortcut and every `:slack` line, within 80 columns."""
    do(player, ":help")
    assert ":slack guest NAME" in screen.getvalue()
    assert ":shortcut New issue" in screen.getvalue()
    assert all(len(line) <= COLUMNS for line in screen.getvalue().splitlines())


def test_shortcuts(player: Player) -> None:
    """A global shortcut opens a form; one on a message takes message N, else the newest, and answers there."""
    do(player, ":as alice", ":in #dev", ":shortcut new ISSUE", ":expect Why in form", ":cancel")
    do(
        player,
        "first thing",
        "second thing",
        ":shortcut Add to issue",
        ":expect-ephemeral Added: second thing",
    )
    number = next(one.number for one in player.session.visible() if one.words == "first thing")
    do(player, f":shortcut add to issue {number}", ":expect-ephemeral Added: first thing")
    with pytest.raises(NotHeld, match="New issue"):
        do(player, ":shortcut Make tea")


def test_a_shortcut_the_bot_does_not_answer(player: Player, screen: io.StringIO) -> None:
    """Slack tells the person, and nobody else."""
    do(
        player,
        ":as bob",
        ":in #ops",
        "look here",
        ":shortcut Create issue",
        ":expect-ephemeral did not respond in time",
    )
    assert "Slack says operation_timeout." in screen.getvalue()


def test_files_lists_and_broadcasts(player: Player, screen: io.StringIO) -> None:
    """A file comes with its words, a list is a list, and a broadcast is seen in the channel too."""
    do(
        player,
        ":as alice",
        ":in #dev",
        "root of it",
        ":thread",
        "plain reply",
        ":broadcast to everybody",
        ":leave",
    )
    do(player, ":expect to everybody")
    with pytest.raises(NotHeld, match="go to a thread"):
        do(player, ":broadcast nowhere")
    do(
        player,
        ":upload sandbox/files/notes.txt with the notes",
        ":expect 17:09 rolled back",
        ":expect the notes",
    )
    do(player, ":upload sandbox/files/graph.png", ":expect graph.png (image/png, 141 bytes)")
    do(player, ":slack shred graph.png", ":expect This file was deleted.")
    do(player, "Steps:⏎- one⏎- *two*⏎> said⏎> twice", ":expect • two", ":expect ▏said⏎▏twice")
    do(player, ":slack webhook grafana #dev CPU is high", ":expect CPU is high")
    assert " grafana" in screen.getvalue()
    with pytest.raises(NotHeld, match=r"no file nowhere\.txt"):
        do(player, ":upload nowhere.txt")
