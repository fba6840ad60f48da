"""`pipeline [ref]`: look at a whole pipeline, start one, cancel it, run what failed once more."""

from __future__ import annotations

import json

import blocks.answers
import blocks.job
import blocks.pipeline
from bot.access import ladder
from bot.command import Click, Command, Request, by
from bot.errors import NotUnderstood
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message
from bot.pipelines import acts, cards, guards, meant, plays, seeing, watch
from bot.pipelines.seeing import Target
from bot.pipelines.typed import Typed, typed
from bot.stages import PipelineCard
from bot.text import escape
from bot.words import longhand

draw = blocks.pipeline


def run(request: Request, kit: Kit) -> Message | None:
    projects.checked(kit, request)
    one = typed(request, kit.config.gitlab.url)
    act = {
        "run": _run,
        "list": _list,
        "share": _share,
        "cancel": _cancel,
        "retry": _retry,
        "play": _play,
    }.get(one.act, _show)
    return act(request, kit, one)


# Looking ----------------------------------------------------------------------------------------------------


def _show(request: Request, kit: Kit, one: Typed) -> Message | None:
    target = meant.shown(kit, request, one)
    return _shown(request, kit, target, share=request.place.is_dm or bool(request.place.thread))


def _share(request: Request, kit: Kit, one: Typed) -> Message | None:
    return _shown(request, kit, meant.shown(kit, request, one), share=True)


def _shown(asked: Request | Click, kit: Kit, target: Target, *, share: bool) -> Message | None:
    """Show one: to all who read along, or to the asker alone."""
    gitlab = kit.gitlab_as(asked.person)
    ladder.require(kit, guards.plain_deed(asked, target.project_id, target.project, ""))
    whole = seeing.see(gitlab, target.project_id, target.pipeline)
    title = seeing.title(gitlab, target.project_id, whole.pipeline.sha)
    card = cards.new(kit, by(asked), target, whole, living=share, title=title)
    if not share:
        return cards.glimpse(kit, draw, card, whole)
    with kit.store.write() as tx:
        cards.post(tx, kit, draw, card, whole)
        tx.places.set_last(asked.person, target.project)
    kit.deliver()
    return None


def _list(request: Request, kit: Kit, one: Typed) -> Message:
    project = projects.resolve(kit, request)
    ladder.require(kit, guards.plain_deed(request, project.id, project.path, one.ref))
    gitlab, prefix = kit.gitlab_as(request.person), projects.before(request)
    found = gitlab.newest_pipelines(project.id, one.ref, meant.LISTED)
    if not found and one.ref:
        meant.check_ref(gitlab, request, project, one.ref, "list")
    where = escape(project.path) + (f" on `{escape(one.ref)}`" if one.ref else "")
    title = f"*The last pipelines of {where}*" if found else f"{where} has no pipeline."
    hint = f"`{prefix}pipeline #{found[0].id}` shows one; " if found else ""
    footer = f"{hint}`{prefix}pipeline run` starts one."
    return draw.listed(title, found, kit.now(), footer=footer)


# Doing ------------------------------------------------------------------------------------------------------


def _run(request: Request, kit: Kit, one: Typed) -> Message | None:
    if one.number is not None:
        raise NotUnderstood(
            f"A pipeline is started for a branch or a tag, not for a number. `{longhand(request.prefix)}pipeline retry"
            f" #{one.number}` runs what failed in it once more."
        )
    project = projects.resolve(kit, request)
    ref = one.ref or meant.default_ref(project)
    meant.check_ref(kit.gitlab_as(request.person), request, project, ref, "run")
    return acts.run(kit, draw, request, project, ref)


def _cancel(request: Request, kit: Kit, one: Typed) -> Message | None:
    return acts.cancel(kit, draw, request, meant.acted_on(kit, request, one))


def _retry(request: Request, kit: Kit, one: Typed) -> Message | None:
    return acts.retry(kit, draw, request, meant.acted_on(kit, request, one))


def _play(request: Request, kit: Kit, one: Typed) -> Message | None:
    target = meant.shown(kit, request, one)
    if not one.job:
        raise plays.left_out(kit, request, target)
    return _played(kit, target, plays.play(kit, blocks.job, request, target, one.job))


def _played(kit: Kit, target: Target, said: str) -> Message | None:
    cards.wake(kit, target)
    return blocks.answers.whispered(said)


# Pressed ----------------------------------------------------------------------------------------------------


def press_cancel(click: Click, kit: Kit) -> Message | None:
    return acts.cancel(kit, draw, click, _pressed(click, kit))


def press_retry(click: Click, kit: Kit) -> Message | None:
    return acts.retry(kit, draw, click, _pressed(click, kit))


def press_run(click: Click, kit: Kit) -> Message | None:
    """Start a new pipeline of the ref that a card is about."""
    target, gitlab = _pressed(click, kit), kit.gitlab_as(click.person)
    ref = gitlab.pipeline(target.project_id, target.pipeline).ref
    return acts.run(kit, draw, click, gitlab.project(target.project_id), ref)


def press_play(click: Click, kit: Kit) -> Message | None:
    """Play the job that a button names, by the id it had when the card was drawn."""
    with kit.store.read() as tx:
        aim = tx.aims.get(click.value)
        card = tx.pipeline_cards.get(aim[0]) if aim else None
    if aim is None or card is None:
        raise NotUnderstood("That card is too old for me to remember. Type `pipeline` with its number.")
    number, name = json.loads(aim[1])
    target = Target(card.project_id, card.project, card.pipeline)
    return _played(kit, target, plays.play(kit, blocks.job, click, target, name, number))


def press_share(click: Click, kit: Kit) -> Message | None:
    return _shown(click, kit, _pressed(click, kit), share=True)


def _pressed(click: Click, kit: Kit) -> Target:
    with kit.store.read() as tx:
        card: PipelineCard | None = tx.pipeline_cards.get(click.value)
    if card is None:
        raise NotUnderstood("That card is too old for me to remember. Type `pipeline` with its number.")
    return Target(card.project_id, card.project, card.pipeline)


def tick(kit: Kit) -> None:
    watch.look(kit, draw)
    acts.look(kit, draw)


COMMAND = Command(
    "pipeline",
    "pipeline [ref|#number] | run [ref] | list [ref] | share [#number] | cancel [#number] | retry [#number]"
    " | play <job> [#number]",
    "Look at a whole pipeline by its stages, or start one.",
    (
        "pipeline",
        "pipeline v8.10.0",
        "pipeline #1201",
        "pipeline run",
        "pipeline run feature/x",
        "pipeline list",
        "pipeline play deploy #1201",
    ),
    run,
    aliases=("pipelines",),
    buttons={
        draw.RUN: press_run,
        draw.CANCEL: press_cancel,
        draw.RETRY: press_retry,
        draw.SHARE: press_share,
        draw.PLAY: press_play,
    },
    changes=True,
    tick=tick,
)
