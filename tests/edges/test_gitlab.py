"""What is asked of GitLab, and what comes of it: real python-gitlab, GitLab's own sample answers."""

from __future__ import annotations

import threading

import pytest

from bot.errors import NotFound
from bot.model import GitLabUser
from tests.edges import wire
from tests.edges.gitlab_calls import NOW, TOKEN, Connect, sample
from tests.edges.wire import Reply, Seen


def test_the_current_user_is_read_with_a_bearer_token(connect: Connect) -> None:
    """`me` sends the token as Bearer and reads the record."""
    with wire.serve(wire.always(wire.data(sample("user_current")))) as server:
        assert connect(server).me() == GitLabUser(7, "dana", "Dana Reyes", is_bot=False)
    assert server.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"
    assert server.seen[0].headers["PRIVATE-TOKEN"] is None


def test_the_version_is_read_from_old_servers_too(connect: Connect) -> None:
    """`version` falls back to the older address when there is no metadata."""
    old = {"/api/v4/version": wire.data(sample("version"))}
    with wire.serve(lambda seen: old.get(seen.path, wire.data({"error": "404 Not Found"}, 404))) as server:
        assert connect(server).version() == sample("version")["version"]


def test_names_with_slashes_are_one_segment_of_the_path(connect: Connect) -> None:
    """Project paths, refs and file names are escaped whole."""

    def script(seen: Seen) -> Reply:
        if "/files/" in seen.path:
            return wire.plain("a: b")
        return wire.data(sample("commit_get" if "/commits/" in seen.path else "project_get"))

    with wire.serve(script) as server:
        gitlab = connect(server)
        project = gitlab.project("acme/shop")
        gitlab.head(42, "feature/a b#1")
        assert gitlab.file(42, "ci/.gitlab ci.yml", "v1.0/x") == "a: b"
    assert (project.id, project.path, project.default_branch) == (42, "acme/shop", "main")
    assert [one.target for one in server.seen] == [
        "/api/v4/projects/acme%2Fshop",
        "/api/v4/projects/42/repository/commits/feature%2Fa%20b%231",
        "/api/v4/projects/42/repository/files/ci%2F.gitlab%20ci.yml/raw?ref=v1.0%2Fx",
    ]


@pytest.mark.parametrize("name", ["", ".", ".."])
def test_a_name_that_would_change_the_path_is_not_sent(connect: Connect, name: str) -> None:
    """`..` as a ref is answered at once, without a request."""
    with wire.serve(wire.always(wire.data({}))) as server, pytest.raises(NotFound):
        connect(server).head(42, name)
    assert server.seen == []


def test_an_empty_repository_has_no_default_branch(connect: Connect) -> None:
    """An empty repository and a null branch both give None."""
    empty = sample("project_get") | {"empty_repo": True}
    with wire.serve(wire.always(wire.data(empty))) as server:
        assert connect(server).project(42).default_branch is None


def test_projects_are_searched_among_the_memberships(connect: Connect) -> None:
    """A search asks for memberships only and honours the limit."""
    with wire.serve(wire.always(wire.data(sample("projects_list_simple")))) as server:
        found = connect(server).projects("shop", 30)
    assert found[0].path == sample("projects_list_simple")[0]["path_with_namespace"]
    query = server.seen[0].query
    assert (query["membership"], query["search"], query["per_page"]) == ("true", "shop", "30")


def test_lint_asks_for_all_jobs_and_no_dry_run(connect: Connect) -> None:
    """The configuration is read as it stands, since a dry run would hide chat jobs."""
    with wire.serve(wire.always(wire.data(sample("ci_lint_project")))) as server:
        lint = connect(server).lint(42, "main")
    assert lint.valid
    assert lint.jobs[0]["name"] == "restart-workers"
    assert server.seen[0].query == {"content_ref": "main", "dry_run": "false", "include_jobs": "true"}


def test_a_pipeline_is_created_with_what_there_is(connect: Connect) -> None:
    """Variables and inputs go into the body, and stay away when there are none."""
    with wire.serve(wire.always(wire.data(sample("pipeline_create"), 201))) as server:
        gitlab = connect(server)
        made = gitlab.create_pipeline(42, "main", variables={"CHAT_INPUT": "a b"}, inputs={"n": 3})
        gitlab.create_pipeline(42, "main", variables={}, inputs={})
    assert made.id == sample("pipeline_create")["id"]
    variable = {"key": "CHAT_INPUT", "value": "a b", "variable_type": "env_var"}
    assert server.seen[0].json == {"ref": "main", "variables": [variable], "inputs": {"n": 3}}
    assert server.seen[1].json == {"ref": "main"}


