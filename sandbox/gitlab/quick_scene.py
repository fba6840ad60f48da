"""Where quick actions are run, and what is noted down of them (app/services/quick_actions/interpret_service.rb)."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.gitlab.issue_rights import is_planner, may_edit
from sandbox.gitlab.issues import Issue
from sandbox.gitlab.nouns import Person, Project
from sandbox.gitlab.people import level
from sandbox.gitlab.state import State
from sandbox.gitlab.tracker import Tracker

LABEL = re.compile(r'~?"([^"]+)"|~?([^\s~"]+)')


@dataclass(slots=True)
class Effects:
    """The changes, named as the parameters of an update, and the sentences of those that were made."""

    changes: dict[str, Any] = field(default_factory=dict)
    messages: list[str] = field(default_factory=list)
    executed: int = 0

    def add(self, message: str | None, **changes: Any) -> None:
        """Note one action down. Lists grow, other values are replaced."""
        self.executed += 1
        self.messages += [message] if message else []
        for name, value in changes.items():
            grows = name in ("add_labels", "remove_labels")
            self.changes[name] = [*self.changes.get(name, []), *value] if grows else value


@dataclass(frozen=True, slots=True)
class Scene:
    """Where actions are run: by whom, in which project, on which issue (None while it is being made)."""

    state: State
    project: Project
    person: Person
    issue: Issue | None
    now: float

    @property
    def tracker(self) -> Tracker:
        return self.state.tracker

    @property
    def manages(self) -> bool:
        """On a new issue every member may label, assign and plan (app/policies/issue_policy.rb)."""
        return is_planner(self.person, self.project) or (
            self.issue is None and level(self.person, self.project) > 0
        )

    @property
    def edits(self) -> Issue | None:
        """The issue, if it is there already and theirs to edit."""
        return self.issue if self.issue is not None and may_edit(self.person, self.issue) else None

    def labels(self, text: str) -> list[str]:
        """The names in `~bug ~"needs triage"` that the project has: actions make no labels."""
        known = self.tracker.labels_of(self.project)
        return [name for pair in LABEL.findall(text) for name in pair if name in known]


Doing = Callable[[Scene, str, Effects], None]
