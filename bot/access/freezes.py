"""The step of the ladder that asks whether an environment is frozen, by GitLab's freeze periods or our windows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot import windows
from bot.access.conditions import matches
from bot.access.tiers import tier
from bot.deeds import Deed, Mark, Step
from bot.environments import FreezePeriod, is_open, may_be
from bot.errors import GitLabBusy, GitLabError, GitLabSaidNo, GitLabUnreachable
from bot.kit import Kit
from bot.model import Millis
from bot.policy import FreezeWindow
from bot.text import duration, one_line, plural

NAME = "freeze"
PRODUCTION = "production"
#: A freeze that begins within this time is told of beforehand.
SOON_MS: Millis = 24 * 3_600_000
#: Most characters of a name or an expression that are repeated.
SHOWN = 80


@dataclass(frozen=True, slots=True)
class _Freeze:
    """A freeze that concerns the deed, as it is now."""

    name: str
    """In words: “weekend”, or what GitLab has."""
    state: windows.State


@dataclass(slots=True)
class _Found:
    """What was found out about freezes, and what could not be."""

    freezes: list[_Freeze]
    unclear: list[str]
    """Sentences: what I cannot read, or may not."""


def step(kit: Kit, deed: Deed) -> Step:
    """
    Return whether a freeze holds the deed back, with the moment it ends.

    GitLab's own periods are the project's, and GitLab leaves it to each job what to do about `CI_DEPLOY_FREEZE`
    (doc/user/project/releases, deploy freeze). Here they hold back the production tier alone: a freeze that
    stopped staging too would keep people from preparing the very fix it may be overridden for. Who wants more
    frozen declares a window that names it. A freeze that cannot be read holds nothing back, and that is said.
    """
    where, now = one_line(deed.environment, SHOWN), kit.now()
    try:
        found = _Found([], [])
        _ours(kit, deed, now, found)
        stopped = _stopped(where, found)
        if stopped:
            return stopped
        _gitlabs(kit, deed, now, found)
    except GitLabError as error:
        said = f"I could not ask GitLab whether {where} is frozen. {error.sentence}"
        return Step(NAME, Mark.STOP, said, passing=isinstance(error, (GitLabUnreachable, GitLabBusy)))
    return _stopped(where, found) or _free(where, found, now)


def _ours(kit: Kit, deed: Deed, now: Millis, found: _Found) -> None:
    """The windows of the configuration."""
    for window in kit.config.policy.freezes:
        if _concerns(kit, window, deed):
            name = f"“{one_line(window.name, SHOWN)}”"
            _read(found, name, (window.start, window.end, window.timezone), now)


def _concerns(kit: Kit, window: FreezeWindow, deed: Deed) -> bool:
    if window.projects and not matches(window.projects, deed.project):
        return False
    if not window.environments:
        return _is_production(kit, deed)
    where = deed.environment
    # Only the job knows what a name with variables becomes: what it may become is frozen, too.
    return matches(window.environments, where) or (
        is_open(where) and any(may_be(where, one) for one in window.environments)
    )


def _gitlabs(kit: Kit, deed: Deed, now: Millis, found: _Found) -> None:
    """GitLab's periods. Raises GitLab's errors if it does not answer."""
    if not kit.config.policy.gitlab_freezes or not _is_production(kit, deed):
        return
    try:
        periods = kit.seen.freeze_periods(deed.project_id)
    except GitLabSaidNo as error:
        if error.status not in {403, 404}:
            raise
        found.unclear.append(
            f"GitLab does not show me the freeze periods of {one_line(deed.project, SHOWN)}."
        )
        return
    for period in periods:
        _read(found, _named(period), (period.start, period.end, period.timezone), now)


def _named(period: FreezePeriod) -> str:
    """GitLab's periods have no names."""
    return one_line(f"GitLab's freeze period `{period.start}` to `{period.end}`", 2 * SHOWN)


def _read(found: _Found, name: str, when: tuple[str, str, str], now: Millis) -> None:
    try:
        found.freezes.append(_Freeze(name, windows.read(*when).at(now)))
    except windows.Unreadable as error:
        why = one_line(error.sentence, 2 * SHOWN)
        found.unclear.append(f"I cannot read {name}, so it holds nothing back: {why}")


def _is_production(kit: Kit, deed: Deed) -> bool:
    return (deed.tier or tier(kit, deed.project_id, deed.environment)) == PRODUCTION


# In words -------------------------------------------------------------------------------------------------------


def _stopped(where: str, found: _Found) -> Step | None:
    """The freeze that lasts longest speaks for all that are in force."""
    holding = [one for one in found.freezes if one.state.in_force]
    if not holding:
        return None
    longest = max(holding, key=lambda one: (one.state.until is None, one.state.until or 0))
    others = f" and {plural(len(holding) - 1, 'other freeze')}" if len(holding) > 1 else ""
    said = f"{where} is frozen by {longest.name}{others}."
    return Step(NAME, Mark.STOP, said, until=longest.state.until, remedy="override")


def _free(where: str, found: _Found, now: Millis) -> Step:
    coming = " ".join(_coming(found.freezes, now))
    if found.unclear:
        return Step(NAME, Mark.WARN, " ".join(filter(None, (*found.unclear, coming))))
    return Step(NAME, Mark.FINE, f"{where} is not frozen. {coming}".rstrip())


def _coming(freezes: Iterable[_Freeze], now: Millis) -> Iterator[str]:
    """The next freeze, if it begins within a day; a span, since moments are shown in the reader's own time."""
    begins = [(one.state.until - now, one.name) for one in freezes if one.state.until is not None]
    for span, name in sorted(begins)[:1]:
        if span <= SOON_MS:
            yield f"{name} begins in {duration(span)}."
