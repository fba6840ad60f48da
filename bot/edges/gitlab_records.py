"""GitLab's answers as records, and what is not an answer GitLab documents as an error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from bot.errors import GitLabUnreachable

Shape = TypeVar("Shape")


def shaped(shape: Callable[[Any], Shape], data: Any) -> Shape:
    """The record; after a success that is not what GitLab documents, what was done is not known.

    Raises GitLabUnreachable(sent=True) for that.
    """
    try:
        return shape(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GitLabUnreachable("GitLab's answer is not what I know of it. Try again in a moment.") from error


def each(shape: Callable[[Any], Shape], items: Any) -> list[Shape]:
    """The records of a list. Raises GitLabUnreachable as `shaped` does."""
    return shaped(lambda found: [shape(one) for one in found], items)
