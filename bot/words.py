"""Reads what a person typed in Slack: cleaned, split into words, with project and verb told apart."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from bot.errors import NotUnderstood

MOST_CHARACTERS = 4096
"""The longest command that is read: a chat value is at most 4 KB (reliability.md 4.2)."""

COMPARED = 64
"""How many letters of a name are compared: nobody mistypes more, and the work grows with their square."""

NEAR = 0.65
"""How alike (0 to 1) two names are before one is suggested for the other: `helo` is `hello`, not `deploy`."""

SLIP = 0.8
"""How alike (0 to 1) a word is that differs by a letter or two from a verb of six."""

_REMOVED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"  # control characters other than tab and the line ends
    "\u00ad\u200b-\u200f\u2060-\u2064\ufeff"  # zero width
    "\u202a-\u202e\u2066-\u2069"  # writing direction: it can make a text look like another one
    "\ud800-\udfff]"  # halves of a character, which no database takes
)
_LINE_END = re.compile("\r\n|[\r\x85\u2028\u2029]")
_SPACE = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_GUILLEMETS = re.compile("«[ ]?([^«»\n]*?)[ ]?»")
_DOUBLE = re.compile("[“”„‟＂]")
_SINGLE = re.compile("[‘’‚‛＇\u02bc]")
_DASH = re.compile(r"(?<!\S)[–—](?=[^\W\d_])")
_MARKED = re.compile("<([^<>\n]*)>|&(amp|lt|gt);")
_ENTITY = re.compile("&(amp|lt|gt);")
_LETTERS = {"amp": "&", "lt": "<", "gt": ">"}
_LINK = re.compile(
    r"(?P<scheme>mailto:|tel:|[a-z][a-z0-9+.-]*://)(?P<rest>[^|]*)(?:\|(?P<label>.*))?", re.IGNORECASE
)
_PERSON = re.compile(r"@[UW][A-Z0-9]*")

_CLOSING_DOUBLE = re.compile(r'(?<!\\)"')
_CLOSING_SINGLE = re.compile(r"'(?![^\W_])")
_BARE = re.compile(r"""[^\s"']+""")


@dataclass(frozen=True, slots=True)
class Word:
    """One word as it is meant, and where it stands in the text it was read from, quotes included."""

    text: str
    start: int
    end: int
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """`[project] verb [arguments]`. Without a verb, `words` are all that follow the project."""

    text: str
    """What was typed, cleaned."""
    project: str | None
    verb: str | None
    """In the spelling of the verbs handed to `read`."""
    words: tuple[Word, ...]
    body: int = 0
    """Where in `text` the part after the verb begins."""

    def after(self, n: int) -> str:
        """What was typed after the n-th word (0: after the verb), its ends stripped, newlines inside kept."""
        if n > len(self.words):
            return ""
        begin = self.words[n - 1].end if n else self.body
        return self.text[begin:].strip()


# Slack's text -------------------------------------------------------------------------------------------


def clean(text: str) -> str:
    """
    Slack's text as the person meant it.

    Entities are decoded once; links, addresses and mentions take the form a person types (slack-platform.md
    3); quotes, apostrophes, blanks and the dashes of mobile keyboards become plain ones; control and
    zero-width characters go. Text that is clean already and has no `&` or `<` stays as it is.
    """
    text = _LINE_END.sub("\n", _REMOVED.sub("", text))
    return _plain(_MARKED.sub(_unmark, text))


def filled(text: str) -> str:
    """What was filled in somewhere as it would be typed: as `clean`, but nothing is marked up in it."""
    return _plain(_LINE_END.sub("\n", _REMOVED.sub("", text)))


def _plain(text: str) -> str:
    """Typographic blanks, quotes and dashes as the plain ones of a keyboard."""
    text = _GUILLEMETS.sub(r'"\1"', _SPACE.sub(" ", text))
    text = _SINGLE.sub("'", _DOUBLE.sub('"', text))
    return _DASH.sub("--", text)


def _unmark(found: re.Match[str]) -> str:
    if found[2]:
        return _LETTERS[found[2]]
    inside = found[1]
    if _PERSON.match(inside):
        return f"<{_decode(inside.partition('|')[0])}>"
    link = _LINK.fullmatch(inside)
    return _decode(_typed(link)) if link else _decode(found[0])


def _typed(link: re.Match[str]) -> str:
    """The text of a link that Slack made from what was typed, else its address."""
    scheme, rest, label = link["scheme"], link["rest"], link["label"]
    if label and label.rstrip("/") == rest.rstrip("/"):
        return label
    return rest if scheme.lower() in ("mailto:", "tel:") else scheme + rest


def _decode(text: str) -> str:
    return _ENTITY.sub(lambda found: _LETTERS[found[1]], text)


# Words --------------------------------------------------------------------------------------------------


def split(text: str) -> tuple[Word, ...]:
    """
    The words of a cleaned text.

    Double or single quotes keep blanks together. They open at the start of a word or right after `=`;
    anywhere else they are letters, as in `don't` and `5"`. A single quote that never closes is an apostrophe,
    as in `'tis`. A backslash is a letter, except in front of a double quote inside double quotes. Letters
    after a closing quote belong to the word: `"my job"@main`.

    Raises NotUnderstood if a double quote is never closed, or for more than MOST_CHARACTERS.
    """
    _check_length(text)
    last_single = max((found.start() for found in _CLOSING_SINGLE.finditer(text)), default=-1)
    words: list[Word] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
        else:
            words.append(_word(text, at, last_single))
            at = words[-1].end
    return tuple(words)


