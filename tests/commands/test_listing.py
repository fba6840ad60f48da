"""What help, jobs and runs list."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bot.config import ProjectConfig
from bot.errors import BotError, NotUnderstood
from bot.model import Place, RunState
from tests.jobs.seen import shown
from tests.jobs.stage import DEV, Shop, shop_at


def test_help_lists_every_command(shop: Shop) -> None:
    """`help` shows each command with what it takes, in the form in which it is typed here."""
    said = shown(shop.say("help"))
    for line in (
        "`/gitlab run &lt;job&gt;[@ref] [arguments]`",
        "`/gitlab help [command]`",
        "`/gitlab again [run]`",
    ):
        assert line in said
    assert "`run &lt;job&gt;[@ref] [arguments]`" in shown(shop.say("help", prefix=""))
    assert "In a direct message leave `/gitlab` out" in said
    assert "leave `/gitlab` out" not in shown(shop.say("help", prefix=""))
    assert sum(shop.calls.values()) == 0


def test_help_begins_with_what_people_came_for(shop: Shop) -> None:
    """The commands stand in the order in which somebody needs them."""
    said = shown(shop.say("help"))
    order = ("run", "jobs", "runs", "again", "cancel", "retry", "log", "lock", "project", "link", "help")
    at = [re.search(rf"• `/gitlab {verb}\b", said).start() for verb in order]  # type: ignore[union-attr]  # all are there
    assert at == sorted(at)


@pytest.mark.parametrize(
    ("verb", "applies"), [("run", True), ("jobs", True), ("project", False), ("help", False)]
)
def test_help_speaks_of_projects_where_they_count(shop: Shop, verb: str, applies: bool) -> None:
    """That a project may stand in front is said of commands that are about one."""
    assert ("Name a project before" in shown(shop.say(f"help {verb}"))) is applies


@pytest.mark.parametrize("typed", ["run help", "run --help", "run -h", "shop run help"])
def test_run_help_is_the_help_of_run(shop: Shop, typed: str) -> None:
    """Unless a job is called so, it is not looked for: the help of run comes."""
    assert "`/gitlab run &lt;job&gt;[@ref] [arguments]`" in shown(shop.say(typed))


@pytest.mark.parametrize(("typed", "verb"), [("help run", "run"), ("help RUN", "run"), ("? again", "again")])
def test_help_of_one_command(shop: Shop, typed: str, verb: str) -> None:
    """`help <verb>` shows what it takes, examples and other names."""
    said = shown(shop.say(typed))
    assert f"`/gitlab {verb}" in said
    assert verb != "again" or "Also: `!!`." in said


def test_help_of_an_alias_and_of_nothing(shop: Shop) -> None:
    """An alias is explained as its command; an unknown verb is answered with near ones."""
    assert "`/gitlab cancel" in shown(shop.say("help stop"))
    with pytest.raises(NotUnderstood) as caught:
        shop.say("help jbos")
    assert caught.value.suggestions == ("help jobs",)


def test_jobs_tells_what_can_be_run_and_how_it_went(shop: Shop) -> None:
    """`jobs` lists the jobs with stage, environment and last run, then those chat cannot start, with the rule."""
    shop.say("run hello")
    shop.ended()
    said = shown(shop.say("jobs"))
    assert "*13 jobs* can be started from chat in acme/shop on `main`" in said
    assert re.search(r"\*hello\*: .+ \(stage chatops, last run passed\)", said)
    assert "(stage deploy, environment staging)" in said
    assert "(stage chatops, manual)" in said
    assert "• chat-only cannot be started: `only: [chat]`" in said
    assert said.index("*hello*") < said.index("• chat-only")
    assert "Start one with `/gitlab run hello-world`." in said
    assert "`/gitlab run chat-only` says what to add." in said


def test_jobs_filters_by_name_and_stage(shop: Shop) -> None:
    """A filter is part of a name or a stage, in either case."""
    said = shown(shop.say("jobs DEPLOY"))
    assert "*2 jobs* with “deploy” in the name can be started from chat in acme/shop on `main`" in said
    assert "*deploy-staging*" in said
    assert "*hello*" not in said
    said = shown(shop.say("jobs nothing-like-it"))
    assert "has no job with “nothing-like-it” in the name" in said
    assert "`/gitlab jobs` lists all of them." in said


def test_jobs_of_another_project_names_it_in_its_example(shop: Shop) -> None:
    """What is suggested for a project that was named is about that project."""
    said = shown(shop.say("acme/infra jobs"))
    assert "acme/infra on `main`" in said
    assert "`/gitlab acme/infra run scale`" in said


def test_jobs_in_a_chat_project(tmp_path: Path) -> None:
    """Where jobs start by chat, a job for chat only can be started."""
    with shop_at(tmp_path, {"acme/shop": ProjectConfig(start="chat")}) as shop:
        assert "*chat-only*" in shown(shop.say("jobs"))


def test_jobs_of_a_broken_or_empty_project(shop: Shop) -> None:
    """What keeps jobs from being listed is said in a sentence."""
    with pytest.raises(BotError, match=r"The repository of acme/empty is empty\."):
        shop.say("acme/empty jobs")
    shop.act("break-yaml")
    with pytest.raises(BotError, match=r"GitLab finds an error in \.gitlab-ci\.yml of acme/shop at `main`"):
        shop.say("jobs")


def test_runs_lists_my_own(shop: Shop) -> None:
    """`runs` shows the asker's last runs in all projects, newest first, and nobody else's."""
    assert "You have not run anything yet." in shown(shop.say("runs"))
    shop.intend("hello", state=RunState.DONE, status="success")
    shop.intend("scale", project="acme/infra", place=Place(DEV), state=RunState.REFUSED)
    said = shown(shop.say("runs"))
    assert said.index("*scale* not started · acme/infra at main") < said.index(
        "*hello* passed · acme/shop at main"
    )
    assert "You have not run anything yet." in shown(shop.say("runs", name="bob"))


def test_runs_takes_a_filter_and_a_project(shop: Shop) -> None:
    """A filter is a part of a job's name; a project before the verb leaves out the runs of others."""
    shop.intend("hello", state=RunState.DONE, status="success")
    shop.intend("deploy", state=RunState.DONE, status="failed")
    shop.intend("scale", project="acme/infra", state=RunState.DONE, status="failed")
    said = shown(shop.say("runs HEL"))
    assert "*hello*" in said
    assert "*deploy*" not in said
    assert "*scale*" not in shown(shop.say("shop runs"))
    assert "You have not run a job with “x-y” in the name yet." in shown(shop.say("runs x-y"))
    with pytest.raises(NotUnderstood, match="I know no project `no`"):
        shop.say("no runs")


def test_runs_says_how_long_ago(shop: Shop) -> None:
    """A run that has ended says when; one that is on its way shows how long it takes."""
    shop.intend("hello", state=RunState.DONE, status="success", finished_at=shop.clock.now)
    shop.intend("slow", state=RunState.RUNNING, status="running", started_at=shop.clock.now)
    shop.clock.pass_(301)
    said = shown(shop.say("runs"))
    assert re.search(r"\*hello\* passed.* · 5 m ago", said)
    assert "*slow* running · 5 m 01 s" in said
    assert said.count("ago") == 1


def test_runs_shows_ten(shop: Shop) -> None:
    """Only the last ten are shown."""
    for number in range(12):
        shop.intend(f"job-{number}")
    said = shown(shop.say("runs"))
    assert "*job-11*" in said
    assert "*job-2*" in said
    assert "*job-1*" not in said
