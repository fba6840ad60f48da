"""One request makes one run and one call, and each refusal of GitLab has its own sentence on the card."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

import blocks.job
from bot.config import ProjectConfig
from bot.errors import BotError, NotUnderstood, Refused
from bot.jobs import start
from bot.model import RunState
from tests.edges import wire
from tests.jobs.stage import START, Shop, Stage, buttons, shop_at, shown, stage_at

CALL = start.call


def call(stage: Stage, job: str = "hello", **changes: object) -> str:
    """Write a run down and call GitLab for it; the card's text."""
    run = stage.intend(job, **changes)
    assert CALL(stage.kit, blocks.job, run) == ""
    return shown(stage.card(run))


# Once ------------------------------------------------------------------------------------------------------


def test_a_run_comes_to_its_reply(shop: Shop) -> None:
    """`run hello World` starts one pipeline, and the reply of its job lands in the thread of the card."""
    assert shop.say("run hello World") is None
    assert shop.run().state is RunState.RUNNING
    assert "queued" in shown(shop.card())
    run = shop.ended()
    assert (run.status, run.others) == ("success", 0)
    assert "passed" in shown(shop.card())
    assert "Hello World." in shown(shop.reply())
    assert shop.calls[START] == 1


def test_the_same_request_twice_is_one_run(shop: Shop) -> None:
    """A request that is done again, as after a crash, makes no second run and no second call."""
    shop.say("run hello World", key="once")
    shop.say("run hello World", key="once")
    assert len(shop.runs()) == 1
    assert shop.calls[START] == 1


def test_the_same_request_at_the_same_time_is_one_run(shop: Shop) -> None:
    """Four threads with one request make one run and one call."""
    shop.say("jobs")
    together = threading.Barrier(4)

    def ask() -> None:
        together.wait()
        shop.say("run hello", key="once")

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(shop.runs()) == 1
    assert shop.calls[START] == 1


def test_a_run_that_was_only_written_down_is_called_when_its_request_is_done_again(shop: Shop) -> None:
    """A crash between the row and the call loses nothing: the request, done again, calls GitLab."""
    run = shop.intend("hello")
    shop.say("run hello", key=run.source)
    assert [one.id for one in shop.runs()] == [run.id]
    assert shop.run(run).state is RunState.RUNNING
    assert shop.calls[START] == 1


def test_a_run_whose_call_is_under_way_is_not_called_again(shop: Shop) -> None:
    """A request that is done again while GitLab is being asked leaves it at that."""
    run = shop.intend("hello", state=RunState.CALLING, called_at=shop.clock.now)
    shop.say("run hello", key=run.source)
    assert shop.calls[START] == 0
    assert shop.run(run).state is RunState.CALLING


# What the job is handed ------------------------------------------------------------------------------------


def test_variables_of_a_run(shop: Shop) -> None:
    """The job is handed the five variables of the documentation and nothing else; `$` is escaped."""
    shop.say("run say costs $5 and $CI_JOB_TOKEN")
    run = shop.run()
    variables = shop.kit.gitlab.pipeline_variables(run.project_id, run.pipeline or 0)
    assert variables == {
        "CHAT_INPUT": "costs $$5 and $$CI_JOB_TOKEN",
        "CHAT_CHANNEL": "C0OPS00001",
        "CHAT_USER_ID": "U0ALICE001",
        "CHATOPS_JOB": "say",
        "CHATOPS_REQUEST_ID": run.id,
    }


def test_what_was_typed_is_what_the_job_sees(shop: Shop) -> None:
    """Quotes, dollars, newlines and shell signs reach the job just as they were typed."""
    typed = 'don\'t forget "the $HOME" `id` $(id) ; *\n  and the second line'
    shop.say(f"run say {typed}")
    shop.ended()
    assert f"You said: {typed}" in shown(shop.reply())


def test_dollars_stay_when_the_project_says_so(tmp_path: Path) -> None:
    """With `escape_dollar = false` what is typed goes to GitLab as it is."""
    with shop_at(tmp_path, {"acme/shop": ProjectConfig(escape_dollar=False)}) as shop:
        shop.say("run say $SHOP_REGION")
        run = shop.run()
        assert shop.kit.gitlab.pipeline_variables(42, run.pipeline or 0)["CHAT_INPUT"] == "$SHOP_REGION"


def test_run_on_another_ref(shop: Shop) -> None:
    """`job@ref` runs on that branch."""
    shop.say("run hello@feature/x")
    assert shop.pipelines()[0].ref == "feature/x"
    assert "feature/x" in shown(shop.card())


