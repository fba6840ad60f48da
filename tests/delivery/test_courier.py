"""The courier at a whole Slack: in order, in the right place, as fast as allowed, each message once."""

from __future__ import annotations

import pytest

from bot.delivery import letters
from bot.edges.store import Letter, Store
from bot.model import Place
from tests.delivery.post_office import ALICE, BOB, DEV, DM, OPS, SECRET, run, said, town
from tests.sandbox.slack_stage import until


def test_a_queue_keeps_its_order_at_one_message_a_second(store: Store) -> None:
    """Six messages to one channel arrive in order, without one refusal for speed."""
    with town(store) as office:
        for number in range(6):
            office.post(f"m{number}")
        until(lambda: office.sent("m0"))
        assert office.states("m1", "m5") == ["due", "due"]
        office.flow(lambda: office.sent("m5"))
        assert office.seen("ops") == [f"m{number}" for number in range(6)]
        assert office.calls["chat.postMessage"] == 6


def test_a_slow_queue_does_not_hold_up_the_others(store: Store) -> None:
    """Another channel and a whisper go out at once; a second queue of the same channel takes turns."""
    with town(store) as office:
        office.post("o1")
        until(lambda: office.sent("o1"))
        office.post("o2", queue="other")
        office.post("d1", queue="dev", place=DEV)
        office.answer("w1", "only you")
        until(lambda: office.sent("d1", "w1"))
        assert office.states("o2") == ["due"]
        office.flow(lambda: office.sent("o2"))


def test_a_whisper_is_seen_by_the_asker_alone(store: Store) -> None:
    """In a channel the answer is ephemeral; in a direct message it is a message."""
    with town(store) as office:
        office.answer("w", "only you")
        office.answer("p", "between us", DM)
        until(lambda: office.sent("w", "p"))
        assert [one.ephemeral for one in office.looks("ops")] == [True]
        assert office.seen("ops", name="bob") == []
        assert [one.ephemeral for one in office.looks("dm")] == [False]


def test_a_file_follows_its_message(store: Store) -> None:
    """The words first, then the file, in the same queue."""
    with town(store) as office:
        office.answer("a", "here it is", DM, file="line\n" * 10)
        office.flow(lambda: office.sent("a", "a.file"))
        shown = office.looks("dm")
        assert [bool(one.files) for one in shown] == [False, True]
        assert shown[1].files[0]["title"] == "full.log"


def test_a_reply_waits_for_its_card_and_stands_in_its_thread(store: Store) -> None:
    """Though the reply was written first."""
    with town(store) as office:
        with store.write() as tx:
            letters.in_thread(tx, "r1.reply", said("hello"), run(), office.now())
            letters.card(tx, said("queued"), run(), office.now())
        office.pass_(0)
        office.flow(lambda: office.sent("r1.reply"))
        ts = office.card().ts
        assert ts is not None
        assert office.seen("ops", ts)[-1] == "hello"


def test_a_reply_to_a_run_in_a_thread_stands_in_that_thread(store: Store) -> None:
    """Card and reply both."""
    with town(store) as office:
        root = office.stage.run(office.stage.slack.say("alice", "ops", "who knows?"))
        asked = run(place=Place(OPS.channel, root))
        office.draw("queued", asked)
        office.reply("r1.reply", "hello", asked)
        office.flow(lambda: office.sent("r1.reply"))
        assert office.seen("ops", root)[1:] == ["queued", "hello"]


def test_a_card_is_edited_at_once_and_then_at_most_every_three_seconds(store: Store) -> None:
    """Ten wishes in a row are two edits: the first at once, the last three seconds of the clock later."""
    with town(store) as office:
        office.draw("0", run())
        until(lambda: office.shows("0"))
        office.draw("1", run())
        until(lambda: office.shows("1"))
        for number in range(2, 11):
            office.draw(str(number), run())
        office.pass_(2.9)
        office.post("fence", place=DEV)
        until(lambda: office.sent("fence"))
        assert office.seen("ops") == ["1"]
        office.pass_(0.2)
        until(lambda: office.shows("10"))
        assert office.seen("ops") == ["10"]
        assert (office.calls["chat.postMessage"], office.calls["chat.update"]) == (2, 2)


def test_what_is_urgent_is_drawn_at_once(store: Store) -> None:
    """A change of state does not wait for the time of the next edit."""
    with town(store) as office:
        for number in range(3):
            office.draw(str(number), run(), urgent=True)
            until(lambda: office.shows(str(number)))  # noqa: B023 -- asked at once
        assert office.calls["chat.update"] == 2


def test_a_card_that_shows_what_is_wanted_is_left_alone(store: Store) -> None:
    """The same wish again is no edit."""
    with town(store) as office:
        office.draw("same", run())
        until(lambda: office.shows("same"))
        office.draw("same", run())
        office.post("fence", place=DEV)
        until(lambda: office.sent("fence"))
        assert office.calls["chat.update"] == 0


