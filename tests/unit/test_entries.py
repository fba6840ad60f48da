"""Inputs as fields of a form, and back: what a form sends is what the same typed line gives."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bot import words
from bot.catalogues import Entry, Input, InputRule, Kind
from bot.errors import NotUnderstood
from bot.jobs import entries, inputs
from bot.jobs.entries import MOST_FIELDS, MOST_TYPED, block

STAMP = "c0ffee"
MANY = tuple(f"shop-{number}" for number in range(120))
LONG = "x" * (MOST_TYPED + 1)


def drawn(*declared: Input, **texts: str) -> list[Entry]:
    return list(entries.entries(STAMP, declared, texts))


def one(declared: Input, given_text: str | None = None) -> Entry:
    (found,) = drawn(declared, **({} if given_text is None else {declared.name: given_text}))
    return found


def sent(declared: Input, value: str) -> dict[str, str]:
    """What comes back of the only field of a form."""
    return entries.texts(STAMP, (declared,), {block(STAMP, 0, 0): value})


@pytest.mark.parametrize(
    ("declared", "kind"),
    [
        (Input("x", "boolean"), Kind.YES_NO),
        (Input("x", "number"), Kind.NUMBER),
        (Input("x"), Kind.TEXT),
        (Input("x", regex="^a$"), Kind.TEXT),
        (Input("x", default="a\nb"), Kind.LINES),
        (Input("x", "array"), Kind.LIST),
        (Input("x", options=("a", "b")), Kind.OPTIONS),
        (Input("x", "number", options=("1", "2")), Kind.OPTIONS),
        (Input("x", options=MANY), Kind.MANY),
        (Input("x", options=("a", "b" * 76)), Kind.TEXT),
        (Input("x", options=("a", "")), Kind.TEXT),
        (Input("x", "array", options=("a", "b")), Kind.BOXES),
        (Input("x", "array", options=MANY), Kind.LIST),
        (Input("x", "environment"), Kind.TEXT),
    ],
)
def test_each_input_has_its_kind_of_field(declared: Input, kind: Kind) -> None:
    """By its type and its options; what Slack cannot show whole is typed."""
    assert one(declared).kind is kind


@pytest.mark.parametrize(
    ("declared", "value"),
    [
        (Input("x", "boolean", default=True), "true"),
        (Input("x", "number", default=2.5), "2.5"),
        (Input("x", default="some words"), "some words"),
        (Input("x", "array", default=("a", "b c")), "a\nb c"),
        (Input("x", "array", default=("a,b",)), '["a,b"]'),
        (Input("x", "array", default=(1, {"a": 2})), '[1, {"a": 2}]'),
        (Input("x", "array", default=()), ""),
        (Input("x", options=("a", "b"), default="b"), "b"),
    ],
)
def test_a_default_stands_in_its_field_and_is_not_sent(declared: Input, value: str) -> None:
    """It is GitLab's to fill in, so that a later one counts."""
    field = one(declared)
    assert (field.value, field.required) == (value, False)
    assert sent(declared, field.value) == {}


@pytest.mark.parametrize("kind", ["string", "number", "boolean", "array"])
def test_what_has_no_default_has_to_be_given(kind: str) -> None:
    """Slack does not let the form be sent without."""
    assert one(Input("x", kind, required=True)).required


@pytest.mark.parametrize(
    ("declared", "typed", "value"),
    [
        (Input("x", "boolean"), "Yes", "true"),
        (Input("x", "array"), "a, b", "a\nb"),
        (Input("x", "array"), "[1", "[1"),
        (Input("x"), 'say "hi"', 'say "hi"'),
    ],
)
def test_what_was_typed_stands_in_its_field(declared: Input, typed: str, value: str) -> None:
    """As far as it can."""
    assert one(declared, typed).value == value


@pytest.mark.parametrize(
    ("declared", "typed"),
    [
        (Input("x", "number", default=2), "many"),
        (Input("x", "boolean", default=True), "perhaps"),
        (Input("x", options=("a", "b"), default="a"), "c"),
    ],
)
def test_what_cannot_stand_in_a_field_is_said_beside_it(declared: Input, typed: str) -> None:
    """Slack refuses a whole form for it; and it has to be given anew, or a default would slip in its place."""
    field = one(declared, typed)
    assert (field.value, field.required) == ("", True)
    assert f"It was {typed}." in field.hint


def test_a_default_that_is_too_long_stays_what_it_is() -> None:
    """Its field is empty, says so, and sends nothing."""
    declared = Input("x", default=LONG)
    field = one(declared)
    assert field.value == ""
    assert "Left empty it is its default, 3001 characters" in field.hint
    assert sent(declared, "") == {}
    assert sent(declared, "short") == {"x": "short"}


def test_hints_say_what_is_taken() -> None:
    """The description, the pattern, the options that are typed, and what an empty field means."""
    assert one(Input("x", description="A tag", regex="^v")).hint == "A tag. Of the form ^v."
    assert "One of: a, bbb" in one(Input("x", options=("a", "b" * 76))).hint
    assert "Left empty it is 2." in one(Input("x", "number", default=2)).hint
    assert one(Input("x", "array")).hint == "One a line, or JSON such as [1, 2]."


