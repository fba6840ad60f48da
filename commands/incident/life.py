"""`incident status`, `severity`, `resolve` and the rest of an incident's life: typed, pressed and filled in."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import blocks.incident as draw
from blocks import forms, incident_life
from bot import opening
from bot.command import Click, Form, Request
from bot.errors import Helps, NotUnderstood
from bot.incident import OVER, Incident, State
from bot.incidents import acting, asking, cards, ending, resolving, states, which
from bot.incidents.crew import summaries
from bot.incidents.held import wishes
from bot.incidents.values import value
from bot.incidents.which import Found
from bot.kit import Kit
from bot.model import Block, Message
from bot.text import escape
from commands.incident.parts import Part, elsewhere

Asked = Request | Click | Form


# What is typed ----------------------------------------------------------------------------------------------


def status(request: Request, kit: Kit) -> Message | None:
    """Show the card to the asker, or move the incident to the state that is typed."""
    one = which.found(kit, request, "status")
    word, _, reason = one.rest.strip().partition(" ")
    if not word:
        acting.look(kit, request, one.incident.project, f"status inc {one.incident.number}")
        with kit.store.read() as tx:
            shown = cards.shown_of(tx, kit, one.incident)
        return draw.own(shown, kit.now())
    wanted = states.typed(word)
    if wanted is None:
        legal = states.listed(states.legal(one.incident)).lower()
        raise NotUnderstood(f"`{escape(word)[:40]}` is no state. From here it can become {legal}.")
    return _to(request, kit, one, wanted, reason.strip())


def severity(request: Request, kit: Kit) -> Message | None:
    one = which.found(kit, request, "severity")
    if not one.rest.strip():
        return _open_severity(request, kit, one)
    number, reason = asking.severity(one.rest)
    return _make(request, kit, one, "severity", str(number), reason or request.permit.reason)


def resolve(request: Request, kit: Kit) -> Message | None:
    one = which.found(kit, request, "resolve")
    return _open_resolve(request, kit, one, one.rest.strip())


def _moving(verb: str, state: State) -> Callable[[Request, Kit], Message | None]:
    """What moves an incident by a word of its own, behind which the reason stands."""

    def act(request: Request, kit: Kit) -> Message | None:
        one = which.found(kit, request, verb)
        return _to(request, kit, one, state, one.rest.strip() or request.permit.reason)

    return act


def reopen(request: Request, kit: Kit) -> Message | None:
    """Open again what is over, or the issue of one that burns, which a bot has closed."""
    one = which.found(kit, request, "reopen")
    if not one.incident.is_burning:
        return _to(request, kit, one, State.INVESTIGATING, one.rest.strip() or request.permit.reason)
    if not asking.is_proposed(kit, one.incident):
        raise NotUnderstood(f"It is {states.named(one.incident.state)}: only what is over can be reopened.")
    return _answer(request, asking.keep_open(kit, draw, acting.actor(kit, request), one))


def _setting(
    what: str, read: Callable[[Kit, str], str] = asking.plain
) -> Callable[[Request, Kit], Message | None]:
    """What sets a text or a switch of an incident to what is typed."""

    def act(request: Request, kit: Kit) -> Message | None:
        one = which.found(kit, request, what)
        return _make(request, kit, one, what, read(kit, one.rest.strip()))

    return act


def policy(request: Request, kit: Kit) -> Message | None:
    one, who = which.found(kit, request, "policy"), acting.actor(kit, request)
    wanted = asking.policy(who, one.incident, one.rest, request.permit.reason)
    return _make(request, kit, one, "policy", wanted, request.permit.reason)


# What is done -----------------------------------------------------------------------------------------------


def _make(asked: Asked, kit: Kit, one: Found, what: str, text: str, reason: str = "") -> Message | None:
    after = asking.make(kit, draw, acting.actor(kit, asked), one, what, text, reason=reason)
    return _answer(asked, after)


def _to(asked: Request | Click, kit: Kit, one: Found, wanted: State, reason: str = "") -> Message | None:
    """Move to a state, or open the form that asks what it takes."""
    incident = one.incident
    if wanted is State.RESOLVED and incident.is_burning:
        return _open_resolve(asked, kit, one, reason)
    if wanted is State.CLOSED and incident.state in OVER:
        _check_gates(kit, incident)
    asks = wanted in {State.DECLINED, State.CANCELED} or states.is_reopening(incident.state, wanted)
    if asks and not reason and wanted in states.legal(incident) and isinstance(asked, Click):
        return _open_reason(asked, kit, one, wanted)
    return _make(asked, kit, one, "state", wanted, reason)


def _check_gates(kit: Kit, incident: Incident) -> None:
    """Raise NotUnderstood, with what opens the form, for an incident that lacks something to be closed."""
    items = resolving.lacks(kit, incident)
    if items:
        raise NotUnderstood(
            f"Before it is closed, say {' and '.join(items)}.",
            helps=Helps("Fill it in", incident_life.RESOLVE, value(incident)),
        )


def _answer(asked: Asked, after: Incident) -> Message | None:
    level = after.severity or "unknown"
    return elsewhere(
        asked, after, f"{escape(after.reference)} is {states.named(after.state)}, severity {level}."
    )


# Forms ------------------------------------------------------------------------------------------------------


def _open(
    asked: Request | Click, kit: Kit, form: tuple[str, str, str], about: str, fill: Callable[[], Block]
) -> Message | None:
    """Open a form; where none can be opened, offer the button that does."""
    callback, title, sentence = form
    if opening.show(kit, forms, asked, callback, title, fill):
        return None
    return incident_life.offer(sentence, title, callback, about)


def _open_resolve(asked: Request | Click, kit: Kit, one: Found, fix: str = "") -> Message | None:
    incident = one.incident

    def fill() -> Block:
        with kit.store.read() as tx:
            tasks = resolving.open_tasks(tx, kit, incident)
        times, needs = resolving.times(incident, kit.now()), resolving.needs_cause(kit, incident)
        return incident_life.resolve(
            incident, asked.place, times, tasks, fix=fix or incident.fix, needs_cause=needs
        )

    fills_in = incident.state in {*OVER, State.CLOSED}
    if not fills_in and State.RESOLVED not in states.legal(incident):
        return _make(asked, kit, one, "state", State.RESOLVED)  # Refused, with what is possible.
    form = (incident_life.RESOLVE, "Resolve incident", "What fixed it, and when?")
    return _open(asked, kit, form, value(incident), fill)


def _open_reason(asked: Request | Click, kit: Kit, one: Found, wanted: State) -> Message | None:
    question, title, _ = incident_life.asked_for(wanted)
    about = value(one.incident, wanted)
    least = states.REOPEN_LEAST if states.is_reopening(one.incident.state, wanted) else 1
    form = (incident_life.REASON, title, question)

    def fill() -> Block:
        return incident_life.reason(about, asked.place, wanted, least=least)

    return _open(asked, kit, form, about, fill)


def _open_severity(asked: Request | Click, kit: Kit, one: Found) -> Message | None:
    form = (incident_life.SEVERITY, "Severity", "How bad is it?")
    return _open(
        asked, kit, form, value(one.incident), lambda: incident_life.severity(one.incident, asked.place)
    )


def send_resolve(form: Form, kit: Kit) -> Message | None:
    one, who = which.pressed(kit, form), acting.actor(kit, form)
    incident = one.incident
    acting.climb(kit, who, incident.project, f"resolve inc {incident.number}")
    after = asking.within(kit, draw, one, lambda tx: resolving.fill_in(tx, kit, draw, who, (incident, form)))
    return _answer(form, after)


def check_resolve(form: Form, kit: Kit) -> Mapping[str, str]:
    return resolving.check(kit, form, which.pressed(kit, form).incident)


def send_reason(form: Form, kit: Kit) -> Message | None:
    one = which.pressed(kit, form)
    return _make(form, kit, one, "state", _picked(one), form.values.get(incident_life.WHY, "").strip())


def send_severity(form: Form, kit: Kit) -> Message | None:
    one = which.pressed(kit, form)
    level, why = form.values.get(incident_life.LEVEL, ""), form.values.get(incident_life.WHY, "").strip()
    return _make(form, kit, one, "severity", level, why)


def send_private(form: Form, kit: Kit) -> Message | None:
    one = which.pressed(kit, form)
    return _make(form, kit, one, "private", one.rest)


# Buttons ----------------------------------------------------------------------------------------------------


def press_state(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click)
    return _to(click, kit, one, _picked(one))


def _picked(one: Found) -> State:
    wanted = states.typed(one.rest)
    if wanted is None:
        raise NotUnderstood("That card is too old: pick the state again on the card.")
    return wanted


def press_resolve(click: Click, kit: Kit) -> Message | None:
    return _open_resolve(click, kit, which.pressed(kit, click))


def press_reopen(click: Click, kit: Kit) -> Message | None:
    """Open it again: the issue that a bot has closed, or an incident that is over."""
    one = which.pressed(kit, click)
    if one.incident.is_burning:
        return _answer(click, asking.keep_open(kit, draw, acting.actor(kit, click), one))
    return _open_reason(click, kit, one, State.INVESTIGATING)


def press_keep_closed(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click)
    if one.incident.is_open and not asking.is_proposed(kit, one.incident):
        raise NotUnderstood("Somebody has answered that already: the card shows how it is.")
    return _make(click, kit, one, "closed", "")


def more_severity(click: Click, kit: Kit) -> Message | None:
    return _open_severity(click, kit, which.pressed(kit, click))


def more_private(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click)
    form = (incident_life.PRIVATE, "Who may see it", "Who may see it?")
    return _open(
        click, kit, form, value(one.incident), lambda: incident_life.private(one.incident, click.place)
    )


def tick(kit: Kit) -> None:
    ending.tick(kit, draw)


PART = Part(
    verbs={
        "status": status, "severity": severity, "resolve": resolve, "policy": policy,
        "reopen": reopen, "cancel": _moving("cancel", State.CANCELED),
        "decline": _moving("decline", State.DECLINED), "close": _moving("close", State.CLOSED),
        "title": _setting("title", asking.title), "private": _setting("private"),
    },
    buttons={
        draw.STATE: press_state, incident_life.RESOLVE: press_resolve, incident_life.REOPEN: press_reopen,
        incident_life.KEEP_CLOSED: press_keep_closed, incident_life.REASON: press_state,
        incident_life.SEVERITY: more_severity, incident_life.PRIVATE: more_private,
    },
    forms={
        incident_life.RESOLVE: send_resolve, incident_life.REASON: send_reason,
        incident_life.SEVERITY: send_severity, incident_life.PRIVATE: send_private,
    },
    checks={incident_life.RESOLVE: check_resolve},
    kinds=wishes.kinds(draw),
    more={draw.SEVERITY: more_severity, draw.PRIVATE: more_private},
    ticks=(tick, summaries.tick),
)  # fmt: skip
