"""The router when things go wrong or take long: one sentence, one answer, nothing done twice."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from bot.delivery import letters
from bot.edges.store import Store
from bot.errors import GitLabUnreachable, StoreError
from bot.model import Message
from tests.doors.asking import NOW, SLASH, bench, knows_people
from tests.edges import wire


def test_a_refusal_is_a_sentence_with_what_was_typed(store: Store) -> None:
    """Escaped, so that nothing in it becomes a mention."""
    with bench(store) as (desk, _):
        desk.slash("refuse me")
        answer = desk.answer()
        assert answer.text == "You may not do this: ask &lt;admins&gt;."
        assert "You typed: refuse me" in str(answer.blocks)


def test_unbalanced_quotes_are_a_sentence(store: Store) -> None:
    """In a slash command, a direct message, and a mention that begins with the bot's name."""
    with bench(store) as (desk, _):
        desk.slash('run "hello', "k1")
        desk.dm('run "hello', "k2")
        desk.mention('<@U0OPSBOT01> run "hello', "k3")
        assert all("quote" in desk.answer(key).text for key in ("k1", "k2", "k3"))
        assert desk.asked == []


def test_an_error_of_an_edge_is_its_sentence(store: Store) -> None:
    """What an edge raises is already a sentence."""

    def away() -> Message:
        raise GitLabUnreachable

    with bench(store) as (desk, _):
        desk.act = away
        desk.slash("act")
        assert desk.answer().text == "GitLab did not answer. Try again in a moment."


def test_a_bug_becomes_a_reference(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    """The person gets a short reference, the log has the traceback under it; the request is done."""

    def bug() -> Message:
        raise ZeroDivisionError("a secret detail")

    with caplog.at_level(logging.ERROR), bench(store) as (desk, _):
        desk.act = bug
        desk.slash("act", "k1")
        desk.click("act.press", key="c1")
        assert "`00000000`" in desk.answer("k1").text
        assert "secret detail" not in desk.answer("k1").text
        assert "`00000000`" in desk.answer("c1").text
        assert desk.open_requests() == 0
    assert "reference 00000000" in caplog.text
    assert "ZeroDivisionError" in caplog.text


def test_the_same_request_is_done_once(store: Store) -> None:
    """Handed out twice, at the same time or later, it is claimed by one."""
    going, go_on = threading.Event(), threading.Event()

    def slow() -> Message:
        going.set()
        assert go_on.wait(5)
        return Message("Done.")

    with bench(store) as (desk, _):
        desk.act = slow
        received = desk.accept("slash", SLASH | {"text": "act"})
        worker = threading.Thread(target=desk.router.do, args=(received,))
        worker.start()
        assert going.wait(5)
        desk.router.do(received)
        go_on.set()
        worker.join(5)
        desk.router.do(received)
        assert len(desk.asked) == 1


def test_a_late_answer_is_announced_once_and_a_quick_one_not_at_all(store: Store) -> None:
    """The promise is due two seconds after the claim, and struck out when the answer is there."""
    with bench(store) as (desk, _):
        seen = []

        def look() -> Message:
            promise = desk.letter("k1.slow")
            assert promise is not None
            seen.append((promise.state, promise.not_before, promise.kind, letters.load(promise.body).text))
            return Message("Done.")

        desk.act = look
        desk.slash("act")
        assert seen == [("due", NOW + 2_000, "whisper", "I am on it; GitLab takes its time.")]
        promise = desk.letter("k1.slow")
        assert promise is not None
        assert promise.state == "dead"


def test_the_courier_is_told_of_the_promise(store: Store) -> None:
    """It waits for what it does not know of; a promise it learns of too late is none."""
    with bench(store) as (desk, _):
        told = []
        desk.act = lambda: told.append(desk.delivered)
        desk.slash("act")
        assert told == [1]


def test_a_click_promises_nothing(store: Store) -> None:
    """The card shows that something happens."""
    with bench(store) as (desk, _):
        desk.click("act.press")
        assert desk.letter("c1.slow") is None


def test_in_a_direct_message_the_promise_is_a_message(store: Store) -> None:
    """Nothing is ephemeral between two."""
    with bench(store) as (desk, _):
        desk.dm("act")
        promise = desk.letter("k1.slow")
        assert promise is not None
        assert promise.kind == "post"


def test_a_name_is_asked_for_once(store: Store) -> None:
    """Events carry no name; Slack is asked, and the answer remembered."""
    with bench(store) as (desk, server):
        for number in range(3):
            desk.dm("run x", f"k{number}")
        assert [request.name for request in desk.asked] == ["Alice"] * 3
        assert server.paths() == ["POST /api/users.info", "POST /api/auth.test"]


def test_whom_slack_does_not_describe_nobody_serves(store: Store) -> None:
    """The command is not run, which is said; the next one asks again, and is served."""
    replies = iter([wire.html(500)])
    with bench(store, lambda seen: next(replies, None) or knows_people(seen)) as (desk, _):
        desk.dm("run x", "k1")
        assert desk.asked == []
        assert "Slack does not tell me just now who you are" in desk.answer("k1").text
        desk.dm("run x", "k2")
        assert [request.name for request in desk.asked] == ["Alice"]


def test_a_request_whose_answer_cannot_be_written_is_done_after_the_next_start(
    store: Store, path: Path
) -> None:
    """The disk fails between the claim and the answer: nothing is said, and nothing is lost."""
    with bench(store) as (desk, _):
        received = desk.accept("slash", SLASH | {"text": "act"})

        def disk_fails() -> Message:
            store.close()
            return Message("Done.")

        desk.act = disk_fails
        with pytest.raises(StoreError):
            desk.router.do(received)
    later = Store(path)
    with bench(later) as (desk, _):
        with later.write() as tx:
            assert tx.inbox.recover() == 1
        desk.router.do(received)
        assert desk.answer().text == "Done."
        assert desk.open_requests() == 0
    later.close()
