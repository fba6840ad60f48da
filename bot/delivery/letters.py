"""How a message becomes a row: what is said, to whom, and after what."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import Any

from bot.edges.store import Letter, Tx
from bot.model import Attachment, Message, Millis, Person, Place, Run

#: How the queue of a message begins that nobody misses: it is struck out when late, and never sent twice.
COURTESY = "courtesy:"


def dump(message: Message) -> str:
    """Return a message as JSON, the same text for the same message."""
    whole = {"text": message.text, "blocks": message.blocks, "file": _packed(message.file)}
    return json.dumps(whole, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def load(text: str) -> Message:
    """Return the message that `dump` made this text of."""
    whole = json.loads(text)
    return Message(whole["text"], tuple(whole["blocks"]), _unpacked(whole["file"]))


def _packed(file: Attachment | None) -> dict[str, str] | None:
    """A file in JSON: its bytes, if it has any, in base64."""
    if file is None:
        return None
    data = {"data": base64.b64encode(file.data).decode()} if file.data else {}
    return {"name": file.name, "text": file.text, **data}


def _unpacked(whole: dict[str, Any] | None) -> Attachment | None:
    return (
        Attachment(whole["name"], whole["text"], base64.b64decode(whole.get("data", ""))) if whole else None
    )


def digest(text: str) -> str:
    """Return what tells two dumps apart."""
    return hashlib.sha256(text.encode()).hexdigest()


def answer(
    tx: Tx, key: str, message: Message, *, person: Person, place: Place, now: Millis, at: Millis = 0
) -> None:
    """
    Queue what only the asker sees: ephemeral in a channel, an ordinary message in a direct message.

    It is sent `at` that moment, or at once.
    """
    kind = "post" if place.is_dm else "whisper"
    queue = f"{place.channel}:{person.id}"
    letter = Letter(key, queue, kind, place, person.id, dump(message), not_before=at, created_at=now)
    _put(tx, letter, message)


def announce(
    tx: Tx, letter_id: str, message: Message, person: Person, place: Place, now: Millis, *, again: str = ""
) -> None:
    """
    Queue what everybody in a channel is told of what somebody changed for all; nothing in direct messages.

    With `again`, which is new each time, it is told once more if the same request has changed the same before: its
    button was pressed again after somebody else had changed it.
    """
    if place.is_dm:
        return
    if again and tx.outbox.get(letter_id) is not None:
        letter_id = f"{letter_id}.{again}"
    queue, where = f"{place.channel}:{person.id}", Place(place.channel)
    tx.outbox.put(Letter(letter_id, queue, "post", where, person.id, dump(message), created_at=now))


def say(tx: Tx, letter_id: str, message: Message, place: Place, now: Millis) -> None:
    """Queue a message for everybody in a place."""
    tx.outbox.put(Letter(letter_id, place.channel, "post", place, "", dump(message), created_at=now))


def in_thread(tx: Tx, letter_id: str, message: Message, run: Run, now: Millis) -> None:
    """Queue a message for the thread of a run's card, or for the thread the card itself stands in."""
    under = "" if run.place.thread else run.id
    queue = f"run:{run.id}"
    letter = Letter(
        letter_id,
        queue,
        "post",
        run.place,
        run.person.id,
        dump(message),
        under=under,
        run=run.id,
        created_at=now,
    )
    _put(tx, letter, message)


def courtesy(
    tx: Tx, key: str, message: Message, *, person: Person, place: Place, at: Millis, now: Millis
) -> None:
    """Queue what the asker hears if the answer is not there `at` that moment; struck out when it is."""
    kind = "post" if place.is_dm else "whisper"
    letter = Letter(courtesy_id(key), f"{COURTESY}{key}", kind, place, person.id, dump(message),
                    not_before=at, created_at=now)  # fmt: skip
    tx.outbox.put(letter)


def courtesy_id(key: str) -> str:
    """Return the id of the courtesy that belongs to the request with this key."""
    return f"{key}.slow"


def card(tx: Tx, message: Message, run: Run, now: Millis, *, urgent: bool = True) -> None:
    """Say how a run's card should look from now on; what is not `urgent` is shown with the next edit."""
    card_of(tx, run.id, run.place, message, now, person=run.person.id, urgent=urgent)


def card_of(
    tx: Tx, card_id: str, place: Place, message: Message, now: Millis, *, person: str, urgent: bool = True
) -> None:
    """
    Say how a living message should look from now on; it is posted in `place` the first time.

    `person` hears of it in their direct messages if it cannot be shown there.
    """
    text = dump(message)
    tx.cards.want(card_id, place, text, digest(text), now, person=person, urgent=urgent)


def under(
    tx: Tx, letter_id: str, card_id: str, place: Place, message: Message, now: Millis, *, person: str = ""
) -> None:
    """Queue a message for the thread of a card that is not a run's; `place` is where that card belongs."""
    above = "" if place.thread else card_id
    letter = Letter(
        letter_id, f"card:{card_id}", "post", place, person, dump(message), under=above, created_at=now
    )
    _put(tx, letter, message)


def file_under(
    tx: Tx, letter_id: str, card_id: str, place: Place, file: Attachment, now: Millis, *, person: str = ""
) -> None:
    """Queue a file alone for the thread of a card, or for the thread that the card itself stands in."""
    body = dump(Message("", (), file))
    tx.outbox.put(
        Letter(letter_id, f"card:{card_id}", "file", place, person, body, under=card_id, created_at=now)
    )


def _put(tx: Tx, letter: Letter, message: Message) -> None:
    """Queue a letter and, behind it, the file that belongs to the message; the file is stored once."""
    if message.file is None:
        tx.outbox.put(letter)
        return
    tx.outbox.put(replace(letter, body=dump(replace(message, file=None))))
    tx.outbox.put(replace(letter, id=f"{letter.id}.file", kind="file"))
