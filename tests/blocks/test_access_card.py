"""How a request for access, and who somebody is, look."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import access, parts, whoami
from bot.ledger import Account, Grant, Lock
from bot.model import Message, Person, Place
from sandbox.slack import mentions
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import check, hostile, mrkdwn

ALICE, NOW = Person("T1", "U0ALICE001"), 1_763_650_000_000
GRANT = Grant(
    "g1", ALICE, "alice", "night", "run", "acme/shop", "deploy", "production", Place("C0OPS00001"), NOW, by="bob",
    until=NOW + 3_600_000,
)  # fmt: skip
MOMENTS = [parts.moment(at).strip("<>").split("|")[0] for at in (NOW, NOW + 3_600_000)]
READER = "<@U0ALICE001>"
LINKS = ("@U0ALICE001", "#C0OPS00001", *MOMENTS)
ACCOUNT = Account(ALICE, 7, "alice", "Alice", "device", "s", "s", NOW, NOW)


def fired(message: Message) -> set[str]:
    """Everybody whom the message calls."""
    return {str(one) for one in mentions.fired({"text": message.text, "blocks": list(message.blocks)})}


@given(st.sampled_from(["asked", "granted", "declined", "ended"]), hostile, hostile, hostile, st.booleans())
def test_whatever_stands_in_it(state: str, name: str, job: str, why: str, by: bool) -> None:
    """Names, jobs and sentences from elsewhere call nobody and lead nowhere."""
    grant = replace(GRANT, state=state, name=name, rule=name, job=job, environment=job, by=name if by else "")
    check(access.card(grant, [f"gitlab:{name}"] * 12, why), links=LINKS)
    check(access.listing([grant] * 30, everybody=True), links=LINKS)
    told = access.told(grant, resumed=by)
    assert problems_of(list(told.blocks)) == []
    assert fired(told) == {READER}
    assert all("<!channel" not in text for text in mrkdwn(told))


@given(hostile, hostile)
def test_whoever_it_is(name: str, project: str) -> None:
    """Nothing in the answer to `whoami` calls anybody but, silently, the reader."""
    lock = Lock("l1", 42, project, name, ALICE, name, 7, NOW, None, name, GRANT.place)
    one = whoami.Self(
        ALICE.id, replace(ACCOUNT, username=name, name=name, method=name), project=project, role="", groups=[name],
        unsure=[name], may={f"denied by rule “{name}”": ["run"]}, depends=[name], grants=[replace(GRANT, rule=name)],
        locks=[lock, replace(lock, until=NOW)],
    )  # fmt: skip
    shown = whoami.shown(one, prefix="/gitlab ", now=NOW)
    assert problems_of(list(shown.blocks)) == []
    assert fired(shown) == {READER}


@pytest.mark.parametrize(
    ("who", "named"),
    [
        (("U0BOB00001",), "<@U0BOB00001>"), (("S0ONCALL01",), "<!subteam^S0ONCALL01>"), (("gitlab:carol",), "`carol`"),
        ((), "has to name admins"), (tuple(f"U0BOB000{n:02}" for n in range(14)), "and 4 more"),
    ],
)  # fmt: skip
def test_those_who_may_answer_hear_of_it(who: tuple[str, ...], named: str) -> None:
    """Slack's own ids ring; the others are named, and a long list is cut."""
    assert named in "\n".join(mrkdwn(access.card(GRANT, who, "")))


def test_the_buttons_go_with_the_answer() -> None:
    """Only an open request has buttons; its value is the row's id alone."""
    for state, buttons in (("asked", 3), ("granted", 0), ("declined", 0), ("ended", 0)):
        card = access.card(replace(GRANT, state=state), (), "")
        found = [one for block in card.blocks if block["type"] == "actions" for one in block["elements"]]
        assert [one["value"] for one in found] == ["g1"] * buttons


def test_nothing_to_list() -> None:
    """An empty list says so, to each in their words."""
    assert access.listing([], everybody=True).text == "Nobody has access past a rule."
    assert access.listing([], everybody=False).text == "Nobody has granted you access past a rule."


def test_a_request_about_everything() -> None:
    """What is left empty is anything."""
    bare = replace(GRANT, command="", job="", project="", environment="", until=None, state="granted")
    assert "`everything` past “night”, granted by bob until somebody ends it" in access.line(bare)
