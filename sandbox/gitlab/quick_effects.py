"""What the quick actions of a text ask to be changed, and what GitLab says about it (lib/gitlab/quick_actions)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from sandbox.gitlab.issues import SEVERITIES, SHORT_SEVERITIES
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import EVERYONE, level
from sandbox.gitlab.quick_actions import Action
from sandbox.gitlab.quick_incidents import duplicate, timeline
from sandbox.gitlab.quick_scene import Doing, Effects, Scene

BAD_DATE = "Failed to set due date because the date format is invalid."


def effects(scene: Scene, actions: Iterable[Action]) -> Effects:
    """What these actions do there. Those that are not allowed or make no sense do nothing."""
    found = Effects()
    for action in actions:
        doing = DOING.get(action.name)
        if doing is not None:
            doing(scene, action.argument, found)
    return found


def _state(scene: Scene, event: str, wanted: str, message: str, found: Effects) -> None:
    if (issue := scene.edits) is not None and issue.state == wanted:
        found.add(message, state_event=event)


def _close(scene: Scene, _: str, found: Effects) -> None:
    _state(scene, "close", "opened", "Closed this issue.", found)


def _reopen(scene: Scene, _: str, found: Effects) -> None:
    _state(scene, "reopen", "closed", "Reopened this issue.", found)


def _title(scene: Scene, text: str, found: Effects) -> None:
    if scene.edits is not None and text:
        found.add(f'Changed the title to "{text}".', title=text)


def _label(scene: Scene, text: str, found: Effects) -> None:
    if scene.manages and (names := scene.labels(text)):
        found.add(f"Added {_listed(names)}.", add_labels=names)


def _unlabel(scene: Scene, text: str, found: Effects) -> None:
    if not scene.manages or scene.issue is None or not scene.issue.labels:
        return
    names = scene.labels(text) if text else list(scene.issue.labels)
    found.add(f"Removed {_listed(names)}." if text else "Removed all labels.", remove_labels=names)


def _relabel(scene: Scene, text: str, found: Effects) -> None:
    if scene.manages and scene.issue is not None and scene.issue.labels and (names := scene.labels(text)):
        found.add(f"Replaced all labels with {_listed(names)}.", labels=names)


def _listed(names: list[str]) -> str:
    quoted = [f'~"{name}"' if " " in name else f"~{name}" for name in names]
    return f"{' '.join(quoted)} {'label' if len(names) == 1 else 'labels'}"


def _assign(scene: Scene, text: str, found: Effects) -> None:
    """One assignee on Free: the first of those that are named; `me` is oneself."""
    if not scene.manages:
        return
    names = [word.strip("@,").lower() for word in text.split() if word not in ("and", "&")]
    people = [scene.person if name == "me" else _reader(scene, name) for name in names]
    first = next((one for one in people if one is not None), None)
    if first is None:
        found.add("Failed to assign a user because no user was found.")
    else:
        found.add(f"Assigned @{first.username}.", assignee_ids=[first.id])


def _reader(scene: Scene, name: str) -> Person | None:
    return next((one for one in EVERYONE if one.username == name and level(one, scene.project)), None)


def _unassign(scene: Scene, _: str, found: Effects) -> None:
    if scene.manages and scene.issue is not None and scene.issue.assignees:
        names = " and ".join(f"@{one.username}" for one in scene.issue.assignees)
        found.add(f"Removed assignee {names}.", assignee_ids=[])


def _due(scene: Scene, text: str, found: Effects) -> None:
    if not scene.manages:
        return
    day = read_day(text, scene.now)
    if day is None:
        found.add(BAD_DATE)
    else:
        found.add(f"Set the due date to {day:%b} {day.day}, {day.year}.", due_date=day.isoformat())


def read_day(text: str, now: float) -> date | None:
    """The day that `2026-11-30`, `today`, `tomorrow` or `in 2 days` means; None for what it does not know."""
    today = datetime.fromtimestamp(now, UTC).date()
    words = text.strip().lower()
    if found := re.fullmatch(r"in (\d{1,4}) days?", words):
        return today + timedelta(days=int(found[1]))
    if words in ("today", "tomorrow"):
        return today + timedelta(days=int(words == "tomorrow"))
    try:
        return date.fromisoformat(words)
    except ValueError:
        return None


def _remove_due(scene: Scene, _: str, found: Effects) -> None:
    if scene.manages and scene.issue is not None and scene.issue.due_date:
        found.add("Removed the due date.", due_date=None)


def _confidential(scene: Scene, _: str, found: Effects) -> None:
    if scene.manages and not (scene.issue is not None and scene.issue.confidential):
        found.add("Made this issue confidential.", confidential=True)


def _severity(scene: Scene, text: str, found: Effects) -> None:
    if scene.issue is not None and scene.issue.type != "incident":
        return
    name = SHORT_SEVERITIES.get(text.upper(), text.upper())
    if scene.manages and name in SEVERITIES:
        found.add(f"Severity updated to {name.capitalize()}.", severity=name)


def _promote(scene: Scene, _: str, found: Effects) -> None:
    if scene.manages and not (scene.issue is not None and scene.issue.type == "incident"):
        found.add("Issue has been promoted to incident", issue_type="incident")


def _lock(scene: Scene, _: str, found: Effects) -> None:
    if scene.manages and scene.issue is not None and not scene.issue.discussion_locked:
        found.add("Locked the discussion.", discussion_locked=True)


def _unlock(scene: Scene, _: str, found: Effects) -> None:
    if scene.manages and scene.issue is not None and scene.issue.discussion_locked:
        found.add("Unlocked the discussion.", discussion_locked=False)


DOING: Mapping[str, Doing] = {
    "close": _close,
    "reopen": _reopen,
    "title": _title,
    "label": _label,
    "labels": _label,
    "unlabel": _unlabel,
    "remove_label": _unlabel,
    "relabel": _relabel,
    "assign": _assign,
    "reassign": _assign,
    "unassign": _unassign,
    "due": _due,
    "remove_due_date": _remove_due,
    "confidential": _confidential,
    "severity": _severity,
    "promote_to_incident": _promote,
    "lock": _lock,
    "unlock": _unlock,
    "duplicate": duplicate,
    "timeline": timeline,
}
