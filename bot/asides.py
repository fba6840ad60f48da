"""What is said beside a command: `--dry-run`, `--reason why`, `--override why`."""

from __future__ import annotations

from collections.abc import Collection

from bot import words
from bot.deeds import Permit
from bot.errors import NotUnderstood
from bot.words import Line, Word

DRY_RUN, REASON, OVERRIDE = "--dry-run", "--reason", "--override"
#: What follows this word belongs to the job alone (POSIX Utility Syntax Guideline 10).
END = "--"
#: Where it is taken away: behind the first word after the verb.
END_AT = 1
#: Characters of a reason that are kept: it stands on a card.
MOST = 500


def read(line: Line, verbs: Collection[str]) -> tuple[Line, Permit]:
    """
    Return the line without what is said beside the command, and that.

    `--dry-run` counts wherever it stands after the verb; what follows `--reason` or `--override` up to the next of
    the three is its text. Words in quotes, and all behind a bare `--`, are the job's own.
    Raises NotUnderstood for a reason or an override without words.
    """
    found = _found(line)
    if not found:
        return _without_end(line, verbs), Permit()
    permit = Permit(
        dry_run=any(option == DRY_RUN for option, _, _ in found),
        reason=_text(line, found, REASON),
        override=_text(line, found, OVERRIDE),
    )
    kept, at = "", 0
    for _, begin, end in found:
        kept += line.text[at:begin]
        at = end
    return _without_end(words.parsed((kept + line.text[at:]).strip(), verbs), verbs), permit


def _without_end(line: Line, verbs: Collection[str]) -> Line:
    """Take a bare `--` away that stands right behind the job: it was for us."""
    if len(line.words) < END_AT + 1 or line.words[END_AT].text != END or line.words[END_AT].quoted:
        return line
    mark = line.words[END_AT]
    return words.parsed(line.text[: mark.start] + line.text[mark.end :].lstrip(), verbs)


def _found(line: Line) -> list[tuple[str, int, int]]:
    """Return each option with where it and its text begin and end."""
    mine = [word for word in _before_end(line.words) if line.text[word.start] not in "\"'" and _option(word)]
    ends = [*(word.start for word in mine[1:]), _end(line)][: len(mine)]
    return [
        (_option(word), word.start, word.end if _option(word) == DRY_RUN else end)
        for word, end in zip(mine, ends, strict=True)
    ]


def _before_end(all_words: tuple[Word, ...]) -> tuple[Word, ...]:
    at = next((n for n, word in enumerate(all_words) if word.text == END and not word.quoted), len(all_words))
    return all_words[:at]


def _end(line: Line) -> int:
    mine = _before_end(line.words)
    return line.words[len(mine)].start if len(mine) < len(line.words) else len(line.text)


def _option(word: Word) -> str:
    name = word.text.partition("=")[0]
    if word.quoted and not word.text.startswith((f"{REASON}=", f"{OVERRIDE}=")):
        return ""
    return name if name in {REASON, OVERRIDE} or word.text == DRY_RUN else ""


def _bare(text: str) -> str:
    """Take the quotes away that stand around a whole text."""
    quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "\"'"
    return text[1:-1].strip() if quoted else text


def _text(line: Line, found: list[tuple[str, int, int]], option: str) -> str:
    said = [line.text[begin:end].strip() for name, begin, end in found if name == option]
    if not said:
        return ""
    text = _bare(said[-1].removeprefix(option).removeprefix("=").strip())
    if not text:
        raise NotUnderstood(f'Say why: `{option} "the reason"`.')
    return text[:MOST]
