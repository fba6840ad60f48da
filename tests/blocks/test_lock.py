"""Locks look the same whatever stands in them, and call only whom they are for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from blocks import lock as look
from blocks import parts
from bot.environments import Deployment
from bot.ledger import Lock, Waiter
from bot.model import Message, Person, Place
from sandbox.slack import mentions
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import HOME, check, hostile
from tests.jobs.seen import buttons, shown

ALICE, BOB = Person("T0ACME0001", "U0ALICE001"), Person("T0ACME0001", "U0BOB00001")
LOCK = Lock(
    "L1", 42, "acme/shop", "staging", ALICE, "alice", 7, 1_000_000, 9_000_000, "", Place("C0OPS00001")
)
WAITER = Waiter("W1", 42, "staging", BOB, "bob", 8, Place("C0OPS00001"), 2_000_000, due=3_000_000)
DEPLOYMENT = Deployment(
    5, "staging", "main", "a1b2c3d4e5f6", "success", "bob", 8, 1_000_000, 77, f"{HOME}/jobs/5"
)
#: The moments of the above, as Slack is told them.
MOMENTS = tuple(parts.moment(one)[1:-1].split("|")[0] for one in (1_000_000, 9_000_000, 3_000_000))


def queue(many: int) -> Sequence[Waiter]:
    return [replace(WAITER, id=f"W{n}", name=f"person{n}") for n in range(many)]


def test_a_card_for_everybody() -> None:
    """It has the buttons of its holder and of the others; who may press is looked at when they do."""
    card = look.card(replace(LOCK, reason="load test"), queue(2))
    check(card, links=MOMENTS)
    assert buttons(card) == ["Release", "+30 min", "Ask for it", "Queue up"]
    assert "Why: load test" in shown(card)
    assert "Waiting: person0, person1" in shown(card)
    assert card.text == "staging is locked by alice"


@pytest.mark.parametrize(
    ("state", "by", "said"),
    [
        ("released", "bob", "released by bob"),
        ("released", "", "was released"),
        ("expired", "", "expired"),
    ],
)
def test_a_card_of_a_lock_that_is_over(state: str, by: str, said: str) -> None:
    """It says how it ended, and has nothing to press."""
    card = look.card(replace(LOCK, state=state), (), by=by)
    check(card)
    assert said in shown(card)
    assert buttons(card) == []


def test_a_long_queue_is_counted() -> None:
    """A card names eight who wait and counts the rest."""
    said = shown(look.card(LOCK, queue(30)))
    assert "person7 and 22 more" in said
    assert "person8" not in said


def test_a_deployment_s_lock() -> None:
    """It is told as a deployment, which nobody can be asked to end."""
    auto = replace(LOCK, run="R1", until=None)
    answer = look.taken(auto, [replace(WAITER, run="R2")])
    assert buttons(answer) == ["Queue up"]
    assert "*staging* is locked by a deployment of alice" in shown(answer)
    assert "until the deployment is over" in shown(answer)
    assert "Waiting: bob (a run)" in shown(answer)
    assert buttons(look.taken(LOCK, ())) == ["Queue up", "Ask for it"]


@pytest.mark.parametrize(
    ("message", "person", "said"),
    [
        (look.yours(LOCK, "queue"), ALICE, "you now hold the lock on `staging` until"),
        (look.yours(LOCK, "given"), ALICE, "It was handed over to you."),
        (look.yours(LOCK, "silence"), ALICE, "There was no answer"),
        (look.ending(LOCK), ALICE, "your lock on `staging` ends <!date"),
        (look.ended(LOCK), ALICE, "has expired"),
        (look.broken(LOCK, "bob"), ALICE, "bob broke your lock on `staging`"),
        (
            look.asked(LOCK, replace(WAITER, reason="a fix")),
            ALICE,
            "bob asks for `staging` (a fix). Without an answer",
        ),
        (look.kept(LOCK, WAITER, 0), BOB, "You are next in the queue."),
        (look.kept(LOCK, WAITER, 3), BOB, "You are number 4 in the queue."),
    ],
)
def test_what_mentions_somebody(message: Message, person: Person, said: str) -> None:
    """In the thread the one it is about is mentioned, and nobody else."""
    assert problems_of(list(message.blocks)) == []
    assert set(mentions.fired({"text": message.text, "blocks": list(message.blocks)})) == {f"<@{person.id}>"}
    assert said in shown(message)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (look.mine(LOCK, changed=True), "You hold the lock"),
        (look.mine(LOCK, changed=False), "You already hold the lock"),
        (look.waits(LOCK, WAITER, 0), "You are next in the queue for `staging`. It is held by alice until"),
        (look.waits(None, WAITER, 2), "You are number 3 in the queue for `staging`. I tell you"),
        (look.waits(LOCK, WAITER, 0, asked_for=True), "I asked alice for `staging`."),
        (look.extended(LOCK, "alice"), "alice now holds `staging` until"),
        (
            look.passed(LOCK, DEPLOYMENT),
            "bob deployed main (`a1b2c3d4`) to `staging` from GitLab while alice holds the lock.",
        ),
    ],
)
def test_what_mentions_nobody(message: Message, said: str) -> None:
    """What only tells something rings for nobody."""
    check(message, links=(*MOMENTS, DEPLOYMENT.url))
    assert said in shown(message)


def test_a_list_of_environments() -> None:
    """Locked or free, who waits, and who deployed last, in the order of their names."""
    message = look.listed(
        "Environments",
        [replace(LOCK, reason="tests")],
        [WAITER],
        {"production": DEPLOYMENT},
        8_200_000,
        names=("dev",),
    )
    said = shown(message)
    assert (
        said.index("*dev* is free")
        < said.index("*production* is free")
        < said.index("*staging* is locked by alice")
    )
    assert "last deployed by bob: main (`a1b2c3d4`)" in said
    assert "2 h ago" in said
    assert "waiting: bob · tests" in said
    check(message, links=(*MOMENTS, DEPLOYMENT.url))


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "https://evil.example|GitLab", "", "https://a> <!channel>"]
)
def test_an_address_that_is_none(url: str) -> None:
    """Only a plain web address becomes a link."""
    strange = replace(DEPLOYMENT, url=url)
    check(look.passed(LOCK, strange))
    check(look.listed("Environments", (), (), {"staging": strange}, 2_000_000))


@given(hostile, hostile, hostile, hostile)
def test_hostile_texts(name: str, environment: str, reason: str, ref: str) -> None:
    """Names, reasons and refs are only text, wherever they stand."""
    bad = replace(LOCK, name=name, environment=environment, reason=reason, project=ref)
    waiter = replace(WAITER, name=name, environment=environment, reason=reason)
    deployment = replace(DEPLOYMENT, ref=ref, sha=reason, username=name, status=ref)
    links = (*MOMENTS, DEPLOYMENT.url)
    for message in (
        look.card(bad, [waiter] * 20), look.card(replace(bad, state="released"), (), by=name),
        look.taken(bad, [waiter]), look.mine(bad, changed=True),
        look.waits(bad, waiter, 1), look.waits(bad, waiter, 0, asked_for=True),
        look.extended(bad, name), look.passed(bad, deployment),
        look.listed("Environments", [bad], [waiter], {environment: deployment}, 2_000_000),
    ):  # fmt: skip
        check(message, links=links)
    for message in (
        look.yours(bad, "queue"),
        look.broken(bad, name),
        look.asked(bad, waiter),
        look.kept(bad, waiter, 1),
    ):
        assert problems_of(list(message.blocks)) == []
        body = {"text": message.text, "blocks": list(message.blocks)}
        assert set(mentions.fired(body)) <= {f"<@{ALICE.id}>", f"<@{BOB.id}>"}
