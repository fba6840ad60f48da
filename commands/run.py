"""`run <job>[@ref] [arguments]`: start a job, by its form if it takes inputs; its card lives, its reply comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import blocks.answers
import blocks.job
from blocks import forms, run_form
from bot import opening, words
from bot.command import Click, Command, Form, Letters, Request, Shortcut
from bot.deeds import Halted
from bot.errors import BotError, Helps, LeftOut, NotLinked, NotUnderstood
from bot.jobs import afresh, ask, form, forming, inputs, last, projects, sheet, watch, which, wishes
from bot.jobs.sheet import Sheet
from bot.jobs.wishes import Found, Wish
from bot.kit import Kit
from bot.model import DEPLOYS, MOST_OPTIONS, Block, Message, Option, Place
from commands import help as helping

#: What people type to learn how it is done, unless a job is called so.
HELP = frozenset({"help", "--help", "-h", "?"})
SHORTCUT, PICK_JOB = "run.shortcut", "pick.job"


def run(request: Request, kit: Kit) -> Message | None:
    if not request.words:
        return _pick(request, kit)
    try:
        return _typed(request, kit)
    except NotUnderstood:
        if len(request.words) == 1 and request.words[0].text in HELP:
            return helping.one(COMMAND, request.prefix)
        raise


def _typed(request: Request, kit: Kit) -> Message | None:
    """Start what was typed; a job that takes something and was given nothing opens its form."""
    if (
        request.trigger
        and forming.is_likely(kit, request)
        and _show(kit, request, lambda: _asked(request, kit))
    ):
        return None
    wish = _wish(request, kit)
    found = wishes.look(kit, wish)
    if not forming.is_wanted(request, found):
        return _started(kit, request, forming.without_mark(wish, found), found)
    made = forming.of_wish(kit, request, wish, found)
    if request.trigger and _show(kit, request, lambda: forming.with_refs(kit, request, made)):
        return None
    return _offered(found, made)


def _asked(request: Request, kit: Kit) -> Sheet:
    wish = _wish(request, kit)
    made = forming.of_wish(kit, request, wish, wishes.look(kit, wish))
    return forming.with_refs(kit, request, made)


def _wish(request: Request, kit: Kit) -> Wish:
    return Wish(
        key=request.key, person=request.person, name=request.name, place=request.place,
        project=projects.resolve(kit, request), job=request.words[0].text, ref=None,
        arguments=request.line.after(1), words=request.words[1:], prefix=request.prefix, named=request.project,
        permit=request.permit,
    )  # fmt: skip


def _started(kit: Kit, who: forming.Who, wish: Wish, found: Found) -> Message | None:
    """Start it, and remember what it was given; a form helps whoever mistyped something."""
    try:
        said = ask.ask(kit, blocks.job, wish, found)
    except NotUnderstood as error:
        if not found.asked or kit.redact(wish.arguments) != wish.arguments:
            raise
        made = forming.of_wish(kit, who, wish, found)
        raise NotUnderstood(error.sentence, helps=Helps(run_form.OPEN, run_form.FORM, made.id)) from error
    if found.asked:
        given = inputs.named(found.declared, wish.words)[0]
        last.keep(kit, wish.person, wish.project.id, found.job.name, given)
    return blocks.answers.whispered(said)


# Picking a job ----------------------------------------------------------------------------------------------


def _pick(request: Request, kit: Kit) -> Message | None:
    """Without a job: a form to pick it in; where none can be opened, a select."""
    projects.checked(kit, request)
    if not request.attended:
        raise NotUnderstood(f"Which job? Type `{words.longhand(request.prefix)}run <job> [arguments]`.")
    if _show(kit, request, lambda: forming.picker(kit, request, request.project)):
        return None
    made = forming.picker(kit, request, projects.resolve(kit, request).path)
    if not made.jobs:
        listing = f"{words.longhand(request.prefix)}{f'{request.project} ' if request.project else ''}jobs"
        raise NotUnderstood(f"No job of {made.project} can be started from chat. `{listing}` says why.")
    before = f"{request.project} run" if request.project else "run"
    few = len(made.jobs) <= MOST_OPTIONS
    raise LeftOut(
        f"Which job of {made.project}?", before=before, options=made.jobs if few else (),
        source="" if few else "job", context=made.id,
    )  # fmt: skip


def use_shortcut(shortcut: Shortcut, kit: Kit) -> Message | None:
    if _show(kit, shortcut, lambda: forming.picker(kit, shortcut)):
        return None
    return run_form.late(forming.picker(kit, shortcut).id)


def pick_job(letters: Letters, kit: Kit) -> Sequence[Option]:
    """The jobs of the question, which knows what its asker was shown."""
    asked = sheet.find(kit, letters.person, letters.value)
    return form.matching(asked.jobs, letters.typed) if asked else ()


# The form ---------------------------------------------------------------------------------------------------


def _show(
    kit: Kit, asked: Request | Click | Shortcut, make: Callable[[], Sheet], place: Place | None = None
) -> bool:
    where = place or asked.place
    return opening.show(kit, forms, asked, run_form.FORM, run_form.TITLE, lambda: _view(kit, make(), where))


def _view(kit: Kit, made: Sheet, place: Place, trouble: str = "") -> Block:
    return run_form.form(form.drawn(kit, made, trouble), place)


def _offered(found: Found, made: Sheet) -> Message:
    """The button that opens a form, where none can be opened by itself."""
    whole = not any(one.required for one in inputs.now(found.declared, {}))
    by_itself = form.typed(made, {}, "") if whole else ""
    sample = form.typed(made, {}, inputs.example(found.declared))
    return run_form.offer(found.job.name, made.project, found.asked, made.id, sample, at_once=by_itself)


def press_form(click: Click, kit: Kit) -> Message | None:
    """Open a form that was offered, or that of a run to change; or draw an open one anew after a pick in it."""
    if click.view and form.is_block(click.block):
        _redraw(click, kit)
        return None
    with kit.store.read() as tx:
        before = tx.runs.get(click.value)
    if before is not None:
        opened = _show(kit, click, lambda: forming.of_run(kit, click, before), before.place)
    else:
        made = sheet.get(kit, click.person, click.value)
        opened = _show(kit, click, lambda: forming.anew(kit, click, made))
    return None if opened else run_form.late(click.value)


def _redraw(click: Click, kit: Kit) -> None:
    trouble = ""
    try:
        made = forming.redrawn(kit, click)
    except (NotLinked, Halted):
        raise
    except BotError as error:
        made, trouble = sheet.get(kit, click.person, click.about), error.sentence
    kit.slack.fill_form(click.view, _view(kit, made, click.place, trouble))


def check_form(sent: Form, kit: Kit) -> Mapping[str, str]:
    return form.mistakes(kit, sent)


def send_form(sent: Form, kit: Kit) -> Message | None:
    """Start what was filled in, unless the job is another one by now."""
    made, wish, found = forming.sent(kit, sent)
    what = sheet.differences(made, found)
    if what:
        anew = forming.changed(kit, sent, made, found)
        return run_form.changed(found.job.name, made.project, what, anew.id)
    return _started(kit, sent, wish, found)


# The card ---------------------------------------------------------------------------------------------------


def press_again(click: Click, kit: Kit) -> Message | None:
    before = which.pressed(kit, click)
    if ask.just_asked(kit, before, click.person):
        return blocks.answers.said("I have just started that for you; look at its card.")
    if before.command in DEPLOYS:
        return blocks.answers.whispered(afresh.once_more(kit, blocks.job, before, click, before.place))
    wish = ask.wish_again(kit, before, click, before.place)
    return blocks.answers.whispered(ask.ask(kit, blocks.job, wish))


def tick(kit: Kit) -> None:
    watch.look(kit, blocks.job)


COMMAND = Command(
    "run",
    "run <job>[@ref] [arguments]",
    "Start a job and bring its reply back.",
    (
        "run hello World", "run say@feature/x hi there", "shop run ls", "run scale service=web replicas=3",
        "run scale --defaults", "run",
    ),
    run,
    buttons={blocks.job.AGAIN: press_again, run_form.FORM: press_form},
    forms={run_form.FORM: send_form},
    checks={run_form.FORM: check_form},
    shortcuts={SHORTCUT: use_shortcut},
    options={run_form.FORM: lambda letters, kit: form.options(kit, letters), PICK_JOB: pick_job},
    changes=True,
    tick=tick,
)  # fmt: skip
