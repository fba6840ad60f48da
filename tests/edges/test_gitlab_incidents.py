"""Incidents: what changed, severity, status and timeline by GraphQL, events and links; GitLab's own samples."""

from __future__ import annotations

from typing import Any

import pytest

from bot.errors import GitLabBusy, GitLabError, GitLabSaidNo, GitLabUnreachable, NotFound, NotSupported
from bot.tracker import IncidentFacts, LabelEvent, StateEvent, TimelineEvent
from tests.edges import wire
from tests.edges.gitlab_calls import EVENT, Connect, Start, answered, asked, fails, sample
from tests.edges.wire import Reply

SHOP, AT = 42, 1_795_169_640_000
MITIGATED = TimelineEvent(
    EVENT, "Failover to replica started", AT, "dana", "comment", True, ("Impact detected",), 1_795_169_645_000
)  # fmt: skip
GRAPHQL: dict[str, Start] = {
    "severity": lambda gitlab: gitlab.set_severity("acme/shop", 17, "critical"),
    "status": lambda gitlab: gitlab.set_status("acme/shop", 17, "acknowledged"),
    "facts": lambda gitlab: gitlab.incident_facts("acme/shop", [17]),
    "timeline": lambda gitlab: gitlab.timeline("acme/shop", 8817),
    "add": lambda gitlab: gitlab.add_timeline(8817, "x", AT),
    "change": lambda gitlab: gitlab.change_timeline(EVENT, "x", AT),
    "drop": lambda gitlab: gitlab.drop_timeline(EVENT),
}


def problem(message: str) -> Reply:
    """A GraphQL error, which comes with a success."""
    return wire.data(
        {"data": None, "errors": [{"message": message, "locations": [{"line": 1, "column": 2}]}]}
    )


def timeline_of(*numbers: int, after: str | None = None) -> Reply:
    """A page of the sample's event under other numbers."""
    node = sample("graphql_timeline_event_create")["data"]["timelineEventCreate"]["timelineEvent"]
    base = EVENT.rpartition("/")[0]
    nodes = [node | {"id": f"{base}/{number}"} for number in numbers]
    info = {"hasNextPage": after is not None, "endCursor": after}
    return wire.data(
        {"data": {"project": {"incidentManagementTimelineEvents": {"nodes": nodes, "pageInfo": info}}}}
    )


# What changed -----------------------------------------------------------------------------------------------


def test_changed_incidents_are_asked_for_by_time(connect: Connect) -> None:
    """Open and closed ones, changed last first."""
    found, seen = asked(connect, sample("issues_list"), lambda gitlab: gitlab.incidents_changed(SHOP, AT))
    assert [(one.iid, one.severity) for one in found] == [(17, "high")]
    assert seen.path == "/api/v4/projects/42/issues"
    assert seen.query == {
        "issue_type": "incident", "state": "all", "updated_after": "2026-11-20T10:14:00.000Z",
        "order_by": "updated_at", "sort": "desc", "per_page": "100", "page": "1",
    }  # fmt: skip


def test_more_than_a_page_of_incidents_is_read_in_pages(connect: Connect) -> None:
    """As many as were asked for, and no page more."""
    full = wire.data(sample("issues_list") * 100)
    with wire.serve(wire.always(full)) as server:
        assert len(connect(server).incidents_changed(SHOP, AT, most=150)) == 150
    assert len(server.seen) == 2


# Severity and status ----------------------------------------------------------------------------------------


def test_severity_and_status_are_set_by_name(connect: Connect) -> None:
    """In GitLab's capitals on the way there, in ours on the way back."""
    found, seen = asked(connect, sample("graphql_issue_set_severity"), GRAPHQL["severity"])
    assert found == "critical"
    assert seen.path == "/api/graphql"
    assert "issueSetSeverity(input:$input)" in seen.json["query"]
    assert seen.json["variables"] == {
        "input": {"projectPath": "acme/shop", "iid": "17", "severity": "CRITICAL"}
    }
    found, seen = asked(connect, sample("graphql_issue_set_escalation_status"), GRAPHQL["status"])
    assert found == "acknowledged"
    assert seen.json["variables"] == {
        "input": {"projectPath": "acme/shop", "iid": "17", "status": "ACKNOWLEDGED"}
    }


