"""GraphQL at GitLab: questions and changes, their values apart from their words, and its refusals as sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from bot.edges.gitlab_errors import BUSY_SECONDS, reason
from bot.edges.gitlab_records import shaped
from bot.edges.gitlab_wire import Wire
from bot.errors import GitLabBusy, GitLabError, GitLabSaidNo, NotFound, NotSupported

#: How the schema says that it lacks a field, an argument or a type (graphql-ruby, static validation), and a project
#: that it lacks a feature (issueSetEscalationStatus).
_LACKING = re.compile(
    r"doesn't exist on type|doesn't accept argument|isn't a defined|Feature unavailable", re.IGNORECASE
)
#: How GitLab says that something is not there or not for this account; it does not tell which (gitlab-api.md 4.3).
_HIDDEN = re.compile(r"does not exist or you don't have permission", re.IGNORECASE)
#: What a limiter within GitLab says: by REST it comes as a 429 (gitlab-api.md 5.1).
_TOO_MANY = "requested too many times"


def ask(wire: Wire, query: str, **values: Any) -> Mapping[str, Any]:
    """The `data` of a query, asked once more if the connection breaks.

    Raises NotSupported, NotFound, GitLabSaidNo (with status 200) or GitLabBusy: GraphQL says its errors in a success.
    """
    return data(wire.ask(_address(wire), {"query": query, "variables": values}))


def change(wire: Wire, query: str, name: str, **values: Any) -> Mapping[str, Any]:
    """What the one mutation `name` in `query` answers, sent exactly once with `values` as its input.

    Raises NotSupported, NotFound or GitLabSaidNo, whose reason is what GitLab says: then nothing was changed.
    """
    answer = data(wire.post(_address(wire), {"query": query, "variables": {"input": values}}))
    made = answer.get(name)
    if not isinstance(made, Mapping):
        raise _refusal("")
    if made.get("errors"):
        raise _refusal(reason(made["errors"]))
    return made


def data(answer: Any) -> Mapping[str, Any]:
    """The `data` of an answer; errors beside it mean that a null in it may not be true."""
    problems = answer.get("errors") if isinstance(answer, dict) else None
    if problems:
        listed = problems if isinstance(problems, list) else []
        raise _refusal(reason([one.get("message") for one in listed if isinstance(one, dict)]))
    return shaped(_mapping, answer)


def number(gid: str) -> int:
    """The number at the end of a global id.

    >>> number("gid://gitlab/DiscussionNote/3301")
    3301
    """
    return int(gid.rpartition("/")[2])


def _mapping(answer: Any) -> Mapping[str, Any]:
    found: Mapping[str, Any] = answer["data"]
    if not isinstance(found, dict):
        raise TypeError(found)
    return found


def _address(wire: Wire) -> str:
    return f"{wire.url}/api/graphql"


def _refusal(why: str) -> GitLabError:
    if _TOO_MANY in why:
        return GitLabBusy(retry_after=BUSY_SECONDS)
    if _LACKING.search(why):
        return NotSupported(status=200, reason=why)
    if not why or _HIDDEN.search(why):
        return NotFound(
            "GitLab does not let this account do that, or it is not there. Ask a maintainer of the project.",
            status=200,
            reason=why,
        )
    return GitLabSaidNo(
        f"GitLab refused that: {why.rstrip('.')}. Correct it and try again.", status=200, reason=why
    )
