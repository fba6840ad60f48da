"""What can be picked while somebody types: merge requests that their own token was shown lately."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.access import accounts
from bot.command import Letters
from bot.edges.store import Tx
from bot.jobs import known
from bot.kit import Kit
from bot.merge_requests import MergeRequest
from bot.model import Known, Millis, Option, Person, Project
from bot.text import one_line

#: The noun, as it stands behind `pick.` in an action id and in the store.
MR = "mr"
TITLE_KEPT = 120


def learn(tx: Tx, person: Person, mine: int, found: Iterable[MergeRequest], now: Millis) -> bool:
    """
    Keep what somebody's account (`mine`, its GitLab id) was shown, so that it is found while they type.

    False, and nothing is kept, if it is not theirs any more. What is old is forgotten.
    """
    if known.account_of(tx, person) != mine:
        return False
    names = [Known(one.id, f"{one.reference.text} {one_line(one.title, TITLE_KEPT)}") for one in found]
    tx.known.put(person, MR, names, now)
    tx.known.drop_older(person, MR, now - known.SHOWN_MS)
    return True


def read(kit: Kit, person: Person, project: Project) -> bool:
    """Read the open ones of a project, as the person; whether there are any."""
    mine = accounts.account(kit, person).gitlab_id
    found = kit.gitlab_as(person).merge_requests(project.id)
    with kit.store.write() as tx:
        learn(tx, person, mine, found, kit.now())
    return bool(found)


def find(kit: Kit, letters: Letters) -> Sequence[Option]:
    """Return what fits the letters, those of the project in question first; the value is what one types."""
    here = f"{letters.value}!"
    found = known.found(kit, letters.person, MR, letters.typed)
    first = sorted(found, key=lambda path: not path.startswith(here))
    return [Option(path, path.partition(" ")[0]) for path in first]
