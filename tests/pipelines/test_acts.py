"""Whole pipelines are started, canceled and retried as the person, once, after climbing the ladder."""

from __future__ import annotations

from typing import Any

import pytest

from bot.deeds import Halted
from bot.edges.gitlab import GitLab
from bot.errors import GitLabUnreachable, LeftOut, NotUnderstood, Refused
from bot.model import Pipeline
from bot.policy import APPROVE, CONFIRM, DENY, Rule
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import OPS, PEOPLE
from tests.pipelines.stage import CANCEL, CREATE, MILL, RETRY, WEB, Mill

# Starting ---------------------------------------------------------------------------------------------------


def test_a_pipeline_is_started_and_followed(mill: Mill) -> None:
    """Its card is for everybody; its end is told below it, without calling anybody."""
    assert mill.say(f"{MILL} pipeline run", key="go") is None
    card = mill.cards()[0]
    assert (card.started, card.title) == (True, "Work on main")
    assert "Started by alice" in shown(mill.shown())
    assert buttons(mill.shown()) == ["Cancel", "Open in GitLab"]
    mill.finished(card.pipeline, "success")
    mill.look()
    told = mill.letter(f"{card.id}.success.{_last_job(mill, card.pipeline)}")
    assert told is not None
    assert told.text.startswith(f"Pipeline #{card.pipeline} of main passed in")
    assert "<@" not in shown(told)
    assert mill.decisions() == [("pipeline", "started", card.pipeline)]
    assert mill.calls[CREATE] == 1


def _last_job(mill: Mill, pipeline: int) -> int:
    return max(
        int(one.id) for one in mill.gitlab.project(MILL).pipelines.get(pipeline).jobs.list(get_all=True)
    )


def test_who_started_one_that_failed_is_called(mill: Mill) -> None:
    """With the jobs that made it fail, and why."""
    mill.act(f"push broken-x {MILL}", "bob")
    mill.say(f"{MILL} pipeline run broken-x")
    card = mill.cards()[0]
    mill.finished(card.pipeline, "failed")
    mill.look()
    told = mill.letter(f"{card.id}.failed.{_last_job(mill, card.pipeline)}")
    assert told is not None
    assert "<@U0ALICE001>" in shown(told)
    assert "sift (its script failed)" in told.text
    assert "taste" not in told.text


def test_one_that_took_long_calls_too(mill: Mill) -> None:
    """More than a minute is long."""
    mill.say(f"{MILL} pipeline run")
    card = mill.cards()[0]
    mill.finished(card.pipeline, "success")
    mill.look(70)
    told = mill.letter(f"{card.id}.success.{_last_job(mill, card.pipeline)}")
    assert "<@U0ALICE001>" in shown(told)


def test_the_same_request_starts_one(mill: Mill) -> None:
    """A redelivery is no second wish; another press is."""
    mill.say(f"{MILL} pipeline run", key="once")
    assert mill.say(f"{MILL} pipeline run", key="once") is None
    assert mill.calls[CREATE] == 1
    mill.press("pipeline.run", mill.cards()[0].id)
    assert mill.calls[CREATE] == 2


def test_a_number_is_nothing_to_start(mill: Mill) -> None:
    """The answer says what is meant, perhaps."""
    with pytest.raises(NotUnderstood, match="pipeline retry #1201"):
        mill.say(f"{MILL} pipeline run #1201")


def test_rules_that_leave_nothing_to_run_are_said_so(mill: Mill) -> None:
    """GitLab answers 400."""
    with pytest.raises(Refused, match="The rules of acme/site leave nothing to run on `main`"):
        mill.say("acme/site pipeline run")
    assert mill.cards() == []


def test_who_may_not_is_told_so(mill: Mill) -> None:
    """GitLab decides."""
    with pytest.raises(Refused, match="it takes the role Developer"):
        mill.say(f"{MILL} pipeline run", name="carol")
    assert mill.decisions() == []


# The ladder -------------------------------------------------------------------------------------------------


def test_a_rule_about_run_is_not_got_round(mill: Mill) -> None:
    """A pipeline is many runs; so is a retry of one."""
    pipeline = mill.pushed("broken-x")
    mill.finished(pipeline, "failed")
    ruled = mill.ruled(Rule("no-runs", DENY, commands=("run",)))
    with pytest.raises(Halted, match="no-runs"):
        ruled.say(f"{MILL} pipeline run")
    with pytest.raises(Halted, match="no-runs"):
        ruled.say(f"{MILL} pipeline retry #{pipeline}")
    assert "failed" in shown(ruled.say(f"{MILL} pipeline #{pipeline}"))
    assert mill.calls[CREATE] + mill.calls[RETRY] == 0


