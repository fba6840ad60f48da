"""JSON bodies of people, projects, branches and commits, key for key as GitLab's samples have them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sandbox.gitlab.answers import moment
from sandbox.gitlab.groups import above, namespace_body
from sandbox.gitlab.nouns import Commit, Person, Project
from sandbox.gitlab.people import level

CREATED = 1_675_239_091.402
FEATURES = [
    "issues",
    "repository",
    "merge_requests",
    "forking",
    "wiki",
    "builds",
    "snippets",
    "analytics",
    "container_registry",
    "releases",
    "environments",
    "feature_flags",
    "infrastructure",
    "monitor",
    "model_experiments",
    "model_registry",
]


def user_basic(person: Person, url: str) -> dict[str, Any]:
    return {
        "id": person.id,
        "username": person.username,
        "name": person.name,
        "state": "active",
        "avatar_url": f"{url}/uploads/-/system/user/avatar/{person.id}/avatar.png",
        "web_url": f"{url}/{person.username}",
    }


def user_of_job(person: Person, url: str) -> dict[str, Any]:
    """The longer shape that jobs carry."""
    blank = dict.fromkeys(
        ["bio", "location", "public_email", "linkedin", "twitter", "discord", "website_url", "github"], ""
    )
    more = {
        "organization": "",
        "job_title": "",
        "pronouns": None,
        "bot": person.bot,
        "work_information": None,
    }
    counts = {"followers": 0, "following": 0, "local_time": "10:15 AM"}
    return user_basic(person, url) | {"created_at": moment(CREATED)} | blank | more | counts


def user_current(person: Person, url: str) -> dict[str, Any]:
    """`GET /user`: the longest shape (samples/gitlab/user_current.json)."""
    email = f"{person.username}@example.com"
    own: dict[str, Any] = {
        "locked": False,
        "last_sign_in_at": moment(CREATED),
        "confirmed_at": moment(CREATED),
        "last_activity_on": "2026-11-20",
        "email": email,
        "theme_id": 3,
        "color_scheme_id": 1,
        "projects_limit": 100000,
        "current_sign_in_at": moment(CREATED),
        "identities": [],
        "can_create_group": not person.bot,
        "can_create_project": not person.bot,
        "two_factor_enabled": True,
        "external": False,
        "private_profile": False,
        "commit_email": email,
        "preferred_language": "en",
        "shared_runners_minutes_limit": None,
        "extra_shared_runners_minutes_limit": None,
        "scim_identities": [],
    }
    found = user_of_job(person, url) | own
    return {key: value for key, value in found.items() if key not in ("followers", "following")}


def project_simple(project: Project, url: str) -> dict[str, Any]:
    home, host = f"{url}/{project.path}", url.partition("//")[2]
    branch, name = project.default_branch, project.title or project.name
    namespace = None if project.namespace is None else namespace_body(project.namespace, url)
    return {
        "id": project.id,
        "description": project.description,
        "name": name,
        "name_with_namespace": f"{' / '.join(above(project.namespace))} / {name}",
        "path": project.name,
        "path_with_namespace": project.path,
        "created_at": moment(project.created_at),
        "default_branch": branch,
        "tag_list": [],
        "topics": [],
        "ssh_url_to_repo": f"git@{host}:{project.path}.git",
        "http_url_to_repo": f"{home}.git",
        "web_url": home,
        "readme_url": f"{home}/-/blob/{branch}/README.md" if branch else None,
        "forks_count": 0,
        "avatar_url": None,
        "star_count": 0,
        "last_activity_at": moment(project.created_at),
        "visibility": project.visibility,
        "namespace": namespace,
    }


def project_full(project: Project, person: Person, url: str) -> dict[str, Any]:
    """`GET /projects/:id`: what a member sees (samples/gitlab/project_get.json)."""
    access = (
        {"access_level": level(person, project), "notification_level": 3} if level(person, project) else None
    )
    flags = ("issues", "merge_requests", "wiki", "jobs", "snippets", "container_registry", "packages")
    return (
        project_simple(project, url)
        | {"_links": links(project, url), "empty_repo": not project.branches, "archived": project.archived}
        | {f"{flag}_enabled": True for flag in flags}
        | {f"{feature}_access_level": "enabled" for feature in FEATURES}
        | ci_settings(project)
        | {
            "creator_id": 7,
            "import_status": "none",
            "open_issues_count": 0,
            "updated_at": moment(project.created_at),
        }
        | {"shared_with_groups": [], "merge_method": "merge", "request_access_enabled": True}
        | {"permissions": {"project_access": access, "group_access": None}}
    )


def ci_settings(project: Project) -> dict[str, Any]:
    return {
        "ci_default_git_depth": 20,
        "ci_delete_pipelines_in_seconds": None,
        "ci_forward_deployment_enabled": project.settings.ci_forward_deployment_enabled,
        "ci_forward_deployment_rollback_allowed": project.settings.ci_forward_deployment_rollback_allowed,
        "only_allow_merge_if_pipeline_succeeds": project.settings.only_allow_merge_if_pipeline_succeeds,
        "ci_job_token_scope_enabled": False,
        "build_git_strategy": "fetch",
        "restrict_user_defined_variables": project.variables_role != "developer",
        "ci_pipeline_variables_minimum_override_role": project.variables_role,
        "build_timeout": 3600,
        "auto_devops_enabled": False,
        "ci_config_path": "",
        "public_jobs": True,
    }


def links(project: Project, url: str) -> dict[str, str]:
    home = f"{url}/api/v4/projects/{project.id}"
    named = ("issues", "merge_requests", "labels", "events", "members", "cluster_agents")
    return {"self": home, "repo_branches": f"{home}/repository/branches"} | {
        name: f"{home}/{name}" for name in named
    }


def commit_body(commit: Commit, project: Project, url: str) -> dict[str, Any]:
    """A commit as branches, tags and jobs carry it; its times are written with an offset."""
    at = datetime.fromtimestamp(commit.created_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+00:00")
    email = f"{commit.author.split()[0].lower()}@example.com"
    return {
        "id": commit.sha,
        "short_id": commit.sha[:8],
        "created_at": at,
        "parent_ids": commit.parents,
        "title": commit.title,
        "message": f"{commit.title}\n" + (f"\n{commit.body}\n" if commit.body else ""),
        "author_name": commit.author,
        "author_email": email,
        "authored_date": at,
        "committer_name": commit.author,
        "committer_email": email,
        "committed_date": at,
        "trailers": {},
        "extended_trailers": {},
        "web_url": f"{url}/{project.path}/-/commit/{commit.sha}",
    }


def branch_body(name: str, project: Project, person: Person, url: str) -> dict[str, Any]:
    wanted = project.protected.get(name)
    return {
        "name": name,
        "commit": commit_body(project.branches[name], project, url),
        "merged": False,
        "protected": wanted is not None,
        "developers_can_push": False,
        "developers_can_merge": wanted == 30,
        "can_push": level(person, project) >= (30 if wanted is None else 40),
        "default": name == project.default_branch,
        "web_url": f"{url}/{project.path}/-/tree/{name}",
    }


def tag_body(name: str, project: Project, url: str) -> dict[str, Any]:
    commit = project.tags[name]
    return {
        "name": name,
        "message": "",
        "target": commit.sha,
        "commit": commit_body(commit, project, url),
        "release": None,
        "protected": False,
        "created_at": None,
    }


def version() -> dict[str, Any]:
    """`GET /version`. From GitLab 19 on there are no Slack slash commands (gitlab-chatops.md 0)."""
    return {"version": "19.4.1-ee", "revision": "bb2a6f5d1e0"}