def test_facts_of_many_incidents_come_in_one_request(connect: Connect) -> None:
    """A status that was never set is empty; an incident that is hidden is left out."""
    answer = {
        "i17": {"severity": "HIGH", "escalationStatus": "TRIGGERED"},
        "i18": {"severity": "UNKNOWN", "escalationStatus": None},
        "i19": None,
    }
    ask: Start = lambda gitlab: gitlab.incident_facts("acme/shop", [17, 18, 19])  # noqa: E731 -- it is one line
    found, seen = asked(connect, {"data": {"project": answer}}, ask)
    assert found == {17: IncidentFacts("high", "triggered"), 18: IncidentFacts("unknown")}
    assert seen.json["variables"] == {"path": "acme/shop"}
    assert seen.json["query"].count(":issue(iid:") == 3


def test_facts_of_a_great_many_incidents_come_fifty_at_a_time(connect: Connect) -> None:
    """Each query stays within GitLab's limits; nothing is asked for nothing."""
    with wire.serve(wire.always(wire.data({"data": {"project": {}}}))) as server:
        assert connect(server).incident_facts("acme/shop", range(1, 121)) == {}
        assert connect(server).incident_facts("acme/shop", []) == {}
    assert [one.json["query"].count(":issue(") for one in server.seen] == [50, 50, 20]
    assert max(len(one.json["query"]) for one in server.seen) < 10_000


# Timeline ---------------------------------------------------------------------------------------------------


def test_an_event_is_written_down_with_its_time_and_tags(connect: Connect) -> None:
    """For the incident's global id; what comes back is the event whole."""
    found, seen = asked(
        connect, sample("graphql_timeline_event_create"),
        lambda gitlab: gitlab.add_timeline(8817, "Failover to replica started", AT, ["Impact detected"]),
    )  # fmt: skip
    assert found == MITIGATED
    assert seen.json["variables"]["input"] == {
        "incidentId": "gid://gitlab/Issue/8817", "note": "Failover to replica started",
        "occurredAt": "2026-11-20T10:14:00.000Z", "timelineEventTagNames": ["Impact detected"],
    }  # fmt: skip
    _, seen = asked(connect, sample("graphql_timeline_event_create"), GRAPHQL["add"])
    assert "timelineEventTagNames" not in seen.json["variables"]["input"]


def test_a_timeline_is_read_whole_and_in_order(connect: Connect) -> None:
    """Page by page; events of one moment stand as they were written down."""
    with wire.serve(wire.in_turn(timeline_of(63, 62, after="more"), timeline_of(61))) as server:
        found = connect(server).timeline("acme/shop", 8817)
    assert [one.gid.rpartition("/")[2] for one in found] == ["61", "62", "63"]
    assert found[0] == MITIGATED
    first, second = (one.json["variables"] for one in server.seen)
    assert first == {"path": "acme/shop", "incident": "gid://gitlab/Issue/8817", "after": None}
    assert second["after"] == "more"


def test_a_timeline_may_tell_little(connect: Connect) -> None:
    """The sample has no author and no page to follow."""
    (one,) = answered(connect, sample("graphql_timeline_events_query"), GRAPHQL["timeline"])
    assert (one.text, one.author, one.editable, one.tags) == (
        "Failover to replica started", "", False, ("Impact detected",)
    )  # fmt: skip


def test_an_event_is_changed_and_dropped_by_its_id(connect: Connect) -> None:
    """Tags stay as they are unless some are given, or none."""
    event = sample("graphql_timeline_event_create")["data"]["timelineEventCreate"]
    answer = {"data": {"timelineEventUpdate": event}}
    found, seen = asked(connect, answer, GRAPHQL["change"])
    assert found == MITIGATED
    assert seen.json["variables"]["input"] == {
        "id": EVENT,
        "note": "x",
        "occurredAt": "2026-11-20T10:14:00.000Z",
    }
    _, seen = asked(connect, answer, lambda gitlab: gitlab.change_timeline(EVENT, "x", AT, []))
    assert seen.json["variables"]["input"]["timelineEventTagNames"] == []
    gone: dict[str, Any] = {"data": {"timelineEventDestroy": {"errors": []}}}
    found, seen = asked(connect, gone, GRAPHQL["drop"])
    assert (found, seen.json["variables"]) == (None, {"input": {"id": EVENT}})


# What GitLab does not do ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", GRAPHQL)
@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Field 'escalationStatus' doesn't exist on type 'Issue'", NotSupported),
        ("TimelineEventCreateInput isn't a defined input type (on $input)", NotSupported),
        ("Feature unavailable for provided issue", NotSupported),
        ("The resource that you are attempting to access does not exist or you don't have permission to "
         "perform this action", NotFound),
        ("Query has complexity of 302, which exceeds max complexity of 250", GitLabSaidNo),
    ],
)  # fmt: skip
def test_refusals_are_told_apart(connect: Connect, name: str, words: str, kind: type[GitLabError]) -> None:
    """What this GitLab lacks, what is not for this account, and all else; each in a sentence."""
    error = fails(connect, problem(words), GRAPHQL[name])
    assert type(error) is kind
    assert isinstance(error, GitLabSaidNo)
    assert (error.status, error.reason) == (200, words)
    assert error.sentence.endswith(".")


