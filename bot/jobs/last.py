"""What somebody gave a job the last time: filled in the next time, as far as the job still takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bot.access.kept import owner
from bot.catalogues import Input
from bot.jobs import inputs
from bot.kit import Kit
from bot.model import Person
from bot.vault import VaultError

#: More of one value is not remembered: whoever typed so much pastes it again.
LONGEST = 1_000


def keep(kit: Kit, person: Person, project_id: int, job: str, given: Mapping[str, str]) -> None:
    """Remember these values, which are texts by name, but none that looks like a secret."""
    plain = {name: text for name, text in given.items() if _may_be_kept(kit, name, text)}
    with kit.store.write() as tx:
        sealed = kit.vault.seal(json.dumps(plain), about=owner(person))
        tx.last_values.put(person, project_id, job, sealed, kit.now())


def _may_be_kept(kit: Kit, name: str, text: str) -> bool:
    pair = f"{name}={text}"  # The name of an input may be what tells that it holds a secret.
    return len(text) <= LONGEST and kit.redact(pair) == pair


def values(kit: Kit, person: Person, project_id: int, job: str, declared: Sequence[Input]) -> dict[str, str]:
    """Return what is remembered and still fits; nothing if no key opens it any more."""
    with kit.store.read() as tx:
        sealed = tx.last_values.get(person, project_id, job)
    try:
        before: dict[str, str] = json.loads(kit.vault.open(sealed, about=owner(person))) if sealed else {}
    except VaultError:  # Nobody reads it again, so it must not hold up a change of keys either.
        with kit.store.write() as tx:
            tx.last_values.drop(person, project_id, job)
        return {}
    known = {one.name for one in inputs.asked(declared)}
    there = {name: text for name, text in before.items() if name in known}
    # One that fits no more may be what another hung on, so that what is left is looked at again.
    while wrong := inputs.read(declared, there, dollars=True)[1].keys() & there.keys():
        there = {name: text for name, text in there.items() if name not in wrong}
    return there
