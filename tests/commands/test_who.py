"""People see who holds what, and the clock tells holders what becomes of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.errors import NotUnderstood
from tests.access.lock_stage import PEOPLE, Stage, shop_at
from tests.jobs.seen import buttons, shown
from tests.sandbox.gitlab_stage import until

HOUR, MINUTE = 3_600_000, 60_000


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with shop_at(tmp_path) as stage:
        yield stage


def test_who_tells_all(stage: Stage) -> None:
    """`who` lists what is locked and what is free; of one environment it tells the same."""
    stage.say("lock staging for 2h load test")
    stage.say("queue staging", "bob")
    said = shown(stage.say("who", "bob"))
    assert ":lock: *staging* is locked by alice, since" in said
    assert "waiting: bob · load test" in said
    assert ":unlock: *production* is free" in said
    one = shown(stage.say("who production"))
    assert "*production* is free" in one
    assert "staging* is" not in one
    with pytest.raises(NotUnderstood, match="has no environment `prodution`"):
        stage.say("who prodution")


def test_who_deployed_last(stage: Stage) -> None:
    """The newest deployment is told with who, what and how it went, whoever started it."""
    stage.act("deploy staging main", "bob")
    until(lambda: "last deployed by bob: main (`" in shown(stage.say("who staging")))
    until(lambda: "|success>" in shown(stage.say("who")))


def test_a_reminder_and_the_end(stage: Stage) -> None:
    """Ten minutes before the end the holder is mentioned once; at the end it is free, and told."""
    stage.say("lock staging for 30m")
    lock = stage.lock()
    stage.tick(19)
    reminder = f"{lock.id}.{lock.until}.ending"
    assert stage.told(reminder) is None
    stage.tick(1)
    assert f"<@{PEOPLE['alice'].id}>, your lock on `staging` ends <!date" in shown(stage.told(reminder))
    assert buttons(stage.told(reminder)) == ["+30 min", "Release"]
    stage.tick(9.9)
    assert stage.held() is not None
    stage.tick(0.1)
    assert stage.held() is None
    assert "your lock on `staging` has expired" in shown(stage.told(f"{lock.id}.ended"))
    assert "is free: the lock of" in shown(stage.card(lock))
    assert stage.decisions()[-1] == ("alice", "expired")
    stage.tick(1)
    assert len(stage.trail()) == 2


def test_a_longer_lock_is_reminded_of_anew(stage: Stage) -> None:
    """Whoever extends after the reminder is reminded before the new end; a short lock needs no reminder."""
    stage.say("lock staging for 20m")
    stage.say("lock production for 9m")
    stage.tick(10)
    lock = stage.lock()
    assert stage.told(f"{lock.id}.{lock.until}.ending")
    stage.press("lock.extend", lock.id)
    stage.tick(30)
    later = stage.lock()
    assert stage.told(f"{later.id}.{later.until}.ending")
    assert stage.held("production") is None


def test_a_deployment_past_the_lock_is_told_once(stage: Stage) -> None:
    """Started in GitLab by somebody else, it is told in the lock's thread; the holder's own is not."""
    stage.act("deploy staging main", "bob")
    stage.say("lock staging for 2h")
    lock = stage.lock()
    assert lock.watched == 1
    stage.tick()
    stage.act("deploy staging main")
    stage.act("deploy staging main", "bob")
    stage.tick(0.4)
    assert stage.told(f"{lock.id}.3.passed") is None, "it is looked at every 30 seconds"

    def noticed() -> bool:
        stage.tick(0.5)
        return stage.told(f"{lock.id}.3.passed") is not None

    until(noticed)  # It waits for a runner first.
    told = shown(stage.told(f"{lock.id}.3.passed"))
    assert ":warning: bob deployed main (`" in told
    assert "to `staging` from GitLab while alice holds the lock." in told
    assert "|Its job>" in told
    assert stage.told(f"{lock.id}.1.passed") is None
    assert stage.told(f"{lock.id}.2.passed") is None
    stage.tick(1)
    assert [one.decision for one in stage.trail()] == ["locked", "deployed past the lock"]
    assert (stage.trail()[-1].username, stage.trail()[-1].gitlab_id) == ("bob", 8)
