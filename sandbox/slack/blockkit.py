"""Block Kit as Slack checks it: every block, recursively, against the limits of slack-platform.md 2.1."""

from __future__ import annotations

import copy
import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sandbox.slack import checks, elements, richtext
from sandbox.slack.checks import SHORT_ID, Problems
from sandbox.slack.people import Body

IN_MESSAGE, IN_VIEW = 50, 100
"""Blocks of a message, of a modal or a Home."""
SECTION, FIELDS, FIELD, HEADER, CONTEXT, ACTIONS = 3_000, 10, 2_000, 150, 10, 25
MARKDOWN = 12_000
"""Characters of all markdown blocks of a message together."""
TABLE_ROWS, TABLE_COLUMNS = 100, 20


def problems_of(blocks: Any, view: bool = False) -> list[str]:
    """What Slack would say against these blocks, in its words; empty if nothing.

    Blocks newer or rarer than the ones checked here (card, carousel, container, data_table, plan, task_card,
    video, file) are refused, since a fake that lets them pass unchecked would prove nothing.
    """
    problems = Problems()
    most = IN_VIEW if view else IN_MESSAGE
    for number, block in enumerate(checks.items(blocks, "/blocks", problems, most, least=0)):
        _block(block, f"/blocks/{number}", problems)
    return problems.found


def _block(block: Any, path: str, problems: Problems) -> None:
    if not checks.is_object(block, path, problems):
        return
    kind = block.get("type")
    check = CHECKS.get(str(kind))
    if check is None:
        problems.note(f"unsupported type: {kind}", f"{path}/type")
        return
    name = block.get("block_id")
    checks.string(name, f"{path}/block_id", problems, SHORT_ID)
    if isinstance(name, str):
        if name in problems.block_ids:
            problems.note(f"`block_id` already exists: {name}", f"{path}/block_id")
        problems.block_ids.add(name)
    check(block, path, problems)


def _section(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, may="block_id text fields accessory expand")
    if block.get("text") is None and block.get("fields") is None:
        problems.note("must provide text or fields", path)
    checks.text(block.get("text"), f"{path}/text", problems, SECTION, plain=False)
    if block.get("fields") is not None:
        for number, field in enumerate(checks.items(block["fields"], f"{path}/fields", problems, FIELDS)):
            checks.text(field, f"{path}/fields/{number}", problems, FIELD, plain=False)
    if block.get("accessory") is not None:
        elements.check(block["accessory"], f"{path}/accessory", problems, elements.IN_SECTION, set())


def _header(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="text", may="block_id")
    checks.text(block.get("text"), f"{path}/text", problems, HEADER)


def _divider(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, may="block_id")


def _context(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="elements", may="block_id")
    for number, part in enumerate(checks.items(block.get("elements"), f"{path}/elements", problems, CONTEXT)):
        here = f"{path}/elements/{number}"
        if isinstance(part, Mapping) and part.get("type") in ("plain_text", "mrkdwn"):
            checks.text(part, here, problems, SECTION, plain=False)
        else:
            elements.check(part, here, problems, frozenset({"image"}), set())


def _actions(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="elements", may="block_id")
    used: set[str] = set()
    for number, part in enumerate(checks.items(block.get("elements"), f"{path}/elements", problems, ACTIONS)):
        elements.check(part, f"{path}/elements/{number}", problems, elements.IN_ACTIONS, used)


def _input(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="label element", may="block_id hint optional dispatch_action")
    checks.text(block.get("label"), f"{path}/label", problems, 2_000)
    checks.text(block.get("hint"), f"{path}/hint", problems, 2_000)
    elements.check(block.get("element"), f"{path}/element", problems, elements.IN_INPUT, set())


def _image(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="alt_text", may="block_id image_url slack_file title")
    elements.image(block, path, problems)
    checks.text(block.get("title"), f"{path}/title", problems, 2_000)


def _markdown(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="text", may="block_id")
    checks.string(block.get("text"), f"{path}/text", problems, MARKDOWN)
    problems.markdown_used += len(str(block.get("text") or ""))
    if problems.markdown_used > MARKDOWN:
        problems.note(f"markdown text must be less than {MARKDOWN + 1} characters in total", f"{path}/text")


def _rich_text(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="elements", may="block_id")
    richtext.check(block, path, problems)


def _table(block: Mapping[str, Any], path: str, problems: Problems) -> None:
    checks.keys(block, path, problems, need="rows", may="block_id column_settings")
    problems.tables += 1
    if problems.tables > 1:
        problems.note("only_one_table_allowed", path)
    checks.items(block.get("column_settings") or [], f"{path}/column_settings", problems, TABLE_COLUMNS, 0)
    for number, row in enumerate(checks.items(block.get("rows"), f"{path}/rows", problems, TABLE_ROWS)):
        for column, cell in enumerate(checks.items(row, f"{path}/rows/{number}", problems, TABLE_COLUMNS)):
            _cell(cell, f"{path}/rows/{number}/{column}", problems)


def _cell(cell: Any, path: str, problems: Problems) -> None:
    if not checks.is_object(cell, path, problems):
        return
    checks.one_of(
        cell.get("type") or "none", f"{path}/type", problems, ("raw_text", "rich_text", "raw_number")
    )
    if cell.get("type") == "rich_text":
        richtext.check(cell, path, problems)
    elif cell.get("type") == "raw_text":
        checks.string(cell.get("text") or "", f"{path}/text", problems, SECTION)


CHECKS: dict[str, Callable[[Mapping[str, Any], str, Problems], None]] = {
    "section": _section,
    "header": _header,
    "divider": _divider,
    "context": _context,
    "actions": _actions,
    "input": _input,
    "image": _image,
    "markdown": _markdown,
    "rich_text": _rich_text,
    "table": _table,
}


def stored(blocks: Sequence[Body]) -> list[Body]:
    """Blocks as Slack keeps and returns them: with block_ids, action_ids and the defaults of text objects."""
    kept: list[Body] = copy.deepcopy(list(blocks))
    for block in kept:
        block.setdefault("block_id", secrets.token_urlsafe(4)[:5])
        fill(block)
    return kept


def fill(part: Any) -> None:
    """Give text objects and elements, in place, the defaults Slack adds."""
    if isinstance(part, list):
        for each in part:
            fill(each)
    elif isinstance(part, dict):
        for key, value in _defaults(str(part.get("type"))).items():
            part.setdefault(key, value)
        for each in list(part.values()):
            fill(each)


def _defaults(kind: str) -> Body:
    match kind:
        case "plain_text":
            return {"emoji": True}
        case "mrkdwn":
            return {"verbatim": False}
        case "input":
            return {"optional": False, "dispatch_action": False}
    if kind not in elements.IN_ACTIONS | elements.INPUTS:
        return {}
    typed = {"dispatch_action_config": {"trigger_actions_on": ["on_enter_pressed"]}}
    more = typed if kind == "plain_text_input" else {}
    return {"action_id": secrets.token_urlsafe(4)[:5], **more}
