"""The sandbox's timelines are kept by GraphQL and by quick action, with GitLab's rights, limits and sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample
from tests.sandbox.graphql_stage import ask, change, incident_gid

WHOLE = (
    "timelineEvent{id author{id username} updatedByUser{id} incident{id iid title} note noteHtml "
    "promotedFromNote{id} editable action occurredAt createdAt updatedAt timelineEventTags{nodes{id name}}}"
)
AT = "2026-11-20T10:14:00Z"
FORBIDDEN = sample("graphql_timeline_event_create_forbidden")
NOTES = "/projects/acme%2Fshop/issues/1/notes"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        stage.act("incident Checkout is down", "carol")
        yield stage


def create(stage: GitLabStage, note: str, name: str = "bob", **more: Any) -> Any:
    """The payload of one new line of the timeline."""
    given = {"incidentId": incident_gid(stage), "note": note, "occurredAt": AT, **more}
    return change(stage, "timelineEventCreate", WHOLE, name, **given)["data"]["timelineEventCreate"]


def events(stage: GitLabStage, fields: str = "note", arguments: str = "") -> list[Any]:
    query = (
        'query{project(fullPath: "acme/shop"){incidentManagementTimelineEvents('
        f'incidentId: "{incident_gid(stage)}"{arguments}){{nodes{{{fields}}}}}}}}}'
    )
    return list(ask(stage, query)["data"]["project"]["incidentManagementTimelineEvents"]["nodes"])


def shape(value: Any) -> Any:
    """The keys of a body, and the keys of all that is in it."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def test_a_line_is_answered_as_the_sample_is(stage: GitLabStage) -> None:
    """Key for key; tags are those that every project has, in any case."""
    wanted = sample("graphql_timeline_event_create")["data"]["timelineEventCreate"]
    made = create(stage, "Failover to replica started", timelineEventTagNames=["impact DETECTED"])
    assert shape(made) == shape(wanted)
    event, other = made["timelineEvent"], wanted["timelineEvent"]
    for name in ("note", "noteHtml", "editable", "action", "occurredAt", "updatedByUser", "promotedFromNote"):
        assert event[name] == other[name]
    assert (event["author"]["username"], event["incident"]["iid"]) == ("bob", "1")
    assert [one["name"] for one in event["timelineEventTags"]["nodes"]] == ["Impact detected"]
    rows = events(stage, "id note action occurredAt timelineEventTags{nodes{name}}")
    query = sample("graphql_timeline_events_query")["data"]["project"]["incidentManagementTimelineEvents"]
    assert shape(rows[:1]) == shape(query["nodes"])
    assert rows[0]["note"] == "Failover to replica started"


def test_lines_are_in_the_order_of_what_happened(stage: GitLabStage) -> None:
    """Not in that in which they were written; a page says whether there is more, and where it begins."""
    create(stage, "second", occurredAt="2026-11-20T11:00:00+01:00")
    create(stage, "first", occurredAt="2026-11-20T09:00:00Z")
    assert [one["note"] for one in events(stage)][:2] == ["first", "second"]
    query = (
        'query($after: String){project(fullPath: "acme/shop"){incidentManagementTimelineEvents('
        f'incidentId: "{incident_gid(stage)}", first: 2, after: $after)'
        "{nodes{note} pageInfo{hasNextPage endCursor}}}}"
    )
    first = ask(stage, query)["data"]["project"]["incidentManagementTimelineEvents"]
    assert (len(first["nodes"]), first["pageInfo"]["hasNextPage"]) == (2, True)
    last = ask(stage, query, after=first["pageInfo"]["endCursor"])["data"]["project"]
    assert last["incidentManagementTimelineEvents"]["nodes"] == [{"note": "@carol created the incident"}]
    assert last["incidentManagementTimelineEvents"]["pageInfo"]["hasNextPage"] is False


def test_a_line_has_at_most_280_characters(stage: GitLabStage) -> None:
    """Characters, not bytes; blank ones and tags there are none of are refused as well, without an event."""
    assert create(stage, "ü" * 280)["errors"] == []
    cases: tuple[tuple[str, list[str], str], ...] = (
        ("x" * 281, [], "Timeline text is too long (maximum is 280 characters)"),
        (" ", [], "Timeline text can't be blank"),
        ("x", ["Nap", "Start time"], 'Following tags don\'t exist: ["nap"]'),
    )
    for note, tags, error in cases:
        refused = create(stage, note, timelineEventTagNames=tags)
        assert refused == {"timelineEvent": None, "errors": [error]}
    assert len(events(stage)) == 2


