"""The jobs of a pipeline by stage, and how far it has come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.model import Job, Pipeline
from bot.stages import Stage, Whole, progress, stages

STATUSES = [
    "created",
    "pending",
    "running",
    "success",
    "failed",
    "canceled",
    "skipped",
    "manual",
    "canceling",
]


def job(number: int, name: str, stage: str, status: str = "success", *, allow_failure: bool = False) -> Job:
    return Job(number, name, stage, status, "", 1201, "", "main", "c0ffee", allow_failure=allow_failure)


def whole(status: str, *jobs: Job) -> Whole:
    return Whole(Pipeline(1201, status, "api", "main", "c0ffee", "", 0), jobs)


def test_stages_run_in_the_order_in_which_they_were_made() -> None:
    """Whatever they are called."""
    found = stages([job(3, "pack", "ship"), job(1, "grind", "grind"), job(2, "sift", "test")])
    assert [stage.name for stage in found] == ["grind", "test", "ship"]


def test_a_job_that_runs_again_moves_no_stage() -> None:
    """Its id is higher then; the order is known from before."""
    found = stages([job(9, "grind", "grind"), job(2, "sift", "test")], ["grind", "test", "gone"])
    assert [stage.name for stage in found] == ["grind", "test"]


def test_what_somebody_has_to_look_at_comes_first() -> None:
    """Failed before running before those by hand before the rest; what may fail comes behind what may not."""
    found = stages([
        job(1, "a", "test"), job(2, "b", "test", "manual"), job(3, "c", "test", "running"),
        job(4, "d", "test", "failed", allow_failure=True), job(5, "e", "test", "failed"),
    ])  # fmt: skip
    assert [one.name for one in found[0].jobs] == ["e", "d", "c", "b", "a"]


def test_a_pipeline_is_in_its_first_stage_that_is_not_over() -> None:
    """Once all are, it is in the last."""
    first, last = Stage("a", (job(1, "a", "a"),)), Stage("b", (job(2, "b", "b", "running"),))
    assert progress((first, last)) == (2, 2)
    assert progress((first, Stage("b", (job(2, "b", "b", "manual"),)))) == (2, 2)
    assert progress(()) == (0, 0)


def test_what_failed_what_waits_and_what_is_done() -> None:
    """A job that is allowed to fail fails no pipeline; one that waits for a hand is not counted."""
    one = whole(
        "failed", job(1, "a", "x"), job(2, "b", "x", "failed"), job(3, "c", "x", "failed", allow_failure=True),
        job(4, "d", "y", "manual"), job(5, "e", "y", "skipped"),
    )  # fmt: skip
    assert [job.name for job in one.failed] == ["b"]
    assert [job.name for job in one.manual] == ["d"]
    assert (one.done, one.counted) == (4, 4)
    assert one.can_be_retried
    assert not one.is_active


def test_only_what_came_to_nothing_is_retried() -> None:
    """A pipeline that runs, or passed, is not."""
    failed = job(1, "a", "x", "failed")
    assert not whole("running", failed).can_be_retried
    assert not whole("success", failed).can_be_retried
    assert not whole("failed", job(1, "a", "x", "skipped")).can_be_retried
    assert whole("canceled", job(1, "a", "x", "canceled")).can_be_retried
    assert whole("running").is_active
    assert not whole("manual").is_active


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(STATUSES)), max_size=12))
def test_no_job_is_lost(made: list[tuple[str, str]]) -> None:
    """Every job stands in exactly one stage."""
    jobs = [job(number, f"job{number}", stage, status) for number, (stage, status) in enumerate(made)]
    found = stages(jobs)
    assert sorted(one.id for stage in found for one in stage.jobs) == [one.id for one in jobs]
    at, many = progress(found)
    assert 0 <= at <= many
