"""Deploys what somebody asks for: finds it and the way it goes, shows what would change, and makes a run of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bot.access import ladder
from bot.changes import Preview
from bot.command import Click, Request
from bot.deeds import SHA_SHOWN
from bot.edges.store import Tx
from bot.errors import LeftOut, NotUnderstood, Refused
from bot.jobs import (
    ask,
    environments,
    guarded,
    held,
    life,
    previews,
    projects,
    routes,
    sources,
    start,
    wishes,
)
from bot.jobs.life import Drawing
from bot.jobs.routes import Errand, Route
from bot.jobs.sources import Said
from bot.kit import Kit
from bot.model import MOST_OPTIONS, PLAIN, PLAY, Option, Project, Run, RunState
from bot.words import quote

#: States of a run that is about to deploy, or does.
_UNDER_WAY = frozenset({RunState.HELD, RunState.ASKED, RunState.CALLING, RunState.RUNNING})


@dataclass(frozen=True, slots=True)
class Order:
    """All that is known of a deployment before the ladder is climbed."""

    command: str
    """deploy or rollback."""
    project: Project
    route: Route
    preview: Preview


def once(kit: Kit, draw: Drawing, asked: Request | Click, order: Callable[[], Order]) -> str:
    """
    Make one run of a request, whatever comes between; return what only the asker should read, mostly nothing.

    `order` finds out what is to be done, and is not asked again for a request that has made its run.
    """
    with kit.store.read() as tx:
        before = tx.runs.by_source(asked.key)
    if before is None:
        before = _intend(kit, draw, asked, order())
    return start.call(kit, draw, before) if before.state is RunState.ASKED else ""


def deploy(kit: Kit, draw: Drawing, request: Request, *, fresh: bool = False) -> str:
    """
    Do what a `deploy` asks for. Raises LeftOut for what it leaves out, and as `once` does.

    `fresh` takes no job that has run before: GitLab would not let it.
    """
    return once(kit, draw, request, lambda: _order(kit, request, fresh=fresh))


def _order(kit: Kit, request: Request, *, fresh: bool) -> Order:
    project = projects.resolve(kit, request)
    wishes.check_watchable(kit, project)
    said, known = sources.read(kit, request), environments.names(kit, request, project)
    said = _whole(kit, request, project, said, known)
    where = environments.meant(kit, request, project, said.where, known)
    source = sources.find(kit, request, project, replace(said, where=where), known)
    gitlab = kit.gitlab_as(request.person)
    route = routes.find(kit, gitlab, Errand(project, source, where, said, request.project, fresh))
    there = gitlab.environment(project.id, where)
    preview = previews.preview(kit, gitlab, project, source, there, route)
    return Order(
        "deploy", project, route, replace(preview, typed=said.line(request.project, what=source.typed))
    )


# What was left out --------------------------------------------------------------------------------------------


def _whole(kit: Kit, request: Request, project: Project, said: Said, known: Sequence[str]) -> Said:
    """Return what was said with nothing left out, else raise the question for it."""
    gitlab = kit.gitlab_as(request.person)
    if said.where and said.what == sources.TO and not sources.exists(gitlab, project, said.what, known):
        said = replace(said, what="")  # `deploy to production`
    if said.what and said.where:
        return said
    if said.where:
        raise _what(kit, request, project, said, known)
    if not said.what or said.what == sources.TO:
        sentence = "Deploy to which environment? Pick one, or name what to deploy, too."
        raise environments.left_out(kit, request, project, sentence, known=known, after=_job(said))
    if _is_environment(said.what, known):
        raise _what(kit, request, project, replace(said, what="", where=said.what), known)
    if not sources.exists(gitlab, project, said.what, known):
        sources.find(kit, request, project, said, known)  # Which says what there is instead.
    sentence = f"Deploy {said.what} to which environment?"
    raise environments.left_out(
        kit, request, project, sentence, known=known, before=(said.what,), after=_job(said)
    )


def _job(said: Said) -> str:
    """The job that was named, as it is typed."""
    return quote(f"{sources.JOB}{said.job}") if said.job else ""


def _is_environment(name: str, known: Sequence[str]) -> bool:
    return name.casefold() in {one.casefold() for one in known}


def _what(kit: Kit, request: Request, project: Project, said: Said, known: Sequence[str]) -> NotUnderstood:
    """Ask what is to be deployed to an environment: what runs on another one, a branch, or a tag."""
    where = environments.meant(kit, request, project, said.where, known)
    gitlab = kit.gitlab_as(request.person)
    others = environments.options(kit, project, [one for one in known if one != where])
    default = project.default_branch or ""
    branches = sorted(gitlab.branches(project.id), key=lambda one: one != default)
    options = (
        *(Option(f"What runs on {one.label}", f"env:{one.value}", one.hint) for one in others),
        *(Option(f"Branch {one}", f"branch:{one}") for one in branches),
        *(Option(f"Tag {one}", f"tag:{one}") for one in gitlab.tags(project.id)),
    )
    return LeftOut(
        f"Deploy what to {where}? Pick it, or type it before the environment.",
        before=Said().line(request.project), after=f"{quote(where)} {_job(said)}".rstrip(),
        options=options[:MOST_OPTIONS],
    )  # fmt: skip


# From an order to a run -----------------------------------------------------------------------------------------


def _intend(kit: Kit, draw: Drawing, asked: Request | Click, order: Order) -> Run:
    route, preview, run_id = order.route, order.preview, kit.new_id()
    what = _with_inputs(kit, asked, order, run_id)
    deed = guarded.deed(kit, what, asked.person, asked.place, order.command)
    shown = replace(what.bound, onto=preview.runs.sha if preview.runs else "")
    verdict = ladder.check(
        kit,
        deed,
        asked.permit,
        shown,
        name=asked.name,
        call=_call(order.project, what, route),
        preview=preview,
    )
    # What it is tied to from now on is the commit, wherever its environment comes from by then.
    agreed = shown.digest == asked.permit.confirmed
    permit = replace(asked.permit, confirmed=what.bound.digest if agreed else asked.permit.confirmed)
    run = Run(
        id=run_id, source=asked.key, person=asked.person, asker=asked.name, place=asked.place,
        project=order.project.path, project_id=order.project.id, job=what.job.name, ref=what.ref, sha=what.sha,
        arguments="", inputs=what.inputs, start=route.start, asked_at=kit.now(), next_look=life.NEVER,
        environment=deed.environment, tier=deed.tier, definition=what.job.definition, command=order.command,
        overridden=kit.redact(held.overridden(verdict, permit, asked.name)), **_there(route), **_change(preview),
    )  # fmt: skip
    plan = held.plan(kit, draw, run, verdict, what.bound, permit)

    def note(tx: Tx) -> None:
        _check_alone(tx, plan.run)
        plan.note(tx)

    if life.begin(kit, draw, plan.run, note):
        return plan.run
    with kit.store.read() as tx:
        return tx.runs.by_source(asked.key) or plan.run


def _with_inputs(kit: Kit, asked: Request | Click, order: Order, run_id: str) -> guarded.Subject:
    """Return what is started, with the inputs that its new pipeline gets, if it gets some."""
    what, route = order.route.what, order.route
    if route.start != "api" or route.catalogue is None:
        return what
    wish = wishes.Wish(
        asked.key, asked.person, asked.name, asked.place, order.project, what.job.name, what.ref, "", (), asked.prefix
    )  # fmt: skip
    return replace(what, inputs=ask.given_inputs(kit, wish, what.job, route.catalogue, run_id))


def _there(route: Route) -> Mapping[str, Any]:
    """What is known of a job that is there already, by the names of Run's fields."""
    if route.job is None:
        return {}
    return {
        "pipeline": route.pipeline, "pipeline_url": route.pipeline_url, "job_id": route.job.id,
        "job_url": route.job.url,
    }  # fmt: skip


