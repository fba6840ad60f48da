"""Who may see, edit and manage an issue (app/policies/issue_policy.rb, doc/user/permissions.md)."""

from __future__ import annotations

from sandbox.gitlab.issues import Issue, Note
from sandbox.gitlab.nouns import LEVELS, Person, Project
from sandbox.gitlab.people import level

GUEST, PLANNER, REPORTER = LEVELS["guest"], LEVELS["planner"], LEVELS["reporter"]


def may_create(person: Person, project: Project) -> bool:
    """Issues and comments: members, and in a project that is not private everybody; nobody in an archived one."""
    known = level(person, project) >= GUEST or project.visibility != "private"
    return known and not project.archived


def is_planner(person: Person, project: Project) -> bool:
    """Planners, and everybody above: they label, assign, plan, and read what is confidential or internal."""
    return level(person, project) >= PLANNER


def is_reporter(person: Person, project: Project) -> bool:
    """Reporters, and everybody above: they declare incidents."""
    return level(person, project) >= REPORTER


def may_see(person: Person, issue: Issue) -> bool:
    """A confidential issue shows itself to its author, its assignees and Planners."""
    if not issue.confidential:
        return True
    return takes_part(person, issue) or is_planner(person, issue.project)


def takes_part(person: Person, issue: Issue) -> bool:
    return person is issue.author or person in issue.assignees


def may_edit(person: Person, issue: Issue) -> bool:
    """Title, description and state: also its author and its assignees, as long as they are members."""
    mine = takes_part(person, issue) and level(person, issue.project) >= GUEST
    return (mine or is_planner(person, issue.project)) and not issue.project.archived


def may_see_note(person: Person, note: Note, issue: Issue) -> bool:
    """An internal note shows itself to Planners alone (app/policies/note_policy.rb)."""
    return not note.internal or is_planner(person, issue.project)


def may_edit_note(person: Person, note: Note, issue: Issue) -> bool:
    """Its author and Maintainers; nobody what GitLab wrote itself."""
    mine = person is note.author and may_create(person, issue.project)
    rules = level(person, issue.project) >= LEVELS["maintainer"] and not issue.project.archived
    return not note.system and (mine or rules)
