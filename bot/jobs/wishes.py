"""What somebody wants to run, and the job that is meant by it: its definition, and what it takes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from bot import words
from bot.catalogues import ANY_JOB, Catalogue, ChatJob, Input
from bot.deeds import Permit
from bot.errors import BotError, GitLabError, NotFound, NotUnderstood, Refused
from bot.jobs import inputs
from bot.jobs.catalogue import catalogue_for, find
from bot.jobs.rules import CHAT_ONLY
from bot.kit import Kit
from bot.model import Person, Place, Project
from bot.text import plural
from bot.words import Word

#: What stands for the words that name no variable: a pipeline of variables always takes them.
FREE_TEXT = Input(inputs.TEXT, default="")


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to run, before it is known whether it can be."""

    key: str
    person: Person
    name: str
    place: Place
    project: Project
    job: str
    ref: str | None
    """None for the default branch."""
    arguments: str
    words: tuple[Word, ...]
    """The arguments as words, for a project that declares inputs."""
    prefix: str
    named: str | None = None
    """The project as it was typed before the verb, for suggestions."""
    permit: Permit = field(default_factory=Permit)
    command: str = "run"
    """The command it came by, for rules: run or again."""


@dataclass(frozen=True, slots=True)
class Found:
    """The job that is meant, on its ref, among the others there."""

    job: ChatJob
    ref: str
    catalogue: Catalogue
    start: str
    """How it is started: api or chat."""

    @property
    def declared(self) -> tuple[Input, ...]:
        """What its arguments may name: the inputs of its pipeline, else the variables that people are to set."""
        if self.start != "api":
            return ()
        variables = self.catalogue.variables
        return self.catalogue.inputs or ((*variables, FREE_TEXT) if variables else ())

    @property
    def asked(self) -> tuple[Input, ...]:
        """Those of them that people give."""
        return tuple(inputs.asked(self.declared))

    @property
    def takes_text(self) -> bool:
        """Whether words that name nothing reach the job."""
        return not self.declared or inputs.takes_text(self.declared)


def look(kit: Kit, wish: Wish) -> Found:
    """
    Find the job that is wished for, as the one who wishes.

    `job@ref` is a ref only if no job is called just that. Raises NotUnderstood for a job or a ref that does not
    exist, with whole commands as suggestions; Refused for one that chat cannot start, or nobody could watch.
    """
    job, ref, catalogue = _find(kit, wish)
    _check_startable(wish, job)
    check_watchable(kit, wish.project)
    start = kit.config.project(wish.project.path).start
    if start == "chat":
        _check_chat(wish, job, ref, catalogue)
    return Found(job, ref, catalogue, start)


def of_project(kit: Kit, person: Person, project: Project, ref: str) -> Catalogue:
    """Return the jobs of a project on a ref, asked for as this person."""
    start = kit.config.project(project.path).start
    return catalogue_for(kit.gitlab_as(person), kit.store, project, ref, start=start, now=kit.now())


def _find(kit: Kit, wish: Wish) -> tuple[ChatJob, str, Catalogue]:
    default = wish.project.default_branch or "HEAD"
    name, _, ref = wish.job.rpartition("@")
    if wish.ref is None and name and ref and not _is_job(kit, wish, default):
        there = _on_ref(kit, wish, name, ref)
    else:
        name, ref = wish.job, wish.ref or default
        there = _catalogue(kit, wish, ref, fresh=partial(_deploys, name))
    return _named(wish, there, name), ref, there


def _deploys(name: str, there: Catalogue) -> bool:
    """What people agree to has to be how it is now, with all that is included from elsewhere."""
    return any(
        one.environment and (one.name == name or {name, ANY_JOB} & set(one.joins)) for one in there.jobs
    )


def _is_job(kit: Kit, wish: Wish, ref: str) -> bool:
    """Tell whether a job is called just that; of a broken configuration no job is known."""
    try:
        return any(job.name == wish.job for job in _catalogue(kit, wish, ref).jobs)
    except GitLabError:
        raise
    except BotError:
        return False


