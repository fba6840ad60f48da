"""Makes the sandbox's projects from the folders `<group>/<name>`, with branches and tags."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.gitlab.nouns import Commit, Project, Target
from sandbox.gitlab.people import DEVELOPER, MAINTAINER, ROLES

#: Nothing bigger than this is read into a commit.
LARGEST_FILE = 1024 * 1024
FIRST_PROJECT_ID = 42


@dataclass(frozen=True, slots=True)
class Plan:
    """What a project has beside its files."""

    description: str = ""
    members: Mapping[str, int] = field(default_factory=lambda: dict(ROLES))
    branches: tuple[str, ...] = ("main", "feature/x", "stable")
    tags: tuple[str, ...] = ("v8.9.0", "v8.10.0")
    environments: tuple[Target, ...] = ()
    """Those that a pipeline of an earlier day has made."""


PLANS: Mapping[str, Plan] = {
    "acme/shop": Plan(
        "The shop, with a job for everything chat can meet",
        environments=(Target("staging"), Target("production", url="https://shop.example.com")),
    ),
    "acme/infra": Plan("Scaling, with typed inputs"),
    "acme/vault": Plan("Secrets, for Alice alone", {"alice": 40}, ("main",), ()),
    "acme/empty": Plan("Nothing was pushed here yet", branches=(), tags=()),
}
#: Who may run pipelines on a protected branch: on `main` whoever may merge, on `stable` only Maintainers.
PROTECTED: Mapping[str, int] = {"main": DEVELOPER, "stable": MAINTAINER}


def seed_projects(root: Path, now: float) -> dict[int, Project]:
    """Read every `<group>/<name>` folder of `root`; the planned projects come first and are always there."""
    found = sorted(str(folder.relative_to(root)) for folder in root.glob("*/*") if folder.is_dir())
    paths = [*PLANS, *(path for path in found if path not in PLANS)]
    projects = (_project(FIRST_PROJECT_ID + n, path, root / path, now) for n, path in enumerate(paths))
    return {project.id: project for project in projects}


def _project(number: int, path: str, folder: Path, now: float) -> Project:
    plan = PLANS.get(path, Plan())
    project = Project(number, path, plan.description, folder, now, members=dict(plan.members))
    for branch in plan.branches:
        project.branches[branch] = commit(project, f"Work on {branch}", now, None)
    for tag in plan.tags:
        project.tags[tag] = commit(project, f"Release {tag}", now, None)
    project.default_branch = plan.branches[0] if plan.branches else None
    project.protected = {name: level for name, level in PROTECTED.items() if name in project.branches}
    project.chat_token = hashlib.sha256(f"chat {path}".encode()).hexdigest()[:26]
    return project


def commit(project: Project, title: str, now: float, parent: Commit | None) -> Commit:
    """A commit of the files in the project's folder as they are now."""
    files = read_files(project.folder)
    return recommit(project, title, now, parent, files)


def recommit(
    project: Project, title: str, now: float, parent: Commit | None, files: Mapping[str, str]
) -> Commit:
    """A commit of these files. Its SHA depends on all of it, as git's does."""
    before = parent.sha if parent else ""
    content = "\0".join([project.path, title, repr(now), before, *files, *files.values()])
    sha = hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()
    return Commit(sha, title, "Alice Archer", now, before or None, files)


def read_files(folder: Path) -> dict[str, str]:
    """The text files below a folder by their path; none when the folder is not there."""
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < LARGEST_FILE
    )
    return {str(path.relative_to(folder)): path.read_text("utf-8", "replace") for path in files}
