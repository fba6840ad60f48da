"""Makes and changes issues as GitLab does: quick actions first, then rights, then each change with its trace."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from sandbox.gitlab import incidents
from sandbox.gitlab.duplicates import mark_duplicate
from sandbox.gitlab.issue_rights import is_planner, is_reporter
from sandbox.gitlab.issue_states import set_state
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.mentions import mentioned_by, tell
from sandbox.gitlab.nouns import Person, Project
from sandbox.gitlab.people import EVERYONE, level
from sandbox.gitlab.quick_actions import extract
from sandbox.gitlab.quick_effects import effects
from sandbox.gitlab.quick_scene import Effects, Scene
from sandbox.gitlab.state import State
from sandbox.gitlab.tasks import changed_tasks

Wish = Mapping[str, Any]
"""What an issue is to be, by the parameters of GitLab's API: `title`, `add_labels`, `assignee_ids`, …"""
#: What Planners alone may change in an issue that is there (app/services/issuable_base_service.rb, filter_params).
PLANNED = frozenset(
    {
        "labels",
        "add_labels",
        "remove_labels",
        "assignee_ids",
        "due_date",
        "confidential",
        "discussion_locked",
        "severity",
        "canonical_issue_id",
    }
)
TITLE_LENGTH = 255


def create_issue(state: State, project: Project, person: Person, wish: Wish) -> Issue:
    """A new issue of this person. Every member may label and assign it; incidents are made by Reporters alone."""
    wish = _with_actions(state, project, person, None, wish)
    now = wish.get("created_at") or state.clock()
    kind = wish.get("issue_type") or "issue"
    if kind == "incident" and not is_reporter(person, project):
        kind = "issue"
    issue = state.tracker.open(project, wish["title"], person, now, kind)
    issue.description, issue.due_date = wish.get("description"), wish.get("due_date")
    issue.confidential = bool(wish.get("confidential"))
    issue.severity = wish.get("severity") or issue.severity
    if level(person, project):
        issue.assignees = _assignees(issue, wish) or ()
        _set_labels(state, issue, person, wish)
    incidents.declared(state, issue, person)
    issue.updated_at = now
    tell(state, issue, person, mentioned_by(issue))
    state.touch()
    return issue


def update_issue(state: State, issue: Issue, person: Person, wish: Wish) -> Issue:
    """Change an issue. What the person may not change is left out, as GitLab leaves it out, without a word."""
    wish = _with_actions(state, issue.project, person, issue, wish)
    if not is_planner(person, issue.project):
        wish = {name: value for name, value in wish.items() if name not in PLANNED}
    before, changed = mentioned_by(issue), False
    for name, change in CHANGES.items():
        if name in wish:
            changed = change(state, issue, person, wish[name]) or changed
    changed = _set_assignees(state, issue, person, wish) or changed
    changed = _set_labels(state, issue, person, wish) or changed
    _set_state(state, issue, person, wish)
    if changed:
        issue.updated_at = state.clock()
    tell(state, issue, person, mentioned_by(issue), before=before)
    state.touch()
    return issue


def run_actions(state: State, issue: Issue, person: Person, found: Effects) -> None:
    """Do what the quick actions of a comment ask for."""
    if len(found.changes.get("title", "")) > TITLE_LENGTH:
        found.changes.pop("title")
    if found.changes:
        update_issue(state, issue, person, found.changes)


def scene(state: State, issue: Issue, person: Person) -> Scene:
    return Scene(state, issue.project, person, issue, state.clock())


def _with_actions(state: State, project: Project, person: Person, issue: Issue | None, wish: Wish) -> Wish:
    """The wish with the quick actions of its description taken out of it, and done."""
    if not wish.get("description"):
        return wish
    text, actions = extract(wish["description"])
    found = effects(Scene(state, project, person, issue, state.clock()), actions)
    return {**wish, "description": text, **found.changes}


def _note(state: State, issue: Issue, person: Person, body: str) -> bool:
    """Write GitLab's own line below an issue. Always true: something has changed."""
    state.tracker.add_note(issue, person, body, state.clock(), system=True)
    return True


def _title(state: State, issue: Issue, person: Person, title: str) -> bool:
    if issue.title == title:
        return False
    old, issue.title = issue.title, title
    return _note(
        state, issue, person, f"changed title from {_marked(old, title, '-')} to {_marked(title, old, '+')}"
    )


