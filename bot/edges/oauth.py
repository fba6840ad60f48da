"""GitLab's authorization server: device codes, tokens, their end. Each call is one request, and none is repeated."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import urljoin

import requests

from bot.edges import gitlab_errors as errors
from bot.edges import retry_after
from bot.errors import GitLabBusy, GitLabSaidNo, GitLabUnreachable
from bot.model import Millis

log = logging.getLogger(__name__)
Shape = TypeVar("Shape")
#: What an error code looks like (RFC 6749, 5.2).
_CODE = re.compile(r"[a-z_]{1,40}")

#: No scope below this starts a pipeline (gitlab-api.md 3.2).
SCOPE = "api"
DEVICE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"
#: How often GitLab may be asked for a device code's token unless it says otherwise (RFC 8628, 3.2).
LEAST_INTERVAL_MS: Millis = 5_000
#: Longest life of a device code that is believed; GitLab's is 5 minutes (gitlab-api.md 3.1).
LONGEST_CODE_S = 3_600
#: Most bytes read of an answer: the longest that GitLab gives is below 1 KB.
ANSWER_BYTES = 65_536
#: Our own code for a GitLab that has no device grant: before 17.9, or without an application for it.
NO_DEVICE_GRANT = "no_device_grant"


@dataclass(frozen=True, slots=True)
class DeviceCode:
    """What begins a device grant (RFC 8628, 3.2)."""

    device_code: str = field(repr=False)
    user_code: str
    """What GitLab's page shows, to be compared."""
    url: str
    """The page, with the user code in it; on the configured GitLab."""
    interval: Millis
    expires_at: Millis


@dataclass(frozen=True, slots=True)
class Tokens:
    """A pair of tokens. A refresh ends both halves of the pair before (gitlab-api.md 3.2)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: Millis | None
    scopes: frozenset[str]


class OAuthRefused(GitLabSaidNo):
    """GitLab's authorization server refused that."""

    def __init__(self, sentence: str | None = None, *, status: int = 0, code: str = "") -> None:
        """`code` is the error code of RFC 6749, 5.2, or RFC 8628, 3.5, or NO_DEVICE_GRANT."""
        super().__init__(sentence, status=status, reason=code)
        self.code = code


