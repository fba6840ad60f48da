"""`incident list`, `show`, `duplicate`, `metrics` and `export`: several incidents, or one from outside."""

from __future__ import annotations

import blocks.incident as draw
from blocks import forms, incident_life, incident_listing
from bot import opening
from bot.command import Click, Form, Request
from bot.errors import NotUnderstood
from bot.incident import Incident
from bot.incidents import acting, cards, which
from bot.incidents.hindsight import export, listing, measuring, merging
from bot.incidents.told import Figure
from bot.incidents.values import value
from bot.incidents.which import Found
from bot.kit import Kit
from bot.model import MOST_OPTIONS, Message
from bot.text import escape, one_line
from commands.incident.parts import Part, elsewhere

#: What may stand before the incident that another is a duplicate of.
_OF = "of "
SAID_SHOWN = 60


def list_them(request: Request, kit: Kit) -> Message | None:
    acting.look(kit, request, request.project or "", "list")
    found = listing.listed(kit, request.person, listing.wanted(kit, request))
    return incident_listing.listed(found, request.prefix)


def show(request: Request, kit: Kit) -> Message | None:
    """Show the card of an incident to who asks, wherever they are."""
    one = which.found(kit, request, "show").incident
    acting.look(kit, request, one.project, f"show inc {one.number}")
    with kit.store.read() as tx:
        shown = cards.shown_of(tx, kit, one)
    return draw.own(shown, kit.now())


def metrics(request: Request, kit: Kit) -> Message | None:
    acting.look(kit, request, request.project or "", "metrics")
    found = measuring.asked(kit, request)
    if isinstance(found, Figure):
        return incident_listing.figure(found, kit.now())
    return incident_listing.figures(found, request.prefix)


def export_one(request: Request, kit: Kit) -> Message | None:
    one = which.found(kit, request, "export").incident
    acting.look(kit, request, one.project, f"export inc {one.number}")
    export.export(kit, acting.actor(kit, request).by, one)
    if request.place.is_dm:
        return None
    return draw.told(
        f"All that I know of {escape(one.reference)} is on its way to your direct messages, as JSON."
    )


# Duplicates -------------------------------------------------------------------------------------------------


def duplicate(request: Request, kit: Kit) -> Message | None:
    """`duplicate inc-5` in a room; `duplicate inc-7 of inc-5` anywhere."""
    text = request.line.after(1)
    first = which.named(kit, request, text)
    if text and first is None:
        raise _unknown(text)
    if first is None:
        return _ask(request, kit, which.found(kit, request, "duplicate"))
    if first.rest:
        other = which.named(kit, request, first.rest.removeprefix(_OF).strip())
        if other is None or other.rest:
            raise _unknown(first.rest)
        return _merge(request, kit, first, other.incident)
    here = which.here(kit, request.place)
    if here is None or here.id == first.incident.id:
        return _ask(request, kit, first)
    return _merge(request, kit, Found(which.seen(kit, request.person, here)), first.incident)


def _unknown(said: str) -> NotUnderstood:
    shown = one_line(said, SAID_SHOWN).replace("`", "'")
    return NotUnderstood(f"I know no incident `{shown}`. Name it as `inc-5`, or by its issue: `acme/shop#5`.")


def _ask(asked: Request | Click, kit: Kit, one: Found) -> Message | None:
    """Open the form that asks of which incident it is a duplicate."""
    others = [each for each in which.choices(kit, asked.person) if each.value != f"inc-{one.incident.number}"]
    if not others:
        raise NotUnderstood("There is no other open incident that this could be a duplicate of.")
    title = "Duplicate of"
    if opening.show(
        kit, forms, asked, incident_listing.DUPLICATE, title,
        lambda: incident_listing.which_one(one.incident, asked.place, others[:MOST_OPTIONS]),
    ):  # fmt: skip
        return None
    sentence = "Of which incident is this a duplicate?"
    return incident_life.offer(sentence, title, incident_listing.DUPLICATE, value(one.incident))


def _merge(asked: Request | Form, kit: Kit, one: Found, survivor: Incident) -> Message | None:
    who = acting.actor(kit, asked)
    after = merging.merge(kit, draw, who, one, survivor)
    return elsewhere(
        asked, after, f"{escape(after.reference)} is a duplicate of {escape(survivor.reference)} now."
    )


def press_duplicate(click: Click, kit: Kit) -> Message | None:
    return _ask(click, kit, which.pressed(kit, click))


def send_duplicate(form: Form, kit: Kit) -> Message | None:
    number = form.values.get(incident_listing.OTHER, "").removeprefix("inc-")
    with kit.store.read() as tx:
        survivor = tx.incidents.numbered(int(number)) if number.isdecimal() else None
    if survivor is None:
        raise NotUnderstood("Pick the incident that this is a duplicate of.")
    return _merge(form, kit, which.pressed(kit, form), which.seen(kit, form.person, survivor))


def press_archive(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click).incident
    who = acting.actor(kit, click)
    acting.climb(kit, who, one.project, f"archive inc {one.number}", project_id=one.project_id)
    merging.archive(kit, who, one)
    return None


PART = Part(
    verbs={
        "list": list_them, "show": show, "metrics": metrics, "export": export_one, "duplicate": duplicate,
        "dup": duplicate,
    },
    buttons={incident_listing.DUPLICATE: press_duplicate, incident_listing.ARCHIVE: press_archive},
    forms={incident_listing.DUPLICATE: send_duplicate},
    kinds=merging.kinds(draw, incident_listing),
    more={draw.DUPLICATE: press_duplicate},
)  # fmt: skip
