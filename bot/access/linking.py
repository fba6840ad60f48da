"""Connecting an account: GitLab is asked whether a device grant is completed, or a pasted token is looked at."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

from bot import values
from bot.access import accounts, kept, sharing
from bot.access.accounts import DEVICE, TOKEN
from bot.access.audit import DETAIL_KEPT
from bot.access.identity import CONNECT_S, GONE, revoke
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.oauth import SCOPE, OAuthRefused, Tokens
from bot.edges.store import Tx
from bot.edges.store.accounts import about_access, about_refresh
from bot.edges.store.devices import about_code
from bot.errors import BotError, GitLabBusy, GitLabUnreachable, NotUnderstood, Refused, TokenRejected
from bot.kit import Kit
from bot.ledger import Account, Device
from bot.model import GitLabUser, Message, Millis, Person, Place
from bot.text import clip

log = logging.getLogger(__name__)

#: Devices looked at in one tick; each is asked about on a thread of its own.
MOST_LOOKS = 50
#: What `slow_down` adds to the interval; also waited longer when GitLab does not answer (RFC 8628, 3.5).
SLOWER_MS: Millis = 5_000
#: How long after its end a code is still asked about, since clocks differ.
GRACE_MS: Millis = 60_000
#: Longest text that may be a token: GitLab's are below 100 characters.
LONGEST_TOKEN = 512
#: How an account was connected, in the trail.
METHODS = {DEVICE: "device grant", TOKEN: "personal access token"}
PENDING, SLOW_DOWN = "authorization_pending", "slow_down"
#: A used, purged or expired code: nobody can tell these apart (gitlab-api.md 3.1).
OVER = frozenset({"expired_token", GONE, "access_denied"})


class Drawing(sharing.Drawing, Protocol):
    """How it is told; handed in, since the rules do not know `blocks`."""

    def linked(self, account: Account, resumed: int, now: Millis) -> Message: ...

    def expired(self, device: str) -> Message: ...

    def failed(self, why: str, device: str) -> Message: ...


@dataclass(frozen=True, slots=True)
class Found:
    """Whom a token belongs to, and how long it lasts."""

    user: GitLabUser
    method: str
    tokens: Tokens


# Device grants ----------------------------------------------------------------------------------------------


def poll(kit: Kit, draw: Drawing) -> None:
    """Ask GitLab about every device grant whose turn it is, each apart; returns at once."""
    with kit.store.read() as tx:
        due = tx.devices.due(kit.now(), MOST_LOOKS)
    for device in due:
        kit.apart(f"link {device.id}", partial(look, kit, draw, device))


def look(kit: Kit, draw: Drawing, device: Device) -> None:
    """Ask GitLab about one device grant, if nobody else just does."""
    with kit.store.write() as tx:
        if not tx.devices.look(device, kit.now() + device.interval):
            return
    try:
        tokens = kit.oauth.claim(kit.vault.open(device.code, about=about_code(device.person)))
    except OAuthRefused as error:
        _refused(kit, draw, device, error)
    except (GitLabBusy, GitLabUnreachable) as error:
        _unanswered(kit, draw, device, error)
    except BotError as error:
        _end(kit, device, "failed", draw.failed(error.sentence, device.id))
    else:
        _completed(kit, draw, device, tokens)


def _refused(kit: Kit, draw: Drawing, device: Device, error: OAuthRefused) -> None:
    is_late = kit.now() > device.expires_at + GRACE_MS
    if error.code in OVER or is_late:
        _end(kit, device, "expired", draw.expired(device.id))
    elif error.code == SLOW_DOWN:
        _later(kit, device, device.interval + SLOWER_MS)
    elif error.code != PENDING:
        _end(kit, device, "failed", draw.failed(error.sentence, device.id))


def _unanswered(kit: Kit, draw: Drawing, device: Device, error: GitLabBusy | GitLabUnreachable) -> None:
    if kit.now() > device.expires_at + GRACE_MS:
        _end(kit, device, "expired", draw.expired(device.id))
        return
    wait = int(error.retry_after * 1000) if isinstance(error, GitLabBusy) else SLOWER_MS
    with kit.store.write() as tx:
        tx.devices.later(device.id, kit.now() + max(wait, device.interval), device.interval)


def _later(kit: Kit, device: Device, interval: Millis) -> None:
    with kit.store.write() as tx:
        tx.devices.later(device.id, kit.now() + interval, interval)


def _end(kit: Kit, device: Device, state: str, message: Message) -> None:
    """Tell its owner, once, that it came to nothing."""
    with kit.store.write() as tx:
        if tx.devices.end(device.id, state):
            _tell(kit, tx, device, state, message)
    kit.deliver()


def _tell(kit: Kit, tx: Tx, device: Device, state: str, message: Message) -> None:
    key = f"device.{device.id}.{state}"
    letters.answer(tx, key, message, person=device.person, place=device.place, now=kit.now())


def _completed(kit: Kit, draw: Drawing, device: Device, tokens: Tokens) -> None:
    try:
        found = _granted(kit, tokens)
        where = sharing.channels(kit, found.user.id, device.person)
    except BotError as error:
        revoke(kit.oauth, tokens.access)
        why = f"{error.sentence} Your account is not connected."
        _end(kit, device, "failed", draw.failed(why, device.id))
        return
    with kit.store.write() as tx:
        before = tx.accounts.get(device.person)
        is_wanted = tx.devices.end(device.id, "linked")
        if is_wanted:
            account = _written(kit, tx, draw, found, _Asker(device.person, device.name, device.place, where))
            resumed = kept.resume_linked(kit, tx, device.person)
            _tell(kit, tx, device, "linked", draw.linked(account, resumed, kit.now()))
    if not is_wanted:  # Its owner has asked for another code, or parted, meanwhile.
        revoke(kit.oauth, tokens.access)
        return
    _settled(kit, before)


def _granted(kit: Kit, tokens: Tokens) -> Found:
    """Whose tokens these are, by GitLab's two answers to that."""
    if SCOPE not in tokens.scopes:
        raise Refused(
            "GitLab granted less than the scope `api`. Whoever runs me has to tick it for my application."
        )
    gitlab = _gitlab(kit, tokens.access)
    try:
        user = gitlab.me()
    except TokenRejected:
        raise Refused("GitLab does not accept the token that it has just given.") from None
    finally:
        gitlab.close()
    if kit.oauth.owner(tokens.access) != user.id:
        raise Refused("GitLab names two different accounts for one connection, so I do not trust it.")
    return Found(user, DEVICE, tokens)


