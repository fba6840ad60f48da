"""How Slack's Web API says no."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Refusal(Exception):
    """An answer with ok false: Slack's error code, and what stands beside it in the body."""

    def __init__(self, code: str, **extra: Any) -> None:
        super().__init__(code)
        self.code = code
        self.extra = extra

    def body(self) -> dict[str, Any]:
        """The JSON body."""
        return {"ok": False, "error": self.code, **self.extra}


def with_messages(code: str, problems: Sequence[str]) -> Refusal:
    """A refusal that lists its reasons as Slack does, in `errors` and in response_metadata.messages."""
    messages = [f"[ERROR] {problem}" for problem in problems]
    return Refusal(code, errors=list(problems), response_metadata={"messages": messages})
