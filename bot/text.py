"""Text from elsewhere, made fit for people and harmless to Slack: pure functions from text to text."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

# Cleaning ---------------------------------------------------------------------------------------------------

#: Terminal sequences (ECMA-48): control sequences, commands to the system, strings, character sets, the rest.
_ANSI = re.compile(
    r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b\n]*(?:\x07|\x1b\\)|[PX^_][^\x1b\n]*\x1b\\"
    r"|[()*+][0-9A-Za-z]|[ -~])"
)
#: What a progress bar printed before it went back to the start of its line. Anchored, so it stays linear.
_OVERWRITTEN = re.compile(r"^[^\n]*\r(?=[^\r\n])", re.MULTILINE)
#: Control characters but tab and line feed, lone surrogates, and the marks that turn the reading direction.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    """Return `text` as a terminal would leave it: no colours, no overwritten progress, LF line ends."""
    text = _ANSI.sub("", text)
    if "\r" in text:
        text = _OVERWRITTEN.sub("", text)
    return _CONTROL.sub("", text)


def trimmed(text: str) -> str:
    """Return `text` without its blank lines at both ends; the first real line keeps its indentation."""
    first = len(text) - len(text.lstrip())
    return text[text.rfind("\n", 0, first) + 1 :].rstrip()


# Cutting ----------------------------------------------------------------------------------------------------

_ELLIPSIS = "…"
_JOINER = "\u200d"
#: How far back from the limit a nicer place to cut is looked for.
_NICE = 40


def clip(text: str, limit: int) -> str:
    """
    Return at most `limit` characters of `text`, ending in an ellipsis if it was cut.

    Cuts at a blank or line end if one is near, never inside a character that is made of several code points.
    """
    if len(text) <= limit:
        return text
    if limit <= 0:
        return ""
    room = limit - len(_ELLIPSIS)
    return text[: _border(text, room)].rstrip() + _ELLIPSIS


def _border(text: str, room: int) -> int:
    """Return where to cut `text` so that at most `room` characters stay."""
    nice = max(text.rfind(" ", room - _NICE, room + 1), text.rfind("\n", max(room - _NICE, 0), room + 1))
    if room > 2 * _NICE and nice > 0:
        return nice
    at = room
    while at > 0 and room - at < _NICE and _belongs(text, at):
        at -= 1
    return at


def _belongs(text: str, at: int) -> bool:
    """Tell whether the character at `at` is shown as one with the character before it."""
    here, before = text[at], text[at - 1]
    return _JOINER in (here, before) or _modifies(here) or (_is_flag(here) and _is_flag(before))


def _modifies(character: str) -> bool:
    """Tell combining marks, variation selectors and skin tones."""
    return unicodedata.category(character) in {"Mn", "Me", "Mc"} or "\U0001f3fb" <= character <= "\U0001f3ff"


def _is_flag(character: str) -> bool:
    """Tell regional indicators: two of them make a flag."""
    return "\U0001f1e6" <= character <= "\U0001f1ff"


class Excerpt(NamedTuple):
    """The two ends of a long text, and how many lines lie between them."""

    head: str
    left_out: int
    tail: str


def head_and_tail(text: str, *, head: int = 5, tail: int = 15, limit: int = 2800) -> Excerpt:
    """
    Return the first `head` and the last `tail` lines of `text`, together at most `limit` characters.

    Lines too long for their share are clipped. (chatops-and-notifications.md 2.3)
    """
    lines = text.split("\n")
    if len(lines) <= head + tail:
        head = min(head, len(lines))
        tail = len(lines) - head
    first, last = lines[:head], lines[len(lines) - tail :]
    if sum(map(len, first + last)) + head + tail > limit:
        share = max(limit // max(head + tail, 1) - 1, 1)
        first, last = [clip(line, share) for line in first], [clip(line, share) for line in last]
    return Excerpt("\n".join(first), len(lines) - head - tail, "\n".join(last))


def one_line(text: str, limit: int) -> str:
    """Return `text` on one line of at most `limit` characters."""
    return clip(" ".join(plain(text).split()), limit)


# Counting ---------------------------------------------------------------------------------------------------


def duration(milliseconds: int) -> str:
    """Return a span as people say it: `42 s`, `1 m 05 s`, `2 h 07 m`, `3 d 04 h`."""
    seconds = max(milliseconds, 0) // 1000
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86_400
    if days:
        return f"{days} d {hours % 24:02} h"
    if hours:
        return f"{hours} h {minutes % 60:02} m"
    if minutes:
        return f"{minutes} m {seconds % 60:02} s"
    return f"{seconds} s"


def plural(number: int, one: str, many: str | None = None) -> str:
    """Return the number with its noun: `1 job`, `3 jobs`; `many` where an s is not enough."""
    return f"{number} {one if number == 1 else many or one + 's'}"


# Harmless to Slack ------------------------------------------------------------------------------------------

#: What notifies many people if a client or a setting links names (slack-platform.md 4).
_BROADCAST = re.compile(r"@(?=channel|here|everyone|group)", re.IGNORECASE)
#: A word joiner: seen by nobody, and enough that a name is no longer a mention.
_BREAK = "\u2060"


def sentence(text: str) -> str:
    """
    Return what somebody wrote so that another sentence may follow it.

    >>> sentence("because it is Friday"), sentence("Is it Friday?")
    ('because it is Friday.', 'Is it Friday?')
    """
    text = text.rstrip()
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def escape(text: str) -> str:
    """Return `text` for mrkdwn and fallback texts: the three characters Slack reads (slack-platform.md 4)."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def inert(text: str) -> str:
    """Return `text` for mrkdwn, with every mention in it shown and none fired."""
    return escape(_BROADCAST.sub("@" + _BREAK, plain(text)))


