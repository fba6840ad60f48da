"""Commands that recur are kept, listed, paused, done besides and taken away."""

from __future__ import annotations

import contextlib

import pytest

from bot.deeds import Halted
from bot.errors import BotError, NotUnderstood, Refused
from bot.model import RunState
from bot.own import Recurring
from bot.personal.recurring import MOST
from bot.policy import APPROVE, DENY, Policy, Rule
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import COMMANDS, DEV, OPS, PEOPLE, TEAM, Shop

DM = "D0ALICEBOT"
HELLO = "every weekday 9:00 UTC run hello"


def kept(shop: Shop, name: str = "alice") -> list[Recurring]:
    with shop.store.read() as tx:
        return tx.recurring.of(PEOPLE[name])


def only(shop: Shop) -> Recurring:
    (one,) = kept(shop)
    return one


def test_it_is_kept(shop: Shop) -> None:
    """What, when, where and as whom; nothing is started, and the channel is told."""
    said = shop.say(f"{HELLO} World", key="one", thread="17.1")
    one = only(shop)
    assert (one.line, one.rhythm, one.number) == ("run hello World", "weekday 9:00 UTC", 1)
    assert (one.place.channel, one.place.thread, one.name) == (OPS, "17.1", "alice")
    assert one.next_at > shop.clock.now
    assert shown(said).startswith("Kept: `run hello World` every weekday 9:00 UTC")
    assert buttons(said) == ["Pause", "Run now", "Remove"]
    told = shop.letter(f"{one.id}.begins")
    assert shown(told) == "alice has me do `run hello World` every weekday 9:00 UTC here, as alice."
    assert shop.runs() == []
    assert shop.pipelines() == []


def test_the_same_request_keeps_it_once(shop: Shop) -> None:
    """Done again after a crash, it is there already."""
    first = shop.say(HELLO, key="one")
    assert shown(shop.say(HELLO, key="one")) == shown(first)
    assert len(kept(shop)) == 1


def test_the_zone_of_who_types(shop: Shop) -> None:
    """A time without a zone is meant in one's own; a zone that is named counts; steps begin at one's midnight."""
    shop.say("every day 7:30 run hello")
    shop.say("every day 7:30 America/New_York run hello")
    shop.say("every 2 hours run hello")
    assert [one.rhythm for one in kept(shop)] == [
        "day 7:30 Europe/Berlin", "day 7:30 America/New_York", "2 hours",
    ]  # fmt: skip
    assert kept(shop)[2].since % 3_600_000 == 0


def test_an_own_word_is_written_out(shop: Shop) -> None:
    """What a word stands for now is what recurs, whatever it will stand for then."""
    shop.say("alias d = run hello")
    shop.say("every day 7:30 d World")
    assert only(shop).line == "run hello World"


def test_what_is_said_beside_it_stays(shop: Shop) -> None:
    """A reason goes along each time; a dry run keeps nothing; an override is for one time."""
    shop.say(f'{HELLO} x --reason "it is due"')
    assert only(shop).line == 'run hello x --reason "it is due"'
    said = shown(shop.say(f"{HELLO} --dry-run"))
    assert said.startswith("A dry run: nothing was kept. It would be `run hello --dry-run` every")
    with pytest.raises(Refused, match="An override is for one time"):
        shop.say(f'{HELLO} --override "now"')
    assert len(kept(shop)) == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("every day 9:00", "What shall I do then?"),
        ("every day run hello", "At what time?"),
        ("every now and then", "Which one?"),
        ("every sometimes 9:00 run hello", "I do not know when `sometimes` is"),
        ("every day 9:00 rnu hello", "does not begin with a command of mine. Did you mean `run`"),
        ("every day 9:00 not run hello", "I know no project `not`"),
        ("every day 9:00 run", "Which job?"),
        ("every day 9:00 run helo", "has no job `helo`"),
        ("every day 9:00 run login canary", "holds a token"),
        ("every day 9:00 every day 9:00 run x", "`every` cannot recur"),
        ("every day 9:00 alias d = run x", "`alias` cannot recur"),
        ("every day 9:00 unlink", "`unlink` cannot recur"),
        ("every day 9:00 connect", "`connect` cannot recur"),
        ("every day 9:00 !!", "`!!` cannot recur"),
        ("every day 9:00 retry", "`retry` cannot recur"),
        ("every day 9:00 stop", "`stop` cannot recur"),
        ("every day 9:00 audit", "is for those named in `access.admins`"),
        ("every pause", "Which one? Type its number"),
        ("every pause 99", "Which one? Type its number"),
        ("every pause x", "Yours: none yet"),
        ("every remove 1 2", "Which one?"),
    ],
)
def test_what_is_not_kept(shop: Shop, typed: str, said: str) -> None:
    """Each mistake is told when it is typed, not when it would be due."""
    with pytest.raises(BotError) as caught:
        shop.say(typed)
    assert said in caught.value.sentence
    assert kept(shop) == []


