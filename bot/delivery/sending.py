"""Sends one letter or shows one card, and decides what follows when Slack does not take it.

What Slack did not answer is looked up by the id in the message's metadata before it is sent a second time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

from bot.delivery import letters
from bot.delivery.pace import Pace
from bot.edges.slack import Slack
from bot.edges.store import Card, Letter, Store, Tx
from bot.errors import SlackBusy, SlackError, SlackUnreachable
from bot.model import Message, Millis, Place

log = logging.getLogger(__name__)

#: A card is edited at once, then at most this often (house.md, decision 3).
EDIT_EVERY_MS = 3_000
#: When an unanswered post is looked for: soon, since it mostly arrived, and once more before it is repeated.
FIRST_LOOK_MS, SECOND_LOOK_MS = 1_000, 9_000
#: After an error that only somebody else can mend, such as a revoked token.
LONG_WAIT_MS = 60_000
FIRST_WAIT_MS, LONGEST_WAIT_MS = 1_000, 60_000
#: An answer that only the asker sees leaves no trace to look for: so often it is repeated at most.
MOST_WHISPERS = 3
#: Longest text of a section (slack-platform.md 2.1).
SECTION_TEXT = 3_000
T = TypeVar("T")


#: Our own code beside Slack's: other companies would read it there (reliability.md 4.2, Slack Connect).
SHARED = "shared_with_others"
#: The message cannot be shown in this place: it goes to the person's own direct messages instead.
NO_ENTRY = frozenset({
    SHARED, "not_in_channel", "channel_not_found", "is_archived", "user_not_in_channel", "restricted_action",
    "thread_not_found", "message_not_found", "cannot_reply_to_message",
})  # fmt: skip
#: The card was deleted or may not be edited any more.
GONE = frozenset(
    {
        SHARED,
        "message_not_found",
        "cant_update_message",
        "edit_window_closed",
        "channel_not_found",
        "is_archived",
    }
)
#: Slack does not take our blocks: a bug of ours, and no reason to keep the words from the person.
BAD_BLOCKS = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "block_mismatch"})
#: Nothing can be said until whoever runs the bot has mended it.
TOKEN_GONE = frozenset(
    {"invalid_auth", "token_revoked", "token_expired", "account_inactive", "not_authed", "missing_scope"}
)


@dataclass(slots=True)
class Sender:
    """What is known between two sends is in memory only; after a crash it is found out again."""

    store: Store
    slack: Slack
    now: Callable[[], Millis]
    displaced: Callable[[str, str], Message]
    """Given a channel id and Slack's code: what to tell somebody whose message could not be shown there."""
    pace: Pace
    is_open: Callable[[str], bool] = bool
    """Whether a channel is not read by other companies, or may be used all the same. May raise SlackError."""
    _looks: dict[str, int] = field(default_factory=dict)
    """How often an unanswered post was looked for."""

    # Letters ------------------------------------------------------------------------------------------------

    def letter(self, letter: Letter) -> None:
        with self.store.write() as tx:
            whole = tx.outbox.get(letter.id) if tx.outbox.claim(letter.id) else None
        if whole is None:
            return
        letter = whole  # With its body, which is not read before it is needed.
        try:
            probe = letter.probe and not _is_ephemeral(letter)
            ts = self._found(letter.id, letter.place, letter.created_at, probe=probe)
            if ts is None:
                ts = self._speak(letter)
        except SlackError as error:
            self._letter_failed(letter, error)
            return
        with self.store.write() as tx:
            tx.outbox.sent(letter.id, ts, self.now())

    def _speak(self, letter: Letter) -> str:
        if not _is_ephemeral(letter):  # What only a member sees, no guest of the channel reads.
            self._check_open(letter.place)
        message = letters.load(letter.body)
        if _is_ephemeral(letter):
            self._without_blocks(letter.id, message, partial(self.slack.whisper, letter.place, letter.person))
            return ""
        self.pace.posted(letter.place.channel, self.now())
        if letter.kind == "file":
            if message.file:
                self.slack.upload(letter.place, message.file, oid=letter.id)
            return ""
        return self._post(letter.place, message, letter.id)

    def _check_open(self, place: Place) -> None:
        """Raise SlackError for a channel that was shared with another company since something was asked there."""
        try:
            is_open = place.is_dm or self.is_open(place.channel)
        except SlackUnreachable as error:
            raise SlackUnreachable(error.sentence, sent=False) from error  # So far nothing was said.
        if not is_open:
            raise SlackError("The channel is shared with another company.", code=SHARED)

    def _post(self, place: Place, message: Message, oid: str) -> str:
        return self._without_blocks(oid, message, partial(self._post_as_is, place, oid))

    def _post_as_is(self, place: Place, oid: str, message: Message) -> str:
        return self.slack.post(place, message, oid=oid)

    def _without_blocks(self, oid: str, message: Message, say: Callable[[Message], T]) -> T:
        """Say a message; if Slack does not take its blocks, which is a bug of ours, say at least its words."""
        try:
            return say(message)
        except SlackError as error:
            if error.code not in BAD_BLOCKS or not message.blocks:
                raise
            log.error("Slack does not take the blocks of %s: %s", oid, error)
            # In a block all the same: an edit with a text alone would keep the old blocks.
            words = {"type": "plain_text", "text": message.text[:SECTION_TEXT], "emoji": False}
            return say(Message(message.text, ({"type": "section", "text": words},)))

    def _letter_failed(self, letter: Letter, error: SlackError) -> None:
        now = self.now()
        if error.code in NO_ENTRY:
            self._redirect_letter(letter, error)
            return
        wait = self._wait_after(letter.id, error, letter.tries, "post", letter.place.channel)
        with self.store.write() as tx:
            if wait is None:
                log.error("message %s is given up: %s", letter.id, error)
                tx.outbox.dead(letter.id, str(error))
            elif _unknown(error) and _is_ephemeral(letter) and letter.tries >= _most_tries(letter):
                tx.outbox.dead(letter.id, "perhaps shown; there is no way to look")
            else:
                tx.outbox.later(letter.id, now + wait, probe=_unknown(error) or letter.probe)

    def _redirect_letter(self, letter: Letter, error: SlackError) -> None:
        log.warning("message %s cannot be shown in %s: %s", letter.id, letter.place.channel, error)
        dm, now = self._direct(letter.person, letter.place, letter.id), self.now()
        with self.store.write() as tx:
            if dm is None:
                tx.outbox.later(letter.id, now + FIRST_WAIT_MS)
            elif not dm:
                tx.outbox.dead(letter.id, str(error))
            else:
                tx.outbox.later(letter.id, now)
                tx.outbox.move_queue(letter.queue, Place(dm), f"{letter.queue}>{dm}")
                self._say_why(tx, letter, error.code, dm)

    def _direct(self, person: str, place: Place, oid: str) -> str | None:
        """Return where somebody is reached who cannot be told in `place`; empty if nowhere, None if not now."""
        if place.is_dm or not person:
            return ""
        try:
            return self.slack.open_dm(person)
        except (SlackUnreachable, SlackBusy):
            return None  # Opening is not changing: it is simply tried again.
        except SlackError as error:
            log.error("%s has nowhere to go: %s", oid, error)
            return ""

    # Cards --------------------------------------------------------------------------------------------------

    def card(self, card: Card) -> None:
        with self.store.write() as tx:
            if not tx.cards.claim(card.id):
                return
        message = letters.load(card.wanted)
        try:
            ts, shown = self._show(card, message)
        except SlackError as error:
            self._card_failed(card, error)
            return
        now = self.now()
        with self.store.write() as tx:
            tx.cards.shown(card.id, ts, shown, now + EDIT_EVERY_MS if card.ts else now)

    def _show(self, card: Card, message: Message) -> tuple[str, str]:
        """Post or edit a card; return its ts and the hash of what it shows now."""
        self._check_open(card.place)
        if card.ts:
            self.pace.updated(self.now())
            self._without_blocks(
                card.id, message, partial(self._update, card.place.channel, card.ts, card.id)
            )
            return card.ts, card.wanted_hash
        found = self._found(card.id, card.place, card.created_at, probe=card.probe)
        if found is None:
            self.pace.posted(card.place.channel, self.now())
            return self._post(card.place, message, card.id), card.wanted_hash
        return found, ""  # It shows what was wanted then, which may be older: so it is drawn once more.

    def _update(self, channel: str, ts: str, oid: str, message: Message) -> None:
        self.slack.update(channel, ts, message, oid=oid)

    def _card_failed(self, card: Card, error: SlackError) -> None:
        now = self.now()
        if card.ts is None and error.code in NO_ENTRY:
            self._redirect_card(card, error)
            return
        wait = self._wait_after(
            card.id, error, card.tries, "update" if card.ts else "post", card.place.channel
        )
        if card.ts and error.code in GONE:
            wait = None
        with self.store.write() as tx:
            if wait is None:
                log.warning("card %s is not drawn any more: %s", card.id, error)
                tx.cards.dead(card.id, str(error))
            else:
                probe = card.ts is None and (_unknown(error) or card.probe)
                tx.cards.later(card.id, now + wait, probe=probe)

    def _redirect_card(self, card: Card, error: SlackError) -> None:
        dm, now = self._direct(card.person, card.place, card.id), self.now()
        with self.store.write() as tx:
            if dm is None:
                tx.cards.later(card.id, now + FIRST_WAIT_MS)
            elif not dm:
                tx.cards.dead(card.id, str(error))
            else:
                tx.cards.later(card.id, now)
                tx.cards.move(card.id, Place(dm))
                for queue in (f"run:{card.id}", f"card:{card.id}"):
                    tx.outbox.move_queue(queue, Place(dm), queue)
                self._say_why(tx, card, error.code, dm)

    def _say_why(self, tx: Tx, of: Letter | Card, code: str, dm: str) -> None:
        """Tell somebody in their direct messages why they read it there."""
        oid, person, now = of.id, of.person, self.now()
        note = letters.dump(self.displaced(of.place.channel, code))
        tx.outbox.put(Letter(f"{oid}.displaced", f"dm:{dm}", "post", Place(dm), person, note, created_at=now))

    # After a failure ----------------------------------------------------------------------------------------

    def _found(self, oid: str, place: Place, created_at: Millis, *, probe: bool) -> str | None:
        """Look for a message that may have arrived; raise SlackUnreachable while it is too early to repeat it."""
        if not probe:
            return None
        ts = self.slack.find(place, oid, created_at)
        looks = self._looks[oid] = self._looks.get(oid, 0) + 1
        if ts is None and looks < 2:
            raise SlackUnreachable("It may still arrive.")
        self._looks.pop(oid, None)
        return ts

    def _wait_after(
        self, oid: str, error: SlackError, tries: int, method: str, channel: str
    ) -> Millis | None:
        """Return how many milliseconds to wait before the next try; None if no try would help."""
        if isinstance(error, SlackBusy):
            wait = int(error.retry_after * 1000)
            self.pace.told_to_wait(method, channel, self.now(), self.now() + wait)
            return wait
        if isinstance(error, SlackUnreachable):
            if not error.sent:
                return min(FIRST_WAIT_MS << min(tries, 6), LONGEST_WAIT_MS)
            again = min(FIRST_LOOK_MS << min(tries, 6), LONGEST_WAIT_MS)
            return SECOND_LOOK_MS if self._looks.get(oid) else again
        if error.code in TOKEN_GONE:
            log.error("Slack does not let me speak: %s", error)
            return LONG_WAIT_MS
        return None


def _unknown(error: SlackError) -> bool:
    """Whether the message may have arrived all the same."""
    return isinstance(error, SlackUnreachable) and error.sent


def _is_ephemeral(letter: Letter) -> bool:
    """Whether only one person sees it for a while; in their direct messages it is a message like any other."""
    return letter.kind == "whisper" and not letter.place.is_dm


def _most_tries(letter: Letter) -> int:
    """Return how often something is shown again that may have been seen already; a courtesy never."""
    return 0 if letter.queue.startswith(letters.COURTESY) else MOST_WHISPERS
