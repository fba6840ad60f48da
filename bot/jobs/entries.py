"""Inputs as the fields of a form, and back: what a form sends is what the same typed line gives."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bot import words
from bot.catalogues import Default, Entry, Input, Kind
from bot.jobs import inputs
from bot.jobs.configuration import spoken
from bot.jobs.settled import OPEN, Settled, leaders, settle, under
from bot.model import MOST_OPTIONS

#: Most characters of one text field and of an option as it is read, and most boxes (slack-platform.md 2.1).
MOST_TYPED, OPTION_LABEL, MOST_BOXES = 3_000, 75, 10
#: Fields of one form: it holds 100 blocks, some of which are ours. GitLab takes 20 inputs, and more variables.
MOST_FIELDS = 80
#: Bytes of a form that its options may take, of 250 kB in all, and what Slack wants around each of them.
MOST_OF_OPTIONS, FRAME = 120_000, 80
#: What the ids of these fields begin with.
INPUT = "input"
#: Characters of a description that a hint repeats.
DESCRIPTION_SHOWN = 600
_BLOCK = re.compile(rf"{INPUT}\.(?P<stamp>\w+)\.(?P<number>\d{{1,4}})\.(?P<variant>-?\d{{1,4}})", re.ASCII)
#: Slack tells of a text when Enter is pressed.
_ENTER = " Press Enter here to see what else it takes."
#: Kinds of a list.
_LISTS = frozenset({Kind.LIST, Kind.BOXES})
#: Kinds in which what is left empty may mean an empty text.
_TYPED = frozenset({Kind.TEXT, Kind.LIST, Kind.BOXES})


# To a form --------------------------------------------------------------------------------------------------


def entries(stamp: str, declared: Sequence[Input], texts: Mapping[str, str]) -> tuple[Entry, ...]:
    """
    Return a field for each input that is asked for beside these values, which are texts by name.

    `stamp` stands in the ids of their blocks, so that a field of one definition is none of another.
    """
    lead = leaders(declared)
    found = [
        _entry(block(stamp, n, one.variant), one, texts.get(one.entry.name), leads=one.entry.name in lead)
        for n, one in _numbered(declared, texts)
        if one.asked
    ]
    return tuple(_light(found[:MOST_FIELDS]))


def _light(found: list[Entry]) -> list[Entry]:
    """The same, small enough for one form: of too many options each is found while somebody types."""
    options = [one for entry in found if entry.kind is Kind.OPTIONS for one in entry.options]
    if len(json.dumps([options, options])) + FRAME * len(options) <= MOST_OF_OPTIONS:
        return found
    return [replace(entry, kind=Kind.MANY) if entry.kind is Kind.OPTIONS else entry for entry in found]


def block(stamp: str, number: int, variant: int) -> str:
    """Return the id of a field's block: another one where other options hold, or Slack would keep what is gone."""
    return f"{INPUT}.{stamp}.{number}.{variant}"


def _numbered(declared: Sequence[Input], texts: Mapping[str, str]) -> list[tuple[int, Settled]]:
    return list(enumerate(settle(inputs.asked(declared), inputs.plain(declared, texts))))


def _entry(block_id: str, one: Settled, given: str | None, *, leads: bool) -> Entry:
    entry, kind = one.entry, kind_of(one.entry)
    wanted = written(entry.default, kind) if given is None else _shown(given, kind)
    value = wanted if _stands(entry, kind, wanted) else ""
    refused = given is not None and not value and kind not in _TYPED
    lines = kind is Kind.TEXT and "\n" in value
    return Entry(
        block_id, entry.name, Kind.LINES if lines else kind, _label(entry.name),
        _hint(one, kind, wanted, value) + (_ENTER if leads and kind in {Kind.TEXT, Kind.NUMBER} else ""),
        entry.options, value, required=entry.required or refused, leads=leads,
    )  # fmt: skip


def kind_of(entry: Input) -> Kind:
    """Return how an input is asked for. Options that Slack could not show whole are typed, and checked."""
    kinds = {"boolean": Kind.YES_NO, "number": Kind.NUMBER, "array": Kind.LIST}
    if not entry.options:
        return kinds.get(entry.type, Kind.TEXT)
    shown = all(0 < len(one) <= OPTION_LABEL and _is_line(one) for one in entry.options)
    if entry.type == "array":
        return Kind.BOXES if shown and len(entry.options) <= MOST_BOXES else Kind.LIST
    if not shown:
        return Kind.TEXT
    return Kind.OPTIONS if len(entry.options) <= MOST_OPTIONS else Kind.MANY


