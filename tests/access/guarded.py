"""A shop whose people act as themselves, with a policy and a clock of its own, for steps of the ladder."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.deeds import Deed
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.errors import NotLinked
from bot.kit import Kit
from bot.model import Millis, Person
from bot.policy import Policy
from tests.edges import wire
from tests.jobs.stage import OPS, PEOPLE, Shop, shop_at, stage_at

SHOP_ID = 42


@dataclass(frozen=True, slots=True)
class Guarded:
    """The sandbox's GitLab, of which nothing is remembered from one look to the next."""

    shop: Shop
    gitlab_as: Callable[[Person], GitLab]

    def kit(self, now: Millis | None = None, **policy: Any) -> Kit:
        """A kit with this policy, at this moment."""
        kit = self.shop.kit
        return replace(
            kit, config=replace(kit.config, policy=Policy(**policy)), seen=Seen(kit.gitlab, kit.now),
            gitlab_as=self.gitlab_as, now=kit.now if now is None else lambda: now,
        )  # fmt: skip


@contextmanager
def guarded_at(path: Path) -> Iterator[Guarded]:
    """alice, bob and carol are linked to their accounts in the sandbox's GitLab; dave is not."""
    opened: dict[str, GitLab] = {}
    with shop_at(path) as shop:
        fake = shop.gitlab.fake

        def gitlab_as(person: Person) -> GitLab:
            name = next(name for name, one in PEOPLE.items() if one == person)
            if name == "dave":
                raise NotLinked
            known = opened.get(name)
            opened[name] = known or GitLab(fake.url, fake.tokens[name], timeout=(3.0, 5.0), now=shop.clock)
            return opened[name]

        yield Guarded(shop, gitlab_as)
        for one in opened.values():
            one.close()


@contextmanager
def answered(path: Path, script: wire.Script, now: Millis | None = None, **policy: Any) -> Iterator[Kit]:
    """A kit whose GitLab answers by `script`, whoever asks."""
    with wire.serve(script) as server, stage_at(path, server.url) as stage:
        kit = stage.kit
        yield replace(
            kit, config=replace(kit.config, policy=Policy(**policy)), seen=Seen(kit.gitlab, kit.now),
            gitlab_as=lambda person: kit.gitlab, now=kit.now if now is None else lambda: now,
        )  # fmt: skip


def deed(environment: str = "production", tier: str = "", *, name: str = "alice", **more: Any) -> Deed:
    """A deployment of the shop; its tier is looked up unless it is given."""
    known: dict[str, Any] = {"project": "acme/shop", "project_id": SHOP_ID, "risky": True, **more}
    return Deed(("run",), PEOPLE[name], OPS, environment=environment, tier=tier, **known)
