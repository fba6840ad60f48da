"""REST routes of an issue's discussions and of its events (doc/api/discussions.md, resource_state_events.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aiohttp import web

from sandbox.gitlab.answers import bad_request, not_found, page, payload
from sandbox.gitlab.comments import write
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.issue_bodies import discussion_body, label_event_body, state_event_body
from sandbox.gitlab.issue_rights import may_see_note
from sandbox.gitlab.issue_routes import seen_issue
from sandbox.gitlab.issues import Issue, LabelEvent, Note, StateEvent
from sandbox.gitlab.note_routes import NoteRoutes, answered, read_comment, writer
from sandbox.gitlab.nouns import Person

NO_REPLIES = "Discussion can not be replied to."


@dataclass(frozen=True, slots=True)
class DiscussionRoutes:
    desk: Desk

    def routes(self) -> list[web.RouteDef]:
        issue = "/api/v4/projects/{id}/issues/{issue_iid}"
        discussions = f"{issue}/discussions"
        one, notes = f"{discussions}/{{discussion_id}}", NoteRoutes(self.desk)
        return [
            web.get(discussions, self.discussions),
            web.post(discussions, self.create),
            web.get(one, self.discussion),
            web.post(f"{one}/notes", self.reply),
            web.get(f"{one}/notes/{{note_id}}", notes.note),
            web.put(f"{one}/notes/{{note_id}}", notes.update),
            web.delete(f"{one}/notes/{{note_id}}", notes.delete),
            web.get(f"{issue}/resource_state_events", self.state_events),
            web.get(f"{issue}/resource_label_events", self.label_events),
        ]

    @property
    def url(self) -> str:
        return self.desk.state.url

    async def discussions(self, request: web.Request) -> web.Response:
        """Oldest first; a note by itself is a discussion of one."""
        issue, person = seen_issue(self.desk, request), self.desk.person(request)
        rows = list(discussed(issue, person).values())
        return page(request, rows, lambda one: one[0].id, lambda one: discussion_body(one, issue, self.url))

    async def discussion(self, request: web.Request) -> web.Response:
        issue, notes = self._seen(request)
        return web.json_response(discussion_body(notes, issue, self.url))

    async def create(self, request: web.Request) -> web.Response:
        person = writer(self.desk, request)
        issue = seen_issue(self.desk, request)
        comment = replace(read_comment(await payload(request), issue, person), thread=True)
        return answered(write(self.desk.state, issue, person, comment), issue, self.url, 201, whole=True)

    async def reply(self, request: web.Request) -> web.Response:
        """A note by itself becomes a discussion with its first reply; what GitLab wrote takes none."""
        person = writer(self.desk, request)
        issue, notes = self._seen(request)
        comment = read_comment(await payload(request), issue, person)
        if notes[0].system:
            raise bad_request(NO_REPLIES)
        written = write(self.desk.state, issue, person, replace(comment, reply_to=notes[0]))
        return answered(written, issue, self.url, 201)

    def _seen(self, request: web.Request) -> tuple[Issue, list[Note]]:
        issue = seen_issue(self.desk, request)
        found = discussed(issue, self.desk.person(request)).get(request.match_info["discussion_id"])
        if not found:
            raise not_found("Discussion")
        return issue, found

    async def state_events(self, request: web.Request) -> web.Response:
        """Oldest first, as label events; neither is told of by a note."""
        issue = seen_issue(self.desk, request)
        return page(request, issue.state_events, _id, lambda one: state_event_body(one, issue, self.url))

    async def label_events(self, request: web.Request) -> web.Response:
        issue = seen_issue(self.desk, request)
        return page(request, issue.label_events, _id, lambda one: label_event_body(one, issue, self.url))


def discussed(issue: Issue, person: Person) -> dict[str, list[Note]]:
    """The notes that the person may read, by discussion."""
    found: dict[str, list[Note]] = {}
    for note in issue.notes:
        if may_see_note(person, note, issue):
            found.setdefault(note.discussion, []).append(note)
    return found


def _id(event: StateEvent | LabelEvent) -> int:
    return event.id
