"""Linked accounts: whose GitLab account a Slack person's is, and their tokens, sealed."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from typing import Any

from bot.ledger import Account
from bot.model import Millis, Person

_SELECT = (
    "SELECT team, person, gitlab_id, username, name, method, access, refresh, expires_at, linked_at, state, version"
    " FROM accounts"
)


class Accounts:
    """One account a person. A token changes only from the version that was read, so that of two changes one counts."""

    __slots__ = ("_sql",)

    def __init__(self, sql: sqlite3.Connection) -> None:
        self._sql = sql

    def put(self, account: Account) -> Account:
        """Link an account in place of the one before; returned with its version."""
        rows = self._sql.execute(
            "INSERT INTO accounts (team, person, gitlab_id, username, name, method, access, refresh, expires_at,"
            " linked_at, state, version) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (team, person) DO UPDATE SET gitlab_id = excluded.gitlab_id, username = excluded.username,"
            " name = excluded.name, method = excluded.method, access = excluded.access, refresh = excluded.refresh,"
            " expires_at = excluded.expires_at, linked_at = excluded.linked_at, state = excluded.state,"
            " version = accounts.version + 1 RETURNING version",
            (account.person.team, account.person.id, account.gitlab_id, account.username, account.name, account.method,
             account.access, account.refresh, account.expires_at, account.linked_at, account.state, account.version),
        ).fetchall()  # fmt: skip
        return replace(account, version=rows[0][0])

    def get(self, person: Person) -> Account | None:
        """The account of a person, dead ones too."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE team = ? AND person = ?", (person.team, person.id)
        ).fetchall()
        return _account(rows[0]) if rows else None

    def of_gitlab(self, gitlab_id: int) -> list[Account]:
        """The Slack accounts of one GitLab user, in the order in which they were linked."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE gitlab_id = ? ORDER BY linked_at, person", (gitlab_id,)
        ).fetchall()
        return [_account(row) for row in rows]

    def known_as(self, said: str) -> list[Account]:
        """The accounts of this Slack id, GitLab username or name, in any case, in the order they were linked."""
        rows = self._sql.execute(
            f"{_SELECT} WHERE person = ?1 OR LOWER(username) = LOWER(?1) OR LOWER(name) = LOWER(?1)"
            " ORDER BY linked_at, person",
            (said,),
        ).fetchall()
        return [_account(row) for row in rows]

    def renewed(
        self, person: Person, version: int, *, access: str, refresh: str, expires_at: Millis | None
    ) -> bool:
        """New tokens in place of those of this version; False if they have changed or gone meanwhile.

        They are proof that the account lives, whatever somebody else concluded from the old ones.
        """
        changes = "access = ?, refresh = ?, expires_at = ?, state = 'live', version = version + 1"
        return self._change(changes, (access, refresh, expires_at), person, version)

    def renamed(self, person: Person, gitlab_id: int, username: str, name: str) -> bool:
        """GitLab calls an account so by now; False if it is called so already, or another one is linked."""
        changed = self._sql.execute(
            "UPDATE accounts SET username = ?1, name = ?2 WHERE team = ?3 AND person = ?4 AND gitlab_id = ?5"
            " AND (username <> ?1 OR name <> ?2)",
            (username, name, person.team, person.id, gitlab_id),
        )
        return changed.rowcount == 1

    def lost(self, person: Person, version: int) -> bool:
        """GitLab has refused the tokens of this version for good; False if others have taken their place."""
        return self._change("state = 'dead'", (), person, version, "AND state = 'live'")

    def drop(self, person: Person) -> bool:
        """Forget an account and its tokens; False if there is none."""
        gone = self._sql.execute(
            "DELETE FROM accounts WHERE team = ? AND person = ?", (person.team, person.id)
        )
        return gone.rowcount == 1

    def sealed(self) -> list[tuple[str, str]]:
        """What each sealed text is about (about_access, about_refresh), and the text, for a change of keys."""
        rows = self._sql.execute(
            "SELECT team, person, access, refresh FROM accounts ORDER BY team, person"
        ).fetchall()
        both = [
            pair
            for team, person, access, refresh in rows
            for pair in (
                (about_access(Person(team, person)), access),
                (about_refresh(Person(team, person)), refresh),
            )
        ]
        return [(about, text) for about, text in both if text]

    def reseal(self, old: str, new: str) -> bool:
        """Put another seal in place of this one; False if it changed meanwhile. No two sealed texts are alike."""
        # Each of its own: one of them may have been replaced by a refresh.
        changed = (
            self._sql.execute("UPDATE accounts SET access = ? WHERE access = ?", (new, old)).rowcount,
            self._sql.execute("UPDATE accounts SET refresh = ? WHERE refresh = ?", (new, old)).rowcount,
        )
        return sum(changed) > 0

    def _change(
        self, changes: str, values: tuple[Any, ...], person: Person, version: int, more: str = ""
    ) -> bool:
        changed = self._sql.execute(
            f"UPDATE accounts SET {changes} WHERE team = ? AND person = ? AND version = ? {more}",  # noqa: S608 -- constants
            (*values, person.team, person.id, version),
        )
        return changed.rowcount == 1


def about_access(person: Person) -> str:
    """What a sealed access token is about: it opens for this person and as nothing else."""
    return f"{person.team}/{person.id} access"


def about_refresh(person: Person) -> str:
    """What a sealed refresh token is about."""
    return f"{person.team}/{person.id} refresh"


def _account(row: tuple[Any, ...]) -> Account:
    team, person, *rest = row
    return Account(Person(team, person), *rest)
