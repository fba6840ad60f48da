"""`environments [environment]`: what runs where, since when and by whom, what is locked, frozen or failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import blocks.environments
from blocks.environments import Row
from bot.access import freezes, ladder
from bot.command import Command, Request
from bot.deeds import Deed, Mark, Step
from bot.environments import Standing
from bot.errors import NotUnderstood
from bot.jobs import environments, projects, standings
from bot.kit import Kit
from bot.model import Message, Project
from bot.words import longhand, quote

#: Deployments of one environment that are shown.
MOST_DEPLOYMENTS = 5


def run(request: Request, kit: Kit) -> Message:
    project = projects.resolve(kit, request)
    ladder.require(kit, Deed(("environments",), request.person, request.place.channel, project=project.path))
    found = standings.refresh(kit, kit.gitlab_as(request.person), project)
    if request.words:
        return _one(request, kit, project, found)
    prefix = _before(request)
    footer = (
        f"`{prefix}environments staging` shows one with its last deployments; `{prefix}deploy main staging` deploys to"
        f" it, `{prefix}rollback staging` takes it back."
    )
    rows, offers = _rows(request, kit, project, found), _offers(request, kit, found)
    return blocks.environments.listed(project.path, rows, offers, kit.now(), footer=footer)


def _before(request: Request) -> str:
    """What this person types before a verb to mean the same project."""
    return longhand(request.prefix) + (f"{request.project} " if request.project else "")


def _one(request: Request, kit: Kit, project: Project, found: Iterable[Standing]) -> Message:
    name = environments.meant(kit, request, project, request.words[0].text)
    one = next((each for each in found if each.name == name), None)
    if one is None:
        raise NotUnderstood(
            f"Nothing was deployed to {name} of {project.path} yet. `{_before(request)}deploy {quote(name)}` does"
            " that."
        )
    deployed = standings.lately(kit.gitlab_as(request.person), project.id, name, MOST_DEPLOYMENTS)
    prefix, quoted = _before(request), quote(name)
    footer = f"`{prefix}deploy {quoted}` and `{prefix}rollback {quoted}` do what the buttons do."
    (row,), offers = _rows(request, kit, project, [one]), _offers(request, kit, [one])
    return blocks.environments.single(row, deployed, offers[name], kit.now(), footer=footer)


def _rows(request: Request, kit: Kit, project: Project, found: Iterable[Standing]) -> list[Row]:
    with kit.store.read() as tx:
        locks = {one.environment: one for one in tx.locks.of_project(project.id)}
        queue = tx.locks.queue(project.id)
    return [
        Row(
            one, locks.get(one.name), tuple(each for each in queue if each.environment == one.name),
            _frozen(request, kit, one),
        )
        for one in found
    ]  # fmt: skip


def _frozen(request: Request, kit: Kit, one: Standing) -> Step | None:
    """What holds an environment back by the calendar."""
    step = freezes.step(kit, _deed(request, one)) if one.state == "available" else None
    return step if step and step.mark is Mark.STOP and not step.passing else None


def _deed(request: Request, one: Standing) -> Deed:
    return Deed(
        ("deploy",), request.person, request.place.channel, project=one.project, project_id=one.project_id,
        environment=one.name, tier=one.tier, risky=True,
    )  # fmt: skip


def _offers(request: Request, kit: Kit, found: Iterable[Standing]) -> Mapping[str, tuple[str, str]]:
    """Keep what the buttons do, and return their ids by environment."""
    made: dict[str, tuple[str, str]] = {}
    with kit.store.write() as tx:
        for n, one in enumerate(found):
            made[one.name] = (f"{request.key}.{n}.deploy", f"{request.key}.{n}.back")
            for offer, verb in zip(made[one.name], ("deploy", "rollback"), strict=True):
                tx.offers.put(offer, f"{one.project} {verb} {quote(one.name)}", kit.now())
    return made


COMMAND = Command(
    "environments",
    "environments [environment]",
    "What runs where, since when and by whom.",
    ("environments", "environments production", "shop environments"),
    run,
    aliases=("envs",),
    in_turn=False,
)
