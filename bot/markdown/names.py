"""Who is meant by the ids in a message, and how a mention is shown that calls nobody."""

from __future__ import annotations

from typing import Protocol

from bot.markdown.letters import JOINER, flat

#: Slack's limit on a display name is 80 characters, that on the name of a channel, too.
NAME_LIMIT = 80
BROADCASTS = ("channel", "here", "everyone")


class Names(Protocol):
    """What Slack calls somebody or something; an empty text if it is not known."""

    def person(self, whom: str, /) -> str: ...

    def channel(self, where: str, /) -> str: ...

    def group(self, whom: str, /) -> str: ...


class Nameless:
    """Knows nobody: the labels of the message are shown, else the ids."""

    def person(self, _whom: str, /) -> str:
        return ""

    def channel(self, _whom: str, /) -> str:
        return ""

    def group(self, _whom: str, /) -> str:
        return ""


def person(names: Names, whom: str, label: str = "") -> str:
    return _mention("@", names.person(whom), label, whom)


def channel(names: Names, whom: str, label: str = "") -> str:
    return _mention("#", names.channel(whom), label, whom)


def group(names: Names, whom: str, label: str = "") -> str:
    return _mention("@", names.group(whom), label, whom)


def broadcast(whom: str) -> str:
    """Return `@channel` and its like; whatever else was sent as one calls nobody in Slack either."""
    return _mention("@", whom if whom in BROADCASTS else "", "", "channel")


def _mention(sign: str, *candidates: str) -> str:
    shown = (flat(one, NAME_LIMIT).lstrip("@#") for one in candidates)
    return sign + JOINER + next(filter(None, shown), "?")
