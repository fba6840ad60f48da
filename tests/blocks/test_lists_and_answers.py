"""Lists and answers: cut where Slack would refuse them, and without a living word from outside."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import blocks.job
from blocks import answers, lists
from bot.catalogues import Catalogue, ChatJob
from bot.errors import BotError, NotUnderstood
from bot.model import Message, Project, Run, RunState
from bot.words import quote, split
from tests.blocks.looks import HOME, check, hostile, run
from tests.jobs.seen import buttons, shown

PROJECT = Project(42, "acme/shop", "https://gitlab.example.com/acme/shop", "main")


def catalogue(*jobs: ChatJob) -> Catalogue:
    return Catalogue(PROJECT, "main", "4be1c0f1", jobs)


def jobs(*each: ChatJob, wanted: str = "", prefix: str = "/gitlab ") -> str:
    return shown(lists.jobs(catalogue(*each), {}, wanted=wanted, prefix=prefix))


# Lists -----------------------------------------------------------------------------------------------------


def test_a_short_list() -> None:
    """A list is its title, its lines and a word below."""
    message = lists.listed("Two things", ["one", "two"], footer="That is all.")
    assert shown(message) == "Two things\none\ntwo\nThat is all."
    check(message)


def test_a_long_list_says_what_it_leaves_out() -> None:
    """A thousand long lines become a message that Slack takes, with a count of those left out."""
    lines = [f"line {number} " + "x" * 90 for number in range(1_000)]
    message = lists.listed("Many", lines)
    check(message)
    said = shown(message)
    listed = said.count("line ")
    assert f"… and {1_000 - listed} more" in said
    assert listed > 150


def test_jobs_with_all_that_is_known_of_them() -> None:
    """Description, stage, environment, how it starts and how it went stand behind the name."""
    one = ChatJob("deploy", "deploy", "Ship it\nnow", "production", manual=True)
    last = {"deploy": run(state=RunState.DONE, status="failed")}
    said = shown(lists.jobs(catalogue(one), last, wanted="", prefix="/gitlab "))
    assert "• *deploy*: Ship it now (stage deploy, environment production, manual, last run failed)" in said
    assert "*1 job* can be started from chat in acme/shop on `main`" in said


def test_jobs_that_chat_cannot_start_come_last() -> None:
    """What cannot be started is listed with the rule, behind what can."""
    hidden = ChatJob("a-hidden", "test", hidden_by="only: [chat]")
    said = jobs(hidden, ChatJob("visible", "test"))
    assert said.index("*visible*") < said.index("a-hidden cannot be started: `only: [chat]`")


def test_the_example_can_be_typed() -> None:
    """The example names the first job that can be started, in quotes where it needs them."""
    name = 'build "all" now'
    said = jobs(ChatJob("hidden", "test", hidden_by="never"), ChatJob(name, "test"))
    assert f"`/gitlab run {quote(name)}`" in said
    assert [word.text for word in split(f"run {quote(name)}")] == ["run", name]


hidden_or_not = st.none() | hostile
chat_jobs = st.builds(ChatJob, hostile, hostile, hostile, hidden_or_not, st.booleans(), hidden_or_not)


@given(st.lists(chat_jobs, max_size=30), hostile, hostile)
def test_nothing_in_a_list_of_jobs_is_alive(some: list[ChatJob], ref: str, wanted: str) -> None:
    """Whatever stands in a CI configuration is only text in the list."""
    where = replace(catalogue(*some), ref=ref)
    last = {one.name: run(state=RunState.DONE, status=one.stage) for one in some}
    check(lists.jobs(where, last, wanted="", prefix="/gitlab "))
    check(lists.jobs(where, last, wanted=wanted.lower(), prefix="/gitlab "))


@given(st.lists(st.builds(run, job=hostile, ref=hostile, project=hostile, status=hostile), max_size=30))
def test_nothing_in_a_list_of_runs_is_alive(many: list[Run]) -> None:
    """Runs with hostile names make a list that Slack takes."""
    linked = [replace(one, job_url=f"{HOME}/jobs/1", pipeline=7) for one in many]
    check(
        lists.listed("Your last runs", [blocks.job.line(one, 0) for one in linked]), links=[f"{HOME}/jobs/1"]
    )


# Answers ---------------------------------------------------------------------------------------------------


def test_an_error_with_offers() -> None:
    """An error is its sentence, a button for each suggestion, and what was typed."""
    error = NotUnderstood("I don't know `stauts`.", suggestions=("status",))
    message = answers.problem(error, typed="stauts <now>", offers=[("runs", "k.0"), ("run hello", "k.1")])
    check(message)
    assert buttons(message) == ["runs", "run hello"]
    assert "You typed: stauts <now>" in shown(message)
    assert [one["value"] for one in message.blocks[1]["elements"]] == ["k.0", "k.1"]


@pytest.mark.parametrize("message", [answers.broken("3f9a1c"), answers.slow(), answers.said("Done.")])
def test_answers_of_our_own(message: Message) -> None:
    """What the bot says by itself is a message that Slack takes."""
    check(message)


def test_displaced_names_the_channel() -> None:
    """Who could not be answered where they asked is told which channel, and how to let the bot in."""
    message = answers.displaced("C0PRIV0001", "not_in_channel")
    assert "<#C0PRIV0001>" in shown(message)
    assert "`/invite @Signalbox`" in shown(message)


def test_displaced_from_a_shared_channel() -> None:
    """Where another company reads along, inviting the bot would not help: that is not said."""
    said = shown(answers.displaced("C0SHARED01", "shared_with_others"))
    assert "<#C0SHARED01> is shared with another company by now" in said
    assert "/invite" not in said


@given(hostile, hostile, st.lists(hostile, max_size=3))
def test_nothing_in_an_error_is_alive(sentence: str, typed: str, offers: list[str]) -> None:
    """What was typed, and what GitLab said of it, is only text in the answer."""
    pairs = [(label, f"k.{number}") for number, label in enumerate(offers)]
    check(answers.problem(BotError("It said: " + sentence), typed=typed, offers=pairs))
