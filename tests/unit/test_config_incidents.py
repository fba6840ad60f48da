"""Incidents in the configuration, and the sentence for each mistake in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import IncidentsConfig, parse
from tests.unit.test_config import MINIMAL, mistakes, told

SECTION = f"{MINIMAL}[incidents]\n"


def read(more: str) -> IncidentsConfig:
    return parse(f"{SECTION}{more}\n", {}, Path("/")).incidents


def test_defaults() -> None:
    """Without the section everything has its default."""
    incidents = parse(MINIMAL, {}, Path("/")).incidents
    assert incidents == IncidentsConfig()
    assert (incidents.policy_public, incidents.policy_private) == ("curated", "full-internal")
    assert incidents.update_minutes == (10, 15, 30, 60)
    assert incidents.monitoring_minutes == (30, 60, 60, 120)


def test_whole_section() -> None:
    """What stands there is read; names of choices may have capital letters."""
    incidents = read(
        'project = "acme/shop"\nannounce = "C0OPS00001"\nprefix = "sev-1"\ninvite = ["U0ALICE001", "S0ONCALL01"]\n'
        'threads = "Low"\narchive_days = 0\nwatch_only = ["acme/vault"]\nupdate_minutes = [5, 5, 5, 10080]'
    )
    assert (incidents.project, incidents.announce, incidents.prefix) == ("acme/shop", "C0OPS00001", "sev-1")
    assert (incidents.threads, incidents.archive_days, incidents.watch_only) == ("low", 0, ("acme/vault",))
    assert incidents.invite == ("U0ALICE001", "S0ONCALL01")
    assert incidents.update_minutes == (5, 5, 5, 10080)


def test_emoji_by_their_names() -> None:
    """What a reaction means is found by its name."""
    assert read('timeline_emoji = "+1"').emoji() == {
        "+1": "timeline", "star": "internal", "hammer": "task", "bulb": "hypothesis", "white_check_mark": "decision",
        "rewind": "cause", "ballot_box_with_check": "done",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('projekt = "a/b"', "incidents.projekt is not a key I know. Did you mean incidents.project?"),
        ('project = "shop"', 'incidents.project holds "shop", which is not the full path of a project.'),
        ('announce = "#ops"', 'incidents.announce holds "#ops", which is not a channel id.'),
        ('prefix = "Inc"', 'incidents.prefix is "Inc". Write 1 to 20 small letters'),
        ('prefix = ""', 'incidents.prefix is "". Write 1 to 20 small letters'),
        (f'prefix = "{"x" * 21}"', "incidents.prefix is "),
        ('invite = ["@alice"]', 'incidents.invite holds "@alice". Write Slack\'s id of a person'),
        ('private = "no"', 'incidents.private is "no". Write true or false'),
        ('threads = "some"', 'incidents.threads is "some". Write one of "never", "low", "always".'),
        (
            'policy_public = ""',
            'incidents.policy_public is "". Write one of "curated", "full-internal", "full".',
        ),
        ('policy_private = "all"', 'incidents.policy_private is "all". Write one of "curated"'),
        ('deletes = "keep"', 'incidents.deletes is "keep". Write one of "tombstone", "remove".'),
        ("archive_days = 366", "incidents.archive_days is 366. Write a whole number from 0 to 365"),
        ('task_emoji = ":hammer:"', 'incidents.task_emoji is ":hammer:". Write the name of an emoji'),
        ('task_emoji = "Hammer"', 'incidents.task_emoji is "Hammer". Write the name of an emoji'),
        ('label_prefix = "a,b"', 'incidents.label_prefix is "a,b". Write 1 to 50 characters without a comma'),
        ('label_prefix = ""', 'incidents.label_prefix is "". Write 1 to 50 characters'),
        ("label_prefix = 5", "incidents.label_prefix is 5. Write 1 to 50 characters"),
        ("review_severity = 5", "incidents.review_severity is 5. Write a whole number from 1 to 4"),
        (
            'watch_only = ["shop"]',
            'incidents.watch_only holds "shop", which is not the full path of a project.',
        ),
        ("update_minutes = [1, 2, 3]", "incidents.update_minutes is [1, 2, 3]. Write a list of four numbers"),
        ("update_minutes = 5", "incidents.update_minutes is 5. Write a list of four numbers"),
        (
            "monitoring_minutes = [1, 2, 0, 4]",
            "incidents.monitoring_minutes[3] is 0. Write a whole number from 1",
        ),
    ],
)
def test_mistakes(line: str, sentence: str) -> None:
    """A mistake is told with its line, its key and what to write."""
    (problem,) = told(f"{SECTION}{line}\n")
    assert problem.startswith(f"line {SECTION.count(chr(10)) + 1}: {sentence}")


def test_emoji_with_two_meanings() -> None:
    """One emoji means one thing."""
    assert mistakes(f'{SECTION}done_emoji = "white_check_mark"\n') == [
        'incidents.done_emoji is "white_check_mark", as incidents.decision_emoji is. Take another emoji for one.'
    ]


def test_nowhere_to_announce() -> None:
    """Threads and cards without a channel of their own need the announcement channel."""
    assert mistakes(f'{SECTION}threads = "low"\nwatch_only = ["acme/shop"]\n') == [
        'incidents.threads is "low", but incidents.announce is empty. Set that to the id of a channel.',
        'incidents.watch_only is ["acme/shop"], but incidents.announce is empty. Set that to the id of a channel.',
    ]
