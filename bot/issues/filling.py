"""What is filled into the forms about issues: looked at while they are open, and made plans of when they are sent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Protocol

from bot import markdown
from bot.command import Click, Form, Pointed, Shortcut
from bot.deeds import Halted
from bot.errors import BotError, NotLinked, NotUnderstood
from bot.issues import picks, sheets, talk, texts
from bot.issues.acting import Actor
from bot.issues.making import Plan
from bot.issues.meant import Found, at
from bot.issues.people import MENTION, Names, name_of
from bot.issues.sheets import Sheet
from bot.issues.talk import Talk
from bot.issues.typed import MOST_QUOTED, Quoted
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Message, Option, Person, Place
from bot.text import one_line, plural
from bot.tracker import Draft, NewIssue, Subject
from bot.words import clean
from bot.writing import NOT_KNOWN

#: Ids of the fields, and of what can be ticked (blocks/issue_forms.py).
PROJECT, ISSUE, TITLE, TEXT, LABELS, MORE, LAST = (
    "issue.project", "issue", "title", "text", "labels", "more", "last",
)  # fmt: skip
MINE, CONFIDENTIAL = "mine", "confidential"
#: Characters of a message that become a title, and that are shown of it.
TITLE_FROM, SHOWN = 100, 120
AGAIN = "Open the form again"
#: Characters of a message that a form holds (slack-platform.md 2.1).
MOST_TYPED = 3_000


class Drawing(Protocol):
    """How a button looks that opens a form."""

    def offer(self, sentence: str, label: str, action: str, value: str, line: str) -> Message: ...


# What a form begins with --------------------------------------------------------------------------------------


def of_place(kit: Kit, person: Person, place: Place) -> Sheet:
    """Return what a form begins with that nobody said more for: the project of the place, if it has one."""
    path = projects.of_place(kit, person, place)
    return Sheet(project=path or "")


def of_message(kit: Kit, person: Person, place: Place, pointed: Pointed) -> Sheet:
    """Return what a form begins with that is opened on a message: its words, and the message itself."""
    names = Names(kit, pointed.channel)
    words = MENTION.sub(
        lambda found: f"@{names.person(found['id']) or found['id']}", clean(pointed.text)
    ).strip()
    first = next((line for line in pointed.text.splitlines() if line.strip()), "")
    message = {
        "channel": pointed.channel, "ts": pointed.ts, "thread_ts": pointed.thread, "user": pointed.person,
        "text": pointed.text, "blocks": list(pointed.blocks), "files": list(pointed.files), "bot_id": pointed.bot,
        "words": words,
    }  # fmt: skip
    title = markdown.title(first, limit=TITLE_FROM, names=names)
    return replace(of_place(kit, person, place), title=title, description=words[:MOST_TYPED], message=message)


def keep_message(kit: Kit, shortcut: Shortcut) -> str:
    """Keep what a form begins with that a shortcut opens on a message; return the id of its sheet."""
    if shortcut.message is None:
        raise NotUnderstood("Use this on a message: it is in the menu beside it.")
    sheet = of_message(kit, shortcut.person, shortcut.place, shortcut.message)
    return sheets.keep(kit, shortcut.person, sheet)


def on_issue(kit: Kit, person: Person, one: Found, value: str = "") -> tuple[str, str]:
    """Keep what a form on one issue begins with; return the id of its sheet, and what was filled in before."""
    with kit.store.read() as tx:
        before = sheets.known(kit, tx, person, value)
    text, issue = before.description if before else "", one.issue
    picks.read_soon(kit, person, issue.project_id, picks.LABEL)
    sheet = Sheet(issue.project_id, issue.project, issue.iid, description=text, labels=issue.labels)
    return sheets.keep(kit, person, sheet), text


def known(kit: Kit, who: Actor, sheet_id: str) -> Sheet:
    """
    Return the sheet of a form with its project looked up, as the person; and have what can be picked read.

    A project that is none, or is not theirs to see, is left out.
    """
    sheet = sheets.about(kit, who.person, sheet_id)
    if not sheet.project:
        return sheet
    try:
        project = projects.named(kit, who.gitlab, who.person.team, sheet.project)
    except NotUnderstood:
        found = replace(sheet, project="", project_id=0)
    else:
        found = replace(sheet, project=project.path, project_id=project.id)
        picks.ready(kit, who, project.id, picks.ISSUE)
        picks.ready(kit, who, project.id, picks.LABEL)
    sheets.keep(kit, who.person, found, sheet_id)
    return found


def choose_project(kit: Kit, click: Click) -> None:
    """Somebody has picked another project in a form: its issues and labels are what can be picked now."""
    sheet = sheets.about(kit, click.person, click.about)
    project = kit.gitlab_as(click.person).project(click.value)
    sheets.keep(kit, click.person, replace(sheet, project=project.path, project_id=project.id), click.about)
    for noun in (picks.ISSUE, picks.LABEL):
        picks.read_soon(kit, click.person, project.id, noun)


def draft(kit: Kit, sheet: Sheet) -> Draft:
    """Return what the form of a new issue shows at first."""
    return Draft(sheet.project, sheet.title, sheet.description, sheet.labels, source(kit, sheet))


def source(kit: Kit, sheet: Sheet) -> str:
    """Return a sentence on the message that a form was opened on; empty without one."""
    if sheet.message is None:
        return ""
    message = sheet.message
    who = name_of(kit, str(message["user"])) if message["user"] else "an app"
    files = len(message["files"])
    along = f", with {plural(files, 'file')}" if files else ""
    words = one_line(str(message["words"]), SHOWN)
    return f"It quotes what {who} said{along}, and links to it{f': {words}' if words else '.'}"


def issue_here(kit: Kit, person: Person, place: Place, sheet: Sheet) -> Option | None:
    """Return the issue a place is about, as it is picked; None if it is about none, or one of another project."""
    with kit.store.read() as tx:
        here = tx.issues.subject(person.team, place) or tx.issues.subject(
            person.team, replace(place, thread=None)
        )
    if here is None or here.project_id != sheet.project_id:
        return None
    return Option(f"#{here.iid}", f"#{here.iid}")


# While it is open ---------------------------------------------------------------------------------------------


def check_create(form: Form, kit: Kit) -> Mapping[str, str]:
    """Return what is wrong with a new issue, by the ids of the fields; from the store."""
    wrong: dict[str, str] = {}
    if not texts.filled_title(form.values.get(TITLE, "")):
        wrong[TITLE] = "An issue needs a title of at least one letter."
    last = form.values.get(LAST, "")
    if last and not (last.isdecimal() and 1 <= int(last) <= MOST_QUOTED):
        wrong[LAST] = f"Type a number from 1 to {MOST_QUOTED}, or leave it empty."
    return wrong | _labels(form, kit)


def check_labels(form: Form, kit: Kit) -> Mapping[str, str]:
    """Return what is wrong with the labels that were picked."""
    return _labels(form, kit)


def _labels(form: Form, kit: Kit) -> dict[str, str]:
    """Labels of the project that was picked before stay in the field when another is picked."""
    with kit.store.read() as tx:
        sheet = sheets.known(kit, tx, form.person, form.value)
    names = picks.known_labels(kit, form.person, sheet.project_id) if sheet else None
    if sheet is None or names is None:
        return {}
    unknown = [
        one for one in lines(form.values.get(LABELS, "")) if one not in names and one not in sheet.labels
    ]
    said = f"{sheet.project} has no label {' and none '.join(unknown)}. Take it out."
    return {LABELS: said} if unknown else {}


def check_comment(form: Form, _kit: Kit) -> Mapping[str, str]:
    """Return what is wrong with a comment."""
    return {} if form.values.get(TEXT, "").strip() else {TEXT: "Say something."}


# When it is sent ----------------------------------------------------------------------------------------------


def plan(kit: Kit, who: Actor, form: Form) -> tuple[Plan, Quoted | None, Talk | None]:
    """Return the issue of a form, which of the last messages are to be quoted, and the message it is about."""
    sheet, values = sheets.about(kit, form.person, form.value), form.values
    project = projects.named(kit, who.gitlab, form.person.team, values.get(PROJECT) or sheet.project)
    more, text = lines(values.get(MORE, "")), values.get(TEXT, "")
    # Words that nobody has changed are those of the message, which is quoted as it was written.
    own = "" if sheet.message and text.strip() == str(sheet.message["words"])[:MOST_TYPED].strip() else text
    new = NewIssue(
        texts.filled_title(values.get(TITLE, "")), texts.filled(own, project.url), tuple(lines(values.get(LABELS, ""))),
        who.by.gitlab_id if MINE in more else None, CONFIDENTIAL in more,
    )  # fmt: skip
    last = values.get(LAST, "")
    quoted = Quoted(int(last)) if last.isdecimal() and not sheet.message else None
    said = talk.of_message(kit, sheet.message) if sheet.message else None
    return Plan(project, new), quoted, said


def again(kit: Kit, form: Form) -> str:
    """Keep what was filled in, so that the form can be opened again with all of it; return the id of its sheet."""
    before, values = sheets.about(kit, form.person, form.value), form.values
    filled = replace(
        before, project=values.get(PROJECT) or before.project, title=values.get(TITLE, ""),
        description=values.get(TEXT, ""), labels=tuple(lines(values.get(LABELS, ""))),
    )  # fmt: skip
    return sheets.keep(kit, form.person, filled)


def or_again(
    kit: Kit, draw: Drawing, form: Form, callback: str, act: Callable[[], Message | None]
) -> Message | None:
    """
    Do what a form asks; what cannot be done now is not lost: a button opens the form again with all of it.

    What goes on by itself is raised: a request that is kept, and a change of which nobody knows yet.
    """
    try:
        return act()
    except (NotLinked, Halted):
        raise
    except BotError as error:
        if error.sentence == NOT_KNOWN:
            raise
        return draw.offer(kit.redact(error.sentence), AGAIN, callback, again(kit, form), "")


def issue_of(kit: Kit, who: Actor, form: Form) -> tuple[Found, Sheet]:
    """Return the issue that was picked in a form, or that it is about, as the person sees it now."""
    sheet, picked = sheets.about(kit, form.person, form.value), form.values.get(ISSUE, "")
    if not picked:
        return at(who.gitlab, sheet.subject), sheet
    path = form.values.get(PROJECT) or sheet.project
    project = projects.named(kit, who.gitlab, form.person.team, path)
    number = picked.removeprefix("#")
    if not number.isdecimal():
        raise NotUnderstood(f"`{picked}` is no number of an issue. Pick one.")
    return at(who.gitlab, Subject(project.id, project.path, int(number))), sheet


def message_for(kit: Kit, who: Actor, form: Form) -> tuple[Found, Talk]:
    """Return the issue that a message is to be added to, and the message."""
    one, sheet = issue_of(kit, who, form)
    if sheet.message is None:
        raise NotUnderstood(sheets.TOO_OLD)
    return one, talk.of_message(kit, sheet.message)


def labels_of(kit: Kit, who: Actor, form: Form) -> tuple[Found, tuple[str, ...], tuple[str, ...]]:
    """Return an issue, and which labels were put on it and taken off in a form, against what the form showed."""
    one, sheet = issue_of(kit, who, form)
    wanted = lines(form.values.get(LABELS, ""))
    on = tuple(name for name in wanted if name not in sheet.labels)
    return one, on, tuple(name for name in sheet.labels if name not in wanted)


def lines(text: str) -> list[str]:
    """Return the values of a field that holds several."""
    return [line for line in text.split("\n") if line]
