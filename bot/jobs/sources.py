"""What somebody wants to have deployed: what runs on an environment, a tag, a branch, or a commit."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from bot.command import Request
from bot.deeds import SHA_SHOWN
from bot.edges.gitlab import GitLab
from bot.environments import Deployment
from bot.errors import NotFound, NotUnderstood, Refused
from bot.jobs import environments, projects, rules
from bot.kit import Kit
from bot.model import Project
from bot.words import Word, longhand, nearest, quote

ENVIRONMENT, TAG, BRANCH, COMMIT = "environment", "tag", "branch", "commit"
#: What may stand before a name to say plainly what it is.
PREFIXES: Mapping[str, str] = MappingProxyType(
    {"env:": ENVIRONMENT, "environment:": ENVIRONMENT, "tag:": TAG, "branch:": BRANCH, "commit:": COMMIT}
)
#: What stands before the name of a job, where several of them deploy to one environment.
JOB = "job:"
#: The word between the two in GitLab's own form of the command (gitlab-chatops.md 3).
TO = "to"
#: A commit id; git shows seven characters of one at least.
_SHA = re.compile(r"[0-9a-f]{7,40}")
#: How a kind is typed.
_TYPED: Mapping[str, str] = MappingProxyType(
    {ENVIRONMENT: "env:", TAG: "tag:", BRANCH: "branch:", COMMIT: "commit:"}
)
_REFS = {rules.TAGS: TAG, rules.HEADS: BRANCH}


@dataclass(frozen=True, slots=True)
class Said:
    """The words of a `deploy`, in their places; empty where something was left out."""

    what: str = ""
    where: str = ""
    job: str = ""

    def line(self, named: str | None, *, what: str = "", where: str = "", job: str = "") -> str:
        """Return the whole command that says this, with something else in one of its places."""
        words = [quote(one) for one in (what or self.what, where or self.where) if one]
        picked = job or self.job
        return " ".join(
            (*((named,) if named else ()), "deploy", *words, *((quote(JOB + picked),) if picked else ()))
        )


@dataclass(frozen=True, slots=True)
class Source:
    """What is to be deployed: a commit, by the name that people know it by."""

    kind: str
    name: str
    ref: str
    """The branch or tag; empty for a commit of which none is known."""
    sha: str
    deployment: Deployment | None = None
    """The deployment that brought it to the environment it is taken from."""

    @property
    def environment(self) -> str:
        """The environment it is taken from; empty if it is not."""
        return self.name if self.kind == ENVIRONMENT else ""

    @property
    def typed(self) -> str:
        """How it is typed so that nothing else can be meant."""
        return f"{_TYPED[self.kind]}{self.name}"


# Reading ----------------------------------------------------------------------------------------------------


def read(kit: Kit, request: Request) -> Said:
    """
    Return what was typed: `A B`, or `A to B` with the last `to` that has words on both sides.

    Raises NotUnderstood for more words than that.
    """
    said = parsed(request.words)
    if said is None:
        raise _too_many(kit, request)
    return said


def parsed(words: Sequence[Word]) -> Said | None:
    """The same of the words after the verb; None if they are too many."""
    jobs = [one for one in words if one.text.startswith(JOB)]  # No ref and no environment has a colon in it.
    names = [one for one in words if one not in jobs]
    job = jobs[0].text.removeprefix(JOB) if jobs else ""
    at = max((n for n in range(1, len(names) - 1) if _is_to(names[n])), default=0)
    if at:
        return Said(_joined(names[:at]), _joined(names[at + 1 :]), job)
    what, where = (*(one.text for one in names), "", "")[:2]
    return Said(what, where, job) if len(names) <= len((what, where)) else None


def _too_many(kit: Kit, request: Request) -> NotUnderstood:
    """Say how it is typed; behind a short slash command people may name the project first."""
    first, rest = request.words[0].text, request.words[1:]
    if projects.path_of(kit, request.person.team, first) and parsed(rest):
        line = f"{first} deploy {request.line.after(1)}"
        example = f"{longhand(request.prefix)}{line}"
        return NotUnderstood(f"A project stands before the command: `{example}`.", suggestions=(line,))
    example = f"{longhand(request.prefix)}deploy {quote(first)} {quote(_joined(rest))}"
    return NotUnderstood(
        f"I read `deploy` and two names, and that is {len(request.words)}. A name with blanks goes in quotes:"
        f" `{example}`."
    )


def _is_to(word: Word) -> bool:
    return word.text.lower() == TO and not word.quoted


def _joined(words: Sequence[Word]) -> str:
    return " ".join(one.text for one in words)


# What there is ----------------------------------------------------------------------------------------------


def find(kit: Kit, request: Request, project: Project, said: Said, known: Sequence[str]) -> Source:
    """
    Return what is meant, by what there is; `known` are the environments of the project.

    Raises NotUnderstood, with whole commands, where several things are called so or none is; Refused for an
    environment on which nothing runs.
    """
    gitlab = kit.gitlab_as(request.person)
    kind, name = prefixed(said.what)
    found = list(_named(gitlab, project, name, kind, [one for one in known if one != said.where]))
    if not found and kind in {"", ENVIRONMENT} and name != said.where:
        # It may have been made since the environments were asked for last.
        new = environments.is_new(kit, request, project, name)
        found = [Source(ENVIRONMENT, name, "", "")] if new else []
    if len(found) > 1:
        raise _ambiguous(request, said, name, found)
    if found:
        return _with_deployment(request, gitlab, project, said, found[0])
    if name == said.where and name in known:
        raise NotUnderstood(f"What runs on {name} runs there already. Name something else to deploy to it.")
    raise _unknown(request, gitlab, project, said, known)


def exists(gitlab: GitLab, project: Project, name: str, known: Sequence[str]) -> bool:
    """Tell whether anything that can be deployed is called so."""
    kind, bare = prefixed(name)
    return next(_named(gitlab, project, bare, kind, known), None) is not None


def prefixed(said: str) -> tuple[str, str]:
    """Return what a name is said to be, empty if nothing is said, and the name."""
    for prefix, kind in (*PREFIXES.items(), *_REFS.items()):
        if said.casefold().startswith(prefix) and said != prefix:
            return kind, said[len(prefix) :]
    return "", said


def _named(gitlab: GitLab, project: Project, name: str, kind: str, known: Sequence[str]) -> Iterator[Source]:
    """Yield everything that is called so; a commit only if nothing else is."""
    nothing = True
    for one in _by_name(gitlab, project, name, kind, known):
        nothing = False
        yield one
    if nothing and kind in {"", COMMIT} and _SHA.fullmatch(name.lower()):
        yield from _commit(gitlab, project, name.lower())


def _by_name(
    gitlab: GitLab, project: Project, name: str, kind: str, known: Sequence[str]
) -> Iterator[Source]:
    if kind in {"", ENVIRONMENT}:
        exact = [one for one in known if one == name]
        alike = [one for one in known if one.casefold() == name.casefold()]
        yield from (Source(ENVIRONMENT, one, "", "") for one in (exact or alike)[:1])
    tag = gitlab.tag(project.id, name) if kind in {"", TAG} else None
    branch = gitlab.branch(project.id, name) if kind in {"", BRANCH} else None
    # GitLab makes no pipeline for a name that is both, unless it is told which of them is meant.
    plainly = kind != "" and _is_both(gitlab, project, name, tag is not None, kind)
    if tag:
        yield Source(TAG, name, f"{rules.TAGS}{name}" if plainly else name, tag.sha)
    if branch:
        yield Source(BRANCH, name, f"{rules.HEADS}{name}" if plainly else name, branch.sha)


def _is_both(gitlab: GitLab, project: Project, name: str, is_tag: bool, kind: str) -> bool:
    if kind == TAG:
        return is_tag and gitlab.branch(project.id, name) is not None
    return kind == BRANCH and gitlab.tag(project.id, name) is not None


def _commit(gitlab: GitLab, project: Project, name: str) -> Iterator[Source]:
    try:
        yield Source(COMMIT, name[:SHA_SHOWN], "", gitlab.head(project.id, name).sha)
    except NotFound:
        return


def _with_deployment(
    request: Request, gitlab: GitLab, project: Project, said: Said, source: Source
) -> Source:
    """Return an environment with what runs there; others as they are."""
    if source.kind != ENVIRONMENT:
        return source
    there = gitlab.environment(project.id, source.name)
    deployed = gitlab.deployments(project.id, source.name, 1, status="success")
    if not deployed:
        raise Refused(f"Nothing was ever deployed to {source.name} of {project.path}, as far as I see.")
    runs = deployed[0]
    if there is not None and there.state != "available":
        line = said.line(request.project, what=f"{TAG if runs.tag else BRANCH}:{runs.ref}")
        raise NotUnderstood(
            f"{source.name} is {there.state}, so nothing runs there. What ran there last was {runs.ref} at"
            f" {runs.sha[:SHA_SHOWN]}; `{longhand(request.prefix)}{line}` deploys it.",
            suggestions=(line,),
        )
    return Source(ENVIRONMENT, source.name, runs.ref, runs.sha, runs)


# Sentences --------------------------------------------------------------------------------------------------


def _ambiguous(request: Request, said: Said, name: str, found: Sequence[Source]) -> NotUnderstood:
    kinds = " and ".join(f"{'an' if one.kind == ENVIRONMENT else 'a'} {one.kind}" for one in found)
    lines = tuple(said.line(request.project, what=one.typed) for one in found)
    shown = " or ".join(f"`{longhand(request.prefix)}{line}`" for line in lines)
    return NotUnderstood(f"`{name}` is {kinds}. Which do you mean? Type {shown}.", suggestions=lines)


def _unknown(
    request: Request, gitlab: GitLab, project: Project, said: Said, known: Sequence[str]
) -> NotUnderstood:
    near = nearest(
        prefixed(said.what)[1], [*(one for one in known if one != said.where), *gitlab.refs(project.id)]
    )
    lines = tuple(said.line(request.project, what=one) for one in near)
    prefix = longhand(request.prefix)
    hint = "".join(f"\n{'Or' if n else 'Did you mean'} `{prefix}{line}`?" for n, line in enumerate(lines))
    return NotUnderstood(
        f"{project.path} has no environment, tag or branch `{said.what}`.{hint}", suggestions=lines
    )
