"""Takes secrets out of text that leaves for people."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

#: Shorter values of our own are not looked for: they would be found in ordinary words.
OWN_AT_LEAST = 6


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of secret: a text may hold one only if it holds one of `signs`, which is quicker to tell."""

    signs: tuple[str, ...]
    shape: re.Pattern[str]
    shown: str


def _kind(name: str, signs: str, shape: str) -> _Kind:
    return _Kind(tuple(signs.split()), re.compile(shape), f"[redacted {name}]")


_NEW = r"(?<![A-Za-z0-9])"  # a token begins where a word begins; this also keeps every search linear

#: Secrets that are known by their looks (reliability.md 4.2; each maker's own page on token prefixes).
_KINDS = (
    _kind(
        "GitLab token",
        "gl GR1348941",
        _NEW + r"(?:gl(?:pat|oas|dt|rt|rtr|cbt|ptt|ft|imt|agent|wt|soat|ffct)-|GR1348941)[A-Za-z0-9_.=-]{8,}",
    ),
    _kind("Slack token", "xox xapp- xwfp-", _NEW + r"(?:xox[a-z](?:\.xox[a-z])?|xapp|xwfp)-[A-Za-z0-9-]{8,}"),
    _kind("Slack URL", "hooks.slack", r"https://hooks\.slack(?:-gov)?\.com/[^\s\"'<>|]+"),
    _kind("AWS key", "AKIA ASIA", _NEW + r"A(?:KIA|SIA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    _kind("GitHub token", "gh", _NEW + r"gh[pousr]_[A-Za-z0-9]{20,}"),
    _kind("GitHub token", "github_pat_", _NEW + r"github_pat_[A-Za-z0-9_]{20,}"),
    _kind("npm token", "npm_", _NEW + r"npm_[A-Za-z0-9]{20,}"),
    _kind("PyPI token", "pypi-", _NEW + r"pypi-(?:AgE[A-Za-z0-9_-]{8,}|[A-Za-z0-9_-]{50,})"),
    _kind("Stripe key", "k_live_ k_test_", _NEW + r"[srp]k_(?:live|test)_[A-Za-z0-9]{10,}"),
    _kind("Google key", "AIza", _NEW + r"AIza[A-Za-z0-9_-]{30,}"),
    _kind("Vault token", "hvs. hvb. hvr.", _NEW + r"hv[sbr]\.[A-Za-z0-9_-]{16,}"),
    _kind("JWT", "eyJ", r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*)?"),
)
_PEM = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----)[\s\S])*+-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"|(?:\s*+[A-Za-z0-9+/=]{16,})*+(?:\n[A-Za-z0-9+/=]+$)?)",  # without an end: the lines a key may have
    re.MULTILINE,
)
_PEM_END = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
_PEM_LINE = re.compile(r"[ \t]*[A-Za-z0-9+/=]{16,}[ \t\r]*")
_PEM_SHOWN = "[redacted private key]"

