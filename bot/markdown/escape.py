"""
Makes what people wrote plain text for GitLab: nothing in it is markup, a reference, a mention or a quick action.

Sources: docs.gitlab.com/user/markdown and /user/project/quick_actions, CommonMark 0.31, incidents.md 3.2. Where a
backslash is enough, it is a backslash; GitLab leaves characters of references alone that are escaped so. Where
GitLab looks at the text once more after Markdown, a word joiner breaks it instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.markdown.letters import JOINER

_SPECIAL = re.compile(r"(?<![A-Za-z0-9_])GL-(?=\d)|_+|[\\`*$~\[\]@#!&%^<{:]")
#: How much of what follows a character decides about it.
_AHEAD = 24

#: `[vulnerability:`, `[feature_flag:`, `["contact:` and the like, inline diffs, wiki pages, tables of contents.
_BRACKET = re.compile(r'"?[a-z_]{1,20}:|[+-]|\[|toc\]', re.IGNORECASE)
_WORD = re.compile(r"[A-Za-z0-9]")
_DIGIT = re.compile(r"\d")
_TAG = re.compile(r"[A-Za-z/!?]")
_ENTITY = re.compile(r"[A-Za-z0-9#]")
_SHOWN = re.compile(r"\S")

#: What would begin a block at the start of a line. `/` is a quick action, in every version of GitLab at the
#: start of a line of the source; the rest is headings, lists, quotes, rules, tables, front matter, description
#: lists and includes.
_OPENING = re.compile(
    r"(?P<blanks>(?:&nbsp;|\s)*)"
    r"(?:(?P<sign>/|>|#{1,6}(?=\s|$)|[-+](?=\s|$)|\+{3}|-{3}|;{3}|:(?=[\s:])|[-=|:][-=|:\s]*$)"
    r"|(?P<number>\d{1,9})(?P<dot>[.)])(?=\s|$))"
)


def escaped(text: str, *, last: bool = True, references: bool = False, label: bool = False) -> str:
    """
    Return a run of text, which holds no line feed, as Markdown that shows just that.

    `last` says that nothing follows it in its line; `references` that `#12` and `!34` are to be links; `label`
    that it stands between the brackets of a link.
    """

    def one(found: re.Match[str]) -> str:
        sign = found[0][0]
        before = text[found.start() - 1 : found.start()]
        after = text[found.end() : found.end() + _AHEAD]
        if references and sign in "#!" and _DIGIT.match(after):
            return sign
        if label and sign == "]":
            return "\\]"
        return _RULES[sign](found[0], before, after or ("" if last else "\0"))

    return _SPECIAL.sub(one, text)


def _always(found: str, _before: str, after: str) -> str:
    return "\\" + found + (JOINER if found == "*" and after.lower().startswith("iteration:") else "")


def _if_before(follower: re.Pattern[str]) -> Callable[[str, str, str], str]:
    """Return the rule to escape a character if what follows it fits, or is not known yet."""

    def rule(found: str, _before: str, after: str) -> str:
        return "\\" + found if after == "\0" or follower.match(after) else found

    return rule


def _underscores(found: str, before: str, after: str) -> str:
    """Underscores between letters are letters: `snake_case`."""
    return found if _WORD.match(before) and _WORD.match(after) else "\\_" * len(found)


def _mention(found: str, before: str, after: str) -> str:
    """
    Break a mention, but leave `name@host` and `package@1.2` as they are: GitLab takes no mention after a letter.

    A word joiner shows the name as it was written. A code span would shout it, and a backslash is lost when
    somebody copies the comment or edits it in the rich text editor; then it would call people after all.
    """
    if not after or after[0].isspace() or after[0] == JOINER:
        return found
    word = after.split(None, 1)[0]
    return found if _WORD.match(before) and "@" not in word else found + JOINER


def _opening_bracket(found: str, _before: str, after: str) -> str:
    return "\\" + found + (JOINER if _BRACKET.match(after) else "")


def _closing_bracket(found: str, _before: str, after: str) -> str:
    """GitLab makes links of `[text](two words)` after Markdown."""
    return found + (JOINER if after.startswith("(") else "")


def _brace(found: str, _before: str, after: str) -> str:
    return found + (JOINER if after[:1] in ("+", "-") else "")


def _colon(found: str, _before: str, after: str) -> str:
    """What is an address and may be a link is one already; GitLab would link any scheme."""
    return found + (JOINER if after.startswith("//") else "")


_RULES: dict[str, Callable[[str, str, str], str]] = {
    **dict.fromkeys("\\`*$~", _always),
    "_": _underscores,
    "[": _opening_bracket,
    "]": _closing_bracket,
    "@": _mention,
    "#": _if_before(_DIGIT),
    "!": _if_before(re.compile(r"\d|\[")),
    "&": _if_before(_ENTITY),
    "%": _if_before(_SHOWN),
    "^": _if_before(_WORD),
    "<": _if_before(_TAG),
    "{": _brace,
    ":": _colon,
    "G": lambda found, _before, _after: found + JOINER,
}


def guarded(line: str) -> str:
    """Return a line of Markdown, made of escaped runs, whose beginning opens no block and is no quick action."""
    found = _OPENING.match(line)
    if found is None:
        return line
    at = found.start("dot") if found["dot"] else found.start("sign")
    return f"{line[:at]}\\{line[at:]}"


def code_span(text: str) -> str:
    """Return `text`, which holds no line feed, in a code span that nothing in it ends."""
    fence = "`" * (_longest_ticks(text) + 1)
    pad = (
        " " if text[:1] == "`" or text[-1:] == "`" or (text[:1] == text[-1:] == " " and text.strip()) else ""
    )
    return f"{fence}{pad}{text}{pad}{fence}"


def fence_for(text: str) -> str:
    """Return a fence longer than any in `text`."""
    return "`" * max(3, _longest_ticks(text) + 1)


def _longest_ticks(text: str) -> int:
    return max(map(len, re.findall("`+", text)), default=0)
