"""People lock environments, let them go, queue up, ask for them, and see who holds what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.deeds import Halted, Permit
from bot.errors import NotLinked, NotUnderstood, Refused
from bot.policy import DENY, Rule
from tests.access.lock_stage import NOON, PEOPLE, Stage, shop_at
from tests.jobs.seen import buttons, shown
from tests.sandbox.gitlab_stage import until

HOUR, MINUTE = 3_600_000, 60_000
CARD = ["Release", "+30 min", "Ask for it", "Queue up"]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One GitLab for all tests of this file that change nothing in it."""
    with shop_at(tmp_path_factory.mktemp("locks")) as stage:
        yield stage


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with shop_at(tmp_path) as stage:
        yield stage


# Locking ----------------------------------------------------------------------------------------------------


def test_a_lock_and_its_card(stage: Stage) -> None:
    """`lock` makes a public card with all that others want to know, and nothing else is said."""
    assert stage.say("lock staging for 2h because of the migration") is None
    lock = stage.lock()
    assert (lock.person, lock.name, lock.gitlab_id) == (PEOPLE["alice"], "alice", 7)
    assert (lock.since, lock.until, lock.reason) == (NOON, NOON + 2 * HOUR, "of the migration")
    card = shown(stage.card(lock))
    assert ":lock: *staging* is locked by alice" in card
    assert "acme/shop · since <!date^" in card
    assert f"until <!date^{(NOON + 2 * HOUR) // 1000}^" in card
    assert "Why: of the migration" in card
    assert buttons(stage.card(lock)) == CARD
    assert stage.decisions() == [("alice", "locked")]


def test_how_long_a_lock_lasts(stage: Stage) -> None:
    """It is the policy's time unless somebody says otherwise; a time of day is theirs."""
    stage.say("lock staging")
    assert stage.lock().until == NOON + HOUR
    stage.say("shop lock production until 18:00")
    assert stage.lock("production").until == NOON + 4 * HOUR, "in Berlin it is two"


def test_the_reason_is_freed_of_secrets(stage: Stage) -> None:
    """What the channel reads holds no secret, and `--reason` is one as well."""
    stage.say("lock staging the canary died")
    assert stage.lock().reason == "the * died"
    stage.say("lock production --reason the migration")
    assert stage.lock("production").reason == "the migration"


def test_locking_again_is_no_second_lock(stage: Stage) -> None:
    """Who holds it is told so; a new duration counts from now."""
    stage.say("lock staging for 2h")
    first = stage.lock()
    assert "You already hold the lock on `staging` until" in shown(stage.say("lock staging"))
    assert stage.lock() == first
    stage.clock.pass_(30)
    assert "You hold the lock on `staging` until" in shown(stage.say("lock staging for 3h more tests"))
    assert stage.lock().until == NOON + 30 * MINUTE + 3 * HOUR
    assert (stage.lock().id, stage.lock().reason) == (first.id, "more tests")
    assert stage.decisions() == [("alice", "locked"), ("alice", "extended")]


def test_a_lock_of_another_is_told_with_what_can_be_done(stage: Stage) -> None:
    """Whoever comes second hears who, since, until and why, and gets two buttons."""
    stage.say("lock staging for 2h because <!channel>")
    answer = stage.say("lock staging", "bob")
    said = shown(answer)
    assert "*staging* is locked by alice, since <!date^" in said
    assert "Why: <!channel>" in said, "plain text, in which Slack reads nothing"
    assert buttons(answer) == ["Queue up", "Ask for it"]
    assert stage.lock().name == "alice"


def test_case_does_not_matter_and_near_misses_are_told(stage: Stage) -> None:
    """An environment is spelled as GitLab has it; one that is not there is answered with those near it."""
    stage.say("lock STAGING")
    assert stage.lock().environment == "staging"
    with pytest.raises(NotUnderstood, match="acme/shop has no environment `stagin`") as caught:
        stage.say("shop lock stagin for 2h")
    assert caught.value.suggestions == ("shop lock staging for 2h",)
    with pytest.raises(NotUnderstood, match="It has `production`, `staging`") as caught:
        stage.say("lock xyzzy")
    assert caught.value.suggestions == ()


def test_an_environment_that_only_the_policy_names(stage: Stage) -> None:
    """What is declared may be locked before anything was ever deployed there."""
    declared = stage.with_policy(tiers={"dr-site": "production", "review/*": "development"})
    assert declared.say("lock dr-site") is None
    with pytest.raises(NotUnderstood, match="has no environment `review/x`"):
        declared.say("lock review/x")


