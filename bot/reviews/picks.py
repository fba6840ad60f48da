"""What can be picked while somebody types: merge requests that their own token was shown lately."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.command import Letters
from bot.edges.store import Tx
from bot.kit import Kit
from bot.merge_requests import MergeRequest
from bot.model import MOST_OPTIONS, Known, Millis, Option, Person, Project
from bot.text import one_line

#: The noun, as it stands behind `pick.` in an action id and in the store.
MR = "mr"
#: What was seen longer ago is not offered: it was merged since, most likely.
SHOWN_MS: Millis = 86_400_000
TITLE_KEPT = 120


def learn(tx: Tx, person: Person, found: Iterable[MergeRequest], now: Millis) -> None:
    """Keep what somebody was shown, so that it is found while they type; forget what is old."""
    names = [Known(one.id, f"{one.reference.text} {one_line(one.title, TITLE_KEPT)}") for one in found]
    tx.known.put(person, MR, names, now)
    tx.known.drop_older(person, MR, now - SHOWN_MS)


def read(kit: Kit, person: Person, project: Project) -> bool:
    """Read the open ones of a project, as the person; whether there are any."""
    found = kit.gitlab_as(person).merge_requests(project.id)
    with kit.store.write() as tx:
        learn(tx, person, found, kit.now())
    return bool(found)


def find(kit: Kit, letters: Letters) -> Sequence[Option]:
    """Return what fits the letters, those of the project in question first; the value is what one types."""
    with kit.store.read() as tx:
        found = tx.known.find(letters.person, MR, letters.typed, MOST_OPTIONS)
    here = f"{letters.value}!"
    return [
        Option(one.path, one.path.partition(" ")[0])
        for one in sorted(found, key=lambda one: not one.path.startswith(here))
    ]
