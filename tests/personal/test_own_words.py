"""Own words are read as the command they stand for, and as nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot import words
from bot.errors import NotUnderstood
from bot.model import Place
from bot.own import OwnWord
from bot.personal import own_words
from tests.jobs.stage import DEV, OPS, PEOPLE, TEAM, VERBS, Stage, stage_at

ALICE, HERE = PEOPLE["alice"], Place(OPS)
DM = Place("D0ALICEBOT")


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A bot whose GitLab is out of reach, with a few words: nothing here asks it."""
    with stage_at(tmp_path, "http://127.0.0.1:9") as made:
        site = MappingProxyType({"d": "run site", "site": "run everybody"})
        stage = made.with_kit(config=replace(made.kit.config, aliases=site))
        keep(stage, ALICE.id, "d", "run deploy", "person")
        keep(stage, OPS, "d", "run channel", "channel")
        keep(stage, OPS, "here2", "run channel", "channel")
        keep(stage, ALICE.id, "far", "acme/infra run scale", "person")
        keep(stage, ALICE.id, "step", "run step", "person")
        yield stage


def keep(stage: Stage, owner: str, name: str, line: str, scope: str) -> None:
    with stage.store.write() as tx:
        tx.own_words.put(TEAM, owner, OwnWord(name, line, scope), 1)


def read(stage: Stage, text: str, *, name: str = "alice", place: Place = HERE) -> str:
    """What is read instead of a line; the line itself if no word of it stands for a command."""
    line = words.read(text, VERBS)
    return own_words.expanded(stage.kit, VERBS, line, PEOPLE[name], place).text


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("d", "run deploy"),
        ("D", "run deploy"),
        ("d now  please", "run deploy now  please"),
        ("d\nnow", "run deploy\nnow"),
        ("d --dry-run", "run deploy --dry-run"),
        ("d run", "run deploy run"),
        ("step by step", "run step by step"),
        ("shop d x", "shop run deploy x"),
        ("acme/shop d", "acme/shop run deploy"),
        ("far x=1", "acme/infra run scale x=1"),
        ("here2 y", "run channel y"),
        ("site z", "run everybody z"),
        ("run d", "run d"),
        ("shop run d", "shop run d"),
        ("acme/d run x", "acme/d run x"),
        ('"d" x', '"d" x'),
        ('shop "d" x', 'shop "d" x'),
        ("shop", "shop"),
        ("shop shop", "shop shop"),
        ("x d", "x d"),
        ("deploy2", "deploy2"),
    ],
)
def test_what_is_read(stage: Stage, typed: str, read_as: str) -> None:
    """A word where a verb would stand becomes its command, what follows stays as it is, and nothing else changes."""
    assert read(stage, typed) == read_as


def test_whose_word_counts(stage: Stage) -> None:
    """One's own goes before the channel's, and that before everybody's."""
    assert read(stage, "d") == "run deploy"
    assert read(stage, "d", name="bob") == "run channel"
    assert read(stage, "d", name="bob", place=Place(DEV)) == "run site"
    assert read(stage, "d", name="bob", place=Place(OPS, "17.1")) == "run channel"
    assert read(stage, "here2", place=DM) == "here2", "a channel's word counts in that channel"


def test_a_project_goes_first(stage: Stage) -> None:
    """A word that has become the short name of a project is read as that."""
    keep(stage, ALICE.id, "shop", "run shop", "person")
    assert read(stage, "shop run x") == "shop run x"
    assert read(stage, "shop d") == "shop run deploy"
    assert own_words.meant(stage.kit, ALICE, HERE, "shop") is None


def test_a_word_stands_for_a_command_and_for_no_word(stage: Stage) -> None:
    """Whatever stands in the store, it is looked at once: no word leads to another one, and none to itself."""
    keep(stage, ALICE.id, "a", "b", "person")
    keep(stage, ALICE.id, "b", "a", "person")
    for typed in ("a", "b x"):
        with pytest.raises(NotUnderstood, match="which makes no command here"):
            read(stage, typed)


def test_two_projects_are_no_command(stage: Stage) -> None:
    """A project before a word that names its own is told."""
    with pytest.raises(NotUnderstood, match="`far` is `acme/infra run scale`, which makes no command here"):
        read(stage, "shop far")


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("run say --", "d --dry-run"), ("run say -- x", "d y --dry-run"), ("run say -- x", "d --dryrun"),
        ("run say 'tis", "d x' --dry-run"), ("run say ' x", "d --dry-run y'"), ("run deploy --reason", "d production"),
        ("run deploy --reason planned", "d production"), ('run deploy --reason "planned"', "d production"),
        ("run say '", "d 'a' b"),
    ],
)  # fmt: skip
def test_no_word_takes_in_what_is_typed_behind_it(stage: Stage, kept: str, typed: str) -> None:
    """Whoever types `--dry-run`, or an argument, behind a word that others have made means just that."""
    keep(stage, OPS, "d", kept, "channel")
    with pytest.raises(NotUnderstood, match="would not mean what it says"):
        read(stage, typed, name="bob")


@pytest.mark.parametrize(
    ("kept", "typed"),
    [
        ("run say -- --loud", "d --quiet x"), ("run deploy --reason planned", "d --dry-run production"),
        ("run say don't", "d it's"), ("run deploy --dry-run", "d production"), ("run say x", 'd "a b" --reason "c d"'),
    ],
)  # fmt: skip
def test_what_means_the_same_goes_along(stage: Stage, kept: str, typed: str) -> None:
    """Options of the job behind a bare `--`, apostrophes, and reasons of one's own."""
    keep(stage, OPS, "d", kept, "channel")
    assert read(stage, typed, name="bob") == f"{kept} {typed[2:]}"


def test_what_a_word_stands_for_is_told(stage: Stage) -> None:
    """The echo names the word and its command; words that cannot be read have none."""
    echo = own_words.echo(stage.kit, VERBS, "D x", ALICE, HERE)
    assert echo == "D is run deploy"
    assert own_words.echo(stage.kit, VERBS, "run d", ALICE, HERE) == ""
    assert own_words.echo(stage.kit, VERBS, 'd "x', ALICE, HERE) == ""


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\"'&<`")))
def test_what_follows_stays_as_it_was(stage: Stage, more: str) -> None:
    """However odd, what is typed after a word follows its command, cleaned as ever and otherwise unchanged."""
    plain = words.read(f"run deploy {more}", VERBS)
    line = words.read(f"d {more}", VERBS)
    assert own_words.expanded(stage.kit, VERBS, line, ALICE, HERE) == plain