def test_what_only_tells_may_recur(shop: Shop) -> None:
    """A list is kept without being made now."""
    before = sum(shop.calls.values())
    shop.say("every day 9:00 UTC runs")
    assert only(shop).line == "runs"
    assert sum(shop.calls.values()) == before


def test_what_stands_in_the_way_is_told(shop: Shop) -> None:
    """Whoever keeps what has to be confirmed hears that somebody has to agree each time."""
    said = shown(shop.say("every day 9:00 UTC run deploy-production"))
    assert (
        "As things are now, somebody has to agree each time: It goes to production, so please confirm it."
        in said
    )
    approved = shop.under(Policy(rules=(Rule("four-eyes", APPROVE, jobs=("hello",), by=("leads",)),)))
    assert "wants an approval from leads" in shown(approved.say(HELLO))
    assert len(kept(shop)) == 2


def test_what_the_rules_deny_is_not_kept(shop: Shop) -> None:
    """Neither a command of which it is certain that it is refused, nor `every` where a rule denies it."""
    with pytest.raises(Halted):
        shop.under(Policy(rules=(Rule("no", DENY, jobs=("hello",)),))).say(HELLO)
    with pytest.raises(Halted):
        shop.under(Policy(rules=(Rule("no", DENY, commands=("every",)),))).say(HELLO)
    with pytest.raises(Halted):
        shop.under(Policy(rules=(Rule("no", DENY, commands=("runs",)),))).say("every day 9:00 UTC runs")
    assert kept(shop) == []


def test_there_is_an_end(shop: Shop) -> None:
    """Nobody has more done than belongs into a chat."""
    for _ in range(MOST):
        shop.say("every day 9:00 UTC runs")
    with pytest.raises(Refused, match=f"{MOST} commands of yours recur, which is the most"):
        shop.say("every day 9:00 UTC runs")


@pytest.mark.parametrize("line", [line for one in COMMANDS if one.changes for line in one.examples])
def test_what_is_kept_is_only_tried(shop: Shop, line: str) -> None:
    """Whatever a command would change, keeping it for later changes nothing: it is looked at as a dry run."""
    shop.act("incident Checkout is down")
    before = {call: number for call, number in shop.calls.items() if not call.startswith("GET ")}
    with contextlib.suppress(BotError):
        shop.say(f"every day 9:00 UTC {line}")
    after = {call: number for call, number in shop.calls.items() if not call.startswith("GET ")}
    assert after.keys() - before.keys() <= {"POST /graphql"}, "which only reads"
    with shop.store.read() as tx:
        assert tx.runs.recent(None, limit=1) == []
        assert tx.locks.of_person(PEOPLE["alice"]) == []
        assert tx.places.aliases(TEAM) == {}
        assert tx.places.get_default(TEAM, OPS) is None
        assert all(entry.decision in {"saved", "denied"} for entry in tx.audit.since(0))


# The list ---------------------------------------------------------------------------------------------------


def test_nothing_recurs(shop: Shop) -> None:
    """The empty list says how to add something."""
    assert "`/gitlab every weekday 9:00 run report` adds one." in shown(shop.say("every"))


