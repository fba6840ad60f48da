"""The form of a job, made of its inputs; the form in which a job is picked; and the buttons that open them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from blocks import forms, parts
from bot.catalogues import Entry, Input, JobForm, Kind, Picked
from bot.model import Block, Message, Option, Place
from bot.text import code, escape, one_line, plural

#: Of the form, of the buttons that open it, and of what in it has it drawn anew: they have one name, so that the
#: router knows that it opens a form.
FORM = "run.form"
TITLE, SEND = "Run a job", "Run"
#: The label of an input whose name is blank: Slack takes no field without one.
NAMELESS = "…"
OPEN, FILL_IN, CHANGE = "Open the form", "Fill in", "Retry with changes"
YES, NO = Option("Yes", "true"), Option("No", "false")
DESCRIPTION_SHOWN, ASKS_SHOWN, LINE_SHOWN, NAMES_SHOWN = 200, 300, 2_900, 10


def form(drawn: JobForm, place: Place) -> Block:
    """Return the form: which job it is or may be, a field for each input, its ref, and the same as it is typed."""
    body = [*_trouble(drawn), *_picks(drawn), *_about(drawn), *map(_entry, drawn.entries)]
    if drawn.text_id:
        body.append(_text(drawn))
    if drawn.pick_ref and drawn.pick_ref.id:
        body.append(_typeahead(drawn.pick_ref, "Branch or tag"))
    body += _below(drawn)
    return forms.modal(FORM, drawn.id, place, title=TITLE, submit=SEND, body=body)


def _trouble(drawn: JobForm) -> list[Block]:
    return [parts.plain_section(drawn.trouble)] if drawn.trouble else []


def _about(drawn: JobForm) -> list[Block]:
    if drawn.job is None:
        return []
    job = drawn.job
    title = f"*{escape(job.name)}* in {escape(drawn.project)}"
    where = [f"stage {job.stage}", *([f"environment {job.environment}"] if job.environment else [])]
    said = one_line(job.description, DESCRIPTION_SHOWN)
    lines = [parts.section(title)] if drawn.pick_job is None else []
    lines.append(parts.plain_context(" · ".join(filter(None, (said, *where)))))
    if job.asks:
        lines.append(parts.plain_section(f"It will ask you: “{one_line(job.asks, ASKS_SHOWN)}”"))
    return lines


def _picks(drawn: JobForm) -> list[Block]:
    made = []
    if drawn.pick_project is not None:
        made.append(_typeahead(drawn.pick_project, "Project"))
    if drawn.pick_job is not None and drawn.pick_job.id:
        made.append(_typeahead(drawn.pick_job, "Job"))
        many = f"{plural(drawn.jobs, 'job')} of {drawn.project} can be started from chat."
        made += [parts.plain_context(many)] if drawn.job is None else []
    return made


def _typeahead(picked: Picked, label: str) -> Block:
    chosen = Option(picked.label, picked.value) if picked.value else None
    return forms.telling(forms.typeahead(picked.id, label, FORM, chosen=chosen))


def _text(drawn: JobForm) -> Block:
    label = "Arguments" if not drawn.entries else "Free text"
    hint = "What stands behind the job when it is typed."
    field = forms.text(drawn.text_id, label, hint=hint, lines=True)
    return forms.optional(forms.filled(field, drawn.text))


def _below(drawn: JobForm) -> list[Block]:
    said = []
    if drawn.left_out:
        said.append(parts.context(f"{plural(drawn.left_out, 'more value')} can only be typed."))
    if drawn.remembered:
        said.append(parts.context("Filled in with what you gave it last."))
    if drawn.line:
        said.append(parts.plain_context(f"Typed, it is: {drawn.line[:LINE_SHOWN]}"))
    return said


# One field --------------------------------------------------------------------------------------------------


#: Kinds in which something is always picked once it was.
_PICKED = frozenset({Kind.YES_NO, Kind.OPTIONS, Kind.MANY})


def _entry(entry: Entry) -> Block:
    named = entry if entry.label.strip() else replace(entry, label=NAMELESS)
    made = _FIELDS[entry.kind](named)
    if not entry.required and not (entry.kind in _PICKED and entry.value):  # What is picked is only changed.
        made = forms.optional(made)
    return forms.telling(made, FORM) if entry.leads else made


def _yes_no(entry: Entry) -> Block:
    return forms.choice(entry.id, entry.label, (YES, NO), chosen=entry.value, hint=entry.hint)


def _choice(entry: Entry) -> Block:
    options = [Option(one, one) for one in entry.options]
    return forms.choice(entry.id, entry.label, options, chosen=entry.value, hint=entry.hint)


def _many(entry: Entry) -> Block:
    chosen = Option(entry.value, entry.value) if entry.value else None
    return forms.typeahead(entry.id, entry.label, FORM, chosen=chosen, hint=entry.hint)


def _number(entry: Entry) -> Block:
    return forms.filled(forms.number(entry.id, entry.label, hint=entry.hint), entry.value)


def _line(entry: Entry) -> Block:
    return forms.filled(forms.text(entry.id, entry.label, hint=entry.hint), entry.value)


def _lines(entry: Entry) -> Block:
    return forms.filled(forms.text(entry.id, entry.label, hint=entry.hint, lines=True), entry.value)


def _boxes(entry: Entry) -> Block:
    options = [Option(one, one) for one in entry.options]
    return forms.boxes(entry.id, entry.label, options, chosen=entry.value.splitlines(), hint=entry.hint)


_FIELDS: Mapping[Kind, Callable[[Entry], Block]] = {
    Kind.YES_NO: _yes_no, Kind.OPTIONS: _choice, Kind.MANY: _many, Kind.NUMBER: _number, Kind.TEXT: _line,
    Kind.LINES: _lines, Kind.LIST: _lines, Kind.BOXES: _boxes,
}  # fmt: skip


# What opens it ----------------------------------------------------------------------------------------------


def offer(job: str, project: str, asked: Sequence[Input], sheet: str, line: str, *, at_once: str) -> Message:
    """
    Return what says that a job takes something, with the button that opens its form.

    `line` is how it is typed, `at_once` how it is started with its defaults; empty if it has not all of them.
    """
    names = ", ".join(code(one.name) for one in asked[:NAMES_SHOWN])
    more = f" and {len(asked) - NAMES_SHOWN} more" if len(asked) > NAMES_SHOWN else ""
    said = f"*{escape(job)}* of {escape(project)} takes {plural(len(asked), 'value')}: {names}{more}."
    body = [parts.section(said), parts.actions(parts.button(FILL_IN, FORM, sheet, style="primary"))]
    body.append(parts.plain_context(f"Or type it, such as: {line}"))
    if at_once:
        body.append(parts.plain_context(f"As it is by itself: {at_once}"))
    return Message(said.replace("*", ""), tuple(body))


def changed(job: str, project: str, what: Sequence[str], sheet: str) -> Message:
    """Return what somebody reads who sent a form in whose job is another one by now; `what` is plain text."""
    said = f"*{escape(job)}* of {escape(project)} was not started: it changed while your form was open."
    lines = "\n".join(f"• {escape(one)}" for one in what)
    body = [parts.section(said), *([parts.section(lines)] if lines else [])]
    body.append(parts.context("What you filled in is kept, as far as it still fits."))
    body.append(parts.actions(parts.button(OPEN, FORM, sheet, style="primary")))
    return Message(said.replace("*", ""), tuple(body))


def late(value: str) -> Message:
    """Return what stands in for a form that could not be opened: the button that opens it now."""
    said = "Press the button to open the form: Slack gave me no time to open it by itself."
    body = [parts.section(said), parts.actions(parts.button(OPEN, FORM, value, style="primary"))]
    return Message(said, tuple(body))
