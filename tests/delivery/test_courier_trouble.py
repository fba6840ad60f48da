"""The courier when Slack says no or says nothing: what is repeated, what moves, what is given up."""

from __future__ import annotations

import logging
import sqlite3
import time
from pathlib import Path

import pytest

from bot.delivery import letters
from bot.edges.store import Letter, Store
from tests.delivery.post_office import ALICE, DEV, DM, OPS, Office, Script, busy, office, refused, run, said
from tests.edges import wire
from tests.sandbox.slack_stage import until


@pytest.mark.parametrize("lost", [wire.cut(), wire.html(502)], ids=["cut", "502"])
def test_what_did_not_arrive_is_repeated_once(store: Store, lost: wire.Reply) -> None:
    """It is looked for after one second and after nine more; then it is sent again, letter or card."""
    script = Script(chat_postMessage=[lost])
    with office(store, script) as desk:
        desk.post("m")
        until(lambda: desk.letter("m").probe)
        desk.pass_(1.1)
        until(lambda: script.count("conversations.history") == 1)
        until(lambda: desk.letter("m").not_before > desk.now())  # What follows the look is written down, too.
        desk.pass_(8.8)
        desk.answer("fence", "whispers still go")
        until(lambda: desk.sent("fence"))
        assert script.count("conversations.history") == 1
        desk.pass_(0.3)
        until(lambda: desk.sent("m"))
        assert script.count("conversations.history") == 2
        assert script.texts() == ["m", "m"]


def test_a_lost_card_is_repeated_once(store: Store) -> None:
    """As a letter is."""
    script = Script(chat_postMessage=[wire.cut()])
    with office(store, script) as desk:
        desk.draw("queued", run())
        desk.flow(lambda: desk.shows("queued"), step=0.5)
        assert script.texts() == ["queued", "queued"]
        assert script.count("conversations.history") == 2


@pytest.mark.parametrize("trouble", [busy(5), wire.html(500), wire.cut(), refused("internal_error")],
                         ids=["429", "500", "cut", "internal"])  # fmt: skip
@pytest.mark.parametrize("thing", ["letter", "card"])
def test_a_look_that_fails_does_not_make_it_forget_to_look(
    store: Store, thing: str, trouble: wire.Reply
) -> None:
    """While it is not known whether the post arrived, no trouble with the look-up leads to a second post."""
    oid = "m" if thing == "letter" else "r1"
    found = {"ok": True, "messages": [
        {"ts": "17.9", "metadata": {"event_type": "signalbox", "event_payload": {"oid": oid}}}]}  # fmt: skip
    script = Script(chat_postMessage=[wire.cut()], conversations_history=[trouble, wire.data(found)])
    with office(store, script) as desk:
        if thing == "letter":
            desk.post("m")
            desk.flow(lambda: desk.sent("m"), step=0.5)
            assert desk.letter("m").sent_ts == "17.9"
        else:
            desk.draw("queued", run())
            desk.flow(lambda: desk.shows("queued"), step=0.5)
            assert desk.card().ts == "17.9"
        assert script.count("chat.postMessage") == 1


def test_slack_away_during_the_look_up_is_waited_for(store: Store) -> None:
    """The post was cut off and then nobody listens at all: nothing is repeated without a look."""
    with office(store, Script(), start=False) as desk:
        nowhere = type(desk)(store, f"http://127.0.0.1:{wire.closed_port()}/api/", desk.clock)
        desk.post("m", probe=True)
        nowhere.courier._sender.letter(desk.letter("m"))
        assert desk.letter("m").probe
        assert desk.letter("m").state == "due"