# Pasted tokens ----------------------------------------------------------------------------------------------


def paste(
    kit: Kit, draw: sharing.Drawing, person: Person, name: str, place: Place, token: str
) -> tuple[Account, int]:
    """
    Connect an account by a personal access token; return it, and how many kept requests go on now.

    Raises NotUnderstood or Refused for a token that will not do, in a sentence without it, and GitLabError.
    """
    found = _pasted(kit, token.strip())
    where = sharing.channels(kit, found.user.id, person)
    with kit.store.write() as tx:
        before = tx.accounts.get(person)
        tx.devices.drop(person)
        account = _written(kit, tx, draw, found, _Asker(person, name, place, where))
        resumed = kept.resume_linked(kit, tx, person)
    _settled(kit, before)
    return account, resumed


def _pasted(kit: Kit, token: str) -> Found:
    if not values.TOKEN.fullmatch(token) or len(token) > LONGEST_TOKEN:
        raise NotUnderstood(
            "That is no token: it is one word of letters, digits, dashes and dots. Copy it from GitLab again."
        )
    if token in kit.config.secrets():
        raise Refused("That token is one of my own. Connect with your personal access token.")
    gitlab = _gitlab(kit, token)
    try:
        user, about = gitlab.me(), gitlab.personal_token()
    except TokenRejected:
        raise Refused(
            "GitLab does not accept that as a personal access token. Make a new one with the scope `api`."
        ) from None
    finally:
        gitlab.close()
    if user.is_bot:
        raise Refused(
            f"That token belongs to the bot {user.username}. Connect with your personal access token."
        )
    if SCOPE not in about.scopes:
        raise Refused(
            "That token lacks the scope `api`, without which I can change nothing for you. Make a new one with it."
        )
    return Found(user, TOKEN, Tokens(token, "", about.expires_at, about.scopes))


# Both -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asker:
    """Who gets connected, where they asked, and where the others of that GitLab account are told."""

    person: Person
    name: str
    place: Place
    others: Mapping[Person, str]


def _written(kit: Kit, tx: Tx, draw: sharing.Drawing, found: Found, asker: _Asker) -> Account:
    """Write the account down, say so in the trail, by which method, and tell whose GitLab account it is, too."""
    user, tokens, person = found.user, found.tokens, asker.person
    before = tx.accounts.get(person)
    if before is not None and before.gitlab_id != user.id:
        tx.known.forget_person(person)  # What another account was shown is not theirs to see any more.
        tx.reviews.forget_person(person)
    access = kit.vault.seal(tokens.access, about=about_access(person))
    refresh = kit.vault.seal(tokens.refresh, about=about_refresh(person)) if tokens.refresh else ""
    account = tx.accounts.put(
        Account(
            person,
            user.id,
            user.username,
            user.name,
            found.method,
            access,
            refresh,
            tokens.expires_at,
            kit.now(),
        )
    )
    shared = sharing.tell(kit, tx, draw, account, asker.name, asker.others)
    also = f"; also connected to {', '.join(one.id for one in shared)}" if shared else ""
    line = accounts.line(kit, account, "linked", asker.name, asker.place)
    tx.audit.add(replace(line, detail=clip(f"by {METHODS[found.method]}{also}", DETAIL_KEPT)))
    return account


def _settled(kit: Kit, before: Account | None) -> None:
    """Once the account is committed: wake whoever waits, and end the tokens it took the place of."""
    kit.deliver()
    kit.take_up()
    if before:
        accounts.end(kit, before)


def _gitlab(kit: Kit, token: str) -> GitLab:
    settings = kit.config.gitlab
    return GitLab(settings.url, token, timeout=(CONNECT_S, settings.timeout_seconds), now=kit.now)
