"""Finds what changed before an incident: deployments, merged requests, failed pipelines, the likeliest first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from functools import partial
from typing import TypeVar

from bot.access.lock_words import span
from bot.changes import Merged
from bot.deeds import SHA_SHOWN
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_wire import PER_PAGE
from bot.environments import Deployment, tier_of
from bot.errors import GitLabSaidNo, NotUnderstood
from bot.incident import Incident
from bot.incident_work import Suspect
from bot.incidents import errands
from bot.incidents.told import Changed, Changes
from bot.jobs import standings
from bot.kit import Kit
from bot.model import Millis, Pipeline, Project
from bot.text import one_line

Found = TypeVar("Found")
#: So long before the impact began is looked at, unless somebody says how long.
USUAL: Millis = 2 * 3_600_000
LEAST: Millis = 60_000
#: A week; what is older is no suspect, and GitLab's newest hundred of each kind do not reach further either.
LONGEST: Millis = 7 * 24 * 3_600_000
#: What changed so shortly before counts first (incidents.md 2.10).
NEAR: Millis = 3_600_000
#: Rows that are shown with their buttons; the rest is behind a link.
MOST_SHOWN = 8
DEPLOYMENT, MERGE, PIPELINE = "deployment", "merge", "pipeline"
FOUND, SUSPECT, OUT, ROLLED = "found", "suspect", "out", "rolled"
#: Prefix of the facts that keep what a row of suspects has no column for.
KEPT = "change."
PRODUCTION, FAILED = "production", "failed"
#: What GitLab answers to who may not read something there.
HIDDEN = frozenset({403, 404})
TITLE_KEPT, SAID_SHOWN = 200, 40


def length(text: str) -> Millis:
    """Return how long before the impact is looked at, as it was typed. Raises NotUnderstood for what is no span."""
    found = span(text) if text else USUAL
    if found is None or not LEAST <= found <= LONGEST:
        shown = one_line(text, SAID_SHOWN).replace("`", "'")
        raise NotUnderstood(
            f"`{shown}` is no time I can look back over. Type `2h`, `90m` or `1d`, at most 7 days."
        )
    return found


def look(kit: Kit, gitlab: GitLab, incident: Incident, back: Millis) -> Changes:
    """
    Return what changed in an incident's project so long before its impact began, as whoever `gitlab` is sees it.

    Those that are shown are kept, so that their buttons mean something. What somebody may not read there is left out.
    """
    until = began(incident)
    since = until - back
    project = gitlab.project(incident.project_id or incident.project)
    found = [*_deployments(gitlab, project, since, until), *_merges(gitlab, project, since, until),
             *_pipelines(gitlab, project, since, until)]  # fmt: skip
    ranked = sorted(map(_Near(until), found), key=_rank)
    shown = _keep(kit, incident, [_clean(kit, one) for one in ranked[:MOST_SHOWN]])
    page = f"{project.url}/-/environments" if project.url else ""
    return Changes(
        incident, since, until, shown, len(ranked) - len(shown), page, incident.started_at is not None
    )


def began(incident: Incident) -> Millis:
    """Return when its impact began, as far as anybody knows."""
    return incident.started_at or incident.detected_at or incident.declared_at


class _Near:
    """Says of a change whether it was shortly before a moment."""

    def __init__(self, until: Millis) -> None:
        self._until = until

    def __call__(self, one: Changed) -> Changed:
        return replace(one, near=self._until - one.suspect.at <= NEAR)


def _rank(one: Changed) -> tuple[int, Millis]:
    """Production shortly before comes first, then what is either, then the rest; of equals what was last."""
    return 2 - one.production - one.near, -one.suspect.at


# What GitLab knows ------------------------------------------------------------------------------------------


def _deployments(gitlab: GitLab, project: Project, since: Millis, until: Millis) -> list[Changed]:
    known = [
        one
        for status in standings.BEGUN
        for one in _shown(partial(gitlab.deployments, project.id, most=PER_PAGE, status=status))
    ]
    tiers = {one.name: one.tier for one in _shown(lambda: gitlab.environments(project.id))}
    good = sorted((one for one in known if one.status == standings.SUCCESS), key=lambda one: one.id)
    return [
        _deployment(one, good, tiers) for one in known if one.created_at <= until and _at(one, until) >= since
    ]  # fmt: skip


def _at(one: Deployment, until: Millis) -> Millis:
    """When it took effect, as far as that was before the impact."""
    return min(one.since, until)


def _deployment(one: Deployment, good: Sequence[Deployment], tiers: Mapping[str, str]) -> Changed:
    before = next(
        (each for each in reversed(good) if each.environment == one.environment and each.id < one.id), None
    )
    span_of = f"{before.sha[:SHA_SHOWN]}..{one.sha[:SHA_SHOWN]}" if before else one.sha[:SHA_SHOWN]
    row = Suspect(
        "", "", DEPLOYMENT, f"{one.ref} ({span_of}) to {one.environment}", one.url, one.since,
        f"{DEPLOYMENT} {one.id}", one.environment,
    )  # fmt: skip
    tier = tiers.get(one.environment) or tier_of(one.environment)
    return Changed(
        row, one.username, one.status, tier == PRODUCTION, sha=one.sha, before=before.sha if before else ""
    )


def _merges(gitlab: GitLab, project: Project, since: Millis, until: Millis) -> list[Changed]:
    found = _shown(lambda: gitlab.merged(project.id, since))
    return [_merge(one) for one in found if one.at is not None and since <= one.at <= until]


def _merge(one: Merged) -> Changed:
    row = Suspect("", "", MERGE, f"!{one.number} {one.title}", one.url, one.at or 0, f"{MERGE} {one.number}")
    return Changed(row, one.author, "merged", sha=one.shas[0] if one.shas else "")


def _pipelines(gitlab: GitLab, project: Project, since: Millis, until: Millis) -> list[Changed]:
    found = _shown(lambda: gitlab.newest_pipelines(project.id, most=PER_PAGE))
    return [_pipeline(one) for one in found if one.status == FAILED and since <= one.created_at <= until]


def _pipeline(one: Pipeline) -> Changed:
    title = f"Pipeline #{one.id} on {one.ref} ({one.sha[:SHA_SHOWN]})"
    row = Suspect("", "", PIPELINE, title, one.url, one.created_at, f"{PIPELINE} {one.id}")
    return Changed(row, one.username or "", one.status, sha=one.sha)


def _shown(ask: Callable[[], list[Found]]) -> list[Found]:
    """Return what GitLab tells; nothing where this account may not read that, such as deployments of a guest."""
    try:
        return ask()
    except GitLabSaidNo as error:
        if error.status not in HIDDEN:
            raise
        return []


# What is kept -----------------------------------------------------------------------------------------------


def _clean(kit: Kit, one: Changed) -> Changed:
    title = kit.redact(one_line(one.suspect.title, TITLE_KEPT))
    return replace(one, suspect=replace(one.suspect, title=title))


def _keep(kit: Kit, incident: Incident, rows: Iterable[Changed]) -> list[Changed]:
    """Write down what is shown, and return it with what was said of it before."""
    kept: list[Changed] = []
    with kit.store.write() as tx:
        for one in rows:
            fresh = replace(one.suspect, id=kit.new_id(), incident=incident.id)
            tx.suspects.put(fresh)
            where = "incident = ? AND reference = ?"
            known = tx.suspects.one(where, incident.id, fresh.reference) or fresh
            more = {
                name: value
                for name, value in asdict(one).items()
                if name in {"by", "status", "sha", "before"}
            }
            tx.incident_facts.put(incident.id, f"{KEPT}{fresh.reference}", errands.packed(**more))
            kept.append(replace(one, suspect=known))
    return kept