def _marked(text: str, other: str, sign: str) -> str:
    """A title in bold with braces around what is not in the other one."""
    start = _shared(text, other)
    end = _shared(text[start:][::-1], other[start:][::-1])
    middle, last = text[start : len(text) - end], text[len(text) - end :]
    return f"**{text[:start]}{'{' + sign + middle + sign + '}' if middle else ''}{last}**"


def _shared(one: str, other: str) -> int:
    """How many letters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _description(state: State, issue: Issue, person: Person, text: str | None) -> bool:
    if (issue.description or "") == (text or ""):
        return False
    ticked = changed_tasks(issue.description or "", text or "")
    issue.description = text
    for task, done in ticked:
        said = f"marked the checklist item **{task}** as {'completed' if done else 'incomplete'}"
        _note(state, issue, person, said)
    return bool(ticked) or _note(state, issue, person, "changed the description")


def _due_date(state: State, issue: Issue, person: Person, day: str | None) -> bool:
    if issue.due_date == day:
        return False
    issue.due_date = day
    found = None if day is None else date.fromisoformat(day)
    said = (
        "removed due date" if found is None else f"changed due date to {found:%B} {found.day}, {found.year}"
    )
    return _note(state, issue, person, said)


def _confidential(state: State, issue: Issue, person: Person, wanted: bool) -> bool:
    if issue.confidential is wanted:
        return False
    issue.confidential = wanted
    said = "made the issue confidential" if wanted else "made the issue visible to everyone"
    return _note(state, issue, person, said)


def _locked(state: State, issue: Issue, person: Person, wanted: bool) -> bool:
    if bool(issue.discussion_locked) is wanted:
        return False
    issue.discussion_locked = wanted
    return _note(state, issue, person, f"{'locked' if wanted else 'unlocked'} the discussion in this issue")


def _type(state: State, issue: Issue, person: Person, kind: str) -> bool:
    if issue.type == kind:
        return False
    old, issue.type = issue.type, kind
    issue.status = (issue.status or "TRIGGERED") if kind == "incident" else None
    return _note(state, issue, person, f"changed type from {old} to {kind}")


CHANGES: Mapping[str, Callable[[State, Issue, Person, Any], bool]] = {
    "title": _title,
    "description": _description,
    "issue_type": _type,
    "severity": incidents.set_severity,
    "escalation_status": incidents.set_status,
    "due_date": _due_date,
    "confidential": _confidential,
    "discussion_locked": _locked,
    "canonical_issue_id": mark_duplicate,
}


def _assignees(issue: Issue, wish: Wish) -> tuple[Person, ...] | None:
    """Those who are wished for, as far as they may read the project: one of them on Free. None for no change."""
    if "assignee_ids" not in wish:
        return None
    wanted = [number for number in wish["assignee_ids"] if number]
    readers = [one for one in EVERYONE if level(one, issue.project) and not one.admin]
    found = [one for number in wanted for one in readers if one.id == number]
    return None if wanted and not found else tuple(found[:1])


def _set_assignees(state: State, issue: Issue, person: Person, wish: Wish) -> bool:
    wanted = _assignees(issue, wish)
    if wanted is None or wanted == issue.assignees:
        return False
    came = [f"@{one.username}" for one in wanted if one not in issue.assignees]
    went = [f"@{one.username}" for one in issue.assignees if one not in wanted]
    issue.assignees = wanted
    parts = [f"assigned to {' and '.join(came)}"] if came else []
    parts += [f"unassigned {' and '.join(went)}"] if went else []
    return _note(state, issue, person, " and ".join(parts))


def _set_labels(state: State, issue: Issue, person: Person, wish: Wish) -> bool:
    """`labels` replaces, the other two add and take off. Planners make the labels that are not there yet."""
    known, names = state.tracker.labels_of(issue.project), list(wish.get("labels", issue.labels))
    names += wish.get("add_labels", [])
    gone = set(wish.get("remove_labels", []))
    if not is_planner(person, issue.project):
        names = [name for name in names if name in known]
    wanted, before = [name for name in names if name not in gone], issue.labels
    changed = state.tracker.set_labels(issue, wanted, person, state.clock())
    if changed:
        incidents.labelled(state, issue, person, before)
    return changed


def _set_state(state: State, issue: Issue, person: Person, wish: Wish) -> None:
    wanted = {"close": "closed", "reopen": "opened"}.get(wish.get("state_event") or "", issue.state)
    if wanted != issue.state:
        set_state(state, issue, person, wanted)
