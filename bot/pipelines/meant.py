"""Which pipeline somebody means: the one they named, the newest of a ref, or that of the thread."""

from __future__ import annotations

from collections.abc import Callable

from bot.command import Request
from bot.edges.gitlab import GitLab
from bot.errors import BotError, LeftOut, NotFound, NotUnderstood
from bot.jobs import projects
from bot.kit import Kit
from bot.model import RESTS, Option, Pipeline, Project
from bot.pipelines.seeing import Target
from bot.pipelines.typed import Typed
from bot.stages import RETRIED
from bot.words import longhand, nearest, quote

#: Pipelines that are listed, and looked through for one that fits.
LISTED, LOOKED_THROUGH = 10, 50


def shown(kit: Kit, request: Request, one: Typed) -> Target:
    """
    Return the pipeline that is to be shown: by its number, that of the thread, or the newest of a ref.

    Raises NotUnderstood for a ref that is not there, or that has no pipeline, and GitLab's errors.
    """
    here = of_thread(kit, request)
    if one.number is not None:
        return _numbered(kit, request, one, one.number, here)
    if here is not None and not one.ref:
        return here
    project = projects.resolve(kit, request)
    gitlab = kit.gitlab_as(request.person)
    return newest(gitlab, request, project, one.ref)


def newest(gitlab: GitLab, request: Request, project: Project, said: str) -> Target:
    """Return the newest pipeline of a ref, of the default branch if none was named."""
    ref = said or default_ref(project)
    found = gitlab.newest_pipelines(project.id, ref)
    if found:
        return Target(project.id, project.path, found[0].id)
    check_ref(gitlab, request, project, ref, "")
    line = f"{project.path} pipeline run {quote(ref)}"
    raise NotUnderstood(
        f"`{ref}` of {project.path} has no pipeline yet. `{longhand(request.prefix)}{line}` starts one.",
        suggestions=(line,),
    )


def default_ref(project: Project) -> str:
    """Return the default branch; raises BotError for a repository without one."""
    if project.default_branch is None:
        raise BotError(
            f"The repository of {project.path} is empty, so it has no pipeline. Push something first."
        )
    return project.default_branch


def check_ref(gitlab: GitLab, request: Request, project: Project, ref: str, act: str) -> str:
    """Return the commit of a ref; raises NotUnderstood with near ones if there is no such ref."""
    try:
        return gitlab.head(project.id, ref).sha
    except NotFound as error:
        before = f"{request.project} " if request.project else ""
        verb = " ".join(part for part in (f"{before}pipeline", act) if part)
        lines = tuple(f"{verb} {quote(near)}" for near in nearest(ref, gitlab.refs(project.id)))
        prefix = longhand(request.prefix)
        hint = " Did you mean " + " or ".join(f"`{prefix}{line}`" for line in lines) + "?" if lines else ""
        raise NotUnderstood(
            f"{project.path} has no branch or tag `{ref}`.{hint}", suggestions=lines
        ) from error


def of_thread(kit: Kit, request: Request) -> Target | None:
    """Return the pipeline that the thread is about; not if another project was named."""
    with kit.store.read() as tx:
        card = tx.pipeline_cards.in_thread(request.place)
    if card is None:
        return None
    if request.project is not None:
        named = projects.path_of(kit, request.person.team, request.project)
        if named != card.project:
            return None
    return Target(card.project_id, card.project, card.pipeline)


def _numbered(kit: Kit, request: Request, one: Typed, number: int, here: Target | None) -> Target:
    if one.project:
        gitlab = kit.gitlab_as(request.person)
        project = projects.named(kit, gitlab, request.person.team, one.project)
        return Target(project.id, project.path, number)
    if here is not None and request.project is None:
        return here._replace(pipeline=number)
    project = projects.resolve(kit, request)
    return Target(project.id, project.path, number)


# What is acted upon -----------------------------------------------------------------------------------------

Fits = Callable[[Pipeline], bool]
#: Which pipelines something can be done to, by the word for it, and what is said where there is none.
_FIT: dict[str, tuple[Fits, str]] = {
    "cancel": (lambda one: one.status not in RESTS, "no pipeline that runs"),
    "retry": (lambda one: one.status in RETRIED, "no pipeline that failed"),
}  # fmt: skip


def acted_on(kit: Kit, request: Request, one: Typed) -> Target:
    """
    Return the pipeline something is done to: by its number, that of the thread, or the newest of a ref that was named.

    Raises LeftOut with those that fit where none of these tells.
    """
    if one.number is not None or one.ref or of_thread(kit, request) is not None:
        return shown(kit, request, one)
    project = projects.resolve(kit, request)
    fits, none = _FIT[one.act]
    found = kit.gitlab_as(request.person).newest_pipelines(project.id, most=LOOKED_THROUGH)
    options = tuple(_option(pipeline) for pipeline in found if fits(pipeline))
    if not options:
        raise NotUnderstood(f"{project.path} has {none}, so there is nothing to {one.act}.")
    raise LeftOut(
        f"Which pipeline of {project.path}?", before=f"{project.path} pipeline {one.act}", options=options
    )


def _option(pipeline: Pipeline) -> Option:
    return Option(f"#{pipeline.id} {pipeline.ref}", f"#{pipeline.id}", pipeline.status)
