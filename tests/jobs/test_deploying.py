"""A deployment is a run like any other, whichever way it goes; before it, what would change is told."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.deeds import Halted, Mark, Permit
from bot.errors import LeftOut, NotUnderstood, Refused
from bot.model import PLAIN, PLAY, RETRY, RunState
from bot.policy import APPROVE, DENY, Policy, Rule
from tests.jobs.deploys import WEB, agreed, deployed, halted, pressed, pushed, said
from tests.jobs.routed import ruled
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import PEOPLE, SHOP, Shop, shop_at

PLAY_CALL, RETRY_CALL, START = (
    "POST /projects/:id/jobs/:id/play", "POST /projects/:id/jobs/:id/retry", "POST /projects/:id/pipeline",
)  # fmt: skip


def test_a_manual_job_is_started_as_the_person(shop: Shop) -> None:
    """Its own pipeline, its own commit; the card tells what it deploys, and what runs then."""
    pipeline = pushed(shop)
    run = deployed(shop)
    assert (run.state, run.status, run.command, run.start) == (RunState.DONE, "success", "deploy", PLAY)
    assert (run.pipeline, run.job, run.environment) == (pipeline, "deploy-staging", "staging")
    assert (shop.calls[PLAY_CALL], shop.calls[START], shop.calls[RETRY_CALL]) == (1, 0, 0)
    card = shown(shop.card(run))
    assert "*Deploy main to staging* passed" in card
    assert "job deploy-staging" in card
    assert f"staging runs main at {run.sha[:8]} now. · <https://staging.web.example.com|Open it>" in card
    assert buttons(shop.card(run)) == ["Run again", "Roll back", "Full log"]


def test_what_would_change_is_told_first(shop: Shop) -> None:
    """From what to what, the commits between, their checks, what would be done; production is confirmed."""
    pushed(shop, title="One")
    first = agreed(shop, "deploy main production")
    pushed(shop, title="Two")
    halt = halted(shop, "deploy main production")
    preview = halt.verdict.preview
    assert preview is not None
    assert preview.runs is not None
    assert (preview.runs.sha, preview.ref, preview.checks) == (first.sha, "main", "success")
    assert preview.comes is not None
    assert [one.title for one in preview.comes.commits] == ["Two"]
    assert preview.typed == f"{WEB} deploy branch:main production"
    names = [one.name for one in halt.verdict.steps]
    assert names == [
        "account", "person", "rules", "lock", "freeze", "incidents", "protection", "change", "checks", "limits",
        "confirmation", "approval",
    ]  # fmt: skip
    assert halt.verdict.call.startswith(f"POST /projects/{WEB}/jobs/")
    run = agreed(shop, "deploy main production")
    assert (run.was, run.changes) == (f"main at {first.sha[:8]}", "1 commit comes")
    assert f"production ran main at {first.sha[:8]} before · <{run.changes_url}|1 commit comes>" in shown(
        shop.card(run)
    )


def test_from_one_environment_to_another(shop: Shop) -> None:
    """What runs there is what comes, in either form of the command."""
    pushed(shop)
    first = deployed(shop)
    pushed(shop)
    for typed in ("deploy staging production", "deploy staging to production"):
        preview = halted(shop, typed).verdict.preview
        assert preview is not None
        assert (preview.source, preview.sha, preview.ref) == ("staging", first.sha, "main")
    run = agreed(shop, "deploy staging to production")
    assert (run.sha, run.pipeline, run.environment) == (first.sha, first.pipeline, "production")


def test_a_dry_run_does_nothing(shop: Shop) -> None:
    """It shows the ladder, change and all."""
    pushed(shop)
    halt = halted(shop, "deploy main staging", Permit(dry_run=True))
    assert (halt.dry_run, halt.verdict.preview is not None, shop.runs()) == (True, True, [])


def test_the_same_commit_once_more(shop: Shop) -> None:
    """It is asked whether that is meant; then the job runs again."""
    pushed(shop)
    first = deployed(shop)
    halt = halted(shop, "deploy main staging")
    (asked,) = [one for one in halt.verdict.steps if one.mark is Mark.ASK]
    assert asked.said == "That commit runs on staging already, so nothing would change. Deploy it again?"
    run = agreed(shop, "deploy main staging")
    assert (run.start, run.pipeline, run.status) == (RETRY, first.pipeline, "success")
    assert run.job_id != first.job_id
    assert shop.calls[RETRY_CALL] == 1


def test_what_was_agreed_to_is_where_it_comes_from(shop: Shop) -> None:
    """If something else runs there meanwhile, one is asked again; of what waits that is not asked."""
    pushed(shop)
    old = halted(shop, "deploy main production").shown
    agreed(shop, "deploy main production")
    pushed(shop, "two-regions")
    again = halted(shop, "deploy main production", Permit(confirmed=old))
    assert again.shown != old
    assert any("Something moved since you looked" in one.said for one in again.verdict.steps)


def test_a_new_pipeline_without_variables(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Where jobs are left out of pipelines that name one: its manual job is started once it waits."""
    path = tmp_path_factory.mktemp("ruled")
    with shop_at(path, SHOP, folder=ruled(path)) as shop:
        shop.say("acme/ruled deploy main staging")
        run = shop.ended()
        assert (run.start, run.status, run.environment) == (PLAIN, "success", "staging")
        (made,) = shop.pipelines("api", "acme/ruled")
        assert list(made.variables.list(get_all=True)) == []


