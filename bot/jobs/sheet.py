"""What the form of a job is about, kept while it is open: the job's definition, and what it is filled in with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.access.kept import owner, together
from bot.catalogues import ChatJob, Input
from bot.deeds import Permit, digest
from bot.errors import NotUnderstood
from bot.jobs import inputs
from bot.jobs.catalogue import read_input, read_job
from bot.jobs.wishes import Found
from bot.kit import Kit
from bot.model import Option, Person
from bot.vault import VaultError

KIND = "run"
#: Letters of the definition's digest in the ids of fields: they only tell two definitions of one form apart.
STAMP = 8


@dataclass(frozen=True, slots=True)
class Sheet:
    """One form of a job, or one in which a job is still to be picked."""

    id: str
    prefix: str = "/gitlab "
    """What the person types before a verb where they opened it."""
    named: str = ""
    """The project as it is typed before the verb; empty where it need not be."""
    picks: bool = False
    """Whether project and job are picked in the form."""
    project_id: int = 0
    project: str = ""
    home: str = ""
    """The default branch."""
    job: ChatJob | None = None
    ref: str = ""
    definition: str = ""
    """Digest of all that the form was made of."""
    start: str = "api"
    declared: tuple[Input, ...] = ()
    sets_variables: bool = False
    """Whether they are variables, not inputs."""
    refs: tuple[str, ...] = ()
    """Branches and tags that the person can see."""
    jobs: tuple[Option, ...] = ()
    """The jobs that can be started there."""
    given: Mapping[str, str] = field(default_factory=dict)
    """What it is filled in with, by the names of the inputs, as it would be typed."""
    text: str = ""
    """The same for words that name no input."""
    remembered: bool = False
    """Whether that is what was given last."""
    reason: str = ""
    override: str = ""
    """What was said beside the command, for when the form is sent in."""

    @property
    def stamp(self) -> str:
        return self.definition[:STAMP]

    @property
    def takes_text(self) -> bool:
        return self.job is not None and (not self.declared or inputs.takes_text(self.declared))

    def permit(self, now: Permit) -> Permit:
        """Return what was said beside the command, and what has been said since the form was sent in."""
        return together(Permit(reason=self.reason, override=self.override), now)


def of_job(sheet: Sheet, found: Found) -> Sheet:
    """Return the sheet with the job that was found."""
    return replace(
        sheet, job=found.job, ref=found.ref, definition=definition(found), start=found.start,
        declared=found.declared, sets_variables=not found.catalogue.inputs,
    )  # fmt: skip


def definition(found: Found) -> str:
    """Return what tells whether a job is still the one that a form was made of."""
    return digest(found.job.definition, [asdict(one) for one in found.declared], found.start)


def differences(sheet: Sheet, found: Found) -> list[str]:
    """Return in words how a job differs from the one that the form was made of; empty if it is the same."""
    if sheet.definition == definition(found):
        return []
    before = {one.name: one for one in inputs.asked(sheet.declared)}
    now = {one.name: one for one in found.asked}
    said = [f"{name} is new" for name in now if name not in before]
    said += [f"{name} is gone" for name in before if name not in now]
    said += [f"{name} takes something else" for name in now if name in before and now[name] != before[name]]
    return said or ["its definition changed"]


# Keeping it -------------------------------------------------------------------------------------------------


def keep(kit: Kit, person: Person, sheet: Sheet) -> Sheet:
    """Keep what a form is about, in place of what it was about before; sealed, since somebody typed some of it."""
    body = json.dumps(asdict(sheet), default=str)
    with kit.store.write() as tx:
        tx.sheets.put(sheet.id, person, KIND, kit.vault.seal(body, about=owner(person)), kit.now())
    return sheet


def find(kit: Kit, person: Person, sheet_id: str) -> Sheet | None:
    """Return what a form of this person is about; None for one that is too old, or somebody else's."""
    with kit.store.read() as tx:
        body = tx.sheets.get(sheet_id, person, KIND)
    try:
        return _loads(json.loads(kit.vault.open(body, about=owner(person)))) if body else None
    except VaultError:
        return None


def get(kit: Kit, person: Person, sheet_id: str) -> Sheet:
    """The same. Raises NotUnderstood when there is none."""
    found = find(kit, person, sheet_id)
    if found is None:
        raise NotUnderstood("That form is too old, so nothing was started. Type the command again.")
    return found


def _loads(body: dict[str, Any]) -> Sheet:
    return Sheet(
        **body | {
            "job": body["job"] and read_job(body["job"]), "refs": tuple(body["refs"]),
            "declared": tuple(map(read_input, body["declared"])),
            "jobs": tuple(Option(**one) for one in body["jobs"]),
        }
    )  # fmt: skip
