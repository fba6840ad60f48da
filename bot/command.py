"""The shape of a command: what a person types, presses or fills in, and what then happens."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from bot.deeds import Permit, Verdict
from bot.errors import BotError, LeftOut, NotLinked
from bot.kit import Kit
from bot.ledger import Account, Invitation
from bot.model import Message, Option, Person, Place
from bot.words import Line, Word


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asked for something, by slash command, direct message or mention."""

    key: str
    """What makes this request itself: Slack's trigger or event id. The same key is the same request, for ever."""
    person: Person
    name: str
    """The person's name as Slack shows it."""
    place: Place
    words: tuple[Word, ...]
    """The words after the verb."""
    line: Line
    """The whole line, for what must reach a job just as it was typed."""
    verb: str
    project: str | None
    """The project that was named before the verb, if any."""
    prefix: str
    """What this person types before a verb here: `/gitlab ` in a slash command, nothing in a direct message."""
    verbs: frozenset[str] = frozenset()
    """Every verb there is."""
    permit: Permit = field(default_factory=Permit)
    trigger: str = ""
    """What opens a form, once and within three seconds; empty for what was said in a message, or is done later."""
    attended: bool = True
    """Whether somebody is there to be asked for more; nobody is for what recurs."""


@dataclass(frozen=True, slots=True)
class Click:
    """Somebody pressed a button."""

    key: str
    person: Person
    name: str
    place: Place
    value: str
    """An id of ours: buttons carry nothing else."""
    thread: str | None = None
    """The message the button is on, or the thread it stands in: where an answer to the click belongs."""
    prefix: str = "/gitlab "
    permit: Permit = field(default_factory=Permit)
    trigger: str = ""
    """What opens a form, once and within three seconds of the press; empty when it is done later."""
    block: str = ""
    """Id of the block the button or select stands in."""
    view: str = ""
    """Id of the form, or of the Home, that it stands in; empty for a message."""
    about: str = ""
    """The value of that form, as in Form.value."""
    values: Mapping[str, str] = field(default_factory=dict)
    """What is filled in so far in that form, as in Form."""


@dataclass(frozen=True, slots=True)
class By:
    """Who did something, and where: what is left of a request when its outcome is told."""

    key: str
    """Of the request, or of the change that it made: done again after a crash, it is told once."""
    person: Person
    name: str
    place: Place


def by(asked: Request | Click) -> By:
    """Return who asks."""
    return By(asked.key, asked.person, asked.name or asked.person.id, asked.place)


@dataclass(frozen=True, slots=True)
class Pointed:
    """The message that a message shortcut was used on, as Slack described it then."""

    channel: str
    ts: str
    thread: str | None
    person: str
    """Slack id of who wrote it; empty for a bot without one."""
    text: str
    blocks: tuple[Mapping[str, Any], ...] = ()
    files: tuple[Mapping[str, Any], ...] = ()
    bot: str = ""
    """Id of the bot that wrote it; empty for a person."""


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Somebody used one of our shortcuts."""

    key: str
    person: Person
    name: str
    place: Place
    """Where the message is; for a shortcut that needs none, the person's direct messages."""
    trigger: str
    message: Pointed | None = None
    prefix: str = "/gitlab "
    permit: Permit = field(default_factory=Permit)


@dataclass(frozen=True, slots=True)
class Letters:
    """Somebody types into a select, and Slack waits for what fits."""

    person: Person
    place: Place
    typed: str
    value: str
    """That of the form it stands in; for a word that was left out, the context of the question."""
    block: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """Somebody sent a form in."""

    key: str
    person: Person
    name: str
    place: Place
    """Where the form was opened from."""
    value: str
    """An id of ours, as in a button."""
    values: Mapping[str, str]
    """What was filled in, by the block ids of the fields; a list is one value a line."""
    prefix: str = "/gitlab "
    permit: Permit = field(default_factory=Permit)


