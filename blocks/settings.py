"""How somebody's own settings look: what is set, and the form that changes it."""

from __future__ import annotations

from blocks import forms, parts
from bot.model import Block, Message, Option, Place
from bot.own import NEVER, USUAL_S
from bot.text import duration, escape

#: Action id of the button, and callback id of the form that it opens.
EDIT = "settings.edit"
#: What the button carries: it means who presses it.
MINE = "-"
PROJECT, MENTION = "project", "mention"
#: What can be chosen, in seconds.
CHOICES = (30, USUAL_S, 300, 900, 3_600)


def shown(zone: str, project: str, mention: str, words: int) -> Message:
    """Return what is set; empty for what is not."""
    text = line(zone, project, mention, words)
    return Message(text, (parts.section(text), parts.actions(parts.button("Change", EDIT, MINE))))


def line(zone: str, project: str, mention: str, words: int) -> str:
    """Return all settings in one line of mrkdwn."""
    return " · ".join((
        f"Time zone {escape(zone)}, from Slack" if zone else "Time zone not known just now",
        f"project in our direct messages: {escape(project)}" if project else "no project in our direct messages",
        _mention(mention),
        f"own words: {words}",
    ))  # fmt: skip


def form(place: Place, project: str, mention: str) -> Block:
    """Return the form with what is set."""
    chosen = Option(project, project) if project else None
    calls = options()
    if mention and mention not in {one.value for one in calls}:  # One that was typed.
        calls.insert(0, _after(int(mention)))
    fields = [
        forms.optional(forms.typeahead(
            PROJECT, "Project in our direct messages", "pick.project", chosen=chosen,
            hint="Meant there when none is named. In a channel, project use says which one is.",
        )),
        forms.choice(MENTION, "Call me by name in a run's thread", calls, chosen=mention or str(USUAL_S)),
    ]  # fmt: skip
    return forms.modal(EDIT, MINE, place, title="Settings", submit="Keep", body=fields)


def options() -> list[Option]:
    """Return when somebody can be called by name, with the setting of each."""
    return [*map(_after, CHOICES), Option("only when it failed", NEVER)]


def _after(seconds: int) -> Option:
    return Option(f"when it took longer than {duration(seconds * 1000)}, or failed", str(seconds))


def _mention(mention: str) -> str:
    if mention == NEVER:
        return "called by name only when a run failed"
    return f"called by name when a run took longer than {duration(int(mention or USUAL_S) * 1000)}"
