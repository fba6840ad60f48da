"""What somebody types to make a project, and what can be said of it before GitLab is asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import words
from bot.command import Request
from bot.errors import NotUnderstood
from bot.jobs import founding
from bot.model import Person, Place
from bot.namespaces import VISIBILITIES, Plan

VERBS = frozenset({"project"})


def request(text: str) -> Request:
    line = words.read(text, VERBS)
    return Request(
        "k", Person("T", "U"), "alice", Place("C"), line.words, line, "project", line.project, "/gitlab "
    )


@pytest.mark.parametrize(
    ("text", "plan", "whole"),
    [
        ("project create", Plan(""), False),
        ("project create depot", Plan("depot"), False),
        ("project create The New Depot", Plan("The New Depot"), False),
        ("project create depot in acme", Plan("depot", "acme"), False),
        ("project create depot in acme/tools private", Plan("depot", "acme/tools", "private"), True),
        ("project create depot private", Plan("depot", "", "private"), True),
        ("project create depot in acme Internal with README", Plan("depot", "acme", "internal", "", True), True),
        ("project create depot public with readme", Plan("depot", "", "public", "", True), True),
        ("project create depot in acme private\nAll that is in stock\nand more",
         Plan("depot", "acme", "private", "All that is in stock\nand more"), True),
        ('project create "shop in a box" in acme private', Plan("shop in a box", "acme", "private"), True),
        ('project create shop "in" acme', Plan("shop in acme"), False),
        ("project create trade in goods in acme private", Plan("trade in goods", "acme", "private"), True),
        ("project create depot in /acme/ private", Plan("depot", "acme", "private"), True),
        ("project create depot with readme", Plan("depot", "", "", "", True), False),
    ],
)  # fmt: skip
def test_what_is_typed_becomes_a_plan(text: str, plan: Plan, whole: bool) -> None:
    """Name, group, who may see it, README and description; it says enough once it says who may see it."""
    assert founding.typed(request(text)) == founding.Told(plan, whole)


@pytest.mark.parametrize(
    "text", ["project create depot in acme secret", "project create depot in acme private public"]
)
def test_a_word_nobody_knows_is_not_guessed(text: str) -> None:
    """The answer shows the form that works."""
    with pytest.raises(NotUnderstood, match="Type it as"):
        founding.typed(request(text))


names = st.from_regex(r"\w[\w .+-]{0,30}", fullmatch=True).map(str.strip).filter(bool)


@given(names, st.sampled_from(["", "acme", "acme/tools"]), st.sampled_from(VISIBILITIES), st.booleans())
def test_the_line_under_a_form_says_the_same(name: str, group: str, visibility: str, readme: bool) -> None:
    """Typed, the line in the form's footer gives the plan of the form."""
    name = " ".join(words.clean(name).split())
    plan = Plan(name, group, visibility, "", readme)
    if name and not set(name.split()) & {"in", "with", *VISIBILITIES}:
        assert founding.typed(request(founding.line(plan))) == founding.Told(plan, True)


@pytest.mark.parametrize(
    ("plan", "field"),
    [
        (Plan(""), "name"), (Plan("x" * 256), "name"), (Plan("-x"), "name"), (Plan("a/b"), "name"),
        (Plan("x", description="y" * 2_001), "description"), (Plan("x", visibility="secret"), "visibility"),
    ],
)  # fmt: skip
def test_mistakes_stand_at_their_field(plan: Plan, field: str) -> None:
    """In a sentence of plain text."""
    assert list(founding.mistakes(plan)) == [field]


@pytest.mark.parametrize("name", ["depot", "Das Öl_Lager", "3d", "shop 🛒", "a.b+c-d"])
def test_names_gitlab_takes(name: str) -> None:
    """Letters of any script, digits, emoji and a few signs."""
    assert founding.mistakes(Plan(name)) == {}


def test_all_mistakes_are_told_at_once() -> None:
    """Nobody corrects one to meet the next."""
    assert set(founding.mistakes(Plan("", visibility="x", description="y" * 3_000))) == {
        "name", "visibility", "description"
    }  # fmt: skip


def test_a_plan_is_kept_with_its_form() -> None:
    """What was kept is what comes back."""
    plan = Plan("depot", "acme", "private", "All of it", True)
    assert founding.load(founding.dump(plan)) == plan


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("The New Shop", "the-new-shop"), ("Depot_2", "Depot_2"), ("Straße 7", "strasse-7"), ("Øl & Brød", "ol-brod"),
        ("shop \U0001f6d2 one", "shop-one"), ("a\u2615b", "a-b"), ("shop.git", "shop-git"), ("_x.", "x"),
        ("a__b", "a-b"),
        ("\u0441\u043a\u043b\u0430\u0434", ""),
    ],
)  # fmt: skip
def test_the_path_of_a_new_project_is_known_before(name: str, path: str) -> None:
    """What is sent is what is looked for when GitLab's answer is lost, and what rules are asked about."""
    assert founding.slug(name) == path
