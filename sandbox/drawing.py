"""How the parts of a message, a form or the Home are laid out on a terminal."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.emoji import Emoji
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from sandbox.controls import Part
from sandbox.mrkdwn import CODE_STYLE

EMOJI = re.compile(r":[a-z0-9_+-]+:")


class Row:
    """Pieces beside each other, as many as fit on a line; none is broken."""

    def __init__(self, pieces: Iterable[Text]) -> None:
        self.pieces = tuple(pieces)

    def __rich_console__(self, _console: Console, options: ConsoleOptions) -> RenderResult:
        """A line after the other."""
        line = Text()
        for piece in self.pieces:
            if line and line.cell_len + 1 + piece.cell_len > options.max_width:
                yield line
                line = Text()
            line = line.append(" " if line else "").append_text(piece)
        yield line


def body(parts: Iterable[Part], most: int | None) -> Group:
    """Parts below each other; of a long one `most` lines, and all of it without."""
    return Group(*(drawn(part, most) for part in parts))


def card(parts: Iterable[Part], most: int | None, border: str = "none") -> Panel:
    """The same in a frame."""
    return Panel(body(parts, most), box=box.ROUNDED, border_style=border, padding=(0, 1))


def drawn(part: Part, most: int | None) -> RenderableType:
    """One part, a long one cut in the middle of nowhere but saying so."""
    if part.kind == "divider":
        return Rule(style="dim")
    if part.kind == "fields":
        return _fields([pictured(piece) for piece in part.pieces])
    if part.pieces:
        return Row(map(pictured, part.pieces))
    lines = pictured(part.shown).split("\n", allow_blank=True)
    if most is None or len(lines) <= most:
        return Text("\n").join(lines)
    shown = Text("\n").join(lines[: most - 1])
    return shown.append(f"\n… {len(lines) - most + 1} more lines", "dim")


def _fields(fields: Sequence[Text]) -> Table:
    """The fields of a section, two beside each other, as Slack lays them out."""
    grid = Table.grid(padding=(0, 2), expand=True)
    grid.add_column(ratio=1)
    grid.add_column(ratio=1)
    for at in range(0, len(fields), 2):
        grid.add_row(*fields[at : at + 2])
    return grid


#: Names of emoji that only Slack has, with another name of the same.
SLACKS_OWN = {":large_green_circle:": ":green_circle:"}


def pictured(text: Text) -> Text:
    """The text with its emoji codes as emoji, except in code, where Slack leaves them alone too."""
    shown, at = Text(), 0
    for found in EMOJI.finditer(text.plain):
        if any(
            str(span.style) == CODE_STYLE and span.start <= found.start() < span.end for span in text.spans
        ):
            continue
        name = SLACKS_OWN.get(found[0], found[0])
        shown.append_text(text[at : found.start()]).append(Emoji.replace(name))
        at = found.end()
    return shown.append_text(text[at:])
