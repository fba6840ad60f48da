"""`whoami`: who I am to GitLab, and what I may do here by which rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import blocks.whoami
import commands
from bot.access import facts, grants
from bot.access.conditions import role_name
from bot.access.decide import Decision, Tried, attempt, decide, kinds
from bot.access.facts import Live
from bot.command import Command, Request
from bot.deeds import Deed
from bot.jobs import projects
from bot.kit import Kit
from bot.ledger import Grant, Lock
from bot.model import Message, Person
from bot.policy import ALLOW, APPROVE, CONFIRM, DENY, Rule
from bot.words import longhand

#: What each outcome is called before the rule that made it.
_OUTCOMES = {
    ALLOW: "allowed",
    DENY: "denied",
    CONFIRM: "allowed once you confirm it",
    APPROVE: "allowed with an approval",
}
_ALWAYS = "always allowed"


def run(request: Request, kit: Kit) -> Message:
    path = projects.checked(kit, request) or projects.of_place(kit, request.person, request.place) or ""
    deed = Deed(("whoami",), request.person, request.place.channel, project=path)
    known = facts.live(kit, deed)
    granted = grants.in_force(kit, request.person)
    groups = {name: known.belongs(f"{facts.GROUP}{name}") for name in kit.config.policy.groups}
    may, depends = _may(kit, deed, known, granted)
    one = blocks.whoami.Self(
        request.person.id, known.account(), project=path, role=_role(known, path),
        groups=[name for name, inside in groups.items() if inside],
        unsure=[name for name, inside in groups.items() if inside is None],
        may=may, depends=depends, grants=granted, locks=_locks(kit, request.person, path),
    )  # fmt: skip
    return blocks.whoami.shown(one, prefix=longhand(request.prefix), now=kit.now())


def _role(known: Live, path: str) -> str:
    role = known.role() if path else None
    return "" if role is None else role_name(role)


def _may(
    kit: Kit, deed: Deed, known: Live, granted: Sequence[Grant]
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the commands by what is decided about each, and the rules that look at more than is known yet."""
    may: dict[str, list[str]] = {}
    depends: dict[str, None] = {}
    for command in commands.load():
        one = replace(deed, commands=kinds(command.name))
        decision = decide(kit.config.policy, one, known, granted)
        may.setdefault(_ALWAYS if command.always else _said(decision), []).append(command.name)
        if not command.always:
            depends |= dict.fromkeys(_more(decision.tried, one, known, granted))
    return may, list(depends)


def _said(decision: Decision) -> str:
    by = f"rule “{decision.rule.name}”" if decision.rule else "default"
    return f"{_OUTCOMES[decision.then]} by {by}"


def _more(tried: Iterable[Tried], deed: Deed, known: Live, granted: Sequence[Grant]) -> list[str]:
    """Name the rules that do not fit only since nothing is said yet of a job, an environment and so on."""
    looked = ((one.rule, _bare(one.rule)) for one in tried if not one.counts)
    return [rule.name for rule, bare in looked if bare != rule and attempt(bare, deed, known, granted).counts]


def _bare(rule: Rule) -> Rule:
    return replace(rule, jobs=(), environments=(), tiers=(), refs=(), arguments={})


def _locks(kit: Kit, person: Person, path: str) -> list[Lock]:
    """What somebody holds in the project meant here, whose id the last run there knows."""
    if not path:
        return []
    with kit.store.read() as tx:
        last = tx.runs.recent(None, project=path, limit=1)
        held = tx.locks.of_project(last[0].project_id) if last else []
    return [lock for lock in held if lock.person == person]


COMMAND = Command(
    "whoami", "whoami", "Who you are to GitLab, and what you may do here.", ("whoami", "shop whoami"), run,
    in_turn=False, always=True,
)  # fmt: skip
