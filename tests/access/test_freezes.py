"""Whether an environment is frozen: the step of the ladder, with GitLab's freeze periods and our own windows."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access import freezes
from bot.deeds import Mark, Step
from bot.model import Millis
from bot.policy import FreezeWindow
from tests.access.guarded import SHOP_ID, Guarded, answered, deed, guarded_at
from tests.edges import wire

BERLIN = "Europe/Berlin"


def millis(text: str, zone: str = BERLIN) -> Millis:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)


WEEKEND = FreezeWindow("weekend", "0 18 * * 5", "0 7 * * 1", BERLIN)
SATURDAY, FRIDAY, TUESDAY = millis("2026-11-21 12:00"), millis("2026-11-20 13:00"), millis("2026-11-24 12:00")
MONDAY_SEVEN = millis("2026-11-23 07:00")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    """The sandbox's GitLab."""
    with guarded_at(tmp_path_factory.mktemp("shop")) as stage:
        yield stage


@pytest.fixture
def thawed(shop: Guarded) -> Iterator[Guarded]:
    """The sandbox's GitLab; the freezes it is given are taken away again."""
    yield shop
    shop.shop.act("unfreeze")


def freeze(shop: Guarded, start: str, end: str, zone: str = "UTC") -> None:
    body = {"freeze_start": start, "freeze_end": end, "cron_timezone": zone}
    shop.shop.gitlab.client("alice").http_post(f"/projects/{SHOP_ID}/freeze_periods", post_data=body)


def test_a_window_of_ours_stops_production_until_it_ends(shop: Guarded) -> None:
    """The step names the freeze, the moment it ends, and that it may be overridden."""
    kit = shop.kit(SATURDAY, freezes=(WEEKEND,))
    assert freezes.step(kit, deed()) == Step(
        "freeze", Mark.STOP, "production is frozen by “weekend”.", until=MONDAY_SEVEN, remedy="override"
    )


def test_outside_its_window_production_is_free(shop: Guarded) -> None:
    """No freeze within a day is worth a word."""
    step = freezes.step(shop.kit(TUESDAY, freezes=(WEEKEND,)), deed())
    assert step == Step("freeze", Mark.FINE, "production is not frozen.")


def test_a_freeze_that_begins_within_a_day_is_told_beforehand(shop: Guarded) -> None:
    """It is told in how long it begins; of several the first."""
    later = FreezeWindow("later", "2026-11-20 23:00", "2026-12-01", BERLIN)
    step = freezes.step(shop.kit(FRIDAY, freezes=(later, WEEKEND)), deed())
    said = "production is not frozen. “weekend” begins in 5 h 00 m."
    assert step == Step("freeze", Mark.FINE, said)


def test_the_freeze_that_lasts_longest_speaks_for_all(shop: Guarded) -> None:
    """Of two freezes the later end is told, and that there is another."""
    week = FreezeWindow("the fair", "2026-11-20", "2026-11-28", BERLIN)
    step = freezes.step(shop.kit(SATURDAY, freezes=(WEEKEND, week)), deed())
    assert step.said == "production is frozen by “the fair” and 1 other freeze."
    assert step.until == millis("2026-11-28 00:00")


@pytest.mark.parametrize(
    ("changes", "environment", "mark"),
    [
        ({}, "staging", Mark.FINE),
        ({"environments": ("staging",)}, "staging", Mark.STOP),
        ({"environments": ("staging",)}, "production", Mark.FINE),
        ({"environments": ("*", "!staging")}, "staging", Mark.FINE),
        ({"environments": ("*", "!staging")}, "production", Mark.STOP),
        ({"environments": ("staging",)}, "$TARGET", Mark.STOP),
        ({"environments": ("review/*",)}, "eu-$TARGET", Mark.FINE),
        ({"projects": ("acme/*",)}, "production", Mark.STOP),
        ({"projects": ("acme/infra",)}, "production", Mark.FINE),
    ],
)
def test_a_window_freezes_what_it_names(
    shop: Guarded, changes: dict[str, Any], environment: str, mark: Mark
) -> None:
    """Without environments it is the production tier, without projects every one."""
    window = FreezeWindow("weekend", "0 18 * * 5", "0 7 * * 1", BERLIN, **changes)
    assert freezes.step(shop.kit(SATURDAY, freezes=(window,)), deed(environment)).mark is mark


def test_a_tier_that_is_declared_freezes_an_environment_of_any_name(shop: Guarded) -> None:
    """An environment called `shop-eu` is frozen once the configuration calls it production."""
    for tiers, mark in (({}, Mark.FINE), ({"shop-*": "production"}, Mark.STOP)):
        assert freezes.step(shop.kit(SATURDAY, freezes=(WEEKEND,), tiers=tiers), deed("shop-eu")).mark is mark


