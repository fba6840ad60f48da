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
        ("deploy --reasonable --verbose", "deploy --reasonable --verbose", Permit()),
        ("deploy dry-run -- --DRY-RUN", "deploy dry-run -- --DRY-RUN", Permit()),
        ('deploy "--dry-run=yes"', 'deploy "--dry-run=yes"', Permit()),
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


NEAR = (
    "--dry-run=true", "--dry-run=false", "--DRY-RUN", "--Dry-Run", "--dryrun", "--dry_run", "--dry", "-dry-run",
    "--dyr-run",
    "--dr-run", "--dry-runs", "--dry-run:", "--dry-run,", "--no-dry-run", "--dry‑run", "−−dry-run", "―dry-run",
    "–-dryrun",
    '--dry-run="yes"', "--ｄｒｙ-run", "--dry-run-only",
)  # fmt: skip
NEARLY_SAID = (
    "--Reason=x",
    "--resaon",
    "--reasons",
    "--reson",
    "-reason",
    "--overide",
    "--over-ride",
    "--OVERRIDE",
)
ORDINARY = (
    "--verbose", "--region=eu", "--reasonable", "--season", "--rerun", "--drain", "--run", "--draft", "--remote",
    "--dir=run",
    "--overwrite", "--version", "-v", "-d", "-5", "-", "---", "--=", "--force", "--tag", "--trace", "dryrun", "dry-run",
    "a--dryrun", "--day", "--dry-cleaning", "--no-run",
)  # fmt: skip


@pytest.mark.parametrize(("word", "meant"), [
    *((word, "--dry-run") for word in NEAR),
    *((word, "--reason" if "s" in word.lower() else "--override") for word in NEARLY_SAID[:5]),
    *((word, "--override") for word in NEARLY_SAID[5:]),
])  # fmt: skip
def test_what_is_nearly_an_option_is_refused(word: str, meant: str) -> None:
    """Nothing starts for real by a slip; the sentence says what was typed, what is meant, and how the job gets it."""
    for text in (f"deploy {word}", f"deploy {word} x", f"deploy --reason why {word}"):
        with pytest.raises(NotUnderstood) as refused:
            asides.read(typed(text), VERBS)
        assert f"`{word}`, which is nearly `{meant}`" in str(refused.value)
        assert f"`-- {word}`" in str(refused.value)
    line, permit = asides.read(typed(f"deploy -- {word}"), VERBS)
    assert (line.after(0), permit) == (f"deploy {word}", Permit())
    if '"' not in word:
        assert asides.read(typed(f"deploy '{word}'"), VERBS)[1] == Permit()


@pytest.mark.parametrize("word", ORDINARY)
def test_ordinary_options_are_the_job_s(word: str) -> None:
    """What only resembles one of the three is not asked about."""
    line, permit = asides.read(typed(f"deploy {word} x"), VERBS)
    assert (line.after(0), permit) == (f"deploy {word} x", Permit())


@given(st.data())
def test_one_slip_in_a_dry_run_never_runs(data: st.DataObject) -> None:
    """Whatever letter is wrong, missing, doubled or swapped, and however it is dashed and written."""
    letters = list("dryrun")
    at = data.draw(st.integers(0, 4))
    slip = data.draw(st.sampled_from(["none", "drop", "double", "swap", "other"]))
    if slip == "swap":
        letters[at], letters[at + 1] = letters[at + 1], letters[at]
    elif slip != "none":
        letters[at : at + 1] = {"drop": [], "double": [letters[at]] * 2, "other": ["x"]}[slip]
    dashed = data.draw(st.sampled_from(["", "-", "_", "--"])).join(
        ["".join(letters[:3]), "".join(letters[3:])]
    )
    cased = "".join(data.draw(st.sampled_from([one.lower(), one.upper()])) for one in dashed)
    word = (
        data.draw(st.sampled_from(["-", "--", "---"]))
        + cased
        + data.draw(st.sampled_from(["", "=true", "=0"]))
    )
    assume(word != "--dry-run")
    with pytest.raises(NotUnderstood, match="nearly `--dry-run`"):
        asides.read(typed(f"deploy {word}"), VERBS)


@given(st.text(max_size=12))
def test_whatever_stands_behind_dashes_is_an_option_or_not(text: str) -> None:
    """Any text gives one of the three or nothing."""
    assert asides.near(f"--{text}") in {"", *OPTIONS}


def test_a_project_and_its_verb_stay() -> None:
    """What stands before the verb is not looked at."""
    line, permit = asides.read(parsed("acme/shop RUN x --dry-run", VERBS), VERBS)
    assert (line.project, line.verb, line.after(0), permit.dry_run) == ("acme/shop", "run", "x", True)


def test_a_long_reason_is_cut() -> None:
    """It has to fit on a card."""
    _, permit = asides.read(typed(f"x --reason {'y' * 900}"), VERBS)
    assert permit.reason == "y" * asides.MOST
