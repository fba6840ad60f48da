"""The policy of the file: groups, environments and rules, each checked against the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from bot import values
from bot.config import kinds
from bot.config.lines import Where
from bot.config.reading import Reading, hint, listed, named, section, shown
from bot.config.sections import MINUTE_MS, AccessSection, EnvironmentSection, ProjectConfig, RuleSection
from bot.errors import ConfigError
from bot.policy import APPROVE, DENY, FreezeWindow, Policy, Rule

#: Before the name of a group where a member may stand as well.
AT = "@"
#: Keys of a rule that are no condition.
_NO_CONDITIONS = frozenset(
    {"name", "then", "why", "grant_by", "approvals", "by", "expires_minutes", "approve_in", "channel"}
)
#: Keys that say something only to rules of one kind.
_ONLY_FOR: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {APPROVE: ("approvals", "by", "expires_minutes", "approve_in", "channel"), DENY: ("grant_by",)}
)


@dataclass(frozen=True, slots=True)
class Names:
    """What a rule or a freeze may name."""

    groups: Mapping[str, tuple[str, ...]]
    environments: Mapping[str, str]
    """Tier by name or pattern; empty for what GitLab says."""
    projects: Mapping[str, ProjectConfig]


def names(reading: Reading, document: Mapping[str, Any], projects: Mapping[str, ProjectConfig]) -> Names:
    """Return the groups and environments the file declares."""
    return Names(_groups(reading, document.get("groups", {})), _environments(reading, document), projects)


def policy(
    reading: Reading, rules: Any, known: Names, access: AccessSection | None, more: tuple[FreezeWindow, ...]
) -> Policy:
    """Return the policy, but for its limits; mistakes go to the problems."""
    read = _rules(reading, rules, known)
    tiers = {name: tier for name, tier in known.environments.items() if tier}
    if access is None:
        return Policy()
    return Policy(
        rules=read, groups=MappingProxyType(dict(known.groups)), tiers=MappingProxyType(tiers), freezes=more,
        default=access.default, let_in=access.let_in, shared_channels=access.shared_channels,
        admins=_members(reading, ("access", "admins"), access.admins, known),
        override=_members(reading, ("access", "override"), access.override, known),
        confirm_production=access.confirm_production, gate=access.gate, gitlab_freezes=access.gitlab_freezes,
        lock_for=_millis(access.lock_minutes), lock_deployments=access.lock_deployments,
    )  # fmt: skip


def _millis(minutes: float) -> int:
    return round(minutes * MINUTE_MS)


# Groups and environments ------------------------------------------------------------------------------------


def _groups(reading: Reading, tables: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(tables, dict):
        reading.problem(("groups",), 'is not a value: write a section [groups] with name = ["U0123456789"].')
        return {}
    return {name: _group(reading, name, members) for name, members in tables.items()}


def _group(reading: Reading, name: str, members: Any) -> tuple[str, ...]:
    where = ("groups", name)
    if not kinds.GROUP.fullmatch(name):
        reading.problem(where, f"cannot be the name of a group. Write {kinds.GROUP_RULE}.")
    try:
        read: tuple[str, ...] = values.many(kinds.member)(reading.source, f"groups.{name}", members, True)
    except ConfigError as error:
        reading.complain(where, error)
        return ()
    return read


def _environments(reading: Reading, document: Mapping[str, Any]) -> dict[str, str]:
    where = ("environments",)
    tables = named(reading, where, document.get("environments", {}), "[environments.NAME]")
    found = {}
    for name, table in tables.items():
        read = section(reading, (*where, name), EnvironmentSection, table)
        found[name] = read.tier if read else ""
    return found


# Rules ------------------------------------------------------------------------------------------------------


def _rules(reading: Reading, tables: Any, known: Names) -> tuple[Rule, ...]:
    read = [
        (("rules", at), section(reading, ("rules", at), RuleSection, table), table)
        for at, table in enumerate(listed(reading, ("rules",), tables))
    ]
    whole = [(where, rule) for where, rule, _ in read if rule]
    refuse_twice(reading, [(where, rule.name) for where, rule in whole])
    _warn_of_unreached(reading, whole)
    for where, rule, table in read:
        if rule:
            _check_rule(reading, where, rule, known)
            _warn_of_idle(reading, where, rule, table)
    return tuple(_rule(reading, where, rule) for where, rule in whole)


def _rule(reading: Reading, where: Where, rule: RuleSection) -> Rule:
    same = {each.name: getattr(rule, each.name) for each in fields(Rule) if hasattr(rule, each.name)}
    same |= {"by": _bare(rule.by), "grant_by": _bare(rule.grant_by)}
    return Rule(**same, expires=_millis(rule.expires_minutes), line=reading.line(where))


def _bare(groups: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.removeprefix(AT) for name in groups))


def refuse_twice(reading: Reading, found: Sequence[tuple[Where, str]]) -> None:
    """Keep every name that stands there a second time: people and the audit trail tell them apart by it."""
    first: dict[str, Where] = {}
    for where, name in found:
        earlier = first.setdefault(name.casefold(), where)
        if earlier != where:
            reading.problem(
                (*where, "name"),
                f"is {shown(name)}, as in line {reading.line((*earlier, 'name'))}. Give each its own name.",
            )


def _warn_of_unreached(reading: Reading, rules: Sequence[tuple[Where, RuleSection]]) -> None:
    """The first rule that fits decides, so nothing comes after one that always fits."""
    always = next((at for at, (_, rule) in enumerate(rules) if not _has_conditions(rule)), len(rules))
    for where, rule in rules[always + 1 :]:
        first = rules[always][1].name
        reading.warning(
            where,
            f"({shown(rule.name)}) is never reached: {shown(first)} above it has no conditions and always fits.",
        )


def _has_conditions(rule: RuleSection) -> bool:
    return any(getattr(rule, each.name) for each in fields(rule) if each.name not in _NO_CONDITIONS)


def _warn_of_idle(reading: Reading, where: Where, rule: RuleSection, table: Mapping[str, Any]) -> None:
    for then, keys in _ONLY_FOR.items():
        for key in keys:
            if key in table and rule.then != then:
                reading.warning(
                    (*where, key), f'says nothing here: it belongs to rules with then = "{then}".'
                )


def _check_rule(reading: Reading, where: Where, rule: RuleSection, known: Names) -> None:
    check_environments(reading, (*where, "environments"), rule.environments, known)
    check_projects(reading, (*where, "projects"), rule.projects, known)
    _check_people(reading, (*where, "people"), rule.people, known)
    for key, groups in (("by", rule.by), ("grant_by", rule.grant_by)):
        for name in groups:
            if name.removeprefix(AT) not in known.groups:
                reading.unknown((*where, key), name, "a group", known.groups)
    if rule.then == APPROVE and rule.approve_in == "slack":
        _check_approval(reading, where, rule, known)


def _check_approval(reading: Reading, where: Where, rule: RuleSection, known: Names) -> None:
    if not rule.by:
        reading.problem((*where, "by"), "is missing. Name the groups whose members may approve.")
    most = _countable(_bare(rule.by), known.groups)
    if rule.by and most is not None and rule.approvals > most:
        reading.problem(
            (*where, "approvals"),
            f"is {rule.approvals}, but {' and '.join(rule.by)} together have {most} members.",
        )


def _countable(by: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> int | None:
    """How many may approve at most; None if Slack's user groups are among them, or a group is not known."""
    if any(name not in groups for name in by):
        return None
    members = Counter(member for name in by for member in groups[name])
    return None if any(member.startswith("S") for member in members) else len(members)


