"""Which issue somebody means: the one they named, else that of the thread or channel, else one they pick."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from bot.command import Request
from bot.edges.gitlab import GitLab
from bot.errors import LeftOut, NotFound, NotUnderstood
from bot.issues import picks
from bot.issues.acting import Actor
from bot.issues.typed import Given, given
from bot.jobs import projects
from bot.kit import Kit
from bot.text import one_line
from bot.tracker import Issue, Subject
from bot.words import longhand, nearest

#: Moves that are followed: GitLab lets an issue move on from where it was moved to.
MOST_MOVES = 5
#: What GitLab writes below an issue that was moved (app/services/system_notes/issuables_service.rb).
_MOVED = re.compile(r"moved to (?P<project>[^\s#]*)#(?P<number>\d+)")
#: Characters of what was typed that are repeated.
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Found:
    """The issue that is meant, and what was typed behind it."""

    issue: Issue
    rest: str = ""
    moved_from: str = ""
    """What was named, such as `acme/shop#4`, if the issue has moved since."""

    @property
    def subject(self) -> Subject:
        return subject_of(self.issue)


def subject_of(issue: Issue) -> Subject:
    return Subject(issue.project_id, issue.project, issue.iid)


def found(kit: Kit, request: Request, who: Actor, act: str, *, alone: bool = False) -> Found:
    """
    Return the issue a command is about, as the person sees it now; one that was moved is followed.

    `act` is the word of the command, `alone` whether nothing else may be typed behind the issue.
    Raises LeftOut where a picker helps, NotUnderstood, and GitLab's errors; NotFound for what the person may not see.
    """
    said = given(request, kit.config.gitlab.url)
    if alone and said.rest:
        raise _too_much(request, act, said)
    subject = _subject(kit, request, who, act, said)
    one = at(who.gitlab, subject)
    return replace(one, rest=said.rest)


def at(gitlab: GitLab, subject: Subject) -> Found:
    """Return the issue at a place in GitLab, or where it was moved to."""
    issue = gitlab.issue(subject.project_id, subject.iid)
    return follow(gitlab, issue)


def follow(gitlab: GitLab, issue: Issue) -> Found:
    """Return an issue, or the one that it was moved to; GitLab tells where only in a line below it."""
    first = issue
    for _ in range(MOST_MOVES):
        target = _moved_to(gitlab, issue)
        if target is None:
            break
        path, number = target
        try:
            issue = gitlab.issue(gitlab.project(path).id, number)
        except NotFound as error:
            raise NotFound(
                f"{first.reference} was moved to {path}#{number}, and you may not see that."
            ) from error
    return Found(issue, moved_from=first.reference if issue is not first else "")


def _moved_to(gitlab: GitLab, issue: Issue) -> tuple[str, int] | None:
    if issue.moved_to is None:
        return None
    lines = (_MOVED.match(one.body) for one in gitlab.remarks(issue.project_id, issue.iid))
    line = next((one for one in lines if one), None)
    return (line["project"] or issue.project, int(line["number"])) if line else None


# Which one --------------------------------------------------------------------------------------------------


def of_place(kit: Kit, request: Request) -> Subject | None:
    """Return the issue that the thread is about, else that of the channel; not if another project was named."""
    team, place = request.person.team, request.place
    with kit.store.read() as tx:
        subject = tx.issues.subject(team, place) or tx.issues.subject(team, replace(place, thread=None))
    if subject is None or request.project is None:
        return subject
    return subject if projects.path_of(kit, team, request.project) == subject.project else None


def _subject(kit: Kit, request: Request, who: Actor, act: str, said: Given) -> Subject:
    here = of_place(kit, request)
    if said.number is None:
        if here is None:
            raise _which(kit, request, who, act, said)
        return here
    if act == "comment" and said.plain and here and here.iid != said.number:
        raise _either(request, said.number, here.iid)
    return _numbered(kit, request, who, said, said.number)


def _numbered(kit: Kit, request: Request, who: Actor, said: Given, number: int) -> Subject:
    if said.project:
        project = projects.named(kit, who.gitlab, request.person.team, said.project)
        return Subject(project.id, project.path, number)
    if request.project is None and request.place.thread is not None:
        with kit.store.read() as tx:
            here = tx.issues.subject(request.person.team, request.place)
        if here:
            return replace(here, iid=number)
    project = projects.resolve(kit, request)
    return Subject(project.id, project.path, number)


def _which(kit: Kit, request: Request, who: Actor, act: str, said: Given) -> NotUnderstood:
    """Return the question which issue is meant, with those to pick from."""
    project = projects.resolve(kit, request)
    before = f"{project.path} issue {act}"
    if act == "reopen":
        closed = tuple(
            picks.option(kit, one) for one in who.gitlab.issues(project.id, state="closed", most=100)
        )
        if closed:
            return LeftOut("Which issue shall be opened again?", before=before, options=closed)
        return NotUnderstood(f"{project.path} has no closed issue that you may see.")
    if not picks.read(kit, who, project.id, picks.ISSUE):
        line = f"{longhand(request.prefix)}issue create Title"
        return NotUnderstood(f"{project.path} has no open issue that you may see. `{line}` makes one.")
    return LeftOut(
        f"Which issue of {project.path}?", before=before, after=said.rest, source=picks.ISSUE,
        context=str(project.id),
    )  # fmt: skip


def _either(request: Request, named: int, here: int) -> NotUnderstood:
    """Return the question whether a number belongs to the issue or to the text."""
    project = f"{request.project} " if request.project else ""
    first = f"{project}issue comment #{named} {request.line.after(2)}"
    second = f"{project}issue comment #{here} {request.line.after(1)}"
    prefix = longhand(request.prefix)
    return NotUnderstood(
        f"Is {named} the issue, or does your comment on #{here} begin with it? Put `#` before an issue:"
        f" `{prefix}issue comment #{named} …` or `{prefix}issue comment #{here} …`.",
        suggestions=(first, second),
    )


def _too_much(request: Request, act: str, said: Given) -> NotUnderstood:
    project = f"{request.project} " if request.project else ""
    prefix, shown = longhand(request.prefix), one_line(said.rest, SHOWN).replace("`", "'")
    if said.number is None:
        return NotUnderstood(f"`{shown}` is no number of an issue. Type it as `{prefix}issue {act} #4`.")
    line = f"{project}issue {act} #{said.number}"
    return NotUnderstood(
        f"`issue {act}` takes nothing behind the number, and you typed `{shown}`. To say why, type"
        f" `{prefix}issue comment #{said.number} your words`.",
        suggestions=(line,),
    )


def near_labels(names: tuple[str, ...], known: tuple[str, ...]) -> str:
    """Return a hint at labels that are perhaps meant, as the end of a sentence."""
    near = dict.fromkeys(one for name in names for one in nearest(name, known))
    return f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
