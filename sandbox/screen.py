"""What a person sees of a message: its parts, its buttons, its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from sandbox.controls import Json, Part, controls, elements_of, plain_text, text_of
from sandbox.mrkdwn import Names, mrkdwn, plain, rich_text


@dataclass(frozen=True, slots=True)
class Button:
    label: str
    action_id: str
    block_id: str | None
    confirm: bool = False
    url: str = ""


def parts(message: Json, names: Names) -> tuple[Part, ...]:
    """All a person sees of a message; its fallback text only if it has no blocks, as in Slack.

    That it was edited Slack says of people's messages only.
    """
    blocks = message.get("blocks") or []
    found = list(block_parts(blocks, names))
    if not blocks and message.get("text"):
        found.append(Part("text", *mrkdwn(str(message["text"]), names)))
    found.extend(_attachments(message.get("attachments") or [], names))
    found.extend(_file(file) for file in message.get("files") or [])
    if "edited" in message and not message.get("bot_id"):
        found.append(Part("edited", Text("(edited)", "dim")))
    if message.get("reactions"):
        found.append(_reactions(message["reactions"]))
    return tuple(found)


def block_parts(blocks: Sequence[Json], names: Names) -> Iterator[Part]:
    """The parts of Block Kit blocks, of a message, a form or the Home."""
    for block in blocks:
        yield from SHOWING.get(str(block.get("type")), _unknown)(block, names)


def words(found: Sequence[Part]) -> str:
    """The text a person can read, and below it the addresses behind its links: what `:expect` looks in."""
    urls = [url for part in found for url in part.urls]
    return "\n".join([part.words for part in found if part.words] + urls)


def buttons(message: Json) -> tuple[Button, ...]:
    """The buttons of a message, in order."""
    return tuple(
        _button(element, block) for block in message.get("blocks") or [] for element in elements_of(block)
        if element.get("type") == "button"
    )  # fmt: skip


def _button(element: Json, block: Json) -> Button:
    return Button(
        label=plain_text(element.get("text")),
        action_id=str(element.get("action_id", "")),
        block_id=block.get("block_id"),
        confirm="confirm" in element,
        url=str(element.get("url", "")),
    )


def _section(block: Json, names: Names) -> Iterator[Part]:
    if block.get("text"):
        yield Part("text", *text_of(block["text"], names))
    if fields := [text_of(field, names) for field in block.get("fields") or []]:
        texts = tuple(text for text, _ in fields)
        urls = tuple(url for _, links in fields for url in links)
        yield Part("fields", Text("\n").join(texts), urls, texts)
    yield from controls(block, names)


def _header(block: Json, _names: Names) -> Iterator[Part]:
    yield Part("header", Text(plain_text(block.get("text")), "bold"))


def _context(block: Json, names: Names) -> Iterator[Part]:
    shown, urls = Text(style="dim"), list[str]()
    for index, element in enumerate(block.get("elements") or []):
        text, links = (
            (Text(str(element.get("alt_text", ""))), ()) if "text" not in element else text_of(element, names)
        )
        shown.append("  " if index else "").append_text(text)
        urls.extend(links)
    yield Part("context", shown, tuple(urls))


def _rich(block: Json, names: Names) -> Iterator[Part]:
    yield Part("text", *rich_text(block, names))


def _input(block: Json, names: Names) -> Iterator[Part]:
    optional = " (optional)" if block.get("optional") else ""
    yield Part("text", Text(plain_text(block.get("label")) + optional, "bold"))
    yield from controls(block, names)
    if block.get("hint"):
        yield Part("context", Text(plain_text(block["hint"]), "dim"))


def _divider(_block: Json, _names: Names) -> Iterator[Part]:
    yield Part("divider", Text())


def _image(block: Json, _names: Names) -> Iterator[Part]:
    if block.get("title"):
        yield Part("text", Text(plain_text(block["title"])))
    yield Part("text", Text(f"[image: {plain(str(block.get('alt_text', '')))}]"))


def _table(block: Json, names: Names) -> Iterator[Part]:
    """Rows of cells as wide as the widest of their column, parted by bars."""
    rows = [[_cell(cell, names) for cell in row] for row in block.get("rows") or []]
    if not rows:
        return
    widths = [max(cell_len(row[column]) for row in rows) for column in range(min(map(len, rows)))]
    lines = (" │ ".join(map(set_cell_size, row, widths)).rstrip() for row in rows)
    yield Part("text", Text("\n".join(lines)))


def _cell(cell: Json, names: Names) -> str:
    if cell.get("type") == "rich_text":
        return rich_text(cell, names)[0].plain.replace("\n", " ")
    return plain(str(cell.get("text", cell.get("value", ""))).replace("&", "&amp;")).replace("\n", " ")


def _markdown(block: Json, _names: Names) -> Iterator[Part]:
    yield Part("text", Text(plain(str(block.get("text", "")))))


def _unknown(block: Json, _names: Names) -> Iterator[Part]:
    yield Part("text", Text(f"[{block.get('type')} block]"))


def _attachments(attachments: Sequence[Json], names: Names) -> Iterator[Part]:
    for attachment in attachments:
        if attachment.get("blocks"):
            yield from block_parts(attachment["blocks"], names)
        elif attachment.get("text") or attachment.get("fallback"):
            yield Part("text", *mrkdwn(str(attachment.get("text") or attachment["fallback"]), names))


def _reactions(reactions: Sequence[Json]) -> Part:
    counted = (f":{one['name']}: {one.get('count', len(one.get('users', [])))}" for one in reactions)
    return Part("reactions", Text("  ".join(counted), "dim"))


def _file(file: Json) -> Part:
    """A file by its name; of a text file also what it holds."""
    if file.get("mode") == "tombstone":
        return Part("file", Text("📄 This file was deleted."))
    name = plain(str(file.get("name") or file.get("title") or "file"))
    if not str(file.get("mimetype") or "text/").startswith("text/"):
        return Part("file", Text(f"📄 {name} ({file['mimetype']}, {file.get('size', 0)} bytes)"))
    held = file.get("content", file.get("preview", ""))
    text = held.decode("utf-8", "replace") if isinstance(held, bytes) else str(held or "")
    return Part("file", Text(f"📄 {name}" + (f"\n{plain(text.replace('&', '&amp;'))}" if text else "")))


SHOWING = {
    "section": _section,
    "header": _header,
    "context": _context,
    "rich_text": _rich,
    "actions": controls,
    "input": _input,
    "divider": _divider,
    "image": _image,
    "markdown": _markdown,
    "table": _table,
}
