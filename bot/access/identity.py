"""GitLab as a person: whose token a change is made with, kept fresh; the one seam between a Slack person and GitLab."""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial

from bot.config import Config
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.oauth import OAuth, OAuthRefused, Tokens
from bot.edges.slack import Slack
from bot.edges.store import Store, Tx
from bot.edges.store.accounts import about_access, about_refresh
from bot.errors import (
    BotError,
    GitLabError,
    GitLabUnreachable,
    LinkLost,
    NotLinked,
    SlackBusy,
    SlackError,
    SlackUnreachable,
    TokenRejected,
)
from bot.ledger import Account, Entry
from bot.model import GitLabUser, Message, Millis, Person, Place
from bot.vault import Vault

log = logging.getLogger(__name__)

#: A token that ends sooner than this is renewed before it is used: longer than any request takes.
SOON_MS: Millis = 120_000
#: Whoever is just asking for something hears of a lost link in the answer; the message waits for that.
TOLD_AFTER_MS: Millis = 5_000
#: People whose connections to GitLab are kept open; whoever was away longest goes first.
MOST_OPEN = 300
#: A server that does not take a connection in this time will not (reliability.md 1.3).
CONNECT_S = 3.05
#: What the authorization server says of a refresh token that is used up or revoked (RFC 6749, 5.2).
GONE = "invalid_grant"