def test_a_rule_about_cancel_counts_too(mill: Mill) -> None:
    """Whole or not."""
    pipeline = mill.pushed("slow-30")
    with pytest.raises(Halted, match="no-cancel"):
        mill.ruled(Rule("no-cancel", DENY, commands=("cancel",))).say(f"{MILL} pipeline cancel #{pipeline}")
    assert mill.calls[CANCEL] == 0
    mill.say(f"{MILL} pipeline cancel #{pipeline}")


def test_a_deployment_that_begins_along_climbs_as_well(mill: Mill) -> None:
    """On a branch of this project one starts by itself; the rule about its environment counts."""
    ruled = mill.ruled(Rule("no-reviews", DENY, environments=("review/*",)))
    with pytest.raises(Halted, match="no-reviews"):
        ruled.say(f"{WEB} pipeline run feature/banner")
    with pytest.raises(Halted) as caught:
        mill.ruled(Rule("sure", CONFIRM, environments=("review/*",))).say(
            f"{WEB} pipeline run feature/banner"
        )
    steps = " ".join(step.said for step in caught.value.verdict.steps)
    assert "Its pipeline also starts deploy-review (review/feature-banner)" in steps
    assert mill.calls[CREATE] == 0


def test_what_waits_for_a_hand_does_not_begin_along(mill: Mill) -> None:
    """By hand, production is not deployed to by a pipeline."""
    ruled = mill.ruled(Rule("no-production", DENY, environments=("production",)))
    assert ruled.say(f"{WEB} pipeline run") is None
    assert mill.calls[CREATE] == 1


def test_an_approval_cannot_be_waited_for(mill: Mill) -> None:
    """It is said, with what helps."""
    rule = Rule("four-eyes", APPROVE, commands=("pipeline",), by=("leads",))
    with pytest.raises(Refused, match="a whole pipeline cannot wait for one"):
        mill.ruled(rule, groups={"leads": (PEOPLE["bob"].id,)}).say(f"{MILL} pipeline run")


def test_a_branch_that_moves_under_an_agreement_is_called_off(mill: Mill) -> None:
    """What would deploy something that nobody has looked at is canceled at once, and told."""

    class Moving(GitLab):
        """Somebody pushes between the look and the start."""

        def create_pipeline(self, project_id: int, ref: str, **how: Any) -> Pipeline:
            mill.act(f"push feature/banner {WEB}", "bob")
            return super().create_pipeline(project_id, ref, **how)

    mill.speaking(Moving).say(f"{WEB} pipeline run feature/banner")
    assert "canceled at once: it would deploy what nobody has looked at" in shown(mill.shown())
    assert mill.calls[CANCEL] == 1


# Canceling --------------------------------------------------------------------------------------------------


def test_a_pipeline_is_canceled(mill: Mill) -> None:
    """By word and by button; the card follows, and once it has ended there is nothing to cancel."""
    mill.act(f"push slow-30 {MILL}", "bob")
    mill.say(f"{MILL} pipeline run slow-30")
    card = mill.cards()[0]
    mill.press("pipeline.cancel", card.id, name="bob", key="stop")
    assert "Canceled by bob" in shown(mill.shown())
    line = mill.letter("stop.cancel.line")
    assert line is not None
    assert line.text == "Canceled by bob."
    mill.finished(card.pipeline, "canceled")
    mill.look()
    assert buttons(mill.shown()) == ["Retry failed", "New pipeline", "Open in GitLab"]
    with pytest.raises(Refused, match="is not running, so there is nothing to cancel"):
        mill.press("pipeline.cancel", card.id)
    assert ("pipeline", "canceled", card.pipeline) in mill.decisions()


def test_which_one_to_cancel_is_asked(mill: Mill) -> None:
    """Of those that run; where none does, that is said."""
    with pytest.raises(NotUnderstood, match="has no pipeline that runs"):
        mill.say(f"{MILL} pipeline cancel")
    pipeline = mill.pushed("slow-30")
    with pytest.raises(LeftOut) as caught:
        mill.say(f"{MILL} pipeline cancel")
    assert [one.value for one in caught.value.options] == [f"#{pipeline}"]
    mill.say(f"{caught.value.before} #{pipeline}")
    assert mill.calls[CANCEL] == 1


# Retrying ---------------------------------------------------------------------------------------------------


def test_what_failed_is_run_again(mill: Mill) -> None:
    """On the same card; its end is told once more."""
    mill.act(f"push broken-x {MILL}", "bob")
    mill.say(f"{MILL} pipeline run broken-x", name="bob")
    card = mill.cards()[0]
    mill.finished(card.pipeline, "failed")
    mill.look()
    first = mill.letter(f"{card.id}.failed.{_last_job(mill, card.pipeline)}")
    mill.press("pipeline.retry", card.id)
    assert "Failed jobs run again by alice" in shown(mill.shown())
    assert "Retry failed" not in buttons(mill.shown())
    mill.finished(card.pipeline, "failed")
    mill.look()
    second = mill.letter(f"{card.id}.failed.{_last_job(mill, card.pipeline)}")
    assert first is not None
    assert second is not None
    assert "<@U0BOB00001>" in shown(second)
    assert len(mill.cards()) == 1