def test_run_on_another_ref_while_the_default_branch_is_broken(shop: Shop) -> None:
    """A broken configuration on the default branch does not keep a job of another branch from running."""
    shop.act("break-yaml")
    shop.say("run hello@feature/x")
    assert shop.pipelines()[0].ref == "feature/x"


def test_a_manual_job_is_played_once(shop: Shop) -> None:
    """A job that waits for a hand is played, once, since somebody asked for it."""
    shop.say("run by-hand")
    shop.ended()
    assert "signalbox pressed play." in shown(shop.reply())
    assert shop.calls["POST /projects/:id/jobs/:id/play"] == 1


# Inputs ----------------------------------------------------------------------------------------------------


def test_inputs_go_where_the_project_declares_them(shop: Shop) -> None:
    """A project with inputs gets typed inputs and the names it reserves for us, and no variables."""
    shop.say("acme/infra run scale service=worker replicas=3 dry_run=no")
    run = shop.run()
    assert run.inputs == {
        "service": "worker", "replicas": 3, "dry_run": False,
        "chatops_job": "scale", "chatops_request_id": run.id,
    }  # fmt: skip
    assert shop.kit.gitlab.pipeline_variables(run.project_id, run.pipeline or 0) == {}
    shop.ended()
    assert "service=worker replicas=3 dry_run=false" in shown(shop.reply())


def test_wrong_inputs_are_all_named_at_once(shop: Shop) -> None:
    """Every wrong input is named in one answer, and nothing is started."""
    with pytest.raises(NotUnderstood) as caught:
        shop.say("acme/infra run scale service=db replicas=many color=red")
    assert all(name in caught.value.sentence for name in ("`service`", "`replicas`", "`color`"))
    assert shop.runs() == []


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_answer_of_a_run_with_inputs_is_adopted(shop: Shop, how: str) -> None:
    """Inputs are not shown by GitLab, so the one new pipeline that holds the job is the one."""
    shop.say("acme/infra jobs")
    shop.break_(how)
    shop.say("acme/infra run scale replicas=4")
    assert shop.run().state is RunState.CALLING
    shop.ended()
    assert "replicas=4" in shown(shop.reply())
    assert shop.calls[START] == 1


def test_a_stranger_s_pipeline_is_not_adopted(shop: Shop) -> None:
    """A pipeline that somebody else started, without the job, is not taken for the lost one."""
    stranger = shop.gitlab.project("acme/shop").pipelines.create(
        {"ref": "main", "variables": [{"key": "CHATOPS_JOB", "value": "ls"}]}
    )
    run = shop.intend("scale", inputs={"replicas": 4}, state=RunState.CALLING, called_at=shop.clock.now)
    start.look_up(shop.kit, blocks.job, run)
    assert shop.run(run).state is RunState.CALLING
    assert stranger.id not in {one.pipeline for one in shop.runs()}


# Lost answers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_answer_is_adopted_by_the_request_id(shop: Shop, how: str) -> None:
    """When GitLab did the work and its answer was lost, the pipeline is found, and not started again."""
    shop.say("run say first")
    shop.break_(how)
    shop.say("run hello World")
    assert shop.run().state is RunState.CALLING
    assert "will not start it twice" in shown(shop.card())
    shop.ended()
    assert "Hello World." in shown(shop.reply())
    assert "will not start" not in shown(shop.card())
    assert shop.calls[START] == 2
    assert len(shop.pipelines()) == 2


def test_a_request_that_never_arrived_ends_as_not_known(shop: Shop) -> None:
    """65 seconds after the call nothing was found: the card says so, offers Run again, and nothing is repeated."""
    shop.say("jobs")
    run = shop.intend("hello")
    shop.break_("502", times=1)
    CALL(shop.kit, blocks.job, run)
    shop.clock.pass_(64)
    shop.look()
    assert shop.run(run).state is RunState.CALLING
    shop.clock.pass_(1)
    shop.look()
    assert shop.run(run).state is RunState.UNKNOWN
    assert "I found no pipeline of it. I did not start it again." in shown(shop.card(run))
    assert "not known" in shown(shop.card(run))
    assert buttons(shop.card(run)) == ["Run again"]
    assert shop.calls[START] == 1
    asked = sum(shop.calls.values())
    shop.clock.pass_(3600)
    shop.look()
    assert sum(shop.calls.values()) == asked


