"""What a type of the sandbox's GraphQL is made of: fields, their arguments and prices, and global ids."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.gitlab.nouns import Person
from sandbox.gitlab.state import State

GID = re.compile(r"gid://gitlab/(?P<type>[\w:]+)/(?P<id>\d+)")
#: The most that one page of a connection holds (gitlab-api.md 5.1).
LARGEST_PAGE = 100


class NotAvailable(Exception):
    """A field whose answer is null and an error beside it; GitLab says no more than this, by default."""

    def __init__(
        self,
        why: str = "The resource that you are attempting to access does not exist "
        "or you don't have permission to perform this action",
    ) -> None:
        super().__init__(why)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and of what."""

    state: State
    person: Person | None
    writes: bool = False
    """Whether the token is for changes too (`api`)."""


Resolve = Callable[[Any, Mapping[str, Any], Asker], Any]


@dataclass(frozen=True, slots=True)
class Input:
    """One argument inside of a mutation's `input`, and how it is read. `read` raises ValueError with GitLab's words."""

    type: str
    read: Callable[[Any], Any]

    @property
    def required(self) -> bool:
        return self.type.endswith("!")


@dataclass(frozen=True, slots=True)
class Definition:
    """A field: its type (None for a plain value), its arguments, and its price (gitlab-api.md 5.1)."""

    resolve: Resolve
    type: str | None = None
    arguments: Mapping[str, bool] = field(default_factory=dict)
    """By argument, whether it is required."""
    connection: bool = False
    gitaly: bool = False
    ids: tuple[str, ...] = ()
    """Of the argument `id`, the types that a global id may have."""
    inputs: Mapping[str, Input] = field(default_factory=dict)
    """Of a mutation, what its `input` holds."""


def plain(read: Callable[[Any], Any]) -> Definition:
    return Definition(lambda parent, arguments, asker: read(parent))


def gid(kind: str) -> Definition:
    return plain(lambda parent: f"gid://gitlab/{kind}/{parent.id}")


def linked(read: Callable[[Any], Any], kind: str) -> Definition:
    """One thing that hangs on its parent."""
    return Definition(lambda parent, arguments, asker: read(parent), kind)


def listed(read: Callable[[Any], Any], kind: str, **arguments: bool) -> Definition:
    """A connection whose rows hang on its parent."""
    given = {"first": False, "after": False, **arguments}
    return Definition(lambda parent, arguments, asker: read(parent), kind, given, connection=True)


def number_of(text: Any, *kinds: str) -> int | None:
    """The number of a global id of one of these types; None for anything else."""
    found = GID.fullmatch(str(text))
    return int(found["id"]) if found and found["type"] in kinds else None
