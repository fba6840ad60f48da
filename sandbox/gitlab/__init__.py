"""The sandbox's GitLab: `FakeGitLab`, which knows nothing of the bot."""

from __future__ import annotations

from sandbox.gitlab.server import FakeGitLab

__all__ = ["FakeGitLab"]
