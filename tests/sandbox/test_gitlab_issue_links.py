"""The sandbox's issues are linked, found to be duplicates and named by merge requests as GitLab's are."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.sandbox.gitlab_stage import GitLabStage, sample

ISSUES = "/projects/acme%2Fshop/issues"
LINKS = f"{ISSUES}/1/links"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        stage.act("incident Checkout is down", "carol")
        stage.act("issue Find out why", "bob")
        yield stage


def link(stage: GitLabStage, name: str = "bob", project: str = "acme/shop", iid: int = 2, **more: Any) -> Any:
    body = {"target_project_id": project, "target_issue_iid": iid, **more}
    return stage.send("POST", LINKS, body, name=name)


def notes(stage: GitLabStage, iid: int) -> list[str]:
    issue = stage.project().issues.get(iid)
    return [one.body for one in issue.notes.list(get_all=True, sort="asc", activity_filter="only_activity")]


def test_two_issues_are_linked_as_the_samples_have_it(stage: GitLabStage) -> None:
    """Both list each other, both tell of it, and taking the link away is told of too."""
    source, target = (
        stage.project(name="bob")
        .issues.get(1)
        .links.create({"target_project_id": stage.project().id, "target_issue_iid": 2})
    )
    assert (source.iid, target.iid) == (1, 2)
    stage.send("DELETE", f"{LINKS}/44", name="bob")
    made = link(stage)
    assert (made.status_code, set(made.json())) == (201, set(sample("issue_link_create")))
    assert set(made.json()["source_issue"]) == set(sample("issue_link_create")["source_issue"])
    (row,) = stage.send("GET", LINKS).json()
    assert set(row) == set(sample("issue_links_list")[0])
    assert (row["iid"], row["issue_link_id"], row["link_type"]) == (2, 45, "relates_to")
    (back,) = stage.send("GET", f"{ISSUES}/2/links").json()
    assert (back["iid"], back["references"]["relative"]) == (1, "#1")
    assert stage.send("GET", f"{LINKS}/45", name="bob").json() == made.json()
    gone = stage.send("DELETE", f"{LINKS}/45", name="bob")
    assert (gone.status_code, set(gone.json())) == (200, set(sample("issue_link_create")))
    assert stage.send("GET", LINKS).json() == []
    assert notes(stage, 1)[-2:] == ["marked this incident as related to #2", "removed the relation with #2"]
    assert notes(stage, 2)[-2:] == ["marked this issue as related to #1", "removed the relation with #1"]


def test_a_link_goes_to_another_project(stage: GitLabStage) -> None:
    """Its references name the project; who may not see the other end does not see the link."""
    stage.act("issue Scale up project=infra", "bob")
    assert link(stage, project="acme/infra", iid=1).status_code == 201
    (row,) = stage.send("GET", LINKS).json()
    assert (row["references"]["relative"], notes(stage, 1)[-1]) == (
        "acme/infra#1",
        "marked this incident as related to infra#1",
    )
    stage.act("role carol none infra")
    assert stage.send("GET", LINKS, name="carol").json() == []


@pytest.mark.parametrize(
    ("name", "given", "status", "body"),
    [
        ("bob", {"iid": 2, "link_type": "blocks"}, 403, "Blocked issues not available for current license"),
        ("bob", {"iid": 1}, 422, "#1 cannot be added: cannot be related to itself"),
        ("bob", {"iid": 9}, 404, "404 Issue Not Found"),
        ("bob", {"iid": 1, "project": "acme/vault"}, 404, "404 Project Not Found"),
    ],
)
def test_a_link_that_cannot_be_is_refused(
    stage: GitLabStage, name: str, given: dict[str, Any], status: int, body: str
) -> None:
    """Free knows `relates_to` alone; each refusal has GitLab's status and sentence."""
    answer = link(stage, name, **given)
    assert (answer.status_code, answer.json()) == (status, {"message": body})
    assert stage.send("GET", LINKS).json() == []


