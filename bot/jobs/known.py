"""Projects and groups somebody may see, from what their own token was shown: found while they type."""

from __future__ import annotations

from collections.abc import Sequence

from bot.edges.store import Tx
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Known, Millis, Option, Person, Place

PROJECT, GROUP = "project", "group"
#: How long what was read counts before it is read again.
FRESH_MS: Millis = 3_600_000
#: Most pages of a hundred that are read of one person's projects.
MOST_PAGES = 500
MOST_FOUND = 100


def wake(kit: Kit, person: Person) -> None:
    """Have what somebody may see read in the background, unless it was read lately: they are about to type."""
    now = kit.now()
    with kit.store.read() as tx:
        read_at = tx.known.read_at(person, PROJECT)
    if not 0 <= now - read_at < FRESH_MS:
        kit.apart(f"names for {person.team} {person.id}", lambda: read(kit, person))


def read(kit: Kit, person: Person) -> None:
    """
    Read all projects and groups somebody is a member of, as they, page by page; what is gone is forgotten at the end.

    Raises GitLab's errors and NotLinked; what was read so far is kept.
    """
    gitlab, began, after = kit.gitlab_as(person), kit.now(), 0
    for _ in range(MOST_PAGES):
        page = gitlab.member_projects(after)
        with kit.store.write() as tx:
            tx.known.put(person, PROJECT, [Known(one.id, one.path) for one in page], kit.now())
        if not page:
            break
        after = page[-1].id
    groups = gitlab.groups()
    with kit.store.write() as tx:
        tx.known.put(person, GROUP, [Known(one.id, one.path) for one in groups], kit.now())
        tx.known.drop_older(person, PROJECT, began)
        tx.known.drop_older(person, GROUP, began)


def matching(kit: Kit, person: Person, place: Place, typed: str) -> Sequence[Option]:
    """
    Return the projects that fit what somebody types: theirs, or while none were read yet, those of this place.

    Their values are full paths.
    """
    wake(kit, person)
    with kit.store.read() as tx:
        found = [one.path for one in tx.known.find(person, PROJECT, typed, MOST_FOUND)]
        any_read = bool(tx.known.read_at(person, PROJECT))
    return [Option(path, path) for path in (found if any_read else _of_place(kit, person, place, typed))]


def groups(kit: Kit, person: Person, typed: str) -> Sequence[Option]:
    """Return the groups that fit, in which somebody may make projects."""
    wake(kit, person)
    with kit.store.read() as tx:
        return [Option(one.path, one.path) for one in tx.known.find(person, GROUP, typed, MOST_FOUND)]


def _of_place(kit: Kit, person: Person, place: Place, typed: str) -> list[str]:
    """What everybody here can read anyway: the project of the place, and those with a short name."""
    own = projects.of_place(kit, person, place)
    paths = dict.fromkeys([*([own] if own else []), *sorted(projects.aliases(kit, person.team).values())])
    return [path for path in paths if typed.casefold() in path.casefold()]


def learn(tx: Tx, person: Person, project_id: int, path: str, now: Millis) -> None:
    """Add a project that somebody has just made, so that it is found at once."""
    if tx.known.read_at(person, PROJECT):
        tx.known.put(person, PROJECT, [Known(project_id, path)], now)
