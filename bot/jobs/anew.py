"""A run that waited, looked at once more before it starts: what it would start now, and whether it still may."""

from __future__ import annotations

from dataclasses import replace

from bot.access import accounts, ladder
from bot.catalogues import Catalogue
from bot.deeds import SHA_SHOWN, Bound, Permit, Verdict
from bot.edges.gitlab import GitLab
from bot.errors import Refused
from bot.jobs import guarded, standing_job, trail
from bot.jobs.catalogue import catalogue_for, find
from bot.jobs.sources import COMMIT, Source
from bot.kit import Kit
from bot.ledger import Approval
from bot.model import DEPLOYS, PLAY, RETRY, Project, Run


def subject(kit: Kit, run: Run) -> guarded.Subject:
    """Return what a run would start as things are now, asked of GitLab as the person whose run it is."""
    gitlab = kit.gitlab_as(run.person)
    project = gitlab.project(run.project_id)
    if run.start in {PLAY, RETRY}:
        return _standing(gitlab, project, run)
    catalogue = catalogue_for(
        gitlab, kit.store, project, run.ref, start=run.start, now=kit.now(), fresh=_always
    )
    job = find(catalogue, run.job)
    return guarded.subject(
        project, job, run.ref, catalogue, run.arguments, run.inputs, variables=run.variables
    )


def _standing(gitlab: GitLab, project: Project, run: Run) -> guarded.Subject:
    """Return a job that is there already. Raises Refused if somebody has started it, or run it again, meanwhile."""
    jobs = gitlab.pipeline_jobs(project.id, run.pipeline or 0)
    job = next((one for one in jobs if one.id == run.job_id), None)
    if job is None or (run.start == PLAY and job.status not in standing_job.NOT_BEGUN):
        raise Refused(f"Somebody has started `{run.job}` of pipeline #{run.pipeline} in the meantime.")
    source = Source(COMMIT, run.ref, run.ref, run.sha)
    return standing_job.subject(
        project, source, run.environment, standing_job.known_at(gitlab, project, run.sha), jobs, job
    )


def _always(_: Catalogue) -> bool:
    return True


def climb(kit: Kit, run: Run, what: guarded.Subject) -> Verdict:
    """
    Climb the ladder for a run that waited. What was confirmed is how it was when it was asked for.

    Raises Refused for an approval that is void: something moved while it waited, be it who its asker is in GitLab.
    """
    with kit.store.read() as tx:
        approval = tx.approvals.get(run.id)
    granted = approval if approval and approval.state == "granted" else None
    if run.command in DEPLOYS and run.sha != what.sha:
        raise Refused(f"{run.ref} moved {run.sha[:SHA_SHOWN]} → {what.sha[:SHA_SHOWN]} while it waited.")
    if granted:
        _check_still(kit, run, granted, what.bound)
    check_asker(kit, run)
    said_before = replace(eases(run), queue=True, confirmed=run.agreed)
    deed = guarded.deed(kit, what, run.person, trail.asked_in(run), run.command)
    approved = granted.rule if granted else ""
    return ladder.climb(kit, deed, said_before, what.bound.digest, approved=approved, run=run.id)


def eases(run: Run) -> Permit:
    """Return the override a run was asked with: of the steps it was about, and of no others."""
    return Permit(override=run.overridden, eases=run.eased) if run.eased else Permit()


def check_asker(kit: Kit, run: Run) -> None:
    """Raise Refused if who asked has connected another account since; NotLinked if they have none any more."""
    if run.gitlab_id and accounts.account(kit, run.person).gitlab_id != run.gitlab_id:
        raise Refused(f"{run.asker} is somebody else in GitLab now than when they asked for it.")


def _check_still(kit: Kit, run: Run, approval: Approval, now: Bound) -> None:
    moved = approval.bound.moved(now)
    if accounts.account(kit, run.person).gitlab_id != approval.requester:
        moved = (*moved, f"{run.asker} is somebody else in GitLab now")
    if moved:
        raise Refused(f"The approval is void: {', and '.join(moved)}.")
