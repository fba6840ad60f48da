"""OAuth of the sandbox's GitLab: one public application, its device grants and its tokens (gitlab-api.md 3.1, 3.2)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

from sandbox.gitlab.answers import Refused
from sandbox.gitlab.nouns import Person
from sandbox.gitlab.people import Token

SCOPES = ("api", "read_api", "read_user")
#: What a request without a scope asks for (config/initializers/doorkeeper.rb, default_scopes).
DEFAULT_SCOPE = "api"
#: gitlab-api.md 3.1: a device code's life, the pause between two polls, an access token's life.
CODE_SECONDS, INTERVAL_SECONDS, TOKEN_SECONDS = 300, 5, 7200
USER_CODE_LENGTH = 8
DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#: Doorkeeper's words for each error, and the statuses other than 400.
WHY = {
    "authorization_pending": "The authorization request is still pending",
    "slow_down": "The client is polling too quickly",
    "expired_token": "The device code has expired",
    "invalid_grant": "The provided authorization grant is invalid, expired, revoked, does not match the "
    "redirection URI used in the authorization request, or was issued to another client.",
    "invalid_client": "Client authentication failed due to unknown client, no client authentication "
    "included, or unsupported authentication method.",
    "invalid_scope": "The requested scope is invalid, unknown, or malformed.",
    "unsupported_grant_type": "The authorization grant type is not supported by the authorization server.",
    "unauthorized_client": "You are not authorized to revoke this token.",
    "invalid_token": "The access token is invalid",
}
STATUSES = {"invalid_client": 401, "invalid_token": 401, "unauthorized_client": 403}


def refused(error: str, why: str = "") -> Refused:
    """An error as Doorkeeper answers it."""
    return Refused(STATUSES.get(error, 400), {"error": error, "error_description": why or WHY[error]})


def missing_parameter(name: str) -> Refused:
    return refused("invalid_request", f"Missing required parameter: {name}.")


@dataclass(slots=True)
class OAuthToken(Token):
    """An access token and the refresh token that was issued with it."""

    refresh: str = ""


@dataclass(slots=True)
class DeviceGrant:
    """A device code. It is authorised once `person` is set; `polled_at` is the last poll that counted."""

    device_code: str
    user_code: str
    scopes: tuple[str, ...]
    expires_at: float
    person: Person | None = None
    polled_at: float | None = None


class OAuth:
    """The application, the codes that wait, and every token that was ever issued."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._made = 0
        self.application_id = hashlib.sha256(b"sandbox application").hexdigest()
        self.device_grant = True
        """Whether this GitLab knows the device grant; older ones do not (17.9)."""
        self.grants: list[DeviceGrant] = []
        self.tokens: list[OAuthToken] = []

    def client(self, given: object, secret: object = None) -> None:
        """Check who asks. The application is public: any secret is a wrong one. Raises Refused (401)."""
        if given != self.application_id or secret:
            raise refused("invalid_client")

    def begin(self, scope: str) -> DeviceGrant:
        """A new device code; expired ones of anybody are purged. Raises Refused for a wrong scope."""
        scopes = self._scopes(scope or DEFAULT_SCOPE, SCOPES)
        now = self._clock()
        self.grants = [one for one in self.grants if one.expires_at >= now]
        made = DeviceGrant(self._code("device"), self._user_code(), scopes, now + CODE_SECONDS)
        self.grants.append(made)
        return made

    def poll(self, device_code: object) -> OAuthToken:
        """One poll for a token. Raises Refused with the reason why there is none."""
        grant = next((one for one in self.grants if one.device_code == device_code), None)
        if grant is None:
            raise refused("invalid_grant")
        now = self._clock()
        if now > grant.expires_at:
            self.grants.remove(grant)
            raise refused("expired_token")
        if grant.polled_at is not None and now < grant.polled_at + INTERVAL_SECONDS:
            raise refused("slow_down")
        grant.polled_at = now
        if grant.person is None:
            raise refused("authorization_pending")
        self.grants.remove(grant)
        return self._issue(grant.person, grant.scopes)

    def refresh(self, given: object, scope: str) -> OAuthToken:
        """A new pair for an old one, whose both halves end. Raises Refused (`invalid_grant`)."""
        old = next((one for one in self.tokens if one.refresh == given and not one.revoked), None)
        if old is None:
            raise refused("invalid_grant")
        scopes = self._scopes(scope, old.scopes) if scope else old.scopes
        old.revoked = True
        return self._issue(old.person, scopes)

    def revoke(self, given: object) -> None:
        """End the pair that this text belongs to; an unknown one is no error (RFC 7009, 2.2)."""
        for one in self.tokens:
            if given in (one.text, one.refresh):
                one.revoked = True

    def token(self, text: str) -> OAuthToken | None:
        return next((one for one in self.tokens if one.text == text), None)

    def alive(self, person: Person) -> list[OAuthToken]:
        """The pairs of a person that nobody has revoked."""
        return [one for one in self.tokens if one.person is person and not one.revoked]

    def pending(self) -> list[DeviceGrant]:
        """Codes that still can be authorised, oldest first."""
        now = self._clock()
        return [one for one in self.grants if one.person is None and one.expires_at >= now]

    def _issue(self, person: Person, scopes: tuple[str, ...]) -> OAuthToken:
        now = self._clock()
        made = OAuthToken(
            self._code("access"), person, scopes, created_at=now, expires_at=now + TOKEN_SECONDS
        )
        made.refresh = self._code("refresh")
        self.tokens.append(made)
        return made

    def _scopes(self, scope: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        wanted = tuple(scope.split())
        if not set(wanted) <= set(allowed):
            raise refused("invalid_scope")
        return wanted

    def _code(self, kind: str) -> str:
        """A text nobody guesses by chance, and the same in every run of a scenario."""
        self._made += 1
        return hashlib.sha256(f"{kind} {self._made}".encode()).hexdigest()

    def _user_code(self) -> str:
        number, text = int(self._code("user"), 16), ""
        while len(text) < USER_CODE_LENGTH:
            number, digit = divmod(number, len(DIGITS))
            text += DIGITS[digit]
        return text


def device_body(grant: DeviceGrant, url: str) -> dict[str, object]:
    home = f"{url}/oauth/device"
    return {
        "device_code": grant.device_code,
        "user_code": grant.user_code,
        "verification_uri": home,
        "verification_uri_complete": f"{home}?user_code={quote(grant.user_code)}",
        "expires_in": CODE_SECONDS,
        "interval": INTERVAL_SECONDS,
    }


def token_body(token: OAuthToken) -> dict[str, object]:
    return {
        "access_token": token.text,
        "token_type": "Bearer",
        "expires_in": TOKEN_SECONDS,
        "refresh_token": token.refresh,
        "scope": " ".join(token.scopes),
        "created_at": int(token.created_at),
    }


def info_body(token: OAuthToken, application_id: str, now: float) -> dict[str, object]:
    left = None if token.expires_at is None else int(token.expires_at - now)
    return {
        "resource_owner_id": token.person.id,
        "scope": list(token.scopes),
        "expires_in": left,
        "application": {"uid": application_id},
        "created_at": int(token.created_at),
        "scopes": list(token.scopes),
        "expires_in_seconds": left,
    }
