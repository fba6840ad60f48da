"""What becomes of an errand that GitLab does not answer: the card says so; what fails alone is gone past."""

from __future__ import annotations

from enum import Enum

from bot.edges.store import Tx
from bot.errors import BotError, GitLabBusy, GitLabUnreachable
from bot.incident_work import Errand
from bot.model import Millis

#: What the card says while GitLab does not answer; it goes when GitLab does (incidents.md 4.6).
NO_ANSWER = "GitLab does not answer; what happens here is written there later, nothing is lost."
DELAYED = "GitLab asks me to slow down; what happens here is written there a little later, nothing is lost."
PASSING = frozenset({NO_ANSWER, DELAYED})
#: How long GitLab fails at an errand before it is looked whether it fails at what waits behind it as well.
PATIENCE_MS: Millis = 3_600_000
#: How long it fails on while others are done: by then it was tried once more (errands.SURELY_OVER_MS).
LAST_TRIES_MS: Millis = 120_000
#: Names of the facts that say since when an errand fails, and since when others were done, behind which stands its id.
FAILS, PASSED = "fails.", "passed."


class SetAside(BotError):
    """GitLab fails at it again and again, and takes the rest."""


class Verdict(Enum):
    """What is done about an errand that has failed once more."""

    WAITS = "waits"
    """It is tried again, and what is behind it waits: nobody knows yet whether GitLab is away."""
    PASSED = "passed"
    """The same, but now what is behind it is tried: if GitLab fails at that as well, it is away."""
    ASIDE = "aside"
    """It is given up for now, since GitLab has done others meanwhile."""


def verdict(tx: Tx, errand: Errand, error: BotError, now: Millis) -> Verdict:
    """Keep in mind that GitLab failed at an errand, and return what is done about it."""
    if not isinstance(error, GitLabUnreachable) or not error.sent:
        return Verdict.WAITS  # Whoever does not take a connection is away.
    tx.incident_facts.claim(errand.incident, FAILS + errand.id, str(now))
    since = int(tx.incident_facts.get(errand.incident, FAILS + errand.id) or now)
    if now - since < PATIENCE_MS:
        return Verdict.WAITS
    passed = tx.incident_facts.get(errand.incident, PASSED + errand.id)
    if not passed or now - int(passed) < LAST_TRIES_MS:
        return Verdict.PASSED
    # Whoever asks for it again does not make others wait: since when it fails stays known.
    tx.incident_facts.drop(errand.incident, PASSED + errand.id)
    return Verdict.ASIDE


def was_done(tx: Tx, incident: str, now: Millis) -> None:
    """Keep in mind that GitLab has done something of an incident at which others of its errands fail."""
    for errand_id in tx.incident_facts.begin(incident, FAILS):
        tx.incident_facts.claim(incident, PASSED + errand_id, str(now))


def is_over(tx: Tx, errand: Errand) -> None:
    """GitLab fails at an errand no more: it did it, or refused it."""
    if errand.tries:
        tx.incident_facts.drop(errand.incident, FAILS + errand.id)
        tx.incident_facts.drop(errand.incident, PASSED + errand.id)


# What the card says of it -----------------------------------------------------------------------------------


def trouble(tx: Tx, errand: Errand, error: BotError) -> None:
    """Write down for its card that GitLab does not answer, or not yet; other trouble is there already, or is said."""
    said = DELAYED if isinstance(error, GitLabBusy) else NO_ANSWER
    incident = tx.incidents.get(errand.incident)
    if isinstance(error, GitLabUnreachable | GitLabBusy) and incident and incident.trouble in {"", *PASSING}:
        tx.incidents.note(errand.incident, trouble=said)


def answers(tx: Tx, errand: Errand) -> None:
    """GitLab answers again."""
    incident = tx.incidents.get(errand.incident)
    if errand.target == "gitlab" and incident and incident.trouble in PASSING:
        tx.incidents.note(errand.incident, trouble="")
