"""The sandbox's REST API answers as GitLab's does, refusals above all."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gitlab
import pytest
import requests

from tests.sandbox.gitlab_stage import GitLabStage, listed, until

SAMPLES = Path(__file__).parents[1] / "fixtures" / "gitlab"


@pytest.fixture
def stage() -> Iterator[GitLabStage]:
    with GitLabStage() as stage:
        yield stage


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text("utf-8"))


def refusal(stage: GitLabStage, variables: dict[str, str], name: str = "bot") -> Any:
    """What creating a pipeline of the shop is answered with when it is refused."""
    body = {"ref": "main", "variables": listed(variables)}
    with pytest.raises(gitlab.GitlabError) as refused:
        stage.project(name=name).pipelines.create(body)
    message: Any = refused.value.error_message
    return refused.value.response_code, message


def test_a_person_is_known_by_either_header(stage: GitLabStage) -> None:
    """PRIVATE-TOKEN and Bearer name the same person."""
    client = stage.client("alice")
    client.auth()
    bearer = gitlab.Gitlab(stage.fake.url, oauth_token=stage.fake.tokens["alice"], session=stage.session)
    bearer.auth()
    assert client.user is not None
    assert bearer.user is not None
    assert client.user.username == bearer.user.username == "alice"


def test_wrong_and_revoked_tokens_are_answered_with_401(stage: GitLabStage) -> None:
    """A wrong token and a revoked one have bodies of their own."""
    wrong = requests.get(f"{stage.fake.url}/api/v4/user", headers={"PRIVATE-TOKEN": "nope"}, timeout=5)
    assert (wrong.status_code, wrong.json()) == (401, sample("error_401_token"))
    stage.act("revoke bot")
    with pytest.raises(gitlab.GitlabAuthenticationError) as refused:
        stage.client().auth()
    assert refused.value.error_message == "invalid_token"
    assert sorted(json.loads(refused.value.response_body or b"{}")) == sorted(sample("error_401_expired"))


def test_what_one_may_not_see_is_not_found(stage: GitLabStage) -> None:
    """The vault is 404 for the bot and there for alice."""
    with pytest.raises(gitlab.GitlabGetError) as refused:
        stage.project("acme/vault")
    assert json.loads(refused.value.response_body or b"") == sample("error_404_project")
    assert stage.project("acme/vault", "alice").path == "vault"
    assert "acme/vault" not in [
        one.path_with_namespace for one in stage.client().projects.list(get_all=True, membership=True)
    ]


def test_the_empty_project_has_no_default_branch(stage: GitLabStage) -> None:
    """`default_branch` is null, and its lint finds no commit."""
    project = stage.project("acme/empty")
    assert project.default_branch is None
    assert project.empty_repo is True
    with pytest.raises(gitlab.GitlabError, match="404 Commit Not Found"):
        project.ci_lint.get(include_jobs=True)


def test_bodies_have_the_keys_of_the_samples(stage: GitLabStage) -> None:
    """Users, simple projects, pipelines and jobs carry exactly the keys that GitLab's samples have."""
    client, project = stage.client(), stage.project()
    client.auth()
    assert client.user is not None
    assert set(sample("user_current")) >= set(client.user.attributes) - {"followers", "following"}
    simple = client.projects.list(simple=True, get_all=True)[0]
    assert set(simple.attributes) == set(sample("projects_list_simple")[0])
    assert set(project.attributes) <= set(sample("project_get"))
    pipeline = stage.start("fail")
    assert set(pipeline.attributes) == set(sample("pipeline_create"))
    stage.status(pipeline)
    assert set(pipeline.attributes) == set(sample("pipeline_get"))
    assert set(stage.job(pipeline).asdict()) == set(sample("job_get_failed"))
    manual = stage.start("by-hand")
    assert set(stage.job(manual).asdict()) == set(sample("job_get_manual"))
    commit = project.commits.get("main")
    assert set(commit.asdict()) == set(sample("commit_get"))


def test_lint_lists_every_visible_job(stage: GitLabStage) -> None:
    """Without a dry run lint names all jobs with their `only` and `except`, and the merged YAML."""
    lint = stage.project().ci_lint.get(content_ref="main", include_jobs=True)
    by_name = {job["name"]: job for job in lint.jobs}
    assert set(lint.asdict()) == set(sample("ci_lint_project"))
    assert set(lint.jobs[0]) == {*sample("ci_lint_project")["jobs"][0], "except"}
    assert by_name["chat-only"]["only"] == {"refs": ["chat"]}
    assert by_name["no-chat"]["except"]["refs"] == ["chat"]
    assert by_name["by-hand"]["when"] == "manual"
    assert by_name["deploy-production"]["environment"] == "production"
    assert ".deploy" not in by_name
    pushed = stage.project().ci_lint.get(dry_run=True, include_jobs=True)
    assert [job["name"] for job in pushed.jobs] == ["no-chat"]


