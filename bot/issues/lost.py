"""Finds out what became of changes to issues whose answer was lost."""

from __future__ import annotations

from bot import writing
from bot.issues import commenting, files, making, moving
from bot.issues.cards import Drawing
from bot.kit import Kit


def look(kit: Kit, draw: Drawing) -> None:
    """Look for issues, comments, moves and files of which nobody knows yet; on every tick."""
    kinds = {making.CREATE: making.kind, commenting.COMMENT: commenting.kind, moving.MOVE: moving.kind}
    writing.look(kit, {name: kind(draw) for name, kind in kinds.items()} | {files.FILES: files.KIND})
