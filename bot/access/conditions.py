"""The conditions of a rule: whether each fits a deed, does not, or cannot be told, and why."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any, Protocol

from bot import words
from bot.deeds import Deed
from bot.environments import is_open, may_be
from bot.errors import NotUnderstood
from bot.policy import ROLES, Rule

#: In place of a direct message's id.
DM = "dm"
#: The name under which a rule asks for all that was typed after the job.
TEXT = "text"
#: Begins a pattern that takes out.
NOT = "!"
#: What may stand before a ref's name in GitLab's API; `main` and `refs/heads/main` are the same branch.
_REFS = ("refs/heads/", "refs/tags/")
#: What makes a shell pattern more than a name (fnmatch).
_WILD = re.compile(r"[*?\[]")
#: Where a variable may begin in the name of an environment.
_OPENS = re.compile("[$%]")


class Facts(Protocol):
    """What is known of who wants to do it; None is "not known now"."""

    def belongs(self, member: str) -> bool | None:
        """Whether they are, or belong to, a Slack id (U…, W…, S…), `gitlab:username` or `@group`."""
        ...

    def role(self) -> int | None:
        """Their role in the deed's project as GitLab's number; 0 for none."""
        ...


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition of a rule, looked at."""

    fits: bool | None
    """None if something is not known."""
    said: str
    """Why, in plain words."""


def conditions(rule: Rule, deed: Deed, facts: Facts) -> Iterator[Condition]:
    """Yield each condition the rule has; those that need nobody to be asked come first."""
    for what, patterns, given in (
        ("command", rule.commands, deed.commands),
        ("project", _folded(rule.projects), _folded(_some(deed.project))),  # GitLab's paths know no case.
        ("job", rule.jobs, _some(deed.job)),
        ("tier", rule.tiers, _some(deed.tier)),
        ("ref", rule.refs, _ref(deed.ref)),
        ("channel", rule.channels, _channel(deed.channel)),
    ):
        if patterns:
            yield _matched(what, patterns, given)
    if rule.environments:
        yield _environment(rule.environments, deed.environment)
    for name, patterns in rule.arguments.items():
        yield _argument(name, patterns, values_of(deed, name))
    if rule.people:
        yield _people(rule.people, facts)
    if rule.role:
        yield _role(deed, facts, rule.role, below=False)
    if rule.role_below:
        yield _role(deed, facts, rule.role_below, below=True)


