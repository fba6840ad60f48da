"""What lies between the commits of a project: ancestors, merge bases, diffs, merges of whole files."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

from sandbox.gitlab.nouns import Commit, Project

MODE, NO_MODE = "100644", "0"
NO_NEWLINE = "\n\\ No newline at end of file\n"


def ancestry(project: Project, commit: Commit) -> list[Commit]:
    """The commit and all that it was made from, newest first."""
    found: set[str] = set()
    left = [commit.sha]
    while left:
        sha = left.pop()
        if sha not in found:
            found.add(sha)
            left += project.history[sha].parents
    return [one for one in reversed(project.history.values()) if one.sha in found]


def between(project: Project, old: Commit, new: Commit) -> list[Commit]:
    """What `git log old..new` has: commits of the new one that the old one lacks, oldest first."""
    known = {one.sha for one in ancestry(project, old)}
    return [one for one in reversed(ancestry(project, new)) if one.sha not in known]


def holds(project: Project, whole: Commit, part: Commit) -> bool:
    """Whether one commit is the other or was made from it."""
    return part in ancestry(project, whole)


def merge_base(project: Project, one: Commit, other: Commit) -> Commit | None:
    """The newest commit that both were made from; None when they have nothing in common."""
    known = {commit.sha for commit in ancestry(project, one)}
    return next((commit for commit in ancestry(project, other) if commit.sha in known), None)


def changed(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """The paths whose text differs, in order."""
    return sorted(path for path in {**old, **new} if old.get(path) != new.get(path))


def diffs(old: Mapping[str, str], new: Mapping[str, str]) -> list[dict[str, Any]]:
    """One entry a changed file, as comparing and commits have it (samples/gitlab/repository_compare.json)."""
    return [_diff(path, old.get(path), new.get(path)) for path in changed(old, new)]


def _diff(path: str, old: str | None, new: str | None) -> dict[str, Any]:
    return {
        "diff": _unified(old or "", new or ""),
        "new_path": path,
        "old_path": path,
        "a_mode": NO_MODE if old is None else MODE,
        "b_mode": NO_MODE if new is None else MODE,
        "new_file": old is None,
        "renamed_file": False,
        "deleted_file": new is None,
        "generated_file": False,
        "collapsed": False,
        "too_large": False,
    }


def _unified(old: str, new: str) -> str:
    """The hunks alone: GitLab leaves the two lines with the names out."""
    lines = difflib.unified_diff(old.splitlines(keepends=True), new.splitlines(keepends=True))
    return "".join(line if line.endswith("\n") else line + NO_NEWLINE for line in list(lines)[2:])


def merge_files(
    base: Mapping[str, str], ours: Mapping[str, str], theirs: Mapping[str, str]
) -> dict[str, str] | None:
    """Whole files merged: who changed one decides. None when both changed one, and not in the same way."""
    theirs_changed = changed(base, theirs)
    clash = {path for path in theirs_changed if path in changed(base, ours)}
    if any(ours.get(path) != theirs.get(path) for path in clash):
        return None
    merged = {**ours, **{path: theirs[path] for path in theirs_changed if path in theirs}}
    return {path: text for path, text in merged.items() if path not in theirs_changed or path in theirs}
