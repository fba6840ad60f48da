"""Reads what somebody typed after `issue`: what to do, with which issue, and which messages to quote."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.command import Request
from bot.errors import NotUnderstood
from bot.jobs.projects import pasted
from bot.text import plural
from bot.words import Line, longhand, nearest

#: What people may do with issues, by each word they say it with.
ACTS = {
    "create": "create", "new": "create", "add": "add", "open": "open", "show": "show", "search": "search",
    "close": "close", "reopen": "reopen", "comment": "comment", "move": "move", "assign": "assign", "label": "label",
}  # fmt: skip
#: Those that are about no issue there is.
NAMELESS = frozenset({"create", "search"})
#: Most messages of one discussion: more are no discussion that anybody reads. Slack gives up to 4,000 of a channel.
MOST_QUOTED = 1_000
#: Words that open what is written as it stands.
BARE = "--"

_NUMBER = re.compile(r"#?(?P<number>\d{1,9})")
_FULL = re.compile(r"(?P<project>[\w.-]+(?:/[\w.-]+)*)#(?P<number>\d{1,9})")
#: A page of an issue in GitLab (doc/user/project/issues, work items).
_PAGE = re.compile(r"/-/(?:issues(?:/incident)?|work_items)/(?P<number>\d{1,9})(?:[/?#]|$)")
_WHO = r"(?P<who><@[UW][A-Z0-9]+>|@[^\s<>@]+|me)"
_LAST = r"last\s+(?P<count>\d{1,9})(?:\s+messages?)?"
_AT_THE_END = re.compile(rf"(?:^|\s)from\s+(?:{_WHO}\s+)?(?:the\s+)?{_LAST}\s*\Z", re.IGNORECASE)
_ONLY = re.compile(rf"\s*(?:from\s+{_WHO})?\s*(?:(?:from\s+)?(?:the\s+)?{_LAST})?\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quoted:
    """Which messages are to be quoted."""

    count: int | None = None
    """How many of the last; None if nobody said."""
    who: str = ""
    """`<@U…>`, `@name` or `me`; empty for everybody."""


@dataclass(frozen=True, slots=True)
class Given:
    """The issue that was named, and what was typed behind it."""

    number: int | None = None
    project: str = ""
    """The project that was named together with the number, as in `shop#4`."""
    rest: str = ""
    """All that follows, newlines too."""
    plain: bool = False
    """Whether the number was a bare one with text behind it, so that it may belong to the text."""


def act_of(request: Request, home: str) -> str:
    """
    Return what is to be done; raises NotUnderstood with near words for what is none of it.

    `home` is GitLab's address, by which the address of an issue's page is known.
    """
    said = request.words[0].text if request.words else ""
    act = ACTS.get(said.casefold())
    if act:
        return act
    prefix = longhand(request.prefix)
    if _named(said, home):
        line = f"issue show {said}"
        raise NotUnderstood(
            f"What shall be done with {said}? Did you mean `{prefix}{line}`?", suggestions=(line,)
        )
    near = tuple(f"issue {name}" for name in nearest(said, ACTS)) if said else ()
    known = ", ".join(f"`{name}`" for name in dict.fromkeys(ACTS.values()))
    hint = "".join(f" Did you mean `{prefix}{line}`?" for line in near[:1])
    what = f"I don't know `issue {said}`." if said else "What about issues?"
    raise NotUnderstood(f"{what}{hint} I know {known}.", suggestions=near)


def given(request: Request, home: str) -> Given:
    """Return which issue was named after the act, if one was, and what follows; `home` as in `act_of`."""
    rest = request.line.after(1)
    if len(request.words) < 2 or request.words[1].quoted:
        return Given(rest=rest)
    word = request.words[1].text
    found = _named(word, home)
    if found is None:
        return Given(rest=rest)
    after = request.line.after(2)
    begins = request.line.text[request.words[1].end :]
    plain = word.isdigit() and bool(after) and "\n" not in begins[: len(begins) - len(begins.lstrip())]
    return Given(found.number, found.project, after, plain)


def _named(word: str, home: str) -> Given | None:
    """Return the issue that one word names: a number, `shop#4`, or the address of its page at `home`."""
    number, full = _NUMBER.fullmatch(word), _FULL.fullmatch(word)
    if number:
        return Given(int(number["number"]))
    if full:
        return Given(int(full["number"]), full["project"])
    page, project = _PAGE.search(word), pasted(home, word)
    return Given(int(page["number"]), project) if page and project != word else None


def for_rules(line: Line, home: str) -> tuple[str, str]:
    """
    Return the project that is named with the issue, and what rules see of a line, such as `close #4`.

    A number that is left out is `#?`: which issue is meant stands in a store, and in Slack. `home` as in `act_of`.
    """
    first = line.words[0].text if line.words else ""
    act = ACTS.get(first.casefold(), first)
    if act in NAMELESS:
        return "", f"{act} {with_quote(line.after(1))[0]}".split("\n")[0].strip()
    found = _named(line.words[1].text, home) if len(line.words) > 1 else None
    rest = line.after(2 if found else 1).split("\n")[0]
    number = found.number if found else "?"
    return found.project if found else "", f"{act} #{number} {rest}".strip()


def bare(text: str) -> str:
    """Return a text without the `--` that says that all behind it is text, and without blanks around it."""
    words = text.split(None, 1)
    return (words[1] if len(words) > 1 else "") if words and words[0] == BARE else text.strip()


# Which messages ---------------------------------------------------------------------------------------------


def with_quote(text: str) -> tuple[str, Quoted | None]:
    """
    Return a text without the `from last N` it ends with, and that.

    >>> with_quote("Basket loses items from last 5")
    ('Basket loses items', Quoted(count=5, who=''))
    >>> with_quote("Show errors from last 7 days")
    ('Show errors from last 7 days', None)
    """
    found = _AT_THE_END.search(text)
    if found is None:
        return text, None
    return text[: found.start()].rstrip(), Quoted(int(found["count"]), found["who"] or "")


def quote_alone(text: str) -> Quoted:
    """Return which messages `[from @person] [last N]` means; raises NotUnderstood for anything else."""
    found = _ONLY.fullmatch(text)
    if found is None:
        raise NotUnderstood(
            "I do not understand which messages. Type it as `issue add #4 from @bob last 10`; a comment of your own"
            " is `issue comment #4 your words`."
        )
    return Quoted(int(found["count"]) if found["count"] else None, found["who"] or "")


def check_count(count: int, line: str = "") -> None:
    """Raise NotUnderstood for a number of messages that cannot be quoted; `line` is the command up to it."""
    if count < 1:
        raise NotUnderstood("`last 0` is no message. The fewest are `last 1`.", suggestions=_with(line, 1))
    if count > MOST_QUOTED:
        raise NotUnderstood(
            f"I quote at most {plural(MOST_QUOTED, 'message')} at once, and {count} is more.",
            suggestions=_with(line, MOST_QUOTED),
        )


def _with(line: str, count: int) -> tuple[str, ...]:
    return (f"{line} last {count}",) if line else ()


# A title and what follows it --------------------------------------------------------------------------------


def titled(text: str) -> tuple[str, str]:
    """
    Return the title, which is the first line, and the rest (gitlab-chatops.md 3).

    A title that is one word in quotes is meant without them.
    """
    first, _, rest = text.strip().partition("\n")
    first = first.strip()
    quote, inside = first[:1], first[1:-1]
    if len(first) > 2 and quote in "\"'" and first.endswith(quote) and quote not in inside:
        first = inside.strip()
    return first, rest.strip("\n").rstrip()


#: One change of labels: a sign, then a name, in quotes if it has blanks; GitLab's own `~` before it is left out.
_CHANGE = re.compile(
    r"""["'](?P<outer>[+-])~?(?P<inside>[^"']+)["']"""
    r"""|(?P<sign>[+-]?)~?(?:"(?P<double>[^"]+)"|'(?P<single>[^']+)'|(?P<plain>[^\s"',~+-][^\s,]*))"""
)


def label_changes(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """
    Return the labels to put on and those to take off, each once, in their order.

    >>> label_changes('+bug -"needs triage" ~urgent')
    (('bug', 'urgent'), ('needs triage',))
    """
    on: dict[str, None] = {}
    off: dict[str, None] = {}
    for found in _CHANGE.finditer(text):
        name = found["double"] or found["single"] or found["plain"] or found["inside"] or ""
        (off if "-" in (found["sign"], found["outer"]) else on)[name.strip()] = None
    return tuple(name for name in on if name not in off), tuple(off)