@pytest.mark.parametrize(
    ("typed", "said"), [("lock", "Which environment"), ("lock staging for 9d", "a week at most"), ("queue leave", "Which queue")]
)
def test_what_is_not_understood(running: Stage, typed: str, said: str) -> None:
    """Each mistake is told with what to type."""
    with pytest.raises(NotUnderstood, match=said):
        running.say(typed)


def test_who_may_lock(running: Stage) -> None:
    """It takes a connected account, and the role of a Developer."""
    with pytest.raises(NotLinked):
        running.say("lock staging", "dave")
    with pytest.raises(Refused, match="for its Developers and above, and @carol is none"):
        running.say("lock staging", "carol")
    assert running.held() is None


def test_a_dry_run_locks_nothing(running: Stage) -> None:
    """`--dry-run` ends with the ladder."""
    with pytest.raises(Halted) as caught:
        running.say("lock staging --dry-run for 2h")
    assert caught.value.dry_run
    assert [one.name for one in caught.value.verdict.steps][:3] == ["account", "person", "rules"]
    assert running.held() is None


@pytest.mark.parametrize("typed", ["lock production", "queue production"])
def test_a_rule_against_it(running: Stage, typed: str) -> None:
    """A deny of `lock` holds for the queue as well, which ends in a lock."""
    rule = Rule("no-prod", DENY, commands=("lock",), environments=("production",))
    with pytest.raises(Halted, match="no-prod"):
        running.with_policy(rules=(rule,)).say(typed, "bob")
    assert running.held("production") is None


# Letting go -------------------------------------------------------------------------------------------------


def test_unlock_by_its_holder(stage: Stage) -> None:
    """The card says so, and the environment is free."""
    stage.say("lock staging")
    lock = stage.lock()
    assert "`staging` is released." in shown(stage.say("unlock staging"))
    assert stage.held() is None
    assert "is not locked by alice any more: released by alice" in shown(stage.card(lock))
    assert buttons(stage.card(lock)) == []
    assert "Nobody has locked `staging`." in shown(stage.say("unlock staging"))
    assert stage.decisions()[-1] == ("alice", "released")


def test_unlock_without_a_name(stage: Stage) -> None:
    """It means the one lock somebody holds; of two it asks which."""
    with pytest.raises(NotUnderstood, match="You hold no lock in acme/shop"):
        stage.say("unlock")
    stage.say("lock staging")
    assert "released" in shown(stage.say("unlock"))
    stage.say("lock staging")
    stage.say("lock production")
    with pytest.raises(NotUnderstood, match="You hold 2 locks") as caught:
        stage.say("unlock")
    assert caught.value.suggestions == ("unlock production", "unlock staging")


def test_a_lock_of_another_is_not_released(stage: Stage) -> None:
    """A Developer who does not hold it is refused, by word and by button."""
    stage.say("lock staging")
    for attempt in (lambda: stage.say("unlock staging", "bob"), lambda: stage.press("lock.release", stage.lock().id, "bob")):
        with pytest.raises(Refused, match="alice holds the lock on staging"):
            attempt()
    assert stage.lock().name == "alice"


@pytest.mark.parametrize("admins", [(), (PEOPLE["bob"].id,)])
def test_a_lock_is_broken_loudly(stage: Stage, admins: tuple[str, ...]) -> None:
    """A Maintainer, or an admin of the policy, releases it; its holder is mentioned, and it is written down."""
    breaker, holder = ("bob", "alice") if admins else ("alice", "bob")
    stage.say("lock staging", holder)
    lock = stage.lock()
    answer = stage.with_policy(admins=admins).press("lock.release", lock.id, breaker)
    assert "its holder is told so" in shown(answer)
    told = stage.told(f"{lock.id}.broken")
    assert f"<@{PEOPLE[holder].id}> {breaker} broke your lock on `staging`." in shown(told)
    assert stage.held() is None
    assert stage.decisions()[-1] == (breaker, "broken")
    assert f"held by {holder}" in stage.trail()[-1].detail


def test_a_button_of_a_lock_that_is_over(stage: Stage) -> None:
    """A stale or forged button says so and does nothing."""
    stage.say("lock staging")
    old = stage.lock()
    stage.say("unlock")
    stage.say("lock staging", "bob")
    for action in ("lock.release", "lock.extend", "lock.take", "lock.queue"):
        for value in (old.id, "forged"):
            with pytest.raises(NotUnderstood, match="That lock is over"):
                stage.press(action, value)
    assert stage.lock().name == "bob"


