"""What an open form about an issue is about: more than its metadata holds, and sealed in the store."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from bot.access.kept import owner
from bot.edges.store import Tx
from bot.errors import NotUnderstood
from bot.kit import Kit
from bot.model import Person
from bot.tracker import Subject
from bot.vault import VaultError

KIND = "issue"
TOO_OLD = "That is too old. Type the command again."


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a form begins with."""

    project_id: int = 0
    project: str = ""
    iid: int = 0
    """The issue, once it is known which."""
    title: str = ""
    description: str = ""
    labels: tuple[str, ...] = ()
    """Labels as the form showed them."""
    message: Mapping[str, Any] | None = None
    """The message in Slack that it was opened on, as Slack describes it, with its channel."""

    @property
    def subject(self) -> Subject:
        return Subject(self.project_id, self.project, self.iid)


def keep(kit: Kit, person: Person, sheet: Sheet, sheet_id: str = "") -> str:
    """Keep a sheet and return its id; one that has an id takes the place of what it was."""
    return put(kit, person, KIND, asdict(sheet), sheet_id)


def about(kit: Kit, person: Person, sheet_id: str) -> Sheet:
    """Return the sheet of a form; raises NotUnderstood if it is forgotten, or another's."""
    with kit.store.read() as tx:
        found = known(kit, tx, person, sheet_id)
    if found is None:
        raise NotUnderstood(TOO_OLD)
    return found


def known(kit: Kit, tx: Tx, person: Person, sheet_id: str) -> Sheet | None:
    """Return a sheet if it is there, is this person's, and can be opened."""
    kept = opened(kit, tx, person, KIND, sheet_id)
    if kept is None:
        return None
    names = {one.name for one in fields(Sheet)}
    plain = {name: value for name, value in kept.items() if name in names}
    return Sheet(**plain | {"labels": tuple(plain.get("labels", ()))})


# Of any kind ------------------------------------------------------------------------------------------------


def put(kit: Kit, person: Person, kind: str, what: Mapping[str, Any], sheet_id: str = "") -> str:
    """Seal what a form of this kind is about, and return the id under which it is kept."""
    sheet_id = sheet_id or kit.new_id()
    body = json.dumps(what, ensure_ascii=False)
    with kit.store.write() as tx:
        tx.sheets.put(sheet_id, person, kind, kit.vault.seal(body, about=owner(person)), kit.now())
    return sheet_id


def opened(kit: Kit, tx: Tx, person: Person, kind: str, sheet_id: str) -> dict[str, Any] | None:
    """Return what `put` has sealed; None if it is forgotten, another's, or cannot be opened any more."""
    sealed = tx.sheets.get(sheet_id, person, kind)
    if sealed is None:
        return None
    try:
        kept: dict[str, Any] = json.loads(kit.vault.open(sealed, about=owner(person)))
    except VaultError:
        return None
    return kept