def code(text: str, limit: int = 200) -> str:
    """Return `text` as a mrkdwn code span; Slack has no escape for a backtick: it becomes an apostrophe."""
    return f"`{escape(one_line(text, limit).replace('`', chr(39)))}`" if text.strip() else "` `"


# Links of the job's author ----------------------------------------------------------------------------------

#: Slack refuses longer URLs (slack-platform.md 2.1).
URL_LIMIT = 3000
_AUTHOR_LINK = re.compile(r"<(https?://[^\s<>|\\]+)(?:\|([^<>|\n]*))?>", re.IGNORECASE)
#: A word that nobody takes for another place than the one they sign in to.
_TRUSTED = "gitlab"
_HOST_LIKE = re.compile(r"(?<![\w-])(?:(?:\w[\w-]*\.)+[^\W\d_][\w-]+|(?:\d{1,3}\.){3}\d{1,3}\b|localhost\b)")


@dataclass(frozen=True, slots=True)
class Link:
    """A link as the job's author wrote it; `label` tells the true host if the author's words name another."""

    url: str
    label: str


def author_links(text: str) -> list[str | Link]:
    """
    Return `text` in pieces: the `<url|label>` links of a job's author as Link, everything else as it stands.

    Only http and https without a user name in them; whatever else looks like a link or a mention is text.
    """
    pieces: list[str | Link] = []
    at = 0
    for found in _AUTHOR_LINK.finditer(text):
        link = web_link(_unescape(found[1]), _unescape(found[2] or ""))
        if link is not None:
            pieces += [text[at : found.start()], link]
            at = found.end()
    return [piece for piece in (*pieces, text[at:]) if piece]


def web_link(url: str, label: str) -> Link | None:
    """
    Return a link whose label tells the true host if the words given for it name another one.

    None if the address has no host, holds a user name, is broken or longer than Slack takes; its scheme is the
    caller's business.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        usable = bool(host) and "@" not in parts.netloc and (parts.port or 1) > 0 and len(url) <= URL_LIMIT
    except ValueError:  # a port that is no number, brackets that hold no address
        return None
    if not usable:
        return None
    label = label.strip()
    return Link(url, f"{label} ({host})" if _names_another(label, host) else label or url)


def _names_another(label: str, host: str) -> bool:
    """Tell whether a reader of `label` would expect another host than `host`."""
    # Letters that show nothing, and full stops of other scripts, must not hide a host.
    plainer = unicodedata.normalize("NFKC", label).replace("\u3002", ".").replace("\uff61", ".")
    seen = "".join(one for one in plainer if unicodedata.category(one) not in {"Cf", "Mn"})
    named = _HOST_LIKE.findall(seen.casefold())
    return any(name != host for name in named) or (_TRUSTED in seen.casefold() and _TRUSTED not in host)


def _unescape(text: str) -> str:
    """Undo Slack's escapes: an author who wrote them for Slack meant the characters."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
