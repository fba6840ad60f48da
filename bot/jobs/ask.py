"""From "run this job" to a run: finds the job, reads its arguments, climbs the ladder, writes it down, calls GitLab."""

from __future__ import annotations

from typing import Any

from bot import words
from bot.access import ladder
from bot.catalogues import Catalogue, ChatJob
from bot.command import Click, Request
from bot.deeds import SHA_SHOWN
from bot.jobs import guarded, held, inputs, life, start, wishes
from bot.jobs.life import Drawing
from bot.jobs.wishes import Found, Wish
from bot.kit import Kit
from bot.model import Millis, Person, Place, Run, RunState

#: Two presses within this time are one: nobody has read a card and wants it once more so soon.
TWICE_MS: Millis = 3_000
#: How many of somebody's last runs are compared.
RECENT = 10


def ask(kit: Kit, draw: Drawing, wish: Wish, found: Found | None = None) -> str:
    """
    Start what is wished for, once; return what only the asker should read, mostly nothing.

    `found` is the job that was found for this wish a moment ago. Raises a BotError when it cannot be started, Halted
    when something stands in the way or somebody has to agree first; once a card is there, the card tells what went
    wrong.
    """
    with kit.store.read() as tx:
        before = tx.runs.by_source(wish.key)
    if before is None:
        before = _intend(kit, draw, wish, found or wishes.look(kit, wish))
    return start.call(kit, draw, before) if before.state is RunState.ASKED else ""


def _intend(kit: Kit, draw: Drawing, wish: Wish, found: Found) -> Run:
    job, ref, sha = found.job, found.ref, found.catalogue.sha
    run_id = kit.new_id()
    given, set_to = _values(kit, wish, found, run_id)
    what = guarded.subject(wish.project, job, ref, found.catalogue, wish.arguments, given, variables=set_to)
    deed = guarded.deed(kit, what, wish.person, wish.place, wish.command)
    where = f"{wish.project.path}/pipeline on {ref} at {sha[:SHA_SHOWN]}"
    call = f"GitLab's slash command run {job.name}" if found.start == "chat" else f"POST /projects/{where}"
    verdict = ladder.check(kit, deed, wish.permit, what.bound, name=wish.name, call=call)
    run = Run(
        id=run_id, source=wish.key, person=wish.person, asker=wish.name, place=wish.place,
        project=wish.project.path, project_id=wish.project.id, job=job.name, ref=ref, sha=sha,
        arguments=wish.arguments, inputs=given, variables=set_to, start=found.start, asked_at=kit.now(),
        next_look=life.NEVER, environment=deed.environment, tier=deed.tier, definition=job.definition,
        command=wish.command,
        overridden=kit.redact(held.overridden(verdict, wish.permit, wish.name)),
    )  # fmt: skip
    plan = held.plan(kit, draw, run, verdict, what.bound, wish.permit)
    if life.begin(kit, draw, plan.run, plan.note):
        return plan.run
    with kit.store.read() as tx:
        return tx.runs.by_source(wish.key) or plan.run


def _values(kit: Kit, wish: Wish, found: Found, run_id: str) -> tuple[dict[str, Any], dict[str, str]]:
    """The inputs and the variables of a pipeline; it has one or the other."""
    if not found.declared:
        return {}, {}
    escapes = kit.config.project(wish.project.path).escape_dollar
    if not found.catalogue.inputs:
        # A `$` in a variable can be escaped, so that it is not refused as one in an input is.
        typed = inputs.arguments(found.declared, wish.words, dollars=True)
        return {}, inputs.variables(found.declared, typed, escapes=escapes)
    return given_inputs(kit, wish, found.job, found.catalogue, run_id), {}


def given_inputs(kit: Kit, wish: Wish, job: ChatJob, catalogue: Catalogue, run_id: str) -> dict[str, Any]:
    """Return the inputs of a pipeline of a project that declares some, ours among them."""
    declared = catalogue.inputs
    if not declared:
        return {}
    escapes = kit.config.project(wish.project.path).escape_dollar
    typed = inputs.arguments(declared, wish.words, dollars=not escapes)
    ours = {
        "chatops_job": job.name, "chatops_request_id": run_id, "chat_input": inputs.escape_dollar(wish.arguments),
        "chat_channel": wish.place.channel, "chat_user_id": wish.person.id,
    }  # fmt: skip
    # A project that declares inputs gets inputs, be they its own defaults: it may refuse variables.
    return typed | inputs.reserved(declared, ours) or {
        one.name: one.default for one in declared if one.default is not None
    }


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
