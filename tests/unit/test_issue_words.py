"""What somebody types after `issue`: what to do, with which issue, which messages, which labels."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import words
from bot.command import Request
from bot.errors import NotUnderstood
from bot.issues import typed
from bot.issues.typed import Given, Quoted
from bot.model import Person, Place

VERBS = frozenset({"issue"})
HOME = "https://gitlab.example.com"


def request(text: str) -> Request:
    line = words.read(text, VERBS)
    return Request(
        "k", Person("T", "U"), "alice", Place("C"), line.words, line, "issue", line.project, "/gitlab "
    )


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("issue create Basket", "create"), ("issue new Basket", "create"), ("issue CLOSE 4", "close"),
        ("issue label #4 +bug", "label"), ("shop issue show 4", "show"),
    ],
)  # fmt: skip
def test_what_is_to_be_done(text: str, act: str) -> None:
    """Each act by its word, in whatever case."""
    assert typed.act_of(request(text), HOME) == act


@pytest.mark.parametrize(
    ("text", "suggestions"),
    [
        ("issue crate Basket", ("issue create",)), ("issue closed 4", ("issue close",)),
        ("issue 4", ("issue show 4",)), ("issue shop#4", ("issue show shop#4",)), ("issue xyzzy", ()),
    ],
)  # fmt: skip
def test_what_is_no_act_is_told(text: str, suggestions: tuple[str, ...]) -> None:
    """With what is near, which is understood when it is typed."""
    with pytest.raises(NotUnderstood, match="issue") as caught:
        typed.act_of(request(text), HOME)
    assert caught.value.suggestions == suggestions
    for line in suggestions:
        typed.act_of(request(line), HOME)


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("issue show", Given()),
        ("issue show 4", Given(4)),
        ("issue show #4", Given(4)),
        ("issue show shop#4", Given(4, "shop")),
        ("issue show acme/shop#4", Given(4, "acme/shop")),
        (f"issue show {HOME}/acme/shop/-/issues/4#note_1", Given(4, "acme/shop")),
        (f"issue show {HOME}/acme/shop/-/issues/incident/4", Given(4, "acme/shop")),
        (f"issue show <{HOME}/acme/shop/-/work_items/4>", Given(4, "acme/shop")),
        ("issue comment #4 Look here", Given(4, rest="Look here")),
        ("issue comment 4 people saw it", Given(4, rest="people saw it", plain=True)),
        ("issue comment 4\npeople saw it", Given(4, rest="people saw it")),
        ("issue comment Look\nhere", Given(rest="Look\nhere")),
        ('issue comment "4" people', Given(rest='"4" people')),
        ("issue show https://evil.example/acme/shop/-/issues/4",
         Given(rest="https://evil.example/acme/shop/-/issues/4")),
        ("issue close 12345678901", Given(rest="12345678901")),
    ],
)  # fmt: skip
def test_which_issue_is_named(text: str, given: Given) -> None:
    """By number, with its project, or by the address of its page; what follows keeps its lines."""
    assert typed.given(request(text), HOME) == given


@pytest.mark.parametrize(
    ("text", "rest", "quoted"),
    [
        ("Basket from last 5", "Basket", Quoted(5)),
        ("Basket FROM the Last 1 message", "Basket", Quoted(1)),
        ("Basket\nIt is empty\nfrom last 12 messages", "Basket\nIt is empty", Quoted(12)),
        ("Basket from <@U0BOB00001> last 3", "Basket", Quoted(3, "<@U0BOB00001>")),
        ("Basket from @bob last 3", "Basket", Quoted(3, "@bob")),
        ("from last 5", "", Quoted(5)),
        ("Basket from last", "Basket from last", None),
        ("Errors from last 7 days", "Errors from last 7 days", None),
        ('"Restore from last 2"', '"Restore from last 2"', None),
        ("Basketfrom last 5", "Basketfrom last 5", None),
    ],
)  # fmt: skip
def test_from_last_is_read_at_the_end(text: str, rest: str, quoted: Quoted | None) -> None:
    """Only there, and only as a whole."""
    assert typed.with_quote(text) == (rest, quoted)


@given(st.text(max_size=60), st.integers(1, 999))
def test_from_last_takes_nothing_else_away(text: str, count: int) -> None:
    """What stands before it is the text, but for blanks at its end."""
    rest, quoted = typed.with_quote(f"{text} from last {count}")
    assert rest == text.rstrip()
    assert quoted == Quoted(count)


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("", Quoted()), ("last 5", Quoted(5)), ("from last 5", Quoted(5)), ("from @bob", Quoted(None, "@bob")),
        ("from me last 2 messages", Quoted(2, "me")), ("from <@U1A> from the last 9", Quoted(9, "<@U1A>")),
    ],
)  # fmt: skip
def test_which_messages_are_added(text: str, quoted: Quoted) -> None:
    """Of whom, and how many; both may be left out."""
    assert typed.quote_alone(text) == quoted


@pytest.mark.parametrize("text", ["the whole story", "last", "from", "5", "last -1", "from bob last 2"])
def test_what_names_no_messages_is_told(text: str) -> None:
    """With the form that works."""
    with pytest.raises(NotUnderstood, match="issue add #4 from @bob last 10"):
        typed.quote_alone(text)


@pytest.mark.parametrize(("count", "said", "offer"), [(0, "fewest", 1), (5_000, "at most 1000", 1_000)])
def test_numbers_of_messages_that_cannot_be(count: int, said: str, offer: int) -> None:
    """The nearest that can be is offered."""
    with pytest.raises(NotUnderstood, match=said) as caught:
        typed.check_count(count, "issue add #4")
    assert caught.value.suggestions == (f"issue add #4 last {offer}",)


@pytest.mark.parametrize(
    ("text", "title", "rest"),
    [
        ("Basket", "Basket", ""),
        ("  Basket  \n\n  It is\n empty \n", "Basket", "  It is\n empty"),
        ('"Basket from last 2"\nIt is empty', "Basket from last 2", "It is empty"),
        ("'Basket'", "Basket", ""),
        ('"a" and "b"', '"a" and "b"', ""),
        ('""', '""', ""),
        ("", "", ""),
    ],
)  # fmt: skip
def test_the_first_line_is_the_title(text: str, title: str, rest: str) -> None:
    """Without quotes around all of it; the other lines keep their indentation."""
    assert typed.titled(text) == (title, rest)


@pytest.mark.parametrize(
    ("text", "on", "off"),
    [
        ("+bug", ("bug",), ()), ("bug urgent", ("bug", "urgent"), ()), ("+bug, -urgent", ("bug",), ("urgent",)),
        ('+"needs triage" "-old thing"', ("needs triage",), ("old thing",)), ("~bug -~urgent", ("bug",), ("urgent",)),
        ("type::bug -type::task", ("type::bug",), ("type::task",)), ("+bug bug", ("bug",), ()),
        ("+bug -bug", (), ("bug",)), ("+ -", (), ()), ("", (), ()),
    ],
)  # fmt: skip
def test_changes_of_labels(text: str, on: tuple[str, ...], off: tuple[str, ...]) -> None:
    """With a sign, in quotes where there are blanks, with GitLab's own mark or without."""
    assert typed.label_changes(text) == (on, off)


@pytest.mark.parametrize(
    ("text", "bare"), [("-- --dry run", "--dry run"), ("--", ""), ("a -- b", "a -- b"), ("  hi ", "hi")]
)
def test_text_behind_two_dashes_is_text(text: str, bare: str) -> None:
    """The dashes go, and nothing else."""
    assert typed.bare(text) == bare


@pytest.mark.parametrize(
    ("typed_after", "seen"),
    [
        ("close #4", ("", "close #4")),
        ("close", ("", "close #?")),
        ("CLOSE shop#4", ("shop", "close #4")),
        ("label 4 +bug", ("", "label #4 +bug")),
        ("label +bug", ("", "label #? +bug")),
        ("new 4 baskets\nlost", ("", "create 4 baskets")),
        ("comment #4\nIt is so", ("", "comment #4 It is so")),
        ("frobnicate", ("", "frobnicate #?")),
    ],
)
def test_what_rules_see(typed_after: str, seen: tuple[str, str]) -> None:
    """The same words as when it is done: the act, the number, and what follows."""
    line = words.read(f"issue {typed_after}", {"issue": "issue"})
    assert typed.for_rules(line, HOME) == seen
