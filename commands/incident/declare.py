"""`incident declare`, and `incident` alone: declares one by a line or a form, and changes what it was declared with."""

from __future__ import annotations

import blocks.incident as draw
from blocks import answers, forms, incident_forms, issue
from bot import opening
from bot.command import Click, Form, Request, Shortcut
from bot.deeds import Halted
from bot.errors import BotError, NotLinked, NotUnderstood
from bot.incident import Incident
from bot.incidents import acting, cards, life, which
from bot.incidents.acting import actor
from bot.incidents.drawing import Draft
from bot.incidents.room import declaring, filling, founding, issuing, rooms, sheets, wording
from bot.incidents.room.declaring import Wish
from bot.kit import Kit
from bot.model import Block, Message
from commands.incident import hints
from commands.incident.parts import Part

TITLE = "Declare incident"
AGAIN = "Open the form again"


# What is typed ----------------------------------------------------------------------------------------------


def menu(request: Request, kit: Kit) -> Message:
    """Show what can be done here."""
    one = which.here(kit, request.place)
    with kit.store.read() as tx:
        open_ones = [each for each in tx.incidents.open_ones() if which.takes_part(tx, request.person, each)]
        shown = [cards.shown_of(tx, kit, each) for each in open_ones]
        here = cards.shown_of(tx, kit, one) if one and which.takes_part(tx, request.person, one) else None
    mine = draw.own(here, kit.now()) if here else None
    others = [each.incident for each in shown if here is None or each.incident.id != here.incident.id]
    return draw.menu(others, prefix=request.prefix, here=mine)


def declare(request: Request, kit: Kit) -> Message | None:
    """Declare an incident at once if severity and title are there; else open the form."""
    said = wording.typed(request.line)
    if not said.severity or not said.title:
        draft = filling.of_typed(kit, request, said)
        return open_form(request, kit, draw.DECLARE, sheets.keep(kit, request.person, draft))
    who = actor(kit, request)
    known = declaring.known(kit, declaring.key(request))
    return draw.again(known) if known else _declare(kit, who, filling.wish_of_typed(kit, who, request, said))


def _declare(kit: Kit, who: acting.Actor, wish: Wish) -> Message | None:
    """Whoever declares is told where it is as soon as there is a room (bot/incidents/room/telling.py)."""
    declaring.allow(kit, who, wish)
    declaring.declare(kit, draw, who, wish)
    return None


# Forms ------------------------------------------------------------------------------------------------------


def open_form(asked: Request | Click | Shortcut, kit: Kit, callback: str, sheet_id: str) -> Message | None:
    """Open the form that declares an incident, filled in as the sheet has it."""
    draft = sheets.about(kit, asked.person, sheet_id)
    line = filling.line(draft, hints.before(asked))

    def fill() -> Block:
        actor(kit, asked)
        near = filling.near(kit, asked.person, draft)
        return incident_forms.declare(callback, sheet_id, asked.place, draft, near=near, line=line)

    if opening.show(kit, forms, asked, callback, TITLE, fill):
        return None
    return issue.offer("What is wrong? Severity and title are enough.", TITLE, draw.DECLARE, sheet_id, line)


def press_declare(click: Click, kit: Kit) -> Message | None:
    """Open the form: an empty one, or one that was filled in before."""
    if click.value != draw.NEW:
        return open_form(click, kit, draw.DECLARE, click.value)
    return _open(click, kit, draw.DECLARE, filling.of_place(kit, click.person, click.place))


def press_declare_from(click: Click, kit: Kit) -> Message | None:
    return _open(click, kit, draw.DECLARE_FROM, filling.of_run(kit, click))


def use_new(shortcut: Shortcut, kit: Kit) -> Message | None:
    return _open(shortcut, kit, draw.DECLARE, filling.of_place(kit, shortcut.person, shortcut.place))


def use_from_message(shortcut: Shortcut, kit: Kit) -> Message | None:
    return _open(shortcut, kit, draw.DECLARE, filling.of_message(kit, shortcut))


def _open(asked: Click | Shortcut, kit: Kit, callback: str, draft: Draft) -> Message | None:
    return open_form(asked, kit, callback, sheets.keep(kit, asked.person, draft))


def send_declare(form: Form, kit: Kit) -> Message | None:
    """What cannot be done now is not lost: a button opens the form again with all of it."""
    who = actor(kit, form)
    known = declaring.known(kit, declaring.key(form))
    if known:
        return draw.again(known)
    try:
        return _declare(kit, who, filling.wish_of_form(kit, who, form))
    except (NotLinked, Halted):
        raise
    except BotError as error:
        return issue.offer(kit.redact(error.sentence), AGAIN, draw.DECLARE, filling.again(kit, form), "")


# Editing ----------------------------------------------------------------------------------------------------


def press_edit(click: Click, kit: Kit) -> Message | None:
    one = which.pressed(kit, click).incident

    def fill() -> Block:
        return incident_forms.edit(which.value(one), click.place, one)

    if opening.show(kit, forms, click, draw.EDIT, "Edit incident", fill):
        return None
    raise NotUnderstood("It took me too long to open the form. Press the button again.")


def send_edit(form: Form, kit: Kit) -> Message | None:
    """Change what is different from what the incident is now."""
    who, one = actor(kit, form), which.pressed(kit, form).incident
    acting.climb(kit, who, one.project, f"edit inc {one.number}", project_id=one.project_id)
    project = _elsewhere(kit, who, one, form.values.get(filling.PROJECT, ""))
    with kit.store.write() as tx:
        for what, value in filling.edited(form, one).items():
            life.apply(tx, kit, draw, one, acting.change(kit, who.by, what, value))
        if project:
            issuing.elsewhere(tx, kit, draw, one, project)
    kit.deliver()
    return answers.said(f"inc {one.number} is changed.")


def _elsewhere(kit: Kit, who: acting.Actor, one: Incident, said: str) -> str:
    """Return the project to which an incident without an issue shall go, if whoever asks may declare one there."""
    if one.iid or said in {"", one.project}:
        return ""
    path, project_id = declaring.found(kit, who, said)
    acting.climb(kit, who, path, f"edit inc {one.number}", project_id=project_id)
    return path


def tick(kit: Kit) -> None:
    rooms.tick(kit, draw)


PART = Part(
    verbs={"menu": menu, "declare": declare},
    buttons={draw.DECLARE: press_declare, draw.DECLARE_FROM: press_declare_from, draw.EDIT: press_edit},
    forms={draw.DECLARE: send_declare, draw.DECLARE_FROM: send_declare, draw.EDIT: send_edit},
    checks={draw.DECLARE: filling.check, draw.DECLARE_FROM: filling.check, draw.EDIT: filling.check},
    shortcuts={"incident.shortcut": use_new, "incident.from_message": use_from_message},
    kinds={**founding.kinds(draw), **rooms.kinds(draw)},
    hears=rooms.hears(draw),
    dues={rooms.DUE: rooms.close},
    ticks=(tick,),
)  # fmt: skip
