"""`incident changes`: what was deployed, merged and broken before it, and what people say of that."""

from __future__ import annotations

from contextlib import suppress

import blocks.incident as draw
from blocks import incident_changes
from bot.command import Click, Request
from bot.errors import GitLabError
from bot.incidents import acting, which
from bot.incidents.causes import changes, rolling, suspects
from bot.incidents.causes.changes import OUT, SUSPECT
from bot.incidents.which import Found
from bot.jobs import rollbacks
from bot.kit import Kit
from bot.model import Message, Millis
from bot.text import escape, inert
from commands import rollback
from commands.incident import hints
from commands.incident.parts import Part, elsewhere

HOUR: Millis = 3_600_000


def changed(request: Request, kit: Kit) -> Message | None:
    one = which.found(kit, request, "changes")
    return _look(request, kit, one, changes.length(one.rest.strip()))


def _look(asked: Request | Click, kit: Kit, one: Found, back: int) -> Message | None:
    incident = one.incident
    acting.look(kit, asked, incident.project, f"changes inc {incident.number}")
    found = changes.look(kit, kit.gitlab_as(asked.person), incident, back)
    return incident_changes.changes(found, hints.before(asked), kit.now())


def press_changes(click: Click, kit: Kit) -> Message | None:
    return _look(click, kit, which.pressed(kit, click), changes.USUAL)


def press_suspect(click: Click, kit: Kit) -> Message | None:
    return _say(click, kit, SUSPECT)


def press_out(click: Click, kit: Kit) -> Message | None:
    return _say(click, kit, OUT)


def _say(click: Click, kit: Kit, state: str) -> Message | None:
    one = which.pressed(kit, click)
    suspect = suspects.say(kit, draw, acting.actor(kit, click), one, state)
    if click.place.channel == one.incident.channel:
        return _again(click, kit, one, suspect.at)
    word = "is a suspect" if state == SUSPECT else "is ruled out"
    words = f"{inert(suspect.title)} {word} in {escape(one.incident.reference)} now."
    return elsewhere(click, one.incident, words)


def _again(click: Click, kit: Kit, one: Found, at: Millis) -> Message | None:
    """Show the list again, since Slack takes away what a button was pressed on that only one person saw."""
    with suppress(GitLabError):  # What was asked for is done; the list can be had again.
        return _look(
            click, kit, one, max(changes.USUAL, -(-(changes.began(one.incident) - at) // HOUR) * HOUR)
        )
    return None


def press_back(click: Click, kit: Kit) -> Message | None:
    """Show what the environment of a deployment can be taken back to; what is pressed there runs in this room."""
    one = which.pressed(kit, click)
    found = suspects.to_go_back(kit, one)
    gitlab = kit.gitlab_as(click.person)
    project = gitlab.project(one.incident.project_id or one.incident.project)
    history = rollbacks.history(kit, gitlab, project, found.environment)
    return rollback.listed(kit, click.key, f"{click.prefix}{project.path} ", history)


def tick(kit: Kit) -> None:
    rolling.tick(kit, draw)


PART = Part(
    verbs={"changes": changed},
    buttons={
        incident_changes.SUSPECT: press_suspect, incident_changes.OUT: press_out, incident_changes.BACK: press_back,
    },
    kinds=suspects.KINDS,
    more={draw.CHANGES: press_changes},
    ticks=(tick,),
)  # fmt: skip
