"""The statuses of many jobs come by GraphQL, or not at all."""

from __future__ import annotations

import pytest

from bot.errors import GitLabSaidNo
from tests.edges import wire
from tests.edges.gitlab_calls import TOKEN, Connect, fails, sample
from tests.edges.wire import Reply


def test_statuses_are_lower_case_and_none_when_hidden(connect: Connect) -> None:
    """The sample answer gives two statuses, and None for a job of a project we may not see."""
    wanted = [("acme/shop", 5501), ("acme/shop", 5510), ("acme/vault", 7)]
    with wire.serve(wire.always(wire.data(sample("graphql_jobs_alias_batch")))) as server:
        assert connect(server).statuses(wanted) == {5501: "success", 5510: "manual", 7: None}
    assert server.paths() == ["POST /api/graphql"]
    assert server.seen[0].headers["Authorization"] == f"Bearer {TOKEN}"


def test_statuses_survive_one_broken_connection(connect: Connect) -> None:
    """The query changes nothing, so it is asked once more."""
    script = wire.in_turn(wire.cut(), wire.data(sample("graphql_jobs_alias_batch")))
    with wire.serve(script) as server:
        assert connect(server).statuses([("acme/shop", 5501)]) == {5501: "success"}


@pytest.mark.parametrize(
    "reply",
    [
        wire.data(sample("graphql_error_complexity")),
        wire.data({"data": {"p0": None}, "errors": [{"message": "Timeout"}]}),
        wire.data({"data": None}),
        wire.data([]),
        wire.data({"error": "404 Not Found"}, 404),
        wire.html(),
    ],
)
def test_a_gitlab_without_such_queries_says_no(connect: Connect, reply: Reply) -> None:
    """Errors, half answers, 404 and pages are all GitLabSaidNo, so that REST can take over."""
    assert isinstance(fails(connect, reply, lambda gitlab: gitlab.statuses([("a/b", 1)])), GitLabSaidNo)


def test_nothing_to_ask_asks_nothing(connect: Connect) -> None:
    """An empty list needs no request."""
    with wire.serve(wire.always(wire.data({}))) as server:
        assert connect(server).statuses([]) == {}
    assert server.seen == []
