"""What GitLab means by refusing to create a pipeline, by its words."""

from __future__ import annotations

#: What GitLab says of a configuration that it cannot use; of broken YAML, where, and not that it is YAML.
_INVALID = ("yaml", "config", "jobs:", "(<unknown>)", "job needs")
#: What it says when its rules leave no job.
_NOTHING = ("will not run", "no stages", "prevented any jobs", "filtered")
_NO_REF = ("reference not found",)


def meaning(project: str, ref: str, reason: str, advice: str) -> str:
    """
    Say why GitLab created no pipeline of `ref`; empty if its reason is none of those that are known.

    `advice` is what to do where the rules of the project leave no job.
    """
    if _says(reason, _NO_REF):
        return f"There is no branch or tag `{ref}` in {project}. Nothing was started."
    if _says(reason, _NOTHING):
        return f"The rules of {project} leave nothing to run on `{ref}`. Nothing was started. {advice}"
    if _says(reason, _INVALID):  # Last, its words are wide.
        return f"The CI configuration of {project} on `{ref}` is not valid: {reason}. Nothing was started."
    return ""


def _says(reason: str, words: tuple[str, ...]) -> bool:
    low = reason.lower()
    return any(one in low for one in words)
