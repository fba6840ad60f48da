"""The App Home and menus in the scenario language, tried with a bot that only echoes."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pytest

from sandbox.scenario import Player
from sandbox.session import NotHeld
from sandbox.slack.manifest import read
from sandbox.world import World
from tests.sandbox.echoing import COLUMNS, ECHO, do


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """A world with the echoing bot, whose manifest has a Home; shared by the tests of this file."""
    asked = read()
    manifest = replace(asked, has_home=True, subscriptions=asked.subscriptions | {"app_home_opened"})
    with World(command=ECHO, manifest=manifest) as world:
        yield world


def test_the_home_is_what_the_person_looks_at(player: Player, screen: io.StringIO) -> None:
    """Until they leave it: `:expect` and `:click` mean the Home, messages are elsewhere."""
    do(player, "/run say hidden", ":expect hidden", ":home", ":expect Hello @alice, refreshed 0 times.")
    do(
        player,
        ":expect Signalbox: Home in home",
        ":refuse hidden",
        ":click refresh",
        ":expect refreshed 1 times.",
    )
    do(player, ":expect hidden in #ops", ":show")
    with pytest.raises(NotHeld, match="The Home has no button Press me"):
        do(player, ":click Press me")
    for line in ("/run say more", "more", ":upload Makefile"):
        with pytest.raises(NotHeld, match="no box to type into"):
            do(player, line)
    do(player, ":leave", ":expect hidden", ":refuse refreshed", ":click Press me", ":expect by @alice")
    printed = screen.getvalue()
    assert "alice in home ▸" in printed
    assert "the Home" in printed
    assert all(len(line) <= COLUMNS for line in printed.splitlines())


def test_a_form_opened_from_the_home(player: Player) -> None:
    """It stands before the Home until it is sent or closed."""
    do(player, ":as bob", ":home", ":expect Hello @bob", ":click open", ":expect Why in form", ":click more")
    do(
        player,
        ":expect More. in form",
        ":cancel",
        ":refuse Why in form",
        ":click refresh",
        ":expect refreshed 1 times.",
    )


def test_somebody_else_has_another_home(player: Player) -> None:
    """`:as` goes on looking at the Home, which is that person's own then."""
    do(
        player,
        ":as carol",
        ":home",
        ":expect Hello @carol",
        ":as dave",
        ":expect Hello @dave",
        ":dm",
        ":refuse Hello",
    )


def test_menus_of_the_home_show_what_they_offer(player: Player, screen: io.StringIO) -> None:
    """`:type` shows the options for some letters, and `:choose` picks among them."""
    do(player, ":as dave", ":home", ":expect [Project ▾]", ":type Project = acme/s")
    do(player, ":expect acme/shop", ":refuse acme/vault", ":type project = zzz", ":expect No results")
    do(player, ":choose Project = acme/vault", ":expect [acme/vault ▾]", ":refuse No results", ":dm")
    do(player, ":expect Project: acme/vault")
    assert "• acme/shop" in screen.getvalue()
    with pytest.raises(NotHeld, match="from 1 letters on"):
        do(player, ":home", ":type Project =")


def test_menus_of_a_message_show_what_they_offer(player: Player) -> None:
    """The same on a message; what was picked stands there, and only for the one who picked it."""
    do(player, ":in #dev", "/run pick", ":expect [Project ▾]", ":type Project = infra", ":expect acme/infra")
    do(player, ":as bob", ":refuse acme/infra", ":as alice", ":choose Project = acme/infra")
    do(player, ":expect [acme/infra ▾]", ":refuse • acme/infra", ":as bob", ":expect [Project ▾]")
    with pytest.raises(NotHeld, match="No message here has menu Colour"):
        do(player, ":type Colour = red")
