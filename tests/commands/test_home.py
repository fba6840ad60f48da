"""Somebody's Home: shown when it is opened, from what they may see, and anew when that changes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.environments import Standing
from bot.merge_requests import Review
from bot.model import Place, RunState
from bot.own import Favourite
from bot.personal import homes, sight
from bot.policy import APPROVE, Policy, Rule
from commands import home
from sandbox.slack.people import TEAM
from tests.evidence.floor import NO_LIMITS, SHOP, SHOP_ID, Floor, dm, floor_at

MINUTE = 60


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    rule = Rule("four-eyes", APPROVE, jobs=("say",), by=("leads",))
    with floor_at(
        tmp_path, Policy(rules=(rule,), groups={"leads": ("U0ALICE001",)}, limits=NO_LIMITS)
    ) as floor:
        yield floor


def opens(floor: Floor, name: str, tab: str = "home") -> None:
    """Somebody opens the Home, or its other tab."""
    user = floor.user(name)
    event = {"type": "app_home_opened", "user": user.id, "channel": dm(user), "tab": tab, "event_ts": "1.1"}
    envelope = {"type": "event_callback", "team_id": TEAM, "event_id": f"Ev{next(floor.numbers)}"}
    floor.send("events_api", envelope | {"event": event})


def shown(floor: Floor, name: str) -> str:
    """What Slack shows somebody of it."""
    view = floor.slack.slack.views.homes.get(floor.user(name).id)
    return json.dumps(view["blocks"], ensure_ascii=False) if view else ""


def published(floor: Floor) -> int:
    return floor.slack.slack.calls["views.publish"]


def looks(floor: Floor) -> None:
    """The next tick, some time later."""
    floor.clock.pass_(homes.EVERY_MS / 1000)
    homes.look(floor.kit, home.draw)
    floor.do([])


def test_it_is_drawn_at_once_and_then_from_gitlab(floor: Floor) -> None:
    """First what is known, then what GitLab shows this person; opened again, nothing is published twice."""
    opens(floor, "alice")
    assert published(floor) == 2
    assert "Environments of acme/shop" in shown(floor, "alice")
    opens(floor, "alice")
    looks(floor)
    assert published(floor) == 2


def test_the_other_tab_is_nobodys_business(floor: Floor) -> None:
    """Whoever opens the messages has opened no Home."""
    opens(floor, "alice", tab="messages")
    assert published(floor) == 0


def test_gitlab_is_not_waited_for(floor: Floor) -> None:
    """While GitLab is away, the Home is there all the same, and says what is missing; afterwards it is asked again."""
    floor.gitlab.loop.ask(lambda: floor.gitlab.fake.break_("down"))
    opens(floor, "alice")
    assert "Your environments are not shown just now." in shown(floor, "alice")
    floor.gitlab.loop.ask(floor.gitlab.fake.mend)
    floor.clock.pass_(MINUTE)
    floor.click("alice", "home.refresh", "-")
    assert "Environments of acme/shop" in shown(floor, "alice")


def test_it_follows_what_happens(floor: Floor) -> None:
    """A run that somebody starts and one that ends show within a look, while the Home was opened lately."""
    opens(floor, "alice")
    key = floor.slash("alice", "shop run hello")
    looks(floor)
    assert "hello" in shown(floor, "alice")
    assert "cancel.press" in shown(floor, "alice")
    with floor.store.write() as tx:
        run = tx.runs.by_source(key)
        assert run is not None
        tx.runs.move(run.id, run.state, RunState.DONE, status="success")
    looks(floor)
    assert "run.again" in shown(floor, "alice")
    before = published(floor)
    floor.clock.pass_(homes.LOOKED_AT_MS / 1000)
    floor.slash("alice", "shop run hello again")
    looks(floor)
    assert published(floor) == before, "nobody looks at it any more"


def test_an_approval_reaches_me(floor: Floor) -> None:
    """Who may give it sees it in the Home that is open, who asked sees that it waits; given there, it is gone."""
    opens(floor, "alice")
    opens(floor, "bob")
    floor.slash("bob", 'shop run say hi --reason "It is due."')
    looks(floor)
    assert "approvals.approve" in shown(floor, "alice")
    assert "It is due." in shown(floor, "alice")
    assert "approvals.approve" not in shown(floor, "bob")
    assert "Waiting for others" in shown(floor, "bob")
    with floor.store.read() as tx:
        (approval,) = tx.approvals.open(10)
    press(floor, "alice", "approvals.approve", approval.run)
    looks(floor)
    assert "approvals.approve" not in shown(floor, "alice")
    with floor.store.read() as tx:
        assert tx.approvals.open(10) == []


def press(floor: Floor, name: str, action: str, value: str) -> str:
    """Press a button in the Home: there is neither a channel nor a message."""
    payload = floor.click_payload(name, action, value)
    del payload["channel"], payload["message"]
    payload["container"] = {"type": "view", "view_id": "V1"}
    payload["view"] = {"id": "V1", "type": "home", "private_metadata": "", "state": {"values": {}}}
    return floor.send("interactive", payload)


def test_what_is_pressed_there_is_answered_in_direct_messages(floor: Floor) -> None:
    """And the Home is looked at with the next tick."""
    opens(floor, "alice")
    with floor.store.write() as tx:
        home_ = tx.homes.get(floor.person("alice"))
        assert home_ is not None
        tx.homes.look(home_, floor.clock() + 10**9)
    press(floor, "alice", "settings.edit", "-")
    with floor.store.read() as tx:
        home_ = tx.homes.get(floor.person("alice"))
    assert home_ is not None
    assert home_.next_look == floor.clock()
    key = press(floor, "alice", "every.pause", "gone")
    with floor.store.read() as tx:
        letter = tx.outbox.get(key)
    assert letter is not None
    assert letter.place == Place(dm(floor.user("alice")))


# Who sees what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("erin", "you belong to another"), ("greg", "you are a guest"), ("zoe", "is deactivated"),
        ("robo", "you are an app"),
    ],
)  # fmt: skip
def test_for_whom_nothing_is_done(floor: Floor, name: str, why: str) -> None:
    """Guests, strangers, apps and leavers are told why nothing is there, whatever the store holds of them."""
    with floor.store.write() as tx:
        tx.homes.open(floor.person(name), floor.clock(), floor.clock())
    homes.show(floor.kit, home.draw, floor.person(name))
    said = shown(floor, name)
    assert "There is nothing here for you." in said
    assert why in said
    assert "action_id" not in said


def test_who_becomes_a_guest_loses_it(floor: Floor) -> None:
    """The next look takes away what it showed."""
    opens(floor, "alice")
    user = floor.user("alice")
    user_now = user.__class__(user.id, user.name, user.real_name, is_restricted=True)
    floor.slack.slack.workspace.users[user.id] = user_now
    floor.clock.pass_(2 * MINUTE)
    looks(floor)
    assert "There is nothing here for you." in shown(floor, "alice")


def test_a_project_out_of_sight_is_not_shown(floor: Floor) -> None:
    """What the store knows of a project that GitLab does not show somebody stays out of their Home."""
    for name in ("alice", "bob"):
        floor.slash(name, "favourite acme/vault run rotate")
    with floor.store.write() as tx:
        tx.environments.put([Standing(99, "acme/vault", "production", "production", "available")])
    opens(floor, "bob")
    assert "acme/vault run rotate" in shown(floor, "bob"), "their own words"
    assert "Environments of acme/vault" not in shown(floor, "bob")
    with floor.store.read() as tx:
        seen = sight.of(tx, floor.person("bob"), floor.clock())
    assert [one.path for one in seen.projects] == [SHOP]


def test_what_was_shown_is_not_shown_for_ever(floor: Floor) -> None:
    """Rights may change: after a while nothing is shown that GitLab has not shown again."""
    opens(floor, "alice")
    assert "Environments of acme/shop" in shown(floor, "alice")
    floor.clock.pass_(sight.FRESH_MS / 1000)
    looks(floor)
    assert "Environments of acme/shop" not in shown(floor, "alice")


def test_who_is_not_connected(floor: Floor) -> None:
    """Nothing of GitLab, and a button to connect."""
    opens(floor, "nina")
    said = shown(floor, "nina")
    assert "link.new" in said
    assert "Environments" not in said


def test_open_incidents(floor: Floor) -> None:
    """Those of the same projects stand in it, as GitLab shows them to this person."""
    floor.gitlab.act("incident Checkout is down", "alice")
    opens(floor, "bob")
    assert "Checkout is down" in shown(floor, "bob")


def test_secrets_are_taken_out(floor: Floor) -> None:
    """What stands in a store by accident is not shown."""
    with floor.store.write() as tx:
        tx.favourites.add(
            Favourite("f1", floor.person("alice"), f"run login {floor.kit.config.gitlab.token}")
        )
    opens(floor, "alice")
    assert floor.kit.config.gitlab.token not in shown(floor, "alice")
    assert "run login" in shown(floor, "alice")


def test_whoever_parts_from_an_account_parts_from_what_it_was_shown(floor: Floor) -> None:
    """After `unlink` nothing of GitLab is left at once, nor is it there for whoever they are in GitLab next."""
    opens(floor, "alice")
    press(floor, "alice", "unlink.press", "-")
    looks(floor)
    assert "Environments" not in shown(floor, "alice")
    floor.clock.pass_(1)
    floor.link("alice", "carol")
    looks(floor)
    assert "Environments" not in shown(floor, "alice"), "that was shown to alice"
    press(floor, "alice", "home.refresh", "-")
    assert "Environments of acme/shop" in shown(floor, "alice"), "and this to carol"


def test_merge_requests_that_wait_for_me(floor: Floor) -> None:
    """Those that GitLab shows this person stand in it, with a button that shows one."""
    floor.gitlab.act("push feature/basket", "bob")
    floor.gitlab.act("mr feature/basket Mend the basket", "bob")
    review = Review(floor.person("alice"), SHOP_ID, SHOP, 1, "Mend the basket", "https://x/1", "review", author="bob",
                    seen_at=floor.clock())  # fmt: skip
    with floor.store.write() as tx:
        tx.reviews.put_all(floor.person("alice"), [review])
        tx.homes.open(floor.person("alice"), floor.clock(), floor.clock())
    homes.show(floor.kit, home.draw, floor.person("alice"))
    assert "Mend the basket" in shown(floor, "alice")
    assert "mr.show" in shown(floor, "alice")
    floor.clock.pass_(sight.FRESH_MS / 1000)
    homes.show(floor.kit, home.draw, floor.person("alice"))
    assert "Mend the basket" not in shown(floor, "alice")


# Typed ------------------------------------------------------------------------------------------------------


def test_it_is_told_where_it_is_typed(floor: Floor) -> None:
    """`home` asks GitLab and tells the same; it takes no words."""
    told = floor.told(floor.slash("alice", "home"))
    assert "Environments of acme/shop" in told
    assert "The same stands in my Home" in told
    floor.slash("alice", "home sweet")
    assert "takes no more words" in floor.voice.problems[-1].sentence


def test_unlink_by_button(floor: Floor) -> None:
    """The button in the Home does what the word does."""
    opens(floor, "alice")
    key = press(floor, "alice", "unlink.press", "-")
    assert "You are no longer connected" in floor.told(key)
    looks(floor)
    assert "link.new" in shown(floor, "alice")