@pytest.mark.parametrize("code", ["invalid_blocks", "msg_blocks_too_long"])
def test_bad_blocks_leave_at_least_the_words(
    store: Store, code: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Letter, whisper, card and its edit are said in one plain block, and the log tells of the bug."""
    answers = {"chat_postMessage": [refused(code)], "chat_postEphemeral": [refused(code)]}
    script = Script(**answers, chat_update=[refused(code)])
    with caplog.at_level(logging.ERROR), office(store, script) as desk:
        desk.post("m", "the words")
        desk.answer("w", "psst")
        until(lambda: desk.sent("m", "w"))
        script.told["chat.postMessage"] = [refused(code)]
        desk.draw("queued", run(place=DEV))
        until(lambda: desk.shows("queued"))
        desk.draw("running", run(place=DEV))
        desk.flow(lambda: desk.shows("running"))
    for method, texts in {"chat.postMessage": ["the words", "queued"], "chat.update": ["running"]}.items():
        seconds = [asked for name, asked in script.asked if name == method][1::2]
        plain = [one for asked in seconds for one in asked["blocks"]]
        assert [one["text"]["text"] for one in plain] == texts
        assert {one["text"]["type"] for one in plain} == {"plain_text"}
    assert script.texts("chat.postEphemeral") == ["psst", "psst"]
    assert caplog.text.count("does not take the blocks") == 4


def test_what_slack_refuses_for_good_is_given_up(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """The next of its queue goes on."""
    script = Script(chat_postMessage=[refused("msg_too_long")])
    with caplog.at_level(logging.ERROR), office(store, script) as desk:
        desk.post("m1")
        desk.post("m2")
        desk.flow(lambda: desk.sent("m2"))
        assert desk.letter("m1").state == "dead"
        assert "too long" in desk.letter("m1").why
        assert "m1 is given up" in caplog.text


@pytest.mark.parametrize(
    "code", ["message_not_found", "cant_update_message", "edit_window_closed", "is_archived"]
)
def test_a_card_that_is_gone_is_not_drawn_any_more(store: Store, code: str) -> None:
    """Somebody deleted it: no new one is posted, and the reply still goes out in its thread."""
    script = Script(chat_update=[refused(code)])
    with office(store, script) as desk:
        desk.draw("queued", run())
        until(lambda: desk.shows("queued"))
        desk.draw("passed", run())
        until(lambda: desk.card().state == "dead")
        desk.reply("r1.reply", "hello", run())
        desk.flow(lambda: desk.sent("r1.reply"))
        assert script.count("chat.update") == 1
        assert script.texts() == ["queued", "hello"]
        assert script.asked[-1][1]["thread_ts"] == desk.card().ts


@pytest.mark.parametrize("code", ["not_in_channel", "channel_not_found", "thread_not_found", "is_archived"])
def test_what_cannot_be_said_there_goes_to_the_asker(store: Store, code: str) -> None:
    """As an ordinary message in the direct messages."""
    script = Script(chat_postMessage=[refused(code)])
    with office(store, script) as desk:
        desk.post("m")
        desk.flow(lambda: desk.sent("m"))
        channels = [asked["channel"] for name, asked in script.asked if name == "chat.postMessage"]
        assert channels[0] == OPS.channel
        assert set(channels[1:]) == {DM.channel}


def test_what_can_be_said_nowhere_is_given_up(store: Store) -> None:
    """No direct messages either: letter and card are dead, and the log knows why."""
    no = refused("channel_not_found")
    script = Script(chat_postMessage=[no, no], conversations_open=[refused("user_not_found")] * 2)
    with office(store, script) as desk:
        desk.post("m")
        until(lambda: desk.letter("m").state == "dead")
        desk.pass_(2)
        desk.draw("queued", run())
        until(lambda: desk.card().state == "dead")
        script.told["chat.postMessage"] = [no]
        desk.post("d", queue="dm", place=DM)
        until(lambda: desk.letter("d").state == "dead")
        assert script.count("conversations.open") == 2


def test_a_card_nobody_knows_the_run_of_is_given_up(store: Store) -> None:
    """There is nobody whose direct messages could take it."""
    with office(store, Script(chat_postMessage=[refused("not_in_channel")])) as desk:
        with store.write() as tx:
            tx.cards.want("stray", OPS, '{"text":"x","blocks":[],"file":null}', "h", desk.now())
        desk.pass_(0)
        until(lambda: desk.card("stray").state == "dead")


def test_a_locked_store_is_waited_for_without_haste(
    store: Store, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """What Slack took while the store could not be written is looked up and not repeated; nothing spins."""
    found = {"ok": True, "messages": [
        {"ts": "17.9", "metadata": {"event_type": "signalbox", "event_payload": {"oid": "m"}}}]}  # fmt: skip
    intruder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)

    def post_and_lock(seen: wire.Seen) -> wire.Reply:
        if seen.path.endswith("chat.postMessage"):
            intruder.execute("BEGIN IMMEDIATE")
        return script(seen)

    script = Script(conversations_history=[wire.data(found)])
    with caplog.at_level(logging.WARNING), wire.serve(post_and_lock) as server:
        desk = Office(store, f"{server.url}/api/")
        desk.courier.start()
        desk.post("m")
        until(lambda: "sending q" in caplog.text, 15)
        intruder.execute("ROLLBACK")
        began = time.monotonic()
        desk.flow(lambda: desk.sent("m"), step=0.01)
        assert time.monotonic() - began > 3
        assert script.count("chat.postMessage") == 1
        assert desk.letter("m").sent_ts == "17.9"
        assert len(caplog.records) < 5
        assert desk.courier.stop(5)
    intruder.close()


def test_a_store_that_is_closed_does_not_make_it_spin(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """It says so once in a while, and stops when told to."""
    with caplog.at_level(logging.ERROR), office(store, Script()) as desk:
        store.close()
        desk.courier.wake()
        until(lambda: "the courier cannot read" in caplog.text)
        time.sleep(0.3)  # Nothing may be said in this time.
        assert caplog.text.count("the courier cannot read") <= 2


def test_a_letter_that_cannot_be_read_holds_only_its_own_queue(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is logged, and the others go on."""
    with caplog.at_level(logging.ERROR), office(store, Script()) as desk:
        with store.write() as tx:
            tx.outbox.put(Letter("m", "q", "post", OPS, "", "junk"))
        desk.courier.wake()
        until(lambda: "sending q failed" in caplog.text)
        desk.post("d", queue="dev", place=DEV)
        until(lambda: desk.sent("d"))
        assert desk.letter("m").state == "sending"


def test_what_somebody_else_took_is_left_alone(store: Store) -> None:
    """A letter or card that is sent, or in flight, is not sent by a second hand."""
    script = Script()
    with office(store, script) as desk:
        desk.post("m")
        desk.draw("queued", run(place=DEV))
        until(lambda: desk.sent("m") and desk.shows("queued"))
        desk.courier._sender.letter(desk.letter("m"))
        desk.courier._sender.card(desk.card())
        assert script.count("chat.postMessage") == 2


def test_a_courtesy_is_not_repeated(store: Store) -> None:
    """Better none than two; and nobody looks for it."""
    script = Script(chat_postEphemeral=[wire.cut()])
    with office(store, script) as desk:
        with store.write() as tx:
            letters.courtesy(tx, "k", said("soon"), person=ALICE, place=OPS, at=desk.now(), now=desk.now())
        desk.courier.wake()
        until(lambda: desk.letter(letters.courtesy_id("k")).state == "dead")
        assert script.count("conversations.history") == 0