def test_broken_yaml_is_said_by_lint_and_refused_by_a_pipeline(stage: GitLabStage) -> None:
    """A configuration that is no YAML is invalid in both places, until it is mended."""
    stage.act("break-yaml")
    lint = stage.project().ci_lint.get(include_jobs=True)
    assert lint.valid is False
    assert refusal(stage, {"CHATOPS_JOB": "say"}) == (400, {"base": lint.errors})
    stage.act("fix-yaml")
    assert stage.project().ci_lint.get().valid is True


def test_one_text_of_a_configuration_is_changed(stage: GitLabStage) -> None:
    """In quotes, the old one and the new one; one that is not there is said."""
    said = stage.act('change-yaml "stages: [chatops, deploy]" "stages: [deploy, chatops]"')
    assert said == "acme/shop: .gitlab-ci.yml says stages: [deploy, chatops] on main."
    assert "stages: [deploy, chatops]" in stage.project().files.raw(".gitlab-ci.yml", ref="main").decode()
    for line in ('change-yaml "nothing of that" "x"', 'change-yaml "stages"'):
        with pytest.raises(ValueError, match="holds no"):
            stage.act(line)


@pytest.mark.parametrize(
    ("ref", "reason"),
    [("nowhere", "Reference not found"), ("stable", "You do not have sufficient permission")],
)
def test_a_pipeline_needs_a_ref_one_may_run_on(stage: GitLabStage, ref: str, reason: str) -> None:
    """An unknown ref and a branch that only Maintainers may run on are refused by name."""
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        stage.project().pipelines.create({"ref": ref})
    assert refused.value.response_code == 400
    message: Any = refused.value.error_message
    assert message["base"][0].startswith(reason)


def test_a_pipeline_without_jobs_is_refused(stage: GitLabStage) -> None:
    """`chat-only` cannot be started through the API."""
    status, message = refusal(stage, {"CHATOPS_JOB": "chat-only"})
    assert status == 400
    assert "The rules configuration prevented any jobs" in message["base"][0]


def test_no_chat_runs_through_the_api(stage: GitLabStage) -> None:
    """`except: [chat]` keeps a job out of chat pipelines only."""
    assert stage.job(stage.start("no-chat")).name == "no-chat"


def test_roles_decide_who_may_start(stage: GitLabStage) -> None:
    """A Reporter is refused with 403, until the role changes."""
    assert refusal(stage, {"CHATOPS_JOB": "say"}, "carol") == (403, "403 Forbidden")
    stage.act("role carol developer")
    assert stage.start("say", "hi", name="carol").user["username"] == "carol"


def test_variables_are_refused_where_the_project_says_so(stage: GitLabStage) -> None:
    """Below the project's role variables are refused, while inputs still pass."""
    stage.act("variables no_one_allowed")
    assert stage.project().ci_pipeline_variables_minimum_override_role == "no_one_allowed"
    base = ["Insufficient permissions to set pipeline variables"]
    assert refusal(stage, {"CHATOPS_JOB": "say"}) == (400, {"base": base})
    stage.act("variables no_one_allowed acme/infra")
    made = stage.project("acme/infra").pipelines.create({"ref": "main", "inputs": {"chatops_job": "scale"}})
    assert made.id


@pytest.mark.parametrize(
    ("inputs", "reason"),
    [
        ({"replicas": "4"}, "`replicas` input: provided value is not a number"),
        ({"dry_run": "yes"}, "`dry_run` input: provided value is not a boolean"),
        (
            {"service": "x"},
            "`service` input: `x` cannot be used because it is not in the list of allowed options",
        ),
        ({"note": "!"}, "`note` input: provided value does not match required RegEx pattern"),
        ({"nope": 1}, "unknown input arguments: nope"),
    ],
)
def test_inputs_are_checked(stage: GitLabStage, inputs: dict[str, Any], reason: str) -> None:
    """A wrong type, option or pattern and an unknown input are refused by name."""
    with pytest.raises(gitlab.GitlabCreateError) as refused:
        stage.project("acme/infra").pipelines.create({"ref": "main", "inputs": inputs})
    message: Any = refused.value.error_message
    assert message == {"base": [reason]}


