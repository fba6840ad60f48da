"""What the bot's own token sees of environments, remembered for half a minute and asked for once at a time."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, TypeVar, cast

from bot.edges.gitlab import GitLab
from bot.edges.gitlab_wire import PAGES, PER_PAGE
from bot.environments import Environment, FreezePeriod, Incident, is_open, may_be, most_careful, tier_of
from bot.errors import GitLabSaidNo
from bot.model import Millis, Project

#: How long an answer counts: environments hardly change; a freeze or an incident must be met that began just now,
#: so that only a burst of commands asks once.
TTL_MS: Mapping[str, Millis] = MappingProxyType(
    {
        "project": 30_000,
        "environments": 30_000,
        "environment": 30_000,
        "freeze_periods": 2_000,
        "incidents": 2_000,
    }
)
#: Most answers kept; those that were asked for first go first.
MOST = 1_000
#: A list as long as this has been cut.
_WHOLE = PAGES * PER_PAGE

Answer = TypeVar("Answer")
Key = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question, since when, and its answer once it is there."""

    since: Millis
    answer: Future[Any]


class Seen:
    """For any number of threads: who asks what is being asked waits for that answer, or shares its error.

    Errors are those of GitLab; none is remembered, so whoever asks next asks anew.
    """

    def __init__(self, gitlab: GitLab, now: Callable[[], Millis], *, most: int = MOST) -> None:
        """`most` is how many answers are kept."""
        self._gitlab = gitlab
        self._most = most
        self._now = now
        self._lock = threading.Lock()
        self._asked: OrderedDict[Key, _Asked] = OrderedDict()

    def project(self, project_id: int) -> Project:
        """A project as the bot sees it; raises NotFound if it does not."""
        return self._once(("project", project_id), lambda: self._gitlab.project(project_id))

    def environments(self, project_id: int) -> Sequence[Environment]:
        """All environments of a project, at most 1,000."""
        return self._once(("environments", project_id), lambda: tuple(self._gitlab.environments(project_id)))

    def freeze_periods(self, project_id: int) -> Sequence[FreezePeriod]:
        """The project's deploy freezes, in force or not."""
        return self._once(
            ("freeze_periods", project_id), lambda: tuple(self._gitlab.freeze_periods(project_id))
        )

    def incidents(self, project_id: int) -> Sequence[Incident]:
        """The project's open incidents."""
        return self._once(("incidents", project_id), lambda: tuple(self._gitlab.incidents(project_id)))

    def tier(self, project_id: int, name: str) -> str:
        """The tier of an environment: GitLab's, or what GitLab would give one of this name.

        A name with variables, such as `review/$CI_COMMIT_REF_SLUG`, may be any environment that fits it; the
        tier that asks for the most care counts. Guessed by the name if GitLab does not show the environments.
        """
        try:
            found = self._tiers(project_id, name)
        except GitLabSaidNo as error:
            if error.status not in {403, 404}:
                raise
            found = []
        return most_careful(found) if found else tier_of(name)

    def _tiers(self, project_id: int, name: str) -> list[str]:
        environments = self.environments(project_id)
        found = [one.tier for one in environments if may_be(name, one.name)]
        if found or is_open(name) or len(environments) < _WHOLE:
            return found
        one = self._once(
            ("environment", project_id, name), lambda: self._gitlab.environment(project_id, name)
        )
        return [one.tier] if one else []

    def _once(self, key: Key, ask: Callable[[], Answer]) -> Answer:
        """The remembered answer, the one that is on its way, or a new one."""
        with self._lock:
            known = self._known(key)
            mine = known or self._begin(key)
        if known is None:
            self._answer(key, mine, ask)
        return cast(Answer, mine.answer.result())

    def _known(self, key: Key) -> _Asked | None:
        found = self._asked.get(key)
        if found and found.answer.done() and not 0 <= self._now() - found.since < TTL_MS[str(key[0])]:
            return None
        return found

    def _begin(self, key: Key) -> _Asked:
        self._asked[key] = mine = _Asked(self._now(), Future())
        self._asked.move_to_end(key)
        while len(self._asked) > self._most:
            self._asked.popitem(last=False)
        return mine

    def _answer(self, key: Key, mine: _Asked, ask: Callable[[], Answer]) -> None:
        """Asks, and hands what came to all that wait; a failure is forgotten before they hear of it."""
        try:
            mine.answer.set_result(ask())
        except BaseException as error:  # whatever it is, nobody shall wait for ever
            with self._lock:
                self._asked.pop(key, None)
            mine.answer.set_exception(error)
            raise
