"""Comments as they change, threads and replies, and shared files: GitLab's samples and the sandbox's GitLab."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, GitLabUnreachable, NotFound
from bot.tracker import Comment, NewIssue
from tests.edges import wire
from tests.edges.gitlab_calls import FIXTURES, NOW, THREAD, Connect, Start, answered, asked, fails, sample
from tests.edges.wire import Reply, Seen

SHOP = 42
SECRET = "66dbcd21ec5d24ed6ea225176098d52b"
GRAPH = f"/uploads/{SECRET}/graph.png"
COMMANDS: dict[str, Start] = {
    "note": lambda gitlab: gitlab.write_note(SHOP, 17, "/severity high"),
    "reply": lambda gitlab: gitlab.reply(SHOP, 17, THREAD, "/severity high"),
    "change": lambda gitlab: gitlab.change_note(SHOP, 17, 3303, "/severity high"),
}
CALLS: dict[str, Start] = {
    "changed": lambda gitlab: gitlab.notes_changed(SHOP, 17, 0),
    "ids": lambda gitlab: gitlab.note_ids(SHOP, 17),
    "note": lambda gitlab: gitlab.note(SHOP, 17, 1),
    "write": lambda gitlab: gitlab.write_note(SHOP, 17, "x"),
    "start": lambda gitlab: gitlab.start_discussion(SHOP, 17, "x"),
}


def note(number: int, at: str = "2026-11-20T10:12:30.001Z", **more: Any) -> dict[str, Any]:
    """The sample's comment under another number, changed at that time."""
    return {**sample("issue_notes_list")[0], "id": number, "updated_at": at, **more}


def page(*notes: dict[str, Any], follows: bool = False) -> Reply:
    """A page of a list, which need not be full for another to follow."""
    return wire.data(list(notes), Link='<http://gitlab.invalid/next>; rel="next"' if follows else "")


def threads(**found: tuple[str, int] | None) -> dict[str, Any]:
    """What GraphQL answers of comments by alias."""
    return {
        "data": {
            alias: one
            and {"discussion": {"id": one[0], "notes": {"nodes": [{"id": f"gid://gitlab/Note/{one[1]}"}]}}}
            for alias, one in found.items()
        }
    }


# Read -------------------------------------------------------------------------------------------------------


def test_changed_comments_are_read_until_one_is_older(connect: Connect) -> None:
    """Short pages do not end it; what moved to the next page meanwhile comes once; GitLab's own lines do not."""
    script = wire.in_turn(
        page(note(5), note(4), follows=True),
        page(note(4), note(9, system=True), note(3, "2026-11-20T10:00:00Z"), note(2, "2026-11-20T09:59:59Z")),
    )
    with wire.serve(script) as server:
        found = connect(server).notes_changed(SHOP, 17, NOW)
    assert [one.id for one in found] == [5, 4, 3]
    assert server.seen[0].query == {
        "activity_filter": "only_comments", "order_by": "updated_at", "sort": "desc", "per_page": "100", "page": "1"
    }  # fmt: skip
    assert server.seen[1].query["page"] == "2"


def test_changed_comments_are_read_from_so_many_pages(connect: Connect) -> None:
    """Whatever follows."""
    with wire.serve(wire.always(page(note(5), follows=True))) as server:
        assert len(connect(server).notes_changed(SHOP, 17, NOW, pages=3)) == 1
    assert len(server.seen) == 3


def test_all_ids_are_read_or_none(connect: Connect) -> None:
    """A list that is cut would make the rest look deleted."""
    with wire.serve(wire.in_turn(page(note(1), follows=True), page(note(2), note(3)))) as server:
        assert connect(server).note_ids(SHOP, 17) == [1, 2, 3]
    assert (server.seen[0].query["order_by"], server.seen[0].query["sort"]) == ("created_at", "asc")
    with (
        wire.serve(wire.always(page(note(1), follows=True))) as server,
        pytest.raises(GitLabSaidNo, match="5,000"),
    ):
        connect(server).note_ids(SHOP, 17)


