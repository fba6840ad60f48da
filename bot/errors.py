"""What may go wrong in words a person can read.

The docstring of each class is its default sentence: what happened, which value, what to do next.
"""

from __future__ import annotations

from typing import NamedTuple

from bot.model import Option


class Helps(NamedTuple):
    """A button under a sentence that says what went wrong."""

    label: str
    action: str
    value: str


class BotError(Exception):
    """Something went wrong. Please try again."""

    def __init__(self, sentence: str | None = None) -> None:
        super().__init__(sentence or type(self).__doc__)

    @property
    def sentence(self) -> str:
        return str(self)


class NotUnderstood(BotError):
    """I do not understand that. Type `help` to see what I can do."""

    def __init__(
        self, sentence: str | None = None, *, suggestions: tuple[str, ...] = (), helps: Helps | None = None
    ) -> None:
        """`suggestions` are whole commands, each of which the parser accepts; `helps` is what helps beside them."""
        super().__init__(sentence)
        self.suggestions, self.helps = suggestions, helps


class StillReading(BotError):
    """That is being read from GitLab right now. Please type on in a moment."""


class LeftOut(NotUnderstood):
    """Something is left out. Pick it, or type it."""

    def __init__(
        self, sentence: str | None = None, *, before: str, after: str = "", options: tuple[Option, ...] = (),
        source: str = "", context: str = "",
    ) -> None:  # fmt: skip
        """
        What is picked goes, as one word, between `before` and `after`: together they are a command.

        What can be picked are `options`, or else what `source` (a key of some command's `options`, without `pick.`)
        finds for the letters somebody types; `context` is handed to it, such as a project's id.
        """
        super().__init__(sentence)
        self.before, self.after, self.context = before, after, context
        self.options, self.source = options, source


class Refused(BotError):
    """You may not do this."""


class ConfigError(BotError):
    """The configuration is wrong."""


class GitLabError(BotError):
    """GitLab could not do that."""


class GitLabUnreachable(GitLabError):
    """GitLab did not answer. Try again in a moment."""

    def __init__(self, sentence: str | None = None, *, sent: bool = True) -> None:
        """`sent` tells whether the request may have reached GitLab: then its outcome is not known."""
        super().__init__(sentence)
        self.sent = sent


class GitLabBusy(GitLabError):
    """GitLab asks me to slow down. Try again in a minute."""

    def __init__(self, sentence: str | None = None, *, retry_after: float = 60) -> None:
        """`retry_after` in seconds, from GitLab's Retry-After header."""
        super().__init__(sentence)
        self.retry_after = retry_after


class GitLabSaidNo(GitLabError):
    """GitLab refused that."""

    def __init__(self, sentence: str | None = None, *, status: int = 0, reason: str = "") -> None:
        """`status` is the HTTP status, `reason` GitLab's own words, flattened to one line."""
        super().__init__(sentence)
        self.status = status
        self.reason = reason


class NotFound(GitLabSaidNo):
    """GitLab does not know that, or will not show it to me."""


class NotSupported(GitLabSaidNo):
    """This GitLab cannot do that: its version or its licence lacks it, or the project has it switched off."""


class TokenRejected(GitLabSaidNo):
    """GitLab does not accept my token any more. Whoever runs me has to set a new `gitlab.token`."""


class SlackError(BotError):
    """Slack could not do that."""

    def __init__(self, sentence: str | None = None, *, code: str = "") -> None:
        """`code` is Slack's own error code, such as not_in_channel."""
        super().__init__(sentence)
        self.code = code


class SlackBusy(SlackError):
    """Slack asks me to slow down."""

    def __init__(self, sentence: str | None = None, *, retry_after: float = 30) -> None:
        super().__init__(sentence, code="ratelimited")
        self.retry_after = retry_after


class SlackUnreachable(SlackError):
    """Slack did not answer."""

    def __init__(self, sentence: str | None = None, *, sent: bool = True) -> None:
        """`sent` tells whether the request may have reached Slack: then its outcome is not known."""
        super().__init__(sentence)
        self.sent = sent


class StoreError(BotError):
    """I could not write to my storage. Whoever runs me has to look at the disk."""


class StoreBusy(StoreError):
    """Another Signalbox already uses this store."""


class NotLinked(Refused):
    """Connect your GitLab account first: type `link`."""


class LinkLost(NotLinked):
    """GitLab no longer accepts the connection to your account. Connect it again: type `link`."""

    def __init__(self, sentence: str | None = None, *, letter: str = "") -> None:
        """`letter` is the id of the message that is about to tell its owner; who tells them now strikes it out."""
        super().__init__(sentence)
        self.letter = letter