@pytest.mark.parametrize("name", GRAPHQL)
def test_a_limit_within_gitlab_is_busy(connect: Connect, name: str) -> None:
    """GraphQL says it in a success, without a time to wait."""
    error = fails(
        connect, problem("This endpoint has been requested too many times. Try again later."), GRAPHQL[name]
    )
    assert isinstance(error, GitLabBusy)
    assert error.retry_after == 60


def test_a_change_that_is_refused_says_why(connect: Connect) -> None:
    """Errors beside the null of the sample, errors within an answer, and a null without any."""
    error = fails(connect, wire.data(sample("graphql_timeline_event_create_forbidden")), GRAPHQL["add"])
    assert isinstance(error, NotFound)
    unknown = {"timelineEvent": None, "errors": ['Following tags don\'t exist: ["Impact"]']}
    error = fails(connect, wire.data({"data": {"timelineEventCreate": unknown}}), GRAPHQL["add"])
    assert "Following tags don't exist" in error.sentence
    error = fails(connect, wire.data({"data": {"timelineEventCreate": None}}), GRAPHQL["add"])
    assert isinstance(error, NotFound)


def test_a_project_that_is_hidden_is_null(connect: Connect) -> None:
    """And named in the sentence."""
    for name in ("facts", "timeline"):
        with pytest.raises(NotFound, match="acme/shop"):
            answered(connect, {"data": {"project": None}}, GRAPHQL[name])


@pytest.mark.parametrize("name", GRAPHQL)
@pytest.mark.parametrize(
    "body", [[], {}, {"data": None}, {"data": []}, {"data": {"project": 3}}, {"errors": 3}]
)
def test_an_answer_gitlab_does_not_document_is_no_answer(connect: Connect, name: str, body: Any) -> None:
    """Then what happened is not known; a null where a change should be, and errors of any form, are a refusal."""
    error = fails(connect, wire.data(body), GRAPHQL[name])
    told = isinstance(body, dict) and ("errors" in body or isinstance(body.get("data"), dict))
    assert isinstance(error, GitLabUnreachable) or (told and isinstance(error, NotFound))


# Events and links -------------------------------------------------------------------------------------------


def test_who_labelled_and_closed_is_told(connect: Connect) -> None:
    """People and labels that are gone are empty."""
    found, seen = asked(connect, sample("issue_label_events"), lambda gitlab: gitlab.label_events(SHOP, 17))
    assert found == [LabelEvent(731, 1_795_169_400_300, "dana", 7, "incident", True)]
    assert seen.path == "/api/v4/projects/42/issues/17/resource_label_events"
    bare = [sample("issue_label_events")[0] | {"user": None, "label": None, "action": "remove"}]
    (one,) = answered(connect, bare, lambda gitlab: gitlab.label_events(SHOP, 17))
    assert (one.author, one.author_id, one.label, one.added) == ("", 0, "", False)
    found, seen = asked(connect, sample("issue_state_events"), lambda gitlab: gitlab.state_events(SHOP, 17))
    assert found == [StateEvent(142, 1_795_176_000_000, "dana", 7, "closed")]
    assert seen.path == "/api/v4/projects/42/issues/17/resource_state_events"


def test_issues_are_tied_once(connect: Connect) -> None:
    """What is tied already is no error; what is hidden is a sentence with both numbers."""
    tie: Start = lambda gitlab: gitlab.link_issues(SHOP, 17, 43, 12)  # noqa: E731 -- it is used three times
    _, seen = asked(connect, sample("issue_link_create"), tie, 201)
    assert (seen.method, seen.path) == ("POST", "/api/v4/projects/42/issues/17/links")
    assert seen.json == {"target_project_id": 43, "target_issue_iid": 12, "link_type": "relates_to"}
    assert answered(connect, {"message": "Issue(s) already assigned"}, tie, 409) is None
    with pytest.raises(NotFound, match="#17 or #12"):
        answered(connect, {"message": "404 Not found"}, tie, 404)
    with pytest.raises(GitLabSaidNo, match="does not allow"):
        answered(connect, {"message": "403 Forbidden"}, tie, 403)
    (one,) = answered(connect, sample("issue_links_list"), lambda gitlab: gitlab.links(SHOP, 17))
    assert (one.id, one.kind, one.issue.iid) == (44, "relates_to", 12)
