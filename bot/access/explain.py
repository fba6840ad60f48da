"""What the policy would say of a command, told offline: every rule with why it fits or not, and the decision."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from bot import windows
from bot.access import conditions, decide
from bot.access.decide import Decision, Tried
from bot.access.facts import GITLAB, GROUP
from bot.deeds import Deed
from bot.environments import tier_of
from bot.errors import NotUnderstood
from bot.ledger import Account, Grant, Lock
from bot.model import Millis
from bot.policy import ROLES, FreezeWindow, Policy, Rule

_PERSON = re.compile(r"[UW][A-Z0-9]+")
_CHANNEL = re.compile(r"[CGD][A-Z0-9]+")
#: A direct message of whichever person: rules only know that it is one.
_ANY_DM = "D"
#: What `?` means, and what would settle it.
_GIVE = {
    "environment": "give it with --environment NAME, or - for none", "ref": "give it as JOB@REF",
    "job": "give it as run JOB",
}  # fmt: skip
_MARKS = {True: "✅", False: "✗", None: "?"}
PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of the person, since offline nobody can be asked."""

    policy: Policy
    person: str = ""
    """Slack id; empty if it is not known."""
    username: str = ""
    groups: tuple[str, ...] | None = None
    """Every group they are in, by name or Slack id; None if that was not said."""
    level: int | None = None
    """The role as GitLab's number."""

    def belongs(self, member: str) -> bool | None:
        """As bot.access.facts has it; a group that is not among those said is not theirs."""
        name = member.removeprefix(GROUP)
        if name in (self.groups or ()):
            return True
        if name in self.policy.groups:
            known = [self.belongs(one) for one in self.policy.groups[name]]
            return True if True in known else None if None in known else False
        if member.startswith(GITLAB):
            return (
                self.username.casefold() == member.removeprefix(GITLAB).casefold() if self.username else None
            )
        if _PERSON.fullmatch(member):
            return self.person == member if self.person else None
        return None if self.groups is None else False

    def role(self) -> int | None:
        return self.level


@dataclass(frozen=True, slots=True)
class Case:
    """A command somebody might type, with all that is known of it."""

    deed: Deed
    facts: Told
    account: Account | None = None
    unknown: frozenset[str] = frozenset()
    """`environment`, `ref` and `job` where only GitLab could tell."""
    grants: Sequence[Grant] = ()
    lock: Lock | None = None
    notes: Sequence[str] = field(default=())


def is_person(said: str) -> bool:
    """Tell whether this is a Slack user id."""
    return _PERSON.fullmatch(said) is not None


def channel(said: str) -> str:
    """Return the channel that rules see. Raises NotUnderstood for a name: names are not stored."""
    if said.casefold() == conditions.DM:
        return _ANY_DM
    if _CHANNEL.fullmatch(said):
        return said
    raise NotUnderstood(
        f"`{said}` is no channel id. I store no names: give the id, such as C0123456789, or dm."
    )


def role(said: str) -> int | None:
    """Return GitLab's number of a role; None if nothing was said. Raises NotUnderstood for another word."""
    if not said:
        return None
    if said.casefold() == "none":
        return 0
    if said.casefold() not in ROLES:
        raise NotUnderstood(f"`{said}` is no role. I know none, {', '.join(ROLES)}.")
    return ROLES[said.casefold()]


def tier(policy: Policy, environment: str) -> str:
    """Return the tier by the configuration, else by GitLab's own guess from the name; empty without one."""
    patterns = (one for name, one in policy.tiers.items() if fnmatchcase(environment, name))
    declared = policy.tiers.get(environment) or next(patterns, "")
    return declared or (tier_of(environment) if environment else "")


def decided(case: Case) -> Decision:
    """Return the decision; what is not known counts against the person, as it does live."""
    tried: list[Tried] = []
    for rule in case.facts.policy.rules:
        tried.append(_attempt(case, rule))
        if tried[-1].counts:
            return Decision(rule.then, rule, tuple(tried))
    return Decision(case.facts.policy.default, None, tuple(tried))


def _attempt(case: Case, rule: Rule) -> Tried:
    """As the policy does it; of what only GitLab could tell the rule may or may not fit."""
    missing = _missing(case, rule)
    if not missing:
        return decide.attempt(rule, case.deed, case.facts, case.grants)
    bare = rule
    if "environment" in missing:
        bare = replace(bare, environments=(), tiers=())
    if "ref" in missing:
        bare = replace(bare, refs=())
    if "job" in missing:
        bare = replace(bare, jobs=())
    found = decide.attempt(bare, case.deed, case.facts, case.grants)
    if found.fits is False:
        return Tried(rule, False, found.why)
    return Tried(rule, None, "; ".join(f"the {name} is not known: {_GIVE[name]}" for name in missing))


