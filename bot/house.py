"""Puts the house together: which room is handed what, in which order the doors open, and how they close."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from bot import checks
from bot.access import people
from bot.access.identity import AsPerson
from bot.access.sealing import keys_of, vault_of
from bot.command import Command
from bot.config import Config
from bot.delivery.courier import Courier
from bot.doors import clock
from bot.doors.drift import Drift
from bot.doors.heard import HEARD
from bot.doors.intake import Intake
from bot.doors.router import Router, Speaker
from bot.doors.socket import Sockets
from bot.doors.way import RightOfWay
from bot.doors.work import Task, Workers
from bot.edges.gitlab import GitLab
from bot.edges.gitlab_seen import Seen
from bot.edges.oauth import OAuth
from bot.edges.slack import Slack
from bot.edges.slack_people import People
from bot.edges.store import Received, Store
from bot.guard import guarded
from bot.jobs import watch
from bot.kit import Kit
from bot.model import Message, Millis
from bot.redact import Redactor

log = logging.getLogger(__name__)

#: Threads for looks at jobs and logs: few, since each of them waits for GitLab only.
LOOKERS = 8
#: Threads for what Slack waits for: options and mistakes, which the store knows; and those that open forms, apart,
#: since each then waits for what GitLab says to fill its form with.
PROMPTERS, OPENERS = 4, 16
#: A server that does not take a connection in this time will not (reliability.md 1.3).
CONNECT_S = 3.05
HOUR_MS: Millis = 3_600_000
#: How long rows are kept. The inbox recognises redeliveries, which may come for a day (reliability.md S7).
KEEP_INBOX_MS, KEEP_LETTERS_MS, KEEP_RUNS_MS = 48 * HOUR_MS, 7 * 24 * HOUR_MS, 90 * 24 * HOUR_MS
#: How often what was accepted and not done is looked for again.
SWEEP_EVERY_MS: Millis = 30_000
MOST_SWEPT = 10_000
#: How many of those who wait longest are told so at each tick.
MOST_COMFORTED = 50


@dataclass(slots=True)
class House:
    """Everything that runs, from the socket to the store."""

    kit: Kit
    workers: Workers
    lookers: Workers
    prompters: Workers
    openers: Workers
    courier: Courier
    router: Router
    intake: Intake
    sockets: Sockets
    as_person: AsPerson
    ticks: Mapping[str, Callable[[], object]]
    """What the commands have done at each tick."""
    scheduler: BackgroundScheduler = field(init=False)
    sweep: _Sweep = field(init=False)
    drift: Drift = field(init=False)

    def __post_init__(self) -> None:
        self.sweep = _Sweep(self)
        every = self.kit.config.bot.tick_seconds
        self.scheduler = clock.build({**self.ticks, "sweep": self.sweep}, every=every)
        self.drift = Drift(self.kit.now, self._set_back)

    def open(self) -> None:
        """Settle what an earlier process left, then begin to listen."""
        with self.kit.store.write() as tx:
            left = tx.inbox.recover()
            tx.errands.recover()
            self.kit.rooms.fill(tx.incidents.channels())
        unfinished = watch.resume(self.kit)
        log.info("taking up %d request(s) and %d run(s) from before", left, unfinished)
        self.courier.start()
        self._hand(self._waiting())
        self.scheduler.start()
        self.sockets.start()
        self.drift.start()

    def close(self, timeout: float) -> None:
        """Take no new work, let what is under way finish within `timeout` seconds, close the store."""
        deadline = time.monotonic() + timeout - 1

        def left() -> float:
            return max(0.1, deadline - time.monotonic())

        log.info("leaving: no new work; what is under way may finish")
        self.drift.stop()
        self.sockets.close(min(3.0, left()))
        if self.scheduler.running:
            self.scheduler.shutdown(wait=False)
        rooms = self.workers, self.lookers, self.prompters, self.openers, self.courier
        finished = [room.stop(left()) for room in rooms]
        for edge in (self.kit.gitlab, self.kit.oauth, self.as_person):
            edge.close()
        self.kit.store.close()
        log.info("left" if all(finished) else "left; what was not finished is taken up at the next start")

    def _set_back(self) -> None:
        """After the clock was set back: nothing waits for a time that has been already."""
        log.warning("the clock was set back; what was to happen later happens now")
        watch.resume(self.kit)
        now = self.kit.now()
        with self.kit.store.write() as tx:
            tx.not_later_than(now)
        self.sweep.start_anew()
        self.courier.start_anew()
        clock.tick_now(self.scheduler)

    def take_up(self) -> None:
        """Hand the workers what was put into the inbox from within, such as a command that was kept."""
        self._hand([one for one in self._waiting(MOST_SWEPT) if not one.envelope])

    def _waiting(self, most: int = MOST_SWEPT, without: str = "") -> list[Received]:
        with self.kit.store.read() as tx:
            return tx.inbox.waiting(most, without)

    def _hand(self, received: Sequence[Received]) -> None:
        _share_out(self.router, self.workers, self.openers, received)


def build(
    config: Config,
    commands: Sequence[Command],
    voice: Speaker,
    displaced: Callable[[str, str], Message],
    *,
    now: Callable[[], Millis],
    new_id: Callable[[], str],
    owner: str,
) -> House:
    """
    Return a house whose every token and address has been tried, ready to be opened.

    Raises BotError with a sentence that names the key of what is wrong, within five seconds.
    """
    store, slack = Store(config.store.path), Slack(config.slack.bot_token, config.slack.api_url)
    try:
        store.hold(owner)
        found = checks.check(config, store, slack, now)
    except BaseException:
        store.close()
        raise
    timeout = (CONNECT_S, config.gitlab.timeout_seconds)
    gitlab = GitLab(config.gitlab.url, config.gitlab.token, timeout=timeout, now=now)
    way = RightOfWay()
    workers, lookers = Workers("work", config.bot.workers, way.give), Workers("look", LOOKERS, way.give)
    prompters, openers = Workers("prompt", PROMPTERS), Workers("open", OPENERS)
    keys = keys_of(config)
    known, redact = People(slack, now), Redactor(config.secrets() | frozenset(keys))
    courier = Courier(store, slack, now, displaced, partial(people.is_open, config.policy, known))
    vault = vault_of(config, keys)
    oauth = OAuth(config.gitlab.url, config.gitlab.application_id, timeout=timeout, now=now)
    as_person = AsPerson(config, store, vault, oauth, slack, now, courier.wake, voice.lost)
    kit = Kit(
        config=config, store=store, slack=slack, people=known, gitlab=gitlab, seen=Seen(gitlab, now),
        gitlab_as=as_person, oauth=oauth, vault=vault, now=now, new_id=new_id, deliver=courier.wake,
        take_up=lambda: house.take_up(),  # noqa: PLW0108 -- the house is built last
        apart=lambda name, act: lookers.hand([Task(name, name, act)], once=True), redact=redact,
    )  # fmt: skip
    router = Router(kit, commands, voice, found.identity.user)
    intake = Intake(
        found.identity,
        store,
        now,
        lambda new: _share_out(router, workers, openers, new),
        way,
        lambda text, owner: vault.seal(text, about=owner),
        redact,
        known.forget,
        frozenset(config.policy.let_in),
        router.prompt.is_checked,
        router.prompt.told,
        # In a lane for each person: who types a thousand letters does not keep the forms of others waiting.
        lambda person, act: prompters.hand([Task(f"answers {person}", "answer to a form", act)]),
        kit.rooms.__contains__,
    )
    sockets = Sockets(
        found.url_then(partial(slack.open_socket, config.slack.app_token)),
        intake.accept,
        config.bot.connections,
        _jitter(new_id),
        lambda: [guarded(f"{one.name} is back", partial(one.caught, kit)) for one in commands if one.caught],
    )
    ticks = {one.name: partial(one.tick, kit) for one in commands if one.tick}
    house = House(
        kit, workers, lookers, prompters, openers, courier, router, intake, sockets, as_person, ticks
    )
    return house


def _share_out(router: Router, workers: Workers, openers: Workers, new: Sequence[Received]) -> None:
    """Hand on what was accepted; who opens a form must not wait behind a thousand commands."""
    forms = [one for one in new if router.opens_form(one)]
    openers.hand(_task(router, one) for one in forms)
    workers.hand(_task(router, one) for one in new if one not in forms)


def _task(router: Router, received: Received) -> Task:
    return Task(router.lane(received), f"request {received.key}", partial(router.do, received))


def _jitter(new_id: Callable[[], str]) -> Callable[[], float]:
    """Ids are random, so they serve as the dice."""
    return lambda: (hash(new_id()) % 1000) / 1000


@dataclass(slots=True)
class _Sweep:
    """The tick of the house itself: takes up what was left lying, and forgets what is old."""

    house: House
    _next: Millis = 0
    _next_cleaning: Millis = 0

    def start_anew(self) -> None:
        """Forget when the next round was to be."""
        self._next = self._next_cleaning = 0

    def __call__(self) -> None:
        now = self.house.kit.now()
        if not self.house.workers.empty:
            self.house.router.comfort(self.house._waiting(MOST_COMFORTED, without=HEARD))
        if now >= self._next:
            self._next = now + SWEEP_EVERY_MS
            self._take_up(now)
        if now >= self._next_cleaning:
            self._next_cleaning = now + HOUR_MS
            self._forget(now)

    def _take_up(self, now: Millis) -> None:
        dropped = self.house.router.dropped
        while dropped:
            with self.house.kit.store.write() as tx:
                tx.inbox.give_back(dropped[0])
            dropped.popleft()
        if self.house.workers.empty:
            left = [one for one in self.house._waiting() if one.received_at < now - SWEEP_EVERY_MS]
            self.house._hand(left)

    def _forget(self, now: Millis) -> None:
        with self.house.kit.store.write() as tx:
            tx.inbox.forget(now - KEEP_INBOX_MS)
            tx.offers.forget(now - KEEP_INBOX_MS)
            tx.kept.forget(now - KEEP_INBOX_MS)
            tx.devices.forget(now - HOUR_MS)
            tx.approvals.forget(now - KEEP_RUNS_MS)
            tx.known.forget(now - KEEP_RUNS_MS)
            tx.writes.forget(now - KEEP_RUNS_MS)
            tx.sheets.forget(now - KEEP_INBOX_MS)
            tx.environments.forget(now - KEEP_RUNS_MS)
            tx.issues.forget(now - KEEP_RUNS_MS)
            tx.picks.forget(now - KEEP_INBOX_MS)
            tx.reviews.forget(now - KEEP_RUNS_MS)
            tx.merge_cards.forget(now - KEEP_RUNS_MS)
            tx.pipeline_cards.forget(now - KEEP_RUNS_MS)
            tx.aims.forget(now - KEEP_RUNS_MS)
            tx.last_values.forget(now - KEEP_RUNS_MS)
            tx.grants.forget(now - KEEP_RUNS_MS)
            tx.locks.forget(now - KEEP_RUNS_MS)
            tx.outbox.forget(now - KEEP_LETTERS_MS)
            tx.runs.forget(now - KEEP_RUNS_MS)
            tx.cards.forget(now - KEEP_RUNS_MS)
            tx.catalogues.forget(now - KEEP_RUNS_MS)
            tx.homes.forget(now - KEEP_RUNS_MS)
            tx.errands.forget(now - KEEP_RUNS_MS)
