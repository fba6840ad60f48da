"""How fast the courier goes: Slack's 429, its tiers, and how long it waits when Slack is away."""

from __future__ import annotations

import pytest

from bot.delivery.courier import SENDERS
from bot.delivery.pace import UPDATE_BURST, UPDATES_PER_MINUTE
from bot.edges.store import Store
from tests.delivery.post_office import DEV, DM, OPS, Script, busy, office, refused, run
from tests.edges import wire
from tests.sandbox.slack_stage import until


def test_retry_after_is_obeyed(store: Store) -> None:
    """Slack says thirty seconds: not after twenty-nine, but then."""
    script = Script(chat_postMessage=[busy(30)])
    with office(store, script) as desk:
        desk.post("m")
        until(lambda: desk.letter("m").not_before > 0)
        desk.pass_(29)
        desk.answer("fence", "whispers still go")
        until(lambda: desk.sent("fence"))
        assert script.count("chat.postMessage") == 1
        desk.pass_(1.1)
        until(lambda: desk.sent("m"))
        assert script.count("chat.postMessage") == 2
        assert script.count("conversations.history") == 0


def test_two_channels_told_to_wait_are_all_told_to_wait(store: Store) -> None:
    """When a second channel gets a 429 soon after, the method is meant: a third one is not even tried."""
    script = Script(chat_postMessage=[busy(30), busy(30)])
    with office(store, script) as desk:
        desk.post("a", queue="a")
        until(lambda: desk.letter("a").not_before > 0)
        desk.post("b", queue="b", place=DEV)
        until(lambda: desk.letter("b").not_before > 0)
        desk.post("c", queue="c", place=DM)
        desk.answer("fence", "whispers still go")
        until(lambda: desk.sent("fence"))
        assert script.count("chat.postMessage") == 2
        desk.pass_(31)
        desk.flow(lambda: desk.sent("a", "b", "c"))
        assert script.count("chat.postMessage") == 5


def test_all_replies_survive_a_storm_in_order(store: Store) -> None:
    """Every second call is refused for a while; all messages arrive, in order, each once."""
    script = Script(
        chat_postMessage=[busy(1) if n % 2 else wire.data({"ok": True, "ts": f"1.{n}"}) for n in range(20)]
    )
    with office(store, script) as desk:
        for number in range(10):
            desk.post(f"m{number}")
        desk.flow(lambda: desk.sent("m9"), step=0.5)
        accepted = [text for n, text in enumerate(script.texts()) if not n % 2]
        assert accepted == [f"m{number}" for number in range(10)]


def test_slack_away_is_tried_again_slower_each_time(store: Store) -> None:
    """A refused connection sent nothing: no look-up, and waits that double up to a minute."""
    with office(store, Script(), start=False) as desk:
        nowhere = type(desk)(store, f"http://127.0.0.1:{wire.closed_port()}/api/", desk.clock)
        desk.post("m")
        waits = []
        for _ in range(9):
            nowhere.courier._sender.letter(desk.letter("m"))
            waits.append((desk.letter("m").not_before - desk.now()) // 1000)
        assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
        assert not desk.letter("m").probe


@pytest.mark.parametrize("code", ["token_revoked", "invalid_auth", "missing_scope"])
def test_without_a_valid_token_everything_waits(store: Store, code: str) -> None:
    """Nothing is given up: whoever runs the bot will set a new one."""
    script = Script(chat_postMessage=[refused(code), refused(code)])
    with office(store, script) as desk:
        desk.post("m")
        desk.draw("queued", run(place=DEV))
        until(lambda: desk.letter("m").tries == 1 and desk.card().tries == 1)
        assert desk.letter("m").not_before == desk.now() + 60_000
        desk.flow(lambda: desk.sent("m") and desk.shows("queued"), step=1)


def test_an_edit_that_meets_a_429_is_made_later(store: Store) -> None:
    """All edits wait then, not only this one."""
    script = Script(chat_update=[busy(20)])
    with office(store, script) as desk:
        desk.draw("0", run("r1"))
        desk.draw("0", run("r2", DEV))
        until(lambda: desk.shows("0", "r1") and desk.shows("0", "r2"))
        desk.draw("1", run("r1"))
        until(lambda: desk.card("r1").tries == 1)
        desk.draw("1", run("r2", DEV), urgent=True)
        desk.post("fence", place=DM)
        until(lambda: desk.sent("fence"))
        assert script.count("chat.update") == 1
        desk.pass_(20.1)
        until(lambda: desk.shows("1", "r1") and desk.shows("1", "r2"))


CARDS = UPDATE_BURST + 4


def test_many_cards_are_edited_no_faster_than_slack_allows(store: Store) -> None:
    """A burst, then so many a minute; time passing on cards leaves some of the burst for news."""
    with office(store, (script := Script())) as desk:
        for number in range(CARDS):
            desk.draw("0", run(f"r{number}", type(OPS)(f"C{number}")))
        until(lambda: all(desk.shows("0", f"r{number}") for number in range(CARDS)))
        for number in range(CARDS):
            desk.draw("1", run(f"r{number}", type(OPS)(f"C{number}")), urgent=True)
        until(lambda: script.count("chat.update") >= UPDATE_BURST)
        desk.post("fence", place=DM)
        until(lambda: desk.sent("fence"))
        assert script.count("chat.update") < UPDATE_BURST + SENDERS
        began = desk.clock.now
        desk.flow(lambda: all(desk.shows("1", f"r{number}") for number in range(CARDS)))
        assert desk.clock.now - began >= 60 / UPDATES_PER_MINUTE
