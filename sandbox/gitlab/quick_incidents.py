"""The quick actions that incidents are kept with: `/timeline` and `/duplicate` (lib/gitlab/quick_actions)."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from sandbox.gitlab.incidents import is_incident
from sandbox.gitlab.issue_rights import may_create, may_edit, may_see
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.quick_scene import Effects, Scene
from sandbox.gitlab.timeline import Moment, NotKept, keep, may_keep

ADDED, FAILED = "Timeline event added successfully.", "Something went wrong while adding timeline event."
#: `TimelineTextAndDateTimeSeparator`: a day and a time, or a time of today; dots and slashes make it no date.
DAY_AND_TIME = re.compile(r"(\d{4}-\d{1,2}-\d{1,2}) +(\d{1,2}:\d{2})")
TIME = re.compile(r"(\d{1,2}:\d{2})")
MIXED = re.compile(r"[/.]")
#: `#12`, `infra#12`, `acme/infra#12`, or an address that ends so.
REFERENCE = re.compile(
    r"(?:.*/(?P<path>[\w.-]+/[\w.-]+)/-/issues/(?:incident/)?|(?P<named>[\w./-]*)#)(?P<iid>\d+)"
)


def timeline(scene: Scene, text: str, found: Effects) -> None:
    """`/timeline TEXT | DAY TIME`, done at once; without a moment it is this minute."""
    issue = scene.issue
    if issue is None or not is_incident(issue) or not text or not may_keep(scene.state, issue, scene.person):
        return
    note, _, when = text.partition("|")
    at = read_moment(when.strip(), scene.now)
    if not note.strip() or at is None:
        return
    try:
        keep(scene.state, issue, scene.person, Moment(note.strip(), at))
    except NotKept:
        found.add(FAILED)
    else:
        found.add(ADDED)


def read_moment(text: str, now: float) -> float | None:
    """The moment that is meant, in UTC: the minute it is when there is none, None for what is no date."""
    today = datetime.fromtimestamp(now, UTC)
    if MIXED.search(text):
        return None
    day, hour = DAY_AND_TIME.search(text), TIME.search(text)
    if hour is None:
        return today.replace(second=0, microsecond=0).timestamp()
    try:
        parts = [int(part) for part in (day[1] if day else f"{today:%Y-%m-%d}").split("-")]
        hours, minutes = (int(part) for part in hour[1].split(":"))
        return datetime(parts[0], parts[1], parts[2], hours, minutes, tzinfo=UTC).timestamp()
    except ValueError:
        return None


def duplicate(scene: Scene, text: str, found: Effects) -> None:
    """`/duplicate #12`: what cannot be done is said, as GitLab says it."""
    issue = scene.issue
    if issue is None or not scene.manages:
        return
    kind, other = issue.type.capitalize(), _named(scene, text)
    if other is None:
        found.add(f"Failed to mark this {kind} as duplicate because referenced item was not found.")
    elif other is issue:
        found.add(f"Failed to mark the {kind} as duplicate of itself.")
    elif not may_edit(scene.person, issue) or not may_create(scene.person, other.project):
        found.add(f"Failed to mark this {kind} as duplicate due to insufficient permissions.")
    else:
        address = f"{scene.state.url}/{other.project.path}/-/issues/{other.iid}"
        said = f"Closed this {kind}. Marked as related to, and a duplicate of, {address}."
        found.add(said, canonical_issue_id=other.id)


def _named(scene: Scene, text: str) -> Issue | None:
    """The issue that a reference names, if the person may see it."""
    match = REFERENCE.fullmatch(text.strip())
    if match is None:
        return None
    path = match["path"] or match["named"] or scene.project.path
    if "/" not in path:
        path = f"{scene.project.group}/{path}"
    project = scene.state.visible(scene.person, path)
    other = None if project is None else scene.tracker.issue(project, int(match["iid"]))
    return other if other is not None and may_see(scene.person, other) else None