def test_one_comment_is_read_or_gone(connect: Connect) -> None:
    """With the thread it may be in."""
    found = answered(connect, note(5, type="DiscussionNote"), lambda gitlab: gitlab.note(SHOP, 17, 5))
    assert (found.id, found.in_discussion, found.internal) == (5, True, False)
    with pytest.raises(NotFound, match="comment is gone"):
        answered(connect, {"message": "404 Note Not Found"}, lambda gitlab: gitlab.note(SHOP, 17, 5), 404)


def test_threads_are_asked_for_by_comments(connect: Connect) -> None:
    """In one request; a thread nobody has replied in has an id too, and what is hidden is left out."""
    answer = threads(
        n3301=(f"gid://gitlab/Discussion/{THREAD}", 3301),
        n3302=(f"gid://gitlab/IndividualNoteDiscussion/{'b' * 40}", 3302),
        n3303=None,
        n3304=(f"gid://gitlab/Discussion/{THREAD}", 3301),
    )
    wanted = [3304, 3301, 3302, 3303, 3301]
    found, seen = asked(connect, answer, lambda gitlab: gitlab.discussions_of(wanted, SHOP, 17))
    assert found == {3301: (THREAD, 3301), 3302: ("b" * 40, 3302), 3304: (THREAD, 3301)}
    assert seen.json["query"].count("gid://gitlab/Note/") == 4


def test_many_threads_are_asked_for_thirty_at_a_time(connect: Connect) -> None:
    """Each query stays within GitLab's limits; nothing is asked for nothing."""
    with wire.serve(wire.always(wire.data({"data": {}}))) as server:
        assert connect(server).discussions_of(range(10**12, 10**12 + 70), SHOP, 17) == {}
        assert connect(server).discussions_of([], SHOP, 17) == {}
    assert [one.json["query"].count(":note(") for one in server.seen] == [30, 30, 10]
    assert max(len(one.json["query"]) for one in server.seen) < 10_000


def test_a_gitlab_that_cannot_be_asked_for_a_comment_lists_threads(connect: Connect) -> None:
    """Then they come from the discussions of the issue."""

    def script(seen: Seen) -> Reply:
        if seen.path == "/api/graphql":
            return wire.data({"errors": [{"message": "Field 'note' doesn't exist on type 'Query'"}]})
        return wire.data(sample("issue_discussions_list"))

    with wire.serve(script) as server:
        assert connect(server).discussions_of([3304, 9], SHOP, 17) == {3304: (THREAD, 3301)}
    assert server.paths()[1] == "GET /api/v4/projects/42/issues/17/discussions"


@pytest.mark.parametrize("id", ["gid://gitlab/Discussion/../../x", "gid://gitlab/Discussion/7", None, 3])
def test_a_thread_of_another_form_is_no_answer(connect: Connect, id: Any) -> None:  # noqa: A002 -- GitLab's name
    """Its id becomes a part of an address."""
    error = fails(
        connect, wire.data(threads(n1=(id, 1))), lambda gitlab: gitlab.discussions_of([1], SHOP, 17)
    )  # fmt: skip
    assert isinstance(error, GitLabUnreachable)


# Write ------------------------------------------------------------------------------------------------------


def test_a_comment_is_written_as_it_was_said(connect: Connect) -> None:
    """What is not asked for is not sent; what came of it is in the answer."""
    made = sample("issue_note_create")
    found, seen = asked(connect, made, lambda gitlab: gitlab.write_note(SHOP, 17, "Mitigated"), 201)
    assert isinstance(found, Comment)
    assert (found.id, found.internal) == (3303, False)
    assert (seen.path, seen.json) == ("/api/v4/projects/42/issues/17/notes", {"body": "Mitigated"})
    found, seen = asked(
        connect, made | {"internal": True},
        lambda gitlab: gitlab.write_note(SHOP, 17, "Mitigated", internal=True, at=NOW), 201,
    )  # fmt: skip
    assert found.internal
    assert seen.json == {"body": "Mitigated", "internal": True, "created_at": "2026-11-20T10:00:00.000Z"}


