"""From "run this job" to a run: finds the job, reads its arguments, climbs the ladder, writes it down, calls GitLab."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from bot import words
from bot.access import ladder
from bot.catalogues import ANY_JOB, Catalogue, ChatJob
from bot.command import Click, Request
from bot.deeds import SHA_SHOWN, Permit
from bot.errors import BotError, GitLabError, NotFound, NotUnderstood, Refused
from bot.jobs import guarded, held, inputs, life, start
from bot.jobs.catalogue import catalogue_for, find
from bot.jobs.life import Drawing
from bot.jobs.rules import CHAT_ONLY
from bot.kit import Kit
from bot.model import Millis, Person, Place, Project, Run, RunState
from bot.text import plural
from bot.words import Word

#: Two presses within this time are one: nobody has read a card and wants it once more so soon.
TWICE_MS: Millis = 3_000
#: How many of somebody's last runs are compared.
RECENT = 10


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to run, before it is known whether it can be."""

    key: str
    person: Person
    name: str
    place: Place
    project: Project
    job: str
    ref: str | None
    """None for the default branch."""
    arguments: str
    words: tuple[Word, ...]
    """The arguments as words, for a project that declares inputs."""
    prefix: str
    named: str | None = None
    """The project as it was typed before the verb, for suggestions."""
    permit: Permit = field(default_factory=Permit)
    command: str = "run"
    """The command it came by, for rules: run or again."""


def ask(kit: Kit, draw: Drawing, wish: Wish) -> str:
    """
    Start what is wished for, once; return what only the asker should read, mostly nothing.

    Raises a BotError when it cannot be started, Halted when something stands in the way or somebody has to agree
    first; once a card is there, the card tells what went wrong.
    """
    with kit.store.read() as tx:
        before = tx.runs.by_source(wish.key)
    if before is None:
        before = _intend(kit, draw, wish)
    return start.call(kit, draw, before) if before.state is RunState.ASKED else ""


def _intend(kit: Kit, draw: Drawing, wish: Wish) -> Run:
    job, ref, catalogue = _find(kit, wish)
    _check_startable(wish, job)
    check_watchable(kit, wish.project)
    mode = kit.config.project(wish.project.path).start
    if mode == "chat":
        _check_chat(wish, job, ref, catalogue)
    run_id = kit.new_id()
    given = given_inputs(kit, wish, job, catalogue, run_id) if mode == "api" else {}
    what = guarded.subject(wish.project, job, ref, catalogue, wish.arguments, given)
    deed = guarded.deed(kit, what, wish.person, wish.place, wish.command)
    where = f"{wish.project.path}/pipeline on {ref} at {catalogue.sha[:SHA_SHOWN]}"
    call = f"GitLab's slash command run {job.name}" if mode == "chat" else f"POST /projects/{where}"
    verdict = ladder.check(kit, deed, wish.permit, what.bound, name=wish.name, call=call)
    run = Run(
        id=run_id, source=wish.key, person=wish.person, asker=wish.name, place=wish.place,
        project=wish.project.path, project_id=wish.project.id, job=job.name, ref=ref, sha=catalogue.sha,
        arguments=wish.arguments, inputs=given, start=mode, asked_at=kit.now(), next_look=life.NEVER,
        environment=deed.environment, tier=deed.tier, definition=job.definition, command=wish.command,
        overridden=kit.redact(held.overridden(verdict, wish.permit, wish.name)),
    )  # fmt: skip
    plan = held.plan(kit, draw, run, verdict, what.bound, wish.permit)
    if life.begin(kit, draw, plan.run, plan.note):
        return plan.run
    with kit.store.read() as tx:
        return tx.runs.by_source(wish.key) or plan.run


def _find(kit: Kit, wish: Wish) -> tuple[ChatJob, str, Catalogue]:
    """Return the job, its ref and the jobs beside it; `job@ref` is a ref only if no job is called just that."""
    default = wish.project.default_branch or "HEAD"
    name, _, ref = wish.job.rpartition("@")
    if wish.ref is None and name and ref and not _is_job(kit, wish, default):
        there = _on_ref(kit, wish, name, ref)
    else:
        name, ref = wish.job, wish.ref or default
        there = _catalogue(kit, wish, ref, fresh=partial(_deploys, name))
    return _named(wish, there, name), ref, there


def _deploys(name: str, there: Catalogue) -> bool:
    """What people agree to has to be how it is now, with all that is included from elsewhere."""
    return any(
        one.environment and (one.name == name or {name, ANY_JOB} & set(one.joins)) for one in there.jobs
    )


def _is_job(kit: Kit, wish: Wish, ref: str) -> bool:
    """Tell whether a job is called just that; of a broken configuration no job is known."""
    try:
        return any(job.name == wish.job for job in _catalogue(kit, wish, ref).jobs)
    except GitLabError:
        raise
    except BotError:
        return False


def _catalogue(
    kit: Kit, wish: Wish, ref: str, *, fresh: Callable[[Catalogue], bool] | None = None
) -> Catalogue:
    mode = kit.config.project(wish.project.path).start
    gitlab = kit.gitlab_as(wish.person)
    return catalogue_for(gitlab, kit.store, wish.project, ref, start=mode, now=kit.now(), fresh=fresh)


