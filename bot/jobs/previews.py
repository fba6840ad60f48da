"""What a deployment would change, found out before anything is done: what runs, what comes, what goes, its checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bot.changes import NOTHING, Change, Comparison, Merged, Preview
from bot.edges.gitlab import GitLab
from bot.environments import Deployment, Environment
from bot.errors import GitLabSaidNo
from bot.jobs.routes import Route
from bot.jobs.sources import Source
from bot.kit import Kit
from bot.model import Project
from bot.text import plural


def preview(
    kit: Kit, gitlab: GitLab, project: Project, source: Source, there: Environment | None, route: Route
) -> Preview:
    """Return what going this way would change. Raises GitLab's errors, but for what it merely does not show."""
    environment = route.what.environment
    runs = running(gitlab, project, environment)
    comes, goes = between(gitlab, project, runs, source.sha)
    checks, url = _checks(gitlab, project, source.sha, route)
    return redacted(
        kit,
        Preview(
            environment, route.what.ref, source.sha, runs, source=source.environment, comes=comes, goes=goes,
            merged=merged(gitlab, project, (comes, goes)), checks=checks, checks_url=url, how=route.how,
            state=there.state if there else "",
        ),
    )  # fmt: skip


def running(gitlab: GitLab, project: Project, environment: str) -> Deployment | None:
    """Return what runs on an environment now; None if nothing does."""
    return next(iter(gitlab.deployments(project.id, environment, 1, status="success")), None)


def between(
    gitlab: GitLab, project: Project, runs: Deployment | None, sha: str
) -> tuple[Comparison | None, Comparison | None]:
    """Return what would come and what would go if a commit took the place of what runs; None for what is not known."""
    if runs is None or runs.sha == sha:
        return NOTHING, NOTHING
    return compared(gitlab, project, runs.sha, sha), compared(gitlab, project, sha, runs.sha)


def compared(gitlab: GitLab, project: Project, old: str, new: str) -> Comparison | None:
    """Return what the new commit has that the old one lacks; None if GitLab does not tell, since one is gone."""
    try:
        return gitlab.compare(project.id, old, new)
    except GitLabSaidNo as error:
        if error.status in {403, 404}:
            return None
        raise


def merged(gitlab: GitLab, project: Project, parts: Sequence[Comparison | None]) -> tuple[Merged, ...]:
    """Return the merge requests that brought these commits, the newest first; none if GitLab does not show them."""
    commits = [one for part in parts if part for one in part.commits]
    if not commits:
        return ()
    try:
        found = gitlab.merged(project.id, min(one.at for one in commits))
    except GitLabSaidNo as error:
        if error.status in {403, 404}:
            return ()
        raise
    return among(found, *parts)


def among(found: Sequence[Merged], *parts: Comparison | None) -> tuple[Merged, ...]:
    """Return those of the merge requests that brought one of these commits."""
    shas = {one.sha for part in parts if part for one in part.commits}
    return tuple(one for one in found if shas & set(one.shas))


def redacted(kit: Kit, one: Preview) -> Preview:
    """Return a preview without secrets: titles are whatever somebody has pushed."""
    return replace(
        one, comes=_redacted(kit, one.comes), goes=_redacted(kit, one.goes),
        merged=tuple(replace(each, title=kit.redact(each.title)) for each in one.merged),
    )  # fmt: skip


def _redacted(kit: Kit, part: Comparison | None) -> Comparison | None:
    if part is None:
        return None
    commits: tuple[Change, ...] = tuple(replace(one, title=kit.redact(one.title)) for one in part.commits)
    return replace(part, commits=commits)


def _checks(gitlab: GitLab, project: Project, sha: str, route: Route) -> tuple[str, str]:
    """Return status and page of the pipeline that checked the commit: the job's own, else the commit's newest."""
    if route.pipeline is not None:
        found = gitlab.pipeline(project.id, route.pipeline)
        return found.status, found.url
    newest = next(iter(gitlab.pipelines_of(project.id, sha)), None)
    return (newest.status, newest.url) if newest else ("", "")


# In words -------------------------------------------------------------------------------------------------------


def was(one: Preview, shown: int) -> str:
    """Return what runs there now, in a few words, with that many characters of its commit; empty if nothing does."""
    return f"{one.runs.ref} at {one.runs.sha[:shown]}" if one.runs else ""


def counted(one: Preview) -> str:
    """Return how many commits come and go, in a few words; empty if none do, or nobody knows."""
    comes = len(one.comes.commits) if one.comes else 0
    goes = len(one.goes.commits) if one.goes else 0
    said = [f"{plural(comes, 'commit', 'commits')} {'comes' if comes == 1 else 'come'}"] if comes else []
    said += (
        [
            f"{plural(goes, 'commit', 'commits') if not comes else goes} {'is' if goes == 1 else 'are'} taken back"
        ]
        if goes
        else []
    )
    return ", ".join(said)
