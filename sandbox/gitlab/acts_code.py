"""`:gitlab` lines about code: what people push, tag and delete, and configurations that are no YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import options, project_named, quoted, require, word
from sandbox.gitlab.creation import CONFIG_FILE, PipelineRefused, Wish, create_pipeline
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import HEADS, TAGS, Commit, Person, Project
from sandbox.gitlab.seed import read_files, recommit, work

BROKEN = "stages: [test\nhello:\n  script: echo\n"


@dataclass(frozen=True, slots=True)
class CodeActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {
            "push": self.push,
            "tag": self.tag,
            "delete-branch": self.delete_branch,
            "break-yaml": self.break_yaml,
            "fix-yaml": self.fix_yaml,
            "change-yaml": self.change_yaml,
        }

    def push(self, person: Person, words: list[str]) -> str:
        """`push BRANCH [PROJECT] ["TITLE"] [from=REF] [file=PATH]`: a commit by this person, and its pipeline.

        It holds the files as they are on disk now and one of its own that says the title. A new branch begins
        at the default one, or at REF. Two branches that write other titles to one PATH are in conflict.
        """
        words, title = quoted(words)
        words, given = options(words, "from", "file")
        branch, project = word(words, 0, "a branch"), project_named(self.desk.state, words[1:])
        require(person, project, "developer")
        before, now = _start(project, branch, given.get("from")), self.desk.state.clock()
        said = title or f"Push by {person.name}"
        commit = work(project, said, now, before, author=person.name, path=given.get("file"))
        _move(project, branch, commit)
        for one in self.desk.state.merge_requests_of(project):
            if one.source == branch and one.state == "opened":
                one.pushed(now)
        return self._pushed(person, project, HEADS + branch, f"pushed {commit.sha[:8]} to {branch}")

    def tag(self, person: Person, words: list[str]) -> str:
        """`tag NAME [PROJECT] [at=REF]`: a tag at the head of the default branch or at REF, and its pipeline."""
        words, given = options(words, "at")
        name, project = word(words, 0, "a tag"), project_named(self.desk.state, words[1:])
        require(person, project, "developer")
        project.tags[name] = _known(project, given.get("at", "HEAD"))
        return self._pushed(person, project, TAGS + name, f"tagged {name}")

    def delete_branch(self, person: Person, words: list[str]) -> str:
        """`delete-branch NAME [PROJECT]`: any but the default one."""
        name, project = word(words, 0, "a branch"), project_named(self.desk.state, words[1:])
        require(person, project, "developer")
        if name not in project.branches or name == project.default_branch:
            raise ValueError(f"{project.path} has no branch {name} that can be deleted.")
        del project.branches[name]
        return f"{person.username} deleted {name}."

    def break_yaml(self, person: Person, words: list[str]) -> str:
        """`break-yaml [PROJECT]`: push a configuration that is no YAML to the default branch."""
        project = project_named(self.desk.state, words)
        branch = self._rewrite(project, person, "Break the configuration", {CONFIG_FILE: BROKEN})
        return f"{project.path}: {CONFIG_FILE} is broken on {branch}."

    def fix_yaml(self, person: Person, words: list[str]) -> str:
        """`fix-yaml [PROJECT]`: push the configuration on disk to the default branch."""
        project = project_named(self.desk.state, words)
        branch = self._rewrite(project, person, "Mend the configuration", read_files(project.folder))
        return f"{project.path}: {CONFIG_FILE} is well again on {branch}."

    def change_yaml(self, person: Person, words: list[str]) -> str:
        """`change-yaml "OLD" "NEW" [PROJECT]`: push a configuration with another text in it; `\\n` is a new line."""
        words, old = quoted(words)
        words, new = quoted(words)
        project = project_named(self.desk.state, words)
        before = _known(project, "HEAD").files[CONFIG_FILE]
        if old is None or new is None or old not in before:
            raise ValueError(f"{CONFIG_FILE} of {project.path} holds no {old!r} that could become {new!r}.")
        text = before.replace(old, new.replace("\\n", "\n"))
        branch = self._rewrite(project, person, "Change the configuration", {CONFIG_FILE: text})
        return f"{project.path}: {CONFIG_FILE} says {new} on {branch}."

    def _rewrite(self, project: Project, person: Person, title: str, files: Mapping[str, str]) -> str:
        branch = project.default_branch or "main"
        before = project.branches.get(branch)
        whole = {**(before.files if before else {}), **files}
        _move(project, branch, recommit(project, title, self.desk.state.clock(), before, whole, person.name))
        return branch

    def _pushed(self, person: Person, project: Project, ref: str, done: str) -> str:
        """The pipeline that a push makes, or why it makes none."""
        try:
            made = create_pipeline(self.desk.state, Wish(project, person, ref, "push"))
        except PipelineRefused as error:
            return f"{person.username} {done}; no pipeline: {error}"
        self.desk.runner.advance_soon(made)
        return f"{person.username} {done}."


def _start(project: Project, branch: str, ref: str | None) -> Commit | None:
    """What a push to this branch is made on; nothing in a project that is empty."""
    if branch in project.branches:
        return project.branches[branch]
    return _known(project, ref or "HEAD") if project.default_branch or ref else None


def _known(project: Project, ref: str) -> Commit:
    found = project.commit(ref)
    if found is None:
        raise ValueError(f"{project.path} has no commit {ref}.")
    return found


def _move(project: Project, branch: str, commit: Commit) -> None:
    project.branches[branch] = commit
    project.default_branch = project.default_branch or branch
