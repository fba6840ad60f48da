"""What the parts of a line mean: durations, places, texts to look for, and the acts built of them."""

from __future__ import annotations

import re

from sandbox import acts

NEWLINE = "⏎"
EXPECT_WITHIN = 10.0
"""Seconds an expectation waits if the line does not say (sandbox.md, Lines)."""

SLACK_BREAKS = (
    "down", "slow", "500", "502-after", "cut-after", "429",
    "socket-drop", "socket-stall", "socket-refresh", "redeliver",
)  # fmt: skip
GITLAB_BREAKS = ("down", "slow", "500", "503", "502-after", "cut-after", "429", "timeline", "poison")

UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

DURATION = r"\d+(?:\.\d+)?(?:ms|s|m|h|d)"
SPOT = r"#[\w*-]+|dm|thread(?:\s+\d+)?|home|form"
TEXT = r'(?:"(?P<quoted>.*)"|/(?P<pattern>.+)/|(?P<bare>.+?))'
NUMBER = r"(?:\s+(?P<number>\d+))?"
TAIL = rf"(?P<tail>(?:\s+(?:within\s+{DURATION}|for\s+{DURATION}|in\s+(?:{SPOT})))*)"

Fields = re.Match[str]


class NotALine(ValueError):
    """A line that is none of the language; the sentence names the nearest form."""


def seconds(text: str) -> float:
    """`30s`, `2m`, `500ms`, `1h`, `1d` in seconds."""
    found = re.fullmatch(r"([\d.]+)(ms|s|m|h|d)", text)
    if not found:
        raise NotALine(f'"{text}" is no duration: write it like 30s, 2m or 500ms.')
    return round(float(found[1]) * UNITS[found[2]], 6)


def number(m: Fields) -> int | None:
    return int(m["number"]) if m["number"] else None


def wanted(m: Fields) -> acts.Wanted:
    if m["pattern"]:
        return acts.Wanted(_checked(m["pattern"]), is_pattern=True)
    text = m["quoted"] if m["quoted"] is not None else m["bare"]
    if not text:
        raise NotALine("There is no text to look for.")
    return acts.Wanted(text.replace(NEWLINE, "\n"))


def _checked(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise NotALine(f"/{pattern}/ is no regular expression: {error}.") from error
    return pattern


def _spot(text: str) -> acts.Spot:
    if text.startswith("#"):
        return acts.Spot("channel", channel=text[1:])
    kind, _, number = text.partition(" ")
    return acts.Spot(kind, number=int(number) if number.strip() else None)


def _tail(text: str, *, last: str) -> tuple[float | None, acts.Spot]:
    """The clauses after a text: how long (`within` or `for`, as `last` says) and where."""
    how_long: float | None = None
    spot = acts.HERE
    for clause in re.finditer(rf"(within|for)\s+({DURATION})|in\s+({SPOT})", text):
        if clause[3]:
            spot = _spot(clause[3])
        elif clause[1] != last:
            raise NotALine(f'Write "{last} {clause[2]}" instead of "{clause[0]}" here.')
        else:
            how_long = seconds(clause[2])
    return how_long, spot


def expect(m: Fields) -> acts.Act:
    within, spot = _tail(m["tail"], last="within")
    return acts.Expect(wanted(m), EXPECT_WITHIN if within is None else within, spot)


def expect_ephemeral(m: Fields) -> acts.Act:
    within, spot = _tail(m["tail"], last="within")
    return acts.Expect(wanted(m), EXPECT_WITHIN if within is None else within, spot, only_me=True)


def refuse(m: Fields) -> acts.Act:
    lasts, spot = _tail(m["tail"], last="for")
    return acts.Refuse(wanted(m), lasts or 0.0, spot)


def expect_gitlab(m: Fields) -> acts.Act:
    within, spot = _tail(m["tail"], last="within")
    if spot != acts.HERE:
        raise NotALine("GitLab has no places of Slack: put the text in quotes, or leave `in …` out.")
    return acts.ExpectGitLab(m["path"], wanted(m), EXPECT_WITHIN if within is None else within)


SLACK_HOLDS = ("topic", "purpose", "pins", "bookmarks", "members", "channels", "reactions", "files")
"""What `:expect-slack` can look at."""


def expect_slack(m: Fields) -> acts.Act:
    within, spot = _tail(m["tail"], last="within")
    if m["what"] not in SLACK_HOLDS:
        raise NotALine(f"Slack holds no {m['what']}: name one of {', '.join(SLACK_HOLDS)}.")
    if (m["what"] == "reactions") is (m["number"] is None):
        raise NotALine("Reactions are those of message N, and only they need a number: `reactions 3`.")
    if spot != acts.HERE:
        raise NotALine("It looks where you are: go there with `:in #CHANNEL`.")
    lasts = EXPECT_WITHIN if within is None else within
    return acts.ExpectSlack(m["what"], wanted(m), lasts, number(m), m["how"].lower() == "lacks")


def break_side(m: Fields) -> acts.Act:
    side, how = m["side"], m["how"]
    known = SLACK_BREAKS if side == "slack" else GITLAB_BREAKS
    if how not in known:
        raise NotALine(f'{side} cannot break like "{how}". It knows {", ".join(known)}.')
    if how == "slow" and not m["arg"]:
        raise NotALine("Say how slow: `:break " + side + " slow 5s`.")
    arg = None if not m["arg"] else float(m["arg"]) if m["arg"][-1].isdigit() else seconds(m["arg"])
    lasts = seconds(m["lasts"]) if m["lasts"] else None
    return acts.Break(side, how, arg, lasts, int(m["times"]) if m["times"] else None)


def clock(m: Fields) -> acts.Act:
    return acts.MoveClock(seconds(m["by"]) * (-1 if m["sign"] == "-" else 1))
