"""People lock environments, let them go, queue up, ask for them, and see who holds what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.deeds import Halted
from bot.errors import LeftOut, NotLinked, NotUnderstood, Refused
from bot.policy import APPROVE, DENY, Rule
from tests.access.lock_stage import NOON, PEOPLE, Stage, shop_at
from tests.jobs.seen import buttons, shown

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
    assert (lock.since, lock.until, lock.reason) == (NOON, NOON + 2 * HOUR, "the migration")
    card = shown(stage.card(lock))
    assert ":lock: *staging* is locked by alice" in card
    assert "acme/shop · since <!date^" in card
    assert f"until <!date^{(NOON + 2 * HOUR) // 1000}^" in card
    assert "Why: the migration" in card
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
    ("typed", "said"),
    [
        ("lock", "Which environment"),
        ("lock staging for 9d", "a week at most"),
        ("queue leave", "Which queue"),
    ],
)
def test_what_is_not_understood(running: Stage, typed: str, said: str) -> None:
    """Each mistake is told with what to type."""
    with pytest.raises(NotUnderstood, match=said):
        running.say(typed)


def test_who_may_lock(running: Stage) -> None:
    """It takes a connected account, and the role of a Developer."""
    with pytest.raises(NotLinked):
        running.say("lock staging", "dave")
    with pytest.raises(Refused, match="for its Developers and above; @carol has a lower role"):
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


def test_a_rule_that_wants_an_approval(stage: Stage) -> None:
    """A lock cannot wait for one and is refused, with a reason too; what is held can always be given back."""
    rule = Rule("two-eyes", APPROVE, commands=("lock",), environments=("staging",), by=("alice",))
    strict = stage.with_policy(rules=(rule,))
    for typed in ("lock staging", 'lock staging --reason "a fix"', "queue staging"):
        with pytest.raises(Refused, match="“two-eyes” wants an approval"):
            strict.say(typed, "bob")
    with pytest.raises(Halted):
        strict.say("lock staging --dry-run")
    assert stage.held() is None
    stage.say("lock staging")
    assert "is released" in shown(strict.say("unlock staging"))


# Letting go -------------------------------------------------------------------------------------------------


def test_unlock_by_its_holder(stage: Stage) -> None:
    """The card says so, and the environment is free."""
    stage.say("lock staging")
    lock = stage.lock()
    assert "`staging` is released." in shown(stage.say("unlock staging"))
    assert stage.held() is None
    assert "is free: the lock of alice was released by alice" in shown(stage.card(lock))
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
    with pytest.raises(LeftOut, match="You hold 2 locks") as caught:
        stage.say("shop unlock")
    assert (caught.value.before, picks(caught.value)) == ("shop unlock", ["production", "staging"])


def picks(question: LeftOut) -> list[str]:
    """What can be picked."""
    return [one.value for one in question.options]


def test_an_environment_that_was_left_out_is_picked(stage: Stage) -> None:
    """`lock` alone asks which, and says what is known of each; a picked name is the rest of the line."""
    stage.say("lock production", "bob")
    with pytest.raises(LeftOut, match="Which environment") as caught:
        stage.say("shop lock")
    question = caught.value
    assert (question.before, question.after, picks(question)) == ("shop lock", "", ["production", "staging"])
    assert [one.hint for one in question.options] == ["locked by bob", ""]


def test_a_lock_of_somebody_else_is_picked(stage: Stage) -> None:
    """Who holds none may name that of another, and is told who holds it."""
    stage.say("lock production", "bob")
    with pytest.raises(LeftOut, match="You hold no lock") as caught:
        stage.say("unlock")
    assert picks(caught.value) == ["production"]


def test_a_queue_that_was_left_out_is_picked(stage: Stage) -> None:
    """`queue leave` alone offers those somebody stands in."""
    with pytest.raises(NotUnderstood, match="You wait for no environment of acme/shop"):
        stage.say("queue leave")
    stage.say("lock production", "bob")
    stage.say("queue production")
    with pytest.raises(LeftOut, match="Which queue") as caught:
        stage.say("queue leave")
    assert (caught.value.before, picks(caught.value)) == ("queue leave", ["production"])


def test_a_lock_of_another_is_not_released(stage: Stage) -> None:
    """A Developer who does not hold it is refused, by word and by button."""
    stage.say("lock staging")
    with pytest.raises(Refused, match="alice holds the lock on staging"):
        stage.say("unlock staging", "bob")
    with pytest.raises(Refused, match="alice holds the lock on staging"):
        stage.press("lock.release", stage.lock().id, "bob")
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
    assert f"<@{PEOPLE[holder].id}>, {breaker} broke your lock on `staging`." in shown(told)
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