def test_mine_and_others(shop: Shop) -> None:
    """One's own come from everywhere, those of others from this channel alone, without the buttons of their owner."""
    shop.say(HELLO)
    shop.say("every day 9:00 UTC runs", channel=DM)
    shop.say("every day 9:00 UTC jobs", name="bob", channel=DEV)
    said = shop.say("every")
    assert shown(said).startswith("*2 commands of yours recur*")
    assert "in our direct messages" in shown(said)
    assert "`jobs`" not in shown(said)
    seen = shop.say("every", name="bob")
    assert "*Of others here*" in shown(seen)
    assert "in <#C0OPS00001> · of alice · next" in shown(seen)
    assert "`runs`" not in shown(seen), "what alice does with me alone"
    assert buttons(seen) == ["Pause", "Run now", "Remove", "Pause", "Remove"]


def test_how_it_went_last(shop: Shop) -> None:
    """A run is told by its state, a trouble by its sentence, a list as done."""
    shop.say(HELLO)
    one = only(shop)
    shop.intend("hello", source="k", state=RunState.DONE, status="failed", pipeline_url="https://x/1")
    for changes, said in (
        ({"last_key": "k", "last_said": ""}, ": <https://x/1|failed>"),
        ({"last_key": "", "last_said": ""}, ": done"),
        ({"last_key": "", "last_said": "It was left out."}, ": not done. It was left out."),
    ):
        with shop.store.write() as tx:
            tx.recurring.change(one.id, last_at=shop.clock.now, **changes)
        assert said in shown(shop.say("every"))
    with shop.store.write() as tx:
        tx.recurring.change(one.id, state="paused", why="No.", last_said="No.")
    assert shown(shop.say("every")).count("No.") == 1


# Buttons and the words for them -----------------------------------------------------------------------------


def test_pause_and_resume(shop: Shop) -> None:
    """By button and by word; the answer shows the button for the way back."""
    shop.say(HELLO)
    one = only(shop)
    assert buttons(shop.press("every.pause", one.id)) == ["Resume", "Run now", "Remove"]
    assert only(shop).state == "paused"
    assert buttons(shop.say("every resume 1")) == ["Pause", "Run now", "Remove"]
    assert only(shop).state == "on"


def test_run_now(shop: Shop) -> None:
    """It is asked for besides, as its owner, in its place."""
    shop.say(HELLO)
    shop.press("every.now", only(shop).id, key="k1")
    shop.say("every now #1", key="k2")
    with shop.store.read() as tx:
        keys = [one.key for one in tx.inbox.waiting(10)]
    assert keys == [f"every:{only(shop).id}:now:k1", f"every:{only(shop).id}:now:k2"]


def test_remove(shop: Shop) -> None:
    """Its channel is told; a button of one that is gone says so; its number is in the trail."""
    shop.say(HELLO)
    one = only(shop)
    assert "is taken away." in shown(shop.press("every.remove", one.id))
    assert (
        shown(shop.letter(f"{one.id}.ends"))
        == "alice took away what recurred here: `run hello` every weekday 9:00 UTC."
    )
    for action in ("every.remove", "every.pause", "every.resume", "every.now"):
        with pytest.raises(NotUnderstood, match="does not recur any more"):
            shop.press(action, one.id)
    with shop.store.read() as tx:
        assert [entry.decision for entry in tx.audit.since(0)] == ["saved", "removed"]


def test_whose_it_is(shop: Shop) -> None:
    """Only its owner has it done; those who administer the bot may stop it, and its owner sees who did."""
    shop.say(HELLO)
    one = only(shop)
    for action in ("every.now", "every.resume"):
        with pytest.raises(Refused, match="Only alice can do that"):
            shop.press(action, one.id, name="bob")
    for action in ("every.pause", "every.remove"):
        with pytest.raises(Refused, match="Only alice and those named in"):
            shop.press(action, one.id, name="bob")
    admin = shop.under(Policy(admins=(PEOPLE["bob"].id,)))
    admin.press("every.pause", one.id, name="bob")
    assert only(shop).why == "bob paused it."
    admin.say("every remove 1", name="bob")
    assert kept(shop) == []


def test_what_somebody_does_with_me_alone(shop: Shop) -> None:
    """Its number is nobody's business."""
    shop.say("every day 9:00 UTC runs", channel=DM)
    with pytest.raises(NotUnderstood, match="Type its number"):
        shop.say("every pause 1", name="bob")
