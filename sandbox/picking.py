"""The lines that press and pick: in the view before a person, else on a message."""

from __future__ import annotations

from collections.abc import Callable, Collection

from sandbox import acts, filling
from sandbox.screen import Button
from sandbox.session import Session, Shown
from sandbox.slack.fields import HELD, MENUS, Field, every_field, named
from sandbox.slack.manifest import GLOBAL

PICKED = frozenset({*HELD, "overflow"})


def told(outcome: str | None) -> str:
    """What Slack shows of an interaction that the app did not answer in time."""
    return "" if outcome in (None, "ok") else f"Slack says {outcome}."


def press(session: Session, act: acts.Press) -> str:
    """In the open form or the Home, else on the newest message with such a button.

    A confirm dialog is answered with yes.
    """
    session.soon(lambda: filling.has_button(session, act) or _has(session, _with_button(act.label)))
    if (remark := filling.press(session, act)) is not None:
        return remark
    shown = session.message(act.number, _with_button(act.label), f"button {act.label}")
    button = _button(shown, act.label)
    assert button is not None
    work = session.world.slack.click(
        session.person, shown.channel, shown.seen.ts, button.action_id, button.block_id
    )
    return told(session.world.call(work))


def _has(session: Session, fits: Callable[[Shown], bool]) -> bool:
    return any(fits(one) for one in session.visible())


def _with_button(label: str) -> Callable[[Shown], bool]:
    return lambda shown: _button(shown, label) is not None


def _button(shown: Shown, label: str) -> Button | None:
    low = label.casefold()
    return next((one for one in shown.buttons if one.label.casefold().startswith(low)), None)


def choose(session: Session, act: acts.Choose) -> str:
    """Pick an option, as `press` presses a button."""
    fits = _with_menu(act.label, PICKED)
    session.soon(lambda: filling.has_menu(session, act.label) or _has(session, fits))
    if (remark := filling.choose(session, act)) is not None:
        return remark
    shown = session.message(act.number, fits, f"menu {act.label}")
    menu = _menu(shown, act.label, PICKED)
    assert menu is not None
    work = session.world.slack.click(
        session.person, shown.channel, shown.seen.ts, menu.key[1], menu.block, option=act.option
    )
    return told(session.world.call(work))


def letters(session: Session, act: acts.Letters) -> str:
    """Open a menu and type letters into it: what it offers for them is visible until something is picked."""
    fits = _with_menu(act.label, MENUS)
    session.soon(lambda: filling.has_menu(session, act.label) or _has(session, fits))
    if (remark := filling.letters(session, act)) is not None:
        return remark
    shown = session.message(act.number, fits, f"menu {act.label}")
    menu = _menu(shown, act.label, MENUS)
    assert menu is not None
    hands, place = session.world.slack.hands, (shown.channel, shown.seen.ts)
    work = hands.letters(session.person, *place, menu.key[1], block_id=menu.block, text=act.letters)
    session.world.call(work)
    return ""


def _with_menu(label: str, kinds: Collection[str]) -> Callable[[Shown], bool]:
    return lambda shown: _menu(shown, label, kinds) is not None


def _menu(shown: Shown, label: str, kinds: Collection[str]) -> Field | None:
    blocks = shown.seen.message.get("blocks", [])
    return named([each for each in every_field(blocks) if each.kind in kinds], label)


def shortcut(session: Session, act: acts.Shortcut) -> str:
    """A global one, or one on message N; on the newest message for one that only messages have."""
    shortcuts = session.world.slack.shortcuts
    if act.number is None and shortcuts.named(act.name).type == GLOBAL:
        return told(session.world.call(shortcuts.use(session.person, act.name, session.channel)))
    shown = session.message(act.number, lambda one: not one.seen.ephemeral, "text for a shortcut")
    work = shortcuts.use_on(session.person, act.name, shown.channel, shown.seen.ts)
    return told(session.world.call(work))
