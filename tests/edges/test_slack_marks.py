"""What of a channel is ours is told by the marks that our messages carry, in its threads as well."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.edges.slack import Slack
from bot.errors import SlackError
from bot.model import Message, Place
from sandbox.slack import FakeSlack
from tests.sandbox.slack_stage import MANY_SCOPES, Stage

OPS = "C0OPS00001"


@pytest.fixture
def stage() -> Iterator[Stage]:
    with Stage(FakeSlack(scopes=MANY_SCOPES)) as stage:
        yield stage


def slack_of(stage: Stage) -> Slack:
    return Slack(stage.slack.bot_token, stage.slack.api_url)


def test_our_messages_are_told_by_their_marks(stage: Stage) -> None:
    """Those of others have none; replies stand behind the message they answer."""
    slack = slack_of(stage)
    root = str(stage.run(stage.slack.say("alice", OPS, "It burns", None)))
    below = slack.post(Place(OPS, root), Message("Since when?"), oid="inc.i1.m.m2")
    ours = slack.post(Place(OPS), Message("A card"), oid="inc.i1.card")
    found = [(one.ts, one.thread, one.oid) for one in slack.marked(OPS)]
    assert found == [(ours, "", "inc.i1.card"), (root, "", ""), (below, root, "inc.i1.m.m2")]
    assert [one.ts for one in slack.marked_below(OPS, root)] == [below]


def test_a_channel_that_is_not_there_is_told(stage: Stage) -> None:
    """Slack's own word for it comes along."""
    with pytest.raises(SlackError) as error:
        list(slack_of(stage).marked("C0GONE0001"))
    assert error.value.code == "channel_not_found"
