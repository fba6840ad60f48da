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
    """Look at everything, and mend what can be mended; or find the map between messages and comments again."""
    one = which.found(kit, request, "doctor")
    anew = rebuild.is_meant(one.rest)
    if one.rest and not anew:
        raise NotUnderstood(
            f"`incident doctor` takes no more words, but for `{rebuild.REBUILD}`.",
            suggestions=("incident doctor", f"incident doctor {rebuild.REBUILD}"),
        )
    who, what = actor(kit, request), f"doctor {rebuild.REBUILD}" if anew else "doctor"
    project_id = one.incident.project_id
    acting.climb(kit, who, one.incident.project, f"{what} inc {one.incident.number}", project_id=project_id)
    if anew:
        return rebuild.run(kit, who, one)
    steps = doctor.look(kit, draw, who, one.incident)
    wrong = [step for step in steps if step.mark is not Mark.FINE]
    with kit.store.write() as tx:
        acting.note(tx, kit, who.by, one.incident, "doctor", ", ".join(step.name for step in wrong))
    about = f"inc {one.incident.number}"
    title = f"*{about}: look at {plural(len(wrong), 'thing')}.*" if wrong else f"*All is well with {about}.*"
    return ladder.findings(title, steps, footer=UNDER_WAY if wrong else LOOKED)


PART = Part(verbs={"doctor": run})
