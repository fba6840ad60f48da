"""What one line of a scenario asks for: a frozen record for each form of line."""

from __future__ import annotations

import re
from dataclasses import dataclass

Seconds = float


@dataclass(frozen=True, slots=True)
class Wanted:
    """A text somebody looks for: exactly as written, or as a pattern."""

    text: str
    is_pattern: bool = False

    def found_in(self, shown: str) -> bool:
        """Whether `shown` holds it; a pattern may match anywhere, `^` and `$` at every line."""
        if self.is_pattern:
            return re.search(self.text, shown, re.MULTILINE) is not None
        return self.text in shown

    def __str__(self) -> str:
        return f"/{self.text}/" if self.is_pattern else f'"{self.text}"'


@dataclass(frozen=True, slots=True)
class Spot:
    """Where to look. `kind` is here, channel, dm, thread, home or form."""

    kind: str = "here"
    channel: str = ""
    number: int | None = None

    def __str__(self) -> str:
        if self.kind == "channel":
            return f"#{self.channel}"
        if self.kind == "thread" and self.number is not None:
            return f"thread {self.number}"
        return self.kind


HERE = Spot()


# What a person does in Slack --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Slash:
    command: str
    """With its slash: `/run`."""
    text: str


@dataclass(frozen=True, slots=True)
class Say:
    text: str


@dataclass(frozen=True, slots=True)
class Broadcast:
    """A reply that its channel sees too."""

    text: str


@dataclass(frozen=True, slots=True)
class Be:
    name: str


@dataclass(frozen=True, slots=True)
class GoChannel:
    channel: str


@dataclass(frozen=True, slots=True)
class GoDM:
    pass


@dataclass(frozen=True, slots=True)
class GoThread:
    number: int | None = None
    on: str = ""
    """What is said in one of its messages, where no number names it."""


@dataclass(frozen=True, slots=True)
class Leave:
    pass


@dataclass(frozen=True, slots=True)
class Press:
    label: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Choose:
    label: str
    option: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Letters:
    """Letters typed into an open menu."""

    label: str
    letters: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Fill:
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Submit:
    pass


@dataclass(frozen=True, slots=True)
class Dismiss:
    pass


@dataclass(frozen=True, slots=True)
class Shortcut:
    name: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class React:
    emoji: str
    number: int | None = None
    removes: bool = False
    on: str = ""
    """What is said in the message, where no number names it."""


@dataclass(frozen=True, slots=True)
class Edit:
    number: int | None
    """None for the newest that is mine."""
    text: str


@dataclass(frozen=True, slots=True)
class Delete:
    number: int | None
    """None for the newest that is mine."""


@dataclass(frozen=True, slots=True)
class Upload:
    path: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class OpenHome:
    pass


@dataclass(frozen=True, slots=True)
class Show:
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """`what` is message, form or home."""

    name: str
    what: str = "message"
    number: int | None = None


# What is looked for -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expect:
    wanted: Wanted
    within: Seconds
    spot: Spot = HERE
    only_me: bool = False
    """Whether nobody else may see it."""


@dataclass(frozen=True, slots=True)
class Refuse:
    wanted: Wanted
    lasts: Seconds = 0
    spot: Spot = HERE


@dataclass(frozen=True, slots=True)
class ExpectGitLab:
    path: str
    wanted: Wanted
    within: Seconds


@dataclass(frozen=True, slots=True)
class ExpectSlack:
    """`what` is topic, purpose, pins, bookmarks, members, channels, reactions or files; `lacks` the opposite."""

    what: str
    wanted: Wanted
    within: Seconds
    number: int | None = None
    lacks: bool = False


@dataclass(frozen=True, slots=True)
class Count:
    side: str
    call: str
    relation: str
    number: int


# What happens around the bot --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class InGitLab:
    what: str
    rest: str


@dataclass(frozen=True, slots=True)
class InSlack:
    what: str
    rest: str


@dataclass(frozen=True, slots=True)
class Break:
    side: str
    how: str
    arg: float | None = None
    seconds: Seconds | None = None
    times: int | None = None


@dataclass(frozen=True, slots=True)
class Mend:
    pass


@dataclass(frozen=True, slots=True)
class MoveClock:
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Bot:
    """`what` is kill, stop or start."""

    what: str


@dataclass(frozen=True, slots=True)
class Wait:
    seconds: Seconds


@dataclass(frozen=True, slots=True)
class Narrate:
    """A comment that begins with `#>`: read aloud, does nothing."""

    text: str


@dataclass(frozen=True, slots=True)
class Help:
    pass


@dataclass(frozen=True, slots=True)
class Quit:
    pass


Act = (
    Slash | Say | Broadcast | Be | GoChannel | GoDM | GoThread | Leave | Press | Choose | Letters | Fill | Submit
    | Dismiss | Shortcut | React | Edit | Delete | Upload | OpenHome | Show | Picture | Expect | Refuse
    | ExpectGitLab | ExpectSlack | Count | InGitLab | InSlack | Break | Mend | MoveClock | Bot | Wait | Narrate | Help
    | Quit
)  # fmt: skip
