"""Which addresses become links, and how they are written so that every reader takes them for the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import quote, urlsplit, urlunsplit

from bot.text import URL_LIMIT, web_link

_WEB = re.compile(r"https?://", re.IGNORECASE)
_MAIL = re.compile(
    r"mailto:[A-Za-z0-9.+_-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}", re.IGNORECASE
)
_ADDRESS = re.compile(r"(?<![A-Za-z0-9+.-])https?://[^\s<>\u2060]+", re.IGNORECASE)
_HOST = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")
#: Characters of an address that no parser of Markdown changes; a percent sign that encodes nothing is encoded.
_SAFE = ";/?:@&=+$,-_.!~*'()#%"
_BARE_PERCENT = re.compile("%(?![0-9A-Fa-f]{2})")
#: What looks like an entity would be decoded, even inside an address (CommonMark 6.2).
_ENTITY = re.compile(r"&(#?\w{1,40});")
_TRAILING = ".,;:!?'\"*_~)]}"


def usable(url: str) -> str:
    """
    Return the address as it is written in links, or nothing if it must stay text.

    Taken are http and https with a host and without a user name, and plain `mailto:` addresses.
    """
    url = url.strip()
    if _MAIL.fullmatch(url):
        return url
    if not _WEB.match(url) or len(url) > URL_LIMIT or web_link(url, "") is None:
        return ""
    parts = urlsplit(url)
    host = _ascii(parts.netloc)
    if not _HOST.fullmatch(host):
        return ""
    encoded = (_encoded(one) for one in (parts.path, parts.query, parts.fragment))
    written = _ENTITY.sub(r"&\1%3B", urlunsplit((parts.scheme, host, *encoded)))
    return written if len(written) <= URL_LIMIT else ""


def _ascii(host: str) -> str:
    try:
        return host if host.isascii() else host.encode("idna").decode("ascii")
    except UnicodeError:
        return ""


def _encoded(text: str) -> str:
    return quote(_BARE_PERCENT.sub("%25", text), safe=_SAFE)


def found_in(text: str) -> Iterator[tuple[str, str]]:
    """
    Yield the text in pieces, each with the address it is, or with nothing.

    Letters of another script can look like those of a host that people trust, so such a host is shown as it is asked.
    """
    at = 0
    for found in _ADDRESS.finditer(text):
        address = _without_tail(found[0])
        url = usable(address)
        if url:
            yield text[at : found.start()], ""
            yield (address if urlsplit(url).netloc in address else url), url
            at = found.start() + len(address)
    yield text[at:], ""


def _without_tail(address: str) -> str:
    """Return the address without what ends the sentence around it; closing parentheses stay if they close one."""
    closing = address.count(")") - address.count("(")
    end = len(address)
    while end and address[end - 1] in _TRAILING:
        if address[end - 1] == ")":
            if closing <= 0:
                break
            closing -= 1
        end -= 1
    return address[:end]
