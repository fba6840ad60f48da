"""Favourites are kept, done as if they had been typed, edited and taken away."""

from __future__ import annotations

import json

import pytest

import blocks.favourite
from bot.command import Form
from bot.errors import NotUnderstood, Refused
from bot.model import Place
from commands.favourite import MOST, check, send
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import OPS, PEOPLE, Shop

ALICE = PEOPLE["alice"]


def kept(shop: Shop, name: str = "alice") -> list[str]:
    with shop.store.read() as tx:
        return [one.line for one in tx.favourites.of(PEOPLE[name])]


def first(shop: Shop) -> str:
    with shop.store.read() as tx:
        return tx.favourites.of(ALICE)[0].id


def form(value: str, line: str, *, name: str = "alice", key: str = "form1") -> Form:
    return Form(key, PEOPLE[name], name, Place(OPS), value, {blocks.favourite.FIELD: line})


def test_they_are_kept_and_listed(shop: Shop) -> None:
    """Each once, in their order, with buttons; the same again says which it is."""
    assert "You keep no favourite yet." in shown(shop.say("favourites"))
    assert "Kept as favourite 1: `run hello World`." in shown(shop.say("favourite run hello World"))
    shop.say("favorite shop jobs")
    assert "Kept as favourite 1" in shown(shop.say("favourite run hello World"))
    assert kept(shop) == ["run hello World", "shop jobs"]
    listed = shop.say("favourite")
    assert buttons(listed) == ["Do it", "Edit", "Remove"] * 2
    assert "*2* `shop jobs`" in shown(listed)


def test_an_own_word_is_written_out(shop: Shop) -> None:
    """What a word stands for now is kept."""
    shop.say("alias d = run hello")
    shop.say("favourite d World")
    assert kept(shop) == ["run hello World"]


@pytest.mark.parametrize(
    "line", ["rnu hello", "not run hello", "hello", "run login canary", "run " + "x" * 500]
)
def test_what_is_no_command(shop: Shop, line: str) -> None:
    """It is refused when it is kept, by word and in the form."""
    with pytest.raises((NotUnderstood, Refused)):
        shop.say(f"favourite {line}")
    assert check(form("-", line), shop.kit).keys() == {blocks.favourite.FIELD}
    with pytest.raises((NotUnderstood, Refused)):
        send(form("-", line), shop.kit)
    assert kept(shop) == []


def test_there_is_an_end(shop: Shop) -> None:
    """Ten are kept; one more is refused."""
    for number in range(MOST):
        shop.say(f"favourite run hello {number}")
    with pytest.raises(Refused, match=f"You keep {MOST} favourites"):
        shop.say("favourite run ls")


def test_one_is_done(shop: Shop) -> None:
    """As if it had been typed where it was pressed, once for each press, with the trigger of the press."""
    shop.say("favourite run hello World")
    for key in ("k1", "k1", "k2"):
        assert shop.press("favourite.do", first(shop), key=key) is None
    with shop.store.read() as tx:
        asked = tx.inbox.waiting(10)
    assert [one.key for one in asked] == ["favourite:k1", "favourite:k2"]
    body = json.loads(asked[0].body)
    assert (body["text"], body["channel"], body["person"]) == ("run hello World", OPS, ALICE.id)


def test_one_is_edited(shop: Shop) -> None:
    """The form holds it; sent in, it takes its place; a new one is added, once."""
    shop.say("favourite run hello")
    shop.say("favourite shop jobs")
    view = blocks.favourite.form(first(shop), "run hello", Place(OPS))
    assert view["blocks"][0]["element"]["initial_value"] == "run hello"
    assert check(form(first(shop), "run ls"), shop.kit) == {}
    assert "Kept as favourite 1: `run ls`" in shown(send(form(first(shop), "run ls"), shop.kit))
    assert kept(shop) == ["run ls", "shop jobs"]
    send(form("-", "run ls x", key="new"), shop.kit)
    send(form("-", "run ls x", key="new"), shop.kit)
    assert kept(shop) == ["run ls", "shop jobs", "run ls x"]


def test_one_is_taken_away(shop: Shop) -> None:
    """By its number and by its button, once."""
    shop.say("favourite run hello")
    shop.say("favourite shop jobs")
    assert "`shop jobs` is no favourite of yours any more." in shown(shop.say("favourite remove 2"))
    gone = first(shop)
    shop.press("favourite.remove", gone)
    with pytest.raises(NotUnderstood, match="no favourite of yours any more"):
        shop.press("favourite.remove", gone)
    for typed in ("favourite remove", "favourite remove 1", "favourite remove x"):
        with pytest.raises(NotUnderstood, match="You keep none yet"):
            shop.say(typed)


def test_they_are_mine_alone(shop: Shop) -> None:
    """Nobody else does, edits or removes one."""
    shop.say("favourite run hello")
    for action in ("favourite.do", "favourite.edit", "favourite.remove"):
        with pytest.raises(NotUnderstood, match="no favourite of yours"):
            shop.press(action, first(shop), name="bob")
    with pytest.raises(NotUnderstood, match="no favourite of yours"):
        send(form(first(shop), "run ls", name="bob"), shop.kit)
    assert kept(shop) == ["run hello"]
