"""Which tier an environment belongs to: as the configuration declares it, else as GitLab has it."""

from __future__ import annotations

from fnmatch import fnmatchcase

from bot.environments import may_be, most_careful
from bot.kit import Kit


def tier(kit: Kit, project_id: int, environment: str) -> str:
    """
    Return production, staging, testing, development or other; empty without an environment.

    What `policy.tiers` declares wins. A name with variables that may become a declared one counts as the tier
    that asks for the most care. Raises GitLab's errors if it does not answer.
    """
    if not environment:
        return ""
    plainly = declared(kit, environment)
    if plainly:
        return plainly
    possible = [tier for name, tier in kit.config.policy.tiers.items() if may_be(environment, name)]
    return most_careful((*possible, kit.seen.tier(project_id, environment)))


def declared(kit: Kit, environment: str) -> str | None:
    """Return the tier declared for this very name, else by the first pattern it fits; None if none is."""
    tiers = kit.config.policy.tiers
    if environment in tiers:
        return tiers[environment]
    return next((tier for name, tier in tiers.items() if fnmatchcase(environment, name)), None)
