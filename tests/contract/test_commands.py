"""Every command keeps the form that help, documents and the router rely on."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import commands
from bot import words
from bot.command import Command
from bot.errors import BotError
from bot.model import OFFER
from tests.contract.documents import DOCS, ROOT, first_cells
from tests.jobs.seen import shown
from tests.jobs.stage import VERBS, Stage, stage_at

ALL = commands.load()
each = pytest.mark.parametrize("command", ALL, ids=lambda one: one.name)
#: Slash commands that are a verb by themselves.
SHORT = sorted(first_cells((DOCS / "slack-app.md").read_text(), "Slash commands") - {"/gitlab"})
#: What stands for a part of a sentence that is only known later.
PARTS = {
    "prefix": "/gitlab ", "request.verb": "run", "project": "", "line": "run x", "usage": "run x",
    "listing": "jobs", "example)": "run x", "form": "run x", "one": "run x",
}  # fmt: skip


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bot whose GitLab is out of reach."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as stage:
        yield stage


def test_there_are_the_commands_of_this_step() -> None:
    """The commands people were promised are there."""
    assert {one.name for one in ALL} == {
        "help", "jobs", "run", "again", "runs", "cancel", "retry", "log", "project",
        "doctor", "link", "unlink", "whoami", "access", "approvals", "audit", "issue", "lock", "unlock", "queue", "who",
        "alias", "every", "favourite", "home", "settings", "mr", "pipeline",
        "deploy", "rollback", "environments", "incident",
    }  # fmt: skip


@each
def test_names_and_words_for_people(command: Command) -> None:
    """A name is one small word, the usage begins with it, and the summary is one sentence."""
    assert re.fullmatch(r"[a-z]+", command.name)
    assert command.usage.split()[0] == command.name
    assert re.fullmatch(r"[A-Z][^.!]+\.", command.summary)
    assert len(command.summary) <= 80
    assert command.examples


def test_nothing_is_called_twice() -> None:
    """No verb and no alias means two commands, and no button two things."""
    names = Counter(name for one in ALL for name in (one.name, *one.aliases))
    actions = Counter(action for one in ALL for action in one.buttons)
    assert max(names.values()) == 1
    assert max(actions.values()) == 1
    assert OFFER not in actions


@each
def test_names_of_buttons(command: Command) -> None:
    """A button is called `<command>.<verb>`, in letters: digits behind it are the router's."""
    assert all(re.fullmatch(rf"{command.name}\.[a-z_]+", action) for action in command.buttons)


@each
def test_examples_are_read_as_this_command(command: Command) -> None:
    """Each example is read with a verb of this command, by any way in."""
    for example in command.examples:
        assert VERBS[words.read(example, VERBS).verb or ""] is command, example


@each
def test_aliases_are_read_as_verbs(command: Command) -> None:
    """An alias is a verb in front of arguments and behind a project."""
    for alias in command.aliases:
        assert words.read(f"{alias} this", VERBS).verb == alias
        assert words.read(f"acme/shop {alias}", VERBS).verb == alias


@each
@pytest.mark.parametrize("prefix", ["/gitlab ", "", "@Signalbox "])
def test_a_verb_alone_is_answered(command: Command, prefix: str, stage: Stage) -> None:
    """A verb with nothing behind it ends in a sentence, also while GitLab is out of reach."""
    said = re.sub(r"<!date[^>]*>", "then", answer(stage, command.name, prefix)).removeprefix("*")
    assert said[0].isupper() or said.startswith(("`", "http://127.0.0.1"))
    assert "!" not in re.sub(r"`[^`]*`", "", said)


@each
def test_every_command_and_alias_is_documented(command: Command) -> None:
    """docs/commands.md names every alias of a command below its heading."""
    text = (DOCS / "commands.md").read_text()
    section = re.split(r"^## ", text.split(f"## {command.name}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    assert f"`{command.name}" in section
    assert all(f"`{alias}`" in section for alias in command.aliases)


# Commands in sentences -------------------------------------------------------------------------------------


def sources() -> list[Path]:
    """Every module whose sentences people read."""
    return sorted([*ROOT.glob("bot/**/*.py"), *ROOT.glob("blocks/*.py"), *ROOT.glob("commands/*.py")])


def printed(path: Path) -> Iterator[str]:
    """Every text in a module, with something in place of what is only known later."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(_part(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def _part(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    source = ast.unparse(part)
    return next((stands for name, stands in PARTS.items() if name in source), "x")


def spans(text: str) -> list[str]:
    """The commands in a text: code that begins as one is typed."""
    found = re.findall(r"`([^`\n]+)`", text)
    return [one for one in found if re.match(rf"({'|'.join(SHORT)}|/gitlab|@Signalbox) \S", one)]


def understood(command: str) -> bool:
    bare = re.sub(rf"^(/gitlab |/(?=({'|'.join(one[1:] for one in SHORT)}) )|@Signalbox )", "", command)
    return words.read(bare, VERBS).verb is not None


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_in_sentences_are_understood(path: Path) -> None:
    """Each command that is printed anywhere is one the parser reads."""
    for text in printed(path):
        for command in spans(text):
            assert understood(command), f"{path.name}: {command}"


def test_sentences_hold_commands() -> None:
    """The search above finds what it looks for."""
    found = {command for path in sources() for text in printed(path) for command in spans(text)}
    assert len(found) >= 10


@pytest.mark.parametrize("prefix", ["/gitlab ", "@Signalbox "])
@pytest.mark.parametrize(
    "typed",
    [
        "help", "help run", "help jbos", "jobs", "run", "run hello", "again", "runs", "cancel", "retry gone", "log",
        "project", "project use", "project alias", "project alias run acme/shop", "project nothing",
    ],
)  # fmt: skip
def test_commands_in_answers_are_understood(typed: str, prefix: str, stage: Stage) -> None:
    """Each command in what people are answered is one the parser reads, in the form of their way in."""
    for command in spans(answer(stage, typed, prefix, channel="C0DEV00001")):
        assert command.startswith((prefix, "/gitlab ")), command
        assert understood(command), command


def answer(stage: Stage, typed: str, prefix: str, **how: str) -> str:
    """What the asker reads, be it an answer or an error with its suggestions."""
    try:
        return shown(stage.say(typed, prefix=prefix, **how)).replace("&lt;", "<").replace("&gt;", ">")
    except BotError as error:
        lines = "".join(f"\n`{prefix}{one}`" for one in getattr(error, "suggestions", ()))
        return error.sentence + lines
