"""Forms, and what must not be read in the store: what was filled in, addresses that need no token, pasted tokens."""

from __future__ import annotations

import copy
import json
import logging
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from blocks import forms
from bot.doors.asked import asked, said
from bot.edges.store import Store
from bot.model import Person, Place
from bot.redact import Redactor
from bot.vault import Vault
from tests.doors.accepting import Door, acks
from tests.doors.asking import bench
from tests.fixtures.slack_samples import sample
from tests.kits import KEY

#: Looks like a GitLab token, and is none.
TOKEN = "glpat-canary0canary0canary0"
ALICE, BOB = Person("T0ACME0001", "U0ALICE001"), Person("T0ACME0001", "U0BOB00001")

THREAD = Place("C0OPS00001", "17.5")


@pytest.fixture
def vault() -> Vault:
    return Vault((KEY,))


@pytest.fixture
def door(store: Store, vault: Vault) -> Door:
    """An intake as the house makes it: it seals, and knows tokens by their looks."""
    door = Door(store)
    door.intake.seal = lambda text, owner: vault.seal(text, about=owner)
    door.intake.redact = Redactor([])
    return door


def sent_in(place: Place = THREAD, view: str = "V1", **filled: Any) -> dict[str, Any]:
    """A form of ours that Alice sent in, opened from there."""
    body = [forms.text("reason", "Why?")]
    modal = forms.modal("agree.approval", "kept1", place, title="Why", submit="Ask", body=body)
    envelope = sample("interactive/view_submission", envelope_id=f"e-{view}")
    state = {"values": {block: {"value": field} for block, field in filled.items()}}
    envelope["payload"]["view"] |= {**modal, "id": view, "state": state}
    return envelope


def typed(value: str | None) -> dict[str, Any]:
    return {"type": "plain_text_input", "value": value}


def test_a_form_comes_back_with_what_was_filled_in(door: Door, vault: Vault) -> None:
    """Who, where it was opened from, which form, about what, and each field as text; a list is one value a line."""
    chosen = [{"value": "a"}, {"value": "b"}]
    door.accept(sent_in(
        reason=typed("a fix\nof it"), nothing=typed(None), one={"selected_option": {"value": "42"}},
        many={"selected_options": chosen}, none={"selected_option": None},
    ))  # fmt: skip
    (row,) = door.rows
    one = asked(row)
    form = one.form("alice", vault)
    assert (row.kind, row.key, one.action) == ("form", "view:V1", "agree.approval")
    assert (form.person, form.place, form.value) == (ALICE, Place("C0OPS00001", "17.5"), "kept1")
    assert form.values == {"reason": "a fix\nof it", "nothing": "", "one": "42", "many": "a\nb", "none": ""}


def test_a_form_from_a_channel_has_no_thread(door: Door) -> None:
    """Where there was none, there is none."""
    door.accept(sent_in(Place("D0ALICEBOT"), reason=typed("x")))
    assert (door.body()["channel"], door.body()["thread"]) == ("D0ALICEBOT", None)


def test_what_was_filled_in_cannot_be_read_in_the_store(door: Door) -> None:
    """It may be a token."""
    door.accept(sent_in(token=typed(TOKEN)))
    (row,) = door.rows
    assert "canary" not in row.body


def test_what_somebody_filled_in_only_they_can_send(door: Door, vault: Vault) -> None:
    """Values that were moved to another person's row do not open."""
    door.accept(sent_in(token=typed(TOKEN)))
    (row,) = door.rows
    stolen = json.dumps(json.loads(row.body) | {"person": BOB.id})
    with pytest.raises(Exception, match="key"):
        asked(type(row)(row.key, "", "form", stolen, 1)).form("bob", vault)


def test_a_form_sent_twice_is_one_request(door: Door) -> None:
    """By whichever envelope and trigger it comes; another form is another request."""
    first, again = sent_in(reason=typed("x")), sent_in(reason=typed("x"))
    again |= {"envelope_id": "another"}
    again["payload"]["trigger_id"] = "99.1"
    assert door.accept(first, again) == acks([first, again])
    assert door.accept(again) == acks([again])
    assert len(door.rows) == len(door.handed) == 1
    door.accept(sent_in(view="V2", reason=typed("x")))
    assert [row.key for row in door.rows] == ["view:V1", "view:V2"]