def test_it_is_looked_for_as_long_as_gitlab_cannot_be_asked(shop: Shop) -> None:
    """While GitLab is down the card says that it is not known; when GitLab is back the pipeline is adopted."""
    run = shop.intend("hello", arguments="World")
    shop.break_("cut-after")
    CALL(shop.kit, blocks.job, run)
    shop.break_("down")
    shop.look()
    assert shop.run(run).state is RunState.CALLING
    shop.clock.pass_(66)
    shop.look()
    assert shop.run(run).state is RunState.UNKNOWN
    assert "GitLab has not answered since I asked" in shown(shop.card(run))
    shop.clock.pass_(3600)
    shop.tick()
    assert shop.run(run).state is RunState.UNKNOWN
    shop.mend()
    shop.clock.pass_(66)
    shop.tick()
    assert shop.run(run).state is RunState.RUNNING
    shop.ended(run)
    assert "Hello World." in shown(shop.reply(run))
    assert shop.calls[START] == 1


def test_it_is_not_known_once_gitlab_could_be_asked(shop: Shop) -> None:
    """GitLab was down for long, and now that it is back it holds nothing: then the looking ends."""
    run = shop.intend("hello")
    shop.break_("down")
    CALL(shop.kit, blocks.job, run)
    shop.clock.pass_(66)
    shop.look()
    shop.mend()
    shop.clock.pass_(66)
    shop.tick()
    assert "I found no pipeline of it" in shown(shop.card(run))
    assert shop.pipelines() == []


def test_an_answer_that_comes_late_still_counts(shop: Shop) -> None:
    """A call that is answered after it was given up is believed: the run goes on."""
    run = shop.intend("hello", state=RunState.CALLING, called_at=shop.clock.now)
    pipeline = shop.kit.gitlab.create_pipeline(42, "main", variables=start.variables(shop.kit, run), inputs={})
    start.give_up(shop.kit, blocks.job, run, looked=True)
    start.settle(shop.kit, blocks.job, run, start._of_pipeline(pipeline))
    assert shop.run(run).state is RunState.RUNNING
    assert shop.run(run).pipeline == pipeline.id


def test_run_again_after_not_known_is_a_new_run(shop: Shop) -> None:
    """The button of a card that is not known starts another run, since a person decided so."""
    run = shop.intend("hello", state=RunState.UNKNOWN, arguments="World")
    shop.press("run.again", run.id)
    assert [one.arguments for one in shop.runs()] == ["World", "World"]
    assert shop.calls[START] == 1


def test_a_busy_project_is_not_searched_without_end(shop: Shop) -> None:
    """Only the newest pipelines are looked into, whatever others start."""
    for _ in range(start.MOST_LOOKED_INTO + 5):
        shop.gitlab.start("quiet")
    run = shop.intend("hello", state=RunState.CALLING, called_at=shop.clock.now)
    start.look_up(shop.kit, blocks.job, run)
    assert shop.calls["GET /projects/:id/pipelines/:id/variables"] <= start.MOST_LOOKED_INTO


# Refusals --------------------------------------------------------------------------------------------------


def test_a_connection_that_is_refused_started_nothing(shop: Shop) -> None:
    """When no connection could be opened nothing was sent, and the card says that nothing was started."""
    run = shop.intend("hello")
    with stage_at(shop.kit.config.store.path.parent / "..", f"http://127.0.0.1:{wire.closed_port()}") as away:
        CALL(shop.with_kit(gitlab_as=away.kit.gitlab_as).kit, blocks.job, run)
    assert shop.run(run).state is RunState.REFUSED
    assert "does not accept connections" in shown(shop.card(run))
    assert "Nothing was started." in shown(shop.card(run))
    assert buttons(shop.card(run)) == ["Run again"]


def test_refused_variables_have_their_sentence(shop: Shop) -> None:
    """A project that lets nobody set variables says so, and what to do."""
    shop.act("variables maintainer")
    said = call(shop)
    assert "does not let my account set pipeline variables, so nothing was started" in said
    assert "`spec:inputs`" in said
    assert "not started" in said


def test_unknown_ref_has_its_sentence(shop: Shop) -> None:
    """A branch that is gone by the time of the call is named."""
    assert "There is no branch or tag `gone` in acme/shop. Nothing was started." in call(shop, ref="gone")


def test_nothing_to_run_has_its_sentence(shop: Shop) -> None:
    """Rules that leave no job are told with the rule to add."""
    said = call(shop, "chat-only")
    assert "leave nothing to run on `main`. Nothing was started." in said
    assert '`- if: $CHATOPS_JOB == "chat-only"`' in said


