"""What not everybody may read in GitLab is not read in Slack either, whatever changes in between."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import blocks.incident as draw
from bot.command import Heard
from bot.incident import FULL_INTERNAL
from bot.incidents import cards
from commands.incident import WHOLE
from sandbox.slack.people import BOT_USER
from tests.evidence.floor import DEV, OPS
from tests.incidents.below import SECRET, Below, below

SECRETS = "The key is under the mat"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Below]:
    with below(tmp_path) as stage:
        yield stage


def _everything(here: Below) -> str:
    """All that Slack has been told, and all that waits to be told."""
    with here.kit.store.read() as tx:
        cards = [tx.cards.get(f"inc.{row.incident}.m.{row.id}") for row in here.rows()]
    return str([post.body for post in here.posts()]) + str([card.wanted for card in cards if card])


def test_internal_note_in_a_public_room(here: Below) -> None:
    """Of an internal note a public room is told that there is one, and nothing else; nor is its text kept."""
    here.note(SECRETS, how="internal-note #1")
    here.follow()
    assert here.texts() == ["internal note by Bob Baker in GitLab"]
    assert "mat" not in _everything(here)
    assert here.rows()[0].wanted == ""


def test_internal_note_in_a_private_room(here: Below) -> None:
    """A private room is shown internal notes, as such."""
    here.floor.slack.slack.workspace.channels[SECRET].members.append(BOT_USER)
    other = here.declared(SECRET, "Leak", private=True)
    here.act(f"internal-note #{other.iid} {SECRETS}")
    here.follow()
    (post,) = here.posts(SECRET)
    assert post.body["text"] == f"Bob Baker in GitLab: {SECRETS}"
    assert ":lock: internal" in str(post.body["blocks"])


def test_private_incident_in_a_public_room(here: Below) -> None:
    """What counts is what the room is, and not what it was meant to be."""
    here.alter(private=True)
    here.act("confidential #1", "alice")
    here.note(SECRETS, how="internal-note #1")
    here.note("Only for members")
    here.follow()
    assert "mat" not in _everything(here)
    assert "members" not in _everything(here)
    assert here.texts() == [
        "internal note by Bob Baker in GitLab",
        "comment on a confidential issue by Bob Baker in GitLab",
    ]


def test_update_in_the_public_room_of_a_private_incident(here: Below) -> None:
    """Somebody says in GitLab how it stands: the card tells that there is a word, and not which."""
    here.alter(private=True)
    here.act("confidential #1", "alice")
    here.note("Update: Acme is hit", "alice")
    here.follow()
    assert here.now().latest == "There is an update below the issue in GitLab, which is confidential."
    with here.kit.store.read() as tx:
        card = tx.cards.get(f"inc.{here.incident.id}.card")
    assert card is None or "Acme" not in card.wanted


def test_room_turns_private_later(here: Below) -> None:
    """Nothing that was hidden is revealed by itself when the room becomes private, not by an edit either."""
    note = here.note(SECRETS, how="internal-note #1")
    here.follow()
    here.floor.slack.slack.workspace.channels[OPS].kind = "group"
    here.act(f"edit-note {note} {SECRETS}, really")
    here.follow()
    assert "mat" not in _everything(here)


def test_turned_confidential_on_its_way(here: Below) -> None:
    """What waits to be shown when the issue becomes confidential is not shown any more: that comes first."""
    here.note("A name of a customer")
    here.look()
    here.act("confidential #1", "alice")
    here.note(SECRETS)
    here.look()
    here.post()
    here.follow()
    assert "customer" not in _everything(here)
    assert "mat" not in _everything(here)
    assert here.now().private


def test_turned_confidential_between_two_looks(here: Below) -> None:
    """A comment and the turn in the same round: the turn acts first."""
    here.note(SECRETS)
    here.act("confidential #1", "alice")
    here.follow()
    assert "mat" not in _everything(here)


def test_slack_does_not_say(here: Below) -> None:
    """If Slack does not say what the room is, it counts as public."""
    here.note(SECRETS, how="internal-note #1")
    here.floor.slack.slack.break_("500", times=1)
    here.follow()
    assert "mat" not in _everything(here)


def test_announcement_is_withdrawn(here: Below) -> None:
    """When an issue turns confidential its announcement shows nothing any more, and the commander is warned."""
    here.alter(announced_in=DEV, title="Umbrella leaks")
    with here.kit.store.write() as tx:
        cards.redraw(tx, here.kit, draw, here.now())
    here.follow()
    here.act("confidential #1", "alice")
    here.look()
    with here.kit.store.read() as tx:
        twin = tx.cards.get(f"inc.{here.incident.id}.twin")
        told = [tx.outbox.get(one.id) for one in tx.outbox.heads(here.kit.now(), (), 100)]
    assert twin is not None
    assert "Umbrella" not in twin.wanted
    assert (here.now().private, here.now().policy) == (True, FULL_INTERNAL)
    alice = here.floor.user("alice").id
    assert any(one is not None and one.person == alice and one.kind == "whisper" for one in told)


@pytest.mark.parametrize("how", ["bot_joined", "converted"])
def test_room_turns_public_while_something_waits(here: Below, how: str) -> None:
    """What was written for a private room, and waits for us to be let in again, is not said to everybody."""
    here.floor.slack.slack.workspace.channels[OPS].kind = "group"
    here.alter(muted="not_in_channel")
    here.note(SECRETS, how="internal-note #1")
    here.note("For all")
    here.look()
    assert here.rows()[0].wanted == SECRETS
    here.floor.slack.slack.workspace.channels[OPS].kind = "channel"
    heard = Heard("Ev1", how, "T0ACME0001", "U0BOB00001", OPS, "", None, "1.0", text="public")
    WHOLE.hears[how](here.kit, here.now(), heard)
    here.alter(muted="")
    here.post()
    assert here.texts() == ["internal note by Bob Baker in GitLab", "Bob Baker in GitLab: For all"]
    assert "mat" not in _everything(here)
