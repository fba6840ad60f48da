"""The policy of the configuration: what it becomes, and the sentence for each mistake in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, ConfigProblems, check_commands, parse
from bot.policy import Limits, Policy, Rule
from tests.unit.test_config import MINIMAL, told

BELOW = MINIMAL.count("\n")
NAMES = """[groups]
leads = ["U0LEAD0001", "gitlab:alice"]
everybody = ["S0EVERY001"]
[environments.production]
tier = "production"
[environments."review/*"]
[projects."acme/shop"]
aliases = ["shop"]
"""
RULE = '[[rules]]\nname = "r"\nthen = "allow"\n'
FREEZE = '[[freezes]]\nname = "f"\nstart = "0 16 * * FRI"\nend = "0 8 * * MON"\n'
VERBS = {"run": "run", "go": "run", "help": "help", "deploy": "deploy", "rollback": "rollback"}


def read(more: str) -> Config:
    """The minimal configuration with names and `more` below it."""
    return parse(MINIMAL + NAMES + more, {}, Path("/"))


def test_no_policy() -> None:
    """Without a word about it the policy is the one that is written down as the default."""
    assert parse(MINIMAL, {}, Path("/")).policy == Policy()


def test_policy() -> None:
    """All of it becomes the policy: minutes become milliseconds, and a group loses its sign where only groups stand."""
    policy = read(
        '[access]\ndefault = "deny"\nadmins = ["@leads", "U0ADMIN001"]\noverride = ["leads"]\n'
        'let_in = ["T0OTHER001"]\nshared_channels = ["C0SHARED01"]\nconfirm_production = false\ngate = ["Critical"]\n'
        "gitlab_freezes = false\nlock_minutes = 1.5\nlock_deployments = false\n[limits]\nperson_per_minute = 0\n"
        '[[rules]]\nname = "two"\nthen = "approve"\ncommands = ["run"]\nenvironments = ["prod*", "!review/1"]\n'
        'people = ["!@leads", "U0BOB00001"]\nrole = "Developer"\narguments = { text = "a", version = ["v*", "!v0"] }\n'
        'channels = ["C0OPS00001", "!dm"]\nby = ["@leads"]\napprovals = 2\nexpires_minutes = 5\n'
    ).policy
    assert (policy.default, policy.admins, policy.override) == ("deny", ("leads", "U0ADMIN001"), ("leads",))
    assert (policy.let_in, policy.shared_channels, policy.gate) == (
        ("T0OTHER001",),
        ("C0SHARED01",),
        ("critical",),
    )
    assert (policy.confirm_production, policy.gitlab_freezes, policy.lock_deployments) == (
        False,
        False,
        False,
    )
    assert (policy.lock_for, policy.limits) == (90_000, Limits(person_per_minute=0))
    assert policy.groups == {"leads": ("U0LEAD0001", "gitlab:alice"), "everybody": ("S0EVERY001",)}
    assert policy.tiers == {"production": "production"}
    (rule,) = policy.rules
    assert rule == Rule(
        "two", "approve", line=BELOW + NAMES.count("\n") + 14, commands=("run",),
        environments=("prod*", "!review/1"), people=("!@leads", "U0BOB00001"), role="developer",
        arguments={"text": ("a",), "version": ("v*", "!v0")}, channels=("C0OPS00001", "!dm"), by=("leads",),
        approvals=2, expires=300_000,
    )  # fmt: skip


@pytest.mark.parametrize(("start", "end", "read_as"), [
    ("2026-12-24T12:00:00", "2026-12-27", "2026-12-24T12:00:00"),
    ('"2026-12-24T12:00"', '"2026-12-24 12:01"', "2026-12-24T12:00"),
    ('"0 16 * * FRI"', '" 0 8 * * MON "', "0 16 * * FRI"),
])  # fmt: skip
def test_freeze(start: str, end: str, read_as: str) -> None:
    """A freeze lies between two moments, as TOML's or as text, or between two cron expressions."""
    (freeze,) = read(
        f'[[freezes]]\nname = "f"\nstart = {start}\nend = {end}\ntimezone = "Europe/Berlin"\n'
    ).policy.freezes
    assert (freeze.name, freeze.start, freeze.timezone) == ("f", read_as, "Europe/Berlin")
    assert freeze.end == freeze.end.strip()
    assert freeze.line == BELOW + NAMES.count("\n") + 1


