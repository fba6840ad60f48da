"""Finds the branch or tag that a ref of a pipeline names (`Gitlab::Ci::Pipeline::Chain::Command`)."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox.gitlab.nouns import HEADS, TAGS, Commit, Project


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch or a tag, by its short name."""

    name: str
    tag: bool
    commit: Commit


def named(project: Project, text: str) -> list[Ref]:
    """The tag and the branch that are called so: none, one, or both when the name is ambiguous."""
    found = []
    if not text.startswith(HEADS):
        found.append(_ref(project.tags.get(text.removeprefix(TAGS)), text.removeprefix(TAGS), tag=True))
    if not text.startswith(TAGS):
        found.append(
            _ref(project.branches.get(text.removeprefix(HEADS)), text.removeprefix(HEADS), tag=False)
        )
    return [one for one in found if one is not None]


def _ref(commit: Commit | None, name: str, *, tag: bool) -> Ref | None:
    return None if commit is None else Ref(name, tag, commit)
