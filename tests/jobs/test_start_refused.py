"""Each refusal of GitLab has its own sentence, on the card or for the asker."""

from __future__ import annotations

import pytest

import blocks.job
import blocks.ladder
from bot.deeds import Halted
from bot.edges.gitlab import GitLab
from bot.errors import BotError, NotUnderstood, Refused
from bot.jobs import start
from bot.model import RunState
from tests.edges import wire
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import START, Shop, Stage

CALL = start.call


def call(stage: Stage, job: str = "hello", **changes: object) -> str:
    """Write a run down and call GitLab for it; the card's text."""
    run = stage.intend(job, **changes)
    assert CALL(stage.kit, blocks.job, run) == ""
    return shown(stage.card(run))


def test_a_connection_that_is_refused_started_nothing(shop: Shop) -> None:
    """When no connection could be opened nothing was sent, and the card says that nothing was started."""
    run = shop.intend("hello")
    closed = GitLab(f"http://127.0.0.1:{wire.closed_port()}", "glpat-canary", now=shop.clock)
    CALL(shop.with_kit(gitlab_as=lambda person: closed).kit, blocks.job, run)
    closed.close()
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
    assert (
        "GitLab does not allow that: 403 Forbidden. Ask a maintainer of the project. Nothing was started."
        in said
    )


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
        ("run", "Which job of acme/shop?"),
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


def test_a_secret_is_not_in_what_has_to_be_agreed_to(shop: Shop) -> None:
    """What is shown before the start, and stored with it, has the secret taken out of the arguments."""
    with pytest.raises(Halted) as halted:
        shop.say("run deploy-production with canary now")
    assert halted.value.verdict.deed.arguments == "with * now"
    assert "canary" not in str(blocks.ladder.halted(halted.value.verdict, "k1", dry_run=False))
    assert shop.runs() == []