def test_a_new_pipeline_that_is_told_its_job(shop: Shop) -> None:
    """By the way this project's jobs are started."""
    shop.say("deploy main staging")
    run = shop.ended()
    assert (run.start, run.command, run.status) == ("api", "deploy", "success")
    (made,) = shop.pipelines()
    assert {one.key: one.value for one in made.variables.list(get_all=True)}[
        "CHATOPS_JOB"
    ] == "deploy-staging"


def test_pressed_twice_it_is_done_once(shop: Shop) -> None:
    """The same request makes the same run; another one is told that it is under way."""
    pushed(shop)
    shown_to = halted(shop, "deploy main production").shown
    for _ in range(2):
        said(shop, "deploy main production", Permit(confirmed=shown_to), key="once")
    with pytest.raises(Refused, match="alice has asked for that already: main is on its way to production"):
        said(shop, "deploy main production", Permit(confirmed=shown_to))
    shop.ended()
    assert (shop.calls[PLAY_CALL], len(shop.runs())) == (1, 1)


def test_somebody_else_was_faster_in_gitlab(shop: Shop) -> None:
    """A job that somebody has started between the look and the start is theirs."""
    pushed(shop)
    said(shop, "deploy main staging")
    run = shop.run()
    shop.gitlab.project(WEB, "bob").jobs.get(run.job_id).play()
    run = shop.ended(run)
    assert run.state is RunState.REFUSED
    assert run.problem.startswith(
        f"@bob started `deploy-staging` of pipeline #{run.pipeline} a moment before"
    )
    assert shop.calls[PLAY_CALL] == 1


def test_an_approval_is_of_the_commit(shop: Shop) -> None:
    """The card says what would change; who approves it starts just that, be the environment elsewhere by then."""
    rules = (Rule("four eyes", APPROVE, commands=("deploy",), environments=("staging",), by=("leads",)),)
    policy = Policy(rules=rules, groups={"leads": (PEOPLE["bob"].id,)})
    pushed(shop)
    strict = Shop(
        replace(shop.kit, config=replace(shop.kit.config, policy=policy)),
        shop.clock,
        shop.numbers,
        gitlab=shop.gitlab,
    )
    said(strict, "deploy main staging", Permit(reason="it is time"))
    run = strict.run()
    assert (run.state, run.hold) == (RunState.HELD, "approval")
    assert buttons(strict.card(run))[:2] == ["Approve", "Reject"]
    strict.press("approvals.approve", run.id, name="bob")
    run = strict.ended(run)
    assert (run.status, run.approved_by) == ("success", "bob")
    assert strict.calls[PLAY_CALL] == 1