@pytest.mark.parametrize("name", ["carol", "dave"])
def test_a_timeline_is_for_developers(stage: GitLabStage, name: str) -> None:
    """Reporters read it and may not write it; the error is the sample's, place and all."""
    stage.act("role dave none")
    query = "mutation($input: TimelineEventCreateInput!){timelineEventCreate(input:$input){timelineEvent{id} errors}}"
    given = {"incidentId": incident_gid(stage), "note": "x", "occurredAt": AT}
    assert ask(stage, query, name, input=given) == FORBIDDEN


def test_an_instance_can_deny_timelines(stage: GitLabStage) -> None:
    """Then nobody writes one, by mutation or by quick action; what is there can be read."""
    stage.fake.break_("timeline")
    assert create(stage, "x", "alice") is None
    assert stage.send("POST", NOTES, {"body": "/timeline x"}, name="bob").status_code == 400
    assert len(events(stage)) == 1
    stage.fake.mend()
    assert create(stage, "x")["errors"] == []


def test_a_line_is_changed_and_taken_away(stage: GitLabStage) -> None:
    """What is not said stays; each change is told below the incident and moves its time."""
    made = create(stage, "Failover", timelineEventTagNames=["Start time"])["timelineEvent"]
    one = {"id": made["id"]}
    said: list[dict[str, Any]] = [
        {"note": "Failover begun"},
        {"occurredAt": "2026-11-20T10:00:00Z"},
        {"note": "Over", "occurredAt": "2026-11-20T10:30:00Z", "timelineEventTagNames": ["End time"]},
        {},
    ]
    answers = [change(stage, "timelineEventUpdate", WHOLE, "alice", **one, **given) for given in said]
    payloads = [answer["data"]["timelineEventUpdate"] for answer in answers]
    assert [payload["errors"] for payload in payloads] == [[]] * len(said)
    event = payloads[-1]["timelineEvent"]
    assert (event["note"], event["occurredAt"]) == ("Over", "2026-11-20T10:30:00Z")
    assert event["updatedByUser"] == {"id": "gid://gitlab/User/7"}
    assert [tag["name"] for tag in event["timelineEventTags"]["nodes"]] == ["End time"]
    long = change(stage, "timelineEventUpdate", "timelineEvent{note}", **one, note="x" * 281)["data"]
    assert long["timelineEventUpdate"]["timelineEvent"] is None
    gone = change(stage, "timelineEventDestroy", "timelineEvent{note}", **one)["data"]
    assert gone["timelineEventDestroy"] == {"timelineEvent": {"note": "Over"}, "errors": []}
    assert change(stage, "timelineEventDestroy", "timelineEvent{id}", **one)["data"] == {
        "timelineEventDestroy": None
    }
    issue = stage.project().issues.get(1)
    assert [one.body for one in issue.notes.list(get_all=True, sort="asc")] == [
        "added an incident timeline event",
        "edited the text on incident timeline event",
        "edited the event time/date on incident timeline event",
        "edited the event time/date and text on incident timeline event",
        "deleted an incident timeline event",
    ]
    assert issue.updated_at > issue.created_at


def test_lines_of_gitlab_itself_cannot_be_edited(stage: GitLabStage) -> None:
    """They say so, and an edit is refused with a sentence; they can be taken away."""
    (own,) = events(stage, "id editable action")
    assert (own["editable"], own["action"]) == (False, "issues")
    answer = change(stage, "timelineEventUpdate", "timelineEvent{id}", id=own["id"], note="x")["data"]
    error = "You have insufficient permissions to manage timeline events for this incident"
    assert answer["timelineEventUpdate"] == {"timelineEvent": None, "errors": [error]}
    change(stage, "timelineEventDestroy", "timelineEvent{id}", id=own["id"])
    assert events(stage) == []


