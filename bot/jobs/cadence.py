"""When a run is looked at again: often at first, rarely later, and later still when looking fails."""

from __future__ import annotations

from bot.jobs import answer, life, lost, start
from bot.model import Millis, Run, RunState

#: How long after its start, and how often a job is then looked at (gitlab-api.md 5.3).
CADENCE: tuple[tuple[Millis, Millis], ...] = ((30_000, 3_000), (120_000, 5_000), (600_000, 10_000))
SLOWEST_MS: Millis = 30_000
#: After looks that failed: doubled each time, up to this.
LONGEST_WAIT_MS: Millis = 60_000
JITTER = 0.2
#: What waits for people, and not for a runner: after so long without a change so often, and in the end not at all.
HOUR_MS, LATE_MS, LONGEST_MS = 3_600_000, 300_000, 259_200_000


def wait(run: Run, now: Millis) -> Millis:
    """Return after how many milliseconds a run is looked at again."""
    if run.state is RunState.REPLYING:
        return answer.wait(run)
    if run.state in {RunState.CALLING, RunState.UNKNOWN}:
        return lost.LOOK_UP_EVERY_MS if run.state is RunState.CALLING else start.SETTLE_MS
    return spread(run.id, run.looks, every(now - (run.called_at or run.asked_at)))


def every(age: Millis) -> Millis:
    """Return how often something is looked at that began so long ago."""
    return next((wait for limit, wait in CADENCE if age < limit), SLOWEST_MS)


def patient(key: str, since: Millis, looks: int, now: Millis) -> Millis:
    """
    Return when something is looked at next that has not changed `since` and may take days; never, after three.

    What has just changed (`looks` is 0) often goes on changing, so that it is looked at soon.
    """
    age = now - since
    if age > LONGEST_MS:
        return life.NEVER
    if not looks:
        return now + start.FIRST_LOOK_MS
    return now + spread(key, looks, LATE_MS if age > HOUR_MS else every(age))


def after_failure(run: Run) -> Millis:
    """Return the same for a run that could not be looked at: twice as long each time, up to a minute."""
    return spread(run.id, run.looks, doubled(run.fails))


def doubled(fails: int) -> Millis:
    """Return the wait after so many looks in a row that failed."""
    return min(CADENCE[0][1] << min(fails, 10), LONGEST_WAIT_MS)


def spread(key: str, looks: int, wait: Millis) -> Millis:
    """Spread looks by a fifth either way; ids of ours are random, so they serve as the dice."""
    dice = (hash((key, looks)) % 1000) / 1000
    return int(wait * (1 - JITTER + 2 * JITTER * dice))
