"""Pictures of cards, forms and the Home for the documents: SVG files that look the same in every run."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console, Group, RenderableType
from rich.terminal_theme import DEFAULT_TERMINAL_THEME
from rich.text import Text

from sandbox import acts, drawing
from sandbox.controls import Part
from sandbox.session import NotHeld, Session, Shown
from sandbox.slack.people import BOT_NAME
from sandbox.transcript import is_card

WIDTH = 80
ASPECT = 0.602
"""Width of a letter by its height, in Menlo and in DejaVu Sans Mono."""
STARTS = datetime(2026, 3, 2, 9, 0, tzinfo=UTC).timestamp()
"""When every picture is taken: a Monday morning."""
FOLDER = Path(__file__).resolve().parent / "pictures"
SETTLED: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"http://127\.0\.0\.1:\d+"), "https://gitlab.example"),
    (re.compile(r"\b\d+ s\b"), "4 s"),
)
"""What differs between two runs, and what stands in a picture instead."""
COMMIT = re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{8}\b")
COMMITS = ("5e3a91c7", "b42d6f08", "97c1ae3d", "0f6be254")
"""The commits of a picture, in the order in which they stand in it."""
FORMAT = """\
<svg class="{unique_id}" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font: {char_height}px/{line_height}px Menlo, "DejaVu Sans Mono", monospace; }}
.{unique_id}-title {{ font: bold 18px sans-serif; }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip"><rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">{matrix}</g>
</g>
</svg>
"""
"""Without the fonts that rich would fetch from another host."""


def take(session: Session, act: acts.Picture) -> str:
    """Draw what a line names, where pictures are wanted; else only see that it is there. Raises NotHeld."""
    title, what = _seen(session, act)
    if session.pictures is None:
        return ""
    path = session.pictures / f"{act.name}.svg"
    path.write_text(svg(act.name, title, what), encoding="utf-8")
    return f"{path} is drawn."


def _seen(session: Session, act: acts.Picture) -> tuple[str, RenderableType]:
    """The title of a picture, and what is on it: without a number the newest card, else the newest message."""
    if act.what in ("form", "home"):
        parts = session.form_parts() if act.what == "form" else session.home_parts()
        if not parts:
            raise NotHeld(f"There is no {act.what} to take a picture of.")
        return "A form" if act.what == "form" else f"{BOT_NAME}, App Home", drawing.card(settled(parts), None)
    cards = any(is_card(one) for one in session.visible())
    fits = is_card if act.number is None and cards else lambda _: True
    shown = session.message(act.number, fits, "text to take a picture of")
    return session.channel_name(shown.channel), _message(shown)


def _message(shown: Shown) -> RenderableType:
    head = Text(shown.seen.user_name, "bold")
    if shown.seen.ephemeral:
        head.append("  Only visible to you", "dim italic")
    parts = settled(shown.parts)
    return Group(head, drawing.card(parts, None, "dim") if is_card(shown) else drawing.body(parts, None))


def settled(parts: Sequence[Part]) -> list[Part]:
    """The parts without what differs between two runs."""
    commits = dict.fromkeys(found for part in parts for found in COMMIT.findall(part.shown.plain))
    named = [(re.compile(rf"\b{one}\b"), COMMITS[n % len(COMMITS)]) for n, one in enumerate(commits)]
    return [
        Part(
            part.kind,
            _settled(part.shown, named),
            part.urls,
            tuple(_settled(each, named) for each in part.pieces),
        )
        for part in parts
    ]


def _settled(text: Text, commits: Sequence[tuple[re.Pattern[str], str]]) -> Text:
    for pattern, instead in (*SETTLED, *commits):
        for found in reversed(list(pattern.finditer(text.plain))):
            old = text[found.start() : found.end()]
            new = Text(instead, old.style)
            for span in old.spans:
                new.stylize(span.style)
            text = text[: found.start()].append_text(new).append_text(text[found.end() :])
    return text


def svg(name: str, title: str, what: RenderableType) -> str:
    """A picture of 80 columns. `name` keeps its ids apart from those of others on the same page."""
    console = Console(
        file=io.StringIO(), record=True, width=WIDTH, markup=False, emoji=False, highlight=False,
        color_system="truecolor", force_terminal=True, legacy_windows=False,
    )  # fmt: skip
    console.print(what)
    return console.export_svg(
        title=title, theme=DEFAULT_TERMINAL_THEME, code_format=FORMAT, font_aspect_ratio=ASPECT,
        unique_id=f"signalbox-{name}",
    )  # fmt: skip
