"""A scenario: its lines played one after the other in a world, with the transcript beside them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from rich.console import Console

from sandbox import acts
from sandbox.acting import perform
from sandbox.acts import Act
from sandbox.lines import FORMS, read_line
from sandbox.process import BotDied
from sandbox.script import Script, Step
from sandbox.session import NotHeld, Session, Shown
from sandbox.slack.acts import USAGES
from sandbox.slack.manifest import GLOBAL, MESSAGE
from sandbox.transcript import Transcript
from sandbox.world import World

LOOKS = (acts.Expect, acts.Refuse, acts.ExpectGitLab, acts.ExpectSlack, acts.Count)
LOG_LINES = 12
"""Lines of the bot's log shown with a line that did not hold."""
HELP_WIDTH = 27
"""Columns for a form in `:help`; with the longest of its meanings a line stays within 80."""
OFFERED = {GLOBAL: "found anywhere", MESSAGE: "found on a message"}
"""What `:help` says of a shortcut of either type."""


class Failed(Exception):
    """A line of a scenario did not hold; the text names file, line, reason and what was seen."""


@dataclass(slots=True)
class Player:
    """Plays lines for a session and prints what comes of them; with `checks` also what it looked for."""

    session: Session
    transcript: Transcript
    checks: bool = True
    printing: threading.Lock = field(default_factory=threading.Lock)
    """News are printed by whoever acts and, in a console, by whoever watches: one at a time."""

    def do(self, line: str) -> None:
        """One line of the language. Raises NotALine, NotHeld, BotDied."""
        act = read_line(line)
        if act is not None:
            self.play(line.strip(), act)

    def play(self, text: str, act: Act, *, announce: bool = True) -> None:
        """One act; its line is printed first, what is new in the place after it."""
        if isinstance(act, acts.Narrate):
            self.transcript.narrate(act.text)
            return
        if announce and not isinstance(act, LOOKS):
            self.transcript.prompt(self.session, text)
        began = time.monotonic()
        try:
            remark = perform(self.session, act)
        finally:
            self.news()
        if isinstance(act, LOOKS) and self.checks:
            self.transcript.note(f"  ✓ {text}  ({time.monotonic() - began:.1f} s)", "green")
        if remark:
            self.transcript.note(f"  {remark}")
        self._show(act)

    def news(self) -> int:
        """Print what is new or has changed in the current place; how many messages and forms that were."""
        with self.printing:
            news = self.transcript.news(self.session.visible())
            news += self.transcript.view("a form", self.session.form(), self.session.form_parts())
            if self.session.at_home:
                news += self.transcript.view("the Home", self.session.home(), self.session.home_parts())
            return news

    def _show(self, act: Act) -> None:
        if isinstance(act, acts.Help):
            self.help()
        if isinstance(act, acts.Show) and act.number is None and (form := self.session.form_parts()):
            self.transcript.card("a form", form)
        elif isinstance(act, acts.Show) and act.number is None and self.session.at_home:
            self.transcript.card("the Home", self.session.home_parts())
        elif isinstance(act, acts.Show):
            for one in self.chosen(act.number):
                self.transcript.whole(one)

    def chosen(self, number: int | None) -> Sequence[Shown]:
        """All messages of the place, or only message N wherever it is."""
        if number is None:
            return self.session.visible()
        return [self.session.message(number, lambda _: True, "text")]

    def help(self) -> None:
        """List the lines within 80 columns: what a long one means stands below it."""
        first = (("/run hello World", "a slash command"), ("any other text", "a message here"))
        forms = ((form.usage, form.means) for form in FORMS)
        acts_in_slack = ((f":slack {usage}", means) for usage, means in USAGES.items())
        shortcuts = self.session.world.slack.shortcuts.offered
        offered = ((f":shortcut {each.name}", OFFERED[each.type]) for each in shortcuts)
        for usage, means in (*first, *forms, *offered, *acts_in_slack):
            gap = "" if len(usage) < HELP_WIDTH else f"\n  {'':<{HELP_WIDTH}}"
            self.transcript.note(f"  {usage:<{0 if gap else HELP_WIDTH}}{gap}{means}", "none")


def play_script(
    script: Script, world: World, console: Console, *, checks: bool = True, pictures: Path | None = None
) -> Player:
    """Play a whole scenario, its pictures into a folder. Raises Failed at the first line that does not hold."""
    player = Player(Session(world, pictures=pictures), Transcript(console), checks)
    for step in script.steps:
        if isinstance(step.act, acts.Quit):
            break
        try:
            player.play(step.text, step.act)
        except (NotHeld, BotDied) as error:
            raise Failed(failure(script, step, error, world)) from error
    return player


def failure(script: Script, step: Step, error: NotHeld | BotDied, world: World) -> str:
    """Why a scenario failed: where, what was wanted, what was seen, and the end of the bot's log."""
    told = [f"{script.name}:{step.line}: {step.text}", str(error)]
    if isinstance(error, NotHeld):
        told += ["Seen instead:", indented(error.seen or "nothing")] if error.seen or _looks(step) else []
        tail = world.bot.tail(LOG_LINES)
        told += ["The end of the bot's log:", indented(tail)] if tail else []
    return "\n".join(told)


def _looks(step: Step) -> bool:
    return isinstance(step.act, LOOKS)


def indented(text: str) -> str:
    """The text, every line moved to the right."""
    return "\n".join(f"    {line}" for line in text.splitlines())


def run_script(script: Script, console: Console, *, world: World | None = None) -> str | None:
    """Play a script in that world, else in a fresh one with the script's settings; why it failed, or None."""
    try:
        if world is not None:
            play_script(script, world, console)
        else:
            with World(settings=script.settings) as fresh:
                play_script(script, fresh, console)
                return called_many(script, fresh)
    except Failed as error:
        return str(error)
    except BotDied as error:
        return f"{script.name}: {error}"
    return None


def called_many(script: Script, world: World) -> str | None:
    """Why the script failed if the bot made Slack call a whole channel or group: no scenario wants that."""
    calls = [
        mention
        for _, _, mention in world.ask(lambda: list(world.slack.fired))
        if not mention.startswith("<@")
    ]
    return f"{script.name}: the bot made Slack call {', '.join(calls)}." if calls else None


def transcript_console(file: TextIO | None = None) -> Console:
    """A console that prints text as it is: nothing in it is taken for markup, emoji codes or links."""
    return Console(file=file, markup=False, emoji=False, highlight=False, soft_wrap=False)
