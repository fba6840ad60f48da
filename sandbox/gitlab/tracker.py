"""The issues of every project with their labels, how to find them, and the numbers that are given out next."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.issues import (
    Issue,
    IssueLink,
    Label,
    LabelEvent,
    Note,
    StateEvent,
    TimelineEvent,
    TimelineTag,
)
from sandbox.gitlab.nouns import Person, Project

FIRST_ISSUE_ID, FIRST_NOTE_ID, FIRST_LABEL_ID = 8800, 3300, 72
FIRST_STATE_EVENT_ID, FIRST_LABEL_EVENT_ID = 141, 730
FIRST_TIMELINE_EVENT_ID, FIRST_TIMELINE_TAG_ID, FIRST_LINK_ID = 60, 0, 43
#: The colour of a label that is made by using its name (app/models/label.rb, DEFAULT_COLOR).
NEW_COLOR = "#6699cc"
#: The labels of a project that says nothing else, with their colours.
SEEDED: Mapping[str, tuple[str, str]] = {
    "bug": ("#d9534f", "Something does not work"),
    "feature": ("#428bca", "Something new"),
    "needs triage": ("#f0ad4e", ""),
    "urgent": ("#cc0033", "Before everything else"),
}


@dataclass(frozen=True, slots=True)
class Notice:
    """Somebody was told of by name in a text, and who has got mail for it."""

    mention: str
    notified: tuple[str, ...]
    by: str
    where: str


class Tracker:
    """What all projects have in issues. Its methods only write down; rights and rules are the caller's."""

    def __init__(self) -> None:
        self.issues: dict[int, Issue] = {}
        self.notices: list[Notice] = []
        self.links: list[IssueLink] = []
        self._labels: dict[int, dict[str, Label]] = {}
        self._timeline_tags: dict[tuple[int, str], TimelineTag] = {}
        self._given = {
            "issue": FIRST_ISSUE_ID,
            "note": FIRST_NOTE_ID,
            "label": FIRST_LABEL_ID,
            "state": FIRST_STATE_EVENT_ID,
            "labelled": FIRST_LABEL_EVENT_ID,
            "timeline": FIRST_TIMELINE_EVENT_ID,
            "timeline tag": FIRST_TIMELINE_TAG_ID,
            "link": FIRST_LINK_ID,
        }

    def _next(self, kind: str) -> int:
        self._given[kind] += 1
        return self._given[kind]

    # Issues

    def issues_of(self, project: Project) -> list[Issue]:
        """Newest first."""
        return [one for one in reversed(self.issues.values()) if one.project is project]

    def issue(self, project: Project, iid: int) -> Issue | None:
        return next((one for one in self.issues_of(project) if one.iid == iid), None)

    def open(self, project: Project, title: str, author: Person, now: float, kind: str = "issue") -> Issue:
        """A new issue, with the next number of its project."""
        iid = len(self.issues_of(project)) + 1
        made = Issue(self._next("issue"), iid, project, title, author, now, now, kind)
        self.issues[made.id] = made
        return made

    def set_state(self, issue: Issue, state: str, person: Person, now: float) -> None:
        """Close an issue, or open it again, and write down who did."""
        closed = state == "closed"
        issue.state, issue.updated_at = state, now
        issue.closed_at, issue.closed_by = (now, person) if closed else (None, None)
        event = StateEvent(self._next("state"), person, now, "closed" if closed else "reopened")
        issue.state_events.append(event)

    # Links

    def links_of(self, issue: Issue) -> list[IssueLink]:
        """Oldest first, whichever end the issue is."""
        return [one for one in self.links if issue is one.source or issue is one.target]

    def link(self, source: Issue, target: Issue, now: float) -> IssueLink:
        made = IssueLink(self._next("link"), source, target, now)
        self.links.append(made)
        return made

    # Labels

    def labels_of(self, project: Project) -> dict[str, Label]:
        """By name; a project is born with some."""
        if project.id not in self._labels:
            self._labels[project.id] = {
                name: Label(self._next("label"), name, color, text) for name, (color, text) in SEEDED.items()
            }
        return self._labels[project.id]

    def label(self, project: Project, name: str) -> Label:
        """The label of that name, made when the project has none."""
        known = self.labels_of(project)
        if name not in known:
            known[name] = Label(self._next("label"), name, NEW_COLOR)
        return known[name]

    def set_labels(self, issue: Issue, names: Iterable[str], person: Person, now: float) -> bool:
        """Whether that changed anything. Each label that came or went is an event."""
        wanted = tuple(dict.fromkeys(names))
        came = [name for name in wanted if name not in issue.labels]
        went = [name for name in issue.labels if name not in wanted]
        issue.labels = wanted
        for action, changed in (("add", came), ("remove", went)):
            for name in changed:
                label = self.label(issue.project, name)
                event = LabelEvent(self._next("labelled"), person, now, label, action)
                issue.label_events.append(event)
        return bool(came or went)

    # Notes

    def add_note(self, issue: Issue, author: Person, body: str, now: float, *, system: bool = False) -> Note:
        """A note by itself; it belongs to a discussion of its own."""
        number = self._next("note")
        thread = hashlib.sha1(f"discussion {number}".encode(), usedforsecurity=False).hexdigest()
        note = Note(number, body, author, now, now, thread, system=system)
        issue.notes.append(note)
        issue.updated_at = now
        return note

    def note(self, number: int) -> tuple[Issue, Note] | None:
        """A note of any issue, with the issue."""
        for issue in self.issues.values():
            if (found := issue.note(number)) is not None:
                return issue, found
        return None

    # Timelines

    def add_event(
        self, incident: Issue, author: Person, note: str, occurred_at: float, now: float
    ) -> TimelineEvent:
        """A line of the timeline as somebody writes it; what makes it another is the caller's to set."""
        made = TimelineEvent(self._next("timeline"), incident, author, note, occurred_at, now, now)
        incident.timeline.append(made)
        return made

    def event(self, number: int) -> TimelineEvent | None:
        """A line of any timeline."""
        events = (event for issue in self.issues.values() for event in issue.timeline)
        return next((event for event in events if event.id == number), None)

    def timeline_tag(self, project: Project, name: str) -> TimelineTag:
        """The tag of that name, made when the project has none."""
        key = (project.id, name)
        if key not in self._timeline_tags:
            self._timeline_tags[key] = TimelineTag(self._next("timeline tag"), name)
        return self._timeline_tags[key]
