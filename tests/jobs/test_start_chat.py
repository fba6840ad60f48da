"""With `start = "chat"` jobs start through GitLab's own slash command."""

from __future__ import annotations

from pathlib import Path

import pytest

import blocks.job
from bot.config import ProjectConfig
from bot.errors import Refused
from bot.jobs import start
from bot.model import RunState
from tests.edges import wire
from tests.jobs.seen import shown
from tests.jobs.stage import START, Stage, shop_at, stage_at

CALL = start.call


def call(stage: Stage, job: str = "hello", **changes: object) -> str:
    """Write a run down and call GitLab for it; the card's text."""
    run = stage.intend(job, **changes)
    assert CALL(stage.kit, blocks.job, run) == ""
    return shown(stage.card(run))


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
        assert "GitLab does not let carol run jobs of acme/shop from chat. Nothing was started." in shown(
            shop.card()
        )


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