def test_half_an_hour_more(stage: Stage) -> None:
    """Only its holder presses that; done again after a crash it adds nothing."""
    stage.say("lock staging")
    lock = stage.lock()
    with pytest.raises(Refused, match="Only alice"):
        stage.press("lock.extend", lock.id, "bob")
    assert stage.press("lock.extend", lock.id, key="one") is None
    assert stage.press("lock.extend", lock.id, key="one") is None
    assert stage.lock().until == NOON + 90 * MINUTE
    assert "alice now holds `staging` until" in shown(stage.told("one.extended"))
    for _ in range(400):
        stage.press("lock.extend", lock.id)
    assert stage.lock().until == NOON + 7 * 24 * HOUR, "a week at most"


# The queue --------------------------------------------------------------------------------------------------


def test_the_queue_of_a_locked_environment(stage: Stage) -> None:
    """Who joins is told their place, the card names them, and `queue` lists them."""
    stage.say("lock staging for 2h", "bob")
    assert "You are next in the queue for `staging`. It is held by bob until" in shown(stage.say("queue staging my tests"))
    assert [(one.name, one.reason) for one in stage.queue()] == [("alice", "my tests")]
    assert "Waiting: alice" in shown(stage.card(stage.lock()))
    assert "You are next" in shown(stage.press("lock.queue", stage.lock().id)), "twice is once"
    assert "Who waits in acme/shop" in shown(stage.say("queue"))
    assert "waiting: alice" in shown(stage.say("queue"))
    assert "not in the queue for `staging` any more" in shown(stage.say("queue leave staging"))
    assert stage.queue() == []
    assert "Waiting" not in shown(stage.card(stage.lock()))
    assert "You were not in the queue" in shown(stage.say("queue leave staging"))
    assert "Nobody waits for anything" in shown(stage.say("queue"))
    assert stage.decisions() == [("bob", "locked"), ("alice", "queue joined"), ("alice", "queue left")]


def test_to_queue_for_what_is_free_takes_it(stage: Stage) -> None:
    """There is nothing to wait for; what somebody holds they need not wait for either."""
    assert stage.say("queue staging tests") is None
    assert (stage.lock().name, stage.lock().reason) == ("alice", "tests")
    assert "You already hold" in shown(stage.say("queue staging"))
    assert stage.queue() == []


def test_the_next_is_served_and_told(stage: Stage) -> None:
    """At a release the first who waits gets the lock for the usual time, a card and a word."""
    stage.say("lock staging for 2h")
    stage.say("queue staging my tests", "bob")
    stage.clock.pass_(5)
    stage.say("unlock staging")
    lock = stage.lock()
    assert (lock.name, lock.until, lock.reason) == ("bob", stage.clock.now + HOUR, "my tests")
    assert "is locked by bob" in shown(stage.card(lock))
    assert f"<@{PEOPLE['bob'].id}> you hold the lock on `staging` now until" in shown(stage.told(f"{lock.id}.yours"))
    stage.tick()
    assert (stage.lock().id, stage.lock().name) == (lock.id, "bob")


# Hand-over --------------------------------------------------------------------------------------------------


def asked(stage: Stage) -> str:
    """Bob asks alice for staging; the id of what she answers to."""
    stage.say("lock staging for 2h")
    stage.press("lock.take", stage.lock().id, "bob", key="ask")
    return stage.queue()[0].id


def test_the_holder_is_asked(stage: Stage) -> None:
    """They are mentioned and told what happens without an answer; so is who asked."""
    stage.say("lock staging for 2h")
    answer = stage.press("lock.take", stage.lock().id, "bob", key="ask")
    assert "I asked alice for `staging`. Without an answer it is yours at <!date^" in shown(answer)
    question = stage.told("ask.asked")
    assert f"<@{PEOPLE['alice'].id}> bob asks for `staging`. Without an answer it is handed over at" in shown(question)
    assert buttons(question) == ["Give it", "Keep it"]
    assert "Waiting: bob" in shown(stage.card(stage.lock()))
    again = stage.press("lock.take", stage.lock().id, "bob")
    assert "I asked alice" in shown(again)
    assert len(stage.queue()) == 1
    assert "You already hold" in shown(stage.press("lock.take", stage.lock().id))


def test_one_asks_at_a_time(tmp_path: Path) -> None:
    """The second is told who was first, and waits in the queue all the same."""
    with shop_at(tmp_path, ("alice", "bob", "dave")) as stage:
        ask = asked(stage)
        late = stage.press("lock.take", stage.lock().id, "dave")
        assert "bob has asked alice already. You are in the queue for `staging`" in shown(late)
        assert [one.name for one in stage.queue()] == ["bob", "dave"]
        stage.press("lock.keep", ask)
        stage.press("lock.take", stage.lock().id, "dave")
        stage.tick(6)
        assert stage.lock().name == "dave"
        assert [one.name for one in stage.queue()] == ["bob"]


