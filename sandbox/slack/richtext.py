"""The rich_text block and its limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.slack import checks
from sandbox.slack.checks import Problems

CONTAINERS = frozenset({"rich_text_section", "rich_text_list", "rich_text_quote", "rich_text_preformatted"})
INLINE = {
    "text": ("text", "style"),
    "link": ("url", "text style unsafe"),
    "emoji": ("name", "style unicode skin_tone"),
    "user": ("user_id", "style"),
    "usergroup": ("usergroup_id", "style"),
    "channel": ("channel_id", "style"),
    "broadcast": ("range", ""),
    "color": ("value", ""),
    "date": ("timestamp format", "url fallback style timezone"),
}
"""Inline elements: the keys they need, and those they may have."""
IN_PREFORMATTED = frozenset({"text", "link"})
STYLES = frozenset(
    {"bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"}
)
DEEPEST_INDENT = 8


def check(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    """Note what is wrong with a rich_text block."""
    for number, part in enumerate(checks.items(block.get("elements"), f"{path}/elements", problems, 10_000)):
        _container(part, f"{path}/elements/{number}", problems, CONTAINERS)


def _container(part: Any, path: str, problems: Problems, allowed: frozenset[str]) -> None:
    if not checks.is_object(part, path, problems):
        return
    kind = checks.kind_of(part)
    if kind not in allowed:
        problems.note(f"unsupported type: {kind}", f"{path}/type")
        return
    may = {"rich_text_list": "indent border offset", "rich_text_preformatted": "border language"}
    need = "elements style" if kind == "rich_text_list" else "elements"
    quote = "border" if kind == "rich_text_quote" else ""
    checks.keys(part, path, problems, need=need, may=may.get(kind, quote))
    if kind == "rich_text_list":
        _list(part, path, problems)
        return
    inline = IN_PREFORMATTED if kind == "rich_text_preformatted" else frozenset(INLINE)
    for number, element in enumerate(
        checks.items(part.get("elements"), f"{path}/elements", problems, 10_000, 0)
    ):
        _inline(element, f"{path}/elements/{number}", problems, inline)


def _list(part: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.one_of(part.get("style"), f"{path}/style", problems, ("bullet", "ordered"))
    checks.whole(part.get("indent"), f"{path}/indent", problems, 0, DEEPEST_INDENT)
    for number, item in enumerate(checks.items(part.get("elements"), f"{path}/elements", problems, 10_000)):
        _container(item, f"{path}/elements/{number}", problems, frozenset({"rich_text_section"}))


def _inline(element: Any, path: str, problems: Problems, allowed: frozenset[str]) -> None:
    if not checks.is_object(element, path, problems):
        return
    kind = checks.kind_of(element)
    if kind not in allowed:
        problems.note(f"unsupported type: {kind}", f"{path}/type")
        return
    need, may = INLINE[kind]
    checks.keys(element, path, problems, need=need, may=may)
    if kind == "text":
        checks.string(element.get("text"), f"{path}/text", problems, 40_000)
    checks.web_url(element.get("url"), f"{path}/url", problems)
    style = element.get("style")
    if style is not None and not (isinstance(style, Mapping) and style.keys() <= STYLES):
        problems.note("invalid style", f"{path}/style")
    if kind == "broadcast":
        checks.one_of(element.get("range"), f"{path}/range", problems, ("here", "channel", "everyone"))
