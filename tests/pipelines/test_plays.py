"""Jobs that wait for a hand are played from their pipeline: as a run, or as a deployment with all its guards."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.catalogues import Lint
from bot.deeds import Halted
from bot.edges.gitlab import GitLab
from bot.environments import Deployment
from bot.errors import LeftOut, NotUnderstood, Refused
from bot.model import Message, Project, RunState
from bot.pipelines import guards, seeing
from bot.policy import DENY, Rule
from bot.stages import Whole
from tests.jobs.seen import shown
from tests.jobs.stage import PEOPLE
from tests.pipelines.stage import MILL, PLAY, WEB, Mill


def waiting(mill: Mill, path: str = MILL) -> int:
    """A pipeline of the default branch in which a job waits for a hand."""
    pipeline = mill.pushed("main", path)
    mill.finished(pipeline, "success", path)
    return pipeline


def play(message: Message) -> tuple[str, str]:
    """The button that plays the first job: what it says, and what it carries."""
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    found = next(one for row in rows for one in row if one["action_id"] == "pipeline.play.0")
    return found["text"]["text"], found["value"]


# A job that deploys nothing -----------------------------------------------------------------------------------


def test_a_job_becomes_a_run(mill: Mill) -> None:
    """It has a card of its own, is told of at its end, and stands in the trail; that of its pipeline follows."""
    pipeline = waiting(mill)
    mill.say(f"{MILL} pipeline share #{pipeline}")
    text, value = play(mill.shown())
    assert text == "Play pack"
    mill.press("pipeline.play", value)
    run = mill.ended()
    assert (run.job, run.pipeline, run.status, run.environment) == ("pack", pipeline, "success", "")
    mill.look()
    assert "pack> passed" in shown(mill.shown())
    assert ("run", "started", pipeline) in mill.decisions()
    assert mill.calls[PLAY] == 1


def test_a_job_is_named(mill: Mill) -> None:
    """With the number of its pipeline, or in its thread, or in the newest of the default branch."""
    first, second = waiting(mill), waiting(mill)
    mill.say(f"{MILL} pipeline play pack #{first}")
    assert mill.ended().pipeline == first
    mill.say(f"{MILL} pipeline play pack")
    assert mill.ended().pipeline == second


def test_which_job_is_asked(mill: Mill) -> None:
    """Of those that wait; what is picked is a command."""
    pipeline = waiting(mill)
    with pytest.raises(LeftOut) as caught:
        mill.say(f"{MILL} pipeline play")
    question = caught.value
    assert [one.value for one in question.options] == ["pack"]
    mill.say(f"{question.before} pack {question.after}")
    assert mill.ended().pipeline == pipeline
    with pytest.raises(Refused, match=r"No job of pipeline .* waits for a hand"):
        mill.say(f"{MILL} pipeline play #{pipeline}")


def test_the_same_request_plays_once(mill: Mill) -> None:
    """A redelivery is no second wish, and a second press finds the first."""
    pipeline = waiting(mill)
    for _ in range(2):
        assert mill.say(f"{MILL} pipeline play pack #{pipeline}", key="once") is None
    with pytest.raises(Refused, match="alice has asked for that already"):
        mill.say(f"{MILL} pipeline play pack #{pipeline}", name="bob")
    mill.ended()
    with pytest.raises(Refused, match="does not wait for a hand: GitLab says success"):
        mill.say(f"{MILL} pipeline play pack #{pipeline}")
    assert mill.calls[PLAY] == 1


def test_a_job_that_is_not_there_has_near_ones(mill: Mill) -> None:
    """In the same command."""
    pipeline = waiting(mill)
    with pytest.raises(
        NotUnderstood, match=r"has no job `pakc`\. Those that wait for a hand are `pack`"
    ) as caught:
        mill.say(f"{MILL} pipeline play pakc #{pipeline}")
    assert caught.value.suggestions == (f"{MILL} pipeline play pack #{pipeline}",)


def test_who_may_not_is_told_so(mill: Mill) -> None:
    """GitLab decides, and the card says it."""
    pipeline = waiting(mill)
    mill.say(f"{MILL} pipeline play pack #{pipeline}", name="carol")
    run = mill.ended()
    assert run.state is RunState.REFUSED
    assert "GitLab does not let carol start `pack`" in run.problem


def test_a_rule_about_run_counts(mill: Mill) -> None:
    """To play one is to run it; and it is done by `pipeline`."""
    pipeline = waiting(mill)
    for command in ("run", "pipeline"):
        with pytest.raises(Halted, match="no-plays"):
            mill.ruled(Rule("no-plays", DENY, commands=(command,))).say(
                f"{MILL} pipeline play pack #{pipeline}"
            )
    assert mill.calls[PLAY] == 0


@pytest.mark.parametrize("value", ["", "pack", "1201", "id0000000001"])
def test_a_forged_button_plays_nothing(mill: Mill, value: str) -> None:
    """What it carries is an id of ours, and never a job."""
    waiting(mill)
    with pytest.raises(NotUnderstood, match="too old"):
        mill.press("pipeline.play", value)
    assert mill.calls[PLAY] == 0


def test_a_glimpse_of_one_is_no_key_for_another(mill: Mill) -> None:
    """Who presses it is asked for their own right to see the project."""
    waiting(mill)
    told = mill.say(f"{MILL} pipeline")
    assert told is not None
    mill.press("pipeline.play", play(told)[1], name="bob")
    assert mill.ended().asker == "bob"


# A job that deploys -------------------------------------------------------------------------------------------


def test_a_deployment_is_one(mill: Mill) -> None:
    """By its environment, whatever the job is called; a rule about deployments there counts."""
    pipeline = waiting(mill, WEB)
    ruled = mill.ruled(Rule("not-staging", DENY, environments=("staging",)))
    with pytest.raises(Halted, match="not-staging"):
        ruled.say(f"{WEB} pipeline play deploy-staging #{pipeline}")
    assert mill.say(f"{WEB} pipeline play deploy-staging #{pipeline}") is None
    run = mill.ended()
    assert (run.command, run.environment, run.status) == ("deploy", "staging", "success")
    assert mill.calls[PLAY] == 1


def test_production_is_asked_about(mill: Mill) -> None:
    """With what would change there."""
    pipeline = waiting(mill, WEB)
    with pytest.raises(Halted) as caught:
        mill.say(f"{WEB} pipeline play deploy-production #{pipeline}")
    preview = caught.value.verdict.preview
    assert preview is not None
    assert preview.typed == f"{WEB} pipeline play deploy-production #{pipeline}"
    assert preview.how == f"starts `deploy-production` of pipeline #{pipeline}"
    assert mill.calls[PLAY] == 0


class Changed(GitLab):
    """What is included from elsewhere says nothing of environments any more."""

    def lint(self, project_id: int, ref: str) -> Lint:
        return Lint(True, (), (), "deploy-staging: {script: x}", ())

    def file(self, project_id: int, path: str, ref: str) -> str | None:
        return "include: {local: there.yml}"


def test_gitlabs_own_word_comes_first(mill: Mill) -> None:
    """A deployment that it has written down goes where it says."""
    pipeline = waiting(mill, WEB)
    with pytest.raises(Halted, match="not-staging"):
        mill.ruled(Rule("not-staging", DENY, environments=("staging",))).speaking(Changed).say(
            f"{WEB} pipeline play deploy-staging #{pipeline}"
        )


class Unreadable(GitLab):
    """Neither a configuration nor a deployment can be read."""

    def lint(self, project_id: int, ref: str) -> Lint:
        return Lint(False, ("A file that is included is gone.",), (), "", ())

    def deployments(
        self, project_id: int, environment: str = "", most: int = 20, *, status: str = ""
    ) -> list[Deployment]:
        return []


def test_what_nobody_can_tell_is_left_to_gitlab(mill: Mill) -> None:
    """A job that may deploy anywhere is not played past its guards; the answer links to it."""
    pipeline = waiting(mill)
    with pytest.raises(Refused, match=r"does not tell me what `pack` would deploy\. Play it in GitLab: http"):
        mill.speaking(Unreadable).say(f"{MILL} pipeline play pack #{pipeline}")
    assert mill.calls[PLAY] == 0


# Retrying -----------------------------------------------------------------------------------------------------


def test_a_retry_counts_what_deploys(mill: Mill) -> None:
    """A deployment that failed is tried again with the rest; of a job that nobody knows, only GitLab knows."""
    project, whole = failed(mill)
    what = guards.of_retry(mill.kit.gitlab, project, whole)
    assert [(one.name, what.environment_of(one)) for one in what.along] == [("deploy-staging", "staging")]
    assert what.perhaps == ("unheard-of",)


def test_a_retry_of_what_cannot_be_read_may_deploy_anything(mill: Mill) -> None:
    """Each job that begins again is named."""
    project, whole = failed(mill)
    what = guards.of_retry(mill.speaking(Unreadable).kit.gitlab_as(PEOPLE["alice"]), project, whole)
    assert (what.along, what.perhaps) == ((), ("deploy-staging", "unheard-of"))


def failed(mill: Mill) -> tuple[Project, Whole]:
    """A pipeline whose deployment failed, and with it a job of which its configuration does not tell any more."""
    pipeline, gitlab = waiting(mill, WEB), mill.kit.gitlab
    project = gitlab.project(WEB)
    whole = seeing.see(gitlab, project.id, pipeline)
    job = next(one for one in whole.jobs if one.name == "deploy-staging")
    jobs = (
        *(one for one in whole.jobs if one is not job), replace(job, status="failed"),
        replace(job, id=1, name="unheard-of", status="canceled"),
    )  # fmt: skip
    return project, replace(whole, jobs=jobs)
