"""What the file says of incidents: where they live, what of them is told where, and when somebody is nudged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from bot import values
from bot.config import kinds
from bot.config.reading import Reading, shown
from bot.errors import ConfigError
from bot.values import Source
from bot.values import read_by as _by

#: What of the talk in a room reaches its issue: what is marked, all of it as internal notes, or all of it.
CURATED, FULL_INTERNAL, FULL = "curated", "full-internal", "full"
#: When an incident lives in a thread of the announcement channel instead of a channel of its own.
NEVER, LOW, ALWAYS = "never", "low", "always"
#: What becomes of the copy of a text that was deleted where it was written.
TOMBSTONE, REMOVE = "tombstone", "remove"
#: Severities, from the worst; GitLab has four besides "unknown" (app/models/concerns/issuable_severity.rb).
WORST, LEAST = 1, 4
#: A year: whoever wants rooms to stay open says 0.
MOST_DAYS = 365
#: A week between two updates; who waits longer for one has no incident.
MOST_BETWEEN = 7 * 24 * 60
#: Slack's names of channels hold 80 of these (slack-platform.md 2.4); most are left to the title.
_PREFIX = re.compile(r"[a-z0-9-]{1,20}")
#: Names of emoji as reactions carry them, without colons; they have no capital letters (slack-platform.md 2.4).
_EMOJI = re.compile(r"[\w+'-]{1,100}")
#: Slack's ids of people and of user groups (slack-platform.md 3).
_INVITED = re.compile(r"[UWS][A-Z0-9]{6,}")
#: GitLab takes 255 characters for a label and no comma (app/models/label.rb); the state comes behind the prefix.
_MOST_LABEL = 50
#: Ends the name of each key that holds an emoji.
_OF_EMOJI = "_emoji"


def _text(pattern: re.Pattern[str], rule: str) -> values.Read:
    """Text that fits `pattern`, which `rule` says in words."""

    def read(_source: Source, key: str, value: Any, _required: bool) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise ConfigError(f"{key} is {shown(value)}. Write {rule}.")
        return value

    return read


def _project(_source: Source, key: str, value: Any, _required: bool) -> str:
    """The full path of a project, or nothing."""
    return _path(key, value) if value != "" else ""


def _path(key: str, value: Any) -> str:
    if not isinstance(value, str) or not values.PROJECT_PATH.fullmatch(value):
        raise ConfigError(
            f"{key} holds {shown(value)}, which is not the full path of a project."
            ' Write it as in GitLab: "group/project".'
        )
    return value


def _invited(key: str, value: Any) -> str:
    if not isinstance(value, str) or not _INVITED.fullmatch(value):
        raise ConfigError(
            f"{key} holds {shown(value)}. Write Slack's id of a person (U0123456789) or of a user group (S0123456789)."
        )
    return value


def _emoji(_source: Source, key: str, value: Any, _required: bool) -> str:
    """The name of an emoji, as Slack tells of it."""
    if not isinstance(value, str) or not _EMOJI.fullmatch(value) or value != value.lower():
        raise ConfigError(
            f'{key} is {shown(value)}. Write the name of an emoji in small letters and without colons: "pushpin".'
        )
    return value


def _label(_source: Source, key: str, value: Any, _required: bool) -> str:
    fine = isinstance(value, str) and value.strip() == value and value.isprintable() and "," not in value
    if not fine or not 0 < len(value) <= _MOST_LABEL:
        raise ConfigError(
            f'{key} is {shown(value)}. Write 1 to {_MOST_LABEL} characters without a comma, such as "Incident".'
        )
    return str(value)


def _minutes(source: Source, key: str, value: Any, required: bool) -> tuple[int, ...]:
    """Minutes for each severity, from the worst."""
    if not isinstance(value, list | tuple) or len(value) != LEAST:
        raise ConfigError(
            f"{key} is {shown(value)}. Write a list of four numbers of minutes, for severities 1 to 4."
        )
    read = values.number(int, 1, MOST_BETWEEN)
    return tuple(read(source, f"{key}[{at}]", each, required) for at, each in enumerate(value, WORST))


_POLICY = values.choice(CURATED, FULL_INTERNAL, FULL)


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentsConfig:
    """How incidents are kept in Slack and in GitLab."""

    project: str = field(metadata=_by(_project), default="")
    """Full path of the project where incidents are declared when none is named; empty for none."""
    announce: str = field(metadata=_by(kinds.maybe_channel), default="")
    """Slack id of the channel where incidents are announced; empty: they are announced nowhere."""
    prefix: str = field(
        metadata=_by(_text(_PREFIX, "1 to 20 small letters a to z, digits and dashes")), default="inc"
    )
    """What the names of their channels begin with."""
    invite: tuple[str, ...] = field(metadata=_by(values.many(_invited)), default=())
    """Slack ids of people and user groups who are invited to every one."""
    private: bool = field(metadata=_by(values.flag), default=False)
    """Whether an incident is private unless its declarer says otherwise."""
    threads: str = field(metadata=_by(values.choice(NEVER, LOW, ALWAYS)), default=NEVER)
    """Which live in a thread of the announcement channel: none, those of severity 3 and 4, or all."""
    policy_public: str = field(metadata=_by(_POLICY), default=CURATED)
    """What of the talk reaches the issue in a project that everybody can read."""
    policy_private: str = field(metadata=_by(_POLICY), default=FULL_INTERNAL)
    """The same for private projects and confidential incidents."""
    deletes: str = field(metadata=_by(values.choice(TOMBSTONE, REMOVE)), default=TOMBSTONE)
    """What becomes of the copy of a text that was deleted."""
    archive_days: int = field(metadata=_by(values.number(int, 0, MOST_DAYS)), default=14)
    """Days until the channel of a closed incident is archived; 0 for never."""
    timeline_emoji: str = field(metadata=_by(_emoji), default="pushpin")
    internal_emoji: str = field(metadata=_by(_emoji), default="star")
    task_emoji: str = field(metadata=_by(_emoji), default="hammer")
    hypothesis_emoji: str = field(metadata=_by(_emoji), default="bulb")
    decision_emoji: str = field(metadata=_by(_emoji), default="white_check_mark")
    cause_emoji: str = field(metadata=_by(_emoji), default="rewind")
    done_emoji: str = field(metadata=_by(_emoji), default="ballot_box_with_check")
    label_prefix: str = field(metadata=_by(_label), default="Incident")
    """The scope of the labels of an incident's state: `Incident::Active`."""
    review_severity: int = field(metadata=_by(values.number(int, WORST, LEAST)), default=2)
    """The least severe that has to have a review."""
    watch_only: tuple[str, ...] = field(metadata=_by(values.many(_path)), default=())
    """Full paths of projects whose incidents get a card in `announce` and no channel of their own."""
    update_minutes: tuple[int, ...] = field(metadata=_by(_minutes), default=(10, 15, 30, 60))
    """Minutes between two updates for severities 1 to 4, while nobody has said the cause."""
    monitoring_minutes: tuple[int, ...] = field(metadata=_by(_minutes), default=(30, 60, 60, 120))
    """The same once it is only watched whether it stays well."""

    def emoji(self) -> Mapping[str, str]:
        """Return what each mark means, by the name of its emoji: `timeline`, `internal`, `task` and so on."""
        names = [each.name for each in fields(self) if each.name.endswith(_OF_EMOJI)]
        return MappingProxyType({getattr(self, name): name.removesuffix(_OF_EMOJI) for name in names})


def check_incidents(reading: Reading, incidents: IncidentsConfig | None) -> None:
    """Refuse an emoji with two meanings, and cards and threads that have no channel; None holds mistakes already."""
    if incidents is None:
        return
    first: dict[str, str] = {}
    for name in (each.name for each in fields(incidents) if each.name.endswith(_OF_EMOJI)):
        emoji = getattr(incidents, name)
        other = first.setdefault(emoji, name)
        if other != name:
            reading.problem(
                ("incidents", name),
                f"is {shown(emoji)}, as incidents.{other} is. Take another emoji for one.",
            )
    if incidents.announce:
        return
    for name, wanted in (("threads", incidents.threads != NEVER), ("watch_only", incidents.watch_only)):
        if wanted:
            reading.problem(
                ("incidents", name),
                f"is {shown(getattr(incidents, name))}, but incidents.announce is empty."
                " Set that to the id of a channel.",
            )
