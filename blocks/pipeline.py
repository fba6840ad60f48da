"""How a whole pipeline looks: its card by stages, the word at its end, and the list of the last ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import lists, looks, parts
from blocks.answers import said
from blocks.reasons import reason
from blocks.spans import LEAST_MS, ago
from bot.model import Block, Job, Message, Millis, Pipeline
from bot.stages import PipelineCard, Stage, Whole, progress
from bot.text import duration, escape, inert, one_line, plural

RUN, CANCEL, RETRY = "pipeline.run", "pipeline.cancel", "pipeline.retry"
SHARE, PLAY = "pipeline.share", "pipeline.play"
#: A job that failed and may: the pipeline goes on.
WARNING = ":warning:"
NAME_SHOWN, TITLE_SHOWN, REMARK_SHOWN, SHA_SHOWN, PLAY_SHOWN = 80, 120, 300, 8, 40
#: Jobs of one stage that are named, stages that are shown, and jobs that have a button to be played.
MOST_NAMED, MOST_STAGES, MOST_PLAYED = 8, 20, 5


# The card ---------------------------------------------------------------------------------------------------


def card(
    card: PipelineCard, whole: Whole, found: Sequence[Stage], plays: Mapping[int, str], now: Millis
) -> Message:
    """Return the card of a pipeline as it is at `now`; `plays` are what buttons of its manual jobs carry, by job."""
    one, state = whole.pipeline, word(whole.pipeline)
    name = f"Pipeline #{one.id}"
    title = f"{looks.look(state)} *<{one.url}|{name}>* {escape(state)}{_elapsed(one, now)}"
    body = [parts.section(title), parts.context(_where(card, one))]
    if whole.jobs:
        body += [parts.context(_progress(whole, found)), parts.section("\n".join(_stages(found)))]
    if card.remark:
        body.append(parts.plain_context(one_line(card.remark, REMARK_SHOWN)))
    body.append(parts.actions(*_buttons(card, whole, plays)))
    return Message(f"{name} of {_name(one.ref)} {escape(state)} in {_name(card.project)}", tuple(body))


def word(one: Pipeline) -> str:
    """Return the state of a pipeline in the word that people use."""
    return "waiting for somebody" if one.status == "manual" else looks.word(one.status)


def _elapsed(one: Pipeline, now: Millis) -> str:
    if one.started_at is None:
        return ""
    if one.finished_at is not None:
        return f" in {duration(max(one.finished_at - one.started_at, LEAST_MS))}"
    return f" · {duration(max(now - one.started_at, 0))}"


def _where(card: PipelineCard, one: Pipeline) -> str:
    title = f" {inert(one_line(card.title, TITLE_SHOWN))}" if card.title else ""
    facts = [_name(card.project), _name(one.ref), f"`{escape(one.sha[:SHA_SHOWN])}`{title}"]
    return " · ".join([*facts, *([f"by {_name(one.username)}"] if one.username else [])])


def _progress(whole: Whole, found: Sequence[Stage]) -> str:
    at, many = progress(found)
    told = [f"stage {at} of {many}" if whole.is_active else plural(many, "stage")]
    told.append(f"{whole.done} of {plural(whole.counted, 'job')} done")
    told += [f"{len(whole.failed)} failed"] if whole.failed else []
    told += [f"{plural(len(whole.manual), 'job')} by hand"] if whole.manual else []
    return " · ".join(told)


def _stages(found: Sequence[Stage]) -> list[str]:
    more = len(found) - MOST_STAGES
    shown = [f"*{_name(stage.name)}*: {_jobs(stage)}" for stage in found[:MOST_STAGES]]
    return [*shown, f"… and {plural(more, 'more stage', 'more stages')}"] if more > 0 else shown


def _jobs(stage: Stage) -> str:
    """The jobs of a stage, those first that somebody has to look at; those that passed are counted if they are many."""
    left = stage.jobs[MOST_NAMED:]
    more = f" and {len(left)} more" if left else ""
    return ", ".join(_job(job) for job in stage.jobs[:MOST_NAMED]) + more


def _job(job: Job) -> str:
    state = looks.word(job.status)
    allowed = job.allow_failure and job.status == "failed"
    mark = WARNING if allowed else looks.look(state)
    name = f"<{job.url}|{_name(job.name)}>" if job.url else _name(job.name)
    told = "failed, allowed to" if allowed else escape(state)
    return f"{mark} {name} {told}"


def _buttons(card: PipelineCard, whole: Whole, plays: Mapping[int, str]) -> list[Block]:
    one = whole.pipeline
    made = []
    if whole.is_active and one.status != "canceling":
        sure = parts.confirm(
            f"Cancel pipeline #{one.id}?", "Every job of it is stopped where it is.", "Cancel it", "Keep it"
        )
        made.append(parts.button("Cancel", CANCEL, card.id, style="danger", confirm=sure))
    if whole.can_be_retried:
        made.append(parts.button("Retry failed", RETRY, card.id))
    made += _plays(whole, plays)
    if not whole.is_active and one.status != "manual":
        sure = parts.confirm(
            "Start a new pipeline?", f"Of {one.ref}, as it is now, as you.", "Start it", "Not now"
        )
        made.append(parts.button("New pipeline", RUN, card.id, confirm=sure))
    made += [] if card.living else [parts.button("Share", SHARE, card.id)]
    return [*made, parts.link_button("Open in GitLab", one.url)]


def _plays(whole: Whole, plays: Mapping[int, str]) -> list[Block]:
    """Buttons that play the jobs which wait for a hand; each says which one it is, and asks first."""
    shown = [job for job in whole.manual if job.id in plays][:MOST_PLAYED]
    names = [one_line(job.name, PLAY_SHOWN) for job in shown]
    # Slack wants every action id of a block to be another one.
    return [
        parts.button(f"Play {name}", f"{PLAY}.{number}", plays[job.id], confirm=_sure(name, whole.pipeline))
        for number, (name, job) in enumerate(zip(names, shown, strict=True))
    ]


def _sure(name: str, one: Pipeline) -> Block:
    text = f"{name} of pipeline #{one.id} starts, on {one_line(one.ref, NAME_SHOWN)}, as you."
    return parts.confirm("Play it?", text, "Play it", "Not now")


def _name(text: str) -> str:
    return inert(one_line(text, NAME_SHOWN))


# What is said of one ----------------------------------------------------------------------------------------


def ended(card: PipelineCard, whole: Whole, *, mention: bool) -> Message:
    """Return what is said in its thread when it has come to an end; who started it is mentioned if that is news."""
    one = whole.pipeline
    words = f"Pipeline #{one.id} of {one_line(one.ref, NAME_SHOWN)} {_end(whole)}"
    called = [parts.user(card.person.id), parts.words(": ")] if mention else []
    return Message(escape(words), (parts.rich_text(parts.paragraph(*called, parts.words(words))),))


def _end(whole: Whole) -> str:
    one = whole.pipeline
    if one.status == "manual":
        names = ", ".join(one_line(job.name, NAME_SHOWN) for job in whole.manual[:MOST_NAMED])
        return f"waits for somebody to play {names or 'a job'}."
    took = _elapsed(one, one.finished_at or 0) if one.finished_at else ""
    why = "; ".join(_why(job) for job in whole.failed[:MOST_NAMED])
    return f"{looks.word(one.status)}{took}{f': {why}' if why else ''}."


def _why(job: Job) -> str:
    told = f" ({reason(job.failure_reason)})" if job.failure_reason else ""
    return f"{one_line(job.name, NAME_SHOWN)}{told}"


def line(remark: str) -> Message:
    """Return what is said under a card when something was done; `remark` is plain text."""
    return said(f"{inert(one_line(remark, REMARK_SHOWN))}.")


def outcome(project: str, url: str, what: str) -> Message:
    """Return what is told later of a change whose answer was lost; `what` is plain text."""
    where = f"<{url}|{escape(project)}>" if url else escape(project)
    return said(f"{where}: {inert(one_line(what, REMARK_SHOWN))}")


def listed(title: str, found: Sequence[Pipeline], now: Millis, *, footer: str) -> Message:
    """Return the last pipelines of a project under a title in mrkdwn."""
    return lists.listed(title, [_row(one, now) for one in found], footer=footer)


def _row(one: Pipeline, now: Millis) -> str:
    state, sha = word(one), escape(one.sha[:SHA_SHOWN])
    facts = [f"{looks.look(state)} <{one.url}|#{one.id}> {escape(state)}", _name(one.ref), f"`{sha}`"]
    return " · ".join([*facts, _name(one.source), ago(now - one.created_at)])
