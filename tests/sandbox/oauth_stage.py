"""A clock that is moved by hand, and the way from a device code to an OAuth token."""

from __future__ import annotations

from typing import Any

import requests

from tests.sandbox.gitlab_stage import GitLabStage

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
START = 1_795_169_100.0


class Clock:
    """A clock that goes only when it is told to."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def device(stage: GitLabStage, scope: str = "read_user api") -> Any:
    answer = stage.oauth("authorize_device", scope=scope)
    assert answer.status_code == 200, answer.text
    return answer.json()


def poll(stage: GitLabStage, code: str, **more: str) -> requests.Response:
    return stage.oauth("token", grant_type=GRANT, device_code=code, **more)


def refresh(stage: GitLabStage, token: str, **more: str) -> requests.Response:
    return stage.oauth("token", grant_type="refresh_token", refresh_token=token, **more)


def linked(stage: GitLabStage, name: str = "alice", scope: str = "read_user api") -> Any:
    """The tokens of somebody who went all the way."""
    code = device(stage, scope)
    stage.act(f"authorize {code['user_code']}", name)
    return poll(stage, code["device_code"]).json()


def said(answer: requests.Response) -> tuple[int, Any]:
    return answer.status_code, answer.json()


def read(stage: GitLabStage, token: str, path: str = "user") -> requests.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return stage.session.get(f"{stage.fake.url}/api/v4/{path}", headers=headers, timeout=5)
