"""Names as people give them in a CI configuration: with blanks, with an `@`, or one that is a list of jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.config import ProjectConfig
from bot.errors import NotUnderstood, Refused
from tests.jobs.seen import shown
from tests.jobs.stage import SHOP, START, Shop, shop_at

NAMES = ("build all", "mail@noon", "say", "it's: fun")
CHAT = {"acme/shop": ProjectConfig(start="chat")}


def job(name: str) -> str:
    """A job that says its own name."""
    quoted = "'" + name.replace("'", "''") + "'"
    lines = (
        f"{quoted}:",
        "  stage: test",
        f"  rules: [{{if: '$CHATOPS_JOB == \"{name.replace(chr(39), chr(39) * 2)}\"'}}]",
        "  script: ['echo \"I am $CI_JOB_NAME.\"']",
    )
    return "\n".join(lines) + "\n"


@contextmanager
def shop_with(path: Path, text: str, projects: Mapping[str, ProjectConfig] = SHOP) -> Iterator[Shop]:
    """A shop whose configuration is `text`."""
    home = path / "projects" / "acme" / "shop"
    home.mkdir(parents=True)
    (home / ".gitlab-ci.yml").write_text(text)
    with shop_at(path, projects, folder=path / "projects") as shop:
        yield shop


@pytest.mark.parametrize("name", NAMES)
def test_a_job_of_any_name_is_run(tmp_path: Path, name: str) -> None:
    """A name in quotes is a name, whatever is in it; an `@` is a ref only if no job is called just that."""
    with shop_with(tmp_path, "".join(map(job, NAMES))) as shop:
        shop.say(f'run "{name}" now')
        assert (shop.run().job, shop.run().arguments, shop.run().ref) == (name, "now", "main")
        shop.ended()
        assert f"I am {name}." in shown(shop.reply())


def test_a_ref_behind_a_name_with_blanks(tmp_path: Path) -> None:
    """The ref goes inside the quotes or right behind them."""
    with shop_with(tmp_path, job("build all")) as shop:
        for typed in ('run "build all@feature/x"', 'run "build all"@feature/x'):
            shop.say(typed)
            assert (shop.run().job, shop.run().ref) == ("build all", "feature/x")


def test_a_name_with_blanks_is_suggested_in_quotes(tmp_path: Path) -> None:
    """What is suggested and what is listed can be typed as it stands."""
    with shop_with(tmp_path, job("build all")) as shop:
        with pytest.raises(NotUnderstood) as caught:
            shop.say('run "biuld all" now')
        assert caught.value.suggestions == ('run "build all" now',)
        assert 'Start one with `/gitlab run "build all"`.' in shown(shop.say("jobs"))


def test_a_name_with_blanks_cannot_be_said_to_gitlab_s_slash_command(tmp_path: Path) -> None:
    """With `start = "chat"` such a job is refused before GitLab is asked."""
    with shop_with(tmp_path, "build all:\n  script: [echo]\n", CHAT) as shop:
        with pytest.raises(Refused, match="its name has a space"):
            shop.say('run "build all"')
        assert shop.runs() == []


def test_required_inputs_cannot_be_said_to_gitlab_s_slash_command(tmp_path: Path) -> None:
    """With `start = "chat"` a project that needs inputs is refused with what to set."""
    text = "spec:\n  inputs:\n    where:\n---\ngo:\n  script: ['echo $[[ inputs.where ]]']\n"
    with shop_with(tmp_path, text, CHAT) as shop:
        with pytest.raises(Refused, match="needs inputs, which a chat pipeline cannot take"):
            shop.say("run go")
        assert shop.runs() == []


def test_a_pipeline_with_more_jobs_says_so(tmp_path: Path) -> None:
    """What the pipeline starts beside the job that was asked for is told on the card."""
    with shop_with(tmp_path, job("say") + "always:\n  script: ['true']\n") as shop:
        shop.say("run say")
        shop.ended()
        assert "The pipeline holds 1 other job as well." in shown(shop.card())
        assert shop.calls[START] == 1


def test_arguments_of_four_kilobytes(tmp_path: Path) -> None:
    """As much as is read of a command reaches the job; the card shows the beginning."""
    with shop_with(tmp_path, job("say")) as shop:
        typed = "x" * 4_000
        shop.say(f"run say {typed}")
        run = shop.run()
        assert shop.kit.gitlab.pipeline_variables(42, run.pipeline or 0)["CHAT_INPUT"] == typed
        assert len(shown(shop.card())) < 1_000
