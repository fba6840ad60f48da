"""What GitLab means by refusing to create a pipeline, by its words."""

from __future__ import annotations

#: What GitLab says of a configuration that it cannot use; of broken YAML, where, and not that it is YAML.
_INVALID = ("yaml", "config", "jobs:", "(<unknown>)", "job needs")
#: What it says when its rules leave no job.
_NOTHING = ("will not run", "no stages", "prevented any jobs", "filtered")


def leaves_nothing(reason: str) -> bool:
    """Return whether the rules of the project left no job to run."""
    return _says(reason, _NOTHING)


def lacks_ref(reason: str) -> bool:
    """Return whether the branch or tag is not there."""
    return _says(reason, ("reference not found",))


def is_invalid(reason: str) -> bool:
    """Return whether the CI configuration cannot be used; ask this last, its words are wide."""
    return _says(reason, _INVALID)


def _says(reason: str, words: tuple[str, ...]) -> bool:
    low = reason.lower()
    return any(one in low for one in words)
