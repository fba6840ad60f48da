"""What an open form that declares an incident begins with, sealed in the store."""

from __future__ import annotations

from dataclasses import asdict, fields

from bot.errors import NotUnderstood
from bot.incidents.drawing import Draft
from bot.issues import sheets
from bot.issues.sheets import TOO_OLD
from bot.kit import Kit
from bot.model import Person

KIND = "incident"


def keep(kit: Kit, person: Person, draft: Draft) -> str:
    """Keep what a form begins with, and return the id of it."""
    return sheets.put(kit, person, KIND, asdict(draft))


def about(kit: Kit, person: Person, sheet_id: str) -> Draft:
    """Return what a form began with; raises NotUnderstood if it is forgotten, or another's."""
    with kit.store.read() as tx:
        kept = sheets.opened(kit, tx, person, KIND, sheet_id)
    if kept is None:
        raise NotUnderstood(TOO_OLD)
    names = {one.name for one in fields(Draft)}
    return Draft(**{name: value for name, value in kept.items() if name in names})
