"""`approvals`: what waits for an approval; and the buttons that give, refuse or withdraw one."""

from __future__ import annotations

import blocks.approval
import blocks.job
from bot.access import facts
from bot.command import Click, Command, Form, Request
from bot.jobs import approve, held
from bot.kit import Kit
from bot.ledger import Approval
from bot.model import Message, Person

SHOWN = 20


def run(request: Request, kit: Kit) -> Message:
    with kit.store.read() as tx:
        found = [(one, tx.runs.get(one.run)) for one in tx.approvals.open(SHOWN)]
    waiting = [(one, of) for one, of in found if of is not None]
    mine = [
        (one, of) for one, of in waiting if of.person != request.person and _may(kit, request.person, one)
    ]
    asked = [(one, of) for one, of in waiting if of.person == request.person]
    return blocks.approval.waiting(mine, asked, kit.now())


def _may(kit: Kit, person: Person, approval: Approval) -> bool:
    return facts.is_one_of(kit, person, approval.by)


def press_approve(click: Click, kit: Kit) -> Message | None:
    return approve.approve(kit, blocks.job, click, blocks.approval.counted)


def press_reject(click: Click, kit: Kit) -> Message | None:
    """Ask for the reason; who may not reject is told so by the form's end, when everything is looked at."""
    kit.slack.open_form(click.trigger, blocks.approval.rejection(click.value, click.place))
    return None


def send_rejection(form: Form, kit: Kit) -> Message | None:
    approve.reject(kit, blocks.job, form, form.values[blocks.approval.REASON])
    return None


def press_withdraw(click: Click, kit: Kit) -> Message | None:
    approve.withdraw(kit, blocks.job, click)
    return None


def tick(kit: Kit) -> None:
    held.look(kit, blocks.job)


COMMAND = Command(
    "approvals",
    "approvals",
    "What waits for your approval, and what you asked for.",
    ("approvals",),
    run,
    buttons={
        blocks.job.APPROVE: press_approve,
        blocks.job.REJECT: press_reject,
        blocks.job.WITHDRAW: press_withdraw,
    },
    forms={blocks.approval.REJECTION: send_rejection},
    in_turn=False,
    tick=tick,
)
