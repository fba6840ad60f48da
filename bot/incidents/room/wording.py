"""Reads what somebody typed after `incident declare`: how bad it is, what it is called, where it belongs."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import NotUnderstood
from bot.incidents import states
from bot.issues.typed import titled
from bot.text import one_line
from bot.words import Line, Word, quote

PRIVATE, PUBLIC, PROJECT = "--private", "--public", "--project"
WORD_SHOWN = 40


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in a line; what does not is empty."""

    severity: int = 0
    title: str = ""
    summary: str = ""
    """What stands on the lines below the title."""
    project: str = ""
    """As it was typed."""
    private: bool | None = None


def typed(line: Line) -> Typed:
    """Return what was typed after `declare`; raises NotUnderstood for a severity or a project that is none."""
    words = line.words[1:]
    private, project, taken = None, "", []
    for place, word in enumerate(words):
        if word.quoted:
            continue
        name, _, given = word.text.partition("=")
        if name in {PRIVATE, PUBLIC}:
            private, end = name == PRIVATE, word.end
        elif name == PROJECT:
            project, end = _named(words, place, given)
        else:
            continue
        taken.append((word.start, end))
    text = _without(line, taken)
    first, _, rest = text.partition(" ") if " " in text.partition("\n")[0] else text.partition("\n")
    number = severity(first)
    title, summary = titled(rest if number else text)
    return Typed(number, title, summary, project, private)


def severity(word: str) -> int:
    """
    Return the severity that a word says, 0 if it says none; raises NotUnderstood for one there is not.

    >>> severity("sev2"), severity("S1"), severity("critical"), severity("Checkout")
    (2, 1, 1, 0)
    """
    number = states.graded(word, bare=False)
    if number is None:
        return 0
    if not 1 <= number <= states.LEAST_SEVERE:
        raise NotUnderstood(
            f"There is no severity {one_line(word, WORD_SHOWN)}: they go from sev1, the worst, to sev4."
        )
    return number


def line_of(*, severity: int, title: str, summary: str = "", project: str = "", private: bool = False) -> str:
    """Return the line that could have been typed for it, without what stands before `incident`."""
    words = ["incident declare"]
    words += [f"sev{severity}"] if severity else []
    words += [title] if title else []
    words += [PRIVATE] if private else []
    words += [f"{PROJECT} {quote(project)}"] if project else []
    return " ".join(words) + (f"\n{summary}" if summary else "")


def _named(words: tuple[Word, ...], place: int, given: str) -> tuple[str, int]:
    """The project that follows `--project`, behind a blank or an equals sign, and where it ends."""
    if given:
        return given, words[place].end
    if place + 1 == len(words):
        raise NotUnderstood("Which project? Type it as `--project group/project`.")
    return words[place + 1].text, words[place + 1].end


def _without(line: Line, taken: list[tuple[int, int]]) -> str:
    """What was typed after `declare` but for the options."""
    begin = line.words[0].end if line.words else line.body
    pieces = []
    for start, end in taken:
        if start >= begin:
            pieces.append(line.text[begin:start])
            begin = end
    pieces.append(line.text[begin:])
    kept = "".join(pieces).strip()
    return "\n".join(" ".join(row.split()) if at == 0 else row for at, row in enumerate(kept.split("\n")))
