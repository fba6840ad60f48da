"""The map between messages and notes is found again from the marks of both, once, and contradictions are told."""

from __future__ import annotations

import pytest

from bot import markdown
from bot.deeds import digest
from bot.incident_work import Mirrored
from bot.incidents.hindsight.rebuild import rebuild
from bot.model import Message, Place
from tests.evidence.floor import SHOP_ID
from tests.incidents.back import Back
from tests.incidents.stage import ID, ROOM

HOME = "https://acme-dev.slack.com/archives"


def said(back: Back, text: str, thread: str | None = None) -> str:
    """Alice says something in the room; its ts comes back."""
    slack = back.floor.slack
    return str(slack.run(slack.slack.say("alice", ROOM, text, thread)))


def copied(back: Back, ts: str, text: str, row: str, thread: str = "", *, internal: bool = False) -> int:
    """The note that is the copy of a message, as it was written once."""
    where = f"?thread_ts={thread}&cid={ROOM}" if thread else ""
    head = f"**alice (Slack)** · [2026-11-28 12:00:00 UTC]({HOME}/{ROOM}/p{ts.replace('.', '')}{where})"
    mark = f"i={ID} m={row} h={digest(ID, row)[:8]}"
    gitlab = back.kit.gitlab_as(back.person("alice"))
    body = markdown.marked(f"{head}\n\n{text}", mark)
    return gitlab.write_note(SHOP_ID, back.iid, body, internal=internal).id


def shown(back: Back, note: int, row: str, thread: str | None = None) -> str:
    """The message that is the copy of a note; its ts comes back."""
    text = f"<{back.incident.url}#note_{note}|Carol>: hello"
    message = Message("Carol in GitLab", ({"type": "section", "text": {"type": "mrkdwn", "text": text}},))
    return back.kit.slack.post(Place(ROOM, thread), message, oid=f"inc.{ID}.m.{row}")


def rows(back: Back) -> dict[str, Mirrored]:
    return {one.id: one for one in back.reads(lambda tx: tx.mirror.of(ID))}


def test_what_was_said_in_slack_is_found_by_the_mark_of_its_note(back: Back) -> None:
    """With message, thread and who may read it."""
    root = said(back, "It burns")
    reply = said(back, "Where?", root)
    first = copied(back, root, "It burns", "m1")
    second = copied(back, reply, "Where?", "m2", root, internal=True)
    report = rebuild(back.kit, back.incident)
    assert (report.restored, report.contradictions) == (2, [])
    found = rows(back)
    assert (found["m1"].ts, found["m1"].note_id, found["m1"].internal, found["m1"].born) == (
        root,
        first,
        False,
        "slack",
    )
    assert (found["m2"].ts, found["m2"].note_id, found["m2"].internal, found["m2"].root) == (
        reply,
        second,
        True,
        "m1",
    )
    assert found["m1"].wanted.endswith("It burns")
    assert found["m1"].author == back.floor.user("alice").id
    assert found["m1"].discussion


def test_what_was_written_in_gitlab_is_found_by_the_mark_of_its_message(back: Back) -> None:
    """Its message is its living copy again."""
    note = back.kit.gitlab_as(back.person("carol")).write_note(SHOP_ID, back.iid, "Have you looked?")
    ts = shown(back, note.id, "m3")
    report = rebuild(back.kit, back.incident)
    assert (report.restored, report.contradictions) == (1, [])
    row = rows(back)["m3"]
    assert (row.born, row.ts, row.note_id, row.author, row.wanted) == (
        "gitlab",
        ts,
        note.id,
        "carol",
        "Have you looked?",
    )
    with back.kit.store.read() as tx:
        card = tx.cards.get(f"inc.{ID}.m.m3")
    assert card is not None
    assert (card.ts, card.shown_hash) == (ts, card.wanted_hash)


def test_copies_in_threads_are_found(back: Back) -> None:
    """A reply from GitLab stands below the message it answers."""
    root = said(back, "It burns")
    copied(back, root, "It burns", "m1")
    note = back.kit.gitlab_as(back.person("carol")).write_note(SHOP_ID, back.iid, "Since when?")
    shown(back, note.id, "m2", root)
    rebuild(back.kit, back.incident)
    assert (rows(back)["m2"].thread, rows(back)["m2"].root) == (root, "m1")


