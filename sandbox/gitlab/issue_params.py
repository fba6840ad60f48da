"""The parameters with which an issue is made or changed, and GitLab's sentences about bad ones (lib/api/issues.rb)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import Refused, missing
from sandbox.gitlab.issue_changes import TITLE_LENGTH
from sandbox.gitlab.issues import TYPES
from sandbox.gitlab.parameters import Given

EVENTS = ("close", "reopen")
#: app/models/concerns/issuable.rb, DESCRIPTION_LENGTH_MAX; it counts bytes.
DESCRIPTION_BYTES = 1024 * 1024
#: lib/api/helpers/issues_helpers.rb, update_params_at_least_one_of.
AT_LEAST_ONE = (
    "assignee_id, assignee_ids, confidential, created_at, description, discussion_locked, due_date, labels, "
    "add_labels, remove_labels, milestone_id, state_event, title, issue_type"
)
BLANK, NONE_GIVEN = "can't be blank", "are missing, at least one parameter must be provided"
KINDS: Mapping[str, Callable[[Given, str], Any]] = {
    "title": parameters.text,
    "description": parameters.text,
    "labels": parameters.names,
    "add_labels": parameters.names,
    "remove_labels": parameters.names,
    "assignee_ids": parameters.numbers,
    "assignee_id": parameters.whole,
    "due_date": parameters.day,
    "confidential": parameters.yes,
    "discussion_locked": parameters.yes,
    "created_at": parameters.at,
    "milestone_id": parameters.whole,
    "issue_type": lambda given, name: parameters.chosen(given, name, TYPES),
    "state_event": lambda given, name: parameters.chosen(given, name, EVENTS),
}
#: An empty value of these means nothing is wished for.
NEVER_EMPTY = ("confidential", "discussion_locked", "issue_type", "state_event", "created_at", "assignee_ids")


def for_new(given: Given) -> dict[str, Any]:
    """What a new issue is to be. Raises Refused (400): `title` is wanted, and has to be short enough."""
    if "title" not in given:
        raise missing("title")
    wish = _read(given)
    wish.pop("state_event", None)
    _check(wish)
    return wish


def for_change(given: Given) -> dict[str, Any]:
    """What is to change. Raises Refused (400) when that is nothing GitLab knows."""
    known = AT_LEAST_ONE.split(", ")
    if not any(name.removesuffix("[]") in known for name in given):
        raise Refused(400, {"error": f"{AT_LEAST_ONE} {NONE_GIVEN}"})
    wish = _read(given)
    _check(wish)
    return wish


def _read(given: Given) -> dict[str, Any]:
    named = {name.removesuffix("[]") for name in given}
    wish = {name: read(given, name) for name, read in KINDS.items() if name in named}
    wish = {name: value for name, value in wish.items() if value is not None or name not in NEVER_EMPTY}
    if "assignee_id" in wish:
        number = wish.pop("assignee_id")
        wish.setdefault("assignee_ids", [number] if number else [])
    for name in ("labels", "add_labels", "remove_labels"):
        if name in wish:
            wish[name] = wish[name] or []
    return wish


def _check(wish: dict[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    if "title" in wish:
        wish["title"] = (wish["title"] or "").strip()
        if not wish["title"]:
            wrong["title"] = [BLANK]
        elif len(wish["title"]) > TITLE_LENGTH:
            wrong["title"] = [f"is too long (maximum is {TITLE_LENGTH} characters)"]
    size = len((wish.get("description") or "").encode())
    if size > DESCRIPTION_BYTES:
        wrong["description"] = [
            f"is too long ({size / DESCRIPTION_BYTES:.3g} MiB). The maximum size is 1 MiB."
        ]
    if wrong:
        raise Refused(400, {"message": wrong})
