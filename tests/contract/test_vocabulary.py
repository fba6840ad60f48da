"""Everything people were promised that they can type stands in help, in the documents and, where it must, in Slack."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

import commands
from bot.policy import Policy
from commands.help import SECTIONS
from tests.contract.documents import DOCS, ROOT
from tests.jobs.seen import shown
from tests.jobs.stage import PEOPLE, Stage, stage_at

#: Every verb of this step (notices come later), with its slash command if it has one of its own.
VOCABULARY = {
    "help": "", "jobs": "", "run": "/run", "again": "", "runs": "", "cancel": "", "retry": "", "log": "",
    "project": "/project", "lock": "", "unlock": "", "queue": "", "who": "", "link": "", "unlink": "", "whoami": "",
    "approvals": "", "audit": "", "doctor": "", "alias": "", "every": "", "favourite": "", "home": "", "settings": "",
    "issue": "/issue", "mr": "", "pipeline": "", "deploy": "/deploy", "rollback": "/rollback",
    "environments": "", "incident": "/incident",
}  # fmt: skip
SCENARIOS = sorted((ROOT / "sandbox" / "scenarios").glob("*.txt"))
each = pytest.mark.parametrize("verb", list(VOCABULARY))


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What help tells somebody who administers the bot."""
    with stage_at(tmp_path_factory.mktemp("help"), "http://127.0.0.1:9") as stage:
        yield _help(stage.under(Policy(admins=(PEOPLE["alice"].id,))))


def _help(stage: Stage) -> str:
    return shown(stage.say("help"))


@each
def test_help_tells_of_it(verb: str, told: str) -> None:
    """With what can stand behind it."""
    assert f"`/gitlab {verb}" in told


@each
def test_the_documents_tell_of_it(verb: str) -> None:
    """Under a heading of its own."""
    assert f"\n## {verb}\n" in (DOCS / "commands.md").read_text()


@each
def test_slack_knows_its_short_form(verb: str) -> None:
    """A slash command of the manifest, where it was promised."""
    manifest = yaml.safe_load((Path(DOCS) / "slack-app-manifest.yaml").read_text())
    offered = {one["command"] for one in manifest["features"]["slash_commands"]}
    assert "/gitlab" in offered
    assert not VOCABULARY[verb] or VOCABULARY[verb] in offered


@each
def test_a_scenario_plays_it(verb: str) -> None:
    """Somebody types it there as people do, by whichever way."""
    typed = re.compile(rf"^(/gitlab |/|@Signalbox )?([\w/-]+ )?{verb}\b", re.MULTILINE)
    assert any(typed.search(path.read_text()) for path in SCENARIOS)


def test_nothing_else_is_offered() -> None:
    """What can be typed beyond that is a command that nobody has thought about."""
    assert {one.name for one in commands.load()} <= VOCABULARY.keys() | {"access"}


def test_every_command_stands_under_a_heading_of_help() -> None:
    """None comes last because it was forgotten."""
    placed = [name for names in SECTIONS.values() for name in names]
    assert {one.name for one in commands.load()} <= set(placed)
    assert len(placed) == len(set(placed))
