"""What is broken just now: the faults a test has ordered, and how long or how often each still holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

HTTP_FAULTS = ("down", "slow", "500", "429")
"""They hold until mended, unless told for how long or how often."""
CHANGE_FAULTS = ("502-after", "cut-after")
"""They befall the next changing call, once unless told otherwise."""
SOCKET_FAULTS = ("socket-drop", "socket-stall", "socket-refresh", "socket-fragment", "redeliver")
DEFAULT_ARGUMENT = {"slow": 5.0, "429": 30.0, "socket-stall": 4.0, "socket-refresh": 10.0}
"""Seconds. Slack warns about ten seconds before it refreshes a connection (slack-platform.md 1.1)."""


@dataclass(slots=True)
class Fault:
    """One ordered fault: `until` in monotonic seconds, `times` how often it may still strike."""

    how: str
    arg: float
    until: float | None
    times: int | None


@dataclass(slots=True)
class Faults:
    """The faults of one server. `monotonic` gives seconds that never run backwards."""

    monotonic: Callable[[], float]
    ordered: dict[str, Fault] = field(default_factory=dict)

    def order(self, how: str, seconds: float | None, times: int | None, arg: float | None) -> Fault:
        """Break something. Raises ValueError for a fault this server does not know."""
        known = (*HTTP_FAULTS, *CHANGE_FAULTS, *SOCKET_FAULTS)
        if how not in known:
            raise ValueError(f"Slack cannot break by {how!r}; it knows {', '.join(known)}.")
        if how not in HTTP_FAULTS and seconds is None and times is None:
            times = 1
        until = None if seconds is None else self.monotonic() + seconds
        fault = Fault(how, DEFAULT_ARGUMENT.get(how, 0.0) if arg is None else arg, until, times)
        self.ordered[how] = fault
        return fault

    def mend(self) -> None:
        """Everything works again."""
        self.ordered.clear()

    def holds(self, how: str) -> Fault | None:
        """The fault if it is in force; nothing is used up."""
        fault = self.ordered.get(how)
        if fault is None:
            return None
        if fault.times == 0 or (fault.until is not None and self.monotonic() >= fault.until):
            del self.ordered[how]
            return None
        return fault

    def strikes(self, how: str) -> Fault | None:
        """The fault if it is in force; one of its times is used up."""
        fault = self.holds(how)
        if fault is not None and fault.times is not None:
            fault.times -= 1
        return fault
