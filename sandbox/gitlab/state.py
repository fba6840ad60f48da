"""All that the sandbox's GitLab knows at this moment, and how to find things in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sandbox.gitlab.deploys import Deploys
from sandbox.gitlab.faults import Faults
from sandbox.gitlab.freezes import FreezePeriod
from sandbox.gitlab.groups import Groups
from sandbox.gitlab.limits import MinuteLimit
from sandbox.gitlab.merge_requests import MergeRequest
from sandbox.gitlab.nouns import Job, Person, Pipeline, Project
from sandbox.gitlab.oauth import OAuth
from sandbox.gitlab.people import Token, level, new_tokens
from sandbox.gitlab.seed import plan_of, seed_projects
from sandbox.gitlab.tracker import Tracker
from sandbox.gitlab.uploads import Uploads

FIRST_PIPELINE_ID = 1200
FIRST_JOB_ID = 5500
#: notes_create_limit, per person (doc/administration/settings/rate_limit_on_notes_creation.md).
NOTES_A_MINUTE = 300
#: The verification token of the GitLab for Slack app (`slack_app_verification_token`).
SLACK_APP_TOKEN = "sandbox-slack-app-token"


class State:
    """The database of the fake. `version` grows with every change that somebody could see."""

    def __init__(self, root: Path, clock: Callable[[], float]) -> None:
        self.clock = clock
        self.url = ""
        self.root = root
        self.projects = seed_projects(root, clock())
        self.groups = Groups(self.projects.values())
        self._paths = {project.path.lower(): project for project in self.projects.values()}
        self.pipelines: dict[int, Pipeline] = {}
        self.jobs: dict[int, Job] = {}
        self.tokens: dict[str, Token] = new_tokens(clock())
        self.oauth = OAuth(clock)
        self.blocked: set[str] = set()
        """User names of people who may not sign in."""
        self.deploys = Deploys(clock)
        self.freezes: dict[int, FreezePeriod] = {}
        self._frozen = 0
        self.tracker = Tracker()
        self.faults = Faults()
        self.features: set[str] = set()
        """Switches of GitLab's that are on although they are off by default."""
        self.notes_limit = MinuteLimit(NOTES_A_MINUTE)
        self.merge_requests: dict[int, MergeRequest] = {}
        self.uploads = Uploads()
        self.aliases = {project.name: project.path for project in self.projects.values()}
        self.version = 0
        for project in self.projects.values():
            for target in plan_of(project.path).environments:
                self.deploys.ensure(project, target)

    def touch(self) -> None:
        self.version += 1

    def project(self, key: str) -> Project | None:
        """A project by its number or its full path."""
        if key.isdigit():
            return self.projects.get(int(key))
        return self._paths.get(key.lower())

    def add_project(self, project: Project) -> None:
        """Keep a project that was made, and let it be found by its path, and by its name if that is free."""
        self.projects[project.id] = project
        self._paths[project.path.lower()] = project
        self.aliases.setdefault(project.name, project.path)
        self.touch()

    def next_project_id(self) -> int:
        """One more than the newest has: no project is ever deleted."""
        return next(reversed(self.projects)) + 1

    def visible(self, person: Person | None, key: str) -> Project | None:
        """The same, unless this person may not see it."""
        project = self.project(key)
        return project if project is not None and self._shows(person, project) else None

    def _shows(self, person: Person | None, project: Project) -> bool:
        """To its members; one that is internal or public to everybody who is signed in."""
        return bool(level(person, project)) or (person is not None and project.visibility != "private")

    def visible_projects(self, person: Person) -> list[Project]:
        """All projects that a person may see, newest first as GitLab lists them."""
        return [one for one in reversed(self.projects.values()) if self._shows(person, one)]

    def merge_requests_of(self, project: Project) -> list[MergeRequest]:
        """Newest first."""
        return [one for one in reversed(self.merge_requests.values()) if one.project is project]

    def freezes_of(self, project: Project) -> list[FreezePeriod]:
        """Oldest first, as GitLab lists them."""
        return [one for one in self.freezes.values() if one.project is project]

    def add_freeze(self, project: Project, given: tuple[str, str, str]) -> FreezePeriod:
        """A freeze period of two cron lines and a time zone."""
        self._frozen += 1
        made = FreezePeriod(self._frozen, project, *given, created_at=self.clock())
        self.freezes[made.id] = made
        self.touch()
        return made

    def pipelines_of(self, project: Project) -> list[Pipeline]:
        """Newest first."""
        return [one for one in reversed(self.pipelines.values()) if one.project is project]

    def jobs_of(self, project: Project) -> list[Job]:
        """Newest first."""
        return [one for one in reversed(self.jobs.values()) if one.pipeline.project is project]

    def job(self, project: Project, number: int) -> Job | None:
        job = self.jobs.get(number)
        return job if job is not None and job.pipeline.project is project else None

    def pipeline(self, project: Project, number: int) -> Pipeline | None:
        pipeline = self.pipelines.get(number)
        return pipeline if pipeline is not None and pipeline.project is project else None

    def next_pipeline_id(self) -> int:
        return FIRST_PIPELINE_ID + len(self.pipelines) + 1

    def next_job_id(self) -> int:
        return FIRST_JOB_ID + len(self.jobs) + 1
