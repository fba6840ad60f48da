"""Whole pipelines are shown: by ref, by number, by thread; and those whose cards live are followed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import BotError, GitLabUnreachable, NotFound, NotUnderstood
from bot.jobs import life
from bot.model import Pipeline
from tests.jobs.seen import buttons, shown
from tests.pipelines.stage import MILL, Mill

LOOK = "GET /projects/:id/pipelines/:id"


def test_what_is_shown_in_a_channel_is_for_the_asker(mill: Mill) -> None:
    """With its stages, and what may be done; shared, it lives."""
    pipeline = mill.pushed("broken-x")
    mill.finished(pipeline, "failed")
    told = mill.say(f"{MILL} pipeline broken-x")
    assert "*test*: :x:" in shown(told)
    assert "taste> failed, allowed to" in shown(told)
    assert "4 of 4 jobs done · 1 failed" in shown(told)
    assert buttons(told) == ["Retry failed", "New pipeline", "Share", "Open in GitLab"]
    assert mill.cards() == []
    mill.say(f"{MILL} pipeline share #{pipeline}", key="once")
    mill.say(f"{MILL} pipeline share #{pipeline}", key="once")
    assert len(mill.cards()) == 1
    assert "Share" not in buttons(mill.shown())


def test_the_newest_of_the_default_branch_is_meant(mill: Mill) -> None:
    """Of a ref that is named, of that."""
    first, second = mill.pushed("main"), mill.pushed("main")
    other = mill.pushed("side")
    assert f"#{second}" in shown(mill.say(f"{MILL} pipeline"))
    assert f"#{other}" in shown(mill.say(f"{MILL} pipeline side"))
    assert f"#{first}" in shown(mill.say(f"{MILL} pipeline #{first}"))


def test_a_ref_without_a_pipeline_is_offered_one(mill: Mill) -> None:
    """What is offered is a command."""
    with pytest.raises(NotUnderstood, match="`main` of acme/mill has no pipeline yet") as caught:
        mill.say(f"{MILL} pipeline")
    assert caught.value.suggestions == (f"{MILL} pipeline run main",)


@pytest.mark.parametrize("line", ["pipeline stabel", "pipeline run stabel", "pipeline list stabel"])
def test_a_ref_that_is_not_there_has_near_ones(mill: Mill, line: str) -> None:
    """In the same command."""
    with pytest.raises(NotUnderstood, match="no branch or tag `stabel`") as caught:
        mill.say(f"{MILL} {line}")
    assert caught.value.suggestions[0] == f"{MILL} {line.replace('stabel', 'stable')}"


def test_a_number_that_is_not_there_is_not_found(mill: Mill) -> None:
    """Nor is one of a project that somebody may not see."""
    with pytest.raises(NotFound, match="999"):
        mill.say(f"{MILL} pipeline #999")
    with pytest.raises(NotUnderstood, match="acme/vault"):
        mill.say("acme/vault pipeline", name="bob")


def test_an_empty_repository_has_none(mill: Mill) -> None:
    """And it is said why."""
    with pytest.raises(BotError, match="is empty"):
        mill.say("acme/empty pipeline")


def test_the_last_ones_are_listed(mill: Mill) -> None:
    """Of the project, or of a ref; the hint names the same project."""
    first, second = mill.pushed("main"), mill.pushed("side")
    told = shown(mill.say(f"{MILL} pipelines"))
    assert f"#{first}" in told
    assert f"#{second}" in told
    assert f"`/gitlab {MILL} pipeline #{second}` shows one" in told
    assert f"#{first}" not in shown(mill.say(f"{MILL} pipelines side"))
    assert "has no pipeline." in shown(mill.say("acme/web pipelines"))


def test_a_thread_is_about_the_one_that_was_shown_in_it(mill: Mill) -> None:
    """Then no number is needed; a project before the verb wins over it."""
    first, second = mill.pushed("main"), mill.pushed("side")
    assert mill.say(f"{MILL} pipeline #{first}", thread="17.1") is None
    mill.say("pipeline", thread="17.1")
    assert [card.pipeline for card in mill.cards()] == [first, first]
    mill.say(f"pipeline #{second}", thread="17.1")
    assert mill.cards()[-1].pipeline == second
    with pytest.raises(NotUnderstood, match="of acme/web has no"):
        mill.say("acme/web pipeline", thread="17.1")


# Following --------------------------------------------------------------------------------------------------


def test_a_living_card_follows_its_pipeline(mill: Mill) -> None:
    """Until it has ended; nothing is said of one that was only shown."""
    pipeline = mill.pushed("main")
    mill.say(f"{MILL} pipeline share #{pipeline}")
    card = mill.cards()[0]
    mill.finished(pipeline, "success")
    mill.look()
    assert "*passed*" not in shown(mill.shown())
    assert "passed in" in shown(mill.shown())
    assert mill.letter(f"{card.id}.success.{card.looks}") is None


def test_one_that_is_over_is_left_alone(mill: Mill) -> None:
    """At once if nothing in it can be played any more, else after an hour."""
    pipeline = mill.pushed("main")
    mill.say(f"{MILL} pipeline share #{pipeline}")
    mill.finished(pipeline, "success")
    mill.look()
    assert mill.cards()[0].next_look != life.NEVER
    mill.look(3_700)
    mill.look(3_700)
    assert mill.cards()[0].next_look == life.NEVER
    before = mill.calls[LOOK]
    mill.look(600)
    assert mill.calls[LOOK] == before
    mill.say(f"{MILL} pipeline play pack #{pipeline}")
    assert mill.cards()[0].next_look != life.NEVER
    mill.ended()
    mill.look()
    assert "pack> passed" in shown(mill.shown())
    assert mill.cards()[0].next_look == life.NEVER


def test_two_cards_of_one_pipeline_are_one_look(mill: Mill) -> None:
    """Both are drawn."""
    pipeline = mill.pushed("slow-30")
    mill.say(f"{MILL} pipeline share #{pipeline}")
    mill.say(f"{MILL} pipeline share #{pipeline}")
    before = mill.calls[LOOK]
    mill.look()
    assert mill.calls[LOOK] == before + 1
    mill.act("cancel", "bob")


@pytest.mark.parametrize(("error", "gives_up"), [(NotFound(), True), (GitLabUnreachable(), False)])
def test_what_cannot_be_looked_at_is_looked_at_less(mill: Mill, error: Exception, gives_up: bool) -> None:
    """What is gone is left as it is; what only does not answer is asked again."""
    pipeline = mill.pushed("main")
    mill.say(f"{MILL} pipeline share #{pipeline}")

    class Silent(GitLab):
        """Shows no pipeline."""

        def pipeline(self, project_id: int, pipeline_id: int) -> Pipeline:
            raise error

    silent = Silent(mill.gitlab.fake.url, mill.gitlab.fake.bot_token, now=mill.clock)
    blind = replace(mill, kit=replace(mill.kit, gitlab=silent))
    for _ in range(4):
        blind.look(100)
    assert (mill.cards()[0].next_look == life.NEVER) is gives_up
    silent.close()
