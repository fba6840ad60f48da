"""Whose GitLab token a change is made with: the one seam between a Slack person and GitLab."""

from __future__ import annotations

from collections.abc import Callable

from bot.edges.gitlab import GitLab
from bot.model import Person


def everybody_as_bot(gitlab: GitLab) -> Callable[[Person], GitLab]:
    """Return the seam `gitlab as <person>` for a house without linked accounts: the bot acts for everybody."""

    def gitlab_as(person: Person) -> GitLab:
        del person  # Linked accounts will choose by it; every change already names who asks.
        return gitlab

    return gitlab_as
