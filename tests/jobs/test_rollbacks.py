"""Going back to an earlier deployment: what there is, what it undoes, and what can be done where it cannot be."""

from __future__ import annotations

import pytest

from bot.deeds import Halted, Mark, Permit
from bot.edges.gitlab import GitLab
from bot.errors import LeftOut, NotUnderstood, Refused
from bot.jobs import rollbacks
from bot.model import Message, Person, Run, RunState
from tests.jobs.deploys import WEB, agreed, deployed, halted, pressed, pushed, said
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import Shop, Stage

RETRY_CALL = "POST /projects/:id/jobs/:id/retry"


def history(shop: Shop, *titles: str) -> list[Run]:
    """Deployments of the web project to staging, a push each."""
    made = []
    for title in titles:
        pushed(shop, title=title)
        made.append(deployed(shop))
    return made


def rows(message: Message | None) -> list[str]:
    """The text of each deployment that can be gone back to."""
    assert message is not None
    return [one["text"]["text"] for one in message.blocks if "accessory" in one]


def offered(shop: Shop, message: Message | None) -> list[str]:
    """The commands behind the buttons."""
    assert message is not None
    ids = [one["accessory"]["value"] for one in message.blocks if "accessory" in one]
    with shop.store.read() as tx:
        return [tx.offers.get(one) or "" for one in ids]


def archived_when_asked(shop: Shop, job: int) -> Stage:
    """A stage on which all is found as it was, and the job is archived before GitLab is asked to run it."""

    def gitlab_as(person: Person) -> GitLab:
        with shop.store.read() as tx:
            if any(run.state is RunState.CALLING for run in tx.runs.open_runs()):
                shop.act(f"archive-job {job}")
        return shop.kit.gitlab

    return shop.with_kit(gitlab_as=gitlab_as)


def test_what_can_be_gone_back_to(shop: Shop) -> None:
    """The last good deployments, newest first, each with what it would undo, and a button each."""
    one, two, three = history(shop, "One", "Two", "Three <!channel>")
    seen = said(shop, "rollback staging")
    assert f"*staging* of {WEB} runs main (`{three.sha[:8]}`)" in shown(seen)
    first, second = rows(seen)
    assert f"*main* (`{two.sha[:8]}`)" in first
    assert "It would undo" in first
    assert "|1 commit>:" in first
    assert "Three &lt;!channel&gt; — Alice Archer" in first
    assert "|2 commits>:" in second
    assert offered(shop, seen) == [f"{WEB} rollback staging {run.sha[:8]}" for run in (two, one)]
    assert f"`/gitlab {WEB} rollback staging {two.sha[:8]}` does what the first button does." in shown(seen)
    assert shop.runs()[0] == three


def test_it_is_shown_and_asked_first(shop: Shop) -> None:
    """Also where nothing else would be asked; then the old job runs again, as the person."""
    one, two = history(shop, "One", "Two")
    halt = halted(shop, f"rollback staging {one.sha[:8]}")
    (asked,) = [step for step in halt.verdict.steps if step.mark is Mark.ASK]
    assert asked.said == "That goes back: 1 commit that runs on staging would be taken back."
    assert halt.verdict.call == f"POST /projects/{WEB}/jobs/{one.job_id}/retry"
    run = agreed(shop, f"rollback staging to {one.sha[:8]}")
    assert (run.command, run.start, run.pipeline, run.sha) == ("rollback", "retry", one.pipeline, one.sha)
    assert (run.status, run.was, run.changes) == (
        "success",
        f"main at {two.sha[:8]}",
        "1 commit is taken back",
    )
    assert "*Roll staging back to main* passed" in shown(shop.card(run))
    assert run.landed == f"staging runs main at {one.sha[:8]} now."
    assert shop.calls[RETRY_CALL] == 1
    # Forward again is back as well; the newest job of each commit's pipeline is taken.
    back = said(shop, "rollback staging")
    assert offered(shop, back) == [f"{WEB} rollback staging {two.sha[:8]}"]


def test_by_the_name_of_a_release(shop: Shop) -> None:
    """The newest deployment of that ref that does not run now."""
    shop.act("tag v2 web")
    shop.gitlab.status(shop.pipelines("push", WEB)[0], "success")
    first = deployed(shop, "deploy v2 staging")
    history(shop, "One")
    assert agreed(shop, "rollback staging v2").sha == first.sha


