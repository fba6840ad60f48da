"""The sandbox's incidents have the severity, the status and the timeline that GitLab gives them on Free."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample
from tests.sandbox.graphql_stage import ask, change, incident_gid

SHOP = {"projectPath": "acme/shop", "iid": "1"}
FORBIDDEN = sample("graphql_timeline_event_create_forbidden")["errors"][0]["message"]


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        stage.act("incident Checkout is down", "carol")
        yield stage


def status(stage: GitLabStage, iid: int = 1) -> Any:
    query = 'query($iid: String){project(fullPath: "acme/shop"){issue(iid: $iid){escalationStatus}}}'
    return ask(stage, query, iid=str(iid))["data"]["project"]["issue"]["escalationStatus"]


def lines(stage: GitLabStage, iid: int = 1) -> list[str]:
    """The timeline, in the order in which things happened."""
    query = (
        'query($id: IssueID!){project(fullPath: "acme/shop"){incidentManagementTimelineEvents(incidentId: $id)'
        "{nodes{note}}}}"
    )
    rows = ask(stage, query, id=incident_gid(stage, iid))["data"]["project"]
    return [one["note"] for one in rows["incidentManagementTimelineEvents"]["nodes"]]


def notes(stage: GitLabStage) -> list[str]:
    """What GitLab wrote itself below the incident, oldest first."""
    issue = stage.project().issues.get(1)
    return [one.body for one in issue.notes.list(get_all=True, sort="asc", activity_filter="only_activity")]


def test_an_incident_is_read_with_its_severity_and_status(stage: GitLabStage) -> None:
    """Numbers are texts, states small, severities and statuses in capitals; an issue has no status."""
    stage.act("issue Slow", "carol")
    query = (
        'query{project(fullPath: "acme/shop"){one: issue(iid: "1"){id iid title state type severity '
        "escalationStatus confidential updatedAt webUrl author{username} assignees{nodes{username}}} "
        'two: issue(iid: "2"){escalationStatus severity} three: issue(iid: "9"){id}}}'
    )
    found = ask(stage, query)["data"]["project"]
    assert found["one"] | {"updatedAt": ""} == {
        "id": incident_gid(stage),
        "iid": "1",
        "title": "Checkout is down",
        "state": "opened",
        "type": "INCIDENT",
        "severity": "UNKNOWN",
        "escalationStatus": "TRIGGERED",
        "confidential": False,
        "updatedAt": "",
        "webUrl": f"{stage.fake.url}/acme/shop/-/issues/incident/1",
        "author": {"username": "carol"},
        "assignees": {"nodes": []},
    }
    assert (found["two"], found["three"]) == ({"escalationStatus": None, "severity": "UNKNOWN"}, None)


def test_a_hidden_issue_is_null(stage: GitLabStage) -> None:
    """Who may not see a confidential issue, or its project, finds nothing, and no line of its timeline."""
    stage.act("confidential #1")
    stage.act("role dave guest")
    query = 'query{project(fullPath: "acme/shop"){issue(iid: "1"){title}}}'
    assert ask(stage, query, "dave")["data"]["project"]["issue"] is None
    events = (
        f'query{{project(fullPath: "acme/shop"){{incidentManagementTimelineEvents(incidentId: "{incident_gid(stage)}")'
        "{nodes{note}}}}"
    )
    assert ask(stage, events, "dave")["data"]["project"]["incidentManagementTimelineEvents"] == {"nodes": []}
    assert ask(stage, events.replace("acme/shop", "acme/infra"), "bob")["data"]["project"][
        "incidentManagementTimelineEvents"
    ] == {"nodes": []}


def test_severity_is_set_as_the_sample_answers_it(stage: GitLabStage) -> None:
    """Reporters and above; GitLab writes a note and a line of the timeline, once."""
    wanted = sample("graphql_issue_set_severity")
    wanted["data"]["issueSetSeverity"]["issue"]["iid"] = "1"
    for _ in range(2):
        given = {**SHOP, "severity": "CRITICAL"}
        assert change(stage, "issueSetSeverity", "issue{iid severity}", "carol", **given) == wanted
    assert notes(stage) == ["changed the severity to **Critical - S1**"]
    assert lines(stage) == [
        "@carol created the incident",
        "@carol changed the incident severity to **Critical - S1**",
    ]
    assert stage.project().issues.get(1).severity == "CRITICAL"


def test_status_is_set_as_the_sample_answers_it(stage: GitLabStage) -> None:
    """Developers and above."""
    answer = change(
        stage, "issueSetEscalationStatus", "issue{iid escalationStatus}", **SHOP, status="ACKNOWLEDGED"
    )
    wanted = sample("graphql_issue_set_escalation_status")
    wanted["data"]["issueSetEscalationStatus"]["issue"]["iid"] = "1"
    assert answer == wanted
    assert notes(stage) == ["changed the incident status to **Acknowledged**"]
    assert lines(stage)[-1] == "@bob changed the incident status to **Acknowledged**"


@pytest.mark.parametrize(
    ("mutation", "name", "given", "message"),
    [
        ("issueSetSeverity", "dave", {"severity": "LOW"}, FORBIDDEN),
        ("issueSetSeverity", "carol", {"severity": "LOW", "iid": "9"}, FORBIDDEN),
        ("issueSetSeverity", "bob", {"severity": "LOW", "projectPath": "acme/vault"}, FORBIDDEN),
        ("issueSetEscalationStatus", "carol", {"status": "RESOLVED"}, FORBIDDEN),
        (
            "issueSetEscalationStatus",
            "bob",
            {"status": "RESOLVED", "iid": "2"},
            "Feature unavailable for provided issue",
        ),
    ],
)
def test_whoever_may_not_gets_null_and_an_error(
    stage: GitLabStage, mutation: str, name: str, given: dict[str, Any], message: str
) -> None:
    """HTTP 200, no data of the mutation, and one sentence for all that is hidden or forbidden."""
    stage.act("issue Slow", "bob")
    stage.act("role dave planner")
    answer = change(stage, mutation, "issue{iid}", name, **{**SHOP, **given})
    assert answer["data"] == {mutation: None}
    assert [(one["message"], one["path"]) for one in answer["errors"]] == [(message, [mutation])]
    assert (status(stage), stage.project().issues.get(1).severity) == ("TRIGGERED", "UNKNOWN")


def test_severity_of_a_plain_issue_stays(stage: GitLabStage) -> None:
    """It is answered without an error, and nothing is set."""
    stage.act("issue Slow", "bob")
    answer = change(stage, "issueSetSeverity", "issue{severity}", **{**SHOP, "iid": "2", "severity": "LOW"})
    assert answer["data"]["issueSetSeverity"] == {"issue": {"severity": "UNKNOWN"}, "errors": []}


def test_a_token_that_only_reads_changes_nothing(stage: GitLabStage) -> None:
    """Mutations want `api`."""
    token = stage.fake.new_token("bob", "read_api")
    query = 'mutation{issueSetSeverity(input: {projectPath: "acme/shop", iid: "1", severity: LOW}){errors}}'
    assert ask(stage, query, token=token)["errors"][0]["message"] == FORBIDDEN
    assert ask(stage, query)["data"] == {"issueSetSeverity": {"errors": []}}
    assert stage.project().issues.get(1).severity == "LOW"


def test_closing_resolves_and_reopening_leaves_it_so(stage: GitLabStage) -> None:
    """Closing is told of as resolved, by a note too; what is opened again has to be triggered by hand."""
    stage.act("close #1", "bob")
    assert (status(stage), notes(stage)) == (
        "RESOLVED",
        ["changed the incident status to **Resolved** by closing the incident"],
    )
    stage.act("reopen #1", "bob")
    assert status(stage) == "RESOLVED"
    assert lines(stage) == [
        "@carol created the incident",
        "@bob resolved the incident",
        "@bob reopened the incident",
    ]


def test_an_issue_that_becomes_an_incident_is_triggered(stage: GitLabStage) -> None:
    """Its timeline is empty: nobody declared it."""
    stage.act("issue Slow", "bob")
    stage.act("comment #2 /promote_to_incident", "bob")
    assert (status(stage, 2), lines(stage, 2)) == ("TRIGGERED", [])


def test_labels_are_on_the_timeline_behind_a_switch(stage: GitLabStage) -> None:
    """It is off at first; then labels are told of by their numbers."""
    stage.act("label #1 +bug", "bob")
    assert len(lines(stage)) == 1
    stage.act("feature incident_timeline_events_from_labels")
    stage.act("label #1 +urgent -bug", "bob")
    known = {one.name: one.id for one in stage.project().labels.list(get_all=True)}
    assert lines(stage)[-1] == f"@bob added ~{known['urgent']} label and removed ~{known['bug']} label"


def test_linked_resources_are_not_for_free(stage: GitLabStage) -> None:
    """Nobody may link one, whatever their role: it is refused as what is not there."""
    given = {"id": incident_gid(stage), "link": "https://acme.slack.com/archives/C1", "linkType": "slack"}
    answer = change(stage, "issuableResourceLinkCreate", "issuableResourceLink{id link}", "alice", **given)
    assert (answer["data"], answer["errors"][0]["message"]) == (
        {"issuableResourceLinkCreate": None},
        FORBIDDEN,
    )