@pytest.mark.parametrize("fault", ["cut-after", "502-after"])
@pytest.mark.parametrize("thing", ["letter", "card", "file"])
def test_what_arrived_without_an_answer_is_found_and_not_repeated(
    store: Store, thing: str, fault: str
) -> None:
    """Slack did it and the answer was lost: it is looked up by its id."""
    with town(store) as office:
        if thing == "file":
            office.answer("x", "see the file", DM)
            until(lambda: office.sent("x"))
            office.pass_(2)
        office.stage.slack.break_(fault)
        if thing == "card":
            office.draw("once", run())
            office.flow(lambda: office.shows("once"))
        elif thing == "letter":
            office.post("m", "once")
            office.flow(lambda: office.sent("m"))
            assert office.letter("m").sent_ts == office.looks("ops")[0].ts
        else:
            _put_file(store, office.now())
            office.flow(lambda: office.sent("f"))
        shown = office.looks("dm" if thing == "file" else "ops")
        assert len(shown) == (2 if thing == "file" else 1)


def _put_file(store: Store, now: int) -> None:
    body = letters.dump(said("", "a line\n"))
    with store.write() as tx:
        tx.outbox.put(Letter("f", "q", "file", DM, ALICE.id, body, created_at=now))


def test_a_card_that_changed_before_it_was_found_is_brought_up_to_date(store: Store) -> None:
    """What was found is the old look; the new one is still to be drawn."""
    with town(store) as office:
        office.stage.slack.break_("cut-after")
        office.draw("queued", run())
        until(lambda: office.card().probe)
        office.draw("passed", run())
        office.flow(lambda: office.shows("passed"))
        assert office.seen("ops") == ["passed"]


def test_a_card_in_a_channel_the_bot_is_not_in_moves_to_the_asker(store: Store) -> None:
    """A private channel it does not see: card, reply and a note are in Alice's direct messages."""
    with town(store) as office:
        asked = run(place=SECRET)
        office.draw("queued", asked)
        office.reply("r1.reply", "hello", asked)
        office.flow(lambda: office.sent("r1.reply") and len(office.seen("dm")) > 1)
        card = office.card()
        assert card.place == DM
        texts = office.seen("dm")
        assert "queued" in texts
        assert any("<#C0PRIV0001>" in text for text in texts)
        assert office.seen("dm", card.ts)[-1] == "hello"


def test_a_whisper_in_a_channel_the_bot_is_not_in_reaches_the_asker(store: Store) -> None:
    """Once, in the direct messages, with the reason."""
    with town(store) as office:
        office.answer("w", "the answer", SECRET)
        office.flow(lambda: office.sent("w"))
        texts = office.seen("dm")
        assert texts.count("the answer") == 1


def test_letters_after_a_redirected_one_follow_it(store: Store) -> None:
    """A queue moves as a whole, in order; other people's queues stay."""
    with town(store) as office:
        office.answer("a1", "one", SECRET, file="text")
        office.answer("a2", "two", SECRET)
        office.answer("b1", "for Bob", OPS, BOB)
        office.flow(lambda: office.sent("a1", "a1.file", "a2", "b1"))
        shown = [text for text in office.seen("dm") if text in {"one", "two"}]
        assert shown == ["one", "two"]
        assert office.seen("ops", name="bob") == ["for Bob"]


def test_after_a_crash_what_was_half_sent_is_looked_up(store: Store) -> None:
    """Rows in flight at a kill: what had arrived is not repeated, what had not is sent; the edit is made."""
    with town(store, start=False) as office:
        office.post("arrived", queue="a")
        office.post("lost", queue="b", place=DEV)
        office.draw("drawn", run())
        sender = office.courier._sender
        sender.letter(office.letter("arrived"))
        office.pass_(2)
        sender.card(office.card())
        with store.write() as tx:
            # As a kill between Slack's answer and our commit leaves them.
            for table in ("outbox", "cards"):
                tx.outbox._sql.execute(f"UPDATE {table} SET state = 'sending', probe = 0")
            tx.outbox._sql.execute("UPDATE cards SET ts = NULL, shown_hash = NULL")
        office.courier.start()
        office.flow(lambda: office.sent("arrived", "lost") and office.shows("drawn"))
        assert sorted(office.seen("ops")) == ["arrived", "drawn"]
        assert office.seen("dev") == ["lost"]


def test_stopping_sends_what_is_due(store: Store) -> None:
    """Everything that may go now goes, also what queues behind another; what must wait is kept."""
    with town(store) as office:
        for number in range(12):
            office.answer(f"w{number}", f"whisper {number}", person=BOB if number % 2 else ALICE)
        office.post("p1")
        office.post("p2")
        assert office.courier.stop(10)
        assert office.sent(*(f"w{number}" for number in range(12)))
        assert office.states("p1", "p2") == ["sent", "due"]


def test_a_courier_that_never_started_stops(store: Store) -> None:
    """There is nothing to wait for."""
    with town(store, start=False) as office:
        assert office.courier.stop(1)