def written(default: Default, kind: Kind) -> str:
    """Return a default as it stands in a field."""
    if default is None:
        return ""
    if isinstance(default, tuple):
        return _listed(list(default), kind)
    return _shown(spoken(default), kind)


def _shown(text: str, kind: Kind) -> str:
    """Return a typed value as it stands in a field: `yes` is the button `true`, a list has a line for each."""
    if kind is Kind.YES_NO and text.casefold() in inputs.TRUE | inputs.FALSE:
        return spoken(text.casefold() in inputs.TRUE)
    found = inputs.listed(text) if kind in _LISTS else None
    return text if found is None else _listed(found, kind)


def _listed(values: list[Any], kind: Kind) -> str:
    simple = all(isinstance(one, str) and _is_line(one) for one in values)
    several = len(values) > 1 or kind is Kind.BOXES or not any("," in str(one) for one in values)
    return "\n".join(values) if simple and several else json.dumps(values, ensure_ascii=False, default=str)


def _is_line(text: str) -> bool:
    return bool(text) and text == text.strip() and not text.startswith("[") and len(text.splitlines()) == 1


def _stands(entry: Input, kind: Kind, text: str) -> bool:
    """Tell whether a value can stand in the field at all; Slack refuses a form that holds one that cannot."""
    if kind in {Kind.OPTIONS, Kind.MANY}:
        return text in entry.options
    if kind is Kind.BOXES:
        return set(text.splitlines()) <= set(entry.options)
    if kind is Kind.YES_NO:
        return text in {"true", "false"}
    return inputs.is_number(text) if kind is Kind.NUMBER else len(text) <= MOST_TYPED


def _label(name: str) -> str:
    """
    Return the name of an input in words.

    >>> _label("dry_run"), _label("cloud-provider"), _label("TARGET_ENV"), _label("_")
    ('Dry run', 'Cloud provider', 'Target env', '_')
    """
    spaced = " ".join(name.replace("_", " ").replace("-", " ").split())
    spaced = spaced.lower() if spaced.isupper() else spaced
    return spaced[:1].upper() + spaced[1:] or name


def _hint(one: Settled, kind: Kind, wanted: str, value: str) -> str:
    entry = one.entry
    said = [inputs.shown(entry.description, DESCRIPTION_SHOWN)] if entry.description else []
    if entry.regex is not None and not entry.options:
        said.append(f"Of the form {entry.regex}")
    if kind in {Kind.TEXT, Kind.LIST} and entry.options:
        said.append(f"One of: {', '.join(map(inputs.shown, entry.options[: inputs.MOST_LISTED]))}")
    if kind is Kind.LIST:
        said.append("One a line, or JSON such as [1, 2]")
    if kind is Kind.NUMBER and value and entry.default is not None:
        said.append(f"Left empty it is {spoken(entry.default)}")
    if wanted and not value:
        said.append(_left_out(kind, wanted, is_default=wanted == written(entry.default, kind)))
    if one.variant == OPEN:
        said.append("Only GitLab knows whether it is needed")
    return ". ".join(part.rstrip(".") for part in said) + "." if said else ""


def _left_out(kind: Kind, wanted: str, *, is_default: bool) -> str:
    if kind not in _TYPED:
        return f"It was {inputs.shown(wanted)}"
    whose = "Left empty it is its default" if is_default else "What was given"
    return f"{whose}, {len(wanted)} characters, which do not fit in here"


def options_of(stamp: str, declared: Sequence[Input], block_id: str) -> tuple[str, ...]:
    """Return the options of the field that stands in a block."""
    at, asked = _place(stamp, block_id), inputs.asked(declared)
    return under(asked[at[0]], at[1]).options if at and at[0] < len(asked) else ()


# And back ---------------------------------------------------------------------------------------------------


def texts(stamp: str, declared: Sequence[Input], values: Mapping[str, str]) -> dict[str, str]:
    """
    Return what was filled in, by the names of the inputs, as it would be typed.

    `values` are those of a form by the ids of its blocks. What is left at its default is not among them.
    """
    asked = inputs.asked(declared)
    drawn = {n: one for n, one in _drawn(stamp, values).items() if n < len(asked)}
    touched = {
        asked[n].name: text for n, one in drawn.items() if (text := _touched(asked[n], one)) is not None
    }
    found: dict[str, str] = {}
    for n, one in _numbered(declared, touched):
        text = touched.get(one.entry.name)
        if text is not None and one.variant != drawn[n][0]:
            text = _carried(under(asked[n], drawn[n][0]), one.entry, text)
        if text is not None and not _is_default(one.entry, text):
            found[one.entry.name] = text
    return found