def _missing(case: Case, rule: Rule) -> list[str]:
    asks = {
        "environment": bool(rule.environments or rule.tiers),
        "ref": bool(rule.refs),
        "job": bool(rule.jobs),
    }
    return [name for name in sorted(case.unknown) if asks[name]]


# In words ---------------------------------------------------------------------------------------------------


def lines(case: Case, decision: Decision, now: Millis) -> Iterator[str]:
    """Yield the explanation, line by line, for a terminal."""
    yield from _about(case)
    yield ""
    yield from _rules(case.facts.policy, decision)
    yield ""
    yield _decision(decision)
    yield from (f"  {one}" for one in _besides(case, now))


def _about(case: Case) -> Iterator[str]:
    deed, who = case.deed, case.facts
    named = f"@{who.username} in GitLab" if who.username else "not known in GitLab"
    place = "a direct message" if deed.channel.startswith("D") else deed.channel
    yield f"{who.person or 'Somebody not known in Slack'} is {named}, in {place}."
    where = f" of {deed.project}" if deed.project else ""
    job = f" {deed.job}{f'@{deed.ref}' if deed.ref else ''}" if deed.job else ""
    on = f" on {deed.environment} (tier {deed.tier})" if deed.environment else ""
    yield f"{deed.command}{job}{where}{on}"
    yield from case.notes


def _rules(policy: Policy, decision: Decision) -> Iterator[str]:
    if not policy.rules:
        yield "There are no rules."
    for number, rule in enumerate(policy.rules):
        if number >= len(decision.tried):
            yield f"·  “{rule.name}” ({rule.then}): not looked at, since an earlier rule decided"
            continue
        one = decision.tried[number]
        yield f"{_MARKS[one.fits]}  “{rule.name}” ({rule.then}): {one.why}{_how(one)}"


def _how(one: Tried) -> str:
    """What would settle a question, and what comes of it as long as it is open."""
    if one.fits is not None:
        return ""
    give = "; --role and --groups can tell" if "known" in one.why and "--" not in one.why else ""
    return f"{give}; as long as that is open it {'counts' if one.counts else 'does not count'}"


def _decision(decision: Decision) -> str:
    if decision.rule is None:
        return f"Decision: {decision.then}, since no rule fits (the default)."
    line = f", line {decision.rule.line}" if decision.rule.line else ""
    why = f" {decision.rule.why}" if decision.rule.why else ""
    return f"Decision: {decision.then}, by the rule “{decision.rule.name}”{line}.{why}"


def _besides(case: Case, now: Millis) -> Iterator[str]:
    """What else the ladder looks at."""
    deed, policy = case.deed, case.facts.policy
    if deed.risky and deed.environment:
        yield _locked(case)
        yield from _frozen(policy, deed, now)
        if policy.confirm_production and deed.tier == PRODUCTION:
            yield "confirmation: production is confirmed by whoever asks, or by who approves it"
    live = ["the account", "that it is no guest or stranger", "limits"]
    if deed.risky and deed.environment:
        live += ["GitLab's freeze periods", "open incidents", "the protection of the environment"]
    yield f"asked at the time: {', '.join(live)}"


def _locked(case: Case) -> str:
    if case.lock is None:
        return f"lock: nobody holds {case.deed.environment}, as far as the store knows"
    until = f" until {_utc(case.lock.until)}" if case.lock.until is not None else ""
    return f"lock: {case.lock.name} holds {case.deed.environment}{until}"


def _frozen(policy: Policy, deed: Deed, now: Millis) -> Iterator[str]:
    concerned = [window for window in policy.freezes if _concerns(window, deed)]
    if not concerned:
        yield "freeze: no window of the configuration is about it"
    for window in concerned:
        try:
            state = windows.read(window.start, window.end, window.timezone).at(now)
        except windows.Unreadable as error:
            yield f"freeze: “{window.name}” cannot be read: {error.sentence}"
            continue
        until = f", until {_utc(state.until)}" if state.in_force and state.until is not None else ""
        yield f"freeze: “{window.name}” is {f'in force{until}' if state.in_force else 'not in force now'}"


def _concerns(window: FreezeWindow, deed: Deed) -> bool:
    if window.projects and not conditions.matches(window.projects, deed.project):
        return False
    if window.environments:
        return conditions.matches(window.environments, deed.environment)
    return deed.tier == PRODUCTION


def _utc(moment: Millis) -> str:
    return f"{datetime.fromtimestamp(moment / 1000, UTC):%Y-%m-%d %H:%M} UTC"
