"""A stage on which everybody has a GitLab account of their own, with merge requests to act upon."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import blocks.merge_request
import commands.mr
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.merge_requests import MergeCard, Reference
from bot.model import Message
from tests.jobs.speaking import everybody, through
from tests.jobs.stage import Shop, shop_at

SITE = "acme/site"


@dataclass(frozen=True, slots=True)
class Reviews(Shop):
    """What tests of merge requests do again and again; all of them are in acme/site, whose pushes start no pipeline."""

    def open(self, branch: str = "fix", project: str = SITE, **more: str) -> Reference:
        """Bob asks for a branch of his to be merged."""
        self.act(f"push {branch} {project}", "bob")
        given = " ".join(f"{name}={value}" for name, value in more.items())
        self.act(f"mr {branch} Work on {branch} project={project} {given}", "bob")
        found = self.gitlab.project(project)
        return Reference(
            found.id, project, found.mergerequests.list(get_all=False, order_by="created_at")[0].iid
        )

    def state(self, about: Reference) -> str:
        """What GitLab says of it."""
        found = self.gitlab.project(about.project).mergerequests.get(about.iid)
        return str(found.state)

    def cards(self, about: Reference) -> list[MergeCard]:
        """Its living cards."""
        with self.store.read() as tx:
            return tx.merge_cards.of(about)

    def shown(self, about: Reference) -> Message:
        """What its newest living card is to show."""
        with self.store.read() as tx:
            card = tx.cards.get(self.cards(about)[0].id)
        assert card is not None
        return letters.load(card.wanted)

    def tick(self) -> None:
        """What the clock does for merge requests."""
        commands.mr.tick(self.kit)

    def decisions(self) -> list[tuple[str, str]]:
        """What the audit trail tells."""
        with self.store.read() as tx:
            return [(one.decision, one.subject) for one in tx.audit.since(0)]


def aim_of(message: Message | None) -> str:
    """What the buttons of a card carry."""
    assert message is not None
    rows = [block["elements"] for block in message.blocks if block["type"] == "actions"]
    own = (blocks.merge_request.APPROVE, blocks.merge_request.UNAPPROVE, blocks.merge_request.SHARE)
    return str(next(one["value"] for row in rows for one in row if one["action_id"] in own))


def speaking(shop: Reviews, kind: type[GitLab]) -> Reviews:
    """The same stage, on which everybody speaks with GitLab through an edge of this kind."""
    return replace(shop, kit=through(shop, kind))


@contextmanager
def reviews_at(tmp_path: Path) -> Iterator[Reviews]:
    """The bot's rooms with the sandbox's GitLab behind them, each person with their own token."""
    with shop_at(tmp_path) as stage, everybody(stage) as kit:
        yield Reviews(kit, stage.clock, gitlab=stage.gitlab)
