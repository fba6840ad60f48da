"""What of a run the ladder looks at, and what an agreement to it is tied to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.access import ladder
from bot.catalogues import Catalogue, ChatJob, Input
from bot.deeds import Bound, Deed, Mark, Permit, Verdict
from bot.jobs import guarded
from bot.jobs.guarded import Subject
from bot.model import Place, Project
from bot.policy import APPROVE, DENY, Policy, Rule
from tests.jobs.stage import OPS, PEOPLE, Stage, stage_at

PROJECT = Project(42, "acme/shop", "https://gitlab.example.com/acme/shop", "main")
HELLO = ChatJob("hello", "chatops", definition="d1")
DEPLOY = ChatJob("deploy", "deploy", environment="live", tier="production", definition="d2", joins=("hello",))


#: Nothing that has to be asked of GitLab.
QUIET = Policy(tiers={"live": "production"}, gate=(), gitlab_freezes=False)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bot whose GitLab is out of reach."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        yield stage.under(QUIET)


def subject(*jobs: ChatJob, job: ChatJob = HELLO, arguments: str = "", **inputs: object) -> Subject:
    catalogue = Catalogue(PROJECT, "main", "c0ffee", (job, *jobs))
    return guarded.subject(PROJECT, job, "main", catalogue, arguments, inputs)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("production", "production"),
        ("review/$CI_COMMIT_REF_SLUG", "review/feature-x"),
        ("review/${CI_COMMIT_REF_NAME}", "review/Feature/X"),
        ("$[[ inputs.where ]]", "production"),
        ("$[[ inputs.where | expand_vars ]]", "production"),
        ("$[[ inputs.other ]]", "$[[ inputs.other ]]"),
        ("$CHAT_INPUT", "production now"),
        ("$SECRET_PLACE", "$SECRET_PLACE"),
    ],
)
def test_the_name_of_an_environment(written: str, meant: str) -> None:
    """Inputs and what is known of the pipeline are put into it, so that no spelling gets round a rule."""
    assert guarded.named(written, "Feature/X", "production now", {"where": "production"}) == meant


def test_a_variable_that_was_set_names_the_environment() -> None:
    """Nothing in a configuration outranks it; one that nobody set is not guessed."""
    job = ChatJob("deploy", "deploy", environment="$WHERE")
    catalogue = Catalogue(PROJECT, "main", "c0ffee", (job,))
    by_itself = guarded.subject(PROJECT, job, "main", catalogue, "", {})
    there = guarded.subject(PROJECT, job, "main", catalogue, "", {}, variables={"WHERE": "live"})
    assert (by_itself.environment, there.environment) == ("$WHERE", "live")
    assert by_itself.bound.wishes != there.bound.wishes


def test_what_a_job_asks_is_confirmed(stage: Stage) -> None:
    """In its own words, once, and also where nothing else would have to be."""
    job = ChatJob("hello", "chatops", asks="Do you <!channel> mean it?")
    what = guarded.subject(PROJECT, job, "main", Catalogue(PROJECT, "main", "c0ffee", (job,)), "", {})
    deed = guarded.deed(stage.kit, what, PEOPLE["alice"], Place(OPS))
    asked = ladder.climb(stage.kit, deed, Permit(), what.bound.digest).asks
    assert asked
    assert (asked.name, asked.said) == ("confirmation", "The project asks: “Do you <!channel> mean it?”")
    agreed = Permit(confirmed=what.bound.digest)
    assert ladder.climb(stage.kit, deed, agreed, what.bound.digest).asks is None


def test_a_file_that_is_handed_inputs_may_deploy_anywhere(stage: Stage) -> None:
    """What GitLab shows of it holds for the defaults alone; other inputs ask for as much care as there is."""
    where = Input("where", default="staging")
    job = ChatJob("deploy", "deploy", environment="staging", tier="staging", passed=True)
    catalogue = Catalogue(PROJECT, "main", "c0ffee", (job,), (where,))

    def deed(**inputs: object) -> Deed:
        what = guarded.subject(PROJECT, job, "main", catalogue, "", inputs)
        return guarded.deed(
            stage.under(Policy(tiers={"staging": "staging"})).kit, what, PEOPLE["alice"], Place(OPS)
        )

    assert (deed().environment, deed().tier) == ("staging", "staging")
    assert deed(where="staging").environment == "staging"
    assert (deed(where="live").environment, deed(where="live").risky) == (guarded.CHOSEN, True)


def test_an_environment_that_nobody_can_know_counts_as_production(stage: Stage) -> None:
    """What only the runner will know asks for as much care as there is."""
    what = subject(job=replace(DEPLOY, environment="$WHERE", tier=""))
    deed = guarded.deed(stage.kit, what, PEOPLE["alice"], Place(OPS))
    assert (deed.environment, deed.tier, deed.risky) == ("$WHERE", "production", True)


def test_what_an_agreement_is_tied_to() -> None:
    """Commit, definition, arguments, inputs, environment and what comes along; not the id of the run."""
    before = subject(DEPLOY, where="x", chatops_request_id="run1").bound
    assert before.moved(subject(DEPLOY, where="x", chatops_request_id="run2").bound) == ()
    assert before.moved(subject(DEPLOY, where="y").bound) == ("its arguments changed",)
    assert before.moved(subject(where="x").bound) == ("other jobs that deploy in the same pipeline changed",)
    changed = subject(DEPLOY, job=replace(HELLO, definition="d9"), where="x").bound
    assert before.moved(changed) == ("the job's definition changed",)
    assert before.digest != changed.digest
    assert isinstance(before, Bound)


def test_a_deployment_that_comes_along_is_looked_at_as_well(stage: Stage) -> None:
    """A harmless job whose pipeline also deploys meets the rules, the locks and the confirmation of that deployment."""
    what = subject(DEPLOY)
    deed = guarded.deed(stage.kit, what, PEOPLE["alice"], Place(OPS))
    assert [(one.job, one.environment, one.tier) for one in deed.along] == [("deploy", "live", "production")]
    alone = guarded.deed(stage.kit, subject(), PEOPLE["alice"], Place(OPS))
    assert not alone.along

    def rules(then: str) -> Verdict:
        rule = Rule("live is theirs", then, environments=("live",), by=("leads",))
        config = replace(stage.kit.config, policy=replace(QUIET, rules=(rule,)))
        return ladder.climb(replace(stage.kit, config=config), deed, Permit(), "shown")

    denied, asked = rules(DENY), rules(APPROVE)
    assert denied.stopped is not None
    assert "live is theirs" in denied.stopped.said
    assert asked.wants == "live is theirs"
    told = next(step for step in denied.steps if step.name == "pipeline")
    assert told.mark is Mark.WARN
    assert "deploy (live)" in told.said


def test_a_production_deployment_that_comes_along_is_confirmed(stage: Stage) -> None:
    """Nobody deploys to production by asking for something else."""
    deed = guarded.deed(stage.kit, subject(DEPLOY), PEOPLE["alice"], Place(OPS))
    verdict = ladder.climb(stage.kit, deed, Permit(), "shown")
    assert verdict.asks is not None
    assert verdict.asks.name == "confirmation"
    assert isinstance(deed, Deed)
