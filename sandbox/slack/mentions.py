"""Which words of a message would call people: what an app's message must not do by accident."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

CONTROL = re.compile(r"<(?:!(?:channel|here|everyone)|@[UW][A-Z0-9]+|!subteam\^S[A-Z0-9]+)(?:\|[^>]*)?>")
"""Control sequences Slack acts on in any mrkdwn, verbatim or not (slack-platform.md 4)."""
BARE = re.compile(r"(?<![\w@])@(?:channel|here|everyone)\b")
"""What Slack makes a mention by itself in a mrkdwn object without verbatim (slack-platform.md 0.6)."""


def fired(body: Mapping[str, Any], link_names: bool = False) -> list[str]:
    """The mentions a message body sets off, as they are written; people, groups and whole channels alike.

    Code spans are no shelter here: what Slack does with a control sequence in backticks is not documented.
    """
    found = CONTROL.findall(body.get("text") or "")
    if link_names:
        found += BARE.findall(body.get("text") or "")
    found += _in_all(body.get("blocks") or ())
    for attachment in body.get("attachments") or ():
        texts = (str(attachment.get(key) or "") for key in ("pretext", "text", "title"))
        found += [mention for text in texts for mention in CONTROL.findall(text)]
        found += _in_all(attachment.get("blocks") or ())
    return found


def _in_all(parts: Iterable[Any]) -> list[str]:
    return [mention for part in parts for mention in _in_part(part)]


def _in_part(part: Any) -> Iterator[str]:
    if isinstance(part, list):
        yield from _in_all(part)
    elif isinstance(part, Mapping):
        yield from _in_object(part)
        for value in part.values():
            yield from _in_part(value)


def _in_object(part: Mapping[str, Any]) -> Iterator[str]:
    text = part.get("text")
    match part.get("type"):
        case "mrkdwn" | "markdown" if isinstance(text, str):
            yield from CONTROL.findall(text)
            if not part.get("verbatim"):
                yield from BARE.findall(text)
        case "user" if "user_id" in part:
            yield f"<@{part['user_id']}>"
        case "usergroup" if "usergroup_id" in part:
            yield f"<!subteam^{part['usergroup_id']}>"
        case "broadcast":
            yield f"<!{part.get('range')}>"
