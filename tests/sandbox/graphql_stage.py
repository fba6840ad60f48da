"""One GraphQL request to the sandbox's GitLab, as somebody."""

from __future__ import annotations

from typing import Any

from tests.sandbox.gitlab_stage import GitLabStage


def ask(stage: GitLabStage, query: str, name: str = "bob", token: str = "", **variables: Any) -> Any:
    """The whole answer: `data`, `errors`, or both."""
    headers = {"Authorization": f"Bearer {token or stage.fake.tokens[name]}"}
    body = {"query": query, "variables": variables}
    return stage.session.post(f"{stage.fake.url}/api/graphql", json=body, headers=headers, timeout=5).json()


def change(stage: GitLabStage, mutation: str, selection: str, name: str = "bob", **given: Any) -> Any:
    """The answer to one mutation, with what is handed to it as a variable."""
    kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
    query = f"mutation($input: {kind}){{{mutation}(input:$input){{{selection} errors}}}}"
    return ask(stage, query, name, input=given)


def incident_gid(stage: GitLabStage, iid: int = 1, path: str = "acme/shop") -> str:
    number = stage.project(path, "alice").issues.get(iid).id
    return f"gid://gitlab/Issue/{number}"
