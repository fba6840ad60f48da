"""Access for a while: asked for after a refusal, granted or declined by those who may, over by itself."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from bot.access import accounts, audit, decide, facts, kept
from bot.deeds import Deed
from bot.delivery import letters
from bot.edges.store import Tx
from bot.errors import NotUnderstood, Refused
from bot.kit import Kit
from bot.ledger import Account, Entry, Grant
from bot.model import Message, Millis, Person, Place
from bot.policy import DENY, Policy, Rule

#: What a grant lasts, by the button that gives it.
HOUR: Millis = 3_600_000
WORKDAY: Millis = 8 * HOUR
#: How long somebody may answer; afterwards nobody remembers what it was about.
ANSWERED_WITHIN: Millis = 24 * HOUR
#: Grants ended in one tick.
MOST_AT_ONCE = 20


class Drawing(Protocol):
    """How a request for access looks; handed in, since the rules do not know `blocks`."""

    def card(self, grant: Grant, who: Sequence[str], why: str) -> Message:
        """Everybody sees it: who asks, for what, past which rule (`why` is its sentence), and who may grant it."""
        ...

    def told(self, grant: Grant, *, resumed: bool) -> Message:
        """What the asker hears in its thread; `resumed` says that what was refused is done now."""
        ...


# Who may -----------------------------------------------------------------------------------------------------


def in_force(kit: Kit, person: Person) -> list[Grant]:
    """Return what this person has been granted and has still, as the GitLab account they are connected to now."""
    with kit.store.read() as tx:
        return in_force_of(tx, tx.accounts.get(person), kit.now())


def in_force_of(tx: Tx, account: Account | None, now: Millis) -> list[Grant]:
    """The same of an account: who connects another one has been granted nothing as that."""
    granted = tx.grants.in_force(account.person, now) if account else []
    return [one for one in granted if account and one.gitlab_id == account.gitlab_id]


def granters(policy: Policy, rule: str) -> tuple[str, ...]:
    """Return the groups and members who may let somebody past a rule: its own, and the admins."""
    found = _rule(policy, rule)
    return tuple(dict.fromkeys((*(found.grant_by if found else ()), *policy.admins)))


def in_words(who: Sequence[str]) -> str:
    """Return who may grant it, for the middle of a sentence: `somebody of sre or leads`."""
    names = [one.removeprefix(facts.GROUP).replace("gitlab:", "@", 1) for one in who]
    return f"somebody of {' or '.join(names)}" if names else "whoever runs me, in `access.admins`"


def may_see_all(kit: Kit, person: Person) -> bool:
    """Tell whether somebody may see what everybody asked for: admins, and those who may grant something."""
    policy = kit.config.policy
    members = (*policy.admins, *(one for rule in policy.rules for one in rule.grant_by))
    return facts.is_one_of(kit, person, tuple(dict.fromkeys(members)))


def _rule(policy: Policy, name: str) -> Rule | None:
    return next((rule for rule in policy.rules if rule.name == name), None)


# Asking -------------------------------------------------------------------------------------------------------


def ask(kit: Kit, draw: Drawing, kept_id: str, *, person: Person, name: str, place: Place) -> Grant:
    """
    Ask for access past the rule that refused a kept request; everybody in the place sees the card.

    Raises NotLinked without an account, and Refused or NotUnderstood if it cannot be asked for, or is asked already.
    """
    account = accounts.account(kit, person)
    grant = _wanted(kit, kept_id, account, name, place)
    if place.is_dm:
        raise Refused(
            "Only you and I see this conversation, so nobody could answer. Type the command in a channel with"
            f" {in_words(granters(kit.config.policy, grant.rule))}, and press the button there."
        )
    with kit.store.write() as tx:
        _refuse_twice(tx, grant)
        tx.grants.ask(grant)
        _show(kit, tx, draw, grant)
        audit.note(tx, _line(kit, grant, "access asked", account))
    kit.deliver()
    return grant


def _wanted(kit: Kit, kept_id: str, account: Account, name: str, place: Place) -> Grant:
    """What is asked for, as the refusal wrote it down."""
    with kit.store.read() as tx:
        refused = tx.kept.get(kept_id)
    if refused is None or refused.person != account.person:
        raise NotUnderstood("That refusal is too old. Type the command again, and press the button there.")
    about = json.loads(refused.detail or "{}")
    rule = _rule(kit.config.policy, about.get("rule") or "")
    if rule is None or rule.then != DENY:
        raise Refused(
            "No rule that somebody could let you past refused it. Type the command again to see how it is."
        )
    return Grant(
        id=kit.new_id(), person=account.person, name=name, rule=rule.name, command=about.get("command", ""),
        project=about.get("project", ""), job=about.get("job", ""), environment=about.get("environment", ""),
        place=place, asked_at=kit.now(), gitlab_id=account.gitlab_id, kept=kept_id,
    )  # fmt: skip


def _refuse_twice(tx: Tx, grant: Grant) -> None:
    """Say so if the same is asked for, or there, already."""
    for one in tx.grants.current(grant.person.team, grant.asked_at):
        same = replace(one, id=grant.id, name=grant.name, place=grant.place, asked_at=grant.asked_at, state="asked",
                       by="", until=None, kept=grant.kept)  # fmt: skip
        if same == grant and one.state == "asked":
            raise Refused("You asked for that already. Its card waits for an answer.")
        if same == grant:
            raise Refused("You have that access already. Type the command again.")


# Answering ----------------------------------------------------------------------------------------------------


def allow(kit: Kit, draw: Drawing, grant_id: str, *, person: Person, name: str, lasts: Millis) -> None:
    """
    Grant access for a while; what was refused is done, if it still waits.

    Raises NotLinked, Refused for whoever may not, and NotUnderstood if it was answered already.
    """
    grant = _to_answer(kit, grant_id, person)
    with kit.store.write() as tx:
        now = kit.now()
        granted = replace(grant, state="granted", by=name, until=now + lasts)
        if not tx.grants.allow(grant.id, name, now + lasts):
            raise _already(tx.grants.get(grant.id))
        _same_account(tx, grant)
        goes_on = kept.resume_in(kit, tx, grant.kept, grant.person) is not None
        _answered(kit, tx, draw, granted, person, resumed=goes_on)
    kit.deliver()
    if goes_on:
        kit.take_up()


def decline(kit: Kit, draw: Drawing, grant_id: str, *, person: Person, name: str) -> None:
    """Say no. Raises as `allow`."""
    grant = _to_answer(kit, grant_id, person)
    with kit.store.write() as tx:
        if not tx.grants.decline(grant.id, name):
            raise _already(tx.grants.get(grant.id))
        _answered(kit, tx, draw, replace(grant, state="declined", by=name), person, resumed=False)
    kit.deliver()


def _to_answer(kit: Kit, grant_id: str, person: Person) -> Grant:
    with kit.store.read() as tx:
        grant = tx.grants.get(grant_id)
    if grant is None:
        raise NotUnderstood("I no longer know what was asked here. Ask for the command to be typed again.")
    if grant.person == person:
        raise Refused("You asked for it yourself, so somebody else has to answer.")
    _check(kit, grant, person)
    if grant.state != "asked" or kit.now() - grant.asked_at >= ANSWERED_WITHIN:
        raise _already(grant)
    return grant


def _check(kit: Kit, grant: Grant, person: Person) -> None:
    """Raise unless this person may answer, with the rights they have at this moment."""
    who = granters(kit.config.policy, grant.rule)
    if person.team != grant.person.team or not facts.is_one_of(kit, person, who):
        raise Refused(f"To answer this takes {in_words(who)}.")
    if accounts.confirmed(kit, person).gitlab_id == grant.gitlab_id:
        raise Refused("You are the same person in GitLab as who asked, so somebody else has to answer.")
    if not facts.is_one_of(kit, person, who):  # GitLab may just have told of another username.
        raise Refused(f"To answer this takes {in_words(who)}.")


def _same_account(tx: Tx, grant: Grant) -> None:
    """Raise if who asked is somebody else in GitLab by now: it would be granted to nobody."""
    account = tx.accounts.get(grant.person)
    if account is None or account.gitlab_id != grant.gitlab_id:
        raise NotUnderstood(
            f"{grant.name} is not connected any more to the GitLab account that asked. Have the command typed again."
        )


def _already(grant: Grant | None) -> NotUnderstood:
    if grant is None or grant.state in {"asked", "ended"}:
        return NotUnderstood("That is over already. Whoever needs it still can type the command again.")
    return NotUnderstood(f"That was {grant.state} already by {grant.by}.")


def _answered(kit: Kit, tx: Tx, draw: Drawing, grant: Grant, by: Person, *, resumed: bool) -> None:
    _show(kit, tx, draw, grant)
    letters.under(
        tx, f"{grant.id}.answer", grant.id, grant.place, draw.told(grant, resumed=resumed), kit.now(),
        person=grant.person.id,
    )  # fmt: skip
    who = tx.accounts.get(by)
    named = f"{grant.by} ({by.id}{f', @{who.username}' if who else ''})"
    audit.note(
        tx, _line(kit, replace(grant, by=named), f"access {grant.state}", tx.accounts.get(grant.person))
    )


# Ending -------------------------------------------------------------------------------------------------------


def tick(kit: Kit, draw: Drawing) -> None:
    """End what has run out, or was never answered."""
    now = kit.now()
    with kit.store.read() as tx:
        over = tx.grants.due(now, now - ANSWERED_WITHIN, MOST_AT_ONCE)
    for grant in over:
        _end(kit, draw, grant)


def _end(kit: Kit, draw: Drawing, grant: Grant) -> None:
    with kit.store.write() as tx:
        if tx.grants.end(grant):
            ended = replace(grant, state="ended")
            _show(kit, tx, draw, ended)
            audit.note(tx, _line(kit, ended, "access ended", tx.accounts.get(grant.person)))
    kit.deliver()


def _show(kit: Kit, tx: Tx, draw: Drawing, grant: Grant) -> None:
    policy = kit.config.policy
    rule = _rule(policy, grant.rule)
    card = draw.card(grant, members(policy, granters(policy, grant.rule)), rule.why if rule else "")
    letters.card_of(tx, grant.id, grant.place, card, kit.now(), person=grant.person.id)


def members(policy: Policy, who: Sequence[str]) -> tuple[str, ...]:
    """Return groups as their members, each once: Slack ids and `gitlab:username`."""
    named = ((one, one.removeprefix(facts.GROUP)) for one in who)
    return tuple(dict.fromkeys(member for one, name in named for member in policy.groups.get(name, (one,))))


def _line(kit: Kit, grant: Grant, decision: str, account: Account | None) -> Entry:
    deed = Deed(
        decide.kinds(grant.command or "access"), grant.person, grant.place.channel,
        project=grant.project, job=grant.job, environment=grant.environment,
    )  # fmt: skip
    return audit.entry(
        kit, deed, decision, name=grant.name, place=grant.place, account=account, rule=grant.rule, by=grant.by
    )
