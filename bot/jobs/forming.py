"""Makes forms of jobs: which job it is, and what it takes, as the person who opens it sees it in GitLab."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace

from bot import words
from bot.command import Click, Form, Request, Shortcut
from bot.errors import GitLabError, NotUnderstood
from bot.jobs import entries, form, inputs, last, projects, sheet, wishes
from bot.jobs.catalogue import loads
from bot.jobs.sheet import Sheet
from bot.jobs.wishes import Found, Wish
from bot.kit import Kit
from bot.model import Option, Project, Run

Who = Request | Click | Shortcut | Form
#: Characters of what stands beside a job in a list.
HINT = 75


# Whether there is one ---------------------------------------------------------------------------------------


def is_wanted(request: Request, found: Found) -> bool:
    """Tell whether who typed no arguments is asked for them. A dry run asks for nothing: it starts nothing."""
    return bool(found.asked) and _is_bare(request) and request.attended and not request.permit.dry_run


def _is_bare(request: Request) -> bool:
    return len(request.words) == 1


def is_likely(kit: Kit, request: Request) -> bool:
    """
    Tell from the store alone whether a job that was typed without arguments takes some.

    Only of projects whose jobs this person has run: nobody learns here what there is elsewhere.
    """
    if not _is_bare(request) or request.permit.dry_run:
        return False
    path = projects.checked(kit, request) or projects.of_place(kit, request.person, request.place)
    if path is None:
        return False
    with kit.store.read() as tx:
        before = tx.runs.recent(request.person, project=path, limit=1)
        known = loads(tx.catalogues.last(before[0].project_id) or "") if before else None
    if known is None:
        return False
    start, typed = kit.config.project(path).start, request.words[0].text
    meant = [job for job in known.jobs if typed == job.name or typed.startswith(f"{job.name}@")]
    return any(Found(job, known.ref, known, start).asked for job in meant)


def without_mark(wish: Wish, found: Found) -> Wish:
    """Return the wish of who typed `--defaults`: the job as it is by itself."""
    by_itself = bool(found.asked) and wish.arguments == form.DEFAULTS
    return replace(wish, arguments="", words=()) if by_itself else wish


# Making one -------------------------------------------------------------------------------------------------


def of_wish(kit: Kit, who: Who, wish: Wish, found: Found) -> Sheet:
    """Return a form for the job that was found, with what was typed, or else with what was given last."""
    begun = Sheet(
        kit.new_id(), wish.prefix, wish.named or "", project_id=wish.project.id, project=wish.project.path,
        home=wish.project.default_branch or "", reason=wish.permit.reason, override=wish.permit.override,
    )  # fmt: skip
    given, text = _split(found, wish.arguments) if wish.words else (None, "")
    return sheet.keep(kit, who.person, replace(_with_job(kit, who, begun, found, given), text=text))


def with_refs(kit: Kit, who: Who, made: Sheet) -> Sheet:
    """Return a form with the branches and tags that can be picked in it."""
    return sheet.keep(kit, who.person, replace(made, refs=_refs(kit, who, made.project_id)))


def of_run(kit: Kit, click: Click, run: Run) -> Sheet:
    """Return the form of a run's job, filled in with what it was run with."""
    project = kit.gitlab_as(click.person).project(run.project_id)
    begun = _of_project(kit, click, Sheet(kit.new_id(), click.prefix), project)
    found = wishes.look(kit, _wish(click, begun, project, run.job, run.ref))
    given, text = _split(found, run.arguments)
    made = replace(_with_job(kit, click, begun, found, given), text=text, refs=_refs(kit, click, project.id))
    return sheet.keep(kit, click.person, made)


def picker(kit: Kit, who: Who, named: str | None = None) -> Sheet:
    """Return the form in which a job is picked: of this project, else that of the place, else the project first."""
    begun = Sheet(kit.new_id(), who.prefix, picks=True)
    path = projects.path_of(kit, who.person.team, named) if named else None
    path = path or projects.of_place(kit, who.person, who.place)
    if path is None:
        return sheet.keep(kit, who.person, begun)
    return _picking(kit, who, begun, kit.gitlab_as(who.person).project(path))


def anew(kit: Kit, click: Click, before: Sheet) -> Sheet:
    """Return a form that was offered, with the job as it is now."""
    project = kit.gitlab_as(click.person).project(before.project_id)
    name = before.job.name if before.job else ""
    return _picked(kit, click, before, project, name, before.ref)


def redrawn(kit: Kit, click: Click) -> Sheet:
    """Return a form in which something was picked or changed that other fields hang on."""
    before = sheet.get(kit, click.person, click.about)
    given, text = form.filled(before, click.values)
    now = replace(before, given=given, text=text, remembered=False)
    kind = click.block.partition(".")[0]
    if kind not in {form.PROJECT, form.JOB, form.REF}:
        return sheet.keep(kit, click.person, now)
    gitlab = kit.gitlab_as(click.person)
    if kind == form.PROJECT:
        return _picking(kit, click, now, gitlab.project(click.value))
    project, job = gitlab.project(now.project_id), now.job.name if now.job else ""
    if kind == form.JOB:
        return _picked(kit, click, replace(now, given={}, text=""), project, click.value, "")
    return _picked(kit, click, now, project, job, click.value)


