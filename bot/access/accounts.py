"""Accounts: which one somebody has, how they are invited to connect one, and how they part with it."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from bot.access.identity import live, named, revoke
from bot.edges.oauth import NO_DEVICE_GRANT, DeviceCode, OAuthRefused
from bot.edges.store import Tx
from bot.edges.store.accounts import about_access
from bot.edges.store.devices import about_code
from bot.errors import GitLabBusy, GitLabUnreachable
from bot.kit import Kit
from bot.ledger import Account, Device, Entry, Invitation
from bot.model import OPEN_STATES, Person, Place
from bot.vault import VaultError

#: How an account was connected.
DEVICE, TOKEN = "device", "token"
#: Runs of somebody who parts that are looked through.
MOST_RUNS = 1_000
_MINUTE = 60_000


@dataclass(frozen=True, slots=True)
class Parted:
    """What is left of an account that was disconnected."""

    account: Account
    ended: bool
    """Whether GitLab has ended the tokens, too; a pasted one is its owner's own."""
    runs: int
    """How many runs of its owner are still under way."""


def account(kit: Kit, person: Person) -> Account:
    """Return the account of a person. Raises NotLinked without one, LinkLost for one GitLab no longer accepts."""
    with kit.store.read() as tx:
        return live(tx, person)


def confirmed(kit: Kit, person: Person, *, within: float | None = None) -> Account:
    """
    Return the account of a person whom GitLab accepts at this moment: one that was blocked decides nothing more.

    Asked where something is decided without GitLab being part of it. A GitLab that is away hinders nobody: nothing
    can be started then; it has so many seconds to say so. What GitLab calls the account is written down, since rules
    may name it.
    Raises as `account` does, LinkLost, and GitLabSaidNo for an account that was blocked.
    """
    found = account(kit, person)
    with suppress(GitLabUnreachable, GitLabBusy):
        return named(kit.store, found, kit.gitlab_as(person).me(within=within))
    return found


def invite(kit: Kit, person: Person, name: str, place: Place, *, kept: bool = False) -> Invitation:
    """
    Ask GitLab for a code with which somebody connects their account; it takes the place of one they did not use.

    `place` is where they hear how it went; `kept` whether a request waits for it. Without a URL in what is returned
    this GitLab takes pasted tokens only. Raises GitLabError if GitLab cannot be asked.
    """
    try:
        code = kit.oauth.begin()
    except OAuthRefused as error:
        if error.code != NO_DEVICE_GRANT:
            raise
        return Invitation(kept=kept)
    except GitLabUnreachable as error:
        again = "Your account can be connected once GitLab answers again: type `link` then."
        raise GitLabUnreachable(f"{error} {again}", sent=False) from None
    with kit.store.write() as tx:
        tx.devices.put(_device(kit, code, person, name, place))
    return Invitation(code.url, code.user_code, (code.expires_at - kit.now()) // _MINUTE, kept)


def unlink(kit: Kit, person: Person, name: str, place: Place) -> Parted | None:
    """
    Forget the account of a person, then end its tokens at GitLab if GitLab lets us; None if there was none.

    Codes that were not used yet are forgotten, too, and what GitLab has shown them. Whatever needs the account from
    now on raises NotLinked.
    """
    with kit.store.write() as tx:
        tx.devices.drop(person)
        tx.known.forget_person(person)
        tx.reviews.forget_person(person)
        found = tx.accounts.get(person)
        if found is None or not tx.accounts.drop(person):
            return None
        tx.picks.drop(found.gitlab_id)
        tx.audit.add(line(kit, found, "unlinked", name, place))
        runs = _under_way(tx, person)
    return Parted(found, end(kit, found), runs)


def end(kit: Kit, account: Account) -> bool:
    """End the tokens of an account that is not used any more; a pasted one is left to its owner."""
    if account.method != DEVICE or account.state != "live":
        return False
    try:
        token = kit.vault.open(account.access, about=about_access(account.person))
    except VaultError:
        return False
    return revoke(kit.oauth, token)


def line(kit: Kit, account: Account, decision: str, name: str, place: Place) -> Entry:
    """Return what the audit trail says of a change of accounts."""
    command = "unlink" if decision == "unlinked" else "link"
    return Entry(
        kit.now(),
        account.person,
        name,
        account.gitlab_id,
        account.username,
        place,
        command,
        decision,
        detail=account.method,
    )


def _device(kit: Kit, code: DeviceCode, person: Person, name: str, place: Place) -> Device:
    return Device(
        id=kit.new_id(), person=person, name=name, place=place,
        code=kit.vault.seal(code.device_code, about=about_code(person)),
        interval=code.interval, next_look=kit.now() + code.interval, expires_at=code.expires_at,
    )  # fmt: skip


def _under_way(tx: Tx, person: Person) -> int:
    return sum(run.state in OPEN_STATES for run in tx.runs.recent(person, limit=MOST_RUNS))