@pytest.mark.parametrize("write", COMMANDS)
def test_a_text_of_commands_alone_is_no_comment(connect: Connect, write: str) -> None:
    """GitLab carries it out, writes nothing and says what it did."""
    with pytest.raises(GitLabSaidNo, match="Set the severity to High") as caught:
        answered(connect, sample("issue_note_commands_only"), COMMANDS[write], 202)
    assert caught.value.status == 202


def test_a_reply_goes_into_its_thread(connect: Connect) -> None:
    """By the thread's id, which may be no path."""
    found, seen = asked(
        connect, note(3305, type="DiscussionNote"), lambda gitlab: gitlab.reply(SHOP, 17, THREAD, "Yes", at=NOW), 201
    )  # fmt: skip
    assert (found.id, found.in_discussion) == (3305, True)
    assert seen.path == f"/api/v4/projects/42/issues/17/discussions/{THREAD}/notes"
    assert seen.json == {"body": "Yes", "created_at": "2026-11-20T10:00:00.000Z"}
    with pytest.raises(NotFound, match="thread"):
        answered(
            connect, {"message": "404 Not found"}, lambda gitlab: gitlab.reply(SHOP, 17, THREAD, "Yes"), 404
        )
    with pytest.raises(NotFound):
        answered(connect, {}, lambda gitlab: gitlab.reply(SHOP, 17, "..", "Yes"))


def test_a_thread_is_started_with_its_first_comment(connect: Connect) -> None:
    """In one request."""
    (made,) = sample("issue_discussions_list")
    found, seen = asked(connect, made, lambda gitlab: gitlab.start_discussion(SHOP, 17, "Cache"), 201)
    assert (found[0], found[1].id) == (THREAD, 3301)
    assert (seen.path, seen.json) == ("/api/v4/projects/42/issues/17/discussions", {"body": "Cache"})


@pytest.mark.parametrize(
    ("second", "thread"),
    [
        (wire.data(threads(n3303=(f"gid://gitlab/IndividualNoteDiscussion/{THREAD}", 3303))), THREAD),
        (wire.data(threads(n3303=None)), ""),
        (wire.html(502), ""),
    ],
    ids=["told", "hidden", "lost"],
)
def test_an_internal_thread_is_a_comment_that_is_asked_for(
    connect: Connect, second: Reply, thread: str
) -> None:
    """GitLab starts none by REST. Whatever comes of the question, the comment is written."""
    written = wire.data(sample("issue_note_create") | {"internal": True}, 201)
    with wire.serve(wire.in_turn(written, second)) as server:
        found = connect(server).start_discussion(SHOP, 17, "Key leaked", internal=True)
    assert (found[0], found[1].id, found[1].internal) == (thread, 3303, True)
    assert server.paths() == ["POST /api/v4/projects/42/issues/17/notes", "POST /api/graphql"]


def test_a_comment_is_changed_and_deleted(connect: Connect) -> None:
    """By its number; what is gone is a sentence."""
    found, seen = asked(connect, note(5, body="New"), lambda gitlab: gitlab.change_note(SHOP, 17, 5, "New"))
    assert (found.body, seen.method, seen.json) == ("New", "PUT", {"body": "New"})
    with wire.serve(wire.always(Reply(204))) as server:
        connect(server).drop_note(SHOP, 17, 5)
    assert server.paths() == ["DELETE /api/v4/projects/42/issues/17/notes/5"]
    for act in (
        lambda gitlab: gitlab.change_note(SHOP, 17, 5, "x"),
        lambda gitlab: gitlab.drop_note(SHOP, 17, 5),
    ):
        with pytest.raises(NotFound, match="comment is gone"):
            answered(connect, {"message": "404 Note Not Found"}, act, 404)


@pytest.mark.parametrize("body", [[{}], [None], ["x"], {"a": 1}])
@pytest.mark.parametrize("call", CALLS)
def test_an_answer_gitlab_does_not_document_is_no_answer(connect: Connect, call: str, body: Any) -> None:
    """Other JSON than expected is GitLabUnreachable, never a crash."""
    assert isinstance(fails(connect, wire.data(body), CALLS[call]), GitLabUnreachable)


