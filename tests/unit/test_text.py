"""Text from elsewhere, made fit for people and harmless to Slack."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import text
from bot.text import Link

#: What Slack would act on in mrkdwn: anything between angle brackets (slack-platform.md 4).
ACTIVE = re.compile("[<>]|@(?:channel|here|everyone)", re.IGNORECASE)
ODD = st.lists(
    st.sampled_from(["<!channel>", "<@U0ALICE001>", "<#C1|x>", "@here", "@Everyone", "<https://a.b|c>"])
    | st.sampled_from(["&lt;", "&", "<", "|"])
    | st.text(max_size=5)
).map("".join)  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("10%\r50%\r100%\r\ndone\r\n", "100%\ndone\n"),
        ("bell\x07 null\x00 tab\t", "bell null tab\t"),
        ("\x1b]0;title\x07text \x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "text link"),
        ("a\u202egnp.exe", "agnp.exe"),
        ("\x1b(Bplain \x1bMup", "plain up"),
    ],
)
def test_plain_is_what_a_terminal_leaves(raw: str, shown: str) -> None:
    """Colours, titles, overwritten progress and control characters are gone, the words stay."""
    assert text.plain(raw) == shown


@given(st.text(st.sampled_from("ab\r\n\t\x1b[]0;mK\\\x07\x9b\ud800")))
def test_plain_text_has_no_controls_and_stays(raw: str) -> None:
    """Plain text holds no control character, and cleaning it again changes nothing."""
    shown = text.plain(raw)
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]", shown)
    assert text.plain(shown) == shown


def test_trimming_keeps_the_indentation_of_the_first_line() -> None:
    """Blank lines go at both ends, blanks before the first word stay."""
    assert text.trimmed("\n  \n    a\n\n  b \n \n") == "    a\n\n  b"
    assert text.trimmed(" \n ") == ""


@given(st.text(st.sampled_from("ab \n\u0301\U0001f468\u200d\U0001f1e9\U0001f3fd")), st.integers(0, 30))
def test_a_clipped_text_fits(raw: str, limit: int) -> None:
    """A clipped text is never longer than its limit, and one that fits is left alone."""
    clipped = text.clip(raw, limit)
    assert len(clipped) <= limit
    assert clipped == raw or len(raw) > limit


@pytest.mark.parametrize(
    ("raw", "limit", "clipped"),
    [
        ("abcdef", 4, "abc…"),
        ("abcdef", 0, ""),
        ("ab" + "e\u0301" + "fg", 4, "ab…"),
        ("ab\U0001f468\u200d\U0001f469cd", 5, "ab…"),
        ("ab\U0001f44d\U0001f3fdcd", 4, "ab…"),
        ("a\U0001f1e9\U0001f1eabc", 3, "a…"),
        ("word " * 40, 102, ("word " * 20).rstrip() + "…"),
    ],
)
def test_a_clip_cuts_between_characters_and_words(raw: str, limit: int, clipped: str) -> None:
    """A cut falls between words if it can, never inside what is seen as one character."""
    assert text.clip(raw, limit) == clipped


def test_an_excerpt_has_both_ends() -> None:
    """The first and last lines are shown, with the number of those between."""
    lines = [f"line {number}" for number in range(100)]
    assert text.head_and_tail("\n".join(lines)) == ("\n".join(lines[:5]), 80, "\n".join(lines[-15:]))
    assert text.head_and_tail("a\nb") == ("a\nb", 0, "")


@given(
    st.text(st.sampled_from("ab\n"), max_size=500), st.integers(0, 4), st.integers(0, 4), st.integers(40, 100)
)
def test_an_excerpt_fits(raw: str, head: int, tail: int, limit: int) -> None:
    """Head and tail together keep to the limit, however long the lines are."""
    excerpt = text.head_and_tail(raw, head=head, tail=tail, limit=limit)
    assert len(excerpt.head) + len(excerpt.tail) <= limit


def test_one_line_is_one_line() -> None:
    """Line ends, tabs and runs of blanks become single blanks."""
    assert text.one_line(" a\n\tb  \x1b[1mc\x1b[0m ", 10) == "a b c"
    assert text.one_line("many words here", 6) == "many…"


@pytest.mark.parametrize(
    ("milliseconds", "shown"),
    [(-5, "0 s"), (999, "0 s"), (42_000, "42 s"), (65_000, "1 m 05 s"), (7_620_000, "2 h 07 m"),
     (273_600_000, "3 d 04 h")],
)  # fmt: skip
def test_a_duration_is_said_as_people_say_it(milliseconds: int, shown: str) -> None:
    """A span has at most two units."""
    assert text.duration(milliseconds) == shown


def test_a_number_agrees_with_its_noun() -> None:
    """One is one, everything else is many."""
    assert [text.plural(number, "job") for number in (0, 1, 2)] == ["0 jobs", "1 job", "2 jobs"]
    assert text.plural(2, "entry", "entries") == "2 entries"


@given(ODD)
def test_escaped_and_inert_text_holds_nothing_active(raw: str) -> None:
    """Nothing Slack would act on survives, and nothing that was written is lost."""
    assert not re.search("[<>]", text.escape(raw))
    assert not ACTIVE.search(text.inert(raw))
    shown = (
        text.inert(raw).replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\u2060", "")
    )
    assert shown == text.plain(raw).replace("\u2060", "")


@given(ODD)
def test_a_code_span_has_no_way_out(raw: str) -> None:
    """A code span holds no backtick but its own two, and nothing active."""
    span = text.code(raw)
    assert span[0] == span[-1] == "`"
    assert not re.search("[<>`\n]", span[1:-1])


# Links of the job's author ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("raw", "pieces"),
    [
        ("see <https://gitlab.com/x|the job> now", ["see ", Link("https://gitlab.com/x", "the job"), " now"]),
        ("<http://host:8080/a?b=1&amp;c=2>", [Link("http://host:8080/a?b=1&c=2", "http://host:8080/a?b=1&c=2")]),
        ("<https://evil.example/|gitlab.com>", [Link("https://evil.example/", "gitlab.com (evil.example)")]),
        ("<https://evil.example/|https://gitlab.com/x>", [
            Link("https://evil.example/", "https://gitlab.com/x (evil.example)")
        ]),
        ("<https://gitlab.com/a|GitLab.com>", [Link("https://gitlab.com/a", "GitLab.com")]),
        ("<https://evil.example/|ｇｉｔｌａｂ．ｃｏｍ>", [
            Link("https://evil.example/", "ｇｉｔｌａｂ．ｃｏｍ (evil.example)")
        ]),
        ("<https://x.example/|v1.2.3>", [Link("https://x.example/", "v1.2.3")]),
        ("<https://x.example/|>", [Link("https://x.example/", "https://x.example/")]),
        ("a < b and <c>", ["a < b and <c>"]),
        ("<!channel> <@U1> <#C1|x> <!subteam^S1> <!date^1^x|y>", [
            "<!channel> <@U1> <#C1|x> <!subteam^S1> <!date^1^x|y>"
        ]),
        ("<mailto:a@b.c|mail> <javascript:x|y> <ftp://h/x>", ["<mailto:a@b.c|mail> <javascript:x|y> <ftp://h/x>"]),
        ("<https://gitlab.com@evil.example/|x>", ["<https://gitlab.com@evil.example/|x>"]),
        ("<https://gitlab.com\\@evil.example/|x>", ["<https://gitlab.com\\@evil.example/|x>"]),
        ("<https://h:99999/|x><https://[::1|x><https:///|x>", ["<https://h:99999/|x><https://[::1|x><https:///|x>"]),
        ("", []),
    ],
)  # fmt: skip
def test_only_the_authors_web_links_work(raw: str, pieces: list[str | Link]) -> None:
    """Web links become links that tell their true host; mentions and everything else stay as written."""
    assert text.author_links(raw) == pieces


@given(ODD)
def test_links_and_words_are_all_there_is(raw: str) -> None:
    """Text without a web link comes back whole, and every link has an address Slack takes."""
    pieces = text.author_links(raw)
    for piece in pieces:
        if isinstance(piece, Link):
            assert re.match("https?://", piece.url)
    if not any(isinstance(piece, Link) for piece in pieces):
        assert "".join(str(piece) for piece in pieces) == raw


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("because it is Friday", "because it is Friday."),
        ("Is it? ", "Is it?"),
        ("Done.", "Done."),
        ("…", "…"),
    ],
)
def test_another_sentence_may_follow(said: str, wanted: str) -> None:
    """What somebody wrote ends like a sentence, once."""
    assert text.sentence(said) == wanted
