"""The step of the ladder that asks whether an open incident holds an environment back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.access.tiers import tier
from bot.deeds import Deed, Mark, Step
from bot.environments import Incident, may_be
from bot.errors import GitLabBusy, GitLabError, GitLabSaidNo, GitLabUnreachable
from bot.kit import Kit
from bot.text import one_line, plural

NAME = "incidents"
PRODUCTION = "production"
ROLLBACK = "rollback"
#: GitLab's severities, the worst first (doc/user/operations/incident_management; gitlab-api.md 4.3).
SEVERITIES = ("critical", "high", "medium", "low", "unknown")
#: Labels that say which environment an incident is about: scoped as GitLab writes it, and as people do.
LABELS = ("environment::", "environment:", "env::", "env:")
#: Most characters of a title or a name that are repeated.
SHOWN = 80


def step(kit: Kit, deed: Deed) -> Step:
    """
    Return whether an open incident of the project, of a severity the policy names, concerns the environment.

    An incident names its environments by labels such as `environment::staging`; one that names none concerns
    all of the production tier. Titles are anybody's text, and a confidential one is not repeated.
    A rollback that is asked for in the room of an incident is not held back by that one.
    """
    where, gate = one_line(deed.environment, SHOWN), kit.config.policy.gate
    if not gate:
        return Step(NAME, Mark.FINE, "Incidents hold nothing back here.")
    try:
        found = _holding(kit, deed, gate)
    except GitLabError as error:
        return _not_asked(deed, where, error)
    own = _undone(kit, deed) if found else frozenset()
    others = [one for one in found if one.number not in own]
    if others:
        return Step(NAME, Mark.STOP, sentence(where, others), remedy="override")
    if found:
        return Step(NAME, Mark.WARN, f"{sentence(where, found)} This takes back what may have caused it.")
    return Step(NAME, Mark.FINE, f"No open incident holds {where} back.")


def _undone(kit: Kit, deed: Deed) -> frozenset[int]:
    """The issues of the incidents in whose room something is rolled back: they are why, and do not hold it back."""
    if deed.command != ROLLBACK:
        return frozenset()
    with kit.store.read() as tx:
        rooms = tx.incidents.in_channel(deed.channel)
    return frozenset(one.iid for one in rooms if one.project_id == deed.project_id and one.iid)


def concerns(incident: Incident, environment: str, tier_there: str) -> bool:
    """Tell whether an incident is about this environment."""
    named = list(_named(incident))
    if named:
        return any(may_be(environment.casefold(), one) for one in named)
    return tier_there == PRODUCTION


def _named(incident: Incident) -> Iterator[str]:
    """The environments its labels name, in small letters."""
    for label in incident.labels:
        text = label.casefold()
        # The longer of two prefixes stands first, so that `environment::x` is x and not `:x`.
        prefix = next((one for one in LABELS if text.startswith(one)), None)
        if prefix and text.removeprefix(prefix).strip():
            yield text.removeprefix(prefix).strip()


def _holding(kit: Kit, deed: Deed, gate: Sequence[str]) -> list[Incident]:
    """The incidents that hold it back, the worst and newest first."""
    incidents = [one for one in kit.seen.incidents(deed.project_id) if one.severity in gate]
    if not incidents:
        return []
    there = deed.tier or tier(kit, deed.project_id, deed.environment)
    return sorted((one for one in incidents if concerns(one, deed.environment, there)), key=_rank)


def _rank(incident: Incident) -> tuple[int, int]:
    known = incident.severity in SEVERITIES
    return SEVERITIES.index(incident.severity) if known else len(SEVERITIES), -incident.number


def sentence(where: str, found: Sequence[Incident]) -> str:
    """Return what stands in the way, the worst first; the others are counted."""
    worst = found[0]
    title = "confidential" if worst.confidential else f"“{one_line(worst.title, SHOWN)}”"
    others = f" So {_are(len(found) - 1)}." if len(found) > 1 else ""
    which = f"Incident #{worst.number} ({one_line(worst.severity, SHOWN)}), {title}"
    return f"{which}, is open and concerns {where}.{others}"


def _are(number: int) -> str:
    return f"{'is' if number == 1 else 'are'} {plural(number, 'other incident')}"


def _not_asked(deed: Deed, where: str, error: GitLabError) -> Step:
    if isinstance(error, GitLabSaidNo) and error.status in {403, 404}:
        said = f"GitLab does not show me the incidents of {one_line(deed.project, SHOWN)}: look for one yourself."
        return Step(NAME, Mark.WARN, said)
    said = f"I could not ask GitLab for incidents on {where}. {error.sentence}"
    return Step(NAME, Mark.STOP, said, passing=isinstance(error, (GitLabUnreachable, GitLabBusy)))