def test_one_deployment_only(shop: Shop) -> None:
    """There is nothing to go back to, and that is said; nor where nothing was ever deployed."""
    with pytest.raises(Refused, match="Nothing was ever deployed to staging of acme/web"):
        said(shop, "rollback staging")
    (one,) = history(shop, "One")
    with pytest.raises(Refused, match=f"staging has had main at {one.sha[:8]} and nothing else"):
        said(shop, "rollback staging")
    agreed(shop, "deploy main staging")
    with pytest.raises(Refused, match="nothing else"):
        said(shop, "rollback staging")


def test_what_failed_since(shop: Shop) -> None:
    """The last that succeeded can be deployed once more: what failed may have left half of itself behind."""
    (one,) = history(shop, "One")
    pushed(shop)
    shop.act("fail-next script_failure web")
    bad = deployed(shop)
    assert bad.status == "failed"
    seen = said(shop, "rollback staging")
    assert f":warning: main (`{bad.sha[:8]}`) was deployed after it and" in shown(seen)
    assert "The last that succeeded: it would be deployed once more." in rows(seen)[0]
    assert offered(shop, seen) == [f"{WEB} rollback staging {one.sha[:8]}"]
    run = agreed(shop, f"rollback staging {one.sha[:8]}")
    assert (run.status, run.start) == ("success", "retry")


def test_what_is_not_known(shop: Shop) -> None:
    """Another commit, another environment, too many words: each with what to type."""
    history(shop, "One")
    with pytest.raises(
        NotUnderstood, match="No good deployment to staging of acme/web was of `abcd1234`"
    ) as caught:
        said(shop, "rollback staging abcd1234")
    assert caught.value.suggestions == (f"{WEB} rollback staging",)
    with pytest.raises(NotUnderstood, match="has no environment `stagin`"):
        said(shop, "rollback stagin")
    with pytest.raises(NotUnderstood, match="one deployment to go back to"):
        said(shop, "rollback staging v1 v2")
    with pytest.raises(LeftOut, match="Roll back which environment") as left_out:
        said(shop, "rollback")
    assert [one.value for one in left_out.value.options] == ["production", "staging"]


def test_many_deployments(shop: Shop) -> None:
    """The newest are shown, the rest counted."""
    history(shop, *(f"Push {n}" for n in range(rollbacks.MOST_SHOWN + 2)))
    seen = said(shop, "rollback staging")
    assert len(rows(seen)) == rollbacks.MOST_SHOWN
    assert "… and 1 older" in shown(seen)


def test_a_newer_deployment_came_between(shop: Shop) -> None:
    """Who agrees to what was shown before is asked again."""
    one, _ = history(shop, "One", "Two")
    old = halted(shop, f"rollback staging {one.sha[:8]}").shown
    history(shop, "Three")
    halt = halted(shop, f"rollback staging {one.sha[:8]}", Permit(confirmed=old))
    assert any(
        "2 commits that run on staging would be taken back" in step.said for step in halt.verdict.steps
    )


# Where GitLab does not go back ---------------------------------------------------------------------------------


def test_a_deployment_that_was_only_written_down(shop: Shop) -> None:
    """GitLab has no job for it; its tag can be deployed anew."""
    shop.act("record-deployment staging v1.0.0 web")
    sha = shop.kit.gitlab.head(shop.kit.gitlab.project(WEB).id, "v1.0.0").sha
    history(shop, "One")
    with pytest.raises(
        NotUnderstood, match=r"GitLab knows of no job that deployed it\. It can be deployed anew"
    ) as caught:
        said(shop, f"rollback staging {sha[:8]}")
    assert caught.value.suggestions == (f"{WEB} deploy tag:v1.0.0 staging",)


def test_a_pipeline_that_is_archived(shop: Shop) -> None:
    """It is said before anything is asked; a branch that has moved on cannot be deployed as it was."""
    one, _ = history(shop, "One", "Two")
    shop.act(f"archive-job {one.job_id}")
    with pytest.raises(
        NotUnderstood, match=r"GitLab has archived its pipeline\. main has moved on or is gone"
    ) as caught:
        said(shop, f"rollback staging {one.sha[:8]}")
    assert caught.value.suggestions == ()


