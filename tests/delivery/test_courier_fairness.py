"""A crowded channel, a lost answer and a busy card take nothing from the others."""

from __future__ import annotations

import json

from bot.delivery.courier import LOOKED_THROUGH
from bot.delivery.sending import MOST_WHISPERS
from bot.edges.store import Store
from bot.model import Place
from tests.delivery.post_office import DEV, OPS, Script, busy, office, refused, run, town
from tests.edges import wire
from tests.sandbox.slack_stage import until

AFTERWARDS = wire.data({"ok": False, "error": "internal_error"}, 502)


def test_a_crowded_channel_does_not_hide_another(store: Store) -> None:
    """With more letters for one channel than are looked through, the other channel's goes at once."""
    with office(store, Script(chat_postMessage=[busy(3_000)]), start=False) as desk:
        for number in range(LOOKED_THROUGH + 20):
            desk.post(f"o{number}", queue=f"ops{number}", place=OPS)
        desk.post("d", queue="dev", place=DEV)
        desk.courier.start()
        desk.flow(lambda: desk.sent("d"))
        assert desk.states("o5") == ["due"]


def test_replies_go_before_another_look_of_old_cards(store: Store) -> None:
    """Cards that want an edit wait while there is something to say."""
    with town(store) as desk:
        desk.draw("queued", run())
        desk.flow(lambda: desk.shows("queued"))
        asked = desk.calls["chat.update"]
        desk.draw("running", run(), urgent=True)
        desk.reply("r", "the reply", run())
        desk.flow(lambda: desk.sent("r") and desk.shows("running"))
        assert desk.calls["chat.update"] == asked + 1


def test_a_whisper_that_moved_to_the_direct_messages_is_looked_for(store: Store) -> None:
    """There it is a message like any other: what Slack did not answer is not said a second time."""
    with town(store) as desk:
        desk.answer("w", "the words", place=Place("C0LOBBY001"))
        desk.flow(lambda: desk.letter("w").place.is_dm)
        desk.stage.slack.break_("502-after", times=2)  # for the words, and for why they are here
        desk.flow(lambda: desk.sent("w", "w.displaced"))
        assert desk.seen("dm").count("the words") == 1


def test_a_whisper_without_an_answer_is_repeated_slowly_and_seldom(store: Store) -> None:
    """It leaves no trace to look for: so it is shown a few times at most, ever later."""
    script = Script(chat_postEphemeral=[AFTERWARDS] * 20)
    with office(store, script) as desk:
        desk.answer("w", "psst")
        desk.flow(lambda: desk.letter("w").state == "dead", step=1)
        assert script.count("chat.postEphemeral") == MOST_WHISPERS + 1


def test_a_file_is_stored_once_and_read_when_it_is_sent(store: Store) -> None:
    """The message before a file does not carry it, and whoever looks for what is due reads neither."""
    with office(store, Script(), start=False) as desk:
        desk.answer("a", "look", place=Place("D0ALICEBOT"), file="x" * 1_000)
        with store.read() as tx:
            (head,) = tx.outbox.heads(desk.now(), (), 10)
        assert head.body == ""
        assert json.loads(desk.letter("a").body)["file"] is None
        assert json.loads(desk.letter("a.file").body)["file"]["text"] == "x" * 1_000
        desk.courier.start()
        desk.flow(lambda: desk.sent("a", "a.file"))


def test_after_the_clock_was_set_back_it_speaks_at_once(store: Store) -> None:
    """Moments that were remembered by the old clock are forgotten."""
    script = Script(chat_postMessage=[refused("channel_is_limited_access")])
    with office(store, script, start=False) as desk:
        desk.courier._pace.posted(OPS.channel, desk.now() + 3_600_000)
        desk.post("m", not_before=desk.now() + 3_600_000)
        with store.write() as tx:
            assert tx.outbox.not_later_than(desk.now()) == 1
            assert tx.cards.not_later_than(desk.now()) == 0
        desk.courier.start()
        desk.courier.start_anew()
        until(lambda: desk.letter("m").state != "due")
