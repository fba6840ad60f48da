"""Words of people and channels are kept apart."""

from __future__ import annotations

from bot.edges.store import Store
from bot.own import OwnWord

DEPLOY, RUN = OwnWord("d", "run deploy", "person"), OwnWord("d", "run hello", "channel")


def test_a_word_belongs_to_one_person_or_channel(store: Store) -> None:
    """The same word of a person, of another one, of a channel and of another team are four."""
    with store.write() as tx:
        tx.own_words.put("T1", "U1", DEPLOY, 1)
        tx.own_words.put("T1", "C1", RUN, 1)
        assert tx.own_words.get("T1", "person", "U1", "d") == DEPLOY
        assert tx.own_words.get("T1", "channel", "C1", "d") == RUN
        assert tx.own_words.get("T1", "person", "U2", "d") is None
        assert tx.own_words.get("T2", "person", "U1", "d") is None
        assert tx.own_words.of("T1", "person", "U1") == [DEPLOY]


def test_a_word_is_changed_and_taken_away(store: Store) -> None:
    """What it stood for before is replaced; taken away, it is gone once; the others come by name."""
    with store.write() as tx:
        tx.own_words.put("T1", "U1", OwnWord("z", "jobs", "person"), 1)
        tx.own_words.put("T1", "U1", DEPLOY, 1)
        tx.own_words.put("T1", "U1", OwnWord("d", "run other", "person"), 2)
        assert [one.line for one in tx.own_words.of("T1", "person", "U1")] == ["run other", "jobs"]
        assert tx.own_words.drop("T1", "person", "U1", "d")
        assert not tx.own_words.drop("T1", "person", "U1", "d")
        assert [one.name for one in tx.own_words.of("T1", "person", "U1")] == ["z"]
