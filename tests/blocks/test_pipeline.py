"""A whole pipeline looks the same whatever stands in it, and has buttons only for what can be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks import pipeline as look
from bot.model import Job, Message, Person, Pipeline, Place
from bot.stages import PipelineCard, Whole, stages
from tests.blocks.looks import HOME, check, hostile
from tests.jobs.seen import buttons, shown

NOW = 10_000_000
ONE = Pipeline(1201, "running", "api", "main", "c0ffee12345", f"{HOME}/pipelines/1201", NOW - 70_000, "alice",
               started_at=NOW - 65_000)  # fmt: skip
CARD = PipelineCard("card1", Person("T0ACME0001", "U0ALICE001"), "alice", Place("C0OPS00001"), 42, "acme/shop", 1201,
                    living=True, started=True, title="Round prices", at=NOW - 70_000)  # fmt: skip


def job(
    number: int, name: str, stage: str, status: str, *, allowed: bool = False, why: str | None = None
) -> Job:
    return Job(number, name, stage, status, f"{HOME}/jobs/{number}", 1201, "", "main", "c0ffee", allowed, why)


JOBS = (
    job(1, "build", "build", "success"), job(2, "lint", "test", "failed", allowed=True),
    job(3, "unit", "test", "running"), job(4, "ship", "ship", "manual"),
)  # fmt: skip
LINKS = [f"{HOME}/pipelines/1201", *(f"{HOME}/jobs/{number}" for number in range(60))]


def card(status: str = "running", jobs: Sequence[Job] = JOBS, one: PipelineCard = CARD) -> Message:
    whole = Whole(replace(ONE, status=status), tuple(jobs))
    return look.card(one, whole, stages(jobs), {each.id: f"aim{each.id}" for each in whole.manual}, NOW)


def test_what_a_card_tells() -> None:
    """Where it runs, how far it is, and how each job of each stage is."""
    text = shown(card())
    assert f":arrow_forward: *<{HOME}/pipelines/1201|Pipeline #1201>* running · 1 m 05 s" in text
    assert "acme/shop · main · `c0ffee12` Round prices · by alice" in text
    assert "stage 2 of 3 · 2 of 3 jobs done · 1 job by hand" in text
    assert (
        f"*test*: :warning: <{HOME}/jobs/2|lint> failed, allowed to, :arrow_forward: <{HOME}/jobs/3|unit> running"
        in text
    )
    assert card().text == "Pipeline #1201 of main running in acme/shop"
    check(card(), links=LINKS)


@pytest.mark.parametrize(
    ("status", "jobs", "living", "expected"),
    [
        ("running", JOBS, True, ["Cancel", "Play ship"]),
        ("pending", JOBS[:1], True, ["Cancel"]),
        ("canceling", JOBS[:1], True, []),
        ("success", JOBS, True, ["Play ship", "New pipeline"]),
        ("failed", (job(1, "unit", "test", "failed"),), True, ["Retry failed", "New pipeline"]),
        ("canceled", (job(1, "unit", "test", "canceled"),), True, ["Retry failed", "New pipeline"]),
        ("skipped", (), True, ["New pipeline"]),
        ("manual", JOBS[3:], True, ["Play ship"]),
        ("scheduled", (), True, ["New pipeline"]),
        ("success", JOBS[:1], False, ["New pipeline", "Share"]),
    ],
)
def test_buttons_for_what_can_be_done(
    status: str, jobs: Sequence[Job], living: bool, expected: Sequence[str]
) -> None:
    """Legal next moves, and the way to GitLab."""
    assert buttons(card(status, jobs, replace(CARD, living=living))) == [*expected, "Open in GitLab"]


def test_many_jobs_are_counted() -> None:
    """Those that matter come first; few have a button."""
    many = [job(number, f"job{number}", "test", "success") for number in range(30)]
    text = shown(card("failed", [*many, job(40, "bad", "test", "failed")]))
    assert f"*test*: :x: <{HOME}/jobs/40|bad> failed" in text
    assert "and 23 more" in text
    by_hand = [job(number, f"job{number}", "ship", "manual") for number in range(9)]
    assert sum(one.startswith("Play") for one in buttons(card("manual", by_hand))) == 5
    check(card("manual", by_hand), links=LINKS)
    staged = [job(number, "x", f"stage{number}", "success") for number in range(30)]
    assert "… and 10 more stages" in shown(card("success", staged))


def test_a_job_is_played_by_a_button_that_asks_first() -> None:
    """Each carries an id of its own, and never a job; one that nothing is kept of has none."""
    jobs = [job(number, "x" * 200, "ship", "manual") for number in (1, 2)]
    whole = Whole(replace(ONE, status="manual"), tuple(jobs))
    (row,) = [
        one
        for one in look.card(CARD, whole, stages(jobs), {1: "aim1"}, NOW).blocks
        if one["type"] == "actions"
    ]
    (play,) = [one for one in row["elements"] if one["action_id"].startswith(look.PLAY)]
    assert (play["value"], play["action_id"]) == ("aim1", "pipeline.play.0")
    assert "of pipeline #1201 starts, on main, as you." in play["confirm"]["text"]["text"]


def test_a_pipeline_without_jobs_is_shown_as_well() -> None:
    """GitLab makes them a moment later."""
    assert "stage" not in shown(card("created", ()))


@pytest.mark.parametrize(
    ("status", "jobs", "said"),
    [
        ("success", JOBS[:1], "Pipeline #1201 of main passed in 1 m 05 s."),
        ("failed", (job(1, "unit", "test", "failed", why="script_failure"), *JOBS[:2]),
         "failed in 1 m 05 s: unit (its script failed)."),
        ("failed", (job(1, "unit", "test", "failed"),), "failed in 1 m 05 s: unit."),
        ("canceled", (), "canceled in 1 m 05 s."),
        ("manual", JOBS, "waits for somebody to play ship."),
        ("manual", (), "waits for somebody to play a job."),
    ],
)  # fmt: skip
def test_the_word_at_its_end(status: str, jobs: Sequence[Job], said: str) -> None:
    """With what made it fail; who started it is called only if that is news."""
    whole = Whole(replace(ONE, status=status, finished_at=NOW), tuple(jobs))
    told = look.ended(CARD, whole, mention=True)
    assert told.text.endswith(said)
    assert "<@U0ALICE001>" in shown(told)
    assert "<@" not in shown(look.ended(CARD, whole, mention=False))


def test_the_last_ones_are_a_line_each() -> None:
    """With what one needs to choose."""
    told = look.listed("Last", [replace(ONE, status="manual")], NOW, footer="-")
    assert (
        f":raised_hand: <{HOME}/pipelines/1201|#1201> waiting for somebody · main · `c0ffee12` · api · 1 m ago"
        in shown(told)
    )


@given(hostile, hostile, st.sampled_from(["running", "success", "failed", "manual", "never heard of"]))
def test_nothing_in_it_calls_or_leads_away(text: str, name: str, status: str) -> None:
    """Names of jobs, stages, refs and people, titles and reasons are only shown."""
    jobs = (job(1, text, name, "failed", why=text), job(2, name, text, "manual"))
    one = replace(CARD, title=text, project=name, remark=text)
    whole = Whole(replace(ONE, status=status, ref=text, username=name, sha=name, source=text), jobs)
    for message in (
        look.card(one, whole, stages(jobs), {2: "aim"}, NOW), look.ended(one, whole, mention=False), look.line(text),
        look.outcome(name or "-", "", text), look.listed("Last", [whole.pipeline], NOW, footer="-"),
    ):  # fmt: skip
        check(message, links=LINKS)
