"""How the tasks of an incident look: the living list with a line for each, and the forms that add one."""

from __future__ import annotations

from collections.abc import Sequence

from blocks import forms, incident_words, parts
from blocks.answers import said
from bot.incident import Incident
from bot.incident_work import Task
from bot.incidents.told import FollowUp
from bot.incidents.values import value
from bot.model import Block, Message, Millis, Place
from bot.text import escape, inert, one_line, plural

ADD, DONE, TAKE, DROP, SEND = (
    "incident.task", "incident.task_done", "incident.task_take", "incident.task_drop", "incident.task_add",
)  # fmt: skip
#: What each button does, by its action (bot/incidents/crew/tasks.py).
MOVES = {DONE: "done", TAKE: "take", DROP: "drop"}
#: Ids of the fields.
TEXT, OWNER, MINUTES = "text", "owner", "minutes"
#: Tasks that have a line each; the rest is counted.
MOST_SHOWN = 10
TEXT_SHOWN, MOST_TYPED = 300, 300


def card(incident: Incident, tasks: list[Task], now: Millis) -> Message:
    """Return the living list: what is open, with what can be done about it; what is over is counted."""
    still = [one for one in tasks if one.state == "open"]
    done = sum(one.state == "done" for one in tasks)
    head = f"Tasks of inc {incident.number}: {done} of {len(tasks)} done" if tasks else "No tasks"
    body = [parts.section(f"*{head}*")]
    for one in still[:MOST_SHOWN]:
        body += [parts.section(_line(one, now)), parts.actions(*_buttons(incident, one))]
    rest = [plural(len(still) - MOST_SHOWN, "more open task")] if len(still) > MOST_SHOWN else []
    dropped = sum(one.state == "dropped" for one in tasks)
    rest += [f"{dropped} dropped"] if dropped else []
    body += [parts.context(" · ".join(rest))] if rest else []
    body.append(parts.actions(parts.button("Add task", ADD, value(incident))))
    return Message(head, tuple(body))


def none(prefix: str) -> Message:
    """Return that there are no tasks; `prefix` is what is typed before a verb."""
    return said(f"There are no tasks. `{escape(prefix)}incident task Tell support` adds one.")


def _line(task: Task, now: Millis) -> str:
    owner = f" · {incident_words.name(task.owner_name)}" if task.owner_name else " · nobody yet"
    late = ", overdue" if task.due is not None and task.due < now else ""
    due = f" · due {parts.moment(task.due, now=now)}{late}" if task.due is not None else ""
    return f"*{task.number}.* {inert(one_line(task.text, TEXT_SHOWN))}{owner}{due}"


def _buttons(incident: Incident, task: Task) -> list[Block]:
    about = value(incident, str(task.number))
    take = [] if task.owner is not None else [parts.button("Take", TAKE, about)]
    return [parts.button("Done", DONE, about, style="primary"), *take, parts.button("Drop", DROP, about)]


def form(incident: Incident, place: Place) -> Block:
    """Return the form that adds a task."""
    minutes = forms.number(MINUTES, "Due in minutes", decimal=False)
    body = [
        forms.text(TEXT, "What is to be done?", most=MOST_TYPED),
        forms.optional(forms.person(OWNER, "Who does it?")),
        forms.optional(minutes),
    ]
    return forms.modal(SEND, value(incident), place, title="Add task", submit="Add", body=body)


def offer(incident: Incident) -> Message:
    """Return the button that opens the form, where none could be opened."""
    text = "What is to be done?"
    return Message(text, (parts.section(text), parts.actions(parts.button("Add task", ADD, value(incident)))))


def follow_ups(found: Sequence[FollowUp]) -> Message:
    """Return what reminds somebody of follow-ups, each with a link to its issue."""
    head = f"{plural(len(found), 'follow-up')} of incidents still open"
    rows = [
        f"• {parts.linked(one.url, inert(one_line(one.text, TEXT_SHOWN)))}{escape(one.due)}" for one in found
    ]
    foot = parts.context("I say so once a week, until they are closed.")
    return Message(head, (parts.section(f"*{head}*"), parts.section("\n".join(rows)), foot))
