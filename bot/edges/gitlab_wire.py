"""HTTP to GitLab for one identity, through python-gitlab: one try a change, no token to strangers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import Any, cast
from urllib.parse import quote, urlencode, urlsplit

import gitlab
import requests
from gitlab.exceptions import GitlabError as LibraryError
from requests.adapters import HTTPAdapter

from bot.edges import gitlab_errors as errors
from bot.errors import GitLabSaidNo, GitLabUnreachable, NotFound, TokenRejected
from bot.model import Millis

#: Connections kept open for one identity; urllib3 throws away what is above it (gitlab-api.md 1.2).
CONNECTIONS = 64
#: Most items GitLab puts on a page (doc/api/rest, Pagination).
PER_PAGE = 100
#: Most pages read of one list: 1,000 items are more than anybody reads in Slack.
PAGES = 10
#: Most redirects followed: a renamed project is one (doc/api/rest, Redirects).
REDIRECTS = 3
#: Bytes of a log read at once.
CHUNK = 65_536
#: Longest that one log or file is read, in seconds: 100 MB, GitLab's limit, at half a megabyte a second.
TRACE_SECONDS = 200.0


class Wire:
    """One identity's requests to GitLab, safe for threads: it keeps open connections and nothing else."""

    def __init__(
        self,
        url: str,
        token: str,
        timeout: tuple[float, float],
        now: Callable[[], Millis],
        renew: Callable[[str], str] | None = None,
    ) -> None:
        """`renew` is handed a token that GitLab refused (401) and returns the one to use instead."""
        self.url = url.rstrip("/")
        self._renew = renew
        self._timeout = timeout
        self._session = _session(now)
        self._named = self._client(token)
        self._nameless = self._client(None)

    def close(self) -> None:
        """Closes the connections that are kept open; a later request opens new ones."""
        self._session.close()

    def get(
        self,
        path: str,
        query: Mapping[str, Any] | None = None,
        *,
        missing: str = "",
        within: float | None = None,
    ) -> Any:
        """The JSON at `path`; `missing` is the sentence for 404. Tried twice if the connection breaks.

        `within` so many seconds, where what is asked for is not worth as long a wait as usual.
        """
        response = self._request(
            "get", path, missing=missing, again=True, query_data=dict(query or {}), timeout=within
        )
        return self._json(response)

    def text(self, path: str, query: Mapping[str, Any] | None = None, *, missing: str = "") -> str:
        """The body at `path` as text; bytes that are not UTF-8 are replaced."""
        response = self._request("get", path, missing=missing, again=True, query_data=dict(query or {}))
        self._no_page(response)
        return response.content.decode("utf-8", "replace")

    def page(
        self, path: str, query: Mapping[str, Any], number: int, *, missing: str = ""
    ) -> tuple[list[Any], bool]:
        """One page of a list, and whether another follows: of notes, one that is not the last may be shorter."""
        numbered = {**query, "per_page": PER_PAGE, "page": number}
        response = self._request("get", path, missing=missing, again=True, query_data=numbered)
        items = self._json(response)
        return items, "next" in response.links or len(items) >= PER_PAGE

    def pages(
        self, path: str, query: Mapping[str, Any], *, missing: str = "", most: int = PAGES
    ) -> list[Any]:
        """All items of a list, at most 1,000 or so many pages of 100, in the order GitLab gives them."""
        found: list[Any] = []
        for number in range(1, most + 1):
            items, follows = self.page(path, query, number, missing=missing)
            found += items
            if not follows:
                break
        return found

    def post(self, path: str, body: Mapping[str, Any] | None = None, *, missing: str = "") -> Any:
        """Sends a change, exactly once, and returns the JSON of the answer."""
        response = self._request("post", path, missing=missing, post_data=dict(body) if body else None)
        return self._json(response)

    def put(self, path: str, body: Mapping[str, Any], *, missing: str = "") -> Any:
        """Sets what `body` says, with one request, and returns the JSON of the answer."""
        return self._json(self._request("put", path, missing=missing, post_data=dict(body)))

    def delete(self, path: str, *, missing: str = "") -> None:
        """Takes away what is at `path`, with one request."""
        self._request("delete", path, missing=missing)

    def upload(self, path: str, name: str, data: bytes, kind: str, *, missing: str = "") -> Any:
        """Sends a file as a form does, exactly once; `kind` is its media type."""
        sent = {"file": (name, data, kind)}
        return self._json(self._request("post", path, missing=missing, files=sent))

    def ask(self, path: str, body: Mapping[str, Any]) -> Any:
        """A POST that changes nothing, as GraphQL queries are: tried twice if the connection breaks."""
        return self._json(self._request("post", path, again=True, post_data=dict(body)))

    def form(self, path: str, fields: Mapping[str, str], *, missing: str = "") -> Any:
        """Sends a form, exactly once and without our token: the form carries its own."""
        response = self._request(
            "post",
            path,
            missing=missing,
            client=self._nameless,
            raw=True,
            post_data=urlencode(fields).encode(),
            extra_headers={"Content-type": "application/x-www-form-urlencoded"},
        )
        return self._json(response)

    @contextmanager
    def stream(self, path: str, *, missing: str = "") -> Iterator[Iterator[bytes]]:
        """The body at `path` in pieces of at most 64 KB; none if there is nothing, or NotFound with `missing`.

        A redirect to an object store is followed without the token (reliability.md 0.10), if it is safe.
        """
        try:
            response = self._open(path)
        except NotFound as error:
            if missing:
                raise NotFound(missing, status=error.status, reason=error.reason) from error
            yield iter(())
            return
        with closing(response):
            self._no_page(response)
            yield self._chunks(response)

    def _client(self, token: str | None) -> gitlab.Gitlab:
        return gitlab.Gitlab(
            self.url,
            oauth_token=token,  # as a Bearer header: requests takes it off when a redirect leaves the host
            timeout=cast(float, self._timeout),  # requests takes (connect, read) too
            keep_base_url=True,
            session=self._session,
        )

    def _request(
        self,
        verb: str,
        path: str,
        *,
        missing: str = "",
        again: bool = False,
        client: gitlab.Gitlab | None = None,
        **how: Any,
    ) -> requests.Response:
        try:
            return self._tried(verb, path, again=again, client=client, **how)
        except errors.Redirected as moved:
            raise errors.elsewhere(verb, moved.location, self.url) from None
        except NotFound as error:
            raise NotFound(missing or None, status=error.status, reason=error.reason) from error
        except LibraryError as error:
            raise GitLabSaidNo(status=error.response_code or 0, reason=str(error.error_message)) from error

    def _tried(self, verb: str, path: str, *, again: bool, **how: Any) -> requests.Response:
        """Once for a change; twice for a read whose connection broke, as an idle one may at any time."""
        try:
            return self._known(verb, path, **how)
        except requests.RequestException as error:
            if not again or not errors.was_cut(error, self.url):
                raise errors.explain(error, self.url) from error
        return self._tried(verb, path, again=False, **how)

    def _known(
        self, verb: str, path: str, *, client: gitlab.Gitlab | None = None, **how: Any
    ) -> requests.Response:
        """Once more with a fresh token if GitLab refuses ours: a 401 proves that nothing was done."""
        named = self._named
        try:
            return self._followed(verb, path, client=client or named, **how)
        except TokenRejected as error:
            if self._renew is None or client is not None:
                raise
            fresh = self._renew(named.oauth_token or "")
            if fresh == named.oauth_token:  # It is good, so GitLab refuses this one request.
                raise errors.not_yours(error) from error
        self._named = named = self._client(fresh)
        try:
            return self._followed(verb, path, client=named, **how)
        except TokenRejected as error:
            raise errors.not_yours(error) from error

    def _followed(self, verb: str, path: str, *, client: gitlab.Gitlab, **how: Any) -> requests.Response:
        """Follows redirects of reads within GitLab itself; lets any other through as Redirected."""
        for left in range(REDIRECTS, -1, -1):
            try:
                return client.http_request(verb, path, obey_rate_limit=False, max_retries=0, **how)
            except errors.Redirected as moved:
                if verb != "get" or not left or errors.origin(moved.location) != errors.origin(self.url):
                    raise
                path = moved.location
        raise AssertionError("the last redirect is raised")

    def _open(self, path: str) -> requests.Response:
        try:
            return self._tried("get", path, again=True, streamed=True)
        except errors.Redirected as moved:
            return self._from_storage(moved.location)

    def _from_storage(self, location: str) -> requests.Response:
        """Where GitLab keeps logs and files: the address is signed, so it needs, and gets, no token."""
        if not self._is_safe(location):
            raise errors.elsewhere("get", location, self.url)
        try:
            return self._session.get(location, auth=_no_auth, stream=True, timeout=self._timeout)
        except errors.Redirected as moved:
            raise errors.elsewhere("get", moved.location, self.url) from None
        except GitLabSaidNo as error:
            raise _storage_said_no(error) from error
        except requests.RequestException as error:
            raise errors.explain(error, location) from error

    def _is_safe(self, location: str) -> bool:
        """https anywhere; http only on GitLab's own host, and only if GitLab itself is spoken to so."""
        there, here = urlsplit(location), urlsplit(self.url)
        return there.scheme == "https" or (
            (there.scheme, there.hostname) == ("http", here.hostname) and here.scheme == "http"
        )

    def _chunks(self, response: requests.Response) -> Iterator[bytes]:
        end = time.monotonic() + TRACE_SECONDS
        try:
            for chunk in response.iter_content(CHUNK):
                if time.monotonic() > end:
                    raise GitLabUnreachable("GitLab sends that too slowly. Try again later.")
                yield chunk
        except requests.RequestException as error:
            raise errors.explain(error, response.url) from error

    def _json(self, response: requests.Response) -> Any:
        try:
            return response.json()
        except ValueError:
            raise errors.not_data(response, self.url) from None

    def _no_page(self, response: requests.Response) -> None:
        if "html" in response.headers.get("Content-Type", "").lower():
            raise errors.page(response.status_code, self.url)


def segment(text: str | int) -> str:
    """One segment of a path: a project path, ref or file name, its slashes escaped (doc/api/rest, Encoding).

    Raises NotFound for what would change the path itself: nothing, `.` and `..`.
    """
    if text in ("", ".", ".."):
        raise NotFound(f"GitLab knows nothing called `{text}`. Check the name.", status=404)
    return quote(str(text), safe="")


def _session(now: Callable[[], Millis]) -> requests.Session:
    """Connections that threads may share: nothing in it changes after this, since no cookie is ever kept."""
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=CONNECTIONS, max_retries=0))

    def check(response: requests.Response, **_: Any) -> None:
        errors.check(response, now())

    session.hooks["response"] = [check]
    return session


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    """Keeps requests from looking for a login in ~/.netrc."""
    return request


def _storage_said_no(error: GitLabSaidNo) -> GitLabSaidNo:
    """A refusal by the object store is not GitLab's, so a 401 there says nothing of our token."""
    return GitLabSaidNo(
        f"The store behind GitLab refused to hand that over (status {error.status}). Try again.",
        status=error.status,
        reason=error.reason,
    )
