"""What people set for themselves is told, changed and kept to."""

from __future__ import annotations

import json

import pytest

import blocks.settings
from bot.command import Form
from bot.errors import NotUnderstood
from bot.jobs import answer
from bot.model import Place, RunState
from bot.own import MENTION, NEVER
from commands.settings import send
from tests.jobs.seen import shown
from tests.jobs.stage import PEOPLE, Shop

ALICE, DM = PEOPLE["alice"], "D0ALICEBOT"


def mention(shop: Shop) -> str:
    with shop.store.read() as tx:
        return tx.settings.get(ALICE, MENTION)


def asked(shop: Shop) -> list[tuple[str, str]]:
    with shop.store.read() as tx:
        bodies = [json.loads(one.body) for one in tx.inbox.waiting(10)]
    return [(body["channel"], body["text"]) for body in bodies]


def form(**values: str) -> Form:
    return Form("form1", ALICE, "alice", Place(DM), blocks.settings.MINE, values)


def test_what_is_set_is_told(shop: Shop) -> None:
    """The zone of Slack, the project of direct messages, when somebody is called, and their words."""
    said = shown(shop.say("settings"))
    assert "Time zone Europe/Berlin, from Slack · no project in our direct messages" in said
    assert "called by name when a run took longer than 1 m 00 s · own words: 0" in said
    shop.say("alias d = run hello")
    shop.say("project use acme/infra", channel=DM)
    assert "project in our direct messages: acme/infra" in shown(shop.say("settings"))
    assert "own words: 1" in shown(shop.say("settings"))


@pytest.mark.parametrize(
    ("typed", "value"), [("5m", "300"), ("1.5 min", "90"), ("1h", "3600"), ("Never", NEVER)]
)
def test_when_somebody_is_called(shop: Shop, typed: str, value: str) -> None:
    """A span, or never."""
    shop.say(f"settings mention {typed}")
    assert mention(shop) == value


@pytest.mark.parametrize(
    "rest", ["mention", "mention soon", "mention 2d", "mention 0m", "project", "project a b", "x"]
)
def test_what_is_not_understood(shop: Shop, rest: str) -> None:
    """The answer shows what can be set."""
    with pytest.raises(NotUnderstood, match="settings mention 5m"):
        shop.say(f"settings {rest}")
    assert mention(shop) == ""


def test_the_project_of_direct_messages(shop: Shop) -> None:
    """It is asked for as one would there, so that everything is looked at."""
    assert "Look into our direct messages" in shown(shop.say("settings project acme/infra"))
    assert shop.say("settings project -", channel=DM) is None
    assert asked(shop) == [(DM, "project use acme/infra"), (DM, "project use -")]


def test_the_form(shop: Shop) -> None:
    """What differs is set; a project is asked for only if it differs; what was typed stays a choice."""
    assert "called by name only when a run failed" in shown(send(form(mention=NEVER), shop.kit))
    assert asked(shop) == []
    assert send(form(mention="300", project="acme/infra"), shop.kit) is None
    assert asked(shop) == [(DM, "project use acme/infra")]
    assert mention(shop) == "300"
    send(form(mention="12345", project="no path"), shop.kit)
    assert (mention(shop), len(asked(shop))) == ("300", 1)
    view = blocks.settings.form(Place(DM), "acme/shop", "420")
    assert "7 m 00 s" in str(view["blocks"][1]["element"]["initial_option"])


@pytest.mark.parametrize(
    ("setting", "status", "took", "called"),
    [
        ("", "success", 61, True), ("", "success", 59, False), ("300", "success", 61, False),
        ("30", "success", 31, True), (NEVER, "success", 9_999, False), (NEVER, "failed", 1, True),
    ],
)  # fmt: skip
def test_whoever_asked_is_called_as_they_set(
    shop: Shop, setting: str, status: str, took: int, called: bool
) -> None:
    """A run that failed always calls; one that went well when it took longer than was set."""
    with shop.store.write() as tx:
        tx.settings.put(ALICE, MENTION, setting)
    run = shop.intend(
        "hello", state=RunState.REPLYING, status=status, called_at=1, finished_at=1 + took * 1000
    )
    assert answer._mention(shop.kit, run) is called