# What is named ----------------------------------------------------------------------------------------------


def check_environments(reading: Reading, where: Where, patterns: Iterable[str], known: Names) -> None:
    """Keep every name that is not declared, and every pattern that takes in nothing declared."""
    declared = known.environments
    for pattern in patterns:
        name = pattern.removeprefix(kinds.NOT)
        if _meets(name, declared) or (kinds.is_wild(name) and not declared):
            continue
        how = f"Declare it: [environments.{name if name.isidentifier() else shown(name)}]."
        near = f"{hint(name, declared)} Else d{how[1:]}" if declared else how
        reading.problem(where, f"holds {shown(pattern)}, which is no environment of this file. {near}")


def _meets(name: str, declared: Iterable[str]) -> bool:
    """Whether a name or pattern is declared, by a pattern perhaps, or takes in something that is."""
    return any(name == one or fnmatchcase(name, one) or fnmatchcase(one, name) for one in declared)


def check_projects(reading: Reading, where: Where, patterns: Iterable[str], known: Names) -> None:
    """Keep every name that cannot be a full path; of an alias, tell the path."""
    aliases = {alias.casefold(): path for path, each in known.projects.items() for alias in each.aliases}
    for pattern in patterns:
        name = pattern.removeprefix(kinds.NOT)
        if kinds.is_wild(name) or values.PROJECT_PATH.fullmatch(name):
            continue
        path = aliases.get(name.casefold())
        near = f"Did you mean {path}?" if path else "Write it as in GitLab: group/project."
        reading.problem(where, f"holds {shown(pattern)}, which is not the full path of a project. {near}")


def _check_people(reading: Reading, where: Where, people: Iterable[str], known: Names) -> None:
    for entry in people:
        name = entry.removeprefix(kinds.NOT)
        if name.startswith(AT):
            if name.removeprefix(AT) not in known.groups:
                reading.unknown(where, entry, "a group", known.groups)
        elif name in known.groups:
            reading.problem(where, f"holds {shown(entry)}. Did you mean {shown(AT + name)}?")
        elif not kinds.MEMBER.fullmatch(name):
            reading.problem(where, f'holds {shown(entry)}. {kinds.MEMBER_RULE}; a group is "@name".')


def _members(reading: Reading, where: Where, entries: Iterable[str], known: Names) -> tuple[str, ...]:
    """Groups or members; groups without their sign."""
    for entry in entries:
        if entry.removeprefix(AT) not in known.groups and not kinds.MEMBER.fullmatch(entry):
            reading.unknown(where, entry, "a group or a member", known.groups)
    return _bare(entries)
