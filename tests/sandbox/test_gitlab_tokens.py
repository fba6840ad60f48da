"""What a token of the sandbox's GitLab may do, whose it is, and what ends it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import gitlab
import pytest
import requests

from tests.sandbox.gitlab_stage import GitLabStage, sample
from tests.sandbox.oauth_stage import device, linked, read, refresh, said


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def test_revoking_a_person_ends_every_token_they_have(stage: GitLabStage) -> None:
    """`revoke NAME` ends OAuth and personal tokens alike, and nobody else's."""
    alice, bob = linked(stage), linked(stage, "bob")
    stage.act("revoke alice")
    assert read(stage, alice["access_token"]).status_code == 401
    assert read(stage, stage.fake.tokens["alice"]).status_code == 401
    assert refresh(stage, alice["refresh_token"]).status_code == 400
    assert read(stage, bob["access_token"]).status_code == 200


def test_scopes_bound_what_a_token_may_do(stage: GitLabStage) -> None:
    """`read_user` tells who one is, `read_api` reads, and only `api` changes anything."""
    user, reader = (linked(stage, scope=one)["access_token"] for one in ("read_user", "read_api"))
    assert read(stage, user).status_code == 200
    assert said(read(stage, user, "projects/42")) == (403, sample("error_403_scope"))
    assert stage.bearer(reader).projects.get("acme/shop").name == "shop"
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        stage.bearer(reader).projects.get("acme/shop").pipelines.create({"ref": "main"})
    assert json.loads(refused.value.response_body or b"") == sample("error_403_scope")
    query = {"query": "{currentUser{username}}"}
    asked = [
        stage.session.post(
            f"{stage.fake.url}/api/graphql", json=query, headers={"Authorization": f"Bearer {one}"}, timeout=5
        )
        for one in (user, reader)
    ]
    assert [one.status_code for one in asked] == [401, 200]


def test_an_oauth_token_acts_as_its_person(stage: GitLabStage) -> None:
    """A pipeline that was started with it is the person's own; in the header for personal tokens it is unknown."""
    pair = linked(stage, "bob")
    body = {"ref": "main", "variables": [{"key": "CHATOPS_JOB", "value": "quiet"}]}
    made = stage.bearer(pair["access_token"]).projects.get("acme/shop").pipelines.create(body)
    assert made.user["username"] == "bob"
    headers = {"PRIVATE-TOKEN": pair["access_token"]}
    assert requests.get(f"{stage.fake.url}/api/v4/user", headers=headers, timeout=5).status_code == 401


def test_a_blocked_person_is_refused_with_either_token(stage: GitLabStage) -> None:
    """Blocked: 403 with GitLab's two blanks, no signing in, and all is well again afterwards."""
    pair = linked(stage, "bob")
    device(stage)
    stage.act("block bob")
    for token in (pair["access_token"], stage.fake.tokens["bob"]):
        message = "403 Forbidden  - Your account has been blocked."
        assert said(read(stage, token)) == (403, {"message": message})
    with pytest.raises(ValueError, match="blocked"):
        stage.act("authorize newest", "bob")
    assert stage.client("alice").users.list(username="bob")[0].state == "blocked"
    stage.act("unblock bob")
    assert read(stage, pair["access_token"]).status_code == 200


def test_a_personal_token_knows_itself(stage: GitLabStage) -> None:
    """`/personal_access_tokens/self` answers personal tokens of any scope, and no OAuth token."""
    weak = stage.loop.ask(lambda: stage.fake.new_token("bob", "read_user"))
    body = read(stage, weak, "personal_access_tokens/self").json()
    assert set(body) == set(sample("personal_access_tokens_self"))
    assert (body["scopes"], body["user_id"], body["active"]) == (["read_user"], 8, True)
    pair = linked(stage)
    answer = read(stage, pair["access_token"], "personal_access_tokens/self")
    assert said(answer) == (401, sample("error_401_token"))
    stage.act("expire carol")
    assert said(read(stage, stage.fake.tokens["carol"])) == (401, sample("error_401_expired"))


@pytest.mark.parametrize(
    "line",
    ["authorize", "authorize newest", "authorize 0A44L90H", "device-grant maybe", "expire", "block nobody"],
)
def test_lines_about_access_that_cannot_be_done_say_why(stage: GitLabStage, line: str) -> None:
    """What cannot be done raises a sentence; so does a code that was authorised before."""
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line)
    code = device(stage)["user_code"]
    stage.act(f"authorize {code}")
    with pytest.raises(ValueError, match="by alice already"):
        stage.act(f"authorize {code}", "bob")


def test_graphql_refuses_who_rest_refuses(stage: GitLabStage) -> None:
    """A blocked person is 403, an expired token 401, as in REST."""
    stage.act("block bob")
    stage.act("expire carol")
    answers = [
        stage.session.post(
            f"{stage.fake.url}/api/graphql",
            json={"query": "{currentUser{username}}"},
            headers={"PRIVATE-TOKEN": stage.fake.tokens[name]},
            timeout=5,
        )
        for name in ("alice", "bob", "carol")
    ]
    assert [one.status_code for one in answers] == [200, 403, 401]
    assert answers[2].json() == sample("graphql_error_401")


def test_a_lost_answer_has_rotated_the_pair_all_the_same(stage: GitLabStage) -> None:
    """A refresh whose answer is a 502 is done: the old pair is gone, and nobody has the new one."""
    pair = linked(stage)
    stage.loop.ask(lambda: stage.fake.break_("502-after"))
    assert refresh(stage, pair["refresh_token"]).status_code == 502
    assert refresh(stage, pair["refresh_token"]).json()["error"] == "invalid_grant"
    assert len(stage.fake.oauth_tokens) == 4