# Files ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", [GRAPH, sample("project_upload")["full_path"]])
def test_a_file_is_read_by_the_path_in_its_markdown(connect: Connect, path: str) -> None:
    """Short or whole, with the token of whoever asks."""
    with wire.serve(wire.always(wire.plain(b"\x89PNG", Content_Type="image/png"))) as server:
        assert connect(server).download(SHOP, path, 4) == b"\x89PNG"
    assert server.paths() == [f"GET /api/v4/projects/42{GRAPH}"]


def test_a_name_is_one_part_of_the_address(connect: Connect) -> None:
    """Whether it comes escaped or not."""
    for name in ("gr%C3%A4ph 1.png", "gräph 1.png"):
        with wire.serve(wire.always(wire.plain(b"x"))) as server:
            connect(server).download(SHOP, f"/uploads/{SECRET}/{name}", 4)
        assert server.seen[0].path.endswith("/gr%C3%A4ph%201.png")


@pytest.mark.parametrize(
    "path",
    [
        f"/-/project/43{GRAPH}", f"/acme/vault{GRAPH}", "/uploads/abc/graph.png", f"/uploads/{SECRET}/..",
        f"/uploads/{SECRET}/%2E%2E", f"/uploads/{SECRET}/a/b.png", f"https://evil.example{GRAPH}", "",
    ],
)  # fmt: skip
def test_what_is_no_file_of_the_project_is_not_asked_for(connect: Connect, path: str) -> None:
    """Whoever wrote the path may not see other projects; the bot might."""
    with wire.serve(wire.always(wire.plain(b"x"))) as server, pytest.raises(NotFound):
        connect(server).download(SHOP, path, 4)
    assert server.seen == []


def test_a_file_that_cannot_be_had_is_a_sentence(connect: Connect) -> None:
    """Too large, gone, or a page to sign in at in its place."""
    get: Callable[[GitLab], bytes] = lambda gitlab: gitlab.download(SHOP, GRAPH, 4)  # noqa: E731 -- used thrice
    error = fails(connect, wire.plain(b"12345"), get)
    assert isinstance(error, GitLabSaidNo)
    assert error.reason == "file_too_large"
    assert isinstance(fails(connect, wire.data({"message": "404 Not Found"}, 404), get), NotFound)
    assert "web page" in fails(connect, wire.html(), get).sentence


# The sandbox's GitLab ---------------------------------------------------------------------------------------


def test_the_sandbox_keeps_a_discussion(speak: Callable[[str], GitLab]) -> None:
    """From the first comment to the last one that is deleted, and a file that comes back as it went."""
    bob, alice = speak("bob"), speak("alice")
    issue = bob.create_issue(SHOP, NewIssue("Till"))
    thread, first = bob.start_discussion(SHOP, issue.iid, "Cache?")
    reply = alice.reply(SHOP, issue.iid, thread, "Yes")
    assert (first.in_discussion, reply.in_discussion) == (True, True)
    secret = alice.write_note(SHOP, issue.iid, "Key leaked", internal=True)
    assert secret.internal
    assert {first.id, reply.id, secret.id} <= set(bob.note_ids(SHOP, issue.iid))
    changed = bob.change_note(SHOP, issue.iid, first.id, "Cache!")
    assert (changed.body, changed.in_discussion) == ("Cache!", True)
    assert {one.id for one in bob.notes_changed(SHOP, issue.iid, issue.created_at)} >= {first.id, reply.id}
    alice.drop_note(SHOP, issue.iid, reply.id)
    with pytest.raises(NotFound):
        alice.note(SHOP, issue.iid, reply.id)
    data = (FIXTURES / "job_trace.txt").read_bytes()
    markdown = bob.upload(SHOP, "trace.bin", data, "application/octet-stream")
    assert alice.download(SHOP, markdown.partition("](")[2].rstrip(")"), len(data)) == data