@pytest.mark.parametrize(
    "more",
    [
        RULE + 'environments = ["production", "!review/42", "review/*", "p?oduction", "*"]\n',
        RULE + 'tiers = ["!production", "*ing"]\nprojects = ["acme/shop", "acme/*", "!*shop"]\n',
        '[[rules]]\nname = "a"\nthen = "approve"\nby = ["leads", "everybody"]\napprovals = 20\n',
        '[[rules]]\nname = "a"\nthen = "approve"\napprove_in = "gitlab"\n',
    ],
)
def test_fine(more: str) -> None:
    """Names that are declared, by a pattern perhaps, and approvals nobody can count, are in order."""
    assert read(more).warnings == ()


def test_a_pattern_where_no_environment_is_declared() -> None:
    """Then it may mean any; a name has to be declared."""
    assert parse(MINIMAL + RULE + 'environments = ["prod*"]\n', {}, Path("/")).policy.rules
    (sentence,) = told(MINIMAL + RULE + 'environments = ["prod"]\n')
    assert sentence.endswith("which is no environment of this file. Declare it: [environments.prod].")


def test_rules_that_are_never_reached() -> None:
    """Nothing is asked after a rule without conditions; that is a warning."""
    first, second = (
        '[[rules]]\nname = "a"\nthen = "confirm"\n',
        '[[rules]]\nname = "b"\nthen = "deny"\njobs = ["x"]\n',
    )
    (warning,) = read(first + second).warnings
    assert f"line {BELOW + NAMES.count(chr(10)) + 4}: rules[2]" in warning
    assert '("b") is never reached: "a" above it has no conditions' in warning
    assert read(second + first).warnings == ()


def test_keys_that_say_nothing() -> None:
    """A key of another kind of rule is a warning."""
    warnings = read(RULE + 'jobs = ["x"]\nby = ["leads"]\ngrant_by = ["leads"]\n').warnings
    assert [each.split(": ", 1)[1] for each in warnings] == [
        'rules[1].by says nothing here: it belongs to rules with then = "approve".',
        'rules[1].grant_by says nothing here: it belongs to rules with then = "deny".',
    ]


def commands_of(*patterns: str) -> Config:
    """A rule about these commands."""
    return read(RULE + f"commands = {list(patterns)}\n")


@pytest.mark.parametrize(
    ("pattern", "sentence"),
    [
        ("rum", 'rules[1].commands holds "rum", which is not the name of a command. Did you mean run?'),
        ("go", 'rules[1].commands holds "go", which is not the name of a command. Write run.'),
        ("!x*", 'rules[1].commands holds "!x*", which is not the name of a command.'
                " I know deploy, help, rollback, run."),
    ],
)  # fmt: skip
def test_unknown_command(pattern: str, sentence: str) -> None:
    """A rule about a command there is not is refused with its line."""
    config = commands_of(pattern)
    with pytest.raises(ConfigProblems) as caught:
        check_commands(config, VERBS)
    assert caught.value.sentence == f"line {config.policy.rules[0].line}: {sentence}"


def test_known_commands() -> None:
    """Names of commands, and patterns that take one in."""
    check_commands(commands_of("run", "!help", "r*", "deploy", "rollback", "*"), VERBS)


def test_alias_that_is_a_verb() -> None:
    """It could never be typed, in whatever letters."""
    config = parse(MINIMAL + '[projects."a/b"]\naliases = ["Go"]\n', {}, Path("/"))
    with pytest.raises(ConfigProblems, match=r'projects\."a/b"\.aliases holds Go, which is a command'):
        check_commands(config, VERBS)
