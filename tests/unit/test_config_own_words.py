"""Words for whole commands in the configuration, and the sentence for each mistake in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import Config, ConfigProblems, check_commands, parse
from tests.unit.test_config import MINIMAL, told

VERBS = {"run": "run", "go": "run", "deploy": "deploy"}
SHOP = '[projects."acme/shop"]\naliases = ["shop"]\n'


def read(more: str) -> Config:
    return parse(f"{MINIMAL}{SHOP}[aliases]\n{more}\n", {}, Path("/"))


def test_no_words() -> None:
    """Without the section there are none."""
    assert parse(MINIMAL, {}, Path("/")).aliases == {}


def test_words() -> None:
    """Each word stands for its command; capital letters of a word do not count."""
    config = read('D = " run deploy "\n"a.b-c" = "shop go x"\nz = "acme/other run y"')
    assert config.aliases == {"d": "run deploy", "a.b-c": "shop go x", "z": "acme/other run y"}
    check_commands(config, VERBS)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('"a b" = "run x"', 'aliases."a b" cannot be a word for a command.'),
        ('"-d" = "run x"', "aliases.-d cannot be a word for a command."),
        ('Shop = "run x"', 'aliases.Shop is the short name of projects."acme/shop". Choose another word.'),
        ('d = "run x"\nD = "run y"', "aliases.D stands there twice, but for capital letters."),
        ("d = 3", "aliases.d is 3. Write a command in quotes"),
        ('d = " "', 'aliases.d is " ". Write a command in quotes'),
        ('d = """run x\ny"""', "aliases.d is "),
        (f'd = "run {"x" * 500}"', "aliases.d is 504 characters long. Write a command of at most 500."),
    ],
)
def test_mistakes(line: str, sentence: str) -> None:
    """A mistake is told with its line, its key and what to write."""
    problems = told(f"{MINIMAL}{SHOP}[aliases]\n{line}\n")
    assert any(sentence in problem for problem in problems), problems


def test_no_section() -> None:
    """A value where the section should be is told."""
    assert "is not a value: write a section [aliases]" in told(f"aliases = 3\n{MINIMAL}")[0]


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('go = "run x"', "aliases.go is a command already. Choose another word."),
        (
            'd = "rum x"',
            'aliases.d stands for "rum x", which does not begin with a command. Did you mean run?',
        ),
        ('d = "shop rum x"', "Did you mean run?"),
        ('d = "acme/other"', "does not begin with a command."),
        ('d = "other run x"', "does not begin with a command."),
        ('a = "run x"\nd = "a y"', 'aliases.d stands for "a y", which does not begin with a command.'),
    ],
)
def test_what_only_the_commands_tell(line: str, sentence: str) -> None:
    """A word that is a command, and one that stands for none, or for another word, are refused at the start."""
    with pytest.raises(ConfigProblems) as caught:
        check_commands(read(line), VERBS)
    assert sentence in caught.value.sentence
