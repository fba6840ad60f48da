"""A night in which people talk about an incident on both sides, with all that may go wrong between them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

import blocks.incident as draw
import blocks.incident_talk as talk
from bot.delivery.pace import Pace
from bot.delivery.sending import Sender
from bot.incidents import errands
from bot.incidents.inward import copies
from bot.incidents.watching import watch
from bot.model import Message
from commands.incident import WHOLE
from sandbox.slack.workspace import Post
from tests.evidence.floor import OPS
from tests.incidents.room import Room, room_at

#: Rounds after which nothing is under way any more.
QUIET = 12
#: A word that is said once and nowhere else: by whom, and after how many edits.
_WORD = re.compile(r"\b(?:slack|gitlab)\d+edit\d+\b")


@dataclass(slots=True)
class Said:
    """Something that somebody said on one side."""

    key: str
    """Its ts, or the id of its note."""
    name: str
    edits: int = 0
    gone: bool = False
    copy_gone: bool = False
    """Whether somebody has deleted its copy on the other side."""

    @property
    def word(self) -> str:
        return f"{self.name}edit{self.edits}"


@dataclass(slots=True)
class Night:
    """People on both sides, and the bot between them."""

    room: Room
    sender: Sender
    chance: Random
    in_slack: list[Said] = field(default_factory=list)
    in_gitlab: list[Said] = field(default_factory=list)

    # What people do -----------------------------------------------------------------------------------------

    def acts(self) -> list[Callable[[], object]]:
        """All that may happen; what happens often stands here more than once."""
        people = [
            self.say, self.say, self.answer, self.answer, self.edit, self.delete, self.comment, self.comment,
            self.reply, self.reply, self.edit_note, self.delete_note, self.edit_copy, self.delete_copy,
        ]  # fmt: skip
        return [
            *people,
            self.hear,
            self.hear,
            self.look,
            self.look,
            self.work,
            self.post,
            self.post,
            self.lose,
        ]

    def say(self) -> None:
        one = Said("", f"slack{len(self.in_slack)}")
        one.key = self.room.say(one.word)
        self.in_slack.append(one)

    def answer(self) -> None:
        """A reply in the thread of a message, of somebody's or of a copy."""
        roots = [
            post.ts for post in self._posts() if post.thread is None and _WORD.search(str(post.body["text"]))
        ]
        if roots:
            one = Said("", f"slack{len(self.in_slack)}")
            one.key = self.room.say(one.word, thread=self.chance.choice(roots))
            self.in_slack.append(one)

    def edit(self) -> None:
        one = self._one(self.in_slack)
        if one:
            one.edits += 1
            self.room.edit(one.key, one.word)

    def delete(self) -> None:
        one = self._one(self.in_slack)
        if one:
            one.gone = True
            self.room.delete(one.key)

    def comment(self) -> None:
        self._write(f"comment #{self.room.incident.iid}")

    def reply(self) -> None:
        notes = [note.id for note in self.room.notes]
        if notes:
            self._write(f"reply #{self.room.incident.iid} {self.chance.choice(notes)}")

    def _write(self, how: str) -> None:
        one = Said("", f"gitlab{len(self.in_gitlab)}")
        one.key = self._act(f"{how} {one.word}").partition("note ")[2].split()[0]
        self.in_gitlab.append(one)

    def edit_note(self) -> None:
        one = self._one(self.in_gitlab)
        if one:
            one.edits += 1
            self._act(f"edit-note {one.key} {one.word}")

    def delete_note(self) -> None:
        one = self._one(self.in_gitlab)
        if one:
            one.gone = True
            self._act(f"delete-note {one.key}")

    def edit_copy(self) -> None:
        """Somebody edits in GitLab what was said in Slack."""
        note = self._copy()
        if note:
            mark = note.body.rpartition("\n")[2]
            self._act(f"edit-note {note.id} Forged words\n\n{mark}", "alice")

    def delete_copy(self) -> None:
        note = self._copy()
        word = _WORD.search(note.body) if note else None
        one = next((one for one in self.in_slack if word and word[0].startswith(f"{one.name}edit")), None)
        if note and one:
            one.copy_gone = True
            self._act(f"delete-note {note.id}", "alice")

    def _copy(self) -> Any:
        """A copy whose answer from GitLab has come: of one that is gone before that nobody ever knew."""
        known = {row.note_id for row in self.room.rows}
        found = [
            note for note in self.room.notes if note.id in known and re.search(r"slack\d+edit", note.body)
        ]
        return self.chance.choice(found) if found else None

    def _one(self, those: list[Said]) -> Said | None:
        there = [one for one in those if not one.gone]
        return self.chance.choice(there) if there else None

    def _act(self, line: str, name: str = "bob") -> str:
        self.room.floor.clock.pass_(0.05)
        return self.room.floor.gitlab.act(line, name)

    # What the bot does --------------------------------------------------------------------------------------

    def hear(self) -> None:
        self.room.hear()

    def work(self) -> None:
        self.room.floor.clock.pass_(2)
        errands.run(self.room.kit, WHOLE.kinds)
        self.room.floor.do([])

    def look(self, seconds: float = 7) -> None:
        self.room.floor.clock.pass_(seconds)
        watch.tick(self.room.kit, draw, talk)
        self.room.floor.do([])

    def post(self) -> bool:
        """The courier's round; False if nothing was to be sent."""
        now = self.room.kit.now()
        with self.room.kit.store.read() as tx:
            cards, letters = tx.cards.due(now, 100), tx.outbox.heads(now, (), 100)
        for card in cards:
            self.sender.card(card)
        for letter in letters:
            self.sender.letter(letter)
        copies.tick(self.room.kit, talk)
        self.room.floor.clock.pass_(4)
        return bool(cards or letters)

    def lose(self) -> None:
        """GitLab does the next thing, and its answer is lost."""
        self.room.break_("cut-after", times=1)

    def lose_post(self) -> None:
        """Slack does the next thing, and its answer is lost."""
        self.room.floor.slack.slack.break_("cut-after", times=1)

    def begin_anew(self) -> None:
        """The process is killed and started again: what was under way is not known to have happened."""
        self.room.restart()
        with self.room.kit.store.write() as tx:
            tx.cards.recover()
            tx.outbox.recover()

    def settle(self) -> None:
        self.room.floor.slack.slack.mend()
        self.room.mend()
        for _ in range(QUIET):
            self.hear()
            self.look(75)
            self.work()
            while self.post():
                pass

    # What is there ------------------------------------------------------------------------------------------

    def check(self) -> None:
        """Every word that still stands is there once on either side, and no other word is anywhere."""
        slack = {one.word: 1 for one in self.in_slack if not one.gone}
        gitlab = {one.word: 1 for one in self.in_gitlab if not one.gone}
        stays = {one.word: 1 for one in self.in_slack if not one.gone and not one.copy_gone}
        assert self.in_posts() == slack | gitlab
        assert self.in_notes() == stays | gitlab
        assert not any("Forged words" in note.body for note in self.room.notes)

    def _posts(self) -> list[Post]:
        posts = self.room.floor.slack.slack.workspace.posts[OPS]
        return [one for _, one in sorted(posts.items()) if one.body.get("subtype") != "tombstone"]

    def in_notes(self) -> dict[str, int]:
        return _count(note.body for note in self.room.notes)

    def in_posts(self) -> dict[str, int]:
        return _count(str(post.body.get("text")) for post in self._posts())


def _count(texts: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for text in texts:
        for word in set(_WORD.findall(text)):
            found[word] = found.get(word, 0) + 1
    return found


@contextmanager
def night_at(path: Path, chance: Random) -> Iterator[Night]:
    with room_at(path) as room:
        room.floor.slack.slack.limits.clock = lambda: room.floor.clock.now / 1000
        sender = Sender(
            room.kit.store, room.kit.slack, room.kit.now, lambda channel, code: Message(code), Pace()
        )
        yield Night(room, sender, chance)
