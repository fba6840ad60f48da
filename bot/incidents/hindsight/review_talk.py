"""Draws what was said of an incident, thread by thread, as its mirror map has it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot import markdown
from bot.incident import SLACK
from bot.incident_work import Mirrored
from bot.incidents import folding
from bot.incidents.hindsight.review_material import Material
from bot.incidents.outward.wanted import CLAIMED
from bot.kit import Kit

#: Characters that are shown of one text; the whole stands in its note.
TEXT_SHOWN = 8_000
_CUT = "…"
#: What begins and ends a block of code.
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})", re.MULTILINE)


def talk(kit: Kit, material: Material) -> Iterator[str]:
    """Yield each text as a paragraph: roots in the order they were said, and below each its replies as quotes."""
    known = {one.id for one in material.talk}
    replies: dict[str, list[Mirrored]] = {}
    for one in material.talk:
        replies.setdefault(one.root if one.root in known else "", []).append(one)
    for root in replies.pop("", []):
        yield _one(kit, material, root)
        for reply in replies.get(root.id, []):
            yield "\n".join(f"> {line}".rstrip() for line in _one(kit, material, reply).split("\n"))


def _one(kit: Kit, material: Material, row: Mirrored) -> str:
    url = material.incident.url
    note = folding.link("note", f"{url}#note_{row.note_id}") if url else ""
    where = f" ({note})" if note else ""
    if row.born == SLACK:
        head, _, body = _text(row).partition("\n")
        return f"{head}{where}\n{_cut(kit, body)}".rstrip()
    name = folding.cell(kit, row.name or row.author, 80)
    source, rest = markdown.beginning(kit.redact(row.wanted), TEXT_SHOWN)
    body = markdown.from_markdown(source, base=url.partition("/-/")[0])
    return f"**{name}** · {folding.moment(row.at)}{where}\n\n{_cut(kit, body, more=bool(rest))}".rstrip()


def _text(row: Mirrored) -> str:
    """Return the copy as it was drawn; of one that is drawn anew only who and when is known yet."""
    return f"**{row.name or 'Somebody'}** · {folding.moment(row.at)}" if row.state == CLAIMED else row.wanted


def _cut(kit: Kit, body: str, *, more: bool = False) -> str:
    """Return what is shown of a text; `more` says that it goes on in any case."""
    text = kit.redact(body)
    if len(text) <= TEXT_SHOWN:
        return f"{text}\n\n{_CUT}" if more else text
    kept = text[:TEXT_SHOWN].rpartition("\n")[0] or text[:TEXT_SHOWN]
    fences = _FENCE.findall(kept)
    closed = f"\n{fences[-1]}" if len(fences) % 2 else ""
    return f"{kept}{closed}\n\n{_CUT}"
