"""Issues and comments as JSON, for what is written down of a change, and the mark by which a change is found."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

from bot.deeds import digest
from bot.kit import Kit
from bot.ledger import Write
from bot.markdown import mark_of, marked
from bot.model import GitLabUser
from bot.redact import within
from bot.text import clip
from bot.tracker import Comment, Issue

#: Characters of the hash that is a mark: nobody writes it by chance.
MARK_LENGTH = 32
#: Characters of a comment that are kept: a card shows fewer.
BODY_KEPT = 2_000


def issue_kept(issue: Issue) -> dict[str, Any]:
    """Return what is kept of an issue: all but its description."""
    return asdict(issue) | {"description": ""}


def issue_of(kept: Mapping[str, Any]) -> Issue:
    """Return the issue that `issue_kept` made this of."""
    known = {one.name for one in fields(Issue)}
    plain = {name: value for name, value in kept.items() if name in known}
    people = tuple(GitLabUser(**one) for one in plain.pop("assignees", ()))
    labels = tuple(plain.pop("labels", ()))
    return Issue(**plain, labels=labels, assignees=people)


def comment_kept(comment: Comment) -> dict[str, Any]:
    return asdict(comment) | {"body": clip(comment.body, BODY_KEPT)}


def comment_of(kept: Mapping[str, Any]) -> Comment:
    return Comment(**kept)


def about_json(kit: Kit, what: Mapping[str, Any]) -> str:
    """Return what is kept of a change to find it and to tell of it; never the text itself, and no secret."""
    return json.dumps(within(kit.redact, what), ensure_ascii=False)


def about(write: Write) -> dict[str, Any]:
    """Return what `about_json` kept."""
    found: dict[str, Any] = json.loads(write.about)
    return found


def with_mark(body: str, write: Write) -> str:
    """Return a text for GitLab with the hidden line by which a lost change is found again."""
    return marked(body, _mark(write)).strip()


def has_mark(body: str, write: Write) -> bool:
    """Tell whether a text in GitLab carries it; that its author is who asked, the caller has to see to."""
    return mark_of(body) == _mark(write)


def _mark(write: Write) -> str:
    """Hashed, since the id of a request may hold what a mark cannot."""
    return digest(write.id)[:MARK_LENGTH]
