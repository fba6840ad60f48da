"""Makes projects, and refuses what GitLab refuses: names, paths, places, rights (app/services/projects)."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sandbox.gitlab import parameters
from sandbox.gitlab.answers import Refused
from sandbox.gitlab.groups import level_in, may_create_in
from sandbox.gitlab.nouns import Namespace, Person, Project
from sandbox.gitlab.people import EVERYONE
from sandbox.gitlab.seed import recommit
from sandbox.gitlab.state import State

VISIBILITIES = ("private", "internal", "public")
#: lib/gitlab/regex.rb, project_name_regex; lib/gitlab/path_regex.rb, PROJECT_PATH_FORMAT_REGEX.
NAME = re.compile(r"[\w\u00a9-\U0001f9ff][\w\u00a9-\U0001f9ff.+ \u2010-\u2015-]*")
PATH = re.compile(r"[a-zA-Z0-9_.][a-zA-Z0-9_.-]*(?<!\.git)(?<!\.atom)")
#: From GitLab 16 on nothing special stands at the ends of a path, nor twice in a row.
TIDY = re.compile(r"[a-zA-Z0-9]+(?:[_.-][a-zA-Z0-9]+)*")
#: lib/gitlab/path_regex.rb, PROJECT_WILDCARD_ROUTES.
ROUTES = (
    "- badges blame blob builds commits create create_dir edit files find_file "
    "new preview raw refs tree update wikis"
)
RESERVED = frozenset(ROUTES.split())
BAD_NAME = (
    "can contain only letters, digits, emoji, '_', '.', '+', dashes, or spaces. "
    "It must start with a letter, digit, emoji, or '_'."
)
BAD_PATH = (
    "can only include non-accented letters, digits, '_', '-' and '.'. It must not start with '-', '_', or '.', "
    "nor end with '-', '_', '.', '.git', or '.atom'."
)
TAKEN, BLANK = "has already been taken", "can't be blank"
LONGEST, LONGEST_DESCRIPTION = 255, 2000
NO_PERSONAL = "Personal project creation is not allowed. Please contact your administrator with questions"


@dataclass(frozen=True, slots=True)
class Plan:
    """A project that is to be."""

    name: str
    path: str
    namespace: Namespace
    visibility: str = "private"
    description: str | None = None
    branch: str | None = None
    """Where a README is committed at once."""


def read_plan(state: State, person: Person, given: Mapping[str, Any]) -> Plan:
    """What a request asks for. Raises Refused with GitLab's own body: 400, or 403 for who may make none."""
    name, path = parameters.text(given, "name"), parameters.text(given, "path")
    if name is None and path is None:
        raise Refused(400, {"error": "name, path are missing, at least one parameter must be provided"})
    visibility = parameters.chosen(given, "visibility", VISIBILITIES)
    readme = parameters.yes(given, "initialize_with_readme")
    branch = parameters.text(given, "default_branch") or "main"
    name = (name if name is not None else path or "").strip()
    return Plan(
        name,
        path if path is not None else path_of(name),
        _namespace(state, person, parameters.whole(given, "namespace_id")),
        visibility or "private",
        parameters.text(given, "description"),
        branch if readme else None,
    )


def path_of(name: str) -> str:
    """A name that could be a path is one; of others GitLab makes one (`Shop Två` becomes `shop-tva`)."""
    if PATH.fullmatch(name):
        return name
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"-{2,}", "-", re.sub(r"[^a-z0-9_-]+", "-", plain)).strip("-")


def _namespace(state: State, person: Person, number: int | None) -> Namespace:
    if number is None:
        if person.bot:
            raise Refused(403, {"error": [NO_PERSONAL]})
        return state.groups.own(person)
    found = state.groups.namespaces.get(number)
    if found is None or not may_create_in(person, found):
        raise Refused(400, {"message": {"namespace": ["is not valid"]}})
    return found


def create_project(state: State, person: Person, plan: Plan) -> Project:
    """Make it. Raises Refused (400) with everything that is wrong with it."""
    wrong = _wrong_name(plan) | _wrong_path(plan) | _wrong_rest(plan)
    wrong = wrong or _taken(state, plan)
    if wrong:
        raise Refused(400, {"message": wrong})
    project = new_project(state, plan)
    state.add_project(project)
    if plan.branch is not None:
        files = {"README.md": f"# {plan.name}\n"}
        project.branches[plan.branch] = recommit(
            project, "Initial commit", project.created_at, None, files, person.name
        )
        project.default_branch = plan.branch
    return project


def new_project(state: State, plan: Plan) -> Project:
    """The project of a plan, not kept yet. Its members are those of its namespace, inherited ones too."""
    path = f"{plan.namespace.path}/{plan.path}"
    project = Project(state.next_project_id(), path, plan.description or "", state.root / path, state.clock())
    levels = {one.username: level_in(one, plan.namespace) for one in EVERYONE if not one.admin}
    project.members = {name: level for name, level in levels.items() if level}
    project.namespace, project.visibility = plan.namespace, plan.visibility
    project.title = plan.name if plan.name != plan.path else ""
    project.chat_token = hashlib.sha256(f"chat {path}".encode()).hexdigest()[:26]
    return project


Wrong = dict[str, list[str]]


def _wrong_name(plan: Plan) -> Wrong:
    if not plan.name:
        return {"name": [BLANK]}
    if len(plan.name) > LONGEST:
        return {"name": [f"is too long (maximum is {LONGEST} characters)"]}
    return {} if NAME.fullmatch(plan.name) else {"name": [BAD_NAME]}


def _wrong_path(plan: Plan) -> Wrong:
    if not plan.path:
        return {"path": [BLANK]}
    if len(plan.path) > LONGEST:
        return {"path": [f"is too long (maximum is {LONGEST} characters)"]}
    if plan.path.lower() in RESERVED:
        return {"path": [f"{plan.path} is a reserved name"]}
    fits = PATH.fullmatch(plan.path) and TIDY.fullmatch(plan.path)
    return {} if fits else {"project_namespace.path": [BAD_PATH], "path": [BAD_PATH]}


def _wrong_rest(plan: Plan) -> Wrong:
    wrong: Wrong = {}
    if len(plan.description or "") > LONGEST_DESCRIPTION:
        wrong["description"] = [f"is too long (maximum is {LONGEST_DESCRIPTION} characters)"]
    if plan.namespace.kind == "group" and plan.visibility != "private":
        wrong["visibility_level"] = [f"{plan.visibility} is not allowed in a private group."]
    return wrong


def _taken(state: State, plan: Plan) -> Wrong:
    """Names and paths are there once in a namespace, in any case; groups in it count too."""
    beside = [one for one in state.projects.values() if one.namespace is plan.namespace]
    names = {(one.title or one.name).lower() for one in beside}
    whole = f"{plan.namespace.path}/{plan.path}"
    wrong: Wrong = {}
    if plan.name.lower() in names:
        wrong |= {"project_namespace.name": [TAKEN], "name": [TAKEN]}
    if state.project(whole) is not None or state.groups.named(whole) is not None:
        wrong["path"] = [TAKEN]
    return wrong