def _catalogue(
    kit: Kit, wish: Wish, ref: str, *, fresh: Callable[[Catalogue], bool] | None = None
) -> Catalogue:
    mode = kit.config.project(wish.project.path).start
    gitlab = kit.gitlab_as(wish.person)
    return catalogue_for(gitlab, kit.store, wish.project, ref, start=mode, now=kit.now(), fresh=fresh)


def _on_ref(kit: Kit, wish: Wish, name: str, ref: str) -> Catalogue:
    try:
        return _catalogue(kit, wish, ref, fresh=partial(_deploys, name))
    except NotUnderstood as error:
        lines = tuple(_line(wish, f"{name}@{near}") for near in error.suggestions)
        raise NotUnderstood(f"{error}{_did_you_mean(wish, lines)}", suggestions=lines) from error


def _line(wish: Wish, job: str) -> str:
    project = f"{wish.named} " if wish.named else ""
    return f"{project}run {words.quote(job)} {wish.arguments}".strip()


def _did_you_mean(wish: Wish, lines: tuple[str, ...]) -> str:
    """Say what is near, each with what has to be typed for it."""
    return "".join(
        f"\n{'Or' if n else 'Did you mean'} `{wish.prefix}{line}`?" for n, line in enumerate(lines)
    )


def _named(wish: Wish, catalogue: Catalogue, name: str) -> ChatJob:
    try:
        return find(catalogue, name)
    except NotUnderstood as error:
        at = "" if catalogue.ref == wish.project.default_branch else f"@{catalogue.ref}"
        lines = tuple(_line(wish, near + at) for near in error.suggestions)
        startable = plural(sum(1 for job in catalogue.jobs if job.startable), "job", "jobs")
        listing = f"{words.longhand(wish.prefix)}{f'{wish.named} ' if wish.named else ''}jobs"
        raise NotUnderstood(
            f"{wish.project.path} has no job `{name}` on `{catalogue.ref}`.{_did_you_mean(wish, lines)}"
            f"\n{startable} can be started from chat: `{listing}` lists them.",
            suggestions=lines,
        ) from error


def _check_startable(wish: Wish, job: ChatJob) -> None:
    if job.startable:
        return
    said = [f"`{job.name}` in {wish.project.path} cannot be started from chat: {job.hidden_by}"]
    if job.remedy:
        said.append(f"To start it from chat, add this to the CI configuration:\n```{job.remedy}```")
    if job.hidden_by == CHAT_ONLY:
        said.append('Or set `start = "chat"` for this project in my configuration.')
    raise Refused("\n".join(said))


def check_watchable(kit: Kit, project: Project) -> None:
    """Raise Refused for a project the asker sees and the bot does not: nobody would bring the reply back."""
    try:
        kit.seen.project(project.id)
    except NotFound as error:
        raise Refused(
            f"I cannot see {project.path} myself, so I could not watch the job nor bring its reply back."
            " Have a maintainer add my account to it with the role Developer."
        ) from error


def _check_chat(wish: Wish, job: ChatJob, ref: str, catalogue: Catalogue) -> None:
    """Refuse what GitLab's own slash command cannot do (gitlab-chatops.md 0, 2.1)."""
    if ref != wish.project.default_branch:
        raise Refused(
            f'{wish.project.path} is set to `start = "chat"`, where GitLab only runs jobs of its default branch'
            f' `{wish.project.default_branch}`. Leave `@{ref}` out, or set `start = "api"` for it.'
        )
    if any(letter.isspace() for letter in job.name):
        raise Refused(
            f"GitLab's own slash command cannot run `{job.name}`: its name has a space. Rename the job."
        )
    if any(one.required for one in catalogue.inputs):
        raise Refused(
            f'{wish.project.path} needs inputs, which a chat pipeline cannot take. Set `start = "api"` for it.'
        )
