"""REST routes of an issue's notes: list, one, create, change, delete (doc/api/notes.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import (
    Refused,
    bad_request,
    forbidden,
    missing,
    not_found,
    page,
    payload,
    too_many,
)
from sandbox.gitlab.comments import Comment, Written, delete, edit, write
from sandbox.gitlab.desk import Desk, number
from sandbox.gitlab.issue_bodies import commands_body, discussion_body, note_body
from sandbox.gitlab.issue_rights import may_create, may_edit_note, may_see_note
from sandbox.gitlab.issue_routes import seen_issue
from sandbox.gitlab.issues import Issue, Note
from sandbox.gitlab.nouns import LEVELS, Person
from sandbox.gitlab.people import level

#: doc/api/notes.md; GitLab counts characters.
LONGEST_NOTE = 1_000_000
FILTERS = ("all_notes", "only_comments", "only_activity")
ORDERS = ("created_at", "updated_at")
FAILED = "Failed to apply commands."


@dataclass(frozen=True, slots=True)
class NoteRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        notes = "/api/v4/projects/{id}/issues/{issue_iid}/notes"
        return [
            web.get(notes, self.notes),
            web.post(notes, self.create),
            web.get(f"{notes}/{{note_id}}", self.note),
            web.put(f"{notes}/{{note_id}}", self.update),
            web.delete(f"{notes}/{{note_id}}", self.delete),
        ]

    async def notes(self, request: web.Request) -> web.Response:
        """Newest first. A page may be shorter than it says: what one may not read is left out of it."""
        issue, person = seen_issue(self.desk, request), self.desk.person(request)
        rows = _ordered(issue.notes, request.query)
        url = self.desk.state.url
        return page(
            request,
            rows,
            _id,
            lambda one: note_body(one, issue, url),
            readable=lambda one: may_see_note(person, one, issue),
        )

    async def note(self, request: web.Request) -> web.Response:
        issue, note = seen_note(self.desk, request)
        return web.json_response(note_body(note, issue, self.desk.state.url))

    async def create(self, request: web.Request) -> web.Response:
        person = writer(self.desk, request)
        issue, given = seen_issue(self.desk, request), await payload(request)
        written = write(self.desk.state, issue, person, read_comment(given, issue, person))
        return answered(written, issue, self.desk.state.url, 201)

    async def update(self, request: web.Request) -> web.Response:
        issue, note = seen_note(self.desk, request)
        given, person = await payload(request), self.desk.person(request)
        if "body" in given and not (parameters.text(given, "body") or "").strip():
            raise Refused(400, {"error": "body is empty"})
        if not may_edit_note(person, note, issue):
            raise forbidden()
        body = parameters.text(given, "body") or note.body
        _check(body)
        return answered(edit(self.desk.state, issue, note, person, body), issue, self.desk.state.url, 200)

    async def delete(self, request: web.Request) -> web.Response:
        issue, note = seen_note(self.desk, request)
        if not may_edit_note(self.desk.person(request), note, issue):
            raise forbidden()
        delete(self.desk.state, issue, note)
        return web.Response(status=204)


def writer(desk: Desk, request: web.Request) -> Person:
    """Who writes a comment. Raises Refused (429) above so many a minute, before anything else is looked at."""
    person = desk.person(request)
    if not desk.state.notes_limit.takes(person.id, desk.state.clock()):
        raise too_many()
    return person


def seen_note(desk: Desk, request: web.Request) -> tuple[Issue, Note]:
    """The note of the path with its issue. Raises Refused (404), also for what the person may not read."""
    issue = seen_issue(desk, request)
    note = issue.note(number(request, "note_id"))
    if note is None:
        raise Refused(404, {"message": "404 Not found"})
    if not may_see_note(desk.person(request), note, issue):
        raise not_found("Note")
    return issue, note


def read_comment(given: Mapping[str, Any], issue: Issue, person: Person) -> Comment:
    """What somebody wants to write. Raises Refused (400, 403) as GitLab does."""
    if "body" not in given:
        raise missing("body")
    body = parameters.text(given, "body") or ""
    internal = parameters.yes(given, "internal") or parameters.yes(given, "confidential") or False
    if not may_create(person, issue.project):
        raise forbidden()
    _check(body)
    owner = level(person, issue.project) >= LEVELS["owner"]
    return Comment(body, internal, parameters.at(given, "created_at") if owner else None)


def _check(body: str) -> None:
    why = "can't be blank" if not body.strip() else ""
    if len(body) > LONGEST_NOTE:
        why = f"is too long (maximum is {LONGEST_NOTE} characters)"
    if why:
        raise bad_request(f'Note {{:note=>["{why}"]}}')


def answered(written: Written, issue: Issue, url: str, status: int, *, whole: bool = False) -> web.Response:
    """The note, or its discussion; 202 when only quick actions were written, 400 when none of them did anything."""
    note = written.note
    if note is not None and whole:
        notes = [one for one in issue.notes if one.discussion == note.discussion]
        return web.json_response(discussion_body(notes, issue, url), status=status)
    if note is not None:
        return web.json_response(note_body(note, issue, url, written.changes), status=status)
    if not written.effects.messages:
        raise bad_request(FAILED)
    return web.json_response(commands_body(written.changes, written.summary), status=202)


def _ordered(notes: list[Note], query: Mapping[str, str]) -> list[Note]:
    wanted = parameters.chosen(query, "activity_filter", FILTERS)
    order = parameters.chosen(query, "order_by", ORDERS) or ORDERS[0]
    down = (parameters.chosen(query, "sort", ("asc", "desc")) or "desc") == "desc"
    system = {"only_comments": False, "only_activity": True}.get(wanted or "")
    rows = [note for note in notes if system is None or note.system is system]
    return sorted(rows, key=lambda note: (getattr(note, order), note.id), reverse=down)


def _id(note: Note) -> int:
    return note.id