@dataclass(slots=True)
class AsPerson:
    """
    Called with a person, it returns GitLab with that person's own token, and never with anybody else's.

    Raises NotLinked without an account, LinkLost for one whose tokens GitLab has refused for good; and, if a token
    had to be renewed and was not, GitLabUnreachable (sent=False: nothing was done), GitLabBusy or GitLabSaidNo.
    For any number of threads; of several who need a fresh token of one person, one asks and the others wait for it.
    """

    config: Config
    store: Store
    vault: Vault
    oauth: OAuth
    slack: Slack
    now: Callable[[], Millis]
    deliver: Callable[[], None]
    """Tells the courier that something waits in the outbox."""
    lost: Callable[[Account], Message]
    """What somebody is told, once, whose account has to be connected again."""
    _open: OrderedDict[Person, tuple[str, GitLab]] = field(default_factory=OrderedDict)
    _unwritten: dict[tuple[Person, int], Tokens] = field(default_factory=dict)
    """Fresh tokens that the store did not take: the old ones are gone at GitLab."""
    _turns: dict[Person, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, person: Person) -> GitLab:
        account = self._live(person)
        if self._ends_soon(account):
            account = self._fresh(person, self._ends_soon)
        return self._gitlab(account)

    def close(self) -> None:
        """Close the connections that are kept open; a later call opens new ones."""
        with self._guard:
            known = [gitlab for _, gitlab in self._open.values()]
            self._open.clear()
        for gitlab in known:
            gitlab.close()

    # Connections --------------------------------------------------------------------------------------------

    def _gitlab(self, account: Account) -> GitLab:
        """Known by the sealed token itself, which no other version of an account shares."""
        with self._guard:
            known = self._open.get(account.person)
            if known and known[0] == account.access:
                self._open.move_to_end(account.person)
                return known[1]
        made = self._with(self._access(account), partial(self._renewed, account.person))
        for old in self._remember(account, made):
            old.close()
        return made

    def _remember(self, account: Account, made: GitLab) -> list[GitLab]:
        """Keep a connection; return those that have to make room for it."""
        with self._guard:
            before = self._open.pop(account.person, None)
            self._open[account.person] = (account.access, made)
            dropped = [before] if before else []
            while len(self._open) > MOST_OPEN:
                dropped.append(self._open.popitem(last=False)[1])
        return [gitlab for _, gitlab in dropped]

    def _with(self, token: str, renew: Callable[[str], str] | None = None) -> GitLab:
        settings = self.config.gitlab
        return GitLab(
            settings.url, token, timeout=(CONNECT_S, settings.timeout_seconds), now=self.now, renew=renew
        )

    # Tokens -------------------------------------------------------------------------------------------------

    def _live(self, person: Person) -> Account:
        with self.store.read() as tx:
            return live(tx, person)

    def _access(self, account: Account) -> str:
        return self.vault.open(account.access, about=about_access(account.person))

    def _ends_soon(self, account: Account) -> bool:
        return (
            bool(account.refresh)
            and account.expires_at is not None
            and account.expires_at < self.now() + SOON_MS
        )

    def _renewed(self, person: Person, refused: str) -> str:
        """What to use in place of a token that GitLab refused; the same one if that is good after all."""
        account = self._fresh(person, lambda found: self._access(found) == refused)
        return self._access(account)

    def _fresh(self, person: Person, is_stale: Callable[[Account], bool]) -> Account:
        with self._guard:
            turn = self._turns.setdefault(person, threading.Lock())
        with turn:
            account = self._live(person)  # Whoever had the turn before may have renewed it.
            if not is_stale(account):
                return account
            return self._refreshed(account) if account.refresh else self._looked_at(account)

    def _looked_at(self, account: Account) -> Account:
        """A pasted token cannot be renewed; whether it is really gone says a question that it always may ask."""
        gitlab = self._with(self._access(account))
        try:
            return named(self.store, account, gitlab.me())
        except TokenRejected:
            return self._ended(account)
        except GitLabUnreachable as error:
            raise GitLabUnreachable(error.sentence, sent=False) from None
        finally:
            gitlab.close()

    def _called(self, account: Account) -> Account:
        """
        Look how GitLab calls an account by now; that it cannot be told hinders nothing.

        Rules name people by username, and who lets go of one must not keep what it may do.
        """
        gitlab = self._with(self._access(account))
        try:
            return named(self.store, account, gitlab.me())
        except GitLabError as error:
            log.info("GitLab did not say how an account is called: %s", error)
            return account
        finally:
            gitlab.close()

    def _refreshed(self, account: Account) -> Account:
        """Ask for new tokens, once. After a cut nobody knows: the next one asks with the same token again."""
        key = (account.person, account.version)
        try:
            old = self.vault.open(account.refresh, about=about_refresh(account.person))
            tokens = self._unwritten.get(key) or self.oauth.refresh(old)
        except OAuthRefused as error:
            if error.code != GONE:
                raise
            return self._ended(account)
        except GitLabUnreachable as error:
            raise GitLabUnreachable(error.sentence, sent=False) from None
        self._unwritten[key] = replace(tokens, refresh=tokens.refresh or old)
        return self._written(account, self._unwritten[key])

    def _written(self, account: Account, tokens: Tokens) -> Account:
        """The new pair, once it is in the store; what has taken the place of the old one meanwhile, else."""
        person, end = account.person, tokens.expires_at
        with self.store.write() as tx:
            access = self.vault.seal(tokens.access, about=about_access(person))
            refresh = self.vault.seal(tokens.refresh, about=about_refresh(person))
            kept = tx.accounts.renewed(
                person, account.version, access=access, refresh=refresh, expires_at=end
            )
        del self._unwritten[person, account.version]
        if not kept:
            revoke(self.oauth, tokens.access)
            return self._live(person)
        fresh = replace(account, access=access, refresh=refresh, expires_at=end, version=account.version + 1)
        return self._called(fresh)

    # The end ------------------------------------------------------------------------------------------------

    def _ended(self, account: Account) -> Account:
        """
        GitLab has refused the tokens for good: write that down together with the letter to their owner.

        Where the letter goes is asked before. If Slack does not say, nothing is written, and the next use comes here
        again. Raises LinkLost, unless other tokens have taken their place meanwhile.
        """
        channel, letter = self._direct(account.person), _letter(account)
        if channel is not None:
            with self.store.write() as tx:
                if tx.accounts.lost(account.person, account.version):
                    self._told(tx, account, channel)
            self.deliver()
        with self.store.read() as tx:
            found = tx.accounts.get(account.person)
        if found is None or found.state != "live" or found.version == account.version:
            raise LinkLost(letter=letter)
        return found

    def _told(self, tx: Tx, account: Account, channel: str) -> None:
        now, person = self.now(), account.person
        tx.audit.add(
            Entry(now, person, "", account.gitlab_id, account.username, Place(channel), "link", "lost",
                  detail="GitLab refused the tokens")
        )  # fmt: skip
        if channel:
            told, place = self.lost(account), Place(channel)
            letters.answer(
                tx, _letter(account), told, person=person, place=place, now=now, at=now + TOLD_AFTER_MS
            )

    def _direct(self, person: Person) -> str | None:
        """Their direct messages; empty if there is nobody to tell, None if Slack cannot say now."""
        try:
            return self.slack.open_dm(person.id)
        except (SlackUnreachable, SlackBusy):
            return None
        except SlackError as error:
            log.info("nobody to tell that an account is lost: %s", error.code)
            return ""


def _letter(account: Account) -> str:
    """The id of the message that tells of this loss."""
    return f"lost.{account.person.team}.{account.person.id}.{account.linked_at}.{account.version}"


def live(tx: Tx, person: Person) -> Account:
    """Return the account of a person. Raises NotLinked without one, LinkLost for a dead one."""
    found = tx.accounts.get(person)
    if found is None:
        raise NotLinked
    if found.state != "live":
        raise LinkLost
    return found


def named(store: Store, account: Account, user: GitLabUser) -> Account:
    """Return an account under the names that GitLab has for it now, which are written down if they are new."""
    if user.id != account.gitlab_id or (user.username, user.name) == (account.username, account.name):
        return account
    with store.write() as tx:
        if tx.accounts.renamed(account.person, user.id, user.username, user.name):
            log.info("GitLab account %d is called %s now", user.id, user.username)
    return replace(account, username=user.username, name=user.name)


def revoke(oauth: OAuth, token: str) -> bool:
    """End tokens at GitLab that nobody uses any more; whether GitLab has said that it did."""
    try:
        oauth.revoke(token)
    except BotError as error:
        log.info("a token was not ended at GitLab: %s", error)
        return False
    return True
