"""What runs on the environments of a project: asked of GitLab in few requests, and kept for who draws it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping

from bot.deeds import SHA_SHOWN
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_wire import PER_PAGE
from bot.environments import Deployment, Environment, Standing
from bot.errors import GitLabError
from bot.jobs import life
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import Millis, Project, Run

log = logging.getLogger(__name__)

#: Environments that are asked for one by one when the newest deployments of the project tell nothing of them.
MOST_SINGLY = 20
SUCCESS, FAILED = "success", "failed"
#: Statuses of a deployment that does not only wait (doc/api/deployments.md).
BEGUN = ("running", SUCCESS, FAILED, "canceled")
#: How often a card is drawn anew that moves on in the moment it is told: from running to answered are two steps.
AT_MOST = 3


def refresh(kit: Kit, gitlab: GitLab, project: Project) -> tuple[Standing, ...]:
    """
    Ask GitLab, as whoever `gitlab` is, how all environments of a project are, and keep that; by name.

    Three requests for most projects. Raises what GitLab raises: 403 for who is no Reporter there.
    """
    now = kit.now()
    environments = gitlab.environments(project.id)
    good = newest(gitlab, project.id, SUCCESS, [one.name for one in environments if one.state == "available"])
    bad = newest(gitlab, project.id, FAILED)
    found = tuple(
        _standing(project, one, good.get(one.name), bad.get(one.name), now)
        for one in sorted(environments, key=lambda each: each.name)
    )
    with kit.store.write() as tx:
        tx.environments.put_all(project.id, found, now)
    return found


def after(kit: Kit, draw: Drawing, run: Run) -> None:
    """
    Look at a project anew once a deployment there has ended, and say on its card what runs now.

    With the bot's own eyes; what GitLab does not tell is no harm.
    """
    try:
        found = refresh(kit, kit.gitlab, kit.seen.project(run.project_id))
    except GitLabError as error:
        log.info("environments of %s after run %s: %s", run.project, run.id, error)
        return
    there = next((one for one in found if one.name == run.environment), None)
    if run.status == "success" and there and there.sha:
        _tell(kit, draw, run, there)


def _tell(kit: Kit, draw: Drawing, run: Run, there: Standing) -> None:
    """Say it on the card as it is by now: its log may have been read meanwhile."""
    said = f"{there.name} runs {there.ref} at {there.sha[:SHA_SHOWN]} now."
    for _ in range(AT_MOST):
        with kit.store.read() as tx:
            current = tx.runs.get(run.id)
        if current is None or current.job_id != run.job_id:
            return  # It was retried.
        if life.update(kit, draw, current, landed=said, page=there.url):
            return


def newest(
    gitlab: GitLab, project_id: int, status: str, names: Iterable[str] = ()
) -> Mapping[str, Deployment]:
    """
    Return the newest deployment of this status for each environment that has one.

    The newest of the whole project tell of most environments at once; those among `names` of which they tell nothing
    are asked for by name, as long as they are few. Every manual job that waits has a deployment, too, so that a status
    has to be named: else these would hide all others.
    """
    recent = gitlab.deployments(project_id, most=PER_PAGE, status=status)
    found: dict[str, Deployment] = {}
    for one in recent:
        found.setdefault(one.environment, one)
    unknown = [name for name in names if name not in found] if len(recent) == PER_PAGE else []
    for name in unknown[:MOST_SINGLY]:
        for one in gitlab.deployments(project_id, name, 1, status=status):
            found[name] = one
    return found


def begun(gitlab: GitLab, project_id: int) -> Mapping[str, Deployment]:
    """Return the newest deployment that has begun for each environment that has one, however it ended."""
    found: dict[str, Deployment] = {}
    for status in BEGUN:
        for name, one in newest(gitlab, project_id, status).items():
            found[name] = max(one, found.get(name, one), key=lambda each: each.id)
    return found


def lately(gitlab: GitLab, project_id: int, name: str, most: int) -> list[Deployment]:
    """Return the last deployments to an environment that have begun, newest first."""
    found = [one for status in BEGUN for one in gitlab.deployments(project_id, name, most, status=status)]
    return sorted(found, key=lambda one: one.id, reverse=True)[:most]


def _standing(
    project: Project, one: Environment, runs: Deployment | None, bad: Deployment | None, now: Millis
) -> Standing:
    failed = bad if bad and (runs is None or bad.id > runs.id) else None
    return Standing(
        project.id, project.path, one.name, one.tier, one.state,
        ref=runs.ref if runs else "", sha=runs.sha if runs else "", since=runs.since if runs else None,
        by=runs.username if runs else "", url=one.url, job_url=runs.url if runs else "",
        failed_ref=failed.ref if failed else "", failed_sha=failed.sha if failed else "",
        failed_at=failed.since if failed else None, failed_url=failed.url if failed else "", seen_at=now,
    )  # fmt: skip