@pytest.mark.parametrize(
    ("declared", "value", "text"),
    [
        (Input("x", default="a"), "", {"x": ""}),
        (Input("x", "array", default=("a",)), "", {"x": ""}),
        (Input("x", "number", default=2), "", {}),
        (Input("x", required=True), "", {}),
        (Input("x", "array"), "a\nb", {"x": "a,b"}),
        (Input("x", "array"), "a, b\nc", {"x": '["a, b", "c"]'}),
        (Input("x", "array"), "a,b", {"x": "a,b"}),
        (Input("x", "array", options=("a", "b,c")), "b,c", {"x": '["b,c"]'}),
        (Input("x"), "“quoted”\r\nand on", {"x": '"quoted"\nand on'}),
    ],
)
def test_a_field_is_read_as_it_would_be_typed(declared: Input, value: str, text: dict[str, str]) -> None:
    """Lines are a list, an emptied text is an empty text, an emptied number its default."""
    assert sent(declared, value) == text


# Rules ------------------------------------------------------------------------------------------------------

CLOUD = Input("cloud", options=("aws", "own"), default="aws")
MACHINE = Input(
    "machine",
    rules=(
        InputRule('$[[ inputs.cloud ]] == "aws"', ("small", "big"), "small"),
        InputRule('$[[ inputs.cloud ]] == "own"'),
    ),
)
HIDDEN = Input("more", rules=(InputRule('$[[ inputs.cloud ]] == "own"', default="x"),))


def test_a_field_of_other_options_is_another_field() -> None:
    """Its block has another id, or Slack would keep what is picked; one that nobody gives is not there."""
    cloud, aws = drawn(CLOUD, MACHINE, HIDDEN)
    _, own, more = drawn(CLOUD, MACHINE, HIDDEN, cloud="own")
    assert (aws.kind, own.kind) == (Kind.OPTIONS, Kind.TEXT)
    assert aws.id != own.id
    assert (cloud.leads, aws.leads, own.required, more.value) == (True, False, True, "x")


@pytest.mark.parametrize(("chosen", "kept"), [("small", {}), ("big", {})])
def test_what_stood_in_a_field_before_is_not_taken_for_its_new_self(
    chosen: str, kept: dict[str, str]
) -> None:
    """What nobody put there, and what does not fit, is left out when another rule holds."""
    machine = Input("machine", rules=(*MACHINE.rules[:1], InputRule(options=("x", "y"), default="x")))
    values = {block(STAMP, 0, 0): "own", block(STAMP, 1, 1): chosen}
    assert entries.texts(STAMP, (CLOUD, machine), values) == {"cloud": "own", **kept}


def test_what_still_fits_is_kept() -> None:
    """A text counts under the next rule as well, if that takes it; an option is no free text."""
    values = {block(STAMP, 0, 0): "aws", block(STAMP, 1, 2): "big"}
    assert entries.texts(STAMP, (CLOUD, MACHINE), values) == {"machine": "big"}
    values = {block(STAMP, 0, 0): "own", block(STAMP, 1, 1): "big"}
    assert entries.texts(STAMP, (CLOUD, MACHINE), values) == {"cloud": "own"}


def test_fields_of_another_definition_are_none_of_this() -> None:
    """Nor are blocks that only look so."""
    ids = (
        "input.other.0.0",
        "input.c0ffee.0",
        "input.c0ffee.x.0",
        "input.c0ffee.9.0",
        "input.c0ffee.0.0.0",
        "text",
        "",
    )
    assert entries.texts(STAMP, (Input("x"),), dict.fromkeys(ids, "v")) == {}
    assert all(entries.options_of(STAMP, (CLOUD,), name) == () for name in ids)
    assert entries.options_of(STAMP, (CLOUD, MACHINE), block(STAMP, 1, 1)) == ("small", "big")


# Limits -----------------------------------------------------------------------------------------------------


def test_a_form_holds_no_more_fields_than_slack_takes() -> None:
    """The others are typed."""
    assert len(drawn(*(Input(f"x{number}") for number in range(200)))) == MOST_FIELDS


def test_too_many_options_are_found_while_somebody_types() -> None:
    """Slack takes no more than 250 kB of a form."""
    options = tuple(f"{number}" + "x" * 70 for number in range(100))
    found = drawn(*(Input(f"x{number}", options=options) for number in range(20)))
    assert {one.kind for one in found} == {Kind.MANY}


# Round trips ------------------------------------------------------------------------------------------------

