"""The ladder: everything that is looked at before something is changed, in one order, told as one checklist.

account, person, rules, lock, freeze, incidents, protection, change, checks, limits, confirmation, approval
(chatops-and-notifications.md 2.6).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.access import (
    accounts,
    audit,
    change,
    decide,
    facts,
    freezes,
    gate,
    grants,
    limits,
    locks,
    people,
    protection,
)
from bot.access.decide import Decision
from bot.changes import Preview
from bot.deeds import Bound, Deed, Halted, Mark, Permit, Step, Verdict, digest
from bot.kit import Kit
from bot.ledger import Account
from bot.model import Place
from bot.policy import ALLOW, APPROVE, CONFIRM, DENY, Rule
from bot.text import one_line

#: What holds back only what starts something on an environment.
_HINDRANCES = (locks.step, freezes.step, gate.step, protection.step)
PRODUCTION = "production"
#: Characters of a job's `manual_confirmation` that are repeated: a step of the ladder shows 500 in all.
ASKS_SHOWN = 300
_STRICTNESS = (ALLOW, CONFIRM, APPROVE, DENY)


def check(
    kit: Kit, deed: Deed, permit: Permit, bound: Bound | None = None, *, name: str = "", call: str = "",
    preview: Preview | None = None,
) -> Verdict:  # fmt: skip
    """
    Climb the ladder; return its verdict if nothing stands in the way.

    `bound` is what an agreement would be tied to, `name` the person's name for the audit trail, `call` what
    would be asked of GitLab, `preview` what a deployment would change. Raises NotLinked without an account, and
    Halted, with the whole ladder, when a step says no, when somebody has to agree first, or for a dry run.
    """
    shown = bound.digest if bound else digest(deed.commands, deed.project, deed.environment, deed.arguments)
    verdict = replace(climb(kit, deed, permit, shown, preview=preview), call=call)
    told = replace(
        verdict, deed=replace(deed, arguments=kit.redact(deed.arguments))
    )  # Shown, and stored as shown.
    if permit.dry_run:
        raise Halted(told, shown=shown, dry_run=True)
    if verdict.stopped:
        _write_down(kit, verdict, verdict.stopped, name)
    if verdict.stopped or verdict.asks:
        raise Halted(told, shown=shown)
    return verdict


def climb(
    kit: Kit, deed: Deed, permit: Permit, shown: str, *, approved: str = "", run: str = "",
    preview: Preview | None = None,
) -> Verdict:  # fmt: skip
    """
    Return every step of the ladder; `approved` is the rule whose approval has been given, `run` what waits for it.

    Raises NotLinked without an account.
    """
    account = accounts.account(kit, deed.person)
    decision = _strictest([_decide(kit, one) for one in (deed, *deed.along)])
    wants = decision.rule if decision.then == APPROVE and decision.rule else None
    steps = [
        Step("account", Mark.FINE, f"You are @{account.username} in GitLab."),
        _person(kit, deed),
        _rules(kit, decision),
        *_pipeline(deed),
        *(step for one in (deed, *deed.along) for step in hindrances(kit, one, permit)),
        *change.steps(deed, preview, confirmed=permit.confirmed == shown, wants=wants is not None),
        limits.step(kit, deed, run=run),
        _confirmation(kit, deed, permit, decision, shown, wants),
        _approval(kit, deed, permit, shown, wants, approved),
    ]
    waits = wants is not None and wants.approve_in == "slack" and approved != wants.name
    return Verdict(deed, tuple(steps), wants=wants.name if wants and waits else "", preview=preview)


def refused_anyway(kit: Kit, deed: Deed) -> Verdict | None:
    """Return the refusal of a command that stands whatever it would be about, if there is one."""
    found = decide.refused_anyway(
        kit.config.policy, deed, facts.live(kit, deed), grants.in_force(kit, deed.person)
    )
    return Verdict(deed, (_rules(kit, found),)) if found else None


def require(kit: Kit, deed: Deed) -> None:
    """Raise Halted if the rules refuse something that changes nothing."""
    verdict = look(kit, deed)
    if verdict is not None:
        raise Halted(verdict)


def let(kit: Kit, deed: Deed, permit: Permit) -> None:
    """Raise Halted if the rules refuse something that takes no account and asks nothing of GitLab, or for a dry run."""
    step = _rules(kit, _decide(kit, deed))
    if step.mark is Mark.STOP or permit.dry_run:
        raise Halted(Verdict(deed, (step,)), dry_run=permit.dry_run)


def rule_named(kit: Kit, name: str) -> Rule | None:
    """Return the rule of this name, if the configuration still has it."""
    return next((rule for rule in kit.config.policy.rules if rule.name == name), None)


def look(kit: Kit, deed: Deed) -> Verdict | None:
    """
    Return the verdict of the rules alone when they refuse something that changes nothing; None if they do not.

    No account is needed for it, and what nobody can know of the person counts against them.
    """
    decision = _decide(kit, deed)
    step = _rules(kit, decision)
    return Verdict(deed, (step,)) if step.mark is Mark.STOP else None


def _strictest(decisions: Sequence[Decision]) -> Decision:
    """Return the decision that asks for most, of all jobs that start; the first of equals."""
    return max(decisions, key=lambda one: _STRICTNESS.index(one.then))


def _pipeline(deed: Deed) -> Iterator[Step]:
    if deed.along:
        also = ", ".join(f"{one.job} ({one.environment})" for one in deed.along)
        yield Step("pipeline", Mark.WARN, f"Its pipeline also starts {also}, by the project's own rules.")
    if deed.perhaps:
        names = ", ".join(deed.perhaps)
        yield Step(
            "pipeline", Mark.WARN, f"Its pipeline may start {names} as well: only GitLab knows their rules."
        )


def _decide(kit: Kit, deed: Deed) -> Decision:
    return decide.decide(kit.config.policy, deed, facts.live(kit, deed), grants.in_force(kit, deed.person))


# The steps ------------------------------------------------------------------------------------------------------


def _person(kit: Kit, deed: Deed) -> Step:
    refusal = people.refusal(kit, deed.person, Place(deed.channel))
    if refusal:
        return Step("person", Mark.STOP, refusal, passing=refusal == people.NOT_NOW)
    return Step("person", Mark.FINE, "You may use me here.")


def _rules(kit: Kit, decision: Decision) -> Step:
    rule, named = decision.rule, decision.rule.name if decision.rule else ""
    if decision.then == DENY:
        nothing = "No rule allows it, and what no rule allows is refused here. Whoever runs me can add one."
        said = (
            f"The rule “{named}” does not allow it.{_why(rule)} {_who_can_grant(kit, rule)}"
            if rule
            else nothing
        )
        helps = "access" if rule and grants.granters(kit.config.policy, named) else ""
        unclear = any(one.fits is None for one in decision.tried)  # Whoever can be asked again may know.
        return Step("rules", Mark.STOP, said, rule=named, remedy=helps, passing=unclear)
    said = f"The rule “{named}” allows it." if rule else "No rule is against it."
    if decision.then in {CONFIRM, APPROVE}:
        said = f"The rule “{named}” lets it be done, but not at once."
    return Step("rules", Mark.FINE, said, rule=named)


def _why(rule: Rule | None) -> str:
    return f" {rule.why}" if rule and rule.why else ""


def _who_can_grant(kit: Kit, rule: Rule) -> str:
    who = grants.granters(kit.config.policy, rule.name)
    if not who:
        return "Whoever runs me can change the rules."
    return f"To be let past it for a while, ask {grants.in_words(who)}."


def hindrances(kit: Kit, deed: Deed, permit: Permit) -> Iterator[Step]:
    """Yield what holds back a start on an environment: its lock, freezes, incidents and protection."""
    if not (deed.risky and deed.environment):
        return
    may_override = facts.is_one_of(kit, deed.person, kit.config.policy.override)
    named = kit.config.policy.override
    overriders = grants.in_words(named) if named else ""
    for look_at in _HINDRANCES:
        yield _eased(look_at(kit, deed), permit, may_override, overriders)


def _eased(step: Step, permit: Permit, may_override: bool, overriders: str) -> Step:
    """What a person may override, or wait for, no longer stops them once they say so."""
    if step.mark is not Mark.STOP or not step.remedy:
        return step
    overrides = permit.override and (not permit.eases or step.name in permit.eases.split())
    if overrides and may_override:
        return replace(step, mark=Mark.WARN, said=f"Overridden: {step.said}", remedy="override")
    if overrides:
        whose = f"Overriding takes {overriders or 'somebody named in `access.override`, and nobody is'}."
        return replace(step, said=f"{step.said} {whose}", remedy="queue" if step.remedy == "queue" else "")
    if step.remedy == "queue" and permit.queue:
        return replace(step, mark=Mark.WARN, said=f"{step.said} It waits until that is over.")
    if may_override:
        return replace(step, remedy="queue override" if step.remedy == "queue" else "override")
    who = f" To override it takes {overriders}." if overriders else ""
    return replace(step, said=f"{step.said}{who}", remedy="queue" if step.remedy == "queue" else "")


def _confirmation(
    kit: Kit, deed: Deed, permit: Permit, decision: Decision, shown: str, wants: Rule | None
) -> Step:
    named = decision.rule.name if decision.rule and decision.then == CONFIRM else ""
    delicate = any(one.risky and one.tier == PRODUCTION for one in (deed, *deed.along))
    production = kit.config.policy.confirm_production and delicate
    if not (named or production or deed.asks):
        return Step("confirmation", Mark.FINE, "Nothing needs to be confirmed.")
    if wants:
        return Step("confirmation", Mark.FINE, "Who approves it confirms it.")
    if permit.confirmed == shown:
        return Step("confirmation", Mark.FINE, "You confirmed it.", rule=named)
    by_tier = "It goes to production, so please confirm it." if production else ""
    why = f"The rule “{named}” wants you to confirm it.{_why(decision.rule)}" if named else by_tier
    asks = f"The project asks: “{one_line(deed.asks, ASKS_SHOWN)}”" if deed.asks else ""
    moved = "Something moved since you looked; this is how it is now." if permit.confirmed else ""
    return Step("confirmation", Mark.ASK, " ".join(filter(None, (asks, why, moved))), rule=named)


def _approval(kit: Kit, deed: Deed, permit: Permit, shown: str, rule: Rule | None, approved: str) -> Step:
    if rule is None:
        return Step("approval", Mark.FINE, "Nobody has to approve it.")
    if rule.approve_in == "gitlab":
        return _approval_in_gitlab(kit, deed, rule)
    if approved == rule.name:
        return Step("approval", Mark.FINE, "It was approved.", rule=rule.name)
    many = "an approval" if rule.approvals == 1 else f"{rule.approvals} approvals"
    wanted = f"The rule “{rule.name}” wants {many} from {' or '.join(rule.by)}.{_why(rule)}"
    moved = bool(permit.confirmed) and permit.confirmed != shown
    if permit.reason and not moved:
        return Step("approval", Mark.WARN, f"{wanted} They are asked.", rule=rule.name)
    again = " Something moved since you looked; this is how it is now." if moved else ""
    return Step("approval", Mark.ASK, wanted + again, rule=rule.name, remedy="approval")


def _approval_in_gitlab(kit: Kit, deed: Deed, rule: Rule) -> Step:
    """GitLab has to ask for it by itself there, or the rule would be none."""
    asked = protection.approvals_in_gitlab(kit, deed)
    if asked:
        said = f"The rule “{rule.name}” leaves the approval to GitLab, which asks for {asked}."
        return Step("approval", Mark.FINE, said, rule=rule.name)
    where = f"{deed.environment} of {deed.project}" if deed.environment else "what has no environment"
    return Step(
        "approval", Mark.STOP,
        f"The rule “{rule.name}” leaves the approval to GitLab, which asks for none for {where}, or does not show me"
        " that. Protect the environment there, or set approve_in to slack.",
        rule=rule.name,
    )  # fmt: skip


# The trail ------------------------------------------------------------------------------------------------------


def _write_down(kit: Kit, verdict: Verdict, step: Step, name: str) -> None:
    account: Account = accounts.account(kit, verdict.deed.person)
    place = Place(verdict.deed.channel)
    line = audit.entry(
        kit, verdict.deed, "denied", name=name, place=place, account=account, rule=step.rule, detail=step.said
    )
    with kit.store.write() as tx:
        audit.note(tx, line)
