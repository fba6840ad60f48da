"""The `:gitlab …` lines of a scenario: what somebody does in GitLab's own pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps

from sandbox.gitlab.act_words import project_named, word
from sandbox.gitlab.acts_access import AccessActs
from sandbox.gitlab.acts_code import CodeActs
from sandbox.gitlab.acts_deploy import DeployActs
from sandbox.gitlab.acts_environments import EnvironmentActs
from sandbox.gitlab.acts_fields import FieldActs
from sandbox.gitlab.acts_incidents import IncidentActs
from sandbox.gitlab.acts_issues import IssueActs
from sandbox.gitlab.acts_merge import MergeActs
from sandbox.gitlab.acts_notes import NoteActs
from sandbox.gitlab.acts_projects import ProjectActs
from sandbox.gitlab.acts_settings import SettingActs
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import LEVELS, Job, Person, Project
from sandbox.gitlab.people import DEVELOPER, level, may_deploy, person_named

MANY = 10
VARIABLE_ROLES = ("developer", "maintainer", "owner", "no_one_allowed")


@dataclass(frozen=True, slots=True)
class Acts:
    desk: Desk

    async def act(self, name: str, what: str, rest: str) -> str:
        """Do one line as this person; answers a line of text. Raises ValueError with a sentence."""
        table = self.table()
        if what == "help":
            return "\n".join(f":gitlab {_usage(act.__doc__ or '')}" for act in table.values())
        if what not in table:
            raise ValueError(f"`:gitlab {what}` is unknown; there are {', '.join(table)}.")
        answer = table[what](person_named(name), rest)
        self.desk.state.touch()
        return answer

    def table(self) -> Mapping[str, Callable[[Person, str], str]]:
        """Every line by its first word; each is handed the rest of the line."""
        own = {
            "role": self.role,
            "variables": self.variables,
            "play": self.play,
            "retry": self.retry,
            "cancel": self.cancel,
        }
        rooms = (CodeActs, AccessActs, DeployActs, EnvironmentActs, MergeActs, SettingActs, ProjectActs)
        more = (room(self.desk).table() for room in rooms)
        words = own | {what: act for table in more for what, act in table.items()}
        pages = (IssueActs, FieldActs, IncidentActs, NoteActs)
        texts = {what: act for page in pages for what, act in page(self.desk).table().items()}
        return {what: _of_words(act) for what, act in words.items()} | texts

    def role(self, person: Person, words: list[str]) -> str:
        """`role NAME LEVEL [PROJECT]`: give somebody a role; in every project when none is named."""
        whose, named = person_named(word(words, 0, "a name")), word(words, 1, "a role").lower()
        if named not in LEVELS:
            raise ValueError(f"{named} is no role; there are {', '.join(LEVELS)}.")
        projects = [project_named(self.desk.state, words[2:])] if words[2:] else self._joint(whose)
        for project in projects:
            project.members[whose.username] = LEVELS[named]
        listed = (
            ", ".join(one.path for one in projects) if len(projects) < MANY else f"{len(projects)} projects"
        )
        return f"{whose.username} is {named} in {listed}."

    def variables(self, person: Person, words: list[str]) -> str:
        """`variables LEVEL [PROJECT]`: who may hand variables to a pipeline."""
        role, project = word(words, 0, "a level"), project_named(self.desk.state, words[1:])
        if role not in VARIABLE_ROLES:
            raise ValueError(f"{role} is no level; there are {', '.join(VARIABLE_ROLES)}.")
        project.variables_role = role
        return f"{project.path}: pipeline variables from {role}."

    def play(self, person: Person, words: list[str]) -> str:
        """`play [JOB-ID]`: the newest manual job when none is given."""
        job = self._job(person, words, "playable")
        fresh = self.desk.runner.play(job, person, {})
        return f"{person.username} started {fresh.name} (#{fresh.id})."

    def retry(self, person: Person, words: list[str]) -> str:
        """`retry [JOB-ID]`: the newest job that can be retried when none is given."""
        fresh = self.desk.runner.retry(self._job(person, words, "retryable"), person)
        return f"{person.username} retried {fresh.name} as #{fresh.id}."

    def cancel(self, person: Person, words: list[str]) -> str:
        """`cancel [JOB-ID]`: the newest job that has not ended when none is given."""
        job = self._job(person, words, "cancelable")
        self.desk.runner.cancel(job)
        return f"{person.username} canceled {job.name} (#{job.id})."

    def _joint(self, person: Person) -> list[Project]:
        found = [one for one in self.desk.state.projects.values() if person.username in one.members]
        return found or [project_named(self.desk.state, [])]

    def _job(self, person: Person, words: list[str], quality: str) -> Job:
        """The job a line is about, if it is of that quality and the person may act on it."""
        jobs = list(reversed(self.desk.state.jobs.values()))
        if words:
            jobs = [job for job in jobs if str(job.id) == words[0].lstrip("#")]
        job = next((job for job in jobs if getattr(job, quality)), None)
        if job is None:
            raise ValueError(f"GitLab has no {quality} job{' ' + words[0] if words else ''}.")
        if level(person, job.pipeline.project) < DEVELOPER:
            raise ValueError(f"{person.username} may not do that in {job.pipeline.project.path}.")
        if quality != "cancelable" and not may_deploy(person, job.pipeline.project, job.environment):
            raise ValueError(f"{person.username} may not deploy to {job.environment}: it is protected.")
        if self.desk.state.deploys.outdated(job):
            raise ValueError(f"{job.name} (#{job.id}) is older than what {job.environment} has by now.")
        return job


def _of_words(act: Callable[[Person, list[str]], str]) -> Callable[[Person, str], str]:
    """An act that is handed the words of its line."""

    @wraps(act)
    def doing(person: Person, rest: str) -> str:
        return act(person, rest.split())

    return doing


def _usage(text: str) -> str:
    """How an act is written and what it does, from the first line of its description."""
    return text.strip().splitlines()[0].replace("`", "").rstrip(".")
