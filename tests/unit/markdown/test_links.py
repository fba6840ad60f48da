"""Which addresses become links, and in which form."""

from __future__ import annotations

import pytest
from hypothesis import given, settings

from bot.markdown.links import found_in, usable
from tests.unit.markdown import shapes


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("https://a.b/c?d=e&f=g#h", "https://a.b/c?d=e&f=g#h"),
        ("HTTP://A.b:8080/", "http://A.b:8080/"),
        ("https://[::1]:80/x", "https://[::1]:80/x"),
        ("https://a.b/ä b\"<>`{}|\\^[]%zz", "https://a.b/%C3%A4%20b%22%3C%3E%60%7B%7D%7C%5C%5E%5B%5D%25zz"),
        ("https://a.b/?x&copy;y&#64;z", "https://a.b/?x&copy%3By&#64%3Bz"),
        ("https://bücher.example/", "https://xn--bcher-kva.example/"),
        ("mailto:me@a.b", "mailto:me@a.b"),
        ("https://me@a.b/", ""),
        ("https://me:pw@a.b/", ""),
        ("https:///x", ""),
        ("https://a.b:x/", ""),
        ("https://a..ü/", ""),
        ("https://a$b/", ""),
        ("https://a.b/" + "x" * 3000, ""),
        ("https://a.b/" + "ä" * 1000, ""),
        ("mailto:me@a.b?cc=you@a.b", ""),
        ("javascript:alert(1)", ""),
        ("ftp://a.b", ""),
        ("//a.b", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_an_address_is_a_link_or_text(address: str, link: str) -> None:
    """Web and mail addresses without a user name are links, encoded so that no reader changes them."""
    assert usable(address) == link


@settings(deadline=None)
@given(shapes.hostile)
def test_a_link_stays_as_it_is_written(text: str) -> None:
    """What is written once is written the same again."""
    link = usable(f"https://a.b/{text}")
    assert usable(link) == link


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("see https://a.b/c, or", [("see ", ""), ("https://a.b/c", "https://a.b/c"), (", or", "")]),
        ("(https://a.b/x_(y))", [("(", ""), ("https://a.b/x_(y)", "https://a.b/x_(y)"), (")", "")]),
        ("https://a.b/?!", [("", ""), ("https://a.b/", "https://a.b/"), ("?!", "")]),
        ("xhttps://a.b https://u:p@a.b", [("xhttps://a.b https://u:p@a.b", "")]),
    ],
)
def test_addresses_are_found_in_text(text: str, pieces: list[tuple[str, str]]) -> None:
    """An address ends before what ends the sentence around it; one that may be no link is text."""
    assert list(found_in(text)) == pieces