def test_a_freeze_period_of_gitlab_stops_production_and_nothing_else(thawed: Guarded) -> None:
    """GitLab's periods have no names: their expressions are told."""
    freeze(thawed, "0 18 * * 5", "0 7 * * 1", BERLIN)
    kit = thawed.kit(SATURDAY)
    step = freezes.step(kit, deed())
    assert step.said == "production is frozen by GitLab's freeze period `0 18 * * 5` to `0 7 * * 1`."
    assert (step.mark, step.until, step.remedy) == (Mark.STOP, MONDAY_SEVEN, "override")
    assert freezes.step(kit, deed("staging")).mark is Mark.FINE


def test_freeze_periods_of_gitlab_may_be_left_alone(thawed: Guarded) -> None:
    """With `gitlab_freezes` off they hold nothing back."""
    freeze(thawed, "0 18 * * 5", "0 7 * * 1", BERLIN)
    assert freezes.step(thawed.kit(SATURDAY, gitlab_freezes=False), deed()).mark is Mark.FINE


def test_the_freeze_of_the_sandbox_is_in_force_at_once(thawed: Guarded) -> None:
    """What somebody freezes in GitLab's pages stops the next deployment."""
    thawed.shop.act("freeze")
    assert freezes.step(thawed.kit(), deed()).mark is Mark.STOP


ODD = [{"freeze_start": "every friday", "freeze_end": "0 7 * * 1", "cron_timezone": "UTC"}]
GOOD = [{"freeze_start": "0 18 * * 5", "freeze_end": "0 7 * * 1", "cron_timezone": "UTC"}]


def test_a_freeze_that_cannot_be_read_is_told_and_holds_nothing_back(tmp_path: Path) -> None:
    """GitLab takes expressions that I do not: I say which, and that it does not count."""
    with answered(tmp_path, wire.always(wire.data(ODD)), SATURDAY) as kit:
        step = freezes.step(kit, deed(tier="production"))
    assert step.mark is Mark.WARN
    assert "I cannot read GitLab's freeze period `every friday` to `0 7 * * 1`" in step.said


def test_a_freeze_that_can_be_read_counts_beside_one_that_cannot(tmp_path: Path) -> None:
    """One odd period does not lift the others."""
    with answered(tmp_path, wire.always(wire.data(ODD + GOOD)), SATURDAY) as kit:
        assert freezes.step(kit, deed(tier="production")).mark is Mark.STOP


@pytest.mark.parametrize("status", [403, 404])
def test_freezes_that_gitlab_does_not_show_are_a_warning(tmp_path: Path, status: int) -> None:
    """The warning says so, and still tells of the window that comes."""
    refusal = wire.data({"message": "no"}, status)
    with answered(tmp_path, wire.always(refusal), FRIDAY, freezes=(WEEKEND,)) as kit:
        step = freezes.step(kit, deed(tier="production"))
    assert step.mark is Mark.WARN
    assert step.said == (
        "GitLab does not show me the freeze periods of acme/shop. “weekend” begins in 5 h 00 m."
    )


@pytest.mark.parametrize("status", [401, 429, 500])
def test_where_gitlab_does_not_answer_nothing_is_done(tmp_path: Path, status: int) -> None:
    """Not to know of a freeze is no leave; trying again is the only remedy."""
    with answered(tmp_path, wire.always(wire.data({"message": "no"}, status)), TUESDAY) as kit:
        step = freezes.step(kit, deed(tier="production"))
    assert (step.mark, step.remedy) == (Mark.STOP, "")
    assert step.said.startswith("I could not ask GitLab whether production is frozen. ")


def test_a_window_of_ours_stops_without_asking_gitlab(tmp_path: Path) -> None:
    """What is known already needs no answer from GitLab."""
    down = wire.always(wire.data({"message": "no"}, 500))
    with answered(tmp_path, down, SATURDAY, freezes=(WEEKEND,)) as kit:
        assert freezes.step(kit, deed(tier="production")).remedy == "override"


@given(name=st.text(min_size=1), environment=st.text(min_size=1), start=st.text(max_size=300))
def test_any_text_makes_a_short_line(shop: Guarded, name: str, environment: str, start: str) -> None:
    """However odd names and expressions are, the step is one line of bounded length."""
    windows = (
        FreezeWindow(name, "0 18 * * 5", "0 7 * * 1", BERLIN),
        FreezeWindow(name, start, "0 7 * * 1", BERLIN),
    )
    for moment in (SATURDAY, TUESDAY):
        kit = shop.kit(moment, freezes=windows, gitlab_freezes=False)
        said = freezes.step(kit, deed(environment, "production")).said
        assert "\n" not in said
        assert len(said) < 800