def _change(preview: Preview) -> Mapping[str, Any]:
    """What changes, by the names of Run's fields."""
    url = next((part.url for part in (preview.comes, preview.goes) if part and part.commits), "")
    return {
        "was": previews.was(preview, SHA_SHOWN), "changes": previews.counted(preview), "changes_url": url
    }  # fmt: skip


def _call(project: Project, what: guarded.Subject, route: Route) -> str:
    """What GitLab would be asked, in words."""
    if route.job is not None:
        verb = "play" if route.start == PLAY else "retry"
        return f"POST /projects/{project.path}/jobs/{route.job.id}/{verb}"
    if route.start == "chat":
        return f"GitLab's slash command run {what.job.name}"
    plainly = " without variables" if route.start == PLAIN else ""
    return f"POST /projects/{project.path}/pipeline on {what.ref} at {what.sha[:SHA_SHOWN]}{plainly}"


def _check_alone(tx: Tx, run: Run) -> None:
    """Raise Refused if that very deployment is under way already: pressed twice, it is done once."""
    for one in tx.runs.open_runs():
        same = (one.project_id, one.environment, one.sha, one.job) == (
            run.project_id, run.environment, run.sha, run.job,
        )  # fmt: skip
        if same and one.state in _UNDER_WAY and one.id != run.id:
            raise Refused(
                f"{one.asker} has asked for that already: {run.ref} is on its way to {run.environment}. Look at its"
                " card."
            )
