"""Reads what somebody typed after `pipeline`: what to do, and with which pipeline or ref."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.command import Request
from bot.errors import NotUnderstood
from bot.jobs.projects import pasted
from bot.text import one_line
from bot.words import Word, longhand

#: What people may do, by each word they say it with; in quotes, a word is a ref.
ACTS = {
    "run": "run", "show": "show", "list": "list", "cancel": "cancel", "retry": "retry", "share": "share",
    "play": "play",
}  # fmt: skip
#: The alias that lists by itself.
LISTS = "pipelines"
#: Characters of what was typed that are repeated.
SHOWN = 60

_NUMBER = re.compile(r"#(?P<number>\d{1,12})")
#: A page of a pipeline in GitLab.
_PAGE = re.compile(r"/-/pipelines/(?P<number>\d{1,12})(?:[/?#]|$)")


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed after `pipeline`."""

    act: str
    ref: str = ""
    """A branch or tag; empty if none was named."""
    number: int | None = None
    """Id of a pipeline, as its card shows it."""
    project: str = ""
    """Path of its project, if its address was pasted."""
    job: str = ""
    """The job that is to be played."""


def typed(request: Request, home: str) -> Typed:
    """Return what somebody means; `home` is GitLab's address. Raises NotUnderstood for words that belong nowhere."""
    words = list(request.words)
    act = "list" if request.verb == LISTS else "show"
    if words and not words[0].quoted and words[0].text.casefold() in ACTS:
        act = ACTS[words.pop(0).text.casefold()]
    job = words.pop(0).text if act == "play" and words and not _is_pipeline(words[0]) else ""
    if len(words) > 1:
        raise _too_much(request, act, words[0].text, " ".join(one.text for one in words[1:]))
    if not words:
        return Typed(act, job=job)
    return replace(_about(act, words[0].text, home), job=job)


def _about(act: str, said: str, home: str) -> Typed:
    number, page, project = _NUMBER.fullmatch(said), _PAGE.search(said), pasted(home, said)
    if number:
        return Typed(act, number=int(number["number"]))
    if page and project != said:
        return Typed(act, number=int(page["number"]), project=project)
    return Typed(act, ref=said)


def _is_pipeline(word: Word) -> bool:
    """Whether a word is the number or the page of a pipeline; in quotes, it is the name of a job."""
    return not word.quoted and bool(_NUMBER.fullmatch(word.text) or _PAGE.search(word.text))


def _too_much(request: Request, act: str, first: str, rest: str) -> NotUnderstood:
    project = f"{request.project} " if request.project else ""
    shown = one_line(rest, SHOWN).replace("`", "'")
    line = f"{project}pipeline {act} {first}"
    takes = "a job and one" if act == "play" else "one"
    return NotUnderstood(
        f"`pipeline {act}` takes {takes} branch, tag or number, and you typed `{shown}` behind it. A job is"
        f" started with `{longhand(request.prefix)}{project}run`.",
        suggestions=(line,) if act in {"show", "list"} else (),
    )
