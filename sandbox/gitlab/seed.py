"""Makes the sandbox's projects from the folders `<group>/<name>`, with branches and tags."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from sandbox.gitlab.nouns import Commit, Project, Target
from sandbox.gitlab.people import DEVELOPER, MAINTAINER, ROLES
from sandbox.gitlab.variables import slug

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
#: The same of projects that are there when they have a folder.
FOUND: Mapping[str, Plan] = {
    "acme/web": Plan(
        "Pages that are tested by every push and deployed by hand",
        branches=("main", "two-regions", "feature/banner"),
        tags=("v1.0.0", "v1.1.0"),
        environments=(
            Target("staging", url="https://staging.web.example.com"),
            Target("production", url="https://web.example.com"),
        ),
    ),
    "acme/lab": Plan("Inputs of every kind, some of which depend on others"),
    "acme/notices": Plan("Variables that people fill in"),
    "acme/gate": Plan("Inputs that have to be given"),
}
#: What was done between two releases: title and author of each commit.
WORK = (("Round prices to whole cents", "Dave Diaz"), ("Let a basket hold a hundred things", "Bob Baker"))
FIRST_AUTHOR = "Alice Archer"
#: How far the seeded commits lie apart.
APART_SECONDS = 3600.0
#: Where a commit leaves a file named after it, so that no two commits are the same.
CHANGES = ".changes"
#: Who may run pipelines on a protected branch: on `main` whoever may merge, on `stable` only Maintainers.
PROTECTED: Mapping[str, int] = {"main": DEVELOPER, "stable": MAINTAINER}


def seed_projects(root: Path, now: float) -> dict[int, Project]:
    """Read every `<group>/<name>` folder of `root`; the planned projects come first and are always there."""
    found = sorted(str(folder.relative_to(root)) for folder in root.glob("*/*") if folder.is_dir())
    paths = [*PLANS, *(path for path in found if path not in PLANS)]
    projects = (_project(FIRST_PROJECT_ID + n, path, root / path, now) for n, path in enumerate(paths))
    return {project.id: project for project in projects}


def plan_of(path: str) -> Plan:
    """What is planned for a project; every other one has the same branches and tags."""
    return PLANS.get(path) or FOUND.get(path) or Plan()


def _project(number: int, path: str, folder: Path, now: float) -> Project:
    plan = plan_of(path)
    project = Project(number, path, plan.description, folder, now, members=dict(plan.members))
    _tell_history(project, plan, now)
    project.default_branch = plan.branches[0] if plan.branches else None
    project.protected = {name: level for name, level in PROTECTED.items() if name in project.branches}
    project.chat_token = hashlib.sha256(f"chat {path}".encode()).hexdigest()[:26]
    return project


def _tell_history(project: Project, plan: Plan, now: float) -> None:
    """Releases with work between them, then the default branch, and the others from there."""
    disk, story = read_files(project.folder), _story(plan)
    head: Commit | None = None
    for left, (title, author, tag) in zip(range(len(story), 0, -1), story, strict=True):
        head = work(project, title, now - APART_SECONDS * left, head, author=author, files=disk)
        if tag is not None:
            project.tags[tag] = head
    for branch in plan.branches:
        made = work(project, f"Work on {branch}", now, head, files=disk)
        project.branches[branch], head = made, made if branch == plan.branches[0] else head


def _story(plan: Plan) -> list[tuple[str, str, str | None]]:
    """Title and author of what was done before today, and the tag that the commit got."""
    rows: list[tuple[str, str, str | None]] = []
    for tag in plan.tags:
        rows += [(title, author, None) for title, author in (WORK if rows else ())]
        rows.append((f"Release {tag}", FIRST_AUTHOR, tag))
    return rows


def work(
    project: Project,
    title: str,
    now: float,
    parent: Commit | None,
    *,
    author: str = FIRST_AUTHOR,
    files: Mapping[str, str] | None = None,
    path: str | None = None,
) -> Commit:
    """A commit of the files on disk and of what its parent had beside them, and of one file that tells of it."""
    disk = read_files(project.folder) if files is None else files
    own = {path or change_path(title): f"{title}\n"}
    return recommit(project, title, now, parent, {**(parent.files if parent else {}), **disk, **own}, author)


def change_path(title: str) -> str:
    """The file that a commit of this title leaves, unless it says which."""
    return f"{CHANGES}/{slug(title)}.md"


def recommit(
    project: Project,
    title: str,
    now: float,
    parent: Commit | None,
    files: Mapping[str, str],
    author: str = FIRST_AUTHOR,
    *,
    merged: Commit | None = None,
    body: str = "",
) -> Commit:
    """A commit of just these files. Its SHA depends on all of it, as git's does."""
    parents = [one.sha for one in (parent, merged) if one is not None]
    content = "\0".join([project.path, title, author, repr(now), *parents, *files, *files.values()])
    sha = hashlib.sha1(content.encode(), usedforsecurity=False).hexdigest()
    before, second = (parent.sha if parent else None), (merged.sha if merged else None)
    return project.history.setdefault(sha, Commit(sha, title, author, now, before, files, second, body))


def read_files(folder: Path) -> dict[str, str]:
    """The text files below a folder by their path; none when the folder is not there."""
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and path.stat().st_size < LARGEST_FILE
    )
    return {str(path.relative_to(folder)): path.read_text("utf-8", "replace") for path in files}
