"""The scenario language: a line of text in, the act it asks for out."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox import acts, grammar
from sandbox.grammar import DURATION, NEWLINE, NUMBER, TAIL, TEXT, Fields, NotALine, seconds

__all__ = ["FORMS", "NotALine", "nearest_usage", "read_line", "seconds"]


@dataclass(frozen=True, slots=True)
class Form:
    """One form of line that begins with a colon."""

    name: str
    usage: str
    pattern: str
    build: Callable[[Fields], acts.Act]
    means: str


BREAK = (
    rf"(?P<side>slack|gitlab)\s+(?P<how>[\w-]+)(?:\s+(?P<arg>{DURATION}|\d+(?:\.\d+)?))??"
    rf"(?:\s+for\s+(?P<lasts>{DURATION})|\s+(?P<times>\d+)\s+times?)?"
)
COUNT = (
    r'(?P<side>slack|gitlab)\s+(?:"(?P<quoted>[^"]+)"|(?P<bare>[^\s"<>=]+))\s*'
    r"(?P<relation><=|>=|=|<|>)\s*(?P<number>\d+)"
)

FORMS: tuple[Form, ...] = (
    Form(":as", ":as NAME", r"(?P<name>\w+)", lambda m: acts.Be(m["name"].lower()), "be that person"),
    Form(
        ":in", ":in #CHANNEL", r"#?(?P<to>[\w*-]+)",
        lambda m: acts.GoChannel(m["to"]), "go to a channel; `#inc-*` is the newest called so",
    ),
    Form(":dm", ":dm", "", lambda _: acts.GoDM(), "go to the direct messages with the bot"),
    Form(
        ":thread", ":thread [N|on TEXT]", r"(?:(?P<number>\d+)|on\s+(?P<on>.+))?",
        lambda m: acts.GoThread(grammar.number(m), on=m["on"] or ""), "open a thread",
    ),
    Form(":leave", ":leave", "", lambda _: acts.Leave(), "leave the thread or the Home"),
    Form(
        ":click", ":click LABEL [N]", rf'(?:"(?P<quoted>[^"]+)"|(?P<bare>.+?)){NUMBER}',
        lambda m: acts.Press(m["quoted"] or m["bare"], grammar.number(m)), "press the button whose label starts so",
    ),
    Form(
        ":choose", ":choose LABEL = OPTION [N]", rf"(?P<label>[^=]+?)\s*=\s*(?P<option>.*?){NUMBER}",
        lambda m: acts.Choose(m["label"], m["option"], grammar.number(m)), "pick in a select or menu",
    ),
    Form(
        ":type", ":type LABEL = LETTERS [N]", rf"(?P<label>[^=]+?)\s*=\s*(?P<letters>.*?){NUMBER}",
        lambda m: acts.Letters(m["label"], m["letters"], grammar.number(m)), "see what a menu offers for them",
    ),
    Form(
        ":fill", ":fill FIELD = VALUE", r"(?P<field>[^=]+?)\s*=\s*(?P<value>.*)",
        lambda m: acts.Fill(m["field"], m["value"].replace(NEWLINE, "\n")), "fill in a field of the form",
    ),
    Form(":submit", ":submit", "", lambda _: acts.Submit(), "send the open form"),
    Form(":cancel", ":cancel", "", lambda _: acts.Dismiss(), "close the open form"),
    Form(
        ":shortcut", ":shortcut NAME [N]", rf"(?P<name>.+?){NUMBER}",
        lambda m: acts.Shortcut(m["name"], grammar.number(m)), "a shortcut, or a message shortcut on message N",
    ),
    Form(
        ":react", ":react EMOJI [N|on TEXT]", rf":?(?P<emoji>[\w+'-]+):?(?:\s+on\s+(?P<on>.+)|{NUMBER})",
        lambda m: acts.React(m["emoji"], grammar.number(m), on=m["on"] or ""), "put an emoji on a message",
    ),
    Form(
        ":unreact", ":unreact EMOJI [N|on TEXT]", rf":?(?P<emoji>[\w+'-]+):?(?:\s+on\s+(?P<on>.+)|{NUMBER})",
        lambda m: acts.React(m["emoji"], grammar.number(m), removes=True, on=m["on"] or ""), "take it off again",
    ),
    Form(
        ":edit", ":edit N|newest TEXT", r"(?:(?P<number>\d+)|newest)\s+(?P<text>.+)",
        lambda m: acts.Edit(grammar.number(m), m["text"].replace(NEWLINE, "\n")), "change a message of mine",
    ),
    Form(
        ":delete", ":delete N|newest", r"(?:(?P<number>\d+)|newest)",
        lambda m: acts.Delete(grammar.number(m)), "delete it",
    ),
    Form(
        ":broadcast", ":broadcast TEXT", r"(?P<text>.+)",
        lambda m: acts.Broadcast(m["text"].replace(NEWLINE, "\n")), "reply in this thread, and in its channel too",
    ),
    Form(
        ":upload", ":upload PATH [with TEXT]", r"(?P<path>.+?)(?:\s+with\s+(?P<text>.+))?",
        lambda m: acts.Upload(m["path"], (m["text"] or "").replace(NEWLINE, "\n")), "share a file here",
    ),
    Form(":home", ":home", "", lambda _: acts.OpenHome(), "open the App Home and stay there"),
    Form(
        ":show", ":show [N]", r"(?P<number>\d+)?",
        lambda m: acts.Show(grammar.number(m)), "print this place, or one message whole",
    ),
    Form(
        ":picture", ":picture NAME [N|form|home]",
        r"(?P<name>[\w-]+)(?:\s+(?:(?P<number>\d+)|(?P<what>form|home)))?",
        lambda m: acts.Picture(m["name"], m["what"] or "message", grammar.number(m)),
        "draw it, where pictures are wanted",
    ),
    Form(":expect", ":expect TEXT [within Ns] [in PLACE]", TEXT + TAIL, grammar.expect, "wait until I can see it"),
    Form(
        ":expect-ephemeral", ":expect-ephemeral TEXT [within Ns] [in PLACE]", TEXT + TAIL,
        grammar.expect_ephemeral, "the same, and only I can see it",
    ),
    Form(":refuse", ":refuse TEXT [for Ns] [in PLACE]", TEXT + TAIL, grammar.refuse, "it must not be visible"),
    Form(
        ":gitlab", ":gitlab WHAT …", r"(?P<what>[\w-]+)(?:\s+(?P<rest>.+))?",
        lambda m: acts.InGitLab(m["what"], (m["rest"] or "").replace(NEWLINE, "\n")),
        "act in GitLab's pages (`:gitlab help`)",
    ),
    Form(
        ":slack", ":slack WHAT …", r"(?P<what>[\w-]+)(?:\s+(?P<rest>.+))?",
        lambda m: acts.InSlack(m["what"], m["rest"] or ""), "change who people are and what channels are",
    ),
    Form(
        ":expect-gitlab", ":expect-gitlab PATH CONTAINS TEXT [within Ns]",
        rf"(?P<path>\S+)\s+(?i:contains)\s+{TEXT}{TAIL}", grammar.expect_gitlab,
        "what GitLab holds; who was `notified`",
    ),
    Form(
        ":expect-slack", ":expect-slack WHAT contains|lacks TEXT [within Ns]",
        rf"(?P<what>[\w-]+)(?:\s+(?P<number>\d+))?\s+(?P<how>(?i:contains|lacks))\s+{TEXT}{TAIL}", grammar.expect_slack,
        "topic, pins, members, reactions N, … of this place",
    ),
    Form(
        ":count", ':count SIDE "CALL" = N', COUNT,
        lambda m: acts.Count(m["side"], m["quoted"] or m["bare"], m["relation"], int(m["number"])),
        "how often the bot made this call (=, <=, >=, <, >)",
    ),
    Form(":break", ":break SIDE HOW [for Ns | N times]", BREAK, grammar.break_side, "break slack or gitlab"),
    Form(":mend", ":mend", "", lambda _: acts.Mend(), "mend both"),
    Form(":clock", ":clock +10m", rf"(?P<sign>[+-])(?P<by>{DURATION})", grammar.clock, "move the bot's clock"),
    Form(":kill", ":kill", "", lambda _: acts.Bot("kill"), "kill -9 the bot"),
    Form(":stop", ":stop", "", lambda _: acts.Bot("stop"), "stop the bot with SIGTERM"),
    Form(":start", ":start", "", lambda _: acts.Bot("start"), "start the bot again on the same store"),
    Form(
        ":wait", ":wait Ns", rf"(?P<time>{DURATION})",
        lambda m: acts.Wait(seconds(m["time"])), "let real time pass",
    ),
    Form(":help", ":help", "", lambda _: acts.Help(), "list the lines"),
    Form(":quit", ":quit", "", lambda _: acts.Quit(), "leave"),
)  # fmt: skip


def nearest_usage(word: str) -> str:
    """The usage of the form with the nearest name, such as `:expect TEXT [within Ns] [in PLACE]`."""
    names = [form.name for form in FORMS]
    found = difflib.get_close_matches(word, names, n=1, cutoff=0.0)
    return next(form.usage for form in FORMS if form.name == found[0])


def read_line(text: str) -> acts.Act | None:
    """The act a line asks for; None for a blank line or a comment. Raises NotALine."""
    line = text.strip()
    if line.startswith("#"):
        return acts.Narrate(line[2:].strip()) if line.startswith("#>") else None
    if not line:
        return None
    if line.startswith(":"):
        return _colon_line(line)
    if line.startswith("/"):
        return _slash_line(line)
    return acts.Say(line.replace(NEWLINE, "\n"))


def _slash_line(line: str) -> acts.Act:
    command, _, rest = line.partition(" ")
    if not re.fullmatch(r"/[\w-]+", command):
        raise NotALine(f'"{command}" is no slash command: write it like `/run hello`.')
    return acts.Slash(command, rest.replace(NEWLINE, "\n"))


def _colon_line(line: str) -> acts.Act:
    name, _, rest = line.partition(" ")
    form = next((form for form in FORMS if form.name == name), None)
    if form is None:
        raise NotALine(f'There is no line "{name}". The nearest is `{nearest_usage(name)}`.')
    found = re.fullmatch(form.pattern, rest.strip(), re.DOTALL)
    if found is None:
        raise NotALine(f'"{line}" does not have the form `{form.usage}`.')
    return form.build(found)
