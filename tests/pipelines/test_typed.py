"""What somebody types after `pipeline`."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import words
from bot.command import Request
from bot.errors import BotError, NotUnderstood
from bot.model import Person, Place
from bot.pipelines.typed import Typed, typed

HOME = "https://gitlab.example.com"
VERBS = frozenset({"pipeline", "pipelines"})


def request(text: str) -> Request:
    line = words.read(text, VERBS)
    return Request(
        "k",
        Person("T", "U"),
        "alice",
        Place("C"),
        line.words,
        line,
        line.verb or "",
        line.project,
        "/gitlab ",
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("pipeline", Typed("show")),
        ("pipeline main", Typed("show", "main")),
        ("pipeline feature/x", Typed("show", "feature/x")),
        ("pipeline #1201", Typed("show", number=1201)),
        ("pipeline 1201", Typed("show", "1201")),
        (f"pipeline {HOME}/acme/shop/-/pipelines/1201", Typed("show", number=1201, project="acme/shop")),
        (
            f"pipeline <{HOME}/acme/shop/-/pipelines/1201/builds>",
            Typed("show", number=1201, project="acme/shop"),
        ),
        ("pipeline run", Typed("run")),
        ("pipeline RUN v8.10.0", Typed("run", "v8.10.0")),
        ('pipeline "run"', Typed("show", "run")),
        ('pipeline run "run"', Typed("run", "run")),
        ("pipeline list", Typed("list")),
        ("pipelines", Typed("list")),
        ("pipelines main", Typed("list", "main")),
        ("pipelines cancel #1201", Typed("cancel", number=1201)),
        ("pipeline retry", Typed("retry")),
        ("pipeline share #1201", Typed("share", number=1201)),
        ("pipeline play", Typed("play")),
        ("pipeline play deploy", Typed("play", job="deploy")),
        ("pipeline play deploy #1201", Typed("play", number=1201, job="deploy")),
        ("pipeline play #1201", Typed("play", number=1201)),
        ('pipeline play "#1" main', Typed("play", "main", job="#1")),
    ],
)
def test_what_is_meant(text: str, meant: Typed) -> None:
    """The word, and a ref or a number; in quotes, a word is a ref."""
    assert typed(request(text), HOME) == meant


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ("pipeline main now", ("pipeline show main",)),
        ("shop pipelines main 10", ("shop pipeline list main",)),
        ("pipeline run hello World", ()),
        ("pipeline cancel #1 #2", ()),
        ("pipeline play deploy #1 now", ()),
    ],
)
def test_what_stands_behind_is_not_ignored(text: str, near: tuple[str, ...]) -> None:
    """Nothing is started or stopped by half a line; what is suggested is understood."""
    with pytest.raises(NotUnderstood, match="one branch, tag or number") as caught:
        typed(request(text), HOME)
    assert caught.value.suggestions == near
    for line in near:
        typed(request(line), HOME)


@given(st.text(max_size=60))
def test_any_text_is_read_or_answered(text: str) -> None:
    """With a sentence at most, and never with a bug."""
    with suppress(BotError):
        typed(request(f"pipeline {text}"), HOME)