@pytest.mark.parametrize(
    ("branch", "status", "said"),
    [("main", "success", "No job of pipeline"), ("slow-30", "running", "has not ended yet")],
)
def test_what_did_not_fail_is_not_retried(mill: Mill, branch: str, status: str, said: str) -> None:
    """And it is said why."""
    pipeline = mill.pushed(branch)
    mill.finished(pipeline, status)
    with pytest.raises(Refused, match=said):
        mill.say(f"{MILL} pipeline retry #{pipeline}")
    assert mill.calls[RETRY] == 0


def test_a_forgotten_card_does_nothing(mill: Mill) -> None:
    """What a button carries is an id of ours, or nothing."""
    for action in ("pipeline.run", "pipeline.cancel", "pipeline.retry", "pipeline.share"):
        with pytest.raises(NotUnderstood, match="too old"):
            mill.press(action, "1201")


# Lost answers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_start_is_found_and_not_made_twice(mill: Mill, how: str) -> None:
    """It is the newest pipeline of that ref that this person has made since."""
    mill.break_(how)
    with pytest.raises(GitLabUnreachable, match="I am looking"):
        mill.say(f"{MILL} pipeline run", key="lost")
    mill.mend()
    assert mill.cards() == []
    mill.look(2)
    card = mill.cards()[0]
    assert card.pipeline == mill.newest()
    told = mill.letter("lost.run.found")
    assert told is not None
    assert f"pipeline #{card.pipeline} after all: Started by alice." in told.text
    assert mill.calls[CREATE] == 1
    assert mill.decisions() == [("pipeline", "started", card.pipeline)]


def test_pipelines_of_others_and_of_runs_are_not_taken_for_it(mill: Mill) -> None:
    """What else explains a pipeline, makes it another one."""

    class Lost(GitLab):
        """The request is lost on its way."""

        def create_pipeline(self, project_id: int, ref: str, **how: Any) -> Pipeline:
            raise GitLabUnreachable("The connection broke.", sent=True)

    mill.say("acme/shop run hello", channel=OPS)
    mill.say(f"{MILL} pipeline run", name="bob")
    before = mill.cards()
    for path in (MILL, "acme/shop"):
        with pytest.raises(GitLabUnreachable):
            mill.speaking(Lost).say(f"{path} pipeline run", key=f"lost {path}")
    for seconds in (2, 70):
        mill.look(seconds)
    assert [one.id for one in mill.cards()] == [one.id for one in before]
    for path in (MILL, "acme/shop"):
        told = mill.letter(f"lost {path}.run.found")
        assert told is not None
        assert "No pipeline of main was started: nothing came of it." in told.text


@pytest.mark.parametrize(
    ("verb", "branch", "status", "call"),
    [("cancel", "slow-30", "running", CANCEL), ("retry", "broken-x", "failed", RETRY)],
)
def test_a_lost_answer_to_the_others_is_found_as_well(
    mill: Mill, verb: str, branch: str, status: str, call: str
) -> None:
    """By how the pipeline is since."""
    pipeline = mill.pushed(branch)
    mill.finished(pipeline, status)
    mill.break_("502-after")
    with pytest.raises(GitLabUnreachable, match="I am looking"):
        mill.say(f"{MILL} pipeline {verb} #{pipeline}", key="lost")
    mill.mend()
    mill.look(2)
    told = mill.letter(f"lost.{verb}.found")
    assert told is not None
    assert f"pipeline #{pipeline} after all" in told.text
    assert mill.calls[call] == 1
    assert len(mill.cards()) == 1


def test_what_was_not_done_is_told_so(mill: Mill) -> None:
    """Once GitLab has surely given it up."""
    pipeline = mill.pushed("broken-x")
    mill.finished(pipeline, "failed")

    class Lost(GitLab):
        """The request is lost on its way."""

        def retry_pipeline(self, project_id: int, pipeline_id: int) -> Pipeline:
            raise GitLabUnreachable("The connection broke.", sent=True)

    with pytest.raises(GitLabUnreachable):
        mill.speaking(Lost).say(f"{MILL} pipeline retry #{pipeline}", key="lost")
    for seconds in (2, 70):
        mill.look(seconds)
    told = mill.letter("lost.retry.found")
    assert told is not None
    assert f"Pipeline #{pipeline} was not retried: nothing came of it." in told.text
    assert mill.cards() == []
