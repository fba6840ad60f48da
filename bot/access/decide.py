"""What the policy says of a deed: the first rule that fits decides, and every rule that was tried says why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.access.conditions import Condition, Facts, conditions
from bot.deeds import Deed
from bot.ledger import Grant
from bot.policy import ALLOW, APPROVE, CONFIRM, DENY, Policy, Rule

#: What else a command counts as, so that a rule about `run` is not got round by another word for it.
KINDS = {"retry": ("run",), "again": ("run",), "deploy": ("run",), "rollback": ("deploy", "run")}


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule that was looked at."""

    rule: Rule
    fits: bool | None
    """None if something is not known: then an allow does not count, and anything else does."""
    why: str
    """Why it fits or not, in plain words."""

    @property
    def counts(self) -> bool:
        """Whether this rule decides."""
        return self.rule.then != ALLOW if self.fits is None else self.fits


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to be done with a deed."""

    then: str
    """allow, deny, confirm or approve."""
    rule: Rule | None
    """The rule that decided; None for the policy's default."""
    tried: tuple[Tried, ...]
    """Every rule that was looked at, the one that decided last."""


#: What counts as starting a job: a rule that asks somebody first means this unless it names its commands, so that
#: nobody has to wait for an approval to cancel a job, or to lock an environment.
STARTS = "run"


def kinds(command: str) -> tuple[str, ...]:
    """Return what a command counts as in rules, its own name first."""
    return (command, *KINDS.get(command, ()))


def decide(policy: Policy, deed: Deed, facts: Facts, grants: Sequence[Grant] = ()) -> Decision:
    """
    Return what the policy says; `grants` are those in force now.

    Rules are tried from the top; the first that fits decides, else the policy's default does.
    Facts are asked only for what a rule needs, and not at all once one of its other conditions does not fit.
    """
    tried: list[Tried] = []
    for rule in policy.rules:
        tried.append(attempt(rule, deed, facts, grants))
        if tried[-1].counts:
            return Decision(rule.then, rule, tuple(tried))
    return Decision(policy.default, None, tuple(tried))


def refused_anyway(policy: Policy, deed: Deed, facts: Facts, grants: Sequence[Grant] = ()) -> Decision | None:
    """
    Return the refusal that stands whatever a command would be about; None if there may be something it is allowed for.

    Of the deed only command, person and place count.
    """
    for rule in policy.rules:
        general = replace(
            rule,
            projects=(),
            jobs=(),
            environments=(),
            tiers=(),
            refs=(),
            arguments={},
            role="",
            role_below="",
        )
        tried = attempt(general, deed, facts, grants)
        if tried.fits is False or (rule.then == DENY and (general != rule or tried.fits is None)):
            continue  # It is not about this person and place, or not about everything.
        return Decision(DENY, rule, (tried,)) if rule.then == DENY else None
    return Decision(DENY, None, ()) if policy.default == DENY else None


def attempt(rule: Rule, deed: Deed, facts: Facts, grants: Sequence[Grant] = ()) -> Tried:
    """Return whether one rule fits a deed, and why."""
    passed = next((one for one in grants if rule.then == DENY and lets_past(one, rule, deed)), None)
    if passed is not None:
        return Tried(rule, False, f"{passed.by or 'somebody'} granted access past it for a while")
    if rule.then in {CONFIRM, APPROVE} and not rule.commands and STARTS not in deed.commands:
        return Tried(rule, False, "it names no commands, so it is about what starts a job")
    met: list[Condition] = []
    for condition in conditions(rule, deed, facts):
        if condition.fits is False:
            return Tried(rule, False, condition.said)
        met.append(condition)
    unknown = [one.said for one in met if one.fits is None]
    if unknown:
        return Tried(rule, None, "; ".join(unknown))
    return Tried(rule, True, "; ".join(one.said for one in met) or "it has no conditions")


def lets_past(grant: Grant, rule: Rule, deed: Deed) -> bool:
    """Tell whether a grant in force takes a rule away from this deed; what it leaves empty is anything."""
    asked = (
        (grant.command, deed.commands), (grant.project, (deed.project,)),
        (grant.job, (deed.job,)), (grant.environment, (deed.environment,)),
    )  # fmt: skip
    mine = grant.rule == rule.name and grant.person == deed.person
    return mine and all(not wanted or wanted in given for wanted, given in asked)