def test_gitlab_does_not_let_it_run_again(shop: Shop) -> None:
    """What was archived between the look and the press stands on the card, with what else can be done."""
    one, _ = history(shop, "One", "Two")
    permit = Permit(confirmed=halted(shop, f"rollback staging {one.sha[:8]}").shown)
    calls = shop.calls[RETRY_CALL]
    request = f"rollback staging {one.sha[:8]}"
    said(archived_when_asked(shop, one.job_id or 0), request, permit)
    run = shop.run()
    assert (run.state, shop.calls[RETRY_CALL]) == (RunState.REFUSED, calls + 1)
    assert run.problem == (
        "GitLab does not let alice deploy to staging, or a newer deployment came first. Nothing was started."
    )
    assert buttons(shop.card(run)) == ["Deploy anew", "Run again"]
    with pytest.raises(Refused, match=f"No pipeline of {one.sha[:8]} has a job"):
        pressed(shop, "deploy.anew", run.id)


def test_a_protected_environment(shop: Shop) -> None:
    """Who may not deploy there may not go back there; GitLab says so."""
    one, _ = history(shop, "One", "Two")
    shop.act("protect-environment staging admin web")
    shown_to = halted(shop, f"rollback staging {one.sha[:8]}").shown
    said(shop, f"rollback staging {one.sha[:8]}", Permit(confirmed=shown_to))
    run = shop.run()
    assert (run.state, run.problem) == (
        RunState.REFUSED,
        "GitLab does not let alice deploy to staging, or a newer deployment came first. Nothing was started.",
    )  # fmt: skip
    assert buttons(shop.card(run)) == ["Deploy anew", "Run again"]


def test_older_deployments_are_kept_from_running(shop: Shop) -> None:
    """Where the project forbids going back that is said, with who can change it; a release is deployed anew."""
    shop.act("tag v2 web")
    shop.gitlab.status(shop.pipelines("push", WEB)[0], "success")
    old = deployed(shop, "deploy v2 staging")
    history(shop, "One")
    shop.act("setting ci_forward_deployment_rollback_allowed=no web")
    with pytest.raises(NotUnderstood, match="acme/web keeps older deployments from running") as caught:
        said(shop, "rollback staging v2")
    assert caught.value.suggestions == (f"{WEB} deploy tag:v2 staging",)
    # Its old job would be refused, too: a new pipeline is made.
    run = agreed(shop, "deploy tag:v2 staging")
    assert (run.start, run.status, run.sha) == ("plain", "success", old.sha)


def test_a_job_that_comes_too_late(shop: Shop) -> None:
    """One that a newer deployment has overtaken is not started any more; nor does its commit have another way."""
    pushed(shop, title="One")
    old = shop.kit.gitlab.head(shop.kit.gitlab.project(WEB).id, "main").sha
    history(shop, "Two")
    with pytest.raises(Refused, match=f"No pipeline of {old[:8]} has a job that can be started"):
        said(shop, f"deploy {old[:8]} staging")
    shop.act("setting ci_forward_deployment_enabled=no web")
    assert agreed(shop, f"deploy {old[:8]} staging").start == "play"


def test_it_fails_since_a_newer_one_came_first(shop: Shop) -> None:
    """The card says what a Maintainer can do, and offers a new pipeline."""
    one, _ = history(shop, "One", "Two")
    permit = Permit(confirmed=halted(shop, f"rollback staging {one.sha[:8]}").shown)
    shop.act("fail-next failed_outdated_deployment_job web")
    said(shop, f"rollback staging {one.sha[:8]}", permit)
    run = shop.ended()
    assert (run.status, run.failure_reason) == ("failed", "failed_outdated_deployment_job")
    card = shown(shop.card(run))
    assert "Reason: a newer deployment came first. acme/web keeps rollbacks from running" in card
    assert buttons(shop.card(run)) == [
        "Deploy anew",
        "Retry",
        "Run again",
        "Roll back",
        "Full log",
        "Declare incident",
    ]


def test_the_way_back_from_a_card(shop: Shop) -> None:
    """A deployment's card leads to what its environment can be taken back to."""
    one, two = history(shop, "One", "Two")
    seen = pressed(shop, "rollback.open", two.id)
    assert offered(shop, seen) == [f"{WEB} rollback staging {one.sha[:8]}"]
    run = agreed(shop, f"rollback staging {one.sha[:8]}")
    # Once more is back to the same commit, and asked about.
    pushed(shop)
    deployed(shop)
    shop.clock.pass_(10)
    with pytest.raises(Halted) as caught:
        pressed(shop, "run.again", run.id)
    assert caught.value.verdict.deed.command == "rollback"
