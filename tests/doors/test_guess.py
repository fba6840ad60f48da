"""Words without a command: what is suggested for them, and what never is."""

from __future__ import annotations

from typing import Any

import pytest

from bot.doors import guess
from bot.errors import NotUnderstood
from bot.model import Place
from bot.words import read
from tests.jobs.stage import DEV, OPS, PEOPLE, VERBS, Stage, stage_at


@pytest.fixture
def stage(tmp_path: Any) -> Any:
    """A bot whose GitLab is out of reach: nothing here asks it."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        yield stage


def unknown(stage: Stage, text: str, *, channel: str = OPS, prefix: str = "/gitlab ") -> NotUnderstood:
    line = read(text, VERBS)
    assert line.verb is None
    return guess.unknown(
        stage.kit, VERBS, line, prefix, person=PEOPLE["alice"], place=Place(channel)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "suggested"),
    [
        ("rnu hello", "run hello"),
        ("shop cancle", "shop cancel"),
        ("acme/shop cancle", "acme/shop cancel"),
        ("shop rnu hello  World", "shop run hello  World"),
        ("acme/other jbos deploy", "acme/other jobs deploy"),
        ("shop", "shop jobs"),
        ("acme/shop", "acme/shop jobs"),
    ],
)
def test_a_mistyped_verb_keeps_its_project(stage: Stage, typed: str, suggested: str) -> None:
    """The suggestion is the whole line, with the project in front and all that followed."""
    error = unknown(stage, typed)
    assert error.suggestions[0] == suggested
    assert f"`/gitlab {suggested}`" in error.sentence
    assert all(read(line, VERBS).verb for line in error.suggestions)


@pytest.mark.parametrize("typed", ["shop", "shop shop", "shpo", "chancel it", "step by step"])
def test_no_word_near_a_name_offers_to_stop(stage: Stage, typed: str) -> None:
    """`cancel` and `stop` are offered for a slip of the fingers alone."""
    offered = {read(line, VERBS).verb for line in unknown(stage, typed).suggestions}
    assert "stop" not in offered
    assert typed == "chancel it" or "cancel" not in offered


@pytest.mark.parametrize(("typed", "verb"), [("cancle", "cancel"), ("cancl", "cancel"), ("stpo", "stop")])
def test_a_slip_is_a_slip(stage: Stage, typed: str, verb: str) -> None:
    """Letters that changed places, or one that is missing."""
    assert verb in unknown(stage, typed).suggestions


def test_a_job_that_ran_lately_is_offered(stage: Stage) -> None:
    """Whoever types a job's name without `run` is offered to run it, in its project."""
    assert unknown(stage, "frobnicate it").suggestions == ()
    stage.intend("frobnicate")
    stage.intend("scale up", project="acme/infra", place=Place(DEV))
    assert unknown(stage, "frobnicate it").suggestions == ("run frobnicate it",)
    assert unknown(stage, "shop frobnicate it").suggestions == ("shop run frobnicate it",)
    assert unknown(stage, '"scale up" now').suggestions == ('acme/infra run "scale up" now',)
    assert unknown(stage, 'shop "scale up" now').suggestions == ()


def test_no_words_at_all(stage: Stage) -> None:
    """A text of which nothing is left is answered all the same."""
    assert "Type `/gitlab help`" in unknown(stage, "\u200b").sentence


@pytest.mark.parametrize(
    "text", ["run hello", ", run hello", ": run hello", " - run hello", "; \u2013 run hello"]
)
def test_what_follows_a_mention(text: str) -> None:
    """A comma, a colon or a dash behind the name is no word; an option keeps its dashes."""
    assert guess.opened(text) == "run hello"
    assert guess.opened(" --help") == "--help"
