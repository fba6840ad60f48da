"""What runs on the environments of a project: asked of GitLab in few requests, and kept for who draws it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence

from bot.edges.gitlab import GitLab
from bot.edges.gitlab_wire import PER_PAGE
from bot.environments import CAME_TO_NOTHING, Deployment, Environment, Standing
from bot.errors import GitLabError
from bot.kit import Kit
from bot.model import Millis, Project, Run

log = logging.getLogger(__name__)

#: Environments that are asked for one by one when the newest deployments of the project tell nothing of them.
MOST_SINGLY = 20
#: Deployments looked at of one environment.
LOOKED_AT = 20


def refresh(kit: Kit, gitlab: GitLab, project: Project) -> tuple[Standing, ...]:
    """
    Ask GitLab, as whoever `gitlab` is, how all environments of a project are, and keep that; by name.

    Two requests for most projects. Raises what GitLab raises: 403 for who is no Reporter there.
    """
    now = kit.now()
    environments = gitlab.environments(project.id)
    deployed = newest(gitlab, project.id, [one.name for one in environments if one.state == "available"])
    found = tuple(
        _standing(project, one, deployed.get(one.name, ()), now)
        for one in sorted(environments, key=lambda each: each.name)
    )
    with kit.store.write() as tx:
        tx.environments.put_all(project.id, found, now)
    return found


def after(kit: Kit, run: Run) -> None:
    """Look at a project anew once something was deployed there, with the bot's own eyes; what fails is no harm."""
    try:
        refresh(kit, kit.gitlab, kit.seen.project(run.project_id))
    except GitLabError as error:
        log.info("environments of %s after run %s: %s", run.project, run.id, error)


def newest(gitlab: GitLab, project_id: int, names: Iterable[str]) -> Mapping[str, Sequence[Deployment]]:
    """
    Return the newest deployments of these environments, newest first.

    The newest of the whole project tell of most environments at once; the rest are asked for by name, as long as they
    are few.
    """
    recent = gitlab.deployments(project_id, most=PER_PAGE)
    found: dict[str, list[Deployment]] = {}
    for one in recent:
        found.setdefault(one.environment, []).append(one)
    if len(recent) < PER_PAGE:
        return found
    unknown = [name for name in names if current(found.get(name, ())) is None]
    return found | {name: gitlab.deployments(project_id, name, LOOKED_AT) for name in unknown[:MOST_SINGLY]}


def current(deployed: Sequence[Deployment]) -> Deployment | None:
    """Return the last one that succeeded, of deployments to one environment, newest first: that is what runs there."""
    return next((one for one in deployed if one.status == "success"), None)


def failed_since(deployed: Sequence[Deployment]) -> Deployment | None:
    """Return the newest one that came to nothing, if it is newer than what runs."""
    for one in deployed:
        if one.status == "success":
            return None
        if one.status in CAME_TO_NOTHING:
            return one
    return None


def _standing(project: Project, one: Environment, deployed: Sequence[Deployment], now: Millis) -> Standing:
    runs, failed = current(deployed), failed_since(deployed)
    return Standing(
        project.id, project.path, one.name, one.tier, one.state,
        ref=runs.ref if runs else "", sha=runs.sha if runs else "", since=runs.since if runs else None,
        by=runs.username if runs else "", url=one.url, job_url=runs.url if runs else "",
        failed_ref=failed.ref if failed else "", failed_sha=failed.sha if failed else "",
        failed_at=failed.since if failed else None, failed_url=failed.url if failed else "", seen_at=now,
    )  # fmt: skip