def test_parameters_of_links_are_looked_at(stage: GitLabStage) -> None:
    """400 for what is missing or unknown, 409 for a link that is there, whichever end one looks from."""
    missing = stage.send("POST", LINKS, {"target_project_id": 42}, name="bob")
    assert missing.json() == {"error": "target_issue_iid is missing"}
    unknown = link(stage, link_type="causes")
    assert unknown.json() == {"error": "link_type does not have a valid value"}
    assert link(stage).status_code == 201
    body = {"target_project_id": "acme/shop", "target_issue_iid": 1}
    for answer in (link(stage), stage.send("POST", f"{ISSUES}/2/links", body, name="bob")):
        assert (answer.status_code, answer.json()) == (409, {"message": "Issue(s) already assigned"})
    assert stage.send("DELETE", f"{LINKS}/99", name="bob").status_code == 404


def test_a_duplicate_is_closed_linked_and_pointed_from(stage: GitLabStage) -> None:
    """By quick action; the address of what it duplicates is in the issue until it is opened again."""
    stage.act("incident Checkout fails", "bob")
    answer = stage.send("POST", f"{ISSUES}/3/notes", {"body": "/duplicate #1"}, name="bob")
    canonical = stage.project().issues.get(1)
    said = f"Closed this Incident. Marked as related to, and a duplicate of, {stage.fake.url}/acme/shop/-/issues/1."
    assert (answer.status_code, answer.json()) == (
        202,
        {"commands_changes": {"canonical_issue_id": canonical.id}, "summary": [said]},
    )
    issue = stage.project().issues.get(3)
    assert (issue.state, issue._links["closed_as_duplicate_of"]) == ("closed", canonical._links["self"])
    assert [one.iid for one in issue.links.list(get_all=True)] == [1]
    assert notes(stage, 3)[0] == "marked this incident as a duplicate of #1"
    assert notes(stage, 1)[0] == "marked #3 as a duplicate of this incident"
    stage.act("reopen #3", "bob")
    assert stage.project().issues.get(3)._links["closed_as_duplicate_of"] is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("#1", "Failed to mark the Incident as duplicate of itself."),
        ("#9", "Failed to mark this Incident as duplicate because referenced item was not found."),
        ("acme/vault#1", "Failed to mark this Incident as duplicate because referenced item was not found."),
        ("that one", "Failed to mark this Incident as duplicate because referenced item was not found."),
    ],
)
def test_what_is_no_duplicate_says_why(stage: GitLabStage, text: str, said: str) -> None:
    """Nothing is closed."""
    answer = stage.send("POST", f"{ISSUES}/1/notes", {"body": f"/duplicate {text}"}, name="bob")
    assert (answer.status_code, answer.json()) == (202, {"commands_changes": {}, "summary": [said]})
    assert stage.project().issues.get(1).state == "opened"


def test_merge_requests_that_name_an_issue_are_related(stage: GitLabStage) -> None:
    """In their title, by its number in the project."""
    stage.act("push one-fix", "bob")
    stage.act("push other-fix", "bob")
    stage.act("mr one-fix Mend #1 for good", "bob")
    stage.act("mr other-fix Mend #12", "bob")
    found = stage.project(name="bob").issues.get(1).related_merge_requests()
    assert [one["title"] for one in found] == ["Mend #1 for good"]


def test_ticking_a_box_is_told_of_by_its_text(stage: GitLabStage) -> None:
    """A description of which nothing but boxes is another is not told of as changed."""
    issues = stage.project(name="bob").issues
    issues.update(1, {"description": "- [ ] look\n- [x] mend"})
    issues.update(1, {"description": "- [x] look\n- [ ] mend"})
    issues.update(1, {"description": "- [x] look\n- [ ] mend it"})
    assert notes(stage, 1) == [
        "changed the description",
        "marked the checklist item **look** as completed",
        "marked the checklist item **mend** as incomplete",
        "changed the description",
    ]
