"""A kit in which everybody speaks with GitLab by their own token, as in a house."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace

from bot.edges.gitlab import GitLab
from bot.kit import Kit
from bot.model import Person
from tests.jobs.stage import PEOPLE, Shop


@contextmanager
def everybody(shop: Shop) -> Iterator[Kit]:
    """The kit of a stage, with a connection for each person who asks for one."""
    with ExitStack() as stack:
        speakers: dict[Person, GitLab] = {}

        def speak(person: Person) -> GitLab:
            if person not in speakers:
                speakers[person] = stack.enter_context(closing(edge(shop, person, GitLab)))
            return speakers[person]

        yield replace(shop.kit, gitlab_as=speak)


def through(shop: Shop, kind: type[GitLab]) -> Kit:
    """The same kit, in which everybody speaks through an edge of this kind."""
    return replace(shop.kit, gitlab_as=lambda person: edge(shop, person, kind))


def edge(shop: Shop, person: Person, kind: type[GitLab]) -> GitLab:
    """GitLab as this person."""
    name, fake = next(name for name, one in PEOPLE.items() if one == person), shop.gitlab.fake
    return kind(fake.url, fake.tokens[name], timeout=(3.0, 5.0), now=shop.clock, renew=lambda token: token)
