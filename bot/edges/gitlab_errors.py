"""What GitLab's refusals and the network's failures mean, in our errors and in sentences."""

from __future__ import annotations

import json
import ssl
from collections.abc import Iterator
from typing import Any, NoReturn
from urllib.parse import urljoin, urlsplit

import requests
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ReadTimeoutError,
)

from bot.edges import retry_after
from bot.errors import GitLabBusy, GitLabSaidNo, GitLabUnreachable, NotFound, TokenRejected
from bot.model import Millis

#: Most bytes read of an error's body: enough for any message, whatever a proxy sends.
ERROR_BYTES = 65_536
#: Most characters of GitLab's own words that we repeat.
REASON_LENGTH = 600
#: Wait when GitLab's limiter names no time: it counts by the minute (gitlab-api.md 5.1).
BUSY_SECONDS = 60.0
_PORTS = {"http": 80, "https": 443}
#: TLS failures that end the handshake, before a byte of the request is sent.
_NO_HANDSHAKE = (
    "WRONG_VERSION_NUMBER",
    "HTTP_REQUEST",
    "UNSUPPORTED_PROTOCOL",
    "SSLV3_ALERT_HANDSHAKE_FAILURE",
    "TLSV1_ALERT_PROTOCOL_VERSION",
)


#: What keeps a connection from being opened, the most telling first, since some are kinds of others.
_CLOSED: tuple[tuple[type[BaseException], str], ...] = (
    (
        ssl.SSLCertVerificationError,
        "The certificate of {where} is not valid here. Whoever runs me has to make it trusted.",
    ),
    (
        requests.exceptions.ProxyError,
        "The proxy on the way to {where} does not let me through. Check the proxy settings.",
    ),
    (NameResolutionError, "The name in {where} is not known here. Check `gitlab.url` and the network."),
    (NewConnectionError, "{where} does not accept connections. GitLab may be down: try again in a moment."),
    (ConnectTimeoutError, "{where} does not answer at all. Check `gitlab.url` and the network."),
)


class Redirected(Exception):
    """GitLab sends us elsewhere; `location` is the whole address."""

    def __init__(self, location: str) -> None:
        super().__init__("redirected")
        self.location = location


def check(response: requests.Response, now: Millis) -> None:
    """Raises for every answer that is not a success; a hook, so that headers and body are still at hand.

    Raises Redirected, TokenRejected, NotFound, GitLabBusy, GitLabSaidNo or GitLabUnreachable(sent=True).
    """
    if response.is_redirect:
        response.close()
        raise Redirected(urljoin(response.url, response.headers["Location"]))
    if response.status_code >= 400:
        _refuse(response, _without_token(response, reason(_body(response))), now)


