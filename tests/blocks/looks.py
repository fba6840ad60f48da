"""What every message must keep to, whatever stands in it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from hypothesis import strategies as st

from bot.model import Message, Person, Place, Run
from sandbox.slack import mentions
from sandbox.slack.blockkit import problems_of

HOME = "https://gitlab.example.com/acme/shop/-"
RUN = Run(
    id="3f9a1c", source="s1", person=Person("T0ACME0001", "U0ALICE001"), asker="alice",
    place=Place("C0OPS00001"), project="acme/shop", project_id=42, job="hello", ref="main", arguments="",
    asked_at=1_000, called_at=1_000,
)  # fmt: skip
#: Characters that Slack's fallback text may have (slack-platform.md 2.2).
FALLBACK = 40_000
#: What somebody would write to call people, to lead them away, or to break out of where a text stands.
HOSTILE = (
    "<!channel>", "<!here|x>", "<!everyone>", "<@U0BOB00001>", "<!subteam^S0123456>", "@channel", "@here", "@everyone",
    "<https://evil.example|GitLab>", "<mailto:a@evil.example>", "<#C0OPS00001>", "</", "`", "```", "*", "_", "~", "&",
    "&lt;!channel&gt;", "<", ">", "|", "\n", "\r\n", "\t", "\x1b[31m", "\u202e", "\u200d", "\x00", "x" * 300, "&" * 400,
    ":rotating_light:", "https://evil.example", "\U0001f1e9\U0001f1ea", " ",
)  # fmt: skip
hostile = st.lists(st.sampled_from(HOSTILE) | st.text(max_size=20), max_size=12).map("".join)


def check(message: Message, *, links: Iterable[str] = ()) -> None:
    """Fails if Slack would refuse the message, or if it calls anybody or links anywhere but to `links`."""
    assert problems_of(list(message.blocks)) == []
    assert message.text.strip()
    assert len(message.text) <= FALLBACK
    json.dumps(message.blocks).encode()
    assert mentions.fired({"text": message.text, "blocks": list(message.blocks)}) == []
    for text in mrkdwn(message):
        for target in re.findall(r"<([^<>]*)>", text):
            assert target.split("|", 1)[0] in set(links), target
        bare = re.sub(r"<[^<>]*>|&(?:amp|lt|gt);", "", text)
        assert not re.search(r"[<>&]", bare), text


def mrkdwn(message: Message) -> Iterator[str]:
    """Every text in which Slack reads marks."""
    yield message.text
    yield from _mrkdwn(message.blocks)


def _mrkdwn(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if part.get("type") == "mrkdwn":
            assert part["verbatim"] is True, "names would be looked for in it"
            yield part["text"]
        for value in part.values():
            yield from _mrkdwn(value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from _mrkdwn(one)


def run(**changes: Any) -> Run:
    """A run that differs in what a test is about."""
    return replace(RUN, **changes)
