"""The buttons under a halted request: do it, ask for approval, override, wait for the lock, leave it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from bot.access import kept
from bot.command import Click, Form
from bot.deeds import AGREE, Permit
from bot.errors import NotUnderstood
from bot.kit import Kit
from bot.ledger import Kept
from bot.model import Block, Message, Place

#: The field of a reason in its form.
REASON = "reason"
#: State of a kept request that goes on.
RESUMED = "resumed"
#: What a press hears that comes twice, or too late; who pressed twice must not be told to type it again.
ANSWERED = "You have answered that already, and it goes on."
TOO_OLD = "That is too old. Type the command again."


class Reasons(Protocol):
    """The form that asks for a reason."""

    def reason(self, action: str, kept_id: str, place: Place) -> Block: ...


def buttons(voice: Reasons) -> Mapping[str, Callable[[Click, Kit], Message | None]]:
    """Return what each button does, by action id."""
    return {
        AGREE.go: go,
        AGREE.queue: queue,
        AGREE.leave: leave,
        AGREE.approval: lambda click, kit: _open(voice, AGREE.approval, click, kit),
        AGREE.override: lambda click, kit: _open(voice, AGREE.override, click, kit),
    }


def forms() -> Mapping[str, Callable[[Form, Kit], Message | None]]:
    """Return what happens to each form, by callback id."""
    return {AGREE.approval: _ask_for_approval, AGREE.override: _override}


def go(click: Click, kit: Kit) -> Message | None:
    """Do it: the asker has seen what would happen, and is held to just that."""
    return _resume(kit, click.value, click, Permit(confirmed=_kept(kit, click).shown))


def queue(click: Click, kit: Kit) -> Message | None:
    """Let it wait until the lock is gone."""
    return _resume(kit, click.value, click, Permit(queue=True))


def leave(click: Click, kit: Kit) -> Message | None:
    """Forget it."""
    kept.drop(kit, click.value, click.person)
    return None


def _open(voice: Reasons, action: str, click: Click, kit: Kit) -> Message | None:
    kit.slack.open_form(click.trigger, voice.reason(action, click.value, click.place))
    return None


def _ask_for_approval(form: Form, kit: Kit) -> Message | None:
    return _resume(
        kit, form.value, form, Permit(reason=form.values[REASON].strip(), confirmed=_kept(kit, form).shown)
    )


def _override(form: Form, kit: Kit) -> Message | None:
    return _resume(kit, form.value, form, Permit(override=form.values[REASON].strip()))


def _kept(kit: Kit, one: Click | Form) -> Kept:
    with kit.store.read() as tx:
        found = tx.kept.get(one.value)
    if found is None or found.person != one.person:
        raise NotUnderstood(TOO_OLD)
    return found


def _resume(kit: Kit, kept_id: str, one: Click | Form, permit: Permit) -> Message | None:
    if kept.resume(kit, kept_id, one.person, permit) is None:
        raise NotUnderstood(ANSWERED if _kept(kit, one).state == RESUMED else TOO_OLD)
    return None
