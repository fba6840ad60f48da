"""What is said beside a command: `--dry-run`, `--reason why`, `--override why`."""

from __future__ import annotations

import re
import unicodedata
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
#: Wrong letters in a word up to which it is taken for a slip of `--dry-run`, and of the other two.
DRY_SLIPS, SLIPS = 2, 1
#: How other programs spell a dry run.
DRY = "dry"
#: Letters of a word that are compared, and characters of it that are shown.
LONGEST, SHOWN = 20, 40
#: What a keyboard, a telephone or a web page makes of two dashes.
_DASHES = re.compile("[-\u2010-\u2015\u2212]")
#: Characters of a reason that are kept: it stands on a card.
MOST = 500


def read(line: Line, verbs: Collection[str]) -> tuple[Line, Permit]:
    """
    Return the line without what is said beside the command, and that.

    `--dry-run` counts wherever it stands after the verb; what follows `--reason` or `--override` up to the next of
    the three is its text. Words in quotes, and all behind a bare `--`, are the job's own.
    Raises NotUnderstood for a reason or an override without words, and for a word that is nearly one of the three.
    """
    _refuse_near(line)
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


def overrides(line: Line) -> bool:
    """Tell whether a line says `--override`."""
    return any(option == OVERRIDE for option, _, _ in _found(line))


def swallowed(kept: Line, typed: Line) -> Word | None:
    """
    Return the first word of `typed` that would mean something else behind `kept` than it does by itself, if any does.

    Behind a bare `--` one of the three would belong to the job; behind a reason any other word would be a part of it.
    """
    closed = len(_before_end(kept.words)) < len(kept.words)
    reason = any(option == REASON for option, _, _ in _found(kept))
    mine = [
        word
        for word in typed.words
        if typed.text[word.start] not in "\"'" and (_option(word) or near(word.text))
    ]
    if closed:
        return mine[0] if mine else None
    return typed.words[0] if reason and typed.words and typed.words[0] not in mine else None


def _without_end(line: Line, verbs: Collection[str]) -> Line:
    """Take a bare `--` away that stands right behind the job: it was for us."""
    if len(line.words) < END_AT + 1 or line.words[END_AT].text != END or line.words[END_AT].quoted:
        return line
    mark = line.words[END_AT]
    return words.parsed(line.text[: mark.start] + line.text[mark.end :].lstrip(), verbs)


# Nearly one of the three ------------------------------------------------------------------------------------


def _refuse_near(line: Line) -> None:
    """Whoever types `--dry_run` must not start it for real; nor is a reason swallowed by a slip of the keyboard."""
    for word in _before_end(line.words):
        typed = line.text[word.start : word.end]
        meant = "" if typed[0] in "\"'" or _option(word) else near(word.text)
        if meant:
            shown = typed.replace("`", "'")[:SHOWN]
            takes = " It takes no value." if meant == DRY_RUN and "=" in typed else ""
            raise NotUnderstood(
                f"You typed `{shown}`, which is nearly `{meant}`, so I did nothing.{takes} Type `{meant}` if you mean"
                f" mine; if it belongs to the job, put `--` before it: `-- {shown}`."
            )


def near(typed: str) -> str:
    """
    Return which of the three a word with dashes in front nearly is; empty if none.

    Case, dashes, underscores and what follows `=` or `:` are left out. `--dry-run` may have two letters wrong, since
    it would be done for real; the others one. People get the first letter right, so that `--rerun` and `--season`
    are words of their own.

    >>> near("--dryrun"), near("--DRY-RUN=true"), near("--resaon"), near("--region=eu"), near("--reasonable")
    ('--dry-run', '--dry-run', '--reason', '', '')
    """
    text = unicodedata.normalize("NFKC", typed)
    if not _DASHES.match(text):
        return ""
    name = re.sub(r"[\W\d_]", "", re.split("[=:]", text, maxsplit=1)[0].casefold())[:LONGEST]
    dry = _letters(DRY_RUN)
    if name == DRY or dry in name or _slips(name, dry) <= (DRY_SLIPS if name[:1] == dry[0] else SLIPS):
        return DRY_RUN
    others = (one for one in (REASON, OVERRIDE) if name[:1] == _letters(one)[:1])
    return next((one for one in others if _slips(name, _letters(one)) <= SLIPS), "")


def _letters(option: str) -> str:
    return option.replace("-", "")


def _slips(typed: str, meant: str) -> int:
    """How many letters are missing, too many, another one or changed places (Damerau, optimal string alignment)."""
    before, row = [0] * (len(meant) + 1), list(range(len(meant) + 1))
    for n, letter in enumerate(typed, 1):
        older, before, row = before, row, [n]
        for m, other in enumerate(meant, 1):
            row.append(min(before[m] + 1, row[m - 1] + 1, before[m - 1] + (letter != other)))
            if n > 1 and m > 1 and typed[n - 2 : n] == meant[m - 1] + meant[m - 2]:
                row[m] = min(row[m], older[m - 2] + 1)
    return row[-1]


# Words and their places --------------------------------------------------------------------------------------


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
