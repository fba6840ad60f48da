"""Mistakes in the policy of the configuration: each has its line, its key and the nearest name there is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import ConfigProblems
from tests.unit.test_config import MINIMAL, told
from tests.unit.test_config_policy import BELOW, FREEZE, NAMES, RULE, read

APPROVE = '[[rules]]\nname = "a"\nthen = "approve"\n'


def problems(more: str) -> list[str]:
    """The sentences for `more`, whose first line is counted as 1."""
    first = BELOW + NAMES.count("\n")
    said = (each.split(": ", 1) for each in told(MINIMAL + NAMES + more))
    return [f"line {int(line.removeprefix('line ')) - first}: {rest}" for line, rest in said]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        # Keys
        ("[acess]\n", "line 1: acess is not a key I know. Did you mean access?"),
        ("[access]\nadmin = []\n", "line 2: access.admin is not a key I know. Did you mean access.admins?"),
        (RULE + "envs = []\n", "line 4: rules[1].envs is not a key I know."),
        (RULE + 'job = ["x"]\n', "line 4: rules[1].job is not a key I know. Did you mean rules[1].jobs?"),
        (FREEZE + 'zone = "UTC"\n', "line 5: freezes[1].zone is not a key I know."),
        ("[limits]\nperson = 1\n", "line 2: limits.person is not a key I know."),
        (
            "[environments.x]\nteir = 1\n",
            "line 2: environments.x.teir is not a key I know. Did you mean environments.x.tier?",
        ),
        ("[environments.x]\ntier = 1\n", "line 2: environments.x.tier is 1. Write one of production"),
        # Shapes
        ("rules = 1\n", "rules is a list: write [[rules]]"),
        ("[freezes]\n", "line 1: freezes is a list: write [[freezes]]"),
        ('[access]\ndefault = "ask"\n', 'line 2: access.default is "ask". I know allow, deny.'),
        ('[access]\ngate = ["hihg"]\n', 'line 2: access.gate is "hihg".'),
        ("[access]\nlock_minutes = 0\n", "line 2: access.lock_minutes is 0. Write a number from 1 to 10080"),
        (
            "[limits]\nall_per_minute = -1\n",
            "line 2: limits.all_per_minute is -1. Write a whole number from 0",
        ),
        (
            '[access]\nlet_in = ["alice"]\n',
            'line 2: access.let_in holds "alice". Write Slack\'s id of a person',
        ),
        (
            '[access]\nshared_channels = ["#ops"]\n',
            'line 2: access.shared_channels holds "#ops", which is not a channel',
        ),
        # Groups
        (
            '[access]\nadmins = ["laeds"]\n',
            'line 2: access.admins holds "laeds", which is not a group or a member. Did you mean leads?',
        ),
        (
            '[access]\noverride = ["x y"]\n',
            'line 2: access.override holds "x y", which is not a group or a member. I know everybody, leads.',
        ),
        (RULE + 'people = ["@laeds"]\n', 'line 4: rules[1].people holds "@laeds", which is not a group.'),
        (RULE + 'people = ["leads"]\n', 'line 4: rules[1].people holds "leads". Did you mean "@leads"?'),
        (RULE + 'people = ["!bob"]\n', 'line 4: rules[1].people holds "!bob". A member is a person'),
        (
            '[[rules]]\nname = "d"\nthen = "deny"\ngrant_by = ["leds"]\n',
            'line 4: rules[1].grant_by holds "leds", which is not a group. Did you mean leads?',
        ),
        # Environments, tiers, projects, channels
        (
            RULE + 'environments = ["prodution"]\n',
            'line 4: rules[1].environments holds "prodution", which is no environment',
        ),
        (
            RULE + 'environments = ["!qa*"]\n',
            'line 4: rules[1].environments holds "!qa*", which is no environment',
        ),
        (
            FREEZE + 'environments = ["qa"]\n',
            'line 5: freezes[1].environments holds "qa", which is no environment',
        ),
        (
            RULE + 'tiers = ["prod"]\n',
            'line 4: rules[1].tiers holds "prod", which is not a tier. Did you mean production?',
        ),
        (
            RULE + 'projects = ["shop"]\n',
            'line 4: rules[1].projects holds "shop", which is not the full path of a project. Did you mean acme/shop?',
        ),
        (
            FREEZE + 'projects = ["store"]\n',
            'line 5: freezes[1].projects holds "store", which is not the full path',
        ),
        (RULE + 'channels = ["ops"]\n', 'line 4: rules[1].channels holds "ops", which is not a channel id.'),
        # Rules
        ('[[rules]]\nthen = "allow"\n', "line 1: rules[1].name is missing."),
        (
            '[[rules]]\nname = "a"\n',
            "line 1: rules[1].then is missing. Write one of allow, deny, confirm, approve.",
        ),
        ('[[rules]]\nname = "a"\nthen = "alow"\n', 'line 3: rules[1].then is "alow". Did you mean allow?'),
        (RULE + 'jobs = ["x"]\n' + RULE, 'line 6: rules[2].name is "r", as in line'),
        (RULE + 'role = "maintaner"\n', 'line 4: rules[1].role is "maintaner". Did you mean maintainer?'),
        (RULE + "role_below = 30\n", "line 4: rules[1].role_below is 30. Write one of guest"),
        (RULE + 'jobs = [""]\n', 'line 4: rules[1].jobs holds "". Write a name or a pattern'),
        (RULE + 'refs = ["' + "x" * 256 + '"]\n', "line 4: rules[1].refs holds a pattern of 256 characters."),
        (RULE + "arguments = []\n", "line 4: rules[1].arguments is []. Write a table"),
        (
            RULE + "arguments = { version = [] }\n",
            "line 4: rules[1].arguments.version is []. Write a list of patterns",
        ),
        (RULE + 'why = "a\\nb"\n', 'line 4: rules[1].why is "a\\nb". Write one line of up to 300 characters'),
        # Approvals
        (APPROVE, "line 1: rules[1].by is missing. Name the groups"),
        (
            APPROVE + 'by = ["leaders"]\n',
            'line 4: rules[1].by holds "leaders", which is not a group. Did you mean leads?',
        ),
        (
            APPROVE + 'by = ["leads"]\napprovals = 3\n',
            "line 5: rules[1].approvals is 3, but leads together have 2 members.",
        ),
        (
            APPROVE + 'by = ["leads"]\nchannel = "ops"\n',
            'line 5: rules[1].channel holds "ops", which is not a channel id.',
        ),
        (APPROVE + 'by = ["leads"]\napprove_in = "jira"\n', 'line 5: rules[1].approve_in is "jira".'),
        # Freezes
        (
            '[[freezes]]\nname = "f"\nend = "2026-12-24"\n',
            "line 1: freezes[1].start is missing. Write a moment",
        ),
        (
            FREEZE + 'timezone = "Europe/Berlim"\n',
            'line 5: freezes[1].timezone is "Europe/Berlim", which is no time zone I know. Did you mean Europe/Berlin?',
        ),
        (FREEZE.replace("FRI", "FUN"), "line 3: freezes[1].start cannot be read: `0 16 * * FUN` is neither"),
        (
            FREEZE.replace("0 8", "0 0 8"),
            "line 4: freezes[1].end cannot be read: `0 0 8 * * MON` is neither a moment nor a cron",
        ),
        (
            FREEZE.replace("0 16 * * FRI", "2026-12-24"),
            "line 4: freezes[1].end does not go with its start: `2026-12-24` and `0 8 * * MON`",
        ),
        (
            '[[freezes]]\nname = "f"\nstart = 2026-12-24\nend = 2026-12-24\n',
            "line 4: freezes[1].end does not go with its start: `2026-12-24` does not come after",
        ),
        (
            FREEZE.replace("0 8 * * MON", "0 16 * * FRI"),
            'line 3: freezes[1].start is "0 16 * * FRI": with this end the freeze never begins.',
        ),
        (FREEZE + FREEZE, 'line 6: freezes[2].name is "f", as in line'),
    ],
)
def test_mistake(more: str, sentence: str) -> None:
    """Each mistake is one sentence with its line, its key and the nearest name there is."""
    found = told(MINIMAL.replace("[slack]", f"{more}[slack]", 1)) if more == "rules = 1\n" else problems(more)
    assert len(found) == 1, found
    assert sentence in found[0]


@pytest.mark.parametrize(
    ("groups", "sentence"),
    [
        ("groups = 1\n", "line 1: groups is not a value"),
        ('[groups]\nLeads = ["U0LEAD0001"]\n', "line 2: groups.Leads cannot be the name of a group."),
        ('[groups]\nleads = ["@ops"]\n', 'line 2: groups.leads holds "@ops". A member is a person'),
        ('[groups]\nleads = [\n"bob"]\n', 'line 2: groups.leads holds "bob".'),
        ('[groups]\nleads = "U0LEAD0001"\n', 'line 2: groups.leads is "U0LEAD0001". Write a list'),
    ],
)
def test_mistake_in_groups(groups: str, sentence: str) -> None:
    """Groups hold members, and have names that nothing else could be."""
    (found,) = told(groups + MINIMAL)
    assert found.startswith(sentence)


def test_all_mistakes_at_once() -> None:
    """One run tells them all, in the order of the file."""
    found = problems(
        '[access]\nadmins = ["nobody"]\n' + RULE + 'environments = ["x"]\ntiers = ["y"]\npeople = ["@z"]\n'
        + FREEZE[:-1] + ' # late\ntimezone = "Mars"\n[limits]\nmost = 1\n'
    )  # fmt: skip
    assert [each.split()[2] for each in found] == [
        "access.admins", "rules[1].tiers", "freezes[1].timezone", "limits.most",
    ]  # fmt: skip


ODD = st.sampled_from(
    [
        '""',
        '"!"',
        '"@"',
        '"["',
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "1",
        "true",
        "1979-05-27",
        '"\\u0000"',
        "[1]",
        '["!"]',
    ]
)
KEYS = (
    "name", "then", "people", "by", "arguments", "environments", "tiers", "channel", "approvals", "start", "end",
    "timezone", "role", "x",
)  # fmt: skip


@given(st.sampled_from(["[[rules]]", "[[freezes]]"]), st.dictionaries(st.sampled_from(KEYS), ODD))
def test_any_value_is_read_or_refused(header: str, table: dict[str, str]) -> None:
    """Values of every type and oddity end in sentences, each with a line."""
    body = "".join(f"{key} = {value}\n" for key, value in table.items())
    with pytest.raises(ConfigProblems) as caught:
        read(f"{header}\n{body}")
    assert all(problem.line > 0 and problem.key for problem in caught.value.problems)
