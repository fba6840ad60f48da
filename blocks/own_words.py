"""How words that stand for whole commands look: the list of them, and what becomes of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import lists
from blocks.answers import said
from bot.model import Message
from bot.own import OwnWord
from bot.text import code, escape, plural

#: Characters of a command in a list, and where it is told alone: all there can be (bot/values.py, LONGEST_WORDING).
LINE_SHOWN, WHOLE = 200, 500
#: Whose a word is.
_WHOSE = {"person": "of yours", "channel": "of this channel", "site": "for everybody, from my configuration"}
_TITLES = {"person": "*Yours*", "channel": "*Of this channel*", "site": "*For everybody*"}


def listed(found: Sequence[OwnWord], shadowed: Mapping[OwnWord, str], *, prefix: str) -> Message:
    """Return all words, by whose they are; `shadowed` says of those that do not count why."""
    form = f"`{escape(prefix)}alias d = run deploy-staging`"
    other = f"Short names of projects are something else: `{escape(prefix)}project show` lists them."
    if not found:
        return lists.listed(
            "There is no word of your own yet that stands for a command.",
            (),
            footer=f"{form} makes one. {other}",
        )
    lines = []
    for scope, title in _TITLES.items():
        words = [one for one in found if one.scope == scope]
        lines += [title, *(line(one, shadowed.get(one, "")) for one in words)] if words else []
    return lists.listed(
        f"{plural(len(found), 'word')} for whole commands; what you type after one goes along.", lines,
        footer=f"{form} makes one, `{escape(prefix)}alias -d` takes it away. {other}",
    )  # fmt: skip


def line(one: OwnWord, remark: str = "") -> str:
    """Return a word in one line of mrkdwn."""
    return f"• {means(one, LINE_SHOWN)}{f' ({escape(remark)})' if remark else ''}"


def means(one: OwnWord, shown: int = WHOLE) -> str:
    """Return what a word stands for, in mrkdwn."""
    return f"{code(one.name)} is {code(one.line, shown)}"


def one(word: OwnWord) -> Message:
    """Return what one word stands for, and whose it is."""
    return said(f"{means(word)}, a word {_WHOSE[word.scope]}.")


def saved(word: OwnWord, before: OwnWord | None, first: OwnWord | None, *, prefix: str) -> Message:
    """Return that a word is kept; `first` is another of that name that goes before it for the reader."""
    was = f" Before, it was {code(before.line, WHOLE)}." if before and before.line != word.line else ""
    hidden = f" For you {means(first)} still: a word {_WHOSE[first.scope]} goes first." if first else ""
    how = "" if first else f" Type {code(f'{prefix}{word.name}')}; what you type after it goes along."
    return said(f"{means(word)} now, a word {_WHOSE[word.scope]}.{was}{hidden}{how}")


def gone(before: OwnWord, left: OwnWord | None) -> Message:
    """Return that a word is taken away; `left` is what it stands for now."""
    now = f" Now {means(left)}, a word {_WHOSE[left.scope]}." if left else ""
    return said(f"{code(before.name)} stands for nothing any more; it was {code(before.line, WHOLE)}.{now}")