@dataclass(frozen=True, slots=True)
class Heard:
    """Something was said or done in a channel that is a room of an incident, and not by us."""

    key: str
    """Slack's event id: what is delivered again has the same one."""
    kind: str
    """
    said, edited or deleted: a message; an edit may be no more than a preview of a link.
    reacted or unreacted: an emoji. topic, renamed, archived (or deleted), unarchived: the channel.
    joined or left: somebody; bot_joined or bot_left: we ourselves. unpinned: a message.
    moved: the channel has another id from now on. converted: it is private or public from now on.
    """
    team: str
    """Workspace of that person, if Slack says so; else ours."""
    person: str
    """
    Slack id of who did it; empty for a bot without one, and where Slack does not say.

    Of bot_joined it is who let us in; of deleted the author, since Slack does not say who took a message away. So
    what we rename or delete ourselves is heard as well.
    """
    channel: str
    ts: str
    """Of the message it is about; empty for what is about none."""
    thread: str | None
    """The thread that message stands in; None for one in the channel itself, and where Slack does not say."""
    at: str
    """When it happened, as a timestamp of Slack's."""
    text: str = ""
    """The text; the new topic or name; the name of the emoji, without colons; the new id; private or public."""
    blocks: tuple[Mapping[str, Any], ...] = ()
    files: tuple[Mapping[str, Any], ...] = ()
    attachments: tuple[Mapping[str, Any], ...] = ()
    bot: str = ""
    """Id of the bot that wrote the message; empty for a person."""
    subtype: str = ""
    """Slack's subtype of the message, such as thread_broadcast; empty for none."""
    is_stranger: bool = False
    """Whether that person belongs to another company, if Slack says so: of reactions it does not."""
    before: str | None = None
    """The text before it was edited or deleted; None where Slack does not say."""


@dataclass(frozen=True, slots=True)
class Command:
    """One feature. `run`, buttons and forms return what only the asker sees; None if a card says it all."""

    name: str
    usage: str
    summary: str
    examples: tuple[str, ...]
    """Whole commands without the slash; a test parses each."""
    run: Callable[[Request, Kit], Message | None]
    aliases: tuple[str, ...] = ()
    buttons: Mapping[str, Callable[[Click, Kit], Message | None]] = field(default_factory=dict)
    """By action id, `<command>.<verb>`."""
    forms: Mapping[str, Callable[[Form, Kit], Message | None]] = field(default_factory=dict)
    """By callback id, `<command>.<verb>`."""
    checks: Mapping[str, Callable[[Form, Kit], Mapping[str, str]]] = field(default_factory=dict)
    """By callback id: what is wrong with a form, by the ids of its blocks, while it is still open. Slack waits for it,
    so that it reads the store and asks nobody."""
    shortcuts: Mapping[str, Callable[[Shortcut, Kit], Message | None]] = field(default_factory=dict)
    """By callback id, `<command>.<verb>`, as the manifest names it."""
    options: Mapping[str, Callable[[Letters, Kit], Sequence[Option]]] = field(default_factory=dict)
    """By action id, `pick.<noun>`: what fits the letters typed into a select. Slack waits for it, as for a check."""
    home: Callable[[Person, Kit], None] | None = None
    """Called when somebody opens the Home; one command has it."""
    hears: Callable[[Heard, Kit], None] | None = None
    """Called with what happens in the rooms of `kit.rooms`, in order in each of them; one command has it. It may be
    called again with the same key, after a crash or when the store fails."""
    caught: Callable[[Kit], None] | None = None
    """Called when Slack speaks to us again after it could not, and at the start; hands what takes time to kit.apart."""
    in_turn: bool = True
    """Whether it waits for what the same person asked before: `cancel` right after `run` has to mean that run."""
    changes: bool = False
    """Whether it changes something: then `--dry-run`, `--reason` and `--override` are read, and its own code climbs
    the ladder with all it knows. What changes nothing is looked at by the router alone."""
    for_admins: bool = False
    """Whether only those named in `access.admins` may use it; to others `help` does not show it."""
    always: bool = False
    """Whether no rule can take it away: help, and what connects an account."""
    tick: Callable[[Kit], None] | None = None
    """Called about once a second; looks at what is due and returns soon."""


class Voice(Protocol):
    """How the bot answers when a command did not; handed in, since the doors do not know `blocks`."""

    def problem(self, error: BotError, *, typed: str, offers: Sequence[tuple[str, str]] = ()) -> Message: ...

    def broken(self, reference: str) -> Message: ...

    def slow(self) -> Message: ...

    def halted(self, verdict: Verdict, kept: str, *, dry_run: bool) -> Message:
        """The ladder of a deed that was not done; `kept` is the value of the buttons that help."""
        ...

    def pick(self, error: LeftOut, offer: str, *, typed: str) -> Message:
        """A question with what can be picked; `offer` is the id under which the rest of the command is kept."""
        ...

    def connect(self, error: NotLinked, invitation: Invitation) -> Message:
        """How to connect an account, after a request that needs one."""
        ...

    def lost(self, account: Account) -> Message:
        """What is told, once, to somebody whose account has to be connected again."""
        ...