def test_done_again_it_changes_nothing(back: Back) -> None:
    """What is known is counted, and left as it is."""
    ts = said(back, "It burns")
    copied(back, ts, "It burns", "m1")
    rebuild(back.kit, back.incident)
    before = rows(back)
    report = rebuild(back.kit, back.incident)
    assert (report.restored, report.known, report.contradictions) == (0, 1, [])
    assert rows(back) == before


def test_a_side_that_was_never_known_is_found(back: Back) -> None:
    """A row whose note or message was not written down is made whole."""
    ts = said(back, "It burns")
    first = copied(back, ts, "It burns", "m1")
    note = back.kit.gitlab_as(back.person("carol")).write_note(SHOP_ID, back.iid, "Since when?")
    there = shown(back, note.id, "m2")
    with back.kit.store.write() as tx:
        tx.mirror.put(Mirrored("m1", ID, "slack", "mark", ROOM, ts, "", 1, "U1", "alice"))
        tx.mirror.put(
            Mirrored("m2", ID, "gitlab", "talk", ROOM, "", "", 2, "carol", "Carol", note_id=note.id)
        )
    report = rebuild(back.kit, back.incident)
    assert (report.restored, report.known, report.contradictions) == (0, 2, [])
    assert (rows(back)["m1"].note_id, rows(back)["m2"].ts) == (first, there)


def test_what_contradicts_is_told_and_left(back: Back) -> None:
    """A pasted mark, a copy of a copy, a deleted note, a message that is gone."""
    ts = said(back, "It burns")
    first = copied(back, ts, "It burns", "m1")
    gitlab = back.kit.gitlab_as(back.person("carol"))
    gitlab.write_note(SHOP_ID, back.iid, markdown.marked("Me too", f"i={ID} m=m9 h=00000000"))
    copied(back, ts, "pasted", "m1")
    copied(back, "1700000000.000100", "gone", "m5")
    shown(back, 999_999, "m6")
    report = rebuild(back.kit, back.incident)
    assert rows(back)["m1"].note_id == first
    told = "\n".join(report.contradictions)
    assert "none of ours: it was pasted" in told
    assert f"I know note {first}" in told
    assert "is not in the room any more" in told
    assert "shows note 999999, which is not below the issue" in told
    assert "m6" not in rows(back)
    assert "m9" not in rows(back)


def test_internal_notes_are_not_shown_again(back: Back) -> None:
    """Their text stays out of the map of a room that everybody may read."""
    note = back.kit.gitlab_as(back.person("alice")).write_note(
        SHOP_ID, back.iid, "for members", internal=True
    )
    shown(back, note.id, "m3")
    rebuild(back.kit, back.incident)
    row = rows(back)["m3"]
    assert (row.internal, row.wanted) == (True, "")


def test_notes_of_other_incidents_are_not_taken(back: Back) -> None:
    """Nor messages with the marks of others."""
    back.kit.gitlab_as(back.person("alice")).write_note(SHOP_ID, back.iid, "No mark at all")
    back.kit.slack.post(Place(ROOM), Message("card"), oid="inc.other.m.m1")
    assert rebuild(back.kit, back.incident).restored == 0
    assert rows(back) == {}


def test_without_slack_the_notes_alone_count(back: Back) -> None:
    """The report says what could not be read."""
    ts = said(back, "It burns")
    copied(back, ts, "It burns", "m1")
    with back.kit.store.write() as tx:
        tx.incidents.note(ID, channel="C0GONE0001")
    report = rebuild(back.kit, back.incident)
    assert report.trouble
    assert report.restored == 0


@pytest.mark.parametrize("typed", ["doctor --rebuild", "doctor inc-1 --rebuild", "doctor \u2014rebuild"])
def test_it_is_typed_behind_doctor(back: Back, typed: str) -> None:
    """In the room or elsewhere, with the dashes of a telephone too; the trail has it."""
    ts = said(back, "It burns")
    copied(back, ts, "It burns", "m1")
    assert "1 text found again" in back.type(typed)
    assert rows(back)["m1"].ts == ts
    assert [one.decision for one in back.trail()][-1] == "rebuild"


def test_doctor_takes_no_other_word(back: Back) -> None:
    """It says the one that it takes."""
    assert "but for `--rebuild`" in back.type("doctor rebuilt")
