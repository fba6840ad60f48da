"""`issue`: make, show, discuss and change issues, typed and clicked; what GitLab holds is what is shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import blocks.issue as draw
from blocks import forms, issue_forms
from bot import opening
from bot.command import Click, Command, Form, Request, Shortcut
from bot.issues import (
    cards,
    changing,
    commenting,
    filling,
    lost,
    making,
    moving,
    people,
    picks,
    quoting,
    searching,
    sheets,
    talk,
    texts,
    typed,
)
from bot.issues.acting import actor
from bot.issues.commenting import Words
from bot.issues.meant import Found, found
from bot.issues.sheets import Sheet
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Block, Message, Place
from bot.tracker import Issue
from bot.words import longhand
from commands import help as helping

HELP = frozenset({"help", "--help", "-h", "?"})


def run(request: Request, kit: Kit) -> Message | None:
    if not request.words or request.words[0].text in HELP:
        return helping.one(COMMAND, request.prefix)
    projects.checked(kit, request)
    return ACTS[typed.act_of(request, kit.config.gitlab.url)](request, kit)


# What is typed ----------------------------------------------------------------------------------------------


def _create(request: Request, kit: Kit) -> Message | None:
    if not request.line.after(1) and not request.permit.dry_run:
        sheet = Sheet(project=request.project or projects.of_place(kit, request.person, request.place) or "")
        return _open_create(request, kit, sheets.keep(kit, request.person, sheet))
    who = actor(kit, request)
    plan, quoted = making.planned(kit, request)
    making.allow(kit, who, plan)
    said = talk.gather(kit, request.person, request.place, quoted) if quoted else None
    return quoting.create(kit, draw, who, plan, said)


def _add(request: Request, kit: Kit) -> Message | None:
    who = actor(kit, request)
    one = found(kit, request, who, "add")
    quoted = talk.wanted(request, one)
    commenting.allow(kit, who, one, "add")
    return quoting.add(kit, draw, who, one, talk.gather(kit, request.person, request.place, quoted))


def _open(request: Request, kit: Kit) -> Message | None:
    if request.line.after(1) == searching.NONE:
        return searching.leave(kit, draw, request)
    who = actor(kit, request)
    one = found(kit, request, who, "open", alone=True)
    return searching.open_here(kit, draw, who, one, request)


def _show(request: Request, kit: Kit) -> Message | None:
    who = actor(kit, request)
    one = found(kit, request, who, "show", alone=True)
    return searching.show(kit, draw, who, one, request)


def _search(request: Request, kit: Kit) -> Message | None:
    return searching.search(kit, draw, actor(kit, request), projects.resolve(kit, request), request)


def _comment(request: Request, kit: Kit) -> Message | None:
    who = actor(kit, request)
    one = found(kit, request, who, "comment")
    text = typed.bare(one.rest)
    if not text:
        return _open_on(draw.COMMENT, request, kit, filling.on_issue(kit, request.person, one)[0])
    commenting.allow(kit, who, one, f"comment {text}")
    return commenting.write_one(kit, draw, who, one, Words(texts.typed(kit, text)))


def _turn(request: Request, kit: Kit) -> Message | None:
    who, event = actor(kit, request), request.words[0].text.lower()
    return changing.turn(kit, draw, who, found(kit, request, who, event, alone=True), event)


def _assign(request: Request, kit: Kit) -> Message | None:
    who = actor(kit, request)
    one = found(kit, request, who, "assign")
    return changing.assign(kit, draw, who, one, people.whom(kit, who, one))


def _label(request: Request, kit: Kit) -> Message | None:
    who = actor(kit, request)
    one = found(kit, request, who, "label")
    on, off = typed.label_changes(one.rest)
    if not on and not off:
        return _open_on(draw.LABEL, request, kit, filling.on_issue(kit, request.person, one)[0])
    return changing.label(kit, draw, who, one, on, off)


def _move(request: Request, kit: Kit) -> Message | None:
    who = actor(kit, request)
    one = found(kit, request, who, "move")
    return moving.move(kit, draw, who, one, moving.target(kit, request, who, one))


ACTS: Mapping[str, Callable[[Request, Kit], Message | None]] = {
    "create": _create, "add": _add, "open": _open, "show": _show, "search": _search, "comment": _comment,
    "close": _turn, "reopen": _turn, "assign": _assign, "label": _label, "move": _move,
}  # fmt: skip


# Buttons on the card ----------------------------------------------------------------------------------------


def press_show(click: Click, kit: Kit) -> Message | None:
    return searching.show(kit, draw, actor(kit, click), _pressed(kit, click), click)


def press_close(click: Click, kit: Kit) -> Message | None:
    return changing.turn(kit, draw, actor(kit, click), _pressed(kit, click), "close")


def press_reopen(click: Click, kit: Kit) -> Message | None:
    return changing.turn(kit, draw, actor(kit, click), _pressed(kit, click), "reopen")


def press_assign(click: Click, kit: Kit) -> Message | None:
    who, one = actor(kit, click), _pressed(kit, click)
    return changing.assign(kit, draw, who, one, people.named(kit, who, one, people.ME))


def _pressed(kit: Kit, click: Click) -> Found:
    return cards.pressed(kit, draw, actor(kit, click), click.value)


# Forms and shortcuts ----------------------------------------------------------------------------------------


def use_new(shortcut: Shortcut, kit: Kit) -> Message | None:
    sheet = filling.of_place(kit, shortcut.person, shortcut.place)
    return _open_create(shortcut, kit, sheets.keep(kit, shortcut.person, sheet))


def use_from_message(shortcut: Shortcut, kit: Kit) -> Message | None:
    return _open_create(shortcut, kit, filling.keep_message(kit, shortcut))


def use_add_message(shortcut: Shortcut, kit: Kit) -> Message | None:
    return _open_add(shortcut, kit, filling.keep_message(kit, shortcut))


def _open_create(asked: Request | Click | Shortcut, kit: Kit, sheet_id: str) -> Message | None:
    line = f"{longhand(asked.prefix)}issue create Title"

    def fill() -> Block:
        sheet = filling.known(kit, actor(kit, asked), sheet_id)
        quotes = sheet.message is None and not asked.place.is_dm
        return issue_forms.create(sheet_id, asked.place, filling.draft(kit, sheet), line=line, quotes=quotes)

    if opening.show(kit, forms, asked, draw.CREATE, "New issue", fill):
        return None
    return draw.offer("What shall the new issue say?", "New issue", draw.CREATE, sheet_id, line)


def _open_add(asked: Click | Shortcut, kit: Kit, sheet_id: str) -> Message | None:
    line = f"{longhand(asked.prefix)}issue add #4 last 5"

    def fill() -> Block:
        sheet = filling.known(kit, actor(kit, asked), sheet_id)
        here = filling.issue_here(kit, asked.person, asked.place, sheet)
        return issue_forms.add(sheet_id, asked.place, filling.draft(kit, sheet), issue=here, line=line)

    if opening.show(kit, forms, asked, draw.ADD, "Add to issue", fill):
        return None
    return draw.offer("To which issue shall it be added?", "Add to issue", draw.ADD, sheet_id, line)


def _open_on(form: str, asked: Request | Click, kit: Kit, value: str) -> Message | None:
    """Open the form for a comment, or for labels, of the issue on a card or in a sheet, whose id is `value`."""
    title, sentence, typed_so, view = ON_ISSUE[form]
    line = f"{longhand(asked.prefix)}{typed_so}".format

    def fill() -> Block:
        one = cards.pressed(kit, draw, actor(kit, asked), value)
        sheet_id, text = filling.on_issue(kit, asked.person, one, value)
        return view(sheet_id, asked.place, one.issue, text, line(one.issue.iid))

    if opening.show(kit, forms, asked, form, title, fill):
        return None
    number = cards.numbered(kit, asked.person, value)
    return draw.offer(sentence, title, form, value, line(number) if number else "")


ON_ISSUE: Mapping[str, tuple[str, str, str, Callable[[str, Place, Issue, str, str], Block]]] = {
    draw.COMMENT: ("Comment", "What do you say to it?", "issue comment #{} your words", issue_forms.comment),
    draw.LABEL: ("Labels", "Which labels shall it have?", "issue label #{} +bug -urgent", issue_forms.label),
}


def send_create(form: Form, kit: Kit) -> Message | None:
    who = actor(kit, form)

    def act() -> Message | None:
        plan, quoted, said = filling.plan(kit, who, form)
        making.allow(kit, who, plan)
        said = talk.gather(kit, form.person, form.place, quoted) if quoted else said
        return quoting.create(kit, draw, who, plan, said)

    return filling.or_again(kit, draw, form, draw.CREATE, act)


def send_add(form: Form, kit: Kit) -> Message | None:
    who = actor(kit, form)

    def act() -> Message | None:
        one, said = filling.message_for(kit, who, form)
        commenting.allow(kit, who, one, "add")
        words = texts.filled(form.values.get(filling.TEXT, ""), one.issue.home)
        return quoting.add(kit, draw, who, one, said, words)

    return filling.or_again(kit, draw, form, draw.ADD, act)


def send_comment(form: Form, kit: Kit) -> Message | None:
    who, text = actor(kit, form), form.values.get(filling.TEXT, "")

    def act() -> Message | None:
        one, _ = filling.issue_of(kit, who, form)
        commenting.allow(kit, who, one, f"comment {text}")
        return commenting.write_one(kit, draw, who, one, Words(texts.filled(text, one.issue.home)))

    return filling.or_again(kit, draw, form, draw.COMMENT, act)


def send_label(form: Form, kit: Kit) -> Message | None:
    who = actor(kit, form)
    one, on, off = filling.labels_of(kit, who, form)
    return changing.label(kit, draw, who, one, on, off)


# The clock --------------------------------------------------------------------------------------------------


def tick(kit: Kit) -> None:
    lost.look(kit, draw)


COMMAND = Command(
    "issue",
    "issue create <title> | add | open | show | search | close | reopen | comment | move | assign | label",
    "Make, show, discuss and change issues.",
    (
        "issue create Basket loses items from last 5", "issue add #4 from @bob last 3", "issue show #4",
        "issue search basket", "issue comment #4 It happens on Fridays", "issue close #4", "issue assign #4 me",
        "issue label #4 +bug -urgent", "issue move #4 to acme/infra",
    ),
    run,
    buttons={
        draw.SHOW: press_show, draw.CLOSE: press_close, draw.REOPEN: press_reopen, draw.ASSIGN: press_assign,
        draw.COMMENT: lambda click, kit: _open_on(draw.COMMENT, click, kit, click.value),
        draw.LABEL: lambda click, kit: _open_on(draw.LABEL, click, kit, click.value),
        draw.CREATE: lambda click, kit: _open_create(click, kit, click.value),
        draw.ADD: lambda click, kit: _open_add(click, kit, click.value),
        filling.PROJECT: lambda click, kit: filling.choose_project(kit, click),
    },
    forms={
        draw.CREATE: send_create, draw.ADD: send_add, draw.COMMENT: send_comment, draw.LABEL: send_label,
    },
    checks={
        draw.CREATE: filling.check_create, draw.COMMENT: filling.check_comment, draw.LABEL: filling.check_labels,
    },
    shortcuts={
        "issue.shortcut": use_new, "issue.from_message": use_from_message, "issue.add_message": use_add_message,
    },
    options={"pick.issue": picks.issues, "pick.label": picks.labels, "pick.member": picks.members},
    changes=True,
    tick=tick,
)  # fmt: skip
