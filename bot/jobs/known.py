"""Projects and groups somebody may see, from what their own token was shown: found while they type."""

from __future__ import annotations

from collections.abc import Sequence

from bot.edges.store import Tx
from bot.errors import NotLinked
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Known, Millis, Option, Person, Place

PROJECT, GROUP = "project", "group"
#: Stands among the names of a person for the last time that they were asked for, whatever came of it.
TRIED = Known(0, "tried")
#: How long what was read counts before it is read again, and how soon that is tried again if it did not work.
FRESH_MS: Millis = 3_600_000
AGAIN_MS: Millis = 60_000
#: What was read longer ago is not shown any more: rights may have gone since.
SHOWN_MS: Millis = 86_400_000
#: Most pages of a hundred that are read of one person's projects.
MOST_PAGES = 500
MOST_FOUND = 100
#: The state of an account whose tokens count (bot/ledger.py).
LIVE = "live"


def wake(kit: Kit, person: Person) -> None:
    """Have what somebody may see read in the background, unless it was read lately: they are about to type."""
    now = kit.now()
    with kit.store.read() as tx:
        mine = account_of(tx, person)
        fresh = 0 <= now - tx.known.read_at(person, PROJECT) < FRESH_MS
        tried = 0 <= now - tx.known.read_at(person, TRIED.path) < AGAIN_MS
    if mine and not fresh and not tried:
        kit.apart(f"names for {person.team} {person.id}", lambda: read(kit, person))


def account_of(tx: Tx, person: Person) -> int:
    """Return the GitLab id of a person's account; 0 without one that GitLab accepts."""
    account = tx.accounts.get(person)
    return account.gitlab_id if account and account.state == LIVE else 0


def read(kit: Kit, person: Person) -> None:
    """
    Read all projects and groups somebody is a member of, as they, page by page; what is gone is forgotten at the end.

    Raises GitLab's errors and NotLinked; what was read so far is kept, unless its owner has parted from that account.
    """
    with kit.store.read() as tx:
        mine = account_of(
            tx, person
        )  # Before the token: one of another account must not pass for this one's.
    gitlab, began, after = kit.gitlab_as(person), kit.now(), 0
    _keep(kit, person, mine, TRIED.path, [TRIED], began)
    for _ in range(MOST_PAGES):
        page = gitlab.member_projects(after)
        _keep(kit, person, mine, PROJECT, [Known(one.id, one.path) for one in page], began)
        if not page:
            break
        after = page[-1].id
    _keep(kit, person, mine, GROUP, [Known(one.id, one.path) for one in gitlab.groups()], began)
    with kit.store.write() as tx:
        tx.known.drop_older(person, PROJECT, began)
        tx.known.drop_older(person, GROUP, began)


def _keep(kit: Kit, person: Person, mine: int, kind: str, names: Sequence[Known], began: Millis) -> None:
    """Keep what an account was shown, for as long as it is this person's. Raises NotLinked if it is not any more."""
    with kit.store.write() as tx:
        if account_of(tx, person) != mine:
            raise NotLinked
        tx.known.put(person, kind, names, began)


def matching(kit: Kit, person: Person, place: Place, typed: str) -> Sequence[Option]:
    """
    Return the projects that fit what somebody types: theirs, or while none were read yet, those of this place.

    Their values are full paths.
    """
    wake(kit, person)
    fitting = found(kit, person, PROJECT, typed)
    paths = fitting if fitting or found(kit, person, PROJECT, "") else _of_place(kit, person, place, typed)
    return [Option(path, path) for path in paths]


def groups(kit: Kit, person: Person, typed: str) -> Sequence[Option]:
    """Return the groups that fit, in which somebody may make projects."""
    wake(kit, person)
    return [Option(path, path) for path in found(kit, person, GROUP, typed)]


def found(kit: Kit, person: Person, kind: str, typed: str) -> list[str]:
    """Return what fits of what somebody may see, as far as that is known: nothing without an account that counts."""
    with kit.store.read() as tx:
        if not account_of(tx, person):
            return []
        return [one.path for one in tx.known.find(person, kind, typed, MOST_FOUND, kit.now() - SHOWN_MS)]


def _of_place(kit: Kit, person: Person, place: Place, typed: str) -> list[str]:
    """What everybody here can read anyway: the project of the place, and those with a short name."""
    own = projects.of_place(kit, person, place)
    paths = dict.fromkeys([*([own] if own else []), *sorted(projects.aliases(kit, person.team).values())])
    return [path for path in paths if typed.casefold() in path.casefold()]


def learn(tx: Tx, person: Person, project_id: int, path: str, now: Millis) -> None:
    """Add a project that somebody has just made, so that it is found at once."""
    if tx.known.read_at(person, PROJECT):
        tx.known.put(person, PROJECT, [Known(project_id, path)], now)
