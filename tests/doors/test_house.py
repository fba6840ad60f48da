"""The whole house in this process: opened, left in order, one at a time on a store, nothing lying about."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

import run_bot
from blocks import voice
from bot import config, house
from bot.command import Command, Heard
from bot.doors.work import Task
from bot.edges.store import Received, Store
from bot.errors import BotError, ConfigError, StoreBusy
from sandbox.settings import write_private
from sandbox.world import World
from tests.fixtures.slack_samples import sample
from tests.kits import link_people
from tests.sandbox.slack_stage import until

DAY_MS = 24 * 3_600_000


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Slack and GitLab without a bot."""
    with World(bot=False) as world:
        yield world


@pytest.fixture
def settings(world: World, tmp_path: Path) -> config.Config:
    """The configuration of that world, with a store of its own."""
    text = world.config.read_text().replace(
        str(world.directory / "signalbox.sqlite3"), str(tmp_path / "s.sqlite3")
    )
    file = tmp_path / "config.toml"
    write_private(file, text)
    link_people(world, tmp_path / "s.sqlite3")
    return config.load(file, {})


class Bot:
    """`serve` on a thread; `error` is what it ended with."""

    def __init__(self, settings: config.Config, now: Callable[[], int]) -> None:
        self.error: BaseException | None = None
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self._serve, args=(settings, now), daemon=True)
        self.thread.start()

    def _serve(self, settings: config.Config, now: Callable[[], int]) -> None:
        try:
            run_bot.serve(settings, self.stop, now=now)
        except BotError as error:
            self.error = error


@contextmanager
def serving(
    world: World, settings: config.Config, now: Callable[[], int] = run_bot.wall_clock
) -> Iterator[Bot]:
    """A connected bot, stopped at the end; it must be gone in time and leave nothing open."""
    before = world.slack.sockets.opened
    bot = Bot(settings, now)
    try:
        until(lambda: world.slack.sockets.opened >= before + 2 or bot.error is not None)
        yield bot
    finally:
        bot.stop.set()
        bot.thread.join(run_bot.LEAVE_WITHIN_S)
    assert not bot.thread.is_alive()


def whispers(world: World, text: str) -> int:
    """How many messages with that text Alice sees in #ops."""
    return sum(text in str(one.message) for one in world.seen("alice", "ops"))


def test_it_answers_and_leaves_in_order(world: World, settings: config.Config) -> None:
    """A command is answered; at the end both connections are closed and the store can be held again."""
    with serving(world, settings) as bot:
        assert world.call(world.slack.slash("alice", "ops", "/gitlab", "help")) == "ok"
        until(lambda: whispers(world, "/gitlab run") > 0)
        assert bot.error is None
    until(lambda: not world.ask(lambda: world.slack.sockets.connections))
    store = Store(settings.store.path)
    store.hold("me")
    store.close()


def test_a_second_bot_on_the_same_store_refuses(world: World, settings: config.Config) -> None:
    """It names the first one, and the first one goes on."""
    with serving(world, settings):
        second = Bot(settings, run_bot.wall_clock)
        second.thread.join(5)
        assert isinstance(second.error, StoreBusy)
        assert "pid " in str(second.error)
        seen = whispers(world, "jobs")
        assert world.call(world.slack.slash("alice", "ops", "/gitlab", "help")) == "ok"
        until(lambda: whispers(world, "jobs") > seen)


def test_a_start_that_fails_lets_go_of_the_store(world: World, settings: config.Config) -> None:
    """Whoever mends the configuration can start at once."""
    text = (
        (settings.store.path.parent / "config.toml").read_text().replace(world.slack.bot_token, "xoxb-wrong")
    )
    file = settings.store.path.parent / "broken.toml"
    write_private(file, text)
    bot = Bot(config.load(file, {}), run_bot.wall_clock)
    bot.thread.join(5)
    assert isinstance(bot.error, ConfigError)
    assert "slack.bot_token" in str(bot.error)
    store = Store(settings.store.path)
    store.hold("me")
    store.close()


def test_a_slow_answer_is_announced_in_time(world: World, settings: config.Config) -> None:
    """GitLab takes five seconds: the asker hears after two that it takes its time, once, and then the answer."""
    with serving(world, settings):
        world.gitlab.break_("slow", arg=5.0, times=1)
        assert world.call(world.slack.slash("bob", "ops", "/gitlab", "jobs")) == "ok"

        def bob(text: str) -> int:
            return sum(text in str(one.message) for one in world.seen("bob", "ops"))

        until(lambda: bob("takes its time") == 1, 3.5)
        assert bob("hello") == 0
        until(lambda: bob("hello") > 0, 15)
        assert bob("takes its time") == 1
        world.gitlab.mend()


def help_from(person: str, name: str) -> str:
    """The body of somebody's request for help, as it stands in the inbox."""
    asked = {"team": "T0ACME0001", "person": person, "name": name, "channel": "C0OPS00001"}
    return json.dumps(asked | {"command": "/gitlab", "text": "help"})


def test_what_was_accepted_by_an_earlier_life_is_done(world: World, settings: config.Config) -> None:
    """Rows that were taken or only accepted when the process died are done after the start."""
    store = Store(settings.store.path)
    body = help_from("U0CAROL001", "carol")
    with store.write() as tx:
        tx.inbox.accept([Received(key, f"e{key}", "slash", body, 1) for key in ("left", "taken")])
        tx.inbox.claim("taken")
    store.close()
    with serving(world, settings):
        until(lambda: sum("/gitlab run" in str(one.message) for one in world.seen("carol", "ops")) == 2)