def test_invalid_yaml_has_its_sentence(shop: Shop) -> None:
    """A configuration that cannot be read is told with GitLab's own words."""
    shop.act("break-yaml")
    said = call(shop)
    assert "The CI configuration of acme/shop on `main` is not valid:" in said
    assert "Nothing was started." in said


def test_a_revoked_token_has_its_sentence(shop: Shop) -> None:
    """A token that GitLab does not take any more names the key to set."""
    shop.act("revoke bot")
    said = call(shop)
    assert "GitLab does not accept my token any more." in said
    assert "`gitlab.token`" in said
    assert "Nothing was started." in said


def test_a_missing_role_has_its_sentence(shop: Shop) -> None:
    """An account that may not start pipelines is told as GitLab says it."""
    shop.act("role bot reporter")
    said = call(shop)
    assert "GitLab does not allow that: 403 Forbidden. Ask a maintainer of the project. Nothing was started." in said


def test_a_protected_branch_has_its_sentence(shop: Shop) -> None:
    """GitLab's own words are kept where it has many reasons."""
    assert "permission to run a pipeline on 'stable'" in call(shop, ref="stable")


@pytest.mark.parametrize("how", ["429", "429-json"])
def test_a_rate_limit_has_its_sentence(shop: Shop, how: str) -> None:
    """GitLab that slows us down has started nothing."""
    shop.break_(how, times=1)
    assert "GitLab asks me to slow down. Try again in a minute. Nothing was started." in call(shop)


def test_a_server_error_is_not_taken_for_a_refusal(shop: Shop) -> None:
    """After a 500 nobody knows whether a pipeline was made, so it is looked for."""
    run = shop.intend("hello")
    shop.break_("500", times=1)
    CALL(shop.kit, blocks.job, run)
    assert shop.run(run).state is RunState.CALLING
    assert "I am looking for it and will not start it twice." in shown(shop.card(run))


def test_refusals_before_the_card_go_to_the_asker(shop: Shop) -> None:
    """What is wrong before a run is written down is told to the asker, and no card is made."""
    for line, said in (
        ("run helo World", "Did you mean `/gitlab run hello World`?"),
        ("run hello@nope", "no branch or tag `nope`"),
        ("run no-chat", "cannot be started from chat"),
        ("acme/empty run hello", "The repository of acme/empty is empty."),
        ("acme/shpo run hello", "Did you mean `acme/shop`"),
        ("run", "Which job?"),
    ):
        with pytest.raises(BotError) as caught:
            shop.say(line)
        assert said in caught.value.sentence, line
    shop.act("revoke bot")
    with pytest.raises(BotError, match=r"gitlab\.token"):
        shop.say("run hello")
    assert shop.runs() == []


def test_a_suggestion_keeps_project_ref_and_arguments(shop: Shop) -> None:
    """What is suggested for a mistyped job is the whole command, on the ref that was meant."""
    with pytest.raises(NotUnderstood) as caught:
        shop.say("shop run helo@feature/x  World")
    assert caught.value.suggestions[0] == "shop run hello@feature/x World"


def test_a_hidden_job_names_the_rule_and_the_remedy(shop: Shop) -> None:
    """A job that chat cannot start says which rule hides it, and which YAML would change that."""
    with pytest.raises(Refused) as caught:
        shop.say("run chat-only")
    assert "`chat-only` in acme/shop cannot be started from chat: " in caught.value.sentence
    assert "only: [chat]" in caught.value.sentence
    assert "add this to the CI configuration" in caught.value.sentence


def test_a_run_that_was_moved_meanwhile_is_left_alone(shop: Shop) -> None:
    """A call for a run that somebody else has taken does nothing."""
    run = shop.intend("hello")
    with shop.store.write() as tx:
        tx.runs.move(run.id, RunState.ASKED, RunState.REFUSED)
    assert CALL(shop.kit, blocks.job, run) == ""
    assert shop.calls[START] == 0


# Chat ------------------------------------------------------------------------------------------------------

CHAT = {
    via: {"acme/shop": ProjectConfig(aliases=("shop",), start="chat", chat_via=via)}
    for via in ("mattermost_slash_commands", "slack_app")
}
TRIGGER = {
    "mattermost_slash_commands": "POST /projects/:id/integrations/mattermost_slash_commands/trigger",
    "slack_app": "POST /slack/trigger",
}