def test_variables_of_a_pipeline_are_its_owners(stage: GitLabStage) -> None:
    """The bot reads the variables of its own pipeline; a Reporter does not."""
    pipeline = stage.start("quiet", "a b")
    assert {one.key: one.value for one in pipeline.variables.list(get_all=True)}["CHAT_INPUT"] == "a b"
    with pytest.raises(gitlab.GitlabListError) as refused:
        stage.project(name="carol").pipelines.get(pipeline.id).variables.list(get_all=True)
    assert refused.value.response_code == 403


def test_pipelines_are_filtered(stage: GitLabStage) -> None:
    """Lists know source, ref, username, updated_after, order and direction; other values are refused."""
    first, second = stage.start("quiet"), stage.start("quiet", name="alice")
    pipelines = stage.project().pipelines
    assert [one.id for one in pipelines.list(get_all=True)] == [second.id, first.id]
    assert [one.id for one in pipelines.list(get_all=True, username="alice")] == [second.id]
    assert [one.id for one in pipelines.list(get_all=True, sort="asc")] == [first.id, second.id]
    assert pipelines.list(get_all=True, source="chat") == []
    assert pipelines.list(get_all=True, updated_after="2100-01-01T00:00:00Z") == []
    with pytest.raises(gitlab.GitlabListError, match="source does not have a valid value"):
        pipelines.list(get_all=True, source="slack")


def test_lists_come_in_pages(stage: GitLabStage) -> None:
    """Lists hold twenty rows unless asked; links lead on; keyset lists have no total."""
    for _ in range(3):
        stage.start("quiet")
    pipelines = stage.project().pipelines
    listing = pipelines.list(iterator=True, per_page=2)
    assert listing.total == 3
    assert len(list(listing)) == 3
    jobs = stage.project().jobs.list(
        iterator=True, per_page=2, pagination="keyset", order_by="id", sort="desc"
    )
    assert jobs.total is None
    assert len(list(jobs)) == 3


def test_files_branches_and_tags(stage: GitLabStage) -> None:
    """A file is read raw at a ref; branches and tags are listed; what is not there is 404."""
    project = stage.project()
    assert b"hello-world:" in project.files.raw(".gitlab-ci.yml", ref="v8.10.0")
    assert project.branches.get("feature/x").protected is False
    assert project.branches.get("main").protected is True
    assert [one.name for one in project.tags.list(get_all=True, search="^v8.1")] == ["v8.10.0"]
    with pytest.raises(gitlab.GitlabGetError, match="404 File Not Found"):
        project.files.raw("nope.txt", ref="main")


def test_unknown_routes_are_not_found(stage: GitLabStage) -> None:
    """From GitLab 19 on there is no endpoint for Slack's own slash commands."""
    url = f"{stage.fake.url}/api/v4/projects/42/integrations/slack_slash_commands/trigger"
    answer = requests.post(url, timeout=5)
    assert (answer.status_code, answer.json()) == (404, {"error": "404 Not Found"})


def test_a_push_makes_a_new_commit_and_its_pipeline(stage: GitLabStage) -> None:
    """`push` moves the branch; the pipeline of the push holds what needs no chat."""
    before = stage.project().commits.get("main").id
    stage.act("push main", "bob")
    assert stage.project().commits.get("main").id != before
    made = stage.project().pipelines.list(get_all=True, source="push")[0]
    assert [job.name for job in made.jobs.list(get_all=True)] == ["no-chat"]


def test_calls_are_counted_by_route_and_looks_from_outside_are_not(stage: GitLabStage) -> None:
    """`calls` replaces ids; what an administrator looks at counts for nothing."""
    pipeline = stage.start("quiet")
    found = stage.run(stage.fake.get(f"pipelines/{pipeline.id}/variables", None))
    assert found[0]["key"] == "CHATOPS_JOB"
    assert stage.fake.calls == {"GET /projects/:id": 1, "POST /projects/:id/pipeline": 1}


def test_the_version_grows_with_every_change(stage: GitLabStage) -> None:
    """A waiter can look at one number to learn that something happened."""
    before = stage.fake.version
    stage.start("quiet")
    until(lambda: stage.fake.version > before + 2)


@pytest.mark.parametrize(
    "line", ["comment #1 hi", "dance", "role bob king", "push", "variables all", "retry"]
)
def test_lines_that_cannot_be_done_say_why(stage: GitLabStage, line: str) -> None:
    """A line of `:gitlab` that cannot be done raises a sentence."""
    with pytest.raises(ValueError, match=r"\.$"):
        stage.act(line)
