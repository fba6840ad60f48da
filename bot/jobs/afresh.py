"""A deployment that was made before, made once more: as the line that asks for it would be."""

from __future__ import annotations

from bot import words
from bot.command import Click, Request
from bot.deeds import SHA_SHOWN
from bot.jobs import deploying, rollbacks, sources
from bot.jobs.life import Drawing
from bot.kit import Kit
from bot.model import Place, Run
from bot.words import quote

DEPLOY, ROLLBACK = "deploy", rollbacks.COMMAND


def once_more(kit: Kit, draw: Drawing, run: Run, who: Request | Click, place: Place) -> str:
    """Deploy the newest commit of the same ref, or go back to the same commit; the new card goes to `place`."""
    if run.command == ROLLBACK:
        request = _request(run, who, place, f"{ROLLBACK} {quote(run.environment)} {run.sha[:SHA_SHOWN]}")
        return rollbacks.rollback(kit, draw, request)
    return deploying.deploy(kit, draw, _request(run, who, place, _deploy(run, run.ref)))


def anew(kit: Kit, draw: Drawing, run: Run, who: Click) -> str:
    """Deploy in a new way what GitLab does not let run again in its old pipeline."""
    gitlab = kit.gitlab_as(who.person)
    project = gitlab.project(run.project_id)
    typed = rollbacks.as_typed(gitlab, project, run.ref, run.sha) or f"commit:{run.sha}"
    return deploying.deploy(kit, draw, _request(run, who, run.place, _deploy(run, typed)), fresh=True)


def _deploy(run: Run, what: str) -> str:
    return sources.Said(what, run.environment).line(None)


def _request(run: Run, who: Request | Click, place: Place, line: str) -> Request:
    """Return the request that this line would be, in the project of the run."""
    read = words.parsed(f"{run.project} {line}", {DEPLOY, ROLLBACK})
    return Request(
        key=who.key, person=who.person, name=who.name, place=place, words=read.words, line=read,
        verb=read.verb or "", project=read.project, prefix=who.prefix, permit=who.permit,
    )  # fmt: skip
