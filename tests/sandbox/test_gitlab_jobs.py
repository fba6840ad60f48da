"""The sandbox's jobs really run, and their logs look as the runner's."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

import gitlab
import pytest

from tests.sandbox.gitlab_stage import GitLabStage, listed, text, until

HEADER = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z [0-9a-f]{2}[OE][ +]")


@pytest.fixture(scope="module")
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def test_an_api_pipeline_holds_just_the_job_its_variable_names(stage: GitLabStage) -> None:
    """A pipeline started with CHATOPS_JOB=say has the job `say` and no other."""
    pipeline = stage.start("say", "hi")
    assert [job.name for job in pipeline.jobs.list(get_all=True)] == ["say"]
    assert pipeline.source == "api"
    assert stage.status(pipeline) == "success"


def test_the_log_has_a_header_on_every_line_and_the_runners_sections(stage: GitLabStage) -> None:
    """Every line of a log begins with 32 bytes of header, and sections open and close."""
    job = stage.job(stage.start("hello", "Ada"))
    log = stage.log(job)
    assert all(HEADER.match(line) for line in log.rstrip("\n").split("\n"))
    for name in ("prepare_executor", "get_sources", "step_script", "cleanup_file_variables"):
        assert re.search(rf"section_start:\d+:{name}\r\x1b\[0K\n", log)
        assert re.search(rf"section_end:\d+:{name}\r\x1b\[0K\n", log)
    assert re.search(r"00O\+\x1b\[32;1mJob succeeded\x1b\[0;m\n$", log)
    assert " 01O Hello Ada.\n" in log


def test_the_end_of_a_log_arrives_after_the_job_has_ended(stage: GitLabStage) -> None:
    """A job that is finished may still lack the end of its log for a moment."""
    pipeline = stage.start("hello-world")
    job = stage.job(pipeline)
    stage.status(job)
    assert "Job succeeded" not in text(job)
    assert "Job succeeded" in stage.log(job)


def test_variables_are_expanded_in_the_values_of_variables(stage: GitLabStage) -> None:
    """`$CI_JOB_NAME` in what was typed becomes the job's name, and `$$` a dollar sign."""
    log = stage.log(stage.job(stage.start("say", "$CI_JOB_NAME for 5$$ and $NOTHING!")))
    assert "You said: say for 5$ and !\n" in log


def test_a_failing_script_ends_the_job_with_its_exit_code(stage: GitLabStage) -> None:
    """`fail` prints its lines and its reply, then fails with 3."""
    pipeline = stage.start("fail")
    assert stage.status(pipeline) == "failed"
    job = stage.job(pipeline)
    assert job.failure_reason == "script_failure"
    log = stage.log(job)
    assert "Checking part 40 of 40" in log
    assert "ERROR: Job failed: exit code 3" in log


def test_a_growing_log_can_be_read(stage: GitLabStage) -> None:
    """The log of a running job shows its first lines before the last are written."""
    job = stage.job(stage.start("slow", "3"))
    until(lambda: "Step 1 of 3" in text(job))
    assert stage.status(job, "running") == "running"
    job.cancel()


def test_a_canceled_job_is_canceling_first_and_its_processes_are_killed(stage: GitLabStage) -> None:
    """Canceling kills the whole process group; the job is `canceling` until it is gone."""
    job = stage.job(stage.start("slow", "60"))
    until(lambda: "Step 1 of 60" in text(job))
    assert job.cancel()["status"] == "canceling"
    assert stage.status(job) == "canceled"
    assert not [one for one in Path("/proc").glob("[0-9]*") if f"CI_JOB_ID={job.id}" in _environment(one)]


def test_a_manual_job_waits_until_it_is_played(stage: GitLabStage) -> None:
    """`by-hand` is manual; playing it answers 200, and a second time is refused while it runs."""
    job = stage.job(stage.start("by-hand"))
    assert stage.status(job, "manual") == "manual"
    job.play(post_data={"job_variables_attributes": listed({"EXTRA": "1"})})
    assert job.status == "pending"
    with pytest.raises(gitlab.GitlabJobPlayError, match="Unplayable Job") as refused:
        stage.job(stage.start("slow", "1")).play()
    assert refused.value.response_code == 400
    assert "signalbox pressed play." in stage.log(job)


