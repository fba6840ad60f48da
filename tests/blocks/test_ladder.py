"""What somebody sees of a request that was not done at once: in words, with the buttons that help."""

from __future__ import annotations

import pytest

from blocks import ladder
from bot.deeds import AGREE, Deed, Mark, Step, Verdict
from bot.model import Message, Person

DEED = Deed(("run",), Person("T0ACME0001", "U0ALICE001"), "C0OPS00001", project="acme/shop", job="deploy",
            ref="main", environment="live", tier="production")  # fmt: skip


def halted(step: Step, deed: Deed = DEED) -> Message:
    return ladder.halted(Verdict(deed, (step,)), "k1", dry_run=False)


def labels(message: Message) -> list[str]:
    return [
        one["text"]["text"]
        for block in message.blocks
        if block["type"] == "actions"
        for one in block["elements"]
    ]


@pytest.mark.parametrize(
    ("environment", "tier", "said"),
    [
        ("live", "production", ", environment live (production tier) was not done"),
        ("production", "production", ", environment production was not done"),
        ("review/7", "", ", environment review/7 was not done"),
    ],
)
def test_the_tier_is_told_where_the_name_does_not(environment: str, tier: str, said: str) -> None:
    """An environment called by its tier is not called so twice."""
    deed = Deed(DEED.commands, DEED.person, DEED.channel, project=DEED.project, job="deploy", environment=environment,
                tier=tier)  # fmt: skip
    assert said in halted(Step("lock", Mark.STOP, "It is bob's."), deed).text


@pytest.mark.parametrize(
    ("remedy", "wanted"),
    [
        ("access", ["Request access", "Leave it"]),
        ("queue override", ["Queue it", "Override", "Leave it"]),
        ("override", ["Override", "Leave it"]),
        ("", []),
    ],
)
def test_only_what_helps_can_be_pressed(remedy: str, wanted: list[str]) -> None:
    """Where nothing helps from here, there is nothing to press, nor to leave."""
    assert labels(halted(Step("rules", Mark.STOP, "No.", remedy=remedy))) == wanted


def test_a_question_has_its_answer() -> None:
    """A confirmation is answered with the command's own word, an approval is asked for."""
    assert labels(halted(Step("confirmation", Mark.ASK, "Sure?"))) == ["Run it", "Leave it"]
    approval = Step("approval", Mark.ASK, "The leads.", remedy="approval")
    assert labels(halted(approval)) == ["Ask for approval", "Leave it"]
    assert AGREE.approval in str(halted(approval).blocks)
