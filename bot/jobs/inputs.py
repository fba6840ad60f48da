"""Turns `name=value` words into the inputs a configuration declares (doc/ci/inputs); names all misfits."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.catalogues import Input
from bot.errors import NotUnderstood
from bot.jobs import patterns
from bot.jobs.configuration import spoken
from bot.jobs.settled import settle
from bot.words import Word, nearest, quote

#: Inputs that the bot fills in itself; nobody types them.
RESERVED = frozenset({"chatops_job", "chatops_request_id", "chat_input", "chat_channel", "chat_user_id"})

#: The one of them that takes all that was typed.
TEXT = "chat_input"

#: How many options a sentence lists, and how much of a value it repeats.
MOST_LISTED, SHOWN = 20, 60

#: What people type for yes and no.
TRUE = frozenset({"true", "yes", "on"})
FALSE = frozenset({"false", "no", "off"})

_NUMBER = re.compile(r"[+-]?\d+(?P<fraction>\.\d+)?", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SLASHED = re.compile(r"/(?P<pattern>.*)/(?P<flags>[imsU]*)", re.DOTALL)


class _Wrong(Exception):
    """A value does not fit; the text says what would, as the end of a sentence."""


def arguments(inputs: Sequence[Input], words: Sequence[Word], *, dollars: bool = False) -> dict[str, Any]:
    """
    The values of the inputs that the words give, each with its own type: text, int, float, bool or list.

    If `chat_input` is declared, words that name no input are free text and left to it. Raises one
    NotUnderstood for everything that is wrong: unknown names, wrong types and values, required inputs that
    are missing. Without `dollars`, free text with a `$` is refused: GitLab pastes inputs into the configuration,
    where it would become a CI variable (reliability.md 0.9).
    """
    given, problems = named(inputs, words)
    values, wrong = read(inputs, given, dollars=dollars)
    if problems or wrong:
        raise NotUnderstood(_sentence([*problems, *wrong.values()], example(inputs)))
    return values


def read(
    inputs: Sequence[Input], given: Mapping[str, str], *, dollars: bool = False
) -> tuple[dict[str, Any], dict[str, str]]:
    """
    The typed values of texts that were given by name, and what is wrong with them: by name, without a full stop.

    What an input takes may hang on the others (`spec:inputs:rules`).
    """
    values: dict[str, Any] = {}
    problems: dict[str, str] = {}
    for entry in now(inputs, given):
        if entry.name not in given:
            problems |= {entry.name: _missing(entry)} if entry.required else {}
            continue
        try:
            values[entry.name] = _value(entry, given[entry.name], dollars)
        except _Wrong as wrong:
            problems[entry.name] = f"{_about(entry)} {wrong}, not `{shown(given[entry.name])}`"
    return values, problems


def now(inputs: Sequence[Input], given: Mapping[str, str]) -> list[Input]:
    """The inputs that people give, each with the options and the default it has beside these others."""
    return [one.entry for one in settle(asked(inputs), plain(inputs, given))]


def plain(inputs: Sequence[Input], given: Mapping[str, str]) -> dict[str, str]:
    """The texts as rules compare them: a `yes` is `true`."""
    booleans = {entry.name for entry in inputs if entry.type == "boolean"}
    return {
        name: spoken(text.casefold() in TRUE)
        if name in booleans and text.casefold() in TRUE | FALSE
        else text
        for name, text in given.items()
    }


def reserved(inputs: Sequence[Input], values: Mapping[str, str]) -> dict[str, Any]:
    """Of the values that the bot fills in, by name, those that the configuration declares as inputs."""
    return {entry.name: values[entry.name] for entry in inputs if entry.name in RESERVED & values.keys()}


def variables(declared: Sequence[Input], values: Mapping[str, Any], *, escapes: bool) -> dict[str, str]:
    """
    The values as pipeline variables. What somebody typed means itself (`escapes`), an option what its author meant:
    GitLab expands variables in it, as it does when one is picked on its own page.
    """
    written = {entry.name: entry.options for entry in declared}
    return {
        name: escape_dollar(value) if escapes and value not in written.get(name, ()) else value
        for name, value in values.items()
    }


def example(inputs: Sequence[Input]) -> str:
    """The `name=value` words that somebody might type: what is required, or the first input if nothing is."""
    there = now(inputs, {})
    shown = [entry for entry in there if entry.required] or there[:1]
    return " ".join(quote(f"{entry.name}={sample(entry)}") for entry in shown)


def escape_dollar(text: str) -> str:
    """The text with every `$` doubled, so that GitLab puts no variable in its place (reliability.md 0.9)."""
    return text.replace("$", "$$")


def check_characters(text: str, what: str) -> None:
    """Raises NotUnderstood if a value holds control characters other than tabs and newlines."""
    found = _CONTROL.search(text)
    if found:
        raise NotUnderstood(
            f"{what} holds the control character U+{ord(found[0]):04X}, which I do not pass on. "
            "Type it without."
        )


# Names -----------------------------------------------------------------------------------------------------


def asked(inputs: Sequence[Input]) -> list[Input]:
    """Those that people give, and not the bot."""
    return [entry for entry in inputs if entry.name not in RESERVED]


def named(inputs: Sequence[Input], words: Sequence[Word]) -> tuple[dict[str, str], list[str]]:
    """The texts that were given by name, and what is wrong with the names."""
    names = [entry.name for entry in asked(inputs)]
    free = takes_text(inputs)
    given: dict[str, str] = {}
    problems: list[str] = []
    for word in words:
        name, equals, value = word.text.partition("=")
        if equals and name in names and name not in given:
            given[name] = value
        elif equals and name in given:
            problems.append(f"`{name}` is given twice")
        elif not free or (equals and (name in RESERVED or nearest(name, names))):
            problems.append(_no_name(word.text, name, bool(equals), names))
    return given, problems


def takes_text(inputs: Sequence[Input]) -> bool:
    """Whether words that name no input are free text."""
    return any(entry.name == TEXT for entry in inputs)


def _no_name(text: str, name: str, equals: bool, names: Sequence[str]) -> str:
    if equals and name in RESERVED:
        return f"`{name}` is filled in by me"
    if not equals:
        return f"`{shown(text)}` is not of the form `name=value`"
    near = nearest(name, names)
    known = near or names
    hint = "did you mean " if near else "its inputs are "
    listed = (" or " if near else ", ").join(f"`{other}`" for other in known)
    return f"there is no input `{shown(name)}`" + (f" ({hint}{listed})" if known else "")


def _missing(entry: Input) -> str:
    return f"{_about(entry)} is missing: it has to be {_wanted(entry)}"


# Values ----------------------------------------------------------------------------------------------------


def _value(entry: Input, text: str, dollars: bool) -> Any:
    if _CONTROL.search(text):
        raise _Wrong("has to be free of control characters")
    if "$" in text and not (dollars or entry.options or entry.regex):
        raise _Wrong("has to be free of `$`, which GitLab would read as a CI variable")
    value = _typed(entry, text)
    if entry.options and not _is_among(entry.options, value, text):
        raise _Wrong(f"has to be {_wanted(entry)}")
    if entry.regex is not None and isinstance(value, str) and _fits(entry.regex, value) is False:
        raise _Wrong(f"has to be {_wanted(entry)}")
    return value


def _is_among(options: Sequence[str], value: Any, text: str) -> bool:
    if isinstance(value, list):
        return all(spoken(one) in options for one in value)
    return spoken(value) in options or text in options


def _typed(entry: Input, text: str) -> Any:
    if entry.type == "number":
        return _number(entry, text)
    if entry.type == "boolean":
        return _boolean(entry, text)
    return _array(entry, text) if entry.type == "array" else text


def _number(entry: Input, text: str) -> int | float:
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise _Wrong(f"has to be {_wanted(entry)}")
    return float(text) if found["fraction"] else int(text)


def _boolean(entry: Input, text: str) -> bool:
    if text.casefold() not in TRUE | FALSE:
        raise _Wrong(f"has to be {_wanted(entry)}")
    return text.casefold() in TRUE


def _array(entry: Input, text: str) -> list[Any]:
    value = listed(text)
    if value is None:
        raise _Wrong(f"has to be {_wanted(entry)}")
    return value


def listed(text: str) -> list[Any] | None:
    """A JSON array, or values with commas between them; None for what begins as JSON and is none."""
    if not text.lstrip().startswith("["):
        return [part.strip() for part in text.split(",") if part.strip()]
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, list) else None


def is_number(text: str) -> bool:
    """Whether a text is what an input of the type number takes."""
    return _NUMBER.fullmatch(text) is not None


def _fits(regex: str, text: str) -> bool | None:
    """Whether the text has the form; None for a pattern that cannot be read: GitLab decides then."""
    slashed = _SLASHED.fullmatch(regex)
    return (
        patterns.search(slashed["pattern"], text, slashed["flags"])
        if slashed
        else patterns.search(regex, text)
    )


# Sentences -------------------------------------------------------------------------------------------------


def _about(entry: Input) -> str:
    """An input by its name and what it is for."""
    return f"`{entry.name}`" + (f" ({shown(entry.description)})" if entry.description else "")


def _wanted(entry: Input) -> str:
    """What an input takes, in words."""
    if entry.options:
        return ("some of " if entry.type == "array" else "one of ") + _named_options(entry.options)
    if entry.regex is not None and entry.type == "string":
        return f"a text of the form `{entry.regex}`"
    kinds = {
        "number": "a number",
        "boolean": "`true` or `false`",
        "array": "a list, such as `a,b` or `[1, 2]`",
    }
    return kinds.get(entry.type, "a text")


def _named_options(options: Sequence[str]) -> str:
    more = f" and {len(options) - MOST_LISTED} more" if len(options) > MOST_LISTED else ""
    return ", ".join(f"`{option}`" for option in options[:MOST_LISTED]) + more


def sample(entry: Input) -> str:
    """A value that somebody might give."""
    if entry.options:
        return entry.options[0]
    if entry.default is not None and not isinstance(entry.default, tuple):
        return spoken(entry.default)
    return {"number": "1", "boolean": "true", "array": "a,b"}.get(entry.type, "…")


def shown(text: str, limit: int = SHOWN) -> str:
    """A text within a sentence: on one line, without backticks, cut if it is long."""
    flat = " ".join(text.replace("`", "'").split())
    return flat if len(flat) <= limit else flat[: limit - 1] + "…"


def _sentence(problems: Sequence[str], line: str) -> str:
    said = [f"{problem[:1].upper()}{problem[1:]}." for problem in problems]
    lines = said if len(said) == 1 else [f"• {one}" for one in said]
    return "\n".join([*lines, *([f"For example: `{line}`"] if line else [])])
