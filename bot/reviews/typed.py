"""Reads what somebody typed after `mr`: what to do, with which merge request, and how."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.command import Request
from bot.errors import NotUnderstood
from bot.jobs.projects import pasted
from bot.text import one_line
from bot.words import longhand, nearest

#: What people may do, by each word they say it with.
ACTS = {
    "show": "show", "open": "show", "share": "share", "list": "list", "approve": "approve", "unapprove": "unapprove",
    "merge": "merge",
}  # fmt: skip
#: Which lists there are; the first is what one may mean without a word.
LISTS = ("mine", "review", "all")
#: Words with which somebody says that it is to be merged later: `when its pipeline passes`.
_WHEN = frozenset(
    {"when", "once", "if", "it", "its", "the", "pipeline", "passes", "passed", "ready", "succeeds"}
)
SQUASH = "squash"
#: Characters of what was typed that are repeated.
SHOWN = 60

_NUMBER = re.compile(r"!?(?P<number>\d{1,9})")
_FULL = re.compile(r"(?P<project>[\w.-]+(?:/[\w.-]+)*)!(?P<number>\d{1,9})")
#: A page of a merge request in GitLab.
_PAGE = re.compile(r"/-/merge_requests/(?P<number>\d{1,9})(?:[/?#]|$)")


@dataclass(frozen=True, slots=True)
class Given:
    """The merge request that somebody named."""

    number: int
    project: str = ""
    """Path or short name of its project, if they named that as well."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed after `mr`."""

    act: str
    given: Given | None
    rest: tuple[str, ...] = ()


def typed(request: Request, home: str) -> Typed:
    """Return what somebody means; `home` is GitLab's address. Raises NotUnderstood with near words."""
    if not request.words:
        return Typed("list", None)
    first = request.words[0].text
    act = ACTS.get(first.casefold())
    if act == "list" or (act is None and first.casefold() in LISTS):
        return Typed("list", None, tuple(one.text for one in request.words[act == "list" :]))
    at = 1 if act else 0
    given = named(request.words[at].text, home) if len(request.words) > at else None
    if act is None and given is None:
        raise _unknown(request, first)
    rest = tuple(one.text for one in request.words[at + (given is not None) :])
    return Typed(act or "show", given, rest)


def named(said: str, home: str) -> Given | None:
    """
    Return the merge request that a word names: `!7`, `acme/shop!7`, or the address of its page at `home`.

    >>> named("acme/shop!7", "https://gitlab.com")
    Given(number=7, project='acme/shop')
    >>> named("https://gitlab.com/acme/shop/-/merge_requests/7#note_1", "https://gitlab.com").number
    7
    """
    number = _NUMBER.fullmatch(said)
    if number:
        return Given(int(number["number"]))
    full = _FULL.fullmatch(said)
    if full:
        return Given(int(full["number"]), full["project"])
    page, project = _PAGE.search(said), pasted(home, said)
    return Given(int(page["number"]), project) if page and project != said else None


def how_merged(request: Request, rest: tuple[str, ...]) -> tuple[bool, bool]:
    """Return whether it is to be merged as one commit, and whether later; raises NotUnderstood for other words."""
    said = {one.casefold() for one in rest}
    strange = sorted(said - {SQUASH, *_WHEN})
    later = bool(said & {"when", "once", "if"})
    if strange or (said - {SQUASH} and not later):
        shown = one_line(" ".join(strange or sorted(said - {SQUASH})), SHOWN).replace("`", "'")
        raise NotUnderstood(
            f"I do not understand `{shown}` there. Type it as `{longhand(request.prefix)}mr merge !7`, with `squash`"
            " or `when passes` behind it."
        )
    return SQUASH in said, later


def nothing_more(request: Request, one: Typed) -> None:
    """Raise NotUnderstood if something stands behind the number where nothing belongs."""
    if not one.rest:
        return
    shown = one_line(" ".join(one.rest), SHOWN).replace("`", "'")
    if one.given is None:
        raise NotUnderstood(
            f"`{shown}` is no merge request. Type it as `{longhand(request.prefix)}mr {one.act} !7`, or paste its"
            " address."
        )
    raise NotUnderstood(
        f"`mr {one.act}` takes nothing behind the number, and you typed `{shown}`.",
        suggestions=(
            f"{_project(request)}mr {one.act} {request.words[1 if len(request.words) > 1 else 0].text}",
        ),
    )


def _unknown(request: Request, said: str) -> NotUnderstood:
    lines = tuple(
        f"{_project(request)}mr {near} {request.line.after(1)}".strip() for near in nearest(said, ACTS)
    )
    prefix = longhand(request.prefix)
    hint = " Did you mean " + " or ".join(f"`{prefix}{line}`" for line in lines) + "?" if lines else ""
    shown = one_line(said, SHOWN).replace("`", "'")
    return NotUnderstood(
        f"`mr {shown}` is nothing I know.{hint} I know `mr`, `mr list`, `mr show !7`, `mr share`, `mr approve`,"
        " `mr unapprove` and `mr merge`.",
        suggestions=lines,
    )


def _project(request: Request) -> str:
    return f"{request.project} " if request.project else ""