def test_a_rule_about_deployments_is_not_got_round_by_a_retry(shop: Shop) -> None:
    """Who may not deploy may not retry somebody's deployment either."""
    pushed(shop)
    run = deployed(shop)
    rules = (Rule("not bob", DENY, commands=("deploy",), people=(PEOPLE["bob"].id,)),)
    strict = shop.under(Policy(rules=rules))
    with pytest.raises(Halted) as caught:
        strict.press("retry.press", run.id, name="bob")
    assert caught.value.verdict.stopped is not None
    assert caught.value.verdict.stopped.rule == "not bob"
    strict.press("retry.press", run.id)
    assert shop.calls[RETRY_CALL] == 1


def test_once_more_by_button_and_by_word(shop: Shop) -> None:
    """The newest commit of the same ref is deployed, by whichever way there is by then."""
    pushed(shop)
    first = deployed(shop)
    pushed(shop)
    pressed(shop, "run.again", first.id)
    second = shop.ended()
    assert (second.command, second.start, second.sha != first.sha) == ("deploy", PLAY, True)
    pushed(shop)
    said(shop, "again")
    assert shop.ended().sha not in (first.sha, second.sha)


# What is left out ---------------------------------------------------------------------------------------------


def left_out(shop: Shop, typed: str) -> LeftOut:
    with pytest.raises(LeftOut) as caught:
        shop.say(typed)
    return caught.value


def test_nothing_is_named(shop: Shop) -> None:
    """First the environment is picked."""
    questions = [left_out(shop, typed) for typed in ("deploy", "deploy to", "shop deploy")]
    for question in questions:
        assert "Deploy to which environment?" in question.sentence
        assert [one.value for one in question.options] == ["production", "staging"]
    assert [one.before for one in questions] == ["deploy", "deploy", "shop deploy"]


def test_only_an_environment_is_named(shop: Shop) -> None:
    """Then it is where something goes: what runs elsewhere, a branch, or a tag."""
    question = left_out(shop, "deploy production")
    for other in ("deploy to production", "deploy Production"):
        assert left_out(shop, other).options == question.options
        assert "Deploy what to production?" in question.sentence
        assert (question.before, question.after) == ("deploy", "production")
    values = [one.value for one in question.options]
    assert values[:2] == ["env:staging", "branch:main"]
    assert {"branch:feature/x", "tag:v8.10.0"} <= set(values)
    assert question.options[1].label == "Branch main"


def test_only_what_is_named(shop: Shop) -> None:
    """Then it is asked where it goes."""
    question = left_out(shop, "shop deploy v8.10.0")
    assert (question.before, question.after) == ("shop deploy v8.10.0", "")
    assert question.sentence == "Deploy v8.10.0 to which environment?"
    with pytest.raises(NotUnderstood, match="has no environment, tag or branch `v8`"):
        shop.say("deploy v8")
    with pytest.raises(NotUnderstood, match="has no environment `prodction`") as caught:
        shop.say("deploy staging to prodction")
    assert caught.value.suggestions == ("deploy staging to production",)


def test_an_environment_that_was_made_just_now(shop: Shop) -> None:
    """GitLab is asked for what was not there a moment ago, on either side."""
    left_out(shop, "deploy")
    shop.act("record-deployment brand-new main shop")
    with pytest.raises(Refused, match=r"No job of acme/shop at main deploys to brand-new\."):
        shop.say("deploy main brand-new")
    shop.say("deploy brand-new staging")
    assert shop.ended().environment == "staging"


def test_what_is_picked_keeps_the_job(shop: Shop) -> None:
    """A job that was named stays named, and a name with blanks stays one word."""
    assert left_out(shop, "deploy job:deploy-eu").after == "job:deploy-eu"
    assert left_out(shop, "deploy main job:deploy-eu").after == "job:deploy-eu"
    assert left_out(shop, 'deploy production "job:deploy eu"').after == 'production "job:deploy eu"'


def test_a_branch_called_to(shop: Shop) -> None:
    """Where there is one, it is what is deployed."""
    shop.act("push to shop")
    shop.say("deploy to staging")
    assert shop.ended().ref == "to"
