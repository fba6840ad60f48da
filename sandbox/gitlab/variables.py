"""CI/CD variables: which ones a job has, and how references inside their values are expanded."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from sandbox.gitlab.nouns import Job, Pipeline

REFERENCE = re.compile(r"\$\$|\$([A-Za-z_]\w*)|\$\{([A-Za-z_]\w*)\}|%([A-Za-z_]\w*)%")
#: What the runner's own expansion reads: `$` and one special sign, a name, or a name in braces.
RUNNER_REFERENCE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?\-0-9])|([A-Za-z_]\w*))")
SLUG_LENGTH = 63
#: `Gitlab::Slug::Environment`: a longer name is cut here, and a changed one gets a suffix of this length.
ENVIRONMENT_SLUG_LENGTH, CUT, SUFFIX = 24, 17, 6
BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"


def pipeline_variables(pipeline: Pipeline, url: str) -> dict[str, str]:
    """What every job of a pipeline knows, before the configuration adds its own (doc/ci/variables)."""
    project, commit = pipeline.project, pipeline.commit
    found = {
        "CI": "true",
        "GITLAB_CI": "true",
        "CI_API_V4_URL": f"{url}/api/v4",
        "CI_SERVER_URL": url,
        "CI_SERVER_HOST": urlsplit(url).hostname or "",
        "CI_PROJECT_ID": str(project.id),
        "CI_PROJECT_NAME": project.name,
        "CI_PROJECT_PATH": project.path,
        "CI_PROJECT_NAMESPACE": project.group,
        "CI_PROJECT_URL": f"{url}/{project.path}",
        "CI_DEFAULT_BRANCH": project.default_branch or "",
        "CI_PIPELINE_ID": str(pipeline.id),
        "CI_PIPELINE_IID": str(pipeline.iid),
        "CI_PIPELINE_SOURCE": pipeline.source,
        "CI_PIPELINE_URL": f"{url}/{project.path}/-/pipelines/{pipeline.id}",
        "CI_COMMIT_SHA": commit.sha,
        "CI_COMMIT_SHORT_SHA": commit.sha[:8],
        "CI_COMMIT_TITLE": commit.title,
        "CI_COMMIT_REF_NAME": pipeline.ref,
        "CI_COMMIT_REF_SLUG": slug(pipeline.ref),
        "CI_COMMIT_REF_PROTECTED": str(pipeline.ref in project.protected).lower(),
        "GITLAB_USER_ID": str(pipeline.user.id),
        "GITLAB_USER_LOGIN": pipeline.user.username,
        "GITLAB_USER_NAME": pipeline.user.name,
    }
    found["CI_COMMIT_TAG" if pipeline.tag else "CI_COMMIT_BRANCH"] = pipeline.ref
    return found


def job_variables(job: Job, folder: str, url: str) -> dict[str, str]:
    """The environment of one job, expanded: predefined, then its configuration's, then the pipeline's."""
    raw = pipeline_variables(job.pipeline, url) | {
        "CI_JOB_ID": str(job.id),
        "CI_JOB_NAME": job.name,
        "CI_JOB_STAGE": job.stage,
        "CI_JOB_URL": f"{url}/{job.pipeline.project.path}/-/jobs/{job.id}",
        "CI_PROJECT_DIR": folder,
        "GITLAB_USER_ID": str(job.user.id),
        "GITLAB_USER_LOGIN": job.user.username,
        "GITLAB_USER_NAME": job.user.name,
    }
    if job.environment:
        raw |= {
            "CI_ENVIRONMENT_NAME": job.environment,
            "CI_ENVIRONMENT_SLUG": environment_slug(job.environment),
        }
    return expand_all(raw | job.variables)


def expand_all(raw: Mapping[str, str]) -> dict[str, str]:
    """Expand references as GitLab does (known ones, through each other) and then as the runner does.

    `$$` becomes `$`; what is not known becomes nothing (doc/ci/variables/where_variables_can_be_used).
    """
    known = {name: expand(value, raw, frozenset({name})) for name, value in raw.items()}
    return {name: _runner(value, known) for name, value in known.items()}


def expand(text: str, raw: Mapping[str, str], seen: frozenset[str] = frozenset()) -> str:
    """Put known variables in, through each other; `$$`, unknown ones and circles stay as they are."""

    def put(found: re.Match[str]) -> str:
        name = found[1] or found[2] or found[3]
        if name is None or name not in raw or name in seen:
            return found[0]
        return expand(raw[name], raw, seen | {name})

    return REFERENCE.sub(put, text)


def _runner(text: str, known: Mapping[str, str]) -> str:
    def put(found: re.Match[str]) -> str:
        if found[2]:
            return "$" if found[2] == "$" else ""
        return known.get(found[1] or found[3] or "", "")

    return RUNNER_REFERENCE.sub(put, text)


def slug(text: str) -> str:
    """A ref as GitLab writes it in host names: lower case, 63 characters, no dash at its ends."""
    return re.sub(r"[^a-z0-9]", "-", text.lower())[:SLUG_LENGTH].strip("-")


def environment_slug(name: str) -> str:
    """An environment's name as GitLab writes it in host names; a changed one ends with part of a hash."""
    text = re.sub(r"[^a-z0-9]", "-", name.lower())
    text = re.sub(r"-+", "-", text if re.match(r"[a-z]", text) else f"env-{text}")
    if len(text) <= ENVIRONMENT_SLUG_LENGTH and text == name:
        return text.rstrip("-")
    number, suffix = int(hashlib.sha256(name.encode()).hexdigest(), 16), ""
    while len(suffix) < SUFFIX:
        number, digit = divmod(number, len(BASE36))
        suffix = BASE36[digit] + suffix
    return f"{text[:CUT].rstrip('-')}-{suffix}"