def _drawn(stamp: str, values: Mapping[str, str]) -> dict[int, tuple[int, str]]:
    """What is in each field, by the number of its input, with what decided about that when it was drawn."""
    found: dict[int, tuple[int, str]] = {}
    for block_id, value in values.items():
        at = _place(stamp, block_id)
        if at is not None:
            found[at[0]] = at[1], value
    return found


def _place(stamp: str, block_id: str) -> tuple[int, int] | None:
    """The number of an input and of what decides about it, from the id of its block."""
    found = _BLOCK.fullmatch(block_id)
    return (int(found["number"]), int(found["variant"])) if found and found["stamp"] == stamp else None


def _touched(entry: Input, drawn: tuple[int, str]) -> str | None:
    """What somebody put into a field, as it would be typed; None for a field that is as it was drawn by itself."""
    return _typed(under(entry, drawn[0]), drawn[1])


def _typed(entry: Input, value: str) -> str | None:
    """Return what is in a field as it would be typed; None if that is nothing, or its default."""
    kind = kind_of(entry)
    default = written(entry.default, kind)
    if value == default or not (value or _can_be_emptied(entry, kind, default)):
        return None
    if kind is Kind.BOXES:
        return _joined(value.splitlines())
    if kind is Kind.LIST:
        return _as_list(words.filled(value))
    return words.filled(value) if kind is Kind.TEXT else value


def _can_be_emptied(entry: Input, kind: Kind, default: str) -> bool:
    """Tell whether an empty field means an empty text: not if its default never stood in it."""
    return kind in _TYPED and not entry.required and _stands(entry, kind, default)


def _as_list(text: str) -> str:
    """Return a list that was filled in as it would be typed: a line alone stays as it is."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return text.strip() if text.lstrip().startswith("[") or len(lines) < 2 else _joined(lines)


def _joined(lines: Sequence[str]) -> str:
    plain = not any("," in line or line.startswith("[") for line in lines)
    return ",".join(lines) if plain else json.dumps(lines, ensure_ascii=False)


def _carried(before: Input, entry: Input, text: str) -> str | None:
    """Return what was put into a field before others changed, if it is still taken; an option is no free text."""
    if before.options and not entry.options:
        return None
    typed = words.filled(text) if kind_of(entry) in {Kind.TEXT, Kind.LIST} else text
    return None if inputs.read([_bare(entry)], {entry.name: typed}, dollars=True)[1] else typed


def _is_default(entry: Input, text: str) -> bool:
    if entry.default is None:
        return not text
    values, problems = inputs.read([_bare(entry)], {entry.name: text}, dollars=True)
    default = list(entry.default) if isinstance(entry.default, tuple) else entry.default
    return not problems and values[entry.name] == default


def _bare(entry: Input) -> Input:
    """The input as it is now, whatever other rules it has."""
    return Input(entry.name, entry.type, "", entry.options, entry.regex, entry.default)


def line(declared: Sequence[Input], given: Mapping[str, str], text: str = "") -> str:
    """Return the arguments that would be typed for these values and this free text."""
    named = [_pair(entry.name, given[entry.name]) for entry in inputs.asked(declared) if entry.name in given]
    return " ".join(part for part in (*named, text) if part)


def _pair(name: str, value: str) -> str:
    quoted = words.quote(f"{name}=")
    return (
        f"{name}={words.quote(value)}" if value and quoted == f"{name}=" else words.quote(f"{name}={value}")
    )


def fields_of(
    stamp: str, values: Mapping[str, str], declared: Sequence[Input], problems: Mapping[str, str]
) -> dict[str, str]:
    """
    Return what is wrong with inputs by the blocks they stand in; what stands in none is said at the last one.
    """
    number = {entry.name: n for n, entry in enumerate(inputs.asked(declared))}
    places = {block_id: _place(stamp, block_id) for block_id in values}
    blocks = {at[0]: block_id for block_id, at in places.items() if at is not None}
    found: dict[str, str] = {}
    for name, said in problems.items():
        at = blocks.get(number[name]) or next(reversed(blocks.values()), None)
        if at is not None:
            found[at] = f"{found[at]} {said}" if at in found else said
    return found
