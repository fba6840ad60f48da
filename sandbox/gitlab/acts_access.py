"""`:gitlab` lines about accounts: authorising a device, tokens that end, people who are blocked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sandbox.gitlab.act_words import word
from sandbox.gitlab.desk import Desk
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.oauth import DeviceGrant
from sandbox.gitlab.people import Token, person_named

NEWEST = "newest"


@dataclass(frozen=True, slots=True)
class AccessActs:
    desk: Desk

    def table(self) -> Mapping[str, Callable[[Person, list[str]], str]]:
        return {
            "authorize": self.authorize,
            "revoke": self.revoke,
            "expire": self.expire,
            "expire-codes": self.expire_codes,
            "device-grant": self.device_grant,
            "block": self.block,
            "unblock": self.unblock,
        }

    def authorize(self, person: Person, words: list[str]) -> str:
        """`authorize CODE`, `authorize newest`: sign in on GitLab's page for devices and allow the application."""
        code = word(words, 0, "a code")
        if person.username in self.desk.state.blocked:
            raise ValueError(f"{person.username} is blocked and cannot sign in.")
        grant = self._grant(code)
        grant.person = person
        return f"{person.username} authorised {grant.user_code} for {' '.join(grant.scopes)}."

    def _grant(self, code: str) -> DeviceGrant:
        oauth = self.desk.state.oauth
        pending = oauth.pending()
        if code == NEWEST:
            if not pending:
                raise ValueError("GitLab has no device code that waits.")
            return pending[-1]
        known = next((one for one in oauth.grants if one.user_code == code), None)
        if known is None:
            raise ValueError(f"GitLab knows no device code {code}.")
        if known.person is not None:
            raise ValueError(f"The device code {code} was authorised by {known.person.username} already.")
        if known not in pending:
            raise ValueError(f"The device code {code} has expired.")
        return known

    def revoke(self, person: Person, words: list[str]) -> str:
        """`revoke [NAME|bot]`: every token of somebody; one's own when nobody is named."""
        whose = person_named(words[0]) if words else person
        for token in self._tokens(whose):
            token.revoked = True
        return f"The tokens of {whose.username} are revoked."

    def _tokens(self, person: Person) -> list[Token]:
        state = self.desk.state
        personal = [one for one in state.tokens.values() if one.person is person]
        return [*personal, *state.oauth.alive(person)]

    def expire(self, person: Person, words: list[str]) -> str:
        """`expire NAME`: the access tokens of somebody end now; the personal ones when there are no others."""
        whose, state = person_named(word(words, 0, "a name")), self.desk.state
        linked = state.oauth.alive(whose)
        for token in linked or self._tokens(whose):
            token.expires_at = state.clock()
        kind = "access" if linked else "personal"
        return f"The {kind} tokens of {whose.username} have expired."

    def expire_codes(self, person: Person, words: list[str]) -> str:
        """`expire-codes`: device codes that wait end now."""
        pending, now = self.desk.state.oauth.pending(), self.desk.state.clock()
        for grant in pending:
            grant.expires_at = now - 1
        return f"{len(pending)} device codes have expired."

    def device_grant(self, person: Person, words: list[str]) -> str:
        """`device-grant off|on`: let GitLab be one that does not know the device grant, or does."""
        wanted = word(words, 0, "on or off")
        if wanted not in ("on", "off"):
            raise ValueError(f"The device grant is on or off, not {wanted}.")
        self.desk.state.oauth.device_grant = wanted == "on"
        return f"The device grant is {wanted}."

    def block(self, person: Person, words: list[str]) -> str:
        """`block NAME`: an administrator blocks somebody; their tokens stay, and are answered with 403."""
        whose = person_named(word(words, 0, "a name"))
        self.desk.state.blocked.add(whose.username)
        return f"{whose.username} is blocked."

    def unblock(self, person: Person, words: list[str]) -> str:
        """`unblock NAME`: let somebody in again."""
        whose = person_named(word(words, 0, "a name"))
        self.desk.state.blocked.discard(whose.username)
        return f"{whose.username} is not blocked."
