"""The people, channels and groups that the messages of these tests name."""

from __future__ import annotations

KNOWN = {"U0ALICE001": "Alice Ito", "U0BOB00001": "bob", "C0OPS00001": "ops", "S0ONCALL01": "oncall"}


class Company:
    """Knows a few names, some of them meant badly."""

    def person(self, whom: str, /) -> str:
        return {"U0EVE00001": "@all\n/close *x*"}.get(whom) or KNOWN.get(whom, "")

    def channel(self, where: str, /) -> str:
        return KNOWN.get(where, "")

    def group(self, whom: str, /) -> str:
        return KNOWN.get(whom, "")


NAMES = Company()
