"""Slash commands on their way to an app and their acknowledgements on the way back, each with its moment."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

#: Slack calls a command a failure when there is no ack by then (slack-platform.md 1.2).
LATE_S = 3.0
PEOPLE, ASKER = 50, "U0ASKER"
#: Before a text that is typed into a select instead of after /gitlab.
LETTERS = "letters:"
_ENVELOPE, _PERSON = "@envelope@", "@person@"


def command(envelope: str, text: str, person: str, channel: str) -> str:
    """The envelope of a slash command, as JSON."""
    payload = {
        "token": "ZZverificationTokenZZ000", "team_id": "T0ACME0001", "team_domain": "acme-dev",
        "channel_id": channel, "channel_name": "ops", "user_id": person,
        "user_name": person.lower(), "command": "/gitlab", "text": text, "api_app_id": "A0OPSBOT01",
        "is_enterprise_install": "false",
        "response_url": "https://hooks.slack.com/commands/T0ACME0001/7000000000001/AbCdEfGhIjKlMnOpQrStUvWx",
        "trigger_id": f"7000000000002.6000000000003.{envelope}",
    }  # fmt: skip
    whole = {"envelope_id": envelope, "payload": payload, "type": "slash_commands"}
    return json.dumps(whole | {"accepts_response_payload": True})


def letters(envelope: str, typed: str, person: str, channel: str) -> str:
    """The envelope of letters typed into a select of projects, as JSON; its ack carries the options."""
    payload = {
        "type": "block_suggestion", "user": {"id": person, "name": person.lower(), "team_id": "T0ACME0001"},
        "container": {"type": "message", "message_ts": "1763650000.000100", "channel_id": channel},
        "api_app_id": "A0OPSBOT01", "token": "ZZverificationTokenZZ000", "action_id": "pick.project",
        "block_id": "b1", "value": typed, "team": {"id": "T0ACME0001", "domain": "acme-dev"},
        "channel": {"id": channel, "name": "ops"}, "is_enterprise_install": False, "enterprise": None,
    }  # fmt: skip
    return json.dumps(
        {"envelope_id": envelope, "payload": payload, "type": "interactive"}
        | {"accepts_response_payload": True}
    )


def askers() -> list[str]:
    """The Slack ids of all who ask, the first of them first."""
    return [f"{ASKER}{number:03d}" for number in range(PEOPLE)]


def _template(text: str) -> list[str]:
    """An envelope in pieces, between which its id and the number of the person go: filling it in takes no time."""
    shape = letters if text.startswith(LETTERS) else command
    text = shape(_ENVELOPE, text.removeprefix(LETTERS), f"{ASKER}{_PERSON}", "C0OPS00001")
    return text.replace(_ENVELOPE, "\0E\0").replace(_PERSON, "\0P\0").split("\0")


@dataclass(slots=True)
class Traffic:
    """The envelopes of one measurement."""

    name: str
    """Makes the envelope ids of this measurement different from all others."""
    text: str
    """What is typed after /gitlab, or behind LETTERS into a select."""
    open: dict[str, float] = field(default_factory=dict)
    """Envelope id, and when it was sent: what waits for its ack."""
    acks: list[tuple[float, float]] = field(default_factory=list)
    """When an envelope was sent, and when its ack came."""
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _parts: list[str] = field(init=False)

    def __post_init__(self) -> None:
        self._parts = _template(self.text)

    def next(self) -> str:
        """The next envelope, which counts as sent now."""
        number = next(self._numbers)
        envelope = f"{self.name}-{number:08d}"
        filled = {"E": envelope, "P": f"{number % PEOPLE:03d}"}
        text = "".join(filled.get(part, part) for part in self._parts)
        self.open[envelope] = time.monotonic()
        return text

    def acked(self, envelope: str) -> bool:
        """Note an ack; False for one that nothing waits for."""
        sent = self.open.pop(envelope, None)
        if sent is None:
            return False
        self.acks.append((sent, time.monotonic()))
        return True

    def told(self, *, since: float = 0.0) -> dict[str, Any]:
        """What there is to say of the envelopes sent after the moment `since`; times in seconds."""
        waits = sorted(acked - sent for sent, acked in self.acks if sent >= since)
        return {
            "acked": len(waits),
            "median": median(waits) if waits else float("inf"),
            "p99": waits[int(len(waits) * 0.99)] if waits else float("inf"),
            "longest": waits[-1] if waits else float("inf"),
            "late": sum(wait > LATE_S for wait in waits),
            "gap": self._gap(),
            "unacked": sorted(self.open),
        }

    def _gap(self) -> float:
        """The longest time without an ack."""
        moments = sorted(acked for _, acked in self.acks)
        return max((later - earlier for earlier, later in itertools.pairwise(moments)), default=0.0)