texts = st.text(alphabet=st.characters(blacklist_categories=["Cs"]), max_size=30) | st.sampled_from(
    [
        "",
        " ",
        "a=b",
        '"',
        "'tis",
        "a\\",
        "--dry-run",
        "x\ny",
        "[1, 2]",
        "[",
        "a,b",
        "$HOME",
        "yes",
        "1.5",
        "-",
        "“a”",
    ]
)
options = st.lists(texts, max_size=4, unique=True).map(tuple)
defaults = {
    "string": texts,
    "number": st.integers(-9, 9) | st.floats(-9, 9).map(lambda one: round(one, 2)),
    "boolean": st.booleans(),
    "array": st.lists(texts | st.integers(0, 9), max_size=3).map(tuple),
}


@st.composite
def declarations(draw: st.DrawFn) -> tuple[Input, ...]:
    """Inputs of every kind, some of which hang on the first."""
    first = Input("lead", options=("one", "two"), default="one")
    made: list[Input] = [first]
    for number in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(sorted(defaults)))
        required = draw(st.booleans())
        default = None if required else draw(defaults[kind])
        some = draw(options) if kind in {"string", "array"} else ()
        regex = draw(st.sampled_from([None, "^[a-z]*$"])) if kind == "string" and not some else None
        rules = (
            InputRule('$[[ inputs.lead ]] == "one"', some, default),
            InputRule('$[[ inputs.lead ]] == "two"', (), default),
        ) if draw(st.booleans()) else ()  # fmt: skip
        made.append(
            Input(f"x-{number}", kind, "What it is", some, regex, default, required and not rules, rules)
        )
    return tuple(made)


def put_in(field: Entry, draw: Any) -> str:
    """Something that Slack lets a person put into a field."""
    match field.kind:
        case Kind.YES_NO:
            return str(draw(st.sampled_from(["true", "false"])))
        case Kind.OPTIONS | Kind.MANY:
            return str(draw(st.sampled_from(field.options)))
        case Kind.BOXES:
            return "\n".join(draw(st.lists(st.sampled_from(field.options), unique=True)))
        case Kind.NUMBER:
            return str(draw(st.integers(-99, 99) | st.floats(-9, 9).map(lambda one: round(one, 3))))
        case Kind.TEXT:
            return str(draw(texts)).replace("\n", " ").replace("\r", " ")
        case _:
            return str(draw(st.lists(texts, max_size=3).map("\n".join)))


@given(declarations(), st.data())
def test_a_form_sends_what_the_same_line_gives(declared: tuple[Input, ...], data: st.DataObject) -> None:
    """The values of a form are those of the line it shows, typed; and each mistake stands at the field it is about."""
    lead = data.draw(st.sampled_from(["one", "two"]))
    fields = entries.entries(STAMP, declared, {"lead": lead})
    values = {
        one.id: put_in(one, data.draw) if data.draw(st.booleans()) else one.value
        for one in fields
        if one.name != "lead"
    } | {fields[0].id: lead}
    found = entries.texts(STAMP, declared, values)
    typed, problems = inputs.read(declared, found)
    line = entries.line(declared, found)
    assume(len(line) <= words.MOST_CHARACTERS)
    assert inputs.named(declared, words.split(line)) == (found, [])
    if not problems:
        assert inputs.arguments(declared, words.split(line)) == typed
    else:
        with pytest.raises(NotUnderstood) as caught:
            inputs.arguments(declared, words.split(line))
        said = entries.fields_of(STAMP, values, declared, problems)
        at = {one.name: one.id for one in fields}
        assert said == {at[name]: problem for name, problem in problems.items()}
        assert all(problem in caught.value.sentence or problem[0] == "`" for problem in problems.values())


@given(declarations())
def test_what_is_left_as_it_is_sends_nothing(declared: tuple[Input, ...]) -> None:
    """A form that somebody only sends starts the job as it is by itself."""
    fields = entries.entries(STAMP, declared, {})
    assert entries.texts(STAMP, declared, {one.id: one.value for one in fields}) == {}


@given(declarations(), st.data())
def test_what_was_sent_stands_in_the_form_the_next_time(
    declared: tuple[Input, ...], data: st.DataObject
) -> None:
    """Filled in with what was sent, and sent as it is, a form sends the same values."""
    fields = entries.entries(STAMP, declared, {})
    first = entries.texts(STAMP, declared, {one.id: put_in(one, data.draw) for one in fields})
    before, problems = inputs.read(declared, first)
    # A comma alone is an empty list, which a field that has to be filled in cannot show.
    assume(not problems and [] not in before.values())
    again = entries.entries(STAMP, declared, first)
    second = entries.texts(STAMP, declared, {one.id: one.value for one in again})
    assert inputs.read(declared, second)[0] == before


@given(st.lists(texts, max_size=4))
def test_any_list_is_read_back(items: list[str]) -> None:
    """As its field shows it, whatever is in it."""
    declared = Input("x", "array", default=tuple(items))
    shown = one(declared).value
    text = entries.texts(STAMP, (Input("x", "array", required=True),), {block(STAMP, 0, 0): shown})
    read = inputs.read([Input("x", "array")], text, dollars=True)[0].get("x", [])
    assume(all(words.filled(item) == item for item in items))
    assert (
        read == items or json.dumps(items) != shown or any(ord(char) < 32 for item in items for char in item)
    )
