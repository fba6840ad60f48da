"""What GitLab knows of a discussion below an issue: comments as they change, threads and replies, and shared files."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from bot.edges import gitlab_graphql as graphql
from bot.edges import gitlab_issue_shapes as shapes
from bot.edges.gitlab_issues import issue_path, no_issue
from bot.edges.gitlab_records import each, shaped
from bot.edges.gitlab_shapes import iso
from bot.edges.gitlab_wire import PAGES, PER_PAGE, Wire, segment
from bot.errors import GitLabError, GitLabSaidNo, NotFound, NotSupported
from bot.model import Millis
from bot.tracker import Comment

#: Most pages of 100 that are read for the ids of all comments below an issue.
ID_PAGES = 50
#: Comments whose threads one query asks for: each costs 8 of its 250 (gitlab-api.md 5.1).
NOTES_AT_ONCE = 30
#: What GitLabSaidNo.reason is for a file that is larger than was asked for.
TOO_LARGE = "file_too_large"
#: The path of an upload as Markdown has it, and as GitLab's answer has it whole (doc/api/project_markdown_uploads.md).
_UPLOAD = re.compile(r"(?:/-/project/(?P<project>\d+))?/uploads/(?P<secret>[0-9a-f]{32})/(?P<name>[^/?#]+)")
#: The id of a thread in the REST API: 40 hexadecimal digits, which GraphQL has at the end of its own.
_THREAD = re.compile(r"[0-9a-f]{40}")


class Discussions:
    """The part of GitLab that is about what is said below an issue. Its errors are those of GitLab.

    `body` is Markdown of at most 1,000,000 characters; one that holds nothing but quick actions is carried out and
    written nowhere: GitLabSaidNo with the status 202. `at` is kept by GitLab for owners and administrators alone.
    """

    _wire: Wire

    # Read ----------------------------------------------------------------------------------------

    def notes_changed(self, project_id: int, iid: int, since: Millis, pages: int = PAGES) -> list[Comment]:
        """What people wrote or changed below an issue since, changed last first, from at most so many pages of 100.

        GitLab cannot be asked for a time, so that the pages are read until one is older (gitlab-api.md 4.1). What was
        deleted is in no list: `note_ids` tells. What was written `at` an earlier moment counts as changed then.
        """
        query = {"activity_filter": "only_comments", "order_by": "updated_at", "sort": "desc"}
        found: dict[int, Comment] = {}
        for number in range(1, pages + 1):
            items, follows = self._wire.page(_notes(project_id, iid), query, number, missing=no_issue(iid))
            for one in each(shapes.comment, items):
                if one.updated_at < since:
                    return list(found.values())
                if not one.system:
                    found.setdefault(one.id, one)
            if not follows:
                break
        return list(found.values())

    def note_ids(self, project_id: int, iid: int) -> list[int]:
        """The ids of all that this account may read below an issue, GitLab's own lines too, oldest first.

        What is deleted while the pages are read may hide a neighbour, so ask `note` before an id counts as gone.
        GitLabSaidNo above 5,000, as a part would make the rest look deleted.
        """
        query = {"order_by": "created_at", "sort": "asc"}
        found: list[int] = []
        for number in range(1, ID_PAGES + 1):
            items, follows = self._wire.page(_notes(project_id, iid), query, number, missing=no_issue(iid))
            found += each(lambda one: int(one["id"]), items)
            if not follows:
                return found
        raise GitLabSaidNo(
            f"There are more than {ID_PAGES * PER_PAGE:,} comments below #{iid}: too many to count."
        )

    def note(self, project_id: int, iid: int, note_id: int) -> Comment:
        """One comment; NotFound if it was deleted, or is not for this account."""
        found = self._wire.get(_note(project_id, iid, note_id), missing=_GONE)
        return shaped(shapes.comment, found)

    def discussions_of(
        self, note_ids: Collection[int], project_id: int, iid: int
    ) -> Mapping[int, tuple[str, int]]:
        """The thread of each comment, by the comment's id: its id for `reply`, and the id of its first comment.

        A comment by itself has one as well, in which nobody has replied yet. What this account may not see is left
        out. By GraphQL, many at once; where that cannot tell, from the first 1,000 threads of the issue.
        """
        wanted = sorted(set(note_ids))
        try:
            return self._asked_for_threads(wanted)
        except NotSupported:
            listed = self._wire.pages(f"{issue_path(project_id, iid)}/discussions", {}, missing=no_issue(iid))
        known = shaped(_listed, listed)
        return {note_id: known[note_id] for note_id in wanted if note_id in known}

    def _asked_for_threads(self, wanted: Sequence[int]) -> dict[int, tuple[str, int]]:
        found: dict[int, tuple[str, int]] = {}
        for start in range(0, len(wanted), NOTES_AT_ONCE):
            fields = " ".join(map(_question, wanted[start : start + NOTES_AT_ONCE]))
            found |= shaped(_threads, graphql.ask(self._wire, f"query{{{fields}}}"))
        return found

    # Write ---------------------------------------------------------------------------------------

    def write_note(
        self, project_id: int, iid: int, body: str, *, internal: bool = False, at: Millis | None = None
    ) -> Comment:
        """Writes a comment. Whoever is no Planner cannot write an internal one: GitLab shows it to all, without a word.

        So ask first, and look at its `internal` (app/services/notes/build_service.rb).
        """
        values = _said(body, at) | ({"internal": True} if internal else {})
        return _written(self._wire.post(_notes(project_id, iid), values, missing=no_issue(iid)))

    def reply(
        self, project_id: int, iid: int, discussion: str, body: str, *, at: Millis | None = None
    ) -> Comment:
        """Writes below the other comments of a thread, as internal as they are; NotFound if the thread is gone."""
        path = f"{issue_path(project_id, iid)}/discussions/{segment(discussion)}/notes"
        missing = f"That thread below issue #{iid} is gone, or you may not see it. Write a new comment."
        return _written(self._wire.post(path, _said(body, at), missing=missing))

    def start_discussion(
        self, project_id: int, iid: int, body: str, *, internal: bool = False, at: Millis | None = None
    ) -> tuple[str, Comment]:
        """Writes a comment that can be replied to, and returns the id of its thread with it.

        GitLab starts no internal thread by REST: an internal comment is written by itself, and then asked for its
        thread. The id is empty if that was not answered; `discussions_of` tells it later.
        """
        if internal:
            written = self.write_note(project_id, iid, body, internal=True, at=at)
            return self._thread_of(written.id, project_id, iid), written
        path = f"{issue_path(project_id, iid)}/discussions"
        made = self._wire.post(path, _said(body, at), missing=no_issue(iid))
        return shaped(lambda found: (str(found["id"]), shapes.comment(found["notes"][0])), made)

    def _thread_of(self, note_id: int, project_id: int, iid: int) -> str:
        """The comment is written: whatever happens now, its caller has to hear that."""
        try:
            return self.discussions_of((note_id,), project_id, iid).get(note_id, ("", 0))[0]
        except GitLabError:
            return ""

    def change_note(self, project_id: int, iid: int, note_id: int, body: str) -> Comment:
        """Puts another text into a comment; NotFound if it is gone."""
        return _written(self._wire.put(_note(project_id, iid, note_id), {"body": body}, missing=_GONE))

    def drop_note(self, project_id: int, iid: int, note_id: int) -> None:
        """Deletes a comment; NotFound if it is gone."""
        self._wire.delete(_note(project_id, iid, note_id), missing=_GONE)

    # Files ---------------------------------------------------------------------------------------

    def download(self, project_id: int, path: str, most: int) -> bytes:
        """A file that was uploaded to a project, by the path its Markdown has: `/uploads/<secret>/graph.png`.

        NotFound for any other path, such as one of another project: whoever wrote it may not see that one.
        GitLabSaidNo for a file of more than `most` bytes (reason file_too_large) and for a page in place of a file.
        """
        found = _UPLOAD.fullmatch(path)
        if found is None or found["project"] not in (None, str(project_id)):
            raise NotFound(f"`{path}` is no file of that project.", status=404)
        name = segment(unquote(found["name"]))
        missing = "That file is gone, or GitLab does not show it to me."
        data = bytearray()
        with self._wire.stream(
            f"/projects/{project_id}/uploads/{found['secret']}/{name}", missing=missing
        ) as chunks:
            for chunk in chunks:
                data += chunk
                if len(data) > most:
                    raise GitLabSaidNo("That file is larger than I carry.", reason=TOO_LARGE)
        return bytes(data)


_GONE = "That comment is gone, or you may not see it."


def _notes(project_id: int, iid: int) -> str:
    return f"{issue_path(project_id, iid)}/notes"


def _note(project_id: int, iid: int, note_id: int) -> str:
    return f"{_notes(project_id, iid)}/{note_id}"


def _said(body: str, at: Millis | None) -> dict[str, Any]:
    return {"body": body} if at is None else {"body": body, "created_at": iso(at)}


def _written(made: Any) -> Comment:
    """The comment; a text of nothing but quick actions was carried out, and there is none (doc/api/notes.md)."""
    if isinstance(made, dict) and "id" not in made and "commands_changes" in made:
        done = " ".join(map(str, made.get("summary") or ()))
        raise GitLabSaidNo(
            f"GitLab took that for commands and wrote no comment. {done}".strip(), status=202, reason=done
        )
    return shaped(shapes.comment, made)


def _question(note_id: int) -> str:
    return (
        f'n{note_id}:note(id:"gid://gitlab/Note/{note_id}"){{discussion{{id notes(first:1){{nodes{{id}}}}}}}}'
    )


def _threads(data: Mapping[str, Any]) -> dict[int, tuple[str, int]]:
    """Threads by comment, from the aliases of `_question`; null for a comment that is not visible."""
    visible = {alias: note["discussion"] for alias, note in data.items() if (note or {}).get("discussion")}
    return {int(alias[1:]): _thread(thread) for alias, thread in visible.items()}


def _thread(data: Any) -> tuple[str, int]:
    discussion = str(data["id"]).rpartition("/")[2]
    if not _THREAD.fullmatch(discussion):
        raise ValueError(discussion)
    return discussion, graphql.number(data["notes"]["nodes"][0]["id"])


def _listed(discussions: Any) -> dict[int, tuple[str, int]]:
    """The same from doc/api/discussions.md."""
    return {
        note["id"]: (str(one["id"]), one["notes"][0]["id"]) for one in discussions for note in one["notes"]
    }
