"""What is said beside a command is taken out of it, and everything else reaches the job exactly as it was typed."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot import asides
from bot.deeds import Permit
from bot.errors import NotUnderstood
from bot.words import Line, parsed

VERBS = frozenset({"run", "again"})
OPTIONS = ("--dry-run", "--reason", "--override")
#: Letters that mean something to the tokenizer or to options, among some that do not.
TEXTS = st.text(alphabet=st.sampled_from("ab= \n\t\"'\\`<>&-é–"), max_size=60)
#: Words that mean nothing to anybody but the job.
WORDS = st.lists(
    st.text(alphabet="abcé=5-", min_size=1, max_size=8).filter(lambda word: word[0] in "abcé"), max_size=6
)


def typed(text: str) -> Line:
    return parsed(f"run {text}".strip(), VERBS)


def readable(text: str) -> Line:
    """The line of this text; what cannot be read at all is not looked at here."""
    try:
        return typed(text)
    except NotUnderstood:
        assume(False)
        raise


def ends_at_once(line: Line) -> bool:
    """Whether two dashes stand right behind the first word, where they are for us."""
    return len(line.words) > 1 and line.words[1].text == "--" and not line.words[1].quoted


@given(TEXTS)
def test_what_is_no_option_is_left_exactly_as_typed(text: str) -> None:
    """Blanks, quotes, other options and all."""
    line = readable(text)
    assert not any(option in text for option in OPTIONS)
    assume(not ends_at_once(line))
    assert asides.read(line, VERBS) == (line, Permit())


@given(TEXTS, st.sampled_from(OPTIONS), TEXTS)
def test_what_stands_behind_two_dashes_is_the_job_s(before: str, option: str, after: str) -> None:
    """Nothing of it is taken away; the dashes are, where they stand right behind the job."""
    line = readable(f"{before} -- {option} {after}")
    assume(any(word.text == "--" and not word.quoted for word in line.words))
    left, permit = asides.read(line, VERBS)
    assert permit == Permit()
    gone = 1 if ends_at_once(line) else 0
    assert left.after(1) == line.after(1 + gone)
    assert left.after(0).startswith(line.words[0].text) or line.words[0].quoted


@given(TEXTS, WORDS)
def test_a_reason_at_the_end_leaves_the_rest_as_typed(text: str, why: list[str]) -> None:
    """What stands before it is what it would have been without it."""
    assume(why)
    alone = readable(text)
    assume(all(word.text != "--" for word in alone.words) and not text.endswith("\\"))
    together = readable(f"{text} --reason {' '.join(why)}")
    assume(together.words[: len(alone.words)] == alone.words)  # A quote that was an apostrophe may now close.
    line, permit = asides.read(together, VERBS)
    assert line.after(0) == alone.after(0)
    assert permit.reason == " ".join(why)


@given(WORDS, WORDS)
def test_a_dry_run_counts_wherever_it_stands(before: list[str], after: list[str]) -> None:
    """The words around it are the same words."""
    without = readable(" ".join([*before, *after]))
    line, permit = asides.read(readable(" ".join([*before, "--dry-run", *after])), VERBS)
    assert [word.text for word in line.words] == [word.text for word in without.words]
    assert permit == Permit(dry_run=True)


@pytest.mark.parametrize(
    ("text", "left", "permit"),
    [
        ("deploy --reason fixes the  checkout", "deploy", Permit(reason="fixes the  checkout")),
        ('deploy --reason "fixes it"', "deploy", Permit(reason="fixes it")),
        ('deploy --reason="fixes it"', "deploy", Permit(reason="fixes it")),
        ("deploy --reason=because of it", "deploy", Permit(reason="because of it")),
        (
            "deploy a  b --override it burns --dry-run",
            "deploy a  b",
            Permit(override="it burns", dry_run=True),
        ),
        ("--reason x --override y", "", Permit(reason="x", override="y")),
        ("deploy --reason one --reason two", "deploy", Permit(reason="two")),
        ("--dry-run deploy", "deploy", Permit(dry_run=True)),
        ("deploy --reason why -- --reason mine", "deploy --reason mine", Permit(reason="why")),
        ("deploy -- --dry-run  -- x", "deploy --dry-run  -- x", Permit()),
        ("deploy x -- --dry-run", "deploy x -- --dry-run", Permit()),
        ("-- --dry-run", "-- --dry-run", Permit()),
        ('deploy "--" --dry-run', 'deploy "--"', Permit(dry_run=True)),
        ('deploy "--dry-run"', 'deploy "--dry-run"', Permit()),
        ('deploy "--reason=mine"', 'deploy "--reason=mine"', Permit()),
        ("deploy '--override=mine'", "deploy '--override=mine'", Permit()),
        ('deploy "say --reason here"', 'deploy "say --reason here"', Permit()),
        ("deploy --dry-run=yes --reasons", "deploy --dry-run=yes --reasons", Permit()),
        ("deploy --DRY-RUN", "deploy --DRY-RUN", Permit()),
    ],
)
def test_what_is_read(text: str, left: str, permit: Permit) -> None:
    """Each way to say it, and what only looks like it."""
    line, said = asides.read(typed(text), VERBS)
    assert (line.after(0), said) == (left, permit)


@pytest.mark.parametrize(
    "text", ["deploy --reason", "--override", "x --reason --dry-run", 'x --reason ""', "x --reason="]
)
def test_a_reason_without_words_is_asked_for(text: str) -> None:
    """Nobody approves or overrides for nothing."""
    with pytest.raises(NotUnderstood, match=r'Say why: `--(reason|override) "the reason"`'):
        asides.read(typed(text), VERBS)


def test_a_project_and_its_verb_stay() -> None:
    """What stands before the verb is not looked at."""
    line, permit = asides.read(parsed("acme/shop RUN x --dry-run", VERBS), VERBS)
    assert (line.project, line.verb, line.after(0), permit.dry_run) == ("acme/shop", "run", "x", True)


def test_a_long_reason_is_cut() -> None:
    """It has to fit on a card."""
    _, permit = asides.read(typed(f"x --reason {'y' * 900}"), VERBS)
    assert permit.reason == "y" * asides.MOST