class OAuth:
    """
    The authorization server of one GitLab, for a public application: it has an id and no secret.

    Every method may raise GitLabUnreachable (`sent` tells whether GitLab may have done it), GitLabBusy, or
    OAuthRefused with a code: claim() `authorization_pending`, `slow_down`, `expired_token`, `invalid_grant`;
    refresh() `invalid_grant`; begin() NO_DEVICE_GRANT; all of them `invalid_client`. No redirect is followed.
    """

    def __init__(
        self,
        url: str,
        application_id: str,
        *,
        timeout: tuple[float, float] = (3.05, 20.0),
        now: Callable[[], Millis],
    ) -> None:
        """`application_id` is empty where nobody has registered one: then there is no device grant."""
        self._url, self._application, self._timeout, self._now = url.rstrip("/"), application_id, timeout, now
        self._session = requests.Session()
        self._session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self._session.close()

    def begin(self) -> DeviceCode:
        """Asks for a device code (gitlab-api.md 3.1)."""
        if not self._application:
            raise _no_device_grant()
        now = self._now()
        answer = self._post("/oauth/authorize_device", {"scope": SCOPE})
        return self._shaped(lambda found: self._device_code(found, now), answer)

    def claim(self, device_code: str) -> Tokens:
        """Asks whether a device grant is completed; its tokens are handed out once."""
        return self._tokens({"grant_type": DEVICE_GRANT, "device_code": device_code})

    def refresh(self, refresh: str) -> Tokens:
        """Trades a pair for a new one. The old one may be gone although no answer came."""
        return self._tokens({"grant_type": "refresh_token", "refresh_token": refresh})

    def revoke(self, token: str) -> None:
        """Ends the pair this token belongs to; one that is not known is no error (RFC 7009, 2.2)."""
        self._post("/oauth/revoke", {"token": token})

    def owner(self, access: str) -> int:
        """GitLab's id of the user an access token acts as (doc/api/oauth2.md, token information)."""
        answer = self._ask("GET", "/oauth/token/info", headers={"Authorization": f"Bearer {access}"})
        return self._shaped(lambda found: int(found["resource_owner_id"]), answer)

    def _tokens(self, fields: Mapping[str, str]) -> Tokens:
        now = self._now()
        answer = self._post("/oauth/token", fields)
        return self._shaped(lambda found: _tokens(found, now), answer)

    def _device_code(self, found: Mapping[str, Any], now: Millis) -> DeviceCode:
        page = str(found["verification_uri"])
        url = str(found.get("verification_uri_complete") or page)
        for one in (page, url):
            if errors.origin(one) != errors.origin(self._url):
                raise errors.elsewhere("get", one, self._url)
        life = min(int(found["expires_in"]), LONGEST_CODE_S)
        interval = max(LEAST_INTERVAL_MS, int(found.get("interval") or 0) * 1000)
        return DeviceCode(
            _text(found, "device_code"), _text(found, "user_code"), url, interval, now + life * 1000
        )

    def _post(self, path: str, fields: Mapping[str, str]) -> Any:
        return self._ask("POST", path, data={"client_id": self._application, **fields})

    def _ask(self, method: str, path: str, **how: Any) -> Any:
        try:
            how |= {"auth": _no_auth, "timeout": self._timeout, "allow_redirects": False, "stream": True}
            with self._session.request(method, self._url + path, **how) as response:
                return self._answer(path, response)
        except requests.RequestException as error:
            raise errors.explain(error, self._url) from None  # Its text may hold what was sent.

    def _answer(self, path: str, response: requests.Response) -> Any:
        if response.is_redirect:
            raise errors.elsewhere("post", urljoin(response.url, response.headers["Location"]), self._url)
        body = _body(response)
        if response.status_code >= 400:
            self._refuse(path, response, body)
        if not isinstance(body, dict):
            raise errors.not_data(response, self._url)
        return body

    def _refuse(self, path: str, response: requests.Response, body: Any) -> None:
        """Raises what a refusal means; the log hears the endpoint and the code alone."""
        status = response.status_code
        named = str(body.get("error")) if isinstance(body, dict) else ""
        code = named if _CODE.fullmatch(named) else ""  # Anything else may repeat what was sent.
        log.debug("%s: status %d, %s", path, status, code)
        if status == 429:
            wait = response.headers.get("Retry-After")
            raise GitLabBusy(retry_after=retry_after.seconds(wait, errors.BUSY_SECONDS, self._now()))
        if status >= 500 or status == 408:
            raise GitLabUnreachable(
                f"GitLab had a problem of its own (status {status}). Try again in a moment."
            )
        if (status == 404 and not code) or code == "unsupported_grant_type":
            raise _no_device_grant()
        raise OAuthRefused(_sentence(code, status), status=status, code=code)

    def _shaped(self, shape: Callable[[Any], Shape], found: Any) -> Shape:
        try:
            return shape(found)
        except (KeyError, TypeError, ValueError):
            raise GitLabUnreachable(
                "GitLab's answer is not what I know of it. Try again in a moment."
            ) from None


def _tokens(found: Mapping[str, Any], now: Millis) -> Tokens:
    life = found.get("expires_in")
    expires_at = None if life is None else now + int(life) * 1000
    scopes = frozenset(str(found.get("scope") or SCOPE).split())
    return Tokens(_text(found, "access_token"), str(found.get("refresh_token") or ""), expires_at, scopes)


def _text(found: Mapping[str, Any], name: str) -> str:
    text = found[name]
    if not isinstance(text, str) or not text:
        raise TypeError
    return text


def _body(response: requests.Response) -> Any:
    """The JSON of an answer, read up to a limit; None if it is none."""
    raw = bytearray()
    for chunk in response.iter_content(ANSWER_BYTES):
        raw += chunk
        if len(raw) > ANSWER_BYTES:
            return None
    try:
        return json.loads(raw)
    except ValueError:
        return None


def _sentence(code: str, status: int) -> str:
    if code in ("invalid_client", "unauthorized_client"):
        return (
            "GitLab does not know my application, or it is a confidential one."
            " Whoever runs me has to correct `gitlab.application_id`."
        )
    if code == "invalid_scope":
        return "My application in GitLab lacks the scope `api`. Whoever runs me has to tick it there."
    return f"GitLab refused to connect an account ({code or f'status {status}'}). Type `link` to begin again."


def _no_device_grant() -> OAuthRefused:
    return OAuthRefused(
        "This GitLab cannot connect accounts by a code. Connect with a personal access token instead.",
        code=NO_DEVICE_GRANT,
    )


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from looking for a login in ~/.netrc."""
    return request
