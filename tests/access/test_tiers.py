"""Which tier an environment belongs to: declared in the configuration, else as GitLab has it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from bot.access import tiers
from bot.environments import TIERS, most_careful
from bot.errors import GitLabUnreachable
from tests.access.guarded import SHOP_ID, answered
from tests.edges import wire
from tests.edges.gitlab_calls import sample

LISTED = wire.always(wire.data(sample("environments_list")))
DECLARED = {"eu-*": "production", "eu-test": "testing", "staging": "other"}


@pytest.mark.parametrize(
    ("declared", "environment", "tier"),
    [
        ({}, "", ""),
        ({}, "production", "production"),
        ({}, "qa", "testing"),
        (DECLARED, "staging", "other"),
        (DECLARED, "eu-1", "production"),
        (DECLARED, "eu-test", "testing"),
        (DECLARED, "eu-$NUMBER", "production"),
        ({"eu-1": "production"}, "$REGION-1", "production"),
        ({"eu-1": "testing"}, "$REGION-2", "other"),
    ],
)
def test_what_is_declared_wins_over_gitlab(
    tmp_path: Path, declared: Mapping[str, str], environment: str, tier: str
) -> None:
    """The very name first, then the first pattern; variables may become what is declared."""
    with answered(tmp_path, LISTED, tiers=declared) as kit:
        assert tiers.tier(kit, SHOP_ID, environment) == tier


def test_what_is_declared_needs_no_answer_of_gitlab(tmp_path: Path) -> None:
    """Only an environment that nobody declared is asked for."""
    with answered(tmp_path, wire.always(wire.data({}, 500)), tiers=DECLARED) as kit:
        assert tiers.tier(kit, SHOP_ID, "eu-1") == "production"
        with pytest.raises(GitLabUnreachable):
            tiers.tier(kit, SHOP_ID, "us-1")


def test_production_asks_for_the_most_care() -> None:
    """Of several tiers the one that stands first counts, and of none it is other."""
    assert [most_careful(TIERS[at:]) for at in range(len(TIERS) + 1)] == [*TIERS, "other"]
