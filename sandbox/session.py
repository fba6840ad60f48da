"""Where somebody sits in the world: who they are, in which place, and the numbers of what they have seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sandbox.acts import HERE, Spot
from sandbox.controls import Part
from sandbox.dates import Reader
from sandbox.formview import form_parts, home_parts
from sandbox.screen import Button, buttons, parts, words
from sandbox.slack.files import file_body
from sandbox.slack.people import Channel
from sandbox.slack.workspace import Seen
from sandbox.world import World


class NotHeld(Exception):
    """A line did not hold, or cannot be done; the sentence says why, `seen` what was there instead."""

    def __init__(self, sentence: str, seen: str = "") -> None:
        super().__init__(sentence)
        self.seen = seen


class NotYet(NotHeld):
    """What a line names is not there, and may still come."""


#: Seconds a person waits for a button or a form that is about to appear.
ARRIVES_WITHIN = 3.0


@dataclass(frozen=True, slots=True)
class Shown:
    """A message on the screen, with its number."""

    number: int
    channel: str
    seen: Seen
    parts: tuple[Part, ...]

    @property
    def words(self) -> str:
        return words(self.parts)

    @property
    def buttons(self) -> tuple[Button, ...]:
        return buttons(self.seen.message)

    @property
    def root(self) -> str | None:
        """ts of the thread this is a reply in."""
        return None if self.seen.thread_ts == self.seen.ts else self.seen.thread_ts


@dataclass(slots=True)
class Numbers:
    """The number of each message: given when it is first seen, the same for everybody, never given again."""

    given: dict[tuple[str, str, bool], int] = field(default_factory=dict)

    def of(self, channel: str, seen: Seen) -> int:
        return self.given.setdefault((channel, seen.ts, seen.ephemeral), len(self.given) + 1)

    def place(self, number: int) -> tuple[str, str]:
        """Channel and ts of the message with that number. Raises NotHeld."""
        for (channel, ts, _), known in self.given.items():
            if known == number:
                return channel, ts
        raise NotHeld(f"No message has the number {number} yet; {len(self.given)} were seen so far.")


@dataclass(slots=True)
class Session:
    """One keyboard: the current person and place, which lines of a scenario move about."""

    world: World
    person: str = "alice"
    channel: str = "C0OPS00001"
    thread: str | None = None
    at_home: bool = False
    """Whether the App Home is what the person looks at."""
    numbers: Numbers = field(default_factory=Numbers)
    pictures: Path | None = None
    """Folder that pictures are drawn into; None where nobody wants any."""

    @property
    def place(self) -> str:
        """The place in words: `#ops`, `#ops, thread 3`, `dm`, `home`."""
        if self.at_home:
            return "home"
        name = self.channel_name(self.channel)
        if self.thread is None:
            return name
        return f"{name}, thread {self._number_of_root()}"

    def _number_of_root(self) -> int:
        return self.numbers.given.get((self.channel, str(self.thread), False), 0)

    def channel_name(self, channel: str) -> str:
        return "dm" if channel.startswith("D") else f"#{self.world.names().get(channel, channel)}"

    def channel_id(self, name: str) -> str:
        """Id of a channel by its name, where `*` stands for anything: then the newest to be found. Raises NotYet."""
        channels = self.world.slack.channels
        if "*" in name:
            fits = [each for each in channels.values() if fnmatchcase(each.name, name) and self.finds(each)]
            name = fits[-1].name if fits else name
        if name not in channels:
            known = ", ".join(
                f"#{channel}" for channel in channels if not channels[channel].id.startswith("D")
            )
            raise NotYet(f"There is no channel #{name}. There are {known}.")
        return channels[name].id

    def finds(self, channel: Channel) -> bool:
        """Whether the current person can find that channel at all."""
        user = self.world.slack.people[self.person]
        return user.id in channel.members or (channel.kind == "channel" and not user.is_restricted)

    def finds_named(self, name: str) -> bool:
        """Whether they can find one of that name, or with a name like it."""
        channels = self.world.slack.channels.values()
        return any(fnmatchcase(each.name, name) and self.finds(each) for each in channels)

    def dm(self, name: str | None = None) -> str:
        """Id of that person's direct messages with the bot."""
        who = name or self.person
        return self.world.ask(lambda: self.world.slack.dm(who))

    def visible(self, spot: Spot = HERE) -> list[Shown]:
        """What the current person sees at that spot, oldest first, replies below their root.

        There are no messages in the Home.
        """
        if self.at_home and spot.kind == "here":
            return []
        channel, thread = self.where(spot)
        names = self.world.reader(self.person)
        found = self.world.seen(self.person, channel, thread)
        return [self._shown(channel, seen, names) for seen in found]

    def whole_channel(self) -> list[Shown]:
        """All that the current person sees in the channel they are in, or in that of their thread."""
        names = self.world.reader(self.person)
        return [self._shown(self.channel, seen, names) for seen in self.world.seen(self.person, self.channel)]

    def _shown(self, channel: str, seen: Seen, names: Reader) -> Shown:
        message = {**seen.message, "files": [self._with_content(file) for file in seen.files]}
        return Shown(self.numbers.of(channel, seen), channel, seen, parts(message, names))

    def _with_content(self, file: dict[str, Any]) -> dict[str, Any]:
        """A file as somebody sees it who opens it."""
        held = self.world.slack.files.held.get(str(file.get("id")))
        return {**file_body(held), "content": held.content} if held and not held.deleted else file

    def where(self, spot: Spot) -> tuple[str, str | None]:
        """Channel and thread of a spot."""
        if spot.kind == "channel":
            return self.channel_id(spot.channel), None
        if spot.kind == "dm":
            return self.dm(), None
        if spot.kind == "thread":
            return self.thread_at(spot.number)
        return self.channel, self.thread

    def thread_at(self, number: int | None, on: str = "") -> tuple[str, str]:
        """The thread of message N, or of the newest that says `on`; without both the current one, else the newest."""
        if number is not None:
            channel, ts = self.numbers.place(number)
            return channel, self._root(channel, ts)
        if on:
            said = self.message(None, lambda one: not one.seen.ephemeral and on in one.words, f'"{on}" in it')
            return said.channel, said.root or said.seen.ts
        if self.thread is not None:
            return self.channel, self.thread
        lasting = [shown for shown in self.visible() if not shown.seen.ephemeral]
        replies = [shown for shown in lasting if shown.root]
        newest = max(replies or lasting, key=lambda shown: shown.seen.ts, default=None)
        if newest is None:
            raise NotYet("There is no message here to open a thread under.")
        return self.channel, newest.root or newest.seen.ts

    def _root(self, channel: str, ts: str) -> str:
        found = next((seen for seen in self.world.seen(self.person, channel) if seen.ts == ts), None)
        return (found.thread_ts if found else None) or ts

    def message(self, number: int | None, fits: Callable[[Shown], bool], what: str) -> Shown:
        """Message N, or without N the newest here that fits. Raises NotHeld, naming `what` was looked for."""
        spot = HERE
        if number is not None:
            channel, _ = self.numbers.place(number)
            spot = Spot("channel", self.world.names().get(channel, "")) if channel[0] == "C" else Spot("dm")
        shown = [one for one in self.visible(spot) if number in (None, one.number) and fits(one)]
        if not shown:
            raise NotHeld(
                f"No message here has {what}." if number is None else f"Message {number} has no {what}."
            )
        return max(shown, key=lambda one: one.seen.ts)

    # Forms and the Home

    def soon(self, is_there: Callable[[], bool]) -> None:
        """Give what a line is about a moment to arrive, as a person would; whether it did, the line finds out."""
        self.world.wait_until(is_there, ARRIVES_WITHIN)

    def form(self) -> dict[str, Any] | None:
        """The form that is open before the current person, with what is in it; None for none."""
        return self.world.ask(lambda: self.world.slack.forms.seen(self.person))

    def form_parts(self) -> tuple[Part, ...]:
        """What the current person sees of it; nothing if none is open."""
        form = self.form()
        return form_parts(form, self.world.reader(self.person)) if form else ()

    def home(self) -> dict[str, Any] | None:
        """The Home of the current person, with what is in it; None if the bot has published none."""
        return self.world.ask(lambda: self.world.slack.home.seen(self.person))

    def home_parts(self) -> tuple[Part, ...]:
        """What the current person sees of it; nothing if there is none."""
        home = self.home()
        return home_parts(home, self.world.slack.bot_name, self.world.reader(self.person)) if home else ()

    def surface(self, kind: str) -> str:
        """The words of the open form or of the Home of the current person; empty if there is none."""
        return words(self.form_parts() if kind == "form" else self.home_parts())