def _without_token(response: requests.Response, said: str) -> str:
    """What a server says of a request may hold the token it came with."""
    token = str(response.request.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
    return said.replace(token, "…") if token else said


def explain(error: requests.RequestException, url: str) -> GitLabUnreachable:
    """What a failure of the network means; `sent` is False only if no connection could be opened."""
    causes = tuple(_causes(error))
    sentence = _not_opened(causes, origin(url))
    if sentence is not None:
        return GitLabUnreachable(sentence, sent=False)
    if isinstance(error, requests.Timeout) or _any(causes, ReadTimeoutError):
        return GitLabUnreachable("GitLab took too long to answer. Try again in a moment.", sent=True)
    return GitLabUnreachable("The connection to GitLab broke. Try again in a moment.", sent=True)


def was_cut(error: requests.RequestException, url: str) -> bool:
    """Whether an open connection broke, so that a read is worth one more try at once."""
    if isinstance(error, requests.Timeout) or _any(_causes(error), ReadTimeoutError):
        return False
    return explain(error, url).sent


def not_data(response: requests.Response, url: str) -> GitLabSaidNo | GitLabUnreachable:
    """For a success whose body is not JSON: a page, which is the sign of a wrong address, or rubbish."""
    if "html" in response.headers.get("Content-Type", "").lower():
        return page(response.status_code, url)
    return GitLabUnreachable("GitLab's answer could not be read. Try again in a moment.", sent=True)


def page(status: int, url: str) -> GitLabSaidNo:
    """For a web page, such as a sign-in form, where data should be."""
    return GitLabSaidNo(
        f"{origin(url)} answered with a web page instead of data. Check that `gitlab.url` ({url}) is the "
        "address of GitLab itself and that no sign-in page stands before it.",
        status=status,
        reason="a web page instead of data",
    )


def elsewhere(verb: str, location: str, url: str) -> GitLabSaidNo:
    """For a redirect that is not followed: it leads away from GitLab, or would turn a change into a read."""
    what = "a change" if verb != "get" else "a request"
    return GitLabSaidNo(
        f"GitLab at {origin(url)} sent {what} on to {origin(location)}, and I do not follow it there. "
        "Set `gitlab.url` to the address GitLab uses for itself.",
        reason="redirected",
    )


def not_yours(error: TokenRejected) -> GitLabSaidNo:
    """For a 401 to a token that works otherwise, as GitLab answers some things that are not for this user."""
    return GitLabSaidNo(
        f"GitLab does not let your account do that ({error.reason or 'status 401'}). Nothing was done.",
        status=error.status,
        reason=error.reason,
    )


def origin(url: str) -> str:
    """Scheme, host and port of an address: all of it that may be shown."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port not in (None, _PORTS.get(parts.scheme)) else ""
    return f"{parts.scheme}://{parts.hostname or ''}{port}".lower()


def reason(body: Any) -> str:
    """GitLab's own words as one line: its `message` or `error` may be a text, a list or a dictionary.

    {"message": {"base": ["Reference not found"]}} gives "Reference not found" (gitlab-api.md 1.4).
    """
    if isinstance(body, dict):
        parts = [body[key] for key in ("message", "error", "error_description") if body.get(key)]
        body = parts or body
    return " ".join("; ".join(_flat(body)).split())[:REASON_LENGTH]


def _flat(value: Any, key: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _flat(inner, "" if name in ("base", "error", "message") else str(name))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _flat(inner, key)
    elif value not in (None, ""):
        yield f"{key} {value}" if key else str(value)


def _body(response: requests.Response) -> Any:
    """The body of an error: JSON if it is, text if it is short and no page, else nothing."""
    raw = next(response.iter_content(ERROR_BYTES), b"")
    response.close()
    try:
        return json.loads(raw)
    except ValueError:
        text = raw.decode("utf-8", "replace").strip()
        return "" if text.startswith("<") else text


def _refuse(response: requests.Response, why: str, now: Millis) -> NoReturn:
    status = response.status_code
    if status == 401:
        raise TokenRejected(status=status, reason=why)
    if status == 404:
        raise NotFound(status=status, reason=why)
    if status == 429:
        wait = retry_after.seconds(response.headers.get("Retry-After"), BUSY_SECONDS, now)
        raise GitLabBusy(retry_after=wait)
    if status >= 500 or status == 408:
        raise GitLabUnreachable(
            f"GitLab had a problem of its own (status {status}). Try again in a moment.", sent=True
        )
    raise GitLabSaidNo(_sentence(status, why), status=status, reason=why)


def _sentence(status: int, why: str) -> str:
    said = why.rstrip(".") or f"status {status}"
    if status == 403 and "has been blocked" in why:
        return "GitLab has blocked this account, so nothing was done. An administrator of GitLab knows why."
    if "insufficient_scope" in why:
        return (
            "My GitLab token may not do that: it needs the scope `api`. Whoever runs me has to set another."
        )
    if status == 403:
        return f"GitLab does not allow that: {said}. Ask a maintainer of the project."
    if status == 409:
        return f"GitLab is just changing that: {said}. Look at its state, then try again."
    return f"GitLab refused that: {said}. Correct it and try again."


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and everything it wraps: requests and urllib3 hide the true cause in `args` and `reason`."""
    waiting: list[Any] = [error]
    seen: set[int] = set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, BaseException) and id(one) not in seen:
            seen.add(id(one))
            yield one
            waiting += [*one.args, getattr(one, "reason", None), one.__cause__]


def _any(causes: Iterator[BaseException] | tuple[BaseException, ...], kind: type[BaseException]) -> bool:
    return any(isinstance(one, kind) for one in causes)


def _not_opened(causes: tuple[BaseException, ...], where: str) -> str | None:
    """Why no connection could be opened; None if one was, so that the request may have arrived."""
    if any(isinstance(one, ssl.SSLError) and one.reason in _NO_HANDSHAKE for one in causes):
        return f"{where} does not speak TLS. Check whether `gitlab.url` begins with http or https."
    return next((text.format(where=where) for kind, text in _CLOSED if _any(causes, kind)), None)