def _word(text: str, start: int, last_single: int) -> Word:
    """The word that begins at `start`; `last_single` is where the last single quote that can close stands."""
    pieces: list[str] = []
    at, quoted = start, False
    while at < len(text) and not text[at].isspace():
        end = _closing(text, at, last_single) if at == start or text[at - 1] == "=" else None
        if end is None:
            pieces.append(text[at])
            at += 1
        else:
            inside = text[at + 1 : end]
            pieces.append(inside.replace('\\"', '"') if text[at] == '"' else inside)
            at, quoted = end + 1, True
    return Word("".join(pieces), start, at, quoted)


def _closing(text: str, at: int, last_single: int) -> int | None:
    """Where the quote that opens at `at` closes; None if no quote opens there."""
    if text[at] == "'":
        found = _CLOSING_SINGLE.search(text, at + 1) if last_single > at else None
    elif text[at] == '"':
        found = _CLOSING_DOUBLE.search(text, at + 1)
        if found is None:
            raise NotUnderstood(_never_closed(text[at:]))
    else:
        return None
    return found.start() if found else None


def _never_closed(rest: str) -> str:
    first = rest.partition("\n")[0].rstrip().replace("`", "'")
    shown = first if len(first) <= 40 else first[:39] + "…"
    return (
        f'The double quote that opens at `{shown}` is never closed. Add a `"` where it ends, or leave it out.'
    )


def _check_length(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise NotUnderstood(
            f"That is {len(text)} characters long, and I read at most {MOST_CHARACTERS}. Shorten it, "
            "or put the long part in a file that the job reads."
        )


def quote(text: str) -> str:
    """The text written so that `split` reads it as one word: in double quotes where it needs them."""
    if _BARE.fullmatch(text):
        return text
    core = text.rstrip("\\")
    escaped = core.replace('"', '\\"')
    return f'"{escaped}"{text[len(core) :]}'


# Project and verb ---------------------------------------------------------------------------------------


def longhand(prefix: str) -> str:
    """What stands before any verb for someone who typed `prefix`: after `/run` that is `/gitlab `."""
    return "/gitlab " if prefix == "/" else prefix


def read(text: str, verbs: Collection[str]) -> Line:
    """
    `[project] verb [arguments]` from Slack's text, which is not cleaned yet; case does not matter for verbs.

    The first word is the project if it holds a `/`, or if it is no verb and the second word is one. `verb` is
    None if there is none: what was typed in its place is then the first of `words`.

    Raises NotUnderstood as `split` does.
    """
    return parsed(_unwrapped(clean(text).strip()), verbs)


def parsed(typed: str, verbs: Collection[str]) -> Line:
    """The same from a text that is cleaned already."""
    words = split(typed)
    known = {verb.casefold(): verb for verb in verbs}
    at = 1 if _begins_with_project(words, known) else 0
    project = words[0].text if at else None
    verb = _verb(words, at, known)
    at += verb is not None
    body = words[at - 1].end if at else 0
    return Line(typed, project, verb, words[at:], body)


def _begins_with_project(words: tuple[Word, ...], known: dict[str, str]) -> bool:
    if not words or _verb(words, 0, known) is not None:
        return False
    return "/" in words[0].text or _verb(words, 1, known) is not None


def _verb(words: tuple[Word, ...], at: int, known: dict[str, str]) -> str | None:
    """The verb at this place; a word in quotes is never one."""
    if at >= len(words) or words[at].quoted:
        return None
    return known.get(words[at].text.casefold())


def _unwrapped(text: str) -> str:
    """The text without backticks that wrap all of it."""
    inside = text.strip("`")
    wrapped = text.startswith("`") and text.endswith("`") and "`" not in inside
    return inside.strip() if wrapped else text


# Near misses --------------------------------------------------------------------------------------------


def nearest(word: str, known: Iterable[str], most: int = 3) -> tuple[str, ...]:
    """Up to `most` known names that may be meant by a mistyped one, best first; none that are far off."""
    wanted = _essence(word)
    scored = [(_likeness(wanted, _essence(name)), name) for name in dict.fromkeys(known)]
    near = sorted((-score, name) for score, name in scored if score >= NEAR)
    return tuple(name for _, name in near[:most])


def is_slip(word: str, meant: str) -> bool:
    """Tell whether a word is most likely another one, mistyped: the same letters, or nearly all of them."""
    if word == meant:
        return False
    return sorted(word) == sorted(meant) or SequenceMatcher(None, word, meant, autojunk=False).ratio() >= SLIP


def _essence(name: str) -> str:
    """What is compared of a name: its letters, with every separator alike."""
    return re.sub(r"[\s_./:-]+", "-", name[:COMPARED].casefold()).strip("-")


def _likeness(wanted: str, name: str) -> float:
    if not wanted or not name:
        return 0.0
    if len(wanted) > 1 and name.startswith(wanted):
        return 0.9 + 0.1 * len(wanted) / len(name)
    if sorted(wanted) == sorted(name):
        return 0.85
    parts = name.split("-") if len(wanted) > 2 else []
    return max(_ratio(wanted, name), *(0.9 * _ratio(wanted, part) for part in parts), 0.0)


def _ratio(one: str, other: str) -> float:
    matcher = SequenceMatcher(None, one, other, autojunk=False)
    return matcher.ratio() if matcher.real_quick_ratio() >= NEAR and matcher.quick_ratio() >= NEAR else 0.0