def test_a_comment_becomes_a_line(stage: GitLabStage) -> None:
    """It is quoted with its address, of the time it was written, and may be ten thousand characters long."""
    note = stage.send("POST", NOTES, {"body": "Cache is cold"}, name="carol").json()
    gid = f"gid://gitlab/Note/{note['id']}"
    made = change(stage, "timelineEventPromoteFromNote", WHOLE, noteId=gid)["data"]
    event = made["timelineEventPromoteFromNote"]["timelineEvent"]
    link = f"{stage.fake.url}/acme/shop/-/issues/incident/1#note_{note['id']}"
    assert event["note"] == f"@carol [commented]({link}): 'Cache is cold'"
    assert event["promotedFromNote"] == {"id": gid}
    assert event["occurredAt"][:19] == note["created_at"][:19]
    long = stage.send("POST", NOTES, {"body": "x" * 10_000}, name="carol").json()
    refused = change(stage, "timelineEventPromoteFromNote", WHOLE, noteId=f"gid://gitlab/Note/{long['id']}")
    assert refused["data"]["timelineEventPromoteFromNote"] == {
        "timelineEvent": None,
        "errors": ["Timeline text is too long (maximum is 10000 characters)"],
    }
    stage.act("issue Slow", "bob")
    stage.act("comment #2 x", "bob")
    other = f"gid://gitlab/Note/{long['id'] + 1}"
    answer = change(stage, "timelineEventPromoteFromNote", WHOLE, noteId=other)
    assert answer["errors"][0]["message"] == "Note does not belong to an incident"


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "incidentId (Expected value to not be null)"),
        ({"incidentId": "8801"}, 'incidentId ("8801" is not a valid Global ID)'),
        (
            {"incidentId": "gid://gitlab/Project/42"},
            'incidentId ("gid://gitlab/Project/42" does not represent an instance of Issue)',
        ),
        (
            {"incidentId": "gid://gitlab/Issue/8801", "note": "x", "occurredAt": "noon"},
            "occurredAt (no time ",
        ),
        (
            {"incidentId": "gid://gitlab/Issue/8801", "note": "x", "occurredAt": AT, "tags": []},
            "tags (Field is not defined on TimelineEventCreateInput)",
        ),
    ],
)
def test_a_wrong_input_gets_no_data(stage: GitLabStage, given: dict[str, Any], why: str) -> None:
    """The variable is named, and what is wrong with it."""
    answer = change(stage, "timelineEventCreate", "timelineEvent{id}", **given)
    lead = "Variable $input of type TimelineEventCreateInput! was provided invalid value for "
    assert "data" not in answer
    assert answer["errors"][0]["message"].startswith(lead + why)


def test_the_quick_action_writes_a_line(stage: GitLabStage) -> None:
    """`/timeline text | day time` in UTC; a note of it alone is answered with 202. Reporters' do nothing."""
    answer = stage.send("POST", NOTES, {"body": "/timeline Over | 2026-11-20 09:05"}, name="bob")
    assert (answer.status_code, answer.json()) == (
        202,
        {"commands_changes": {}, "summary": ["Timeline event added successfully."]},
    )
    long = stage.send("POST", NOTES, {"body": f"/timeline {'x' * 281}"}, name="bob")
    assert long.json()["summary"] == ["Something went wrong while adding timeline event."]
    for name, text in (("carol", "x"), ("bob", "x | 20.11.2026 09:05"), ("bob", "x | 2026-13-40 09:05")):
        answer = stage.send("POST", NOTES, {"body": f"/timeline {text}"}, name=name)
        assert answer.status_code == 400
    first, own = events(stage, "note occurredAt")
    assert (first, own["note"]) == (
        {"note": "Over", "occurredAt": "2026-11-20T09:05:00Z"},
        "@carol created the incident",
    )


def test_the_discussion_of_a_note_is_found(stage: GitLabStage) -> None:
    """Several notes in one request; what one may not read is null, and is left out of its discussion."""
    for body, more in (("one", {}), ("two", {"internal": True})):
        stage.send("POST", NOTES, {"body": body, **more}, name="bob")
    listed = stage.send("GET", "/projects/acme%2Fshop/issues/1/discussions", name="bob").json()
    stage.act("reply #1 3301 reply", "bob")
    query = (
        'query{a: note(id: "gid://gitlab/Note/3301"){id internal discussion{id notes{nodes{id body}}}} '
        'b: note(id: "gid://gitlab/Note/3302"){id internal} c: note(id: "gid://gitlab/Note/1"){id}}'
    )
    found = ask(stage, query)["data"]
    assert found["a"] == {
        "id": "gid://gitlab/DiscussionNote/3301",
        "internal": False,
        "discussion": {
            "id": f"gid://gitlab/Discussion/{listed[0]['id']}",
            "notes": {
                "nodes": [
                    {"id": "gid://gitlab/DiscussionNote/3301", "body": "one"},
                    {"id": "gid://gitlab/DiscussionNote/3303", "body": "reply"},
                ]
            },
        },
    }
    assert (found["b"], found["c"]) == ({"id": "gid://gitlab/Note/3302", "internal": True}, None)
    stage.act("role carol guest")
    assert ask(stage, query, "carol")["data"]["b"] is None


@pytest.mark.parametrize("how", ["502-after", "cut-after"])
def test_a_line_may_be_there_although_its_answer_is_lost(stage: GitLabStage, how: str) -> None:
    """A change by GraphQL is broken as any other is; a question is none, although it is asked by POST."""
    stage.fake.break_(how)
    assert events(stage) != []
    with pytest.raises((ConnectionError, OSError, ValueError)):
        create(stage, "once")
    assert "once" in [one["note"] for one in events(stage)]
    assert create(stage, "twice")["errors"] == []
