"""The Home keeps to Slack's limits and tells each thing once, with one action."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import home
from blocks.home import Frozen, Place, Shown
from blocks.recurring import Row
from bot.deeds import Bound
from bot.environments import Incident, Standing
from bot.ledger import Account, Approval, Lock
from bot.merge_requests import Review
from bot.model import Person, RunState
from bot.model import Place as Where
from bot.own import Favourite, Recurring
from sandbox.slack.blockkit import problems_of
from tests.blocks.looks import HOME, RUN, hostile

NOW = 1_763_650_000_000
ME, BOB = Person("T0ACME0001", "U0ALICE001"), Person("T0ACME0001", "U0BOB00001")
ACCOUNT = Account(ME, 7, "alice", "Alice", "token", "sealed", "", None, NOW)
LOCK = Lock(
    "l1", 42, "acme/shop", "staging", ME, "alice", 7, NOW, NOW + 60_000, "a test", Where("C0OPS00001")
)
STAGING = Standing(
    42, "acme/shop", "staging", "staging", "available", "main", "abcdef1234", NOW, "bob", HOME, HOME
)
APPROVAL = Approval("3f9a1c", "four-eyes", 1, ("leads",), "It is due.", Bound(), 8, NOW, NOW + 60_000)
REVIEW = Review(ME, 42, "acme/shop", 5, "Fix the basket", HOME, "review", author="bob")
EVERY = Recurring("r1", 1, ME, "alice", Where("C0OPS00001"), "run x", "hour", 0, NOW, 0)
INCIDENT = Incident(3, "Checkout is down", "critical", HOME)
#: Bytes of a view, and blocks of a Home (slack-platform.md 2.1).
LARGEST, MOST = 250_000, 100


def text(shown: Shown) -> str:
    """All that is read in a Home."""
    return "\n".join(_texts(home.view(shown, NOW)["blocks"]))


def _texts(part: Any) -> list[str]:
    if isinstance(part, dict):
        own = [part["text"]] if isinstance(part.get("text"), str) else []
        return own + [text for value in part.values() for text in _texts(value)]
    return [text for one in part for text in _texts(one)] if isinstance(part, list) else []


def actions(shown: Shown) -> list[str]:
    """What can be pressed in it, by action id; the foot left out."""
    foot = len(home.view(Shown(ME, ACCOUNT), NOW)["blocks"]) - 2
    found = home.view(shown, NOW)["blocks"][:-foot]
    rows = [[one["accessory"]] if "accessory" in one else one.get("elements", []) for one in found]
    return [each["action_id"] for row in rows for each in row if "action_id" in each]


def whole(many: int = 1) -> Shown:
    """A Home with everything in it, so many times."""

    def times(one: Any) -> list[Any]:
        return [one] * many

    place = Place("acme/shop", times(STAGING), {"staging": LOCK}, {"staging": Frozen(NOW)}, times(INCIDENT))
    return Shown(
        ME, ACCOUNT, times((APPROVAL, RUN)), times(replace(RUN, state=RunState.HELD, hold="approval")), times(REVIEW),
        times(replace(RUN, state=RunState.RUNNING, status="running")), times(replace(RUN, state=RunState.DONE)),
        times(Favourite("f1", ME, "run hello")), times(place), times(LOCK), times(Row(EVERY)), "Settings.", "A remark.",
    )  # fmt: skip


def test_everything_has_its_place() -> None:
    """Each part stands under its heading, each row with its one action."""
    said = text(whole())
    for heading in ("Waiting for you", "Waiting for others", "Your runs", "Favourites", "Environments of acme/shop",
                    "Locks you hold", "Open incidents", "Recurring"):  # fmt: skip
        assert said.count(heading) == 1
    assert actions(whole()) == [
        "approvals.approve", "mr.show", "cancel.press", "cancel.press", "run.again", "favourite.do", "favourite.edit",
        "favourite.remove", "lock.release", "lock.release", "open.page", "every.pause",
    ]  # fmt: skip


def test_an_empty_home() -> None:
    """What is not there takes no room; who has nothing waiting is told so."""
    said = text(Shown(ME))
    assert "Nothing waits for you." in said
    assert "Your runs" not in said
    assert "You are not connected to GitLab" in said


@pytest.mark.parametrize("many", [1, 5, 20, 60])
def test_limits(many: int) -> None:
    """However much there is, Slack takes the Home; what is left out is told, and the foot is there."""
    view = home.view(whole(many), NOW)
    assert problems_of(view["blocks"], True) == []
    assert len(view["blocks"]) <= MOST
    assert len(json.dumps(view).encode()) <= LARGEST
    assert "In GitLab you are *@alice*" in text(whole(many))
    assert many < 20 or "… and" in text(whole(many))
    message = home.message(whole(many), NOW)
    assert problems_of(list(message.blocks)) == []


@given(hostile)
def test_hostile_words_stay_within_limits(words: str) -> None:
    """Long and odd names make no view that Slack refuses."""
    run = replace(RUN, job=words or "x", ref=words, project=words, hold_said=words, state=RunState.HELD)
    shown = replace(
        whole(8), held=[run] * 8, running=[replace(run, state=RunState.RUNNING)] * 8, remark=words,
        places=[Place(words or "x", [replace(STAGING, name=words, ref=words, by=words)] * 25)] * 5,
        favourites=[Favourite("f1", ME, words or "x")] * 10,
    )  # fmt: skip
    view = home.view(shown, NOW)
    assert problems_of(view["blocks"], True) == []
    assert len(json.dumps(view).encode()) <= LARGEST


def environment(lock: Lock | None = None, **changes: Any) -> Shown:
    standing = replace(STAGING, **changes)
    return Shown(ME, ACCOUNT, places=[Place("acme/shop", [standing], {"staging": lock} if lock else {})])


def test_environments() -> None:
    """Version, since when, by whom, what failed, whose lock, and what can be done about it."""
    assert actions(environment()) == ["open.page"]
    assert actions(environment(url="")) == []
    assert actions(environment(url="javascript:x")) == []
    assert actions(environment(LOCK)) == ["lock.release"]
    assert "yours until" in text(environment(LOCK))
    theirs = replace(LOCK, person=BOB, name="bob")
    assert actions(environment(theirs)) == ["lock.queue"]
    assert ":lock: bob until" in text(environment(theirs))
    assert "by @bob" in text(environment())
    assert "nothing was deployed yet" in text(environment(ref="", since=None, by=""))
    assert ":x: next failed" in text(environment(failed_ref="next", failed_at=NOW))
    assert "Environments" not in text(environment(state="stopped"))


def test_runs_do_not_change_by_themselves() -> None:
    """Time that passes draws nothing anew."""
    shown = whole()
    assert home.view(shown, NOW) == home.view(shown, NOW + 60_000)


def test_a_run_that_is_being_cancelled_has_no_button() -> None:
    """Nothing is left to press."""
    run = replace(RUN, state=RunState.RUNNING, status="running", cancelled_by="alice")
    assert actions(Shown(ME, ACCOUNT, running=[run])) == []


def test_a_link_that_is_lost() -> None:
    """It is told, with the button that helps."""
    assert "no longer accepts the connection to *@alice*" in text(Shown(ME, replace(ACCOUNT, state="dead")))


@given(st.text(min_size=1, max_size=300))
def test_nothing_for_somebody(why: str) -> None:
    """The reason is shown as it is, whatever stands in it."""
    assert problems_of(home.nothing(why)["blocks"], True) == []