def test_retrying_makes_a_new_job(stage: GitLabStage) -> None:
    """A retried job has a new id, and the old one counts no more."""
    pipeline = stage.start("hello-world")
    stage.status(pipeline)
    old = stage.job(pipeline)
    new = old.retry()
    assert new["id"] != old.id
    assert [job.id for job in pipeline.jobs.list(get_all=True)] == [new["id"]]
    with pytest.raises(gitlab.GitlabJobRetryError, match="not retryable"):
        old.retry()


def test_the_pipeline_of_a_blocking_manual_job_is_manual(stage: GitLabStage) -> None:
    """`deploy-production` holds its pipeline up until somebody plays it."""
    pipeline = stage.start("deploy-production")
    assert stage.status(pipeline, "manual") == "manual"
    stage.job(pipeline).play()
    assert stage.status(pipeline) == "success"
    assert "Deployed main to production." in stage.log(stage.job(pipeline))


def test_a_job_may_switch_the_headers_off(stage: GitLabStage) -> None:
    """With FF_TIMESTAMPS=false the log has no headers and markers follow each other."""
    log = stage.log(stage.job(stage.start("hello", "", FF_TIMESTAMPS="false")))
    assert not HEADER.search(log)
    assert re.search(r"section_end:\d+:get_sources\r\x1b\[0Ksection_start:\d+:step_script\r\x1b\[0K", log)


def test_typed_inputs_reach_the_job(stage: GitLabStage) -> None:
    """`scale` says its inputs back, with the values that were given and the defaults of the others."""
    inputs = {"chatops_job": "scale", "service": "worker", "replicas": 4, "note": "more load"}
    pipeline = stage.project("acme/infra").pipelines.create({"ref": "main", "inputs": inputs})
    log = stage.log(stage.job(pipeline))
    assert "service=worker replicas=4 dry_run=true note=more load\n" in log


def test_stopping_kills_running_jobs() -> None:
    """After `stop` no process of a job is left."""
    with GitLabStage() as stage:
        job = stage.job(stage.start("slow", "60"))
        until(lambda: "Step 1 of 60" in text(job))
        marker = f"CI_API_V4_URL={stage.fake.url}"
    assert not [one for one in Path("/proc").glob("[0-9]*") if marker in _environment(one)]


def _environment(process: Path) -> str:
    try:
        return (process / "environ").read_bytes().decode("utf-8", "replace")
    except OSError:
        return ""


def test_a_job_sees_nothing_of_our_own_environment(stage: GitLabStage, tmp_path: Path) -> None:
    """The environment of a job is its own: nothing of this process leaks in."""
    log = stage.log(stage.job(stage.start("say", "${PYTEST_CURRENT_TEST}.")))
    assert os.environ["PYTEST_CURRENT_TEST"] not in log
    assert "You said: .\n" in log


def test_what_a_script_leaves_in_the_background_ends_with_it(tmp_path: Path) -> None:
    """A job ends when its script ends, and `after_script` runs in a shell of its own."""
    folder = tmp_path / "acme" / "shop"
    folder.mkdir(parents=True)
    config = (
        "job:\n  script: [sleep 60 &, X=1, echo to-err >&2, exit 7]\n  after_script: ['echo after $X.']\n"
    )
    (folder / ".gitlab-ci.yml").write_text(config, "utf-8")
    with GitLabStage(tmp_path) as stage:
        job = stage.job(stage.project().pipelines.create({"ref": "main"}))
        log = stage.log(job)
    assert "01E to-err\n" in log
    assert "01O after .\n" in log
    assert "ERROR: Job failed: exit code 7" in log


def test_a_job_that_waits_is_canceled_at_once(stage: GitLabStage) -> None:
    """Canceling a manual job, or a whole pipeline that has not begun, needs no `canceling`."""
    pipeline = stage.start("by-hand")
    job = stage.job(pipeline)
    stage.status(job, "manual")
    assert job.cancel()["status"] == "canceled"
    other = stage.start("slow", "60")
    other.cancel()
    assert stage.status(other) == "canceled"