def test_what_an_older_version_had_accepted_is_done(
    world: World, settings: config.Config, tmp_path: Path
) -> None:
    """A command and a press that the version without forms wrote down, with less of them, are done by this one."""
    store = Store(settings.store.path)
    asked = {"team": "T0ACME0001", "person": "U0DAVE0001", "name": "dave", "channel": "C0OPS00001"}
    pressed = asked | {
        "thread": None,
        "message": "17.1",
        "action": "offer.try",
        "value": "old.0",
        "trigger": "1.2",
        "undo": "",
    }
    with store.write() as tx:
        tx.offers.put("old.0", "shop runs", 1)
        tx.inbox.accept([
            Received("old1", "old1", "slash", json.dumps(asked | {"command": "/gitlab", "text": "help"}), 1),
            Received("old2", "old2", "click", json.dumps(pressed), 1),
        ])  # fmt: skip
    store.close()
    with serving(world, settings):
        until(lambda: any("/gitlab run" in str(one.message) for one in world.seen("dave", "ops")))
        until(
            lambda: any("You have not run anything" in str(one.message) for one in world.seen("dave", "ops"))
        )


def test_the_sweep_takes_up_what_lies_about_and_forgets_what_is_old(
    world: World, settings: config.Config
) -> None:
    """A row nobody handed to the workers is done within the sweep; rows of last week are gone."""
    moved = [0]

    def now() -> int:
        return run_bot.wall_clock() + moved[0]

    with serving(world, settings, now):
        store = Store(settings.store.path)
        body = help_from("U0DAVE0001", "dave")
        with store.write() as tx:
            tx.inbox.accept([Received("astray", "e-astray", "slash", body, now())])
        moved[0] += 61_000
        until(lambda: any("/gitlab run" in str(one.message) for one in world.seen("dave", "ops")))
        until(lambda: _state(store, "astray") == "done")
        moved[0] += 3 * DAY_MS
        until(lambda: _state(store, "astray") is None)
        store.close()


def _state(store: Store, key: str) -> str | None:
    """What became of a request; None once it is forgotten."""
    with store.read() as tx:
        rows = tx.inbox._sql.execute("SELECT state FROM inbox WHERE key = ?", (key,)).fetchall()
    return rows[0][0] if rows else None


def test_a_house_that_could_not_open_is_closed(world: World, settings: config.Config) -> None:
    """The store fails between the checks and the opening: everything is let go."""
    found = house.build(settings, (), voice, voice.displaced, now=run_bot.wall_clock, new_id=run_bot.random_id,
                        owner="me")  # fmt: skip
    found.kit.store.close()
    with pytest.raises(BotError):
        found.open()
    found.close(2)
    with suppress(BotError):
        found.close(1)


def test_the_rooms_of_before_are_listened_to(settings: config.Config) -> None:
    """The store knows them at the start; what is said in one is handed to the command that listens."""
    heard: list[Heard] = []
    listens = Command(
        "thing", "thing", "Do a thing.", ("thing",), lambda *_: None, hears=lambda one, _: heard.append(one)
    )
    found = house.build(settings, (listens,), voice, voice.displaced, now=run_bot.wall_clock, new_id=run_bot.random_id,
                        owner="me")  # fmt: skip
    found.known_rooms = lambda _: ("C0OPS00001",)
    found.open()
    assert "C0OPS00001" in found.kit.rooms
    found.intake.accept([sample("events/message_channel"), sample("events/message_channel_topic")])
    until(lambda: [one.text for one in heard] == ["hello"])
    found.kit.rooms.remove("C0OPS00001")
    found.intake.accept([sample("events/message_channel_thread")])
    assert _state(found.kit.store, "Ev000000007") is None
    found.close(5)
    assert [one.text for one in heard] == ["hello"]


def test_forms_that_wait_for_gitlab_keep_no_answer_waiting(settings: config.Config) -> None:
    """However many forms are being filled in, letters and sent forms are answered by threads of their own."""
    found = house.build(settings, (), voice, voice.displaced, now=run_bot.wall_clock, new_id=run_bot.random_id,
                        owner="me")  # fmt: skip
    gitlab, answered = threading.Event(), threading.Event()
    for number in range(house.OPENERS + house.PROMPTERS):
        found.openers.hand([Task(f"U{number}", "a form", gitlab.wait)])
    found.intake.later("U0ALICE001", answered.set)
    assert answered.wait(10)
    gitlab.set()
    found.close(2)


def test_one_who_types_without_end_keeps_no_one_waiting(settings: config.Config) -> None:
    """What Slack waits for is answered by turns, in a lane for each person."""
    found = house.build(settings, (), voice, voice.displaced, now=run_bot.wall_clock, new_id=run_bot.random_id,
                        owner="me")  # fmt: skip
    held, answered = threading.Event(), threading.Event()

    def wait() -> None:
        held.wait()

    for _ in range(4 * house.PROMPTERS):
        found.intake.later("U0ALICE001", wait)
    found.intake.later("U0BOB00001", answered.set)
    assert answered.wait(10)
    held.set()
    found.close(2)


def test_ids_are_dice() -> None:
    """The jitter is between nought and one, and not always the same."""
    jitter = house._jitter(run_bot.random_id)
    thrown = {jitter() for _ in range(50)}
    assert len(thrown) > 10
    assert all(0 <= each < 1 for each in thrown)