def _on_ref(kit: Kit, wish: Wish, name: str, ref: str) -> Catalogue:
    try:
        return _catalogue(kit, wish, ref, fresh=partial(_deploys, name))
    except NotUnderstood as error:
        lines = tuple(_line(wish, f"{name}@{near}") for near in error.suggestions)
        raise NotUnderstood(f"{error}{_did_you_mean(wish, lines)}", suggestions=lines) from error


def _line(wish: Wish, job: str) -> str:
    project = f"{wish.named} " if wish.named else ""
    return f"{project}run {words.quote(job)} {wish.arguments}".strip()


def _did_you_mean(wish: Wish, lines: tuple[str, ...]) -> str:
    """Say what is near, each with what has to be typed for it."""
    return "".join(
        f"\n{'Or' if n else 'Did you mean'} `{wish.prefix}{line}`?" for n, line in enumerate(lines)
    )


def _named(wish: Wish, catalogue: Catalogue, name: str) -> ChatJob:
    try:
        return find(catalogue, name)
    except NotUnderstood as error:
        at = "" if catalogue.ref == wish.project.default_branch else f"@{catalogue.ref}"
        lines = tuple(_line(wish, near + at) for near in error.suggestions)
        startable = plural(sum(1 for job in catalogue.jobs if job.startable), "job", "jobs")
        listing = f"{words.longhand(wish.prefix)}{f'{wish.named} ' if wish.named else ''}jobs"
        raise NotUnderstood(
            f"{wish.project.path} has no job `{name}` on `{catalogue.ref}`.{_did_you_mean(wish, lines)}"
            f"\n{startable} can be started from chat: `{listing}` lists them.",
            suggestions=lines,
        ) from error


def _check_startable(wish: Wish, job: ChatJob) -> None:
    if job.startable:
        return
    said = [f"`{job.name}` in {wish.project.path} cannot be started from chat: {job.hidden_by}"]
    if job.remedy:
        said.append(f"To start it from chat, add this to the CI configuration:\n```{job.remedy}```")
    if job.hidden_by == CHAT_ONLY:
        said.append('Or set `start = "chat"` for this project in my configuration.')
    raise Refused("\n".join(said))


def check_watchable(kit: Kit, project: Project) -> None:
    """Raise Refused for a project the asker sees and the bot does not: nobody would bring the reply back."""
    try:
        kit.seen.project(project.id)
    except NotFound as error:
        raise Refused(
            f"I cannot see {project.path} myself, so I could not watch the job nor bring its reply back."
            " Have a maintainer add my account to it with the role Developer."
        ) from error


def _check_chat(wish: Wish, job: ChatJob, ref: str, catalogue: Catalogue) -> None:
    """Refuse what GitLab's own slash command cannot do (gitlab-chatops.md 0, 2.1)."""
    if ref != wish.project.default_branch:
        raise Refused(
            f'{wish.project.path} is set to `start = "chat"`, where GitLab only runs jobs of its default branch'
            f' `{wish.project.default_branch}`. Leave `@{ref}` out, or set `start = "api"` for it.'
        )
    if any(letter.isspace() for letter in job.name):
        raise Refused(
            f"GitLab's own slash command cannot run `{job.name}`: its name has a space. Rename the job."
        )
    if any(one.required for one in catalogue.inputs):
        raise Refused(
            f'{wish.project.path} needs inputs, which a chat pipeline cannot take. Set `start = "api"` for it.'
        )


def given_inputs(kit: Kit, wish: Wish, job: ChatJob, catalogue: Catalogue, run_id: str) -> dict[str, Any]:
    """Return the inputs of a pipeline of a project that declares some, ours among them."""
    if not catalogue.inputs:
        return {}
    dollars = not kit.config.project(wish.project.path).escape_dollar
    asked = inputs.arguments(catalogue.inputs, wish.words, dollars=dollars)
    ours = {
        "chatops_job": job.name, "chatops_request_id": run_id, "chat_input": inputs.escape_dollar(wish.arguments),
        "chat_channel": wish.place.channel, "chat_user_id": wish.person.id,
    }  # fmt: skip
    found = asked | inputs.reserved(catalogue.inputs, ours)
    # A project that declares inputs gets inputs, be they its own defaults: it may refuse variables.
    return found or {one.name: one.default for one in catalogue.inputs if one.default is not None}


def just_asked(kit: Kit, run: Run, person: Person) -> bool:
    """Tell whether somebody has started just that a moment ago: then a press was a double click."""
    with kit.store.read() as tx:
        mine = tx.runs.recent(person, project=run.project, limit=RECENT)
    what = (run.job, run.ref, run.arguments)
    return any(
        one.id != run.id and (one.job, one.ref, one.arguments) == what and kit.now() - one.asked_at < TWICE_MS
        for one in mine
    )


def wish_again(kit: Kit, run: Run, who: Request | Click, place: Place) -> Wish:
    """Return the wish to run once more what a run was, as whoever asks now; its card goes to `place`."""
    project = kit.gitlab_as(who.person).project(run.project_id)
    return Wish(
        key=who.key, person=who.person, name=who.name, place=place, project=project, job=run.job, ref=run.ref,
        arguments=run.arguments, words=words.split(run.arguments), prefix=who.prefix, permit=who.permit,
        command="again",
    )  # fmt: skip
