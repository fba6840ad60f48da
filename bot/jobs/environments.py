"""Which environment of a project somebody means, and what doing something to it is as a deed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bot.access import outright, tiers
from bot.command import Click, Request
from bot.deeds import Deed
from bot.environments import is_open, tier_of
from bot.errors import BotError, GitLabBusy, GitLabError, GitLabUnreachable, LeftOut, NotUnderstood
from bot.jobs.catalogue import catalogue_for
from bot.kit import Kit
from bot.model import MOST_OPTIONS, Option, Project
from bot.words import longhand, nearest, quote

#: Names told to somebody who named none.
MOST_TOLD = 10


def meant(kit: Kit, request: Request, project: Project, said: str, known: Sequence[str] | None = None) -> str:
    """
    Return the name of the environment somebody means, as GitLab or the configuration spells it.

    `known` are those there are, if somebody has asked already. GitLab is asked for what is not among them: it may
    have been made just now. Raises NotUnderstood with near names if there is no such environment, and GitLab's errors
    if it does not answer.
    """
    known = names(kit, request, project) if known is None else known
    if said in known:
        return said
    alike = [name for name in known if name.casefold() == said.casefold()]
    if len(alike) == 1:
        return alike[0]
    if is_new(kit, request, project, said):
        return said
    raise _unknown(request, project, said, known)


def is_new(kit: Kit, request: Request, project: Project, name: str) -> bool:
    """Tell whether GitLab has an environment of exactly this name, as this person sees it."""
    try:
        return kit.gitlab_as(request.person).environment(project.id, name) is not None
    except (GitLabUnreachable, GitLabBusy):
        raise
    except GitLabError:
        return False


def left_out(
    kit: Kit, request: Request, project: Project, sentence: str, *, known: Iterable[str] | None = None,
    before: Iterable[str] = (), after: str = "",
) -> NotUnderstood:  # fmt: skip
    """
    Return the question for an environment that was left out; who picks one has typed the whole command.

    What can be picked are those `known`, else all there are; `before` are the words between verb and environment.
    """
    found = names(kit, request, project) if known is None else tuple(known)
    if not found:
        return _unknown(request, project, "", found)
    named = (request.project,) if request.project else ()
    begun = " ".join((*named, request.verb, *(quote(one) for one in before)))
    return LeftOut(sentence, before=begun, after=after, options=options(kit, project, found))


def options(kit: Kit, project: Project, known: Iterable[str]) -> tuple[Option, ...]:
    """Return environments to pick from, each with what was last seen of it, the most that a select holds."""
    with kit.store.read() as tx:
        locks = {one.environment: f"locked by {one.name}" for one in tx.locks.of_project(project.id)}
        runs = {one.name: f"runs {one.ref}" for one in tx.environments.of_project(project.id) if one.ref}
    hints = ((name, (runs.get(name), locks.get(name))) for name in known)
    found = [Option(name, name, ", ".join(part for part in hint if part)) for name, hint in hints]
    return tuple(found[:MOST_OPTIONS])


def names(kit: Kit, request: Request, project: Project) -> tuple[str, ...]:
    """Return every environment that is known of a project, sorted: locked, declared, deployed to, or named by a job."""
    with kit.store.read() as tx:
        locked = [one.environment for one in tx.locks.of_project(project.id)]
    declared = [name for name in kit.config.policy.tiers if not set(name) & set("*?[")]
    found = {*locked, *declared, *_in_gitlab(kit, project), *_of_jobs(kit, request, project)}
    return tuple(sorted(name for name in found if name and not is_open(name)))


def _in_gitlab(kit: Kit, project: Project) -> Iterable[str]:
    try:
        return [one.name for one in kit.seen.environments(project.id)]
    except (GitLabUnreachable, GitLabBusy):
        raise
    except GitLabError:
        return []  # The bot may not see them there; the jobs name theirs.


def _of_jobs(kit: Kit, request: Request, project: Project) -> Iterable[str]:
    start, gitlab = kit.config.project(project.path).start, kit.gitlab_as(request.person)
    try:
        ref = project.default_branch or "HEAD"
        found = catalogue_for(gitlab, kit.store, project, ref, start=start, now=kit.now())
    except (GitLabUnreachable, GitLabBusy):
        raise
    except BotError:
        return []  # A configuration that is wrong names no environment; the others are still there.
    return [job.environment for job in found.jobs if job.environment]


def _unknown(request: Request, project: Project, said: str, known: Sequence[str]) -> NotUnderstood:
    named, prefix = f"{request.project} " if request.project else "", longhand(request.prefix)
    before = [word.text for word in request.words[: _at(request, said)]]
    rest = request.line.after(len(before) + 1)
    near = nearest(said, known)
    lines = tuple(
        " ".join(part for part in (named + request.verb, *before, quote(name), rest) if part) for name in near
    )
    hint = "".join(f"\n{'Or' if n else 'Did you mean'} `{prefix}{line}`?" for n, line in enumerate(lines))
    listed = ", ".join(f"`{name}`" for name in known[:MOST_TOLD])
    told = (
        f" It has {listed}{' and more' if len(known) > MOST_TOLD else ''}."
        if known
        else " It has none that I know."
    )
    called = f" `{said}`" if said else " to pick from"
    return NotUnderstood(f"{project.path} has no environment{called}.{hint or told}", suggestions=lines)


def _at(request: Request, said: str) -> int:
    return next((n for n, word in enumerate(request.words) if word.text == said), 0)


def climb(
    kit: Kit, asked: Request | Click, commands: tuple[str, ...], project: tuple[int, str], environment: str, *,
    gives_back: bool = False,
) -> None:  # fmt: skip
    """
    Climb the ladder for what somebody wants to do to an environment of a project (id, path); raises as it does.

    A lock starts nothing and cannot wait for an approval: raises Refused where a rule wants one, unless the
    environment is only given back.
    """
    wanted = deed(kit, asked, commands, project, environment)
    outright.check(kit, wanted, asked.permit, name=asked.name, what="a lock", gives_back=gives_back)


def deed(
    kit: Kit, asked: Request | Click, commands: tuple[str, ...], project: tuple[int, str], environment: str
) -> Deed:
    """Return what somebody wants to do to an environment of a project (id, path), for the ladder."""
    number, path = project
    return Deed(
        commands, asked.person, asked.place.channel, project=path, project_id=number, environment=environment,
        tier=_tier(kit, number, environment),
    )  # fmt: skip


def _tier(kit: Kit, project_id: int, environment: str) -> str:
    try:
        return tiers.tier(kit, project_id, environment)
    except GitLabError:
        return tier_of(environment)
