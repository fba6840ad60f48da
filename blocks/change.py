"""How a change looks before it is made: what runs, what would run, and the commits and merge requests between."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import parts
from blocks.spans import ago
from bot.changes import Comparison, Merged, Preview
from bot.environments import Deployment
from bot.model import Block, Millis
from bot.text import code, escape, inert, one_line, plural

#: How many commits and merge requests are named; the rest are counted.
COMMITS_SHOWN, MERGED_SHOWN, AUTHORS_SHOWN = 5, 5, 6
SHA_SHOWN, NAME_SHOWN, TITLE_SHOWN, LINE_SHOWN = 8, 80, 90, 500
#: Pipeline statuses in the words of the card (blocks/job.py).
_CHECKS = {"success": "passed", "manual": "waiting for somebody"}


def preview(one: Preview) -> list[Block]:
    """Return what would change, as the middle of a message; everything from outside is escaped here."""
    body = [parts.section(_from_to(one))]
    body += _part(one.comes, one.merged, "would come")
    body += _part(one.goes, one.merged, "would be taken back")
    body.append(parts.context(" · ".join(_facts(one))))
    return body


def typed(one: Preview, prefix: str = "/gitlab ") -> list[Block]:
    """Return the line that does the same, for who has not typed it."""
    return [parts.context(f"{code(prefix + one.typed, LINE_SHOWN)} asks for the same.")] if one.typed else []


def _from_to(one: Preview) -> str:
    comes = f"{_name(one.ref)} ({sha(one.sha)})"
    taken = f", which {_name(one.source)} runs" if one.source else ""
    now = running(one.runs) if one.runs else "nothing yet"
    verb = "runs" if one.state in {"", "available"} else f"is {_name(one.state)}; it ran"
    return f"*{_name(one.environment)}* {verb} {now}.\n:arrow_right: It would run {comes}{taken}."


def running(one: Deployment) -> str:
    """Return what runs somewhere, since when and by whom, in mrkdwn."""
    by = f" by {_name(one.username)}" if one.username else ""
    return f"{_name(one.ref)} ({sha(one.sha)}) since {parts.moment(one.since)}{by}"


def sha(text: str) -> str:
    return code(text[:SHA_SHOWN])


# Commits ------------------------------------------------------------------------------------------------------


def _part(part: Comparison | None, merged: Sequence[Merged], verb: str) -> list[Block]:
    if part is None or not part.commits:
        return []
    return [parts.section("\n".join([f"*{counted(part)}* {verb}:", *lines(part, merged)]))]


def counted(part: Comparison) -> str:
    """Return how many commits there are, linked to the page that has all of them."""
    many = plural(len(part.commits), "commit", "commits")
    return parts.linked(part.url, many)


def lines(part: Comparison, merged: Sequence[Merged]) -> list[str]:
    """Return the newest commits, the rest as a number, and the merge requests that brought them."""
    named = part.commits[:COMMITS_SHOWN]
    found = [f"• {sha(one.sha)} {_title(one.title)} — {_name(one.author)}" for one in named]
    left_out = len(part.commits) - len(named)
    found += [f"… and {left_out} more"] if left_out else []
    shas = {one.sha for one in part.commits}
    mine = [one for one in merged if shas & set(one.shas)]
    return [*found, *([_requests(mine)] if mine else [])]


def _requests(mine: Sequence[Merged]) -> str:
    named = ", ".join(_request(one) for one in mine[:MERGED_SHOWN])
    left_out = len(mine) - MERGED_SHOWN
    return f"Merged: {named}{f' and {left_out} more' if left_out > 0 else ''}"


def _request(one: Merged) -> str:
    number = parts.linked(one.url, f"!{one.number}")
    return f"{number} {_title(one.title)} ({_name(one.author)})"


def _facts(one: Preview) -> list[str]:
    found = []
    authors = list(dict.fromkeys(each.author for each in one.comes.commits)) if one.comes else []
    if authors:
        more = f" and {len(authors) - AUTHORS_SHOWN} more" if len(authors) > AUTHORS_SHOWN else ""
        found.append(f"By {', '.join(_name(each) for each in authors[:AUTHORS_SHOWN])}{more}")
    status = _name(_CHECKS.get(one.checks, one.checks)) or "none"
    found.append(f"Pipeline: {parts.linked(one.checks_url, status)}")
    return [*found, f"It {escape(one.how)}"] if one.how else found


def since(deployment: Deployment, now: Millis) -> str:
    return ago(max(now - deployment.since, 0))


def _title(text: str) -> str:
    return inert(one_line(text, TITLE_SHOWN))


def _name(text: str) -> str:
    return escape(one_line(text, NAME_SHOWN))
