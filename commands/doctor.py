"""`doctor`: whether all that the bot needs is there, for me, for this place, and of the bot itself."""

from __future__ import annotations

from blocks import ladder
from bot.command import Command, Request
from bot.deeds import Mark
from bot.errors import NotUnderstood
from bot.jobs import doctor
from bot.kit import Kit
from bot.model import Message
from bot.text import plural


def run(request: Request, kit: Kit) -> Message:
    if request.words:
        raise NotUnderstood("`doctor` takes no more words.", suggestions=("doctor",))
    steps = doctor.look(kit, request)
    wrong = [step for step in steps if step.mark is not Mark.FINE]
    title = f"*Look at {plural(len(wrong), 'thing', 'things')}.*" if wrong else "*All is well.*"
    footer = "Whoever runs me finds more in my log, and with `run_bot.py config check`."
    return ladder.findings(title, steps, footer=footer)


COMMAND = Command(
    "doctor", "doctor", "Whether all that is needed is there: account, place, project, tokens.",
    ("doctor", "shop doctor"), run, in_turn=False, always=True,
)  # fmt: skip