@pytest.mark.parametrize(
    "metadata",
    ["", " ", "kept1", "kept1 C1", "kept1 C1 17.5 more", "kept1  17.5", '{"channel": "C1"}', None, 5, ["a"]],
)
def test_a_form_of_somebody_else_is_no_crash(
    door: Door, metadata: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Metadata that is not ours asks for nothing; it is acked, and the log tells of it without its content."""
    strange, well = sent_in(reason=typed("canary")), sample("events/message_im")
    strange["payload"]["view"]["private_metadata"] = metadata
    with caplog.at_level(logging.WARNING):
        assert door.accept(strange, well) == acks([strange, well])
    assert [row.kind for row in door.rows] == ["text"]
    assert caplog.records
    assert "canary" not in caplog.text


@pytest.mark.parametrize(
    "fields", [{"reason": {}}, {"reason": []}, {"reason": None}, {"reason": {"value": "x"}}]
)
def test_fields_of_another_shape_are_no_crash(door: Door, fields: dict[str, Any]) -> None:
    """What cannot be read as a field makes no request."""
    strange = sent_in()
    strange["payload"]["view"]["state"]["values"] = copy.deepcopy(fields)
    assert door.accept(strange) == acks([strange])
    assert door.rows == []


def test_closing_a_form_asks_for_nothing(door: Door) -> None:
    """It is acked."""
    closed = sample("interactive/view_closed")
    assert door.accept(closed) == acks([closed])
    assert door.rows == []


# Addresses and tokens -------------------------------------------------------------------------------------------


def test_the_address_of_an_ephemeral_message_is_sealed(door: Door, vault: Vault) -> None:
    """Who has it could write in the person's name without any token."""
    envelope = sample("interactive/block_actions_ephemeral")
    door.accept(envelope)
    (row,) = door.rows
    address = envelope["payload"]["response_url"]
    assert address not in row.body
    assert "hooks.slack" not in row.body
    assert vault.open(door.body()["undo"], about="T0ACME0001/U0ALICE001") == address


def test_the_address_of_another_message_is_not_kept_at_all(door: Door) -> None:
    """A card is edited with the bot's token."""
    door.accept(sample("interactive/block_actions_message"))
    assert door.body()["undo"] == ""


@pytest.mark.parametrize("name", ["commands/channel", "events/message_im", "events/app_mention"])
def test_a_pasted_token_is_sealed_with_all_that_was_typed(door: Door, vault: Vault, name: str) -> None:
    """The command still gets the words; the store does not."""
    text = f"run rotate {TOKEN}"
    envelope = sample(name)
    envelope["payload"].get("event", envelope["payload"])["text"] = text
    door.accept(envelope)
    (row,) = door.rows
    assert "canary" not in row.body
    assert door.body()["text"] == ""
    assert said(asked(row), vault) == text


def test_ordinary_words_stay_readable(door: Door, vault: Vault) -> None:
    """Whoever looks into the store by hand sees what was asked."""
    door.accept(sample("commands/channel"))
    (row,) = door.rows
    assert "sealed" not in door.body()
    assert said(asked(row), vault) == door.body()["text"] != ""


@pytest.mark.parametrize("text", ["rnu hello", "refuse", "frobnicate", 'run "'])
def test_a_pasted_token_is_nowhere_in_the_store(door: Door, path: Path, text: str) -> None:
    """Neither in what is suggested for a slip of the fingers, nor in what is said of it, nor in the request."""
    envelope = sample("commands/channel")
    envelope["payload"]["text"] = f"{text} {TOKEN}"
    door.accept(envelope)
    with bench(door.store) as (desk, _):
        desk.router.do(door.rows[0])
        assert desk.answer(envelope["payload"]["trigger_id"]).text
    with closing(sqlite3.connect(path)) as database:
        assert "canary0" not in "\n".join(database.iterdump())


@pytest.mark.parametrize("changes", [{"user_id": "U\0X"}, {"team_id": "\ud800"}], ids=repr)
def test_a_name_no_seal_can_hold_is_no_crash(door: Door, changes: dict[str, str]) -> None:
    """A payload that no honest Slack sends does not stop the others of its batch."""
    strange, well = sample("commands/channel"), sample("events/message_im")
    strange["payload"] |= {"text": f"run {TOKEN} \ud83d", **changes}
    assert door.accept(strange, well) == acks([strange, well])
    assert door.rows[-1].kind == "text"
