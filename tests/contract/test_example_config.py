"""The example configuration and docs/configuration.md know every key, and no other."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from itertools import pairwise
from pathlib import Path

from bot.config import SECTIONS, TABLES, Config, ProjectConfig, load, parse
from bot.policy import Policy
from tests.contract.documents import DOCS, ROOT, fenced, first_cells

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


def whole() -> str:
    """The example with everything that stands there as a comment switched on."""
    return re.sub(r"^# (?=\[|\w+ = )", "", EXAMPLE.read_text(), flags=re.MULTILINE)


def test_example_covers_every_key() -> None:
    """The example has every key, commented, and no key that is not read."""
    document = tomllib.loads(whole())
    assert document.keys() == {*SECTIONS, *TABLES, "groups", "aliases"}
    for name, kind in SECTIONS.items():
        assert document[name].keys() == keys(kind)
    for name, kind in TABLES.items():
        (table,) = document[name].values() if isinstance(document[name], dict) else document[name]
        assert table.keys() == keys(kind)


def test_everything_in_the_example_is_valid() -> None:
    """Whatever is switched on in it is read; its one rule has keys of two kinds, and the idle one is told."""
    config = parse(whole(), TOKENS, ROOT)
    (warning,) = config.warnings
    assert "rules[1].grant_by says nothing here" in warning
    assert [rule.then for rule in config.policy.rules] == ["approve"]
    assert config.aliases == {"d": "run deploy-staging"}
    assert len(config.policy.freezes) == len(config.policy.groups) == len(config.policy.tiers) == 1


def test_policy_of_the_example_is_none() -> None:
    """As it stands there it forbids nothing that is not forbidden without it."""
    assert example().policy == Policy()


def test_every_key_has_its_comment() -> None:
    """Above each key of the example stands what it means."""
    lines = EXAMPLE.read_text().splitlines()
    for above, line in pairwise(lines):
        if re.match(r"(# )?\w+ = ", line) and "leads" not in line.partition(" = ")[0]:
            assert re.match(r"# [A-Z0-9$]", above), line


def test_example_shows_the_defaults() -> None:
    """What the example sets is what the bot does without it, tokens aside."""
    config = example()
    assert config.store.path == ROOT / SECTIONS["store"]().path
    assert config.bot == SECTIONS["bot"]()
    assert config.incidents == SECTIONS["incidents"]()
    assert config.projects == {"group/project": ProjectConfig()}
    bare = {name: about.default for name, about in SECTIONS["gitlab"].__dataclass_fields__.items()}
    assert config.gitlab.url == bare["url"]
    assert config.gitlab.timeout_seconds == bare["timeout_seconds"]


def test_sections_are_those_of_the_configuration() -> None:
    """Each field of the configuration is a section of the file, but for what becomes of several of them."""
    assert keys(Config) - {"policy", "keys", "warnings"} == {*SECTIONS, "projects", "aliases"} - {"limits"}


def test_every_key_is_documented() -> None:
    """docs/configuration.md has a line for every key of every section, and no other."""
    text = Path(DOCS / "configuration.md").read_text()
    for name, kind in SECTIONS.items():
        assert first_cells(text, name) == {f"{name}.{key}" for key in keys(kind)}
    for name, kind in TABLES.items():
        assert first_cells(text, name) == keys(kind)


def test_policies_in_the_document_are_valid() -> None:
    """Each example of docs/configuration.md is read, and does what it says."""
    (worked,) = fenced((DOCS / "configuration.md").read_text(), "toml")
    tokens = '[slack]\nbot_token = "xoxb-1"\napp_token = "xapp-1"\n[gitlab]\ntoken = "glpat-1"\n'
    config = parse(tokens + worked, {}, ROOT)
    assert config.warnings == ()
    assert [rule.then for rule in config.policy.rules] == ["allow", "deny", "approve", "confirm"]