@pytest.mark.parametrize("via", list(CHAT))
def test_chat_runs_jobs_for_chat_only(tmp_path: Path, via: str) -> None:
    """With `start = "chat"` a job that is `only: [chat]` runs, through GitLab's own slash command."""
    with shop_at(tmp_path, CHAT[via]) as shop:
        assert shop.say("run chat-only") is None
        run = shop.ended()
        assert run.status == "success"
        assert "Only chat runs this." in shown(shop.reply())
        assert [one.source for one in shop.pipelines("chat")] == ["chat"]
        assert shop.calls[TRIGGER[via]] == 1
        assert shop.calls[START] == 0
        assert f"pipeline #{run.pipeline}" in shown(shop.card())


@pytest.mark.parametrize("via", list(CHAT))
def test_somebody_unlinked_gets_gitlab_s_link_alone(tmp_path: Path, via: str) -> None:
    """GitLab's link for connecting an account is whispered, as a link, and the public card shows none."""
    with shop_at(tmp_path, CHAT[via]) as shop:
        whispered = shop.say("run chat-only", name="dave")
        assert f"<{shop.gitlab.fake.url}/-/profile/chat_names/new?" in shown(whispered)
        assert "|Connect your account>" in shown(whispered)
        card = shown(shop.card())
        assert "GitLab wants dave to connect an account first. Nothing was started." in card
        assert "chat_names" not in card + shop.card().text
        assert shop.run().state is RunState.REFUSED


def test_somebody_without_a_role_is_refused_at_once(tmp_path: Path) -> None:
    """Whom GitLab does not let run jobs is told so, without a minute of looking for a pipeline."""
    with shop_at(tmp_path, CHAT["mattermost_slash_commands"]) as shop:
        assert shop.say("run hello", name="carol") is None
        assert shop.run().state is RunState.REFUSED
        assert "GitLab does not let carol run jobs of acme/shop from chat. Nothing was started." in shown(shop.card())


def test_chat_that_cannot_schedule_says_why(tmp_path: Path) -> None:
    """GitLab has one answer for many causes; the card names the likely ones."""
    with shop_at(tmp_path, CHAT["mattermost_slash_commands"]) as shop:
        said = call(shop, "nothing-like-it", start="chat")
        assert "GitLab could not schedule `nothing-like-it`" in said
        assert "Nothing was started." in said


def test_a_wrong_integration_token_is_told(tmp_path: Path) -> None:
    """A token that is not the integration's names the key to set."""
    with shop_at(tmp_path, {"acme/shop": ProjectConfig(start="chat", chat_token="wrong")}) as shop:
        wrong = ProjectConfig(start="chat", chat_token="wrong")
        config = shop.kit.config.__class__(
            slack=shop.kit.config.slack, gitlab=shop.kit.config.gitlab, projects={"acme/shop": wrong}
        )
        said = call(shop.with_kit(config=config), "hello", start="chat")
        assert "`chat_token` is its token" in said


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_lost_answer_of_chat_is_adopted(tmp_path: Path, how: str) -> None:
    """A chat pipeline carries no request id; the one new pipeline with the job is the one."""
    with shop_at(tmp_path, CHAT["mattermost_slash_commands"]) as shop:
        shop.say("jobs")
        shop.break_(how)
        shop.say("run chat-only")
        assert shop.run().state is RunState.CALLING
        shop.ended()
        assert "Only chat runs this." in shown(shop.reply())
        assert len(shop.pipelines("chat")) == 1


def test_what_chat_cannot_do_is_told_before(tmp_path: Path) -> None:
    """Another ref is refused with what to set, before anything is written down."""
    with shop_at(tmp_path, CHAT["slack_app"]) as shop:
        with pytest.raises(Refused, match="only runs jobs of its default branch"):
            shop.say("run hello@feature/x")
        assert shop.runs() == []


def test_words_of_gitlab_that_are_not_known_are_looked_into(tmp_path: Path) -> None:
    """An answer that says neither yes nor no is not taken for a refusal."""
    said = wire.always(wire.data({"response_type": "ephemeral", "text": "Something new"}))
    chat = {"acme/shop": ProjectConfig(start="chat", chat_token="t")}
    with wire.serve(said) as server, stage_at(tmp_path, server.url, projects=chat) as stage:
        run = stage.intend("hello", start="chat")
        CALL(stage.kit, blocks.job, run)
        assert stage.run(run).state is RunState.CALLING


