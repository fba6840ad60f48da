"""What GitLab shows a person of their projects: asked as they, so that their Home shows nothing they may not see."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from itertools import islice
from typing import Any

from bot import words
from bot.access import freezes
from bot.deeds import Deed, Mark
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.environments import Incident, Standing
from bot.errors import BotError, GitLabError, NotLinked
from bot.jobs import projects, standings
from bot.kit import Kit
from bot.ledger import Account
from bot.model import Millis, Person, Project
from bot.reviews import mine

log = logging.getLogger(__name__)

#: Projects of somebody whose environments are shown: each is a few requests to GitLab.
MOST_PROJECTS = 5
#: Runs looked through for projects, environments asked of freezes, and incidents kept, of each project.
MOST_RUNS, MOST_FROZEN, MOST_INCIDENTS = 20, 10, 10
#: For how long what GitLab showed somebody is shown: their rights may be others by then.
FRESH_MS: Millis = 600_000
#: The state of an account whose tokens count (bot/ledger.py).
LIVE = "live"
#: How soon after it was asked GitLab is asked again.
AGAIN_MS: Millis = 10_000


@dataclass(frozen=True, slots=True)
class SeenProject:
    """A project that somebody may see the environments of."""

    id: int
    path: str
    frozen: tuple[tuple[str, Millis | None], ...] = ()
    """Environments that are frozen, and until when."""
    incidents: tuple[Incident, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """All that GitLab has shown somebody, or why it has not."""

    projects: tuple[SeenProject, ...] = field(default_factory=tuple)
    trouble: str = ""


def of(tx: Tx, person: Person, now: Millis) -> Sight:
    """Return what GitLab has shown somebody, if it may be shown to them again."""
    home = tx.homes.get(person)
    may = home is not None and may_show(tx.accounts.get(person), home.seen_at, now)
    return _read(json.loads(home.seen)) if home and may else Sight()


def may_show(account: Account | None, seen_at: Millis, now: Millis) -> bool:
    """
    Tell whether what GitLab showed somebody, asked at that moment, may be shown to them again.

    Not after they have parted from that account, nor as somebody else, nor once their rights may have changed.
    """
    connected = account is not None and account.state == LIVE and account.linked_at <= seen_at
    return connected and 0 <= now - seen_at < FRESH_MS


def look(kit: Kit, person: Person) -> None:
    """Ask GitLab as somebody, and keep what it shows; nothing if they are not connected."""
    now = kit.now()
    with kit.store.read() as tx:
        home = tx.homes.get(person)
        account = tx.accounts.get(person)
    if home is None or (may_show(account, home.seen_at, now) and now - home.seen_at < AGAIN_MS):
        return
    found = _asked(kit, person)
    with kit.store.write() as tx:
        tx.homes.sees(person, json.dumps(asdict(found), ensure_ascii=False), now)


def _asked(kit: Kit, person: Person) -> Sight:
    try:
        found = Sight(tuple(_projects(kit, kit.gitlab_as(person), person)))
    except NotLinked:
        return Sight()
    except BotError as error:
        log.info("nothing of GitLab for the Home of %s: %s", person.id, error)
        return Sight(trouble=kit.redact(f"Your environments are not shown just now. {error.sentence}"))
    _read_reviews(kit, person)
    return found


def _read_reviews(kit: Kit, person: Person) -> None:
    """Merge requests are one part of many: without them the rest is shown all the same."""
    try:
        mine.refresh(kit, person)
    except BotError as error:
        log.info("no merge requests for the Home of %s: %s", person.id, error)


def _projects(kit: Kit, gitlab: GitLab, person: Person) -> Iterable[SeenProject]:
    for path in islice(candidates(kit, person), MOST_PROJECTS):
        try:
            yield _seen(kit, gitlab, person, gitlab.project(path))
        except GitLabError as error:
            if not _is_refusal(error):
                raise


def _is_refusal(error: GitLabError) -> bool:
    """Whether GitLab does not show somebody this; everything else is trouble."""
    return getattr(error, "status", 0) in {403, 404}


def _seen(kit: Kit, gitlab: GitLab, person: Person, project: Project) -> SeenProject:
    found = standings.refresh(kit, gitlab, project)
    incidents = tuple(gitlab.incidents(project.id)[:MOST_INCIDENTS])
    return SeenProject(project.id, project.path, tuple(_frozen(kit, person, project, found)), incidents)


def _frozen(
    kit: Kit, person: Person, project: Project, found: Iterable[Standing]
) -> Iterable[tuple[str, Millis | None]]:
    for one in islice((each for each in found if each.state == "available"), MOST_FROZEN):
        deed = Deed(
            ("home",), person, "", project=project.path, project_id=project.id, environment=one.name, tier=one.tier,
            risky=True,
        )  # fmt: skip
        step = freezes.step(kit, deed)
        if step.mark is Mark.STOP and not step.passing:
            yield one.name, step.until


def candidates(kit: Kit, person: Person) -> Iterable[str]:
    """Return the paths of the projects that somebody has to do with, those they named themselves first."""
    with kit.store.read() as tx:
        last = tx.places.last_project(person)
        lines = [one.line for one in tx.favourites.of(person)] + [one.line for one in tx.recurring.of(person)]
        ran = [run.project for run in tx.runs.recent(person, limit=MOST_RUNS)]
        channels = [run.place.channel for run in tx.runs.recent(person, limit=MOST_RUNS)]
        defaults = [tx.places.get_default(person.team, one) for one in dict.fromkeys(channels)]
    named = [_named(kit, person, line) for line in lines]
    configured = [projects.configured(kit, one) for one in dict.fromkeys(channels)]
    paths = (last, *named, *ran, *defaults, *configured, *kit.config.projects)
    return [path for path in dict.fromkeys(paths) if path]


def _named(kit: Kit, person: Person, line: str) -> str | None:
    """The project that a kept command names before its verb, if it does."""
    first = next(iter(words.split(line)), None)
    return projects.path_of(kit, person.team, first.text) if first else None


def _read(kept: dict[str, Any]) -> Sight:
    return Sight(
        tuple(
            SeenProject(
                one["id"], one["path"], tuple((name, until) for name, until in one["frozen"]),
                tuple(Incident(**{**each, "labels": tuple(each["labels"])}) for each in one["incidents"]),
            )
            for one in kept.get("projects", ())
        ),
        kept.get("trouble", ""),
    )  # fmt: skip
