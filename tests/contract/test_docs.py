"""The documents keep what they promise."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import yaml

import bot
from bot import words
from bot.edges.store import Store
from tests.contract.documents import DOCS, ROOT, examples, fenced, pages


def test_every_command_has_its_heading() -> None:
    """docs/commands.md has one heading for each command, and none for a command that is not there."""
    import commands

    text = (DOCS / "commands.md").read_text()
    headings = set(re.findall(r"^## ([a-z]+)$", text, re.MULTILINE))
    assert headings == {command.name for command in commands.load()}


def test_every_example_is_understood() -> None:
    """Each command printed in the documents is read with a verb that exists."""
    import commands

    verbs = {name for command in commands.load() for name in (command.name, *command.aliases)}
    assert examples()
    for example in examples():
        line = words.read(re.sub(r"^/(gitlab )?", "", example), verbs)
        assert line.verb in verbs, example


def test_links_lead_somewhere() -> None:
    """Each link to a file of this repository finds it."""
    for page in pages():
        for target in re.findall(r"\]\((?!https?://|#)([^)#\s]+)[^)]*\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_make_targets_exist() -> None:
    """Each `make` target that is named is in the Makefile."""
    known = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in pages():
        named = set(re.findall(r"(?:^    |`)make ([a-z]+)", page.read_text(), re.MULTILINE))
        assert named <= known, f"{page.name} names {named - known}"


def test_yaml_examples_are_yaml() -> None:
    """Each YAML example for a CI configuration can be read."""
    blocks = fenced((DOCS / "writing-chat-jobs.md").read_text(), "yaml")
    assert blocks
    assert all(list(yaml.safe_load_all(block)) for block in blocks)


def test_variables_of_a_job_are_documented() -> None:
    """Each variable a job is handed has its line in docs/writing-chat-jobs.md."""
    text = (DOCS / "writing-chat-jobs.md").read_text()
    for name in ("CHAT_INPUT", "CHAT_CHANNEL", "CHAT_USER_ID", "CHATOPS_JOB", "CHATOPS_REQUEST_ID"):
        assert f"| `{name}` |" in text


@pytest.mark.parametrize("name", [module.name for module in pkgutil.walk_packages(bot.__path__, "bot.")])
def test_examples_in_docstrings_hold(name: str) -> None:
    """Each example in a docstring gives what stands below it."""
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_every_table_is_explained(tmp_path: Path) -> None:
    """What is stored, whether it is sealed, and for how long stands in docs/security.md, for each table."""
    Store(tmp_path / "s.sqlite3").close()
    with closing(sqlite3.connect(tmp_path / "s.sqlite3")) as sql:
        tables = {row[0] for row in sql.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    text = (DOCS / "security.md").read_text().split("## What is stored\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", text, re.MULTILINE)
    told = {name for cell in cells for name in re.findall("`([a-z_]+)`", cell)}
    assert told == {name for name in tables if not name.startswith(("sqlite_", "_sqlite"))}
