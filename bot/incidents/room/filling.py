"""What the forms that declare and edit an incident begin with, and what is made of what people fill in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import markdown
from bot.command import Click, Form, Pointed, Request, Shortcut
from bot.edges.slack_history import permalink
from bot.errors import NotUnderstood
from bot.incident import Incident, State
from bot.incidents.acting import Actor
from bot.incidents.drawing import Draft
from bot.incidents.room import alike, declaring, sheets, wording
from bot.incidents.room.declaring import Wish
from bot.incidents.room.wording import Typed
from bot.issues import texts
from bot.issues.filling import MOST_TYPED, lines
from bot.issues.people import MENTION, Names, name_of
from bot.kit import Kit
from bot.model import Person, Place, Run
from bot.text import one_line
from bot.words import clean

#: Ids of the fields (blocks/incident_forms.py).
TITLE, SEVERITY, BEGIN, PROJECT, SUMMARY, VISIBILITY, INVITE = (
    "title", "severity", "begin", "project", "summary", "visibility", "invite",
)  # fmt: skip
TRIAGE, PRIVATE = "triage", "private"
#: Characters of a message that become a title.
TITLE_FROM = 150
#: Letters that show nothing and keep a name from ringing in GitLab; in Slack nothing rings by itself.
_JOINER = "\u2060"
NAMELESS = "An incident needs a title of at least one letter."


# What a form begins with ------------------------------------------------------------------------------------


def of_typed(kit: Kit, request: Request, said: Typed) -> Draft:
    """Return what a form begins with where something was left out of a line."""
    named = said.project or request.project or ""
    path = declaring.path_of(kit, request.person, named) or _default(kit, request.person, request.place)
    return Draft(said.title, said.severity, said.summary, path, _private(kit, said.private))


def of_place(kit: Kit, person: Person, place: Place) -> Draft:
    """Return what a form begins with that nobody said more for."""
    return Draft(project=_default(kit, person, place), private=_private(kit, None))


def of_message(kit: Kit, shortcut: Shortcut) -> Draft:
    """Return what a form begins with that is opened on a message: its first line, its words, and where it is."""
    if shortcut.message is None:
        raise NotUnderstood("Use this on a message: it is in the menu beside it.")
    pointed = shortcut.message
    names = Names(kit, pointed.channel)
    words = _with_names(names, clean(pointed.text)).strip()
    first = next((line for line in pointed.text.splitlines() if line.strip()), "")
    title = _plain(markdown.title(first, limit=TITLE_FROM, names=names))
    link = permalink(kit.people.us().url, pointed.channel, pointed.ts, pointed.thread)
    summary = f"{words[: MOST_TYPED - len(link) - 1]}\n{link}".strip()
    return Draft(
        title, summary=summary, project=_default(kit, shortcut.person, shortcut.place), private=_private(kit, None),
        about=_about(kit, pointed),
    )  # fmt: skip


def _with_names(names: Names, text: str) -> str:
    """People by their names: what is plain text shows no id."""
    return MENTION.sub(lambda found: f"@{names.person(found['id']) or found['id']}", text)


def _about(kit: Kit, pointed: Pointed) -> str:
    who = name_of(kit, pointed.person) if pointed.person else "an app"
    return f"From what {who} said; the summary links to it."


def of_run(kit: Kit, click: Click) -> Draft:
    """Return what a form begins with that is opened on the card of a run that failed."""
    with kit.store.read() as tx:
        run = tx.runs.get(click.value)
    if run is None or run.person.team != click.person.team:
        raise NotUnderstood(
            "That card is too old: I do not know its run any more. Type `/incident declare` for a new form."
        )
    return Draft(
        kit.redact(_failed(run)), summary=run.job_url or run.pipeline_url, project=run.project,
        private=_private(kit, None), about=f"From the run of {one_line(run.job, TITLE_FROM)} that failed.",
    )  # fmt: skip


def _failed(run: Run) -> str:
    """What a run that failed is called as an incident."""
    what = {
        "deploy": f"Deployment of {run.ref} to {run.environment} failed",
        "rollback": f"Rollback of {run.environment} to {run.ref} failed",
    }.get(run.command, f"{run.job} failed on {run.ref}")
    return one_line(what, TITLE_FROM)


def _default(kit: Kit, person: Person, place: Place) -> str:
    return declaring.default(kit, person, place) or ""


def _private(kit: Kit, said: bool | None) -> bool:
    return kit.config.incidents.private if said is None else said


def near(kit: Kit, person: Person, draft: Draft) -> Sequence[Incident]:
    """Return the open incidents that a new one may be the same as."""
    return alike.alike(kit, person, draft.project, draft.title, kit.now())


def line(draft: Draft, prefix: str) -> str:
    """Return the line that could be typed instead of filling in a form."""
    typed = wording.line_of(
        severity=draft.severity or 2,
        title=draft.title or "What is wrong",
        project=draft.project,
        private=draft.private,
    )
    return f"{prefix}{typed}"


# What is made of it -----------------------------------------------------------------------------------------


def wish_of_typed(kit: Kit, who: Actor, request: Request, said: Typed) -> Wish:
    """Return the incident that a line asks for; raises NotUnderstood and LeftOut for a project that is none."""
    title = _plain(texts.title(kit, said.title)[0])
    if not title:
        raise NotUnderstood(NAMELESS)
    path, project_id = declaring.project_of(kit, who, request, said)
    return Wish(
        declaring.key(request), title, said.severity, path, project_id, _with_names(Names(kit), said.summary),
        private=_private(kit, said.private),
    )  # fmt: skip


def wish_of_form(kit: Kit, who: Actor, form: Form) -> Wish:
    """Return the incident that a form asks for."""
    draft, values = sheets.about(kit, form.person, form.value), form.values
    said = values.get(PROJECT) or draft.project
    if not said:
        raise NotUnderstood("Which project? Open the form again and pick one.")
    path, project_id = (said, 0) if said == draft.project else declaring.found(kit, who, said)
    return Wish(
        declaring.key(form), _plain(texts.filled_title(values.get(TITLE, ""))), int(values.get(SEVERITY) or 0), path,
        project_id, values.get(SUMMARY, "").strip(),
        State.TRIAGE if values.get(BEGIN) == TRIAGE else State.INVESTIGATING, values.get(VISIBILITY) == PRIVATE,
        tuple(lines(values.get(INVITE, ""))),
    )  # fmt: skip


def again(kit: Kit, form: Form) -> str:
    """Keep what was filled in, so that the form can be opened again with all of it; return the id of its sheet."""
    before, values = sheets.about(kit, form.person, form.value), form.values
    draft = Draft(
        values.get(TITLE, ""), int(values.get(SEVERITY) or 0), values.get(SUMMARY, ""),
        values.get(PROJECT) or before.project, values.get(VISIBILITY) == PRIVATE, values.get(BEGIN) == TRIAGE,
        before.about,
    )  # fmt: skip
    return sheets.keep(kit, form.person, draft)


def edited(form: Form, incident: Incident) -> dict[str, str]:
    """Return what a form changes of an incident: the new value by what it is."""
    values = form.values
    wanted = {
        "title": _plain(texts.filled_title(values.get(TITLE, ""))), "severity": values.get(SEVERITY, ""),
        "summary": values.get(SUMMARY, "").strip(),
    }  # fmt: skip
    held = {"title": incident.title, "severity": str(incident.severity), "summary": incident.summary}
    return {
        what: value for what, value in wanted.items() if value != held[what] and (value or what == "summary")
    }


def check(form: Form, _kit: Kit) -> Mapping[str, str]:
    """Return what is wrong with what is filled in, while the form is open."""
    return {} if _plain(texts.filled_title(form.values.get(TITLE, ""))) else {TITLE: NAMELESS}


def _plain(title: str) -> str:
    return " ".join(title.replace(_JOINER, "").split())
