"""Expressions of `rules:if`: true, false, or not to be known."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.jobs import patterns
from bot.jobs.expressions import evaluate

KNOWN = {"SOURCE": "api", "BRANCH": "main", "TAG": None, "EMPTY": "", "BLANK": " ", "FORM": "/^ma/"}


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ('$SOURCE == "api"', True),
        ("$SOURCE == 'push'", False),
        ('"api" == $SOURCE', True),
        ('$SOURCE != "push"', True),
        ("$TAG == null", True),
        ("$EMPTY == null", False),
        ('$TAG == ""', False),
        ('$EMPTY == ""', True),
        ("$BRANCH", True),
        ("$TAG", False),
        ("$EMPTY", False),
        ("$BLANK", False),
        ("null", False),
        ('"text"', True),
        ("$BRANCH =~ /^(main|master)$/", True),
        ("$BRANCH =~ /^MA/i", True),
        ("$BRANCH !~ /^v/", True),
        ("$TAG =~ /^v/", False),
        ("$BRANCH =~ $FORM", True),
        (r"$BRANCH =~ /a\/b/", False),
        ('$SOURCE == "push" || $BRANCH == "main"', True),
        ('$SOURCE == "push" && $BRANCH == "main"', False),
        ('$TAG && $TAG || $SOURCE == "api"', True),
        ("$TAG && ($TAG || $SOURCE)", False),
        ('$SOURCE\n  == "api"', True),
        ('($SOURCE == "api")', True),
    ],
)
def test_what_is_known_is_true_or_false(expression: str, result: bool) -> None:
    """An expression over known variables has the value GitLab gives it."""
    assert evaluate(expression, KNOWN) is result


@pytest.mark.parametrize(
    ("expression", "result"),
    [
        ("$OTHER", None),
        ('$OTHER == "x"', None),
        ("$OTHER != null", None),
        ("$OTHER =~ /x/", None),
        ("$OTHER && $BRANCH", None),
        ("$OTHER && $TAG", False),
        ("$OTHER || $BRANCH", True),
        ("$OTHER || $TAG", None),
        ('"$BRANCH" == "main"', None),
        ('"$[[ inputs.environment ]]" == "production"', None),
    ],
)
def test_what_is_not_known_stays_open(expression: str, result: bool | None) -> None:
    """A variable that is not known leaves the result open, unless the rest decides it."""
    assert evaluate(expression, KNOWN) is result


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "(",
        "$SOURCE ==",
        "== $SOURCE",
        "$SOURCE == api",
        "true",
        "$SOURCE $SOURCE",
        "!$SOURCE",
        "/x/",
        "$BRANCH =~ /(/",
        "$BRANCH =~ /(?=m)/",
        r"$BRANCH =~ /(m)\1/",
        "$BRANCH =~ /m**/",
        '$BRANCH =~ "main"',
        "(" * 99 + "$SOURCE" + ")" * 99,
        '$SOURCE == "' + "x" * 5000 + '"',
        "($SOURCE) == $SOURCE",
        '$SOURCE == "open',
    ],
)
def test_what_cannot_be_read_stays_open(expression: str) -> None:
    """An expression or pattern that is broken, too long or not GitLab's is not guessed at."""
    assert evaluate(expression, KNOWN) is None


def test_all_variables_can_be_known() -> None:
    """With the unknown ones named, any other variable is one that is not set."""
    assert evaluate("$OTHER", KNOWN, unknown=()) is False
    assert evaluate("$OTHER == null", KNOWN, unknown={"ELSE"}) is True
    assert evaluate("$ELSE == null", KNOWN, unknown={"ELSE"}) is None


@given(st.text() | st.text(alphabet="$AB =!~&|()/\"'\\in.*+?[]{}^1,-"))
def test_no_text_raises(expression: str) -> None:
    """Whatever a project writes into a rule, the answer is true, false or unknown."""
    assert evaluate(expression, {"A": "a"}) in (True, False, None)


@given(st.text(alphabet="ab|()*+?^$.", max_size=9), st.text(alphabet="abc", max_size=6))
def test_patterns_mean_what_they_mean_to_python(pattern: str, text: str) -> None:
    """A pattern that both can read matches where Python's own engine finds it."""
    try:
        expected = re.search(pattern, text) is not None
    except re.error:
        return
    assert patterns.search(pattern, text) in (expected, None)


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        (r"^v\d+(\.\d+){1,2}(-rc\d+)?$", "v1.2-rc3", True),
        (r"^v\d+(\.\d+){2}$", "v1.2", False),
        (r"a{2,}b", "aaab", True),
        (r"x{0}y", "y", True),
        (r"[^a-c]", "abc", False),
        (r"[]a]", "]", True),
        (r"[a[b]", "[", True),
        (r"\bfoo\b", "a foo b", True),
        (r"\Amain\z", "main", True),
        (r"(?:release|hotfix)\/.+", "hotfix/1", True),
        (r"(?<name>x)", "x", True),
        (r"(?i)MAIN", "main", True),
        (r"\x41{,3}", "A{,3}", True),
        ("[[:alpha:]]", "a", None),
        ("(a{1000}){1000}", "a", None),
        ("(" * 40 + "a" + ")" * 40, "a", None),
        ("a" * 501, "a", None),
        (r"\Z", "", None),
        ("a{2000}", "a", None),
    ],
)
def test_patterns(pattern: str, text: str, found: bool | None) -> None:
    """Patterns mean what they mean to RE2, and those that cannot be told are left open."""
    assert patterns.search(pattern, text) is found


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*$", "a?" * 60 + "a" * 60 + "$", ".*.*.*.*.*.*b"])
def test_no_pattern_takes_long(pattern: str) -> None:
    """Patterns that keep Python's own engine busy for years are done in a moment."""
    begun = time.monotonic()
    patterns.search(pattern, "a" * 200 + "!")
    assert time.monotonic() - begun < 5
