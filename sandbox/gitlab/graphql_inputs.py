"""Checks what a mutation is handed, and says what is wrong with it in graphql-ruby's words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sandbox.gitlab.graphql import Field, Variable, bind
from sandbox.gitlab.graphql_types import GID, Definition, Input, number_of

Problem = dict[str, Any]


def global_id(model: str, *kinds: str) -> Input:
    """A global id of these types (the model's own when none is named), required; it is read as its number."""

    def read(value: Any) -> int:
        if GID.fullmatch(str(value)) is None:
            raise ValueError(f'"{value}" is not a valid Global ID')
        found = number_of(value, *(kinds or (model,)))
        if found is None:
            raise ValueError(f'"{value}" does not represent an instance of {model}')
        return found

    return Input(f"{model.replace('::', '')}ID!", read)


def one_of(name: str, *values: str) -> Input:
    """A value of an enumeration, required."""

    def read(value: Any) -> str:
        if value not in values:
            raise ValueError(f'Expected "{value}" to be one of: {", ".join(values)}')
        return str(value)

    return Input(f"{name}!", read)


def text(kind: str = "String!") -> Input:
    """A text, and nothing that could be made one."""

    def read(value: Any) -> str:
        if isinstance(value, str):
            return value
        raise ValueError(f"Could not coerce value {value!r} to String")

    return Input(kind, read)


def texts() -> Input:
    """A list of texts; a single one counts as a list."""
    one = text().read

    def read(value: Any) -> list[str]:
        return [one(each) for each in (value if isinstance(value, list) else [value])]

    return Input("[String!]", read)


def moment(kind: str = "Time!") -> Input:
    """A time, as seconds since the epoch; without a zone it is UTC."""

    def read(value: Any) -> float:
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise ValueError(f'no time information in "{value}"') from error
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()

    return Input(kind, read)


def given(definition: Definition, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What the `input` of a mutation holds, read; what was not said is None."""
    said: Mapping[str, Any] = arguments["input"]
    return {
        name: None if said.get(name) is None else one.read(said[name])
        for name, one in definition.inputs.items()
    }


def input_problems(
    fields: tuple[Field, ...], mutations: Mapping[str, Definition], variables: Mapping[str, Any]
) -> Iterator[Problem]:
    """What is wrong with the inputs of a document's mutations, each with the field's place."""
    for field in fields:
        definition = mutations.get(field.name)
        if definition is None or "input" not in field.arguments:
            continue
        kind, value = f"{field.name[0].upper()}{field.name[1:]}Input", field.arguments["input"]
        said = bind(value, variables)
        found = list(_wrong(kind, said, definition.inputs, _words(value, kind)))
        if found:
            where = [{"line": field.line, "column": field.column}]
            yield {"message": found[0], "locations": where}


def _words(value: Any, kind: str) -> Callable[[str, str], str]:
    """How a fault is told: of a variable, or of what is written in the document itself."""
    if isinstance(value, Variable):
        lead = f"Variable ${value.name} of type {kind}! was provided invalid value"
        return lambda name, why: f"{lead} for {name} ({why})" if name else lead
    return lambda name, why: f"Argument '{name}' on InputObject '{kind}' has an invalid value: {why}"


def _wrong(
    kind: str, said: Any, inputs: Mapping[str, Input], words: Callable[[str, str], str]
) -> Iterator[str]:
    if not isinstance(said, dict):
        yield words("", "Expected value to not be null")
        return
    for name in said:
        if name not in inputs and name != "clientMutationId":
            yield words(name, f"Field is not defined on {kind}")
    for name, one in inputs.items():
        if said.get(name) is None:
            if one.required:
                yield words(name, "Expected value to not be null")
            continue
        try:
            one.read(said[name])
        except ValueError as why:
            yield words(name, str(why))
