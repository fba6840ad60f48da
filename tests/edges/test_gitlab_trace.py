"""Job logs come as a stream of bytes, from GitLab or its object store."""

from __future__ import annotations

import tracemalloc

import pytest

from bot.edges.gitlab import GitLab
from bot.errors import GitLabSaidNo, GitLabUnreachable, TokenRejected
from tests.edges import wire
from tests.edges.gitlab_calls import FIXTURES, TOKEN, Connect, fails, sample
from tests.edges.wire import Reply


def read(gitlab: GitLab) -> bytes:
    with gitlab.trace(42, 5501) as chunks:
        return b"".join(chunks)


def test_a_log_is_read_as_bytes(connect: Connect) -> None:
    """The log comes as it is, whatever bytes it holds."""
    log = (FIXTURES / "job_trace.txt").read_bytes() + b"\xff\xfe\x00"
    with wire.serve(wire.always(wire.plain(log))) as server:
        assert read(connect(server)) == log
    assert server.paths() == ["GET /api/v4/projects/42/jobs/5501/trace"]


@pytest.mark.parametrize("reply", [wire.plain(""), wire.data({"message": "404 Not Found"}, 404)])
def test_no_log_gives_no_pieces(connect: Connect, reply: Reply) -> None:
    """An empty log and a 404 are the same."""
    with wire.serve(wire.always(reply)) as server, connect(server).trace(42, 5501) as chunks:
        assert list(chunks) == []


def test_a_log_in_an_object_store_is_read_without_the_token(connect: Connect) -> None:
    """The redirect is followed, its signature kept, the Authorization left behind."""
    with wire.serve(wire.always(wire.plain("from the store"))) as store:
        location = f"{store.url}/bucket/5501.log?X-Sig=a%2Bb&empty="
        with wire.serve(wire.always(wire.redirect(location))) as server:
            assert read(connect(server)) == b"from the store"
    assert store.seen[0].target == "/bucket/5501.log?X-Sig=a%2Bb&empty="
    assert store.seen[0].headers["Authorization"] is None
    assert TOKEN not in str(store.seen[0].headers)


@pytest.mark.parametrize(
    "location", ["http://169.254.169.254/latest", "ftp://127.0.0.1/x", "file:///etc/passwd"]
)
def test_a_log_is_not_fetched_from_just_anywhere(connect: Connect, location: str) -> None:
    """Only https, or GitLab's own host, is followed."""
    with wire.serve(wire.always(wire.redirect(location))) as server, pytest.raises(GitLabSaidNo):
        read(connect(server))


def test_a_store_that_refuses_says_nothing_of_our_token(connect: Connect) -> None:
    """A 401 of the object store is not a rejected GitLab token."""
    with wire.serve(wire.always(wire.plain("<Error/>", 401))) as store:
        error = fails(connect, wire.redirect(f"{store.url}/x"), read)
    assert isinstance(error, GitLabSaidNo)
    assert not isinstance(error, TokenRejected)


def test_a_sign_in_page_is_no_log(connect: Connect) -> None:
    """A page instead of a log is refused rather than shown."""
    assert "gitlab.url" in fails(connect, wire.html(), read).sentence


def test_a_log_that_breaks_off_is_an_error(connect: Connect) -> None:
    """Half a log does not look like a whole one."""
    error = fails(connect, Reply(200, b"x" * 100, {"Content-Type": "text/plain"}, length=9_999), read)
    assert isinstance(error, GitLabUnreachable)


def test_a_big_log_takes_little_memory(connect: Connect) -> None:
    """32 MB pass through in pieces of 64 KB."""
    piece, count = b"x" * 65_536, 512
    big = Reply(200, [piece] * count, {"Content-Type": "text/plain"}, length=len(piece) * count)
    with wire.serve(wire.always(big)) as server, connect(server).trace(42, 1) as chunks:
        tracemalloc.start()
        try:
            total = sum(len(chunk) for chunk in chunks)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert total == len(piece) * count
    assert peak < 4_000_000


def test_a_log_may_be_left_in_the_middle(connect: Connect) -> None:
    """Leaving the block ends the transfer; the object goes on to work."""
    big = Reply(200, [b"x" * 65_536] * 400, {"Content-Type": "text/plain"}, length=65_536 * 400)
    with wire.serve(
        lambda seen: big if seen.path.endswith("/trace") else wire.data(sample("user_current"))
    ) as server:
        gitlab = connect(server)
        with gitlab.trace(42, 1) as chunks:
            assert next(chunks)
        assert gitlab.me().id == 7


def test_a_store_may_not_send_on(connect: Connect) -> None:
    """A second redirect, from the object store, is not followed."""
    with (
        wire.serve(wire.always(wire.plain("far away"))) as far,
        wire.serve(wire.always(wire.redirect(far.url))) as store,
    ):
        error = fails(connect, wire.redirect(store.url), read)
    assert isinstance(error, GitLabSaidNo)
    assert far.seen == []


def test_a_store_that_is_down_is_named(connect: Connect) -> None:
    """The sentence names the object store's address, since GitLab itself answers."""
    store = f"http://127.0.0.1:{wire.closed_port()}"
    error = fails(connect, wire.redirect(f"{store}/x?X-Sig=secret"), read)
    assert isinstance(error, GitLabUnreachable)
    assert store in error.sentence
    assert "secret" not in error.sentence
