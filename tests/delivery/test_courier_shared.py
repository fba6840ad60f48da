"""A channel that another company reads by now is not written to: who asked reads it in their direct messages."""

from __future__ import annotations

import pytest

from bot.delivery import letters
from bot.edges.slack_people import CHANNEL_TTL
from bot.edges.store import Letter, Store
from bot.errors import SlackBusy, SlackUnreachable
from tests.delivery.post_office import DM, OPS, Script, Town, office, run, said, town
from tests.sandbox.slack_stage import ALICE_DM, until


def share(desk: Town) -> None:
    """An admin shares #ops with another company; what was known of it is half a minute old by then."""
    desk.stage.run(desk.stage.slack.acts.act("alice", "share", "#ops"))
    desk.pass_(CHANNEL_TTL / 1000)


def test_a_reply_goes_to_the_asker_and_the_card_stays_as_it_was(store: Store) -> None:
    """Nothing new appears in the shared channel, neither in the thread nor on the card; the asker learns why."""
    with town(store) as desk:
        desk.draw("hello queued", run())
        until(lambda: desk.shows("hello queued"))
        ts = desk.card().ts
        share(desk)
        desk.draw("hello passed", run(), urgent=True)
        desk.reply("r1.reply", "Hello World.", run())
        desk.flow(lambda: desk.card().state == "dead" and desk.sent("r1.reply"))
        desk.flow(lambda: desk.sent("r1.reply.displaced"))
        assert desk.seen(OPS.channel) == ["hello queued"]
        assert desk.seen(OPS.channel, ts) == ["hello queued"]
        told = "<#C0OPS00001> is shared with another company by now, so what it shows is shown here instead."
        assert sorted(desk.seen(ALICE_DM)) == [told, "Hello World."]


def test_a_card_that_is_not_there_yet_is_posted_to_the_asker(store: Store) -> None:
    """With all that belongs under it, and edited there from then on."""
    with town(store) as desk:
        share(desk)
        desk.draw("hello queued", run())
        desk.reply("r1.reply", "Hello World.", run())
        desk.flow(lambda: desk.sent("r1.reply"))
        desk.flow(lambda: desk.sent("r1.displaced"))
        desk.draw("hello passed", run())
        desk.flow(lambda: desk.shows("hello passed"), step=1)
        assert desk.seen(OPS.channel) == []
        assert "hello passed" in desk.seen(ALICE_DM)
        assert desk.calls["chat.update"] == 1


def test_what_only_one_person_sees_is_said_there(store: Store) -> None:
    """Nobody of the other company reads it, so it stays where it was asked; and nobody looks whether they could."""
    with town(store) as desk:
        share(desk)
        desk.answer("a", "You have no runs.")
        desk.flow(lambda: desk.sent("a"))
        assert "You have no runs." in desk.seen(OPS.channel)
        assert "You have no runs." not in desk.seen(OPS.channel, name="bob")
        assert desk.seen(ALICE_DM) == []
        assert desk.calls["conversations.info"] == 0


def test_a_channel_is_asked_about_once_in_half_a_minute(store: Store) -> None:
    """Many messages, one look; a direct message needs none."""
    with town(store) as desk:
        for number in range(3):
            desk.post(f"m{number}")
        desk.post("d", queue="dm", place=DM)
        desk.flow(lambda: desk.sent("m0", "m1", "m2", "d"), step=1)
        assert desk.calls["conversations.info"] == 1


@pytest.mark.parametrize(
    "trouble", [SlackUnreachable(sent=True), SlackBusy(retry_after=1)], ids=["silent", "busy"]
)
def test_while_slack_does_not_tell_nothing_is_said(
    store: Store, trouble: SlackUnreachable | SlackBusy
) -> None:
    """It is said once Slack has told, however often it did not; and nobody looks for what was not sent."""
    troubles = [trouble] * 6
    script = Script()

    def is_open(channel: str) -> bool:
        if troubles:
            raise troubles.pop()
        return channel == OPS.channel

    with office(store, script, start=False) as desk:
        desk.courier.is_open = desk.courier._sender.is_open = is_open
        desk.courier.start()
        with store.write() as tx:
            tx.outbox.put(
                Letter("m", "q", "post", OPS, "U0ALICE001", letters.dump(said("psst")), created_at=desk.now())
            )
        desk.flow(lambda: desk.sent("m"), step=1)
        assert troubles == []
        assert script.texts() == ["psst"]
        assert script.count("conversations.history") == 0
