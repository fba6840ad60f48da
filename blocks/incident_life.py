"""How the life of an incident looks: its forms, what it lacks to be done, and what a bot did to its issue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from blocks import forms, parts
from blocks.incident_words import severities
from bot.incident import Incident, State
from bot.incident_work import Task
from bot.incidents.values import value
from bot.model import Block, Message, Millis, Place
from bot.text import clip, escape, inert, one_line, plural

RESOLVE, REOPEN, KEEP_CLOSED = "incident.resolve", "incident.reopen", "incident.keep_closed"
#: Forms besides the one that resolves.
REASON, SEVERITY, PRIVATE = "incident.reason", "incident.severity", "incident.private"
#: Ids of the fields.
FIX, CAUSE, WHY, LEVEL = "fix", "cause", "why", "level"
#: The times that the form asks for, by their fields, and their labels.
TIMES: Mapping[str, str] = {
    "started_at": "Impact began", "detected_at": "Detected", "mitigated_at": "Mitigated", "resolved_at": "Resolved",
}  # fmt: skip
#: States that somebody has to give a reason for, what is asked for it, the form's title, and what sends it.
_REASONS: Mapping[State, tuple[str, str, str]] = {
    State.INVESTIGATING: ("Why is it opened again?", "Reopen incident", "Reopen"),
    State.DECLINED: ("Why is it no incident?", "Decline incident", "Decline"),
    State.CANCELED: ("Why is it called off?", "Cancel incident", "Cancel it"),
}
MOST_TASKS, TASK_SHOWN, NAME_SHOWN, TITLE_SHOWN = 10, 150, 80, 140


# Forms ------------------------------------------------------------------------------------------------------


def resolve(
    incident: Incident, place: Place, times: Mapping[str, Millis], tasks: Sequence[Task], *, fix: str, needs_cause: bool
) -> Block:  # fmt: skip
    """Return the form that resolves an incident, or fills in what it lacks; `times` are what each field begins with."""
    cause = forms.filled(forms.text(CAUSE, "Root cause", lines=True), incident.cause)
    body = [
        parts.plain_section(one_line(f"{incident.reference} {incident.title}", TITLE_SHOWN)),
        forms.filled(forms.text(FIX, "What fixed it", lines=True), fix),
        *(forms.optional(forms.moment(name, label, at=times.get(name))) for name, label in TIMES.items()),
        cause if needs_cause else forms.optional(cause),
        *_open_tasks(tasks),
    ]
    title, submit = ("Resolve incident", "Resolve") if incident.is_burning else ("Incident", "Save")
    return forms.modal(RESOLVE, value(incident), place, title=title, submit=submit, body=body)


def _open_tasks(tasks: Sequence[Task]) -> list[Block]:
    if not tasks:
        return []
    more = len(tasks) - MOST_TASKS
    lines = [f"☐ {one_line(one.text, TASK_SHOWN)}" for one in tasks[:MOST_TASKS]]
    lines += [f"and {more} more"] if more > 0 else []
    return [parts.plain_section("\n".join((f"{plural(len(tasks), 'task')} still open:", *lines)))]


def asked_for(wanted: State) -> tuple[str, str, str]:
    """Return what is asked before an incident is moved to a state, what that form is called, and what sends it."""
    return _REASONS.get(wanted, ("Why?", "Change state", "Change"))


def reason(aim: str, place: Place, wanted: State, *, least: int) -> Block:
    """Return the form that asks why, in at least so many characters; `aim` is the incident and where it is to go."""
    question, title, submit = asked_for(wanted)
    body = [forms.text(WHY, question, lines=True, least=least)]
    return forms.modal(REASON, aim, place, title=title, submit=submit, body=body)


def severity(incident: Incident, place: Place) -> Block:
    """Return the form in which a severity is picked."""
    pick = forms.choice(LEVEL, "Severity", severities(), chosen=str(incident.severity or ""))
    why = forms.optional(forms.text(WHY, "Why", most=parts.CONFIRM_TEXT_LIMIT))
    return forms.modal(SEVERITY, value(incident), place, title="Severity", submit="Set", body=[pick, why])


def private(incident: Incident, place: Place) -> Block:
    """Return the form that makes an incident private, or visible again, and says who will see what then."""
    words, turn, submit = (
        ("Everybody who sees the project will see the issue again, and it is announced.", "off", "Make visible")
        if incident.private
        else (
            "The issue becomes confidential: members of the project from Planner up, its author and its assignees see"
            " it. Its announcement is taken back. Its channel stays as it is: Slack lets only people make one private.",
            "on", "Make private",
        )
    )  # fmt: skip
    body = [parts.plain_section(words)]
    return forms.modal(
        PRIVATE, value(incident, turn), place, title="Who may see it", submit=submit, body=body
    )


# In the room ------------------------------------------------------------------------------------------------


def missing(incident: Incident, items: Sequence[str]) -> Message:
    """Return what an incident lacks that was closed or resolved in GitLab, with what opens the form for it."""
    text = f"It was ended in GitLab, and stays so. Still missing: {escape(' and '.join(items))}."
    fill = parts.button("Fill it in", RESOLVE, value(incident), style="primary")
    return Message(text, (parts.section(text), parts.actions(fill)))


def proposal(incident: Incident, closer: str) -> Message:
    """Return the question whether what a bot has closed shall stay closed."""
    name = inert(one_line(closer, NAME_SHOWN))
    text = f"{name}, which is no person, closed the issue while the incident burns. Shall it stay closed?"
    about = value(incident)
    answers = parts.actions(
        parts.button("Keep closed", KEEP_CLOSED, about), parts.button("Reopen", REOPEN, about)
    )
    return Message(text, (parts.section(text), answers))


def exposed(incident: Incident) -> Message:
    """Return the word to a commander whose incident became private in a channel that everybody can read."""
    where, name = f"<#{escape(incident.channel)}>", escape(clip(incident.reference, NAME_SHOWN))
    if incident.thread:
        text = (
            f"{name} is private now, but its room was a thread in {where}: whoever can read that channel still reads"
            " what was said there. I am making a private channel to go on in; delete there what others must not read."
        )
    else:
        text = (
            f"{name} is private now, but its room {where} is not: whoever can read the channel still reads all that is"
            " said there. Make the channel private in Slack, in its settings."
        )
    return Message(text, (parts.section(text),))


def offer(sentence: str, label: str, action: str, aim: str) -> Message:
    """Return a button that opens a form where nothing else can."""
    body = (
        parts.section(escape(sentence)),
        parts.actions(parts.button(label, action, aim, style="primary")),
    )
    return Message(escape(sentence), body)
