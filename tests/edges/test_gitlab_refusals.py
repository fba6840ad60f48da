"""What GitLab's refusals and redirects become: errors with sentences, and no token for strangers."""

from __future__ import annotations

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabBusy, GitLabSaidNo, NotFound, TokenRejected
from tests.edges import wire
from tests.edges.gitlab_calls import CREATE, TOKEN, Connect, Start, fails, sample
from tests.edges.wire import Reply, Seen


@pytest.mark.parametrize(
    ("reply", "seconds"),
    [
        (wire.plain("Retry later\n", 429, Retry_After="37"), 37),
        (wire.data(sample("error_429_application"), 429), 60),
        (wire.plain("Retry later\n", 429, Retry_After="Fri, 20 Nov 2026 10:02:05 GMT"), 125),
        (wire.plain("Retry later\n", 429, Retry_After="Fri, 20 Nov 2026 09:00:00 GMT"), 1),
        (wire.plain("Retry later\n", 429, Retry_After="soon"), 60),
        (wire.plain("Retry later\n", 429, Retry_After="nan"), 60),
        (wire.plain("Retry later\n", 429, Retry_After="999999"), 3600),
    ],
)
def test_a_limit_says_how_long_to_wait(connect: Connect, reply: Reply, seconds: float) -> None:
    """Seconds, a date, nothing and nonsense in Retry-After all give a wait, and nobody sleeps."""
    with wire.serve(wire.always(reply)) as server, pytest.raises(GitLabBusy) as caught:
        connect(server).create_pipeline(42, "main", variables={}, inputs={})
    assert caught.value.retry_after == seconds
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("name", "status", "reason"),
    [
        ("pipeline_create_error_ref", 400, "Reference not found"),
        ("error_400_validation", 400, "title is too long (maximum is 255 characters)"),
        ("job_retry_not_retryable", 403, "403 Forbidden - Job is not retryable"),
        ("error_409_lock", 409, "409 Conflict: Resource lock"),
    ],
)
def test_a_refusal_has_gitlabs_own_words(connect: Connect, name: str, status: int, reason: str) -> None:
    """Texts, lists and dictionaries of messages become one line."""
    error = fails(connect, wire.data(sample(name), status), CREATE)
    assert isinstance(error, GitLabSaidNo)
    assert (error.status, error.reason) == (status, reason)
    assert reason in error.sentence


def test_a_missing_scope_is_named(connect: Connect) -> None:
    """A token that may only read is told apart from a role that is too low."""
    error = fails(connect, wire.data(sample("error_403_scope"), 403), CREATE)
    assert "scope `api`" in error.sentence


@pytest.mark.parametrize("name", ["error_401_token", "error_401_expired", "graphql_error_401"])
def test_a_rejected_token_is_its_own_error(connect: Connect, name: str) -> None:
    """Every 401 is TokenRejected, by REST and by GraphQL."""
    for start in (GitLab.me, lambda gitlab: gitlab.statuses([("a/b", 1)])):
        error = fails(connect, wire.data(sample(name), 401), start)
        assert isinstance(error, TokenRejected)
        assert "gitlab.token" in error.sentence


def test_what_is_not_there_is_named(connect: Connect) -> None:
    """404 gives NotFound with the thing that was asked for, and None for a file."""
    missing = wire.data(sample("error_404_project"), 404)
    error = fails(connect, missing, lambda gitlab: gitlab.project("acme/nope"))
    assert isinstance(error, NotFound)
    assert "acme/nope" in error.sentence
    assert "404" in error.reason
    assert "nope/x" in fails(connect, missing, lambda gitlab: gitlab.head(42, "nope/x")).sentence
    with wire.serve(wire.always(missing)) as server:
        assert connect(server).file(42, ".gitlab-ci.yml", "main") is None


@pytest.mark.parametrize(
    "start", [GitLab.me, lambda gitlab: gitlab.file(42, "a", "b"), CREATE], ids=["get", "text", "post"]
)
def test_a_web_page_instead_of_data_names_the_address(connect: Connect, start: Start) -> None:
    """A sign-in page with status 200 is a wrong gitlab.url, not an answer."""
    error = fails(connect, wire.html(), start)
    assert isinstance(error, GitLabSaidNo)
    assert "gitlab.url" in error.sentence


def test_an_address_without_gitlab_is_named(connect: Connect) -> None:
    """A page of another server with status 404 names gitlab.url too."""
    assert "gitlab.url" in fails(connect, wire.html(404), GitLab.me).sentence


def test_a_renamed_project_is_found_by_its_old_path(connect: Connect) -> None:
    """A redirect within GitLab is followed by a read, with the token."""

    def script(seen: Seen) -> Reply:
        if seen.path.endswith("acme%2Fold"):
            return wire.redirect("/api/v4/projects/42", 301)
        return wire.data(sample("project_get"))

    with wire.serve(script) as server:
        assert connect(server).project("acme/old").path == "acme/shop"
    assert server.seen[1].headers["Authorization"] == f"Bearer {TOKEN}"


def test_a_read_is_not_redirected_to_another_host(connect: Connect) -> None:
    """The other host is not asked at all, let alone with the token."""
    with wire.serve(wire.always(wire.data(sample("user_current")))) as other:
        error = fails(connect, wire.redirect(f"{other.url}/api/v4/user"), GitLab.me)
    assert "gitlab.url" in error.sentence
    assert other.seen == []


def test_a_circle_of_redirects_ends(connect: Connect) -> None:
    """After three redirects within GitLab the read is given up with a sentence."""
    with wire.serve(wire.always(wire.redirect("/api/v4/user"))) as server, pytest.raises(GitLabSaidNo):
        connect(server).me()
    assert len(server.seen) == 4
