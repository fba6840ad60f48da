"""GitLab's JSON of comparisons and merge requests as our records."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.changes import Change, Comparison, Merged
from bot.edges.gitlab_shapes import maybe, millis

Json = Mapping[str, Any]


def comparison(data: Json) -> Comparison:
    """doc/api/repositories.md; commits come oldest first."""
    return Comparison(tuple(change(one) for one in reversed(data["commits"])), data.get("web_url") or "")


def change(data: Json) -> Change:
    """doc/api/commits.md."""
    return Change(
        data["id"], data.get("title") or "", data.get("author_name") or "", millis(data["created_at"])
    )


def merged(data: Json) -> Merged:
    """doc/api/merge_requests.md; which commits it left depends on how it was merged, so that some are null."""
    author = data.get("author") or {}
    shas = (data.get(name) for name in ("merge_commit_sha", "squash_commit_sha", "sha"))
    return Merged(
        data["iid"], data.get("title") or "", author.get("username") or "", data.get("web_url") or "",
        tuple(str(one) for one in shas if one), maybe(data.get("merged_at")),
    )  # fmt: skip
