"""What somebody types after `mr`."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import words
from bot.command import Request
from bot.errors import BotError, NotUnderstood
from bot.model import Person, Place
from bot.reviews.typed import Given, Typed, how_merged, named, nothing_more, typed

HOME = "https://gitlab.example.com"
PAGE = f"{HOME}/acme/shop/-/merge_requests/7"
VERBS = frozenset({"mr"})


def request(text: str) -> Request:
    line = words.read(text, VERBS)
    return Request(
        "k", Person("T", "U"), "alice", Place("C"), line.words, line, "mr", line.project, "/gitlab "
    )


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("mr", Typed("list", None)),
        ("mr list", Typed("list", None)),
        ("mr list review pool size", Typed("list", None, ("review", "pool", "size"))),
        ("mr mine", Typed("list", None, ("mine",))),
        ("mr !7", Typed("show", Given(7))),
        ("mr 7", Typed("show", Given(7))),
        ("mr show !7", Typed("show", Given(7))),
        ("mr SHOW acme/shop!7", Typed("show", Given(7, "acme/shop"))),
        ("mr shop!7", Typed("show", Given(7, "shop"))),
        (f"mr {PAGE}", Typed("show", Given(7, "acme/shop"))),
        (f"mr <{PAGE}#note_12>", Typed("show", Given(7, "acme/shop"))),
        (f"mr approve {PAGE}/diffs", Typed("approve", Given(7, "acme/shop"))),
        ("mr approve", Typed("approve", None)),
        ("mr merge !7 squash when passes", Typed("merge", Given(7), ("squash", "when", "passes"))),
        ("mr merge squash", Typed("merge", None, ("squash",))),
    ],
)
def test_what_is_meant(text: str, meant: Typed) -> None:
    """The word, the merge request, and what stands behind it."""
    assert typed(request(text), HOME) == meant


@pytest.mark.parametrize(
    "text", ["https://elsewhere.example/acme/shop/-/merge_requests/7", f"{HOME}/acme/shop/-/issues/7", "!", "!x",
             "!12345678901", "acme/shop#7", "!7!8", ""]
)  # fmt: skip
def test_what_names_no_merge_request(text: str) -> None:
    """Another GitLab's, an issue's, and what is no number."""
    assert named(text, HOME) is None


@pytest.mark.parametrize(
    ("rest", "how"),
    [
        ("", (False, False)),
        ("squash", (True, False)),
        ("when passes", (False, True)),
        ("when its pipeline passes squash", (True, True)),
        ("once ready", (False, True)),
    ],
)
def test_how_it_is_merged(rest: str, how: tuple[bool, bool]) -> None:
    """Now or later, and as one commit or not."""
    assert how_merged(request("mr merge !7"), tuple(rest.split())) == how


@pytest.mark.parametrize("rest", ["now", "squash it", "passes", "when hell freezes", "please"])
def test_words_nobody_knows_merge_nothing(rest: str) -> None:
    """They are told, with the form that works."""
    with pytest.raises(NotUnderstood, match="mr merge !7"):
        how_merged(request("mr merge !7"), tuple(rest.split()))


@pytest.mark.parametrize(
    ("text", "near"), [("mr aprove !7", "mr approve !7"), ("shop mr marge", "shop mr merge")]
)
def test_a_slip_is_not_done_but_suggested(text: str, near: str) -> None:
    """What is suggested is understood."""
    with pytest.raises(NotUnderstood, match="nothing I know") as caught:
        typed(request(text), HOME)
    assert caught.value.suggestions[0] == near
    assert words.read(near, VERBS).verb == "mr"


@pytest.mark.parametrize(("text", "near"), [("mr approve !7 now", ("mr approve !7",)), ("mr show pool", ())])
def test_what_stands_behind_is_not_ignored(text: str, near: tuple[str, ...]) -> None:
    """Nobody approves what they did not mean to."""
    one = request(text)
    with pytest.raises(NotUnderstood) as caught:
        nothing_more(one, typed(one, HOME))
    assert caught.value.suggestions == near


@given(st.text(max_size=60))
def test_any_text_is_read_or_answered(text: str) -> None:
    """With a sentence at most, and never with a bug."""
    with suppress(BotError):
        one = request(f"mr {text}")
        meant = typed(one, HOME)
        how_merged(one, meant.rest)


@given(
    st.integers(1, 999_999_999),
    st.from_regex(r"[a-z][a-z0-9-]{0,9}(/[a-z][a-z0-9-]{0,9}){1,3}", fullmatch=True),
)
def test_a_reference_is_read_as_it_is_written(number: int, project: str) -> None:
    """As a list offers it, and as GitLab's address has it."""
    assert named(f"{project}!{number}", HOME) == Given(number, project)
    assert named(f"{HOME}/{project}/-/merge_requests/{number}", HOME) == Given(number, project)
