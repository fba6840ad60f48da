"""The clock: one APScheduler job that calls every tick, one after the other, for as long as the bot lives."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from apscheduler.schedulers.background import BackgroundScheduler

from bot.guard import guarded


def build(ticks: Mapping[str, Callable[[], object]], *, every: float) -> BackgroundScheduler:
    """
    Return a scheduler, not yet started, that calls each of `ticks` about every `every` seconds.

    APScheduler is a bare ticker here: it drops what is a second late unless `misfire_grace_time` is None, and
    forgets everything at a crash, so what is due stands in the store (reliability.md 0.7, 1.4).
    """

    def once() -> None:
        for name, tick in ticks.items():
            guarded(f"tick of {name}", tick)

    scheduler = BackgroundScheduler(timezone="UTC")
    options = {"max_instances": 1, "coalesce": True, "misfire_grace_time": None}
    scheduler.add_job(once, "interval", seconds=every, id="tick", **options)
    return scheduler


def tick_now(scheduler: BackgroundScheduler) -> None:
    """Tick at once, and from then on as before: a clock that was set back would hold the next tick up."""
    scheduler.modify_job("tick", next_run_time=datetime.now(UTC))  # noqa: TID251 -- APScheduler's own time
