"""Lists: jobs, runs, short names. Long ones are cut with a word about what is left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import job, parts
from bot.catalogues import Catalogue, ChatJob
from bot.model import Block, Message, Run
from bot.text import code, escape, one_line, plural
from bot.words import longhand, quote

#: Characters of one section (slack-platform.md 2.1 allows 3 000) and how many of them a list fills.
SECTION_FILLED, MOST_SECTIONS = 2_800, 8
#: GitLab's own answers are far shorter; a person does not read more than this in a chat.
DESCRIPTION_SHOWN, REASON_SHOWN = 100, 140


def listed(title: str, lines: Sequence[str], *, footer: str = "") -> Message:
    """Return a list of mrkdwn lines under a title; everything from outside is escaped by the caller."""
    body: list[Block] = [parts.section(title), *paged(lines)]
    if footer:
        body.append(parts.context(footer))
    return Message(title, tuple(body))


def paged(lines: Sequence[str]) -> list[Block]:
    """Return mrkdwn lines in as many sections as they need, with a word about what is left out."""
    pages: list[list[str]] = [[]]
    for line in lines:
        if sum(map(len, pages[-1])) + len(pages[-1]) + len(line) > SECTION_FILLED:
            pages.append([])
        pages[-1].append(line)
    shown = [parts.section("\n".join(page)) for page in pages[:MOST_SECTIONS] if page]
    left_out = sum(map(len, pages[MOST_SECTIONS:]))
    return [*shown, parts.context(f"… and {left_out} more")] if left_out else shown


def jobs(catalogue: Catalogue, last: Mapping[str, Run], *, wanted: str, prefix: str) -> Message:
    """Return the jobs of a project that fit `wanted`: what can be run first, then what cannot and why."""
    fitting = [one for one in catalogue.jobs if wanted in one.name.lower() or wanted in one.stage.lower()]
    can = [one for one in fitting if one.startable]
    cannot = [one for one in fitting if not one.startable]
    where = f"{escape(catalogue.project.path)} on `{escape(catalogue.ref)}`"
    about = f" with “{escape(wanted)}” in the name" if wanted else ""
    if not fitting:
        return listed(f"{where} has no job{about}.", (), footer=f"`{prefix}jobs` lists all of them.")
    many = f"*{plural(len(can), 'job', 'jobs')}*" if can else "No job"
    title = f"{many}{about} can be started from chat in {where}"
    lines = [_can(one, last.get(one.name)) for one in can]
    lines += [_cannot(one) for one in cannot]
    start = f"`{longhand(prefix)}run {{}}`".format
    hints = [f"Start one with {start(escape(quote(can[0].name)))}."] if can else []
    hints += [f"{start(escape(quote(cannot[0].name)))} says what to add."] if cannot else []
    return listed(title, lines, footer=" ".join(hints))


def _can(one: ChatJob, run: Run | None) -> str:
    facts = [f"stage {one.stage}"]
    if one.environment:
        facts.append(f"environment {one.environment}")
    if one.manual:
        facts.append("manual")
    if run:
        facts.append(f"last run {job.word(run)}")
    said = f": {escape(one_line(one.description, DESCRIPTION_SHOWN))}" if one.description else ""
    return f"• *{escape(one.name)}*{said} ({escape(', '.join(facts))})"


def _cannot(one: ChatJob) -> str:
    return f"• {escape(one.name)} cannot be started: {code(one.hidden_by or '', REASON_SHOWN)}"