def test_pipelines_and_their_jobs_and_variables_are_read(connect: Connect) -> None:
    """Lists ask for 100 a page, newest first, and times are UTC milliseconds."""

    def script(seen: Seen) -> Reply:
        if seen.path.endswith("/variables"):
            return wire.data(sample("pipeline_variables"))
        if seen.path.endswith("/jobs"):
            return wire.data(sample("pipeline_jobs_list"))
        return wire.data(sample("pipeline_get" if seen.path.endswith("/1201") else "pipelines_list"))

    with wire.serve(script) as server:
        gitlab = connect(server)
        listed = gitlab.pipelines(42, source="api", updated_after=NOW, ref="main")
        one = gitlab.pipeline(42, 1201)
        variables = gitlab.pipeline_variables(42, 1201)
        jobs = gitlab.pipeline_jobs(42, 1201)
    assert [each.id for each in listed] == [each["id"] for each in sample("pipelines_list")]
    assert one.created_at == NOW + 1_114
    assert variables == {"CHAT_INPUT": "web 3", "CHAT_CHANNEL": "ops"}
    assert jobs[0].name == sample("pipeline_jobs_list")[0]["name"]
    assert server.seen[0].query["updated_after"] == "2026-11-20T10:00:00.000Z"
    assert (server.seen[0].query["order_by"], server.seen[0].query["sort"]) == ("id", "desc")


def test_a_long_list_is_read_page_by_page(connect: Connect) -> None:
    """A full page is followed by the next one, and a short one ends the list."""
    job = sample("pipeline_jobs_list")[0]

    def script(seen: Seen) -> Reply:
        count = 100 if int(seen.query["page"]) < 3 else 7
        return wire.data([job | {"id": int(seen.query["page"]) * 1000 + n} for n in range(count)])

    with wire.serve(script) as server:
        assert len(connect(server).pipeline_jobs(42, 1201)) == 207
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [("running", "running", None), ("failed", "failed", "script_failure"), ("manual", "manual", None)],
)
def test_a_job_is_read_in_every_state(connect: Connect, name: str, status: str, reason: str | None) -> None:
    """Keys that are absent or null in some states do no harm."""
    data = sample(f"job_get_{name}")
    with wire.serve(wire.always(wire.data(data))) as server:
        job = connect(server).job(42, data["id"])
    assert (job.status, job.failure_reason) == (status, reason)
    assert (job.pipeline, job.sha) == (data["pipeline"]["id"], data["pipeline"]["sha"])


def test_play_retry_and_cancel_give_the_job(connect: Connect) -> None:
    """Each change is one POST; a retry gives the new job."""
    with wire.serve(lambda seen: wire.data(sample(f"job_{seen.path.rsplit('/', 1)[1]}"), 201)) as server:
        gitlab = connect(server)
        ids = [gitlab.play(42, 5510).id, gitlab.retry(42, 5501).id, gitlab.cancel(42, 5501).id]
    assert ids == [sample(name)["id"] for name in ("job_play", "job_retry", "job_cancel")]
    assert [one.split("/")[-1] for one in server.paths()] == ["play", "retry", "cancel"]


def test_slash_commands_go_as_a_form_without_our_token(connect: Connect) -> None:
    """Slack's form is handed on with the integration's token and no Authorization of ours."""
    form = {"token": "integration", "text": "run ls -a", "user_id": "U0ALICE001"}
    with wire.serve(wire.always(wire.data(sample("slash_command_trigger_run")))) as server:
        gitlab = connect(server)
        text = gitlab.slash(42, "mattermost_slash_commands", form)
        gitlab.slack_app(form)
    assert text == "Your command has been received and will be executed"
    assert [one.form for one in server.seen] == [form, form]
    assert [one.headers["Authorization"] for one in server.seen] == [None, None]
    assert server.paths() == [
        "POST /api/v4/projects/42/integrations/mattermost_slash_commands/trigger",
        "POST /api/v4/slack/trigger",
    ]


def test_cookies_are_never_kept(connect: Connect) -> None:
    """A session cookie of one answer is not sent with the next request."""
    with wire.serve(wire.always(wire.data(sample("user_current"), Set_Cookie="_gitlab_session=1"))) as server:
        gitlab = connect(server)
        gitlab.me()
        gitlab.me()
    assert server.seen[1].headers["Cookie"] is None


def test_threads_share_one_object(connect: Connect) -> None:
    """Forty threads at once each get their own answer."""
    job = sample("job_get_running")

    def script(seen: Seen) -> Reply:
        return wire.data(job | {"id": int(seen.path.rsplit("/", 1)[1])})

    found: list[bool] = []
    with wire.serve(script) as server:
        gitlab = connect(server)
        threads = [
            threading.Thread(target=lambda n=n: found.append(gitlab.job(42, n).id == n)) for n in range(40)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert found == [True] * 40
