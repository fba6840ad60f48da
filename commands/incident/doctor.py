"""`incident doctor`: what an incident should have, what is there, and what was put right."""

from __future__ import annotations

import blocks.incident as draw
from blocks import ladder
from bot.command import Request
from bot.deeds import Mark
from bot.errors import NotUnderstood
from bot.incidents import acting, which
from bot.incidents.acting import actor
from bot.incidents.room import doctor
from bot.kit import Kit
from bot.model import Message
from bot.text import plural
from commands.incident import rebuild
from commands.incident.parts import Part

UNDER_WAY = "What could be put right is under way: ask again in a moment."
LOOKED = "I have looked at its room in Slack and at its issue in GitLab."


def run(request: Request, kit: Kit) -> Message:
    """Look at everything, and mend what can be mended; with `--rebuild` find the map of both sides again."""
    one = which.found(kit, request, "doctor")
    if one.rest not in {"", rebuild.REBUILD}:
        raise NotUnderstood(
            f"`incident doctor` takes no more words than `{rebuild.REBUILD}`.",
            suggestions=("incident doctor", f"incident doctor {rebuild.REBUILD}"),
        )
    who = actor(kit, request)
    acting.climb(
        kit,
        who,
        one.incident.project,
        f"doctor inc {one.incident.number}",
        project_id=one.incident.project_id,
    )
    if one.rest:
        return rebuild.run(kit, who, one)
    steps = doctor.look(kit, draw, who, one.incident)
    wrong = [step for step in steps if step.mark is not Mark.FINE]
    about = f"inc {one.incident.number}"
    title = f"*{about}: look at {plural(len(wrong), 'thing')}.*" if wrong else f"*All is well with {about}.*"
    return ladder.findings(title, steps, footer=UNDER_WAY if wrong else LOOKED)


PART = Part(verbs={"doctor": run})