#: What stands before the host in a URL; with http any of it, since a token may be the whole of it.
_USER = re.compile(
    r"(?:(?<=http)|(?<=https))://[^\s/?#\"'<>|]{1,512}@"
    r"|://[^\s/?#\"'<>|:@]{0,256}:[^\s/?#\"'<>|]{1,512}@",
    re.IGNORECASE,
)
#: A placeholder, a variable or what was redacted before is no secret.
_VALUE = r"(?!\$[A-Za-z_({]|[\[<*%{]|x{3,}|(?:null|none|nil|true|false|undefined|\.\.\.)\b)"
_HEADER = re.compile(
    r"\b((?:proxy-)?authorization|(?:private|job|deploy|x-gitlab|x-vault|x-auth)-token|x-api-key"
    r"|(?:set-)?cookie)"
    r"(['\"]?\s?[:=]\s?['\"]?)((?:bearer|basic|token|digest)\s+)?+" + _VALUE + r"[^\s\"',;]{4,}",
    re.IGNORECASE,
)
_BEARER = re.compile(r"\b(bearer\s+)" + _VALUE + r"[A-Za-z0-9._~+/=-]{16,}", re.IGNORECASE)
#: `password=…`, `"api_key": "…"`: a password may be any word; a token or key after a colon and a blank must
#: look like one, since `unexpected token: identifier` is how a compiler speaks.
_PASSWORD = re.compile(
    r"((?:password|passwd|passphrase|pwd)['\"]?(?:\s?(?:=>|[=:])\s?|(?<=['\"])\s*:\s*)['\"]?)"
    + _VALUE
    + r"[^\s\"',;&]{4,}",
    re.IGNORECASE,
)
_NAMED = re.compile(
    r"((?:token|secret|credentials?|api_?-?key|access_?-?key|private_?-?key|secret_?-?key|signing_?-?key)['\"]?"
    r"(?:(?:=>|[=:]['\"]?)|\s?(?:=>|[=:])\s?['\"]|\s?[=:]\s(?=[^\s\"',;&]{0,60}\d)))"
    + _VALUE + r"[^\s\"',;&]{8,}",
    re.IGNORECASE,
)  # fmt: skip
_SIGNS = ("pass", "pwd", "token", "secret", "credential", "key", "authorization", "cookie", "bearer")


class Redactor:
    """
    Replaces secrets by their kind: those it is given, and all that look like one.

    The time it takes grows with the length of the text and nothing else. What it returns it leaves alone when
    asked again. Call it before anything is cut: half a secret is not recognised. (reliability.md 4.2)
    """

    def __init__(self, secrets: Iterable[str]) -> None:
        own = sorted({one for one in secrets if len(one) >= OWN_AT_LEAST}, key=len, reverse=True)
        self._own = re.compile("|".join(map(re.escape, own))) if own else None

    def __call__(self, text: str) -> str:
        if self._own is not None:
            text = self._own.sub("[redacted secret]", text)
        for kind in _KINDS:
            if any(sign in text for sign in kind.signs):
                text = kind.shape.sub(kind.shown, text)
        for step in _STEPS:
            text = step(text)
        return text


def within(redact: Callable[[str], str], value: Any) -> Any:
    """Return what JSON can hold with the secrets taken out of every text in it; the JSON itself would break by that."""
    if isinstance(value, str):
        return redact(value)
    if isinstance(value, Mapping):
        return {key: within(redact, one) for key, one in value.items()}
    return [within(redact, one) for one in value] if isinstance(value, list | tuple) else value


def _keys(text: str) -> str:
    """Take private keys out, also those whose beginning or end is missing."""
    if "PRIVATE KEY" not in text:
        return text
    text = _PEM.sub(_PEM_SHOWN, text)
    kept: list[str] = []
    at = 0
    for end in _PEM_END.finditer(text):
        kept += [_without_key_lines(text[at : end.start()]), _PEM_SHOWN]
        at = end.end()
    return "".join(kept) + text[at:]


def _without_key_lines(text: str) -> str:
    """Return `text` without the lines of a key that it ends with."""
    end = len(text)
    while end > 0:
        begin = text.rfind("\n", 0, end - 1) + 1
        if not _PEM_LINE.fullmatch(text[begin:end].rstrip("\n")):
            break
        end = begin
    return text[:end]


def _users(text: str) -> str:
    return _USER.sub("://[redacted password]@", text) if "://" in text and "@" in text else text


def _named(text: str) -> str:
    """Take the values out of what is named as a secret."""
    lower = text.lower()
    if not any(sign in lower for sign in _SIGNS):
        return text
    text = _HEADER.sub(lambda found: f"{found[1]}{found[2]}{found[3] or ''}[redacted]", text)
    text = _BEARER.sub(r"\1[redacted token]", text)
    text = _PASSWORD.sub(r"\1[redacted password]", text)
    return _NAMED.sub(r"\1[redacted]", text)


_STEPS: tuple[Callable[[str], str], ...] = (_keys, _users, _named)