def _folded(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(name.casefold() for name in names)


def _matched(what: str, patterns: Sequence[str], given: Sequence[str]) -> Condition:
    """Whether any of `given`, which are names of the same thing, is meant by the patterns."""
    if not given:
        return Condition(False, f"it asks for the {what} {_listed(patterns)}, and there is none")
    taken_out, taken_in = _signed(patterns)
    out = any(fnmatchcase(one, pattern) for one in given for pattern in taken_out)
    fits = not out and (
        not taken_in or any(fnmatchcase(one, pattern) for one in given for pattern in taken_in)
    )
    return Condition(fits, f"the {what} {given[0]} {'is' if fits else 'is not'} among {_listed(patterns)}")


def _environment(patterns: Sequence[str], name: str) -> Condition:
    """As `_matched`; of a name with variables only the job knows what it becomes: `review/$CI_COMMIT_REF_SLUG`."""
    if not is_open(name):
        return _matched("environment", patterns, _some(name))
    taken_out, taken_in = _signed(patterns)
    out = _any(_becomes(name, one) for one in taken_out)
    inside = _any(_becomes(name, one) for one in taken_in) if taken_in else True
    fits = _both(inside, None if out is None else not out)
    word = {True: "is", False: "is not", None: "may or may not be"}[fits]
    return Condition(fits, f"the environment {name} {word} among {_listed(patterns)}")


def _becomes(name: str, pattern: str) -> bool | None:
    """Whether what a name with variables becomes certainly fits a pattern, or perhaps (None), or never."""
    begins, wild = _OPENS.split(name)[0], _WILD.search(pattern)
    if wild is None:
        return None if may_be(name, pattern) else False
    before = pattern[: wild.start()]
    if pattern == before + "*" and begins.startswith(before):
        return True
    return None if begins.startswith(before) or before.startswith(begins) else False


def _argument(name: str, patterns: Sequence[str], given: Sequence[str]) -> Condition:
    """As `_matched`; of something given twice nobody knows which one the job will take."""
    if not given:
        return Condition(False, f"it asks for the argument {name} {_listed(patterns)}, and there is none")
    found = {_matched(name, patterns, (one,)).fits for one in given}
    if len(found) > 1:
        return Condition(
            None, f"the argument {name} has several values, and they differ for {_listed(patterns)}"
        )
    fits = found == {True}
    return Condition(fits, f"the argument {name} {'is' if fits else 'is not'} among {_listed(patterns)}")


def _people(members: Sequence[str], facts: Facts) -> Condition:
    taken_out, taken_in = _signed(members)
    out = _any(facts.belongs(one) for one in taken_out)
    inside = _any(facts.belongs(one) for one in taken_in) if taken_in else True
    fits = _both(inside, None if out is None else not out) if inside is not False else False
    word = {True: "is among", False: "is not among", None: "is not known to be among"}[fits]
    return Condition(fits, f"the person {word} {_listed(members)}")


def _role(deed: Deed, facts: Facts, name: str, *, below: bool) -> Condition:
    wanted = f"less than {name}" if below else f"at least {name}"
    if not deed.project:
        return Condition(False, f"it asks for a role of {wanted}, and there is no project")
    role = facts.role()
    if role is None:
        return Condition(None, f"it asks for a role of {wanted}, and the role is not known")
    fits = (role < ROLES[name]) is below
    return Condition(fits, f"the role {role_name(role)} {'is' if fits else 'is not'} {wanted}")


def role_name(role: int) -> str:
    """Return GitLab's word for a role's number: the highest named one that is not above it."""
    held = [name for name, number in ROLES.items() if number <= role]
    return held[-1] if held else "none"


def matches(patterns: Sequence[str], name: str) -> bool:
    """Tell whether a name is meant by the patterns: by any that takes in, and by none that takes out."""
    return bool(_matched("name", patterns, _some(name)).fits)


# What a deed holds ------------------------------------------------------------------------------------------


def values_of(deed: Deed, name: str) -> tuple[str, ...]:
    """
    Return every value an argument has: as an input, and as a `name=value` or `--name=value` word.

    `text` is all that was typed after the job.
    """
    found: list[str] = [deed.arguments] if name == TEXT and deed.arguments else []
    if name in deed.inputs:
        found.extend(_texts(deed.inputs[name]))
    for word in _words(deed.arguments):
        key, sign, value = word.partition("=")
        if sign and key.lstrip("-") == name:
            found.append(value)
    return tuple(dict.fromkeys(found))


def _texts(value: Any) -> list[str]:
    """An input's value as YAML writes it; of a list each."""
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    return [str(value).lower() if isinstance(value, bool) else str(value)]


def _words(text: str) -> list[str]:
    try:
        return [word.text for word in words.split(text)]
    except NotUnderstood:
        return text.split()


def _some(name: str) -> tuple[str, ...]:
    return (name,) if name else ()


def _ref(ref: str) -> tuple[str, ...]:
    short = next((ref.removeprefix(each) for each in _REFS if ref.startswith(each)), ref)
    return tuple(dict.fromkeys(_some(short) + _some(ref)))


def _channel(channel: str) -> tuple[str, ...]:
    return (DM, channel) if channel.startswith("D") else _some(channel)


def _signed(patterns: Sequence[str]) -> tuple[list[str], list[str]]:
    """Those that take out, without their sign, and those that take in."""
    out = [one.removeprefix(NOT) for one in patterns if one.startswith(NOT)]
    return out, [one for one in patterns if not one.startswith(NOT)]


def _listed(patterns: Sequence[str]) -> str:
    return ", ".join(patterns)


# Three values -----------------------------------------------------------------------------------------------


def _any(known: Iterator[bool | None]) -> bool | None:
    """True if one is, else None if one is not known, else False."""
    unknown = False
    for one in known:
        if one:
            return True
        unknown = unknown or one is None
    return None if unknown else False


def _both(one: bool | None, other: bool | None) -> bool | None:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True
