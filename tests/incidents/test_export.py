"""An export holds all that is known of an incident, for who may see it, and nothing that was said elsewhere."""

from __future__ import annotations

import json

from bot.incident_work import Holder, Mirrored, Suspect, Task
from tests.evidence.floor import dm
from tests.incidents.back import Back
from tests.incidents.stage import ID, ROOM


def fill(back: Back) -> None:
    """An incident with something of everything."""
    bob = back.person("bob")
    back.happened("pinned", 3, text="the token is glpat-AAAAAAAAAAAAAAAAAAAA", ts="17.3")
    with back.kit.store.write() as tx:
        tx.holders.put(Holder("h1", ID, "commander", bob, "bob", 1))
        tx.tasks.put(Task("t1", ID, 1, "Restart it", source="t1"))
        tx.suspects.put(Suspect("s1", ID, "merge", "Faster basket", "https://gitlab/1", 5, "merge 7"))
        tx.mirror.put(
            Mirrored(
                "m1", ID, "gitlab", "talk", ROOM, "17.4", "", 4, "carol", "Carol", 31, internal=True, wanted="hush"
            )
        )  # fmt: skip


def test_all_of_it_is_in_the_file(back: Back) -> None:
    """Incident, events, mirror map, holders, tasks, suspects and metrics."""
    fill(back)
    back.type("export", "bob")
    found = back.file("%.export%")
    assert found["format"] == "signalbox-incident/1"
    assert found["incident"]["title"] == "Checkout"
    assert [one["id"] for one in found["events"]] == ["pinned"]
    assert [one["note_id"] for one in found["mirror"]] == [31]
    assert [one["role"] for one in found["holders"]] == ["commander"]
    assert [one["text"] for one in found["tasks"]] == ["Restart it"]
    assert [one["reference"] for one in found["suspects"]] == ["merge 7"]
    assert found["metrics"]["mitigate"]["value"] is None
    assert found["metrics"]["provenance"] == {"count": 1, "of": 1, "percent": 100}


def test_it_holds_neither_words_of_others_nor_secrets(back: Back) -> None:
    """The map says where an internal text is, and not what it says; a token that was pinned is taken out."""
    fill(back)
    back.type("export", "bob")
    text = json.dumps(back.file("%.export%"))
    assert "hush" not in text
    assert "glpat-" not in text


def test_it_goes_to_the_direct_messages_of_who_asked(back: Back) -> None:
    """Others in the room see nothing of it; that it was handed out is in the audit trail."""
    back.type("export", "bob")
    with back.kit.store.read() as tx:
        letter = tx.outbox.get(f"{back.keys[-1]}.export")
    assert letter is not None
    assert letter.place.channel == dm(back.floor.user("bob"))
    assert "export" in back.decisions()
