"""The sandbox's issues, members and users answer as GitLab's do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gitlab
import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def test_an_incident_has_the_shape_of_the_sample(stage: GitLabStage) -> None:
    """Its words after the title give severity, labels and project; its address is an incident's."""
    line = "incident Checkout is slow severity=S2 label=environment::production label=ops"
    assert stage.act(line).endswith("acme/shop#1 (high): Checkout is slow")
    found = stage.project().issues.list(get_all=True)[0]
    wanted = sample("issues_list")[0]
    assert set(found.attributes) == set(wanted)
    assert {key: type(found.attributes[key]) for key in ("time_stats", "_links", "references", "author")} == {
        key: type(wanted[key]) for key in ("time_stats", "_links", "references", "author")
    }
    assert (found.title, found.severity, found.issue_type, found.type) == (
        "Checkout is slow",
        "HIGH",
        "incident",
        "INCIDENT",
    )
    assert found.labels == ["environment::production", "ops"]
    assert found.web_url.endswith("/acme/shop/-/issues/incident/1")
    assert set(stage.project().issues.get(1).attributes) == set(sample("issue_get"))


def test_incidents_are_found_by_state_label_and_words(stage: GitLabStage) -> None:
    """Lists know type, state, labels, search, order and direction; unknown words are refused."""
    stage.act("incident Search is down severity=critical label=environment::production label=ops")
    stage.act("incident Checkout is slow label=environment::staging", "bob")
    stage.act("incident Elsewhere project=acme/infra")
    stage.act("close #2", "bob")
    issues = stage.project().issues

    def found(**query: Any) -> list[int]:
        return [one.iid for one in issues.list(get_all=True, **query)]

    assert found() == [2, 1]
    assert found(sort="asc", order_by="updated_at") == [1, 2]
    assert (found(state="opened"), found(state="closed"), found(state="all")) == ([1], [2], [2, 1])
    assert found(labels=["environment::production", "ops"]) == [1]
    assert (found(labels="None"), found(labels="Any")) == ([], [2, 1])
    assert (found(issue_type="incident", search="CHECKOUT"), found(issue_type="issue")) == ([2], [])
    assert found(updated_after="2100-01-01T00:00:00Z") == []
    for wrong in ({"state": "open"}, {"issue_type": "outage"}, {"order_by": "luck"}):
        with pytest.raises(gitlab.GitlabListError, match="does not have a valid value"):
            found(**wrong)


def test_issues_are_closed_and_opened_again(stage: GitLabStage) -> None:
    """Closing says who and when; opening again takes it back; an author may without a role for it."""
    stage.act("incident Search is down")
    stage.act("close #1", "bob")
    closed = stage.project().issues.get(1)
    assert (closed.state, closed.attributes["closed_by"]["username"]) == ("closed", "bob")
    assert closed.closed_at == closed.updated_at
    stage.act("role alice guest acme/shop")
    stage.act("reopen 1")
    again = stage.project().issues.get(1)
    assert (again.state, again.closed_at, again.attributes["closed_by"]) == ("opened", None, None)
    with pytest.raises(gitlab.GitlabGetError, match="404 Issue Not Found"):
        stage.project().issues.get(2)


@pytest.mark.parametrize(
    "line",
    ["incident", "incident severity=high", "incident X severity=awful", "close #9", "reopen #1", "close"],
)
def test_lines_about_issues_that_cannot_be_done_say_why(stage: GitLabStage, line: str) -> None:
    """What cannot be done raises a sentence; so does a role that is not enough."""
    stage.act("incident Search is down")
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line)
    stage.act("role carol guest")
    with pytest.raises(ValueError, match="wants reporter"):
        stage.act("close #1", "carol")


def test_members_are_listed_with_their_roles(stage: GitLabStage) -> None:
    """Everybody with a role is a member, one by one or together; a stranger is not found."""
    members = stage.project().members_all
    one, rows = members.get(8), members.list(get_all=True)
    assert set(one.attributes) == {*sample("project_members_all_get"), "project_id"}
    assert set(rows[0].attributes) == {*sample("project_members_all_list")[0], "project_id"}
    assert (one.username, one.access_level, one.state) == ("bob", 30, "active")
    assert {row.username: row.access_level for row in rows}["alice"] == 40
    assert [row.id for row in members.list(get_all=True, **{"user_ids[]": [7]})] == [7]
    assert [row.id for row in members.list(get_all=True, query="bo") if row.id == 8] == [8]
    stage.act("block bob")
    assert members.get(8).state == "blocked"
    stage.act("role bob none")
    for number in (8, 999):
        with pytest.raises(gitlab.GitlabGetError, match="404 Not found"):
            members.get(number)


def test_users_are_found_by_their_whole_name(stage: GitLabStage) -> None:
    """`username` takes the whole name in any case; `search` takes a part."""
    users = stage.client().users
    found = users.list(get_all=True, username="BOB")
    assert [one.id for one in found] == [8]
    assert set(found[0].attributes) == set(sample("users_by_username")[0])
    assert users.list(get_all=True, username="bo") == []
    assert [one.username for one in users.list(get_all=True, search="chen")] == ["carol"]


def test_calls_about_people_are_counted_by_route(stage: GitLabStage) -> None:
    """The name of a call is its route, as GitLab's documentation writes it."""
    project = stage.client().projects.get("acme/shop", lazy=True)
    stage.act("incident Search is down")
    project.issues.get(1)
    project.issues.list(get_all=True)
    project.members_all.get(7)
    stage.client().users.list(username="bob", get_all=True)
    stage.client().personal_access_tokens.get("self")
    assert set(stage.fake.calls) == {
        "GET /projects/:id/issues/:issue_iid",
        "GET /projects/:id/issues",
        "GET /projects/:id/members/all/:id",
        "GET /users",
        "GET /personal_access_tokens/self",
    }
