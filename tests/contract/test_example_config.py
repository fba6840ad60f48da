"""The example configuration and docs/configuration.md know every key, and no other."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from bot.config import SECTIONS, Config, ProjectConfig, load
from tests.contract.documents import DOCS, ROOT, first_cells

EXAMPLE = ROOT / "config.example.toml"
TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1", "SLACK_APP_TOKEN": "xapp-1", "GITLAB_TOKEN": "glpat-1"}


def keys(kind: type) -> set[str]:
    """The keys of one section."""
    return {each.name for each in fields(kind)}


def example() -> Config:
    """The example as the bot reads it."""
    return load(EXAMPLE, TOKENS)


def test_example_is_read() -> None:
    """The example needs nothing but three tokens in the environment."""
    config = example()
    assert config.secrets() == set(TOKENS.values())
    assert config.warnings == ()


def test_example_covers_every_key() -> None:
    """The example has every key, commented, and no key that is not read."""
    document = tomllib.loads(EXAMPLE.read_text())
    assert document.keys() == {*SECTIONS, "projects"}
    for name, kind in SECTIONS.items():
        assert document[name].keys() == keys(kind)
    (project,) = document["projects"].values()
    assert project.keys() == keys(ProjectConfig)


def test_every_key_has_its_comment() -> None:
    """Above each key of the example stands what it means."""
    lines = EXAMPLE.read_text().splitlines()
    for above, line in pairwise(lines):
        assert not re.match(r"\w+ =", line) or above.startswith("# "), line


def test_example_shows_the_defaults() -> None:
    """What the example sets is what the bot does without it, tokens aside."""
    config = example()
    assert config.store.path == ROOT / SECTIONS["store"]().path
    assert config.bot == SECTIONS["bot"]()
    assert config.projects == {"group/project": ProjectConfig()}
    bare = {name: about.default for name, about in SECTIONS["gitlab"].__dataclass_fields__.items()}
    assert config.gitlab.url == bare["url"]
    assert config.gitlab.timeout_seconds == bare["timeout_seconds"]


def test_sections_are_those_of_the_configuration() -> None:
    """Each field of the configuration is a section of the file, the warnings aside."""
    assert keys(Config) == {*SECTIONS, "projects", "warnings"}


def test_every_key_is_documented() -> None:
    """docs/configuration.md has a line for every key of every section, and no other."""
    text = Path(DOCS / "configuration.md").read_text()
    for name, kind in SECTIONS.items():
        assert first_cells(text, name) == {f"{name}.{key}" for key in keys(kind)}
    assert first_cells(text, "projects") == keys(ProjectConfig)