def test_the_holder_gives_it(stage: Stage) -> None:
    """The lock goes on as the asker's, on the same card, with the time that is left."""
    ask = asked(stage)
    lock = stage.lock()
    stage.clock.pass_(2)
    with pytest.raises(Refused, match="Only alice can answer that"):
        stage.press("lock.give", ask, "bob")
    assert stage.press("lock.give", ask) is None
    new = stage.lock()
    assert (new.id, new.name, new.until, new.since) == (lock.id, "bob", lock.until, stage.clock.now)
    assert "is locked by bob" in shown(stage.card(new))
    assert "It was handed over to you." in shown(stage.told(f"{ask}.yours"))
    with pytest.raises(NotUnderstood, match="answered already"):
        stage.press("lock.give", ask)
    assert stage.decisions()[-1] == ("alice", "handed over")


def test_the_holder_keeps_it(stage: Stage) -> None:
    """Who asked is told, and stays in the queue; nothing is handed over when the time is up."""
    ask = asked(stage)
    assert stage.press("lock.keep", ask, key="no") is None
    assert f"<@{PEOPLE['bob'].id}> alice keeps `staging` until" in shown(stage.told("no.kept"))
    assert "In the queue you are next." in shown(stage.told("no.kept"))
    stage.tick(6)
    assert stage.lock().name == "alice"
    assert [one.name for one in stage.queue()] == ["bob"]


def test_no_answer_is_a_yes(stage: Stage) -> None:
    """After five minutes, and not before, the lock is handed over."""
    ask = asked(stage)
    stage.tick(4.9)
    assert stage.lock().name == "alice"
    stage.tick(0.2)
    assert stage.lock().name == "bob"
    assert "There was no answer" in shown(stage.told(f"{ask}.yours"))
    assert stage.decisions()[-1][1] == "handed over"


def test_a_released_lock_is_not_handed_over_again(stage: Stage) -> None:
    """Who asked is served from the queue, and the next holder is not asked for what another was."""
    asked(stage)
    stage.say("unlock staging")
    assert stage.lock().name == "bob"
    stage.tick(10)
    assert stage.lock().name == "bob"


# Time -------------------------------------------------------------------------------------------------------


def test_a_reminder_and_the_end(stage: Stage) -> None:
    """Ten minutes before the end the holder is mentioned once; at the end it is free, and told."""
    stage.say("lock staging for 30m")
    lock = stage.lock()
    stage.tick(19)
    reminder = f"{lock.id}.{lock.until}.ending"
    assert stage.told(reminder) is None
    stage.tick(1)
    assert f"<@{PEOPLE['alice'].id}> your lock on `staging` ends at" in shown(stage.told(reminder))
    assert buttons(stage.told(reminder)) == ["+30 min", "Release"]
    stage.tick(9.9)
    assert stage.held() is not None
    stage.tick(0.1)
    assert stage.held() is None
    assert "your lock on `staging` has expired" in shown(stage.told(f"{lock.id}.ended"))
    assert "any more: it expired" in shown(stage.card(lock))
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


# Who --------------------------------------------------------------------------------------------------------


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
    assert "|success>" in shown(stage.say("who")) or "|running>" in shown(stage.say("who"))


# A deployment past the lock ---------------------------------------------------------------------------------


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
    until(lambda: [stage.tick(0.5), stage.told(f"{lock.id}.3.passed")][1] is not None)  # It waits for a runner first.
    told = shown(stage.told(f"{lock.id}.3.passed"))
    assert ":warning: bob deployed main (`" in told
    assert "to `staging` from GitLab while alice holds the lock." in told
    assert "|Its job>" in told
    assert stage.told(f"{lock.id}.1.passed") is None
    assert stage.told(f"{lock.id}.2.passed") is None
    stage.tick(1)
    assert [one.decision for one in stage.trail()] == ["locked", "deployed past the lock"]
    assert (stage.trail()[-1].username, stage.trail()[-1].gitlab_id) == ("bob", 8)


def test_a_permit_in_a_click_counts(stage: Stage) -> None:
    """A dry run of a button queues nobody up."""
    stage.say("lock staging")
    with pytest.raises(Halted):
        stage.press("lock.queue", stage.lock().id, "bob", permit=Permit(dry_run=True))
    assert stage.queue() == []