def sent(kit: Kit, sent_in: Form) -> tuple[Sheet, Wish, Found]:
    """
    Return what somebody asks for who sent a form in, and the job as it is now.

    Raises NotUnderstood for a form that is too old, or whose job is gone, and what keeps chat from starting it.
    """
    one = sheet.get(kit, sent_in.person, sent_in.value)
    if one.job is None:
        raise NotUnderstood("No job was picked, so nothing was started. Open the form once more.")
    given, text = form.filled(one, sent_in.values)
    arguments = entries.line(one.declared, given, text)
    project = kit.gitlab_as(sent_in.person).project(one.project_id)
    wish = replace(
        _wish(sent_in, one, project, one.job.name, one.ref), arguments=arguments, words=words.split(arguments)
    )
    filled = replace(one, given=given, text=text, remembered=False)
    return filled, wish, wishes.look(kit, wish)


def changed(kit: Kit, who: Who, before: Sheet, found: Found) -> Sheet:
    """Return the form once more, made of the job as it is now, with what was filled in."""
    made = replace(_with_job(kit, who, before, found, before.given), id=kit.new_id(), text=before.text)
    return sheet.keep(kit, who.person, made)


# Pieces -----------------------------------------------------------------------------------------------------


def _picking(kit: Kit, who: Who, before: Sheet, project: Project) -> Sheet:
    """The form with a project, whose job is still to be picked."""
    begun = _of_project(kit, who, before, project)
    catalogue = wishes.of_project(kit, who.person, project, project.default_branch or "HEAD")
    jobs = tuple(
        Option(job.name, job.name, " · ".join(filter(None, (job.stage, job.description)))[:HINT])
        for job in catalogue.jobs
        if job.startable
    )
    cleared = replace(
        begun,
        jobs=jobs,
        refs=_refs(kit, who, project.id),
        job=None,
        ref="",
        definition="",
        declared=(),
        given={},
        text="",
    )
    return sheet.keep(kit, who.person, cleared)


def _picked(kit: Kit, who: Who, before: Sheet, project: Project, job: str, ref: str) -> Sheet:
    """The form of a job; that in which one is picked, if there is none yet."""
    if not job:
        return _picking(kit, who, before, project)
    found = wishes.look(kit, _wish(who, before, project, job, ref))
    made = _with_job(kit, who, before, found, before.given or None)
    return sheet.keep(kit, who.person, replace(made, refs=made.refs or _refs(kit, who, project.id)))


def _of_project(kit: Kit, who: Who, before: Sheet, project: Project) -> Sheet:
    own = projects.of_place(kit, who.person, who.place) == project.path
    short = (name for name, path in projects.aliases(kit, who.person.team).items() if path == project.path)
    named = "" if own else next(short, project.path)
    return replace(
        before, project_id=project.id, project=project.path, home=project.default_branch or "", named=named
    )


def _with_job(kit: Kit, who: Who, before: Sheet, found: Found, given: Mapping[str, str] | None) -> Sheet:
    """The form with a job and these values, or those that were given last."""
    made, project = sheet.of_job(before, found), found.catalogue.project
    if given is None:
        lately = last.values(kit, who.person, project.id, found.job.name, found.declared)
        return replace(made, given=lately, remembered=bool(lately))
    known = {entry.name for entry in found.asked}
    return replace(made, given={name: text for name, text in given.items() if name in known})


def _split(found: Found, arguments: str) -> tuple[dict[str, str], str]:
    """The values that arguments give by name, and the words that are left to the job."""
    if not found.declared:
        return {}, arguments
    typed = words.split(arguments)
    given = inputs.named(found.declared, typed)[0]
    free = [word for word in typed if word.text.partition("=")[0] not in given or "=" not in word.text]
    text = " ".join(arguments[word.start : word.end] for word in free) if found.takes_text else ""
    return given, text


def _refs(kit: Kit, who: Who, project_id: int) -> tuple[str, ...]:
    with suppress(GitLabError):  # It can be typed all the same.
        return tuple(kit.gitlab_as(who.person).refs(project_id))
    return ()


def _wish(who: Who, one: Sheet, project: Project, job: str, ref: str) -> Wish:
    """The wish for a job by its own name: it is not looked for a ref in it."""
    return Wish(
        key=who.key, person=who.person, name=who.name, place=who.place, project=project, job=job,
        ref=ref or project.default_branch or "HEAD", arguments="", words=(), prefix=one.prefix,
        named=one.named or None, permit=one.permit(who.permit),
    )  # fmt: skip
