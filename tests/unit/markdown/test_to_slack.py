"""What GitLab's Markdown becomes in Slack, example by example."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import markdown
from bot.markdown import Nameless, from_slack, to_slack
from bot.markdown.blocks import read_blocks
from bot.markdown.reading import read_markdown
from bot.markdown.settling import settled
from bot.markdown.tree import Listing, Paragraph, Part, Preformatted, Span, visible
from bot.markdown.writing import written
from sandbox.slack.blockkit import problems_of
from sandbox.slack.mentions import fired
from tests.unit.markdown import shapes

BASE = "https://gitlab.example.com/acme/shop"


def shown(source: str, limit: int = 4_000) -> tuple[Part, ...]:
    return to_slack(source, base=BASE, limit=limit)


def spans(source: str) -> tuple[Span, ...]:
    """The spans of a text that is one paragraph."""
    (part,) = shown(source)
    assert isinstance(part, Paragraph)
    return part.spans


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("**b** *i* ~~s~~ `c *d*`", (Span("b", bold=True), Span(" "), Span("i", italic=True), Span(" "),
                                    Span("s", strike=True), Span(" "), Span("c *d*", code=True))),
        ("***x*** \\*y\\* &lt;z&gt; &copy;", (Span("x", bold=True, italic=True), Span(" *y* <z> ©"))),
        ("## Head *line*", (Span("Head", bold=True), Span(" "), Span("line", bold=True, italic=True))),
        ("one\ntwo\\\nthree  \nfour", (Span("one two\nthree\nfour"),)),
        ("hey @alice, @all and <!channel> <@U1>: #12 !34 ~bug", (
            Span("hey @alice, @all and <!channel> <@U1>: #12 !34 ~bug"),
        )),
        ("a<br>b <b>c</b> <kbd>d</kbd> <em>e <!-- hidden --></em> <span class='x'>f</span>", (
            Span("a\nb "), Span("c", bold=True), Span(" "), Span("d", code=True), Span(" "), Span("e", italic=True),
            Span("  f"),
        )),
        (":tada: :own: 👍", (Span("🎉 :own: 👍"),)),
        ("a <b", (Span("a <b"),)),
        ("</b>a<b>b", (Span("a"), Span("b", bold=True))),
    ],
)  # fmt: skip
def test_markdown_is_shown(source: str, line: tuple[Span, ...]) -> None:
    """Styles, headings, line breaks, HTML and emoji look as in GitLab; mentions are words."""
    assert spans(source) == line


@pytest.mark.parametrize(
    ("source", "text", "url"),
    [
        ("[job](https://gitlab.example.com/j)", "job", "https://gitlab.example.com/j"),
        ("[job](https://evil.example/j)", "job", "https://evil.example/j"),
        ("[gitlab.com](https://evil.example/)", "gitlab.com (evil.example)", "https://evil.example/"),
        (
            "[https://gitl\u0430b.example/](https://gitl\u0430b.example/)",
            "https://gitl\u0430b.example/ (xn--gitlb-7ve.example)",
            "https://xn--gitlb-7ve.example/",
        ),
        (
            "https://gitl\u0430b.example/",
            "https://xn--gitlb-7ve.example/",
            "https://xn--gitlb-7ve.example/",
        ),
        ("[**gitlab.com**](https://evil.example/)", "gitlab.com (evil.example)", "https://evil.example/"),
        ("<https://a.b/c%20d>", "https://a.b/c%20d", "https://a.b/c%20d"),
        ("https://a.b/c_d_e.", "https://a.b/c_d_e", "https://a.b/c_d_e"),
        ("<me@a.b>", "me@a.b", "mailto:me@a.b"),
        ("[](https://a.b/)", "https://a.b/", "https://a.b/"),
        ("[text](docs/x.md#top)", "text", f"{BASE}/-/blob/HEAD/docs/x.md#top"),
        ("[text](/docs/x.md)", "text", f"{BASE}/-/blob/HEAD/docs/x.md"),
        ("[text](/acme/infra/-/issues/1)", "text", "https://gitlab.example.com/acme/infra/-/issues/1"),
        ("[text](//a.b/c)", "text", "https://a.b/c"),
        ("![image.png](/uploads/1f/image.png){width=50%}", "image.png", f"{BASE}/uploads/1f/image.png"),
        ("![](/uploads/1f/x.png)", "image", f"{BASE}/uploads/1f/x.png"),
        ("[![badge](https://a.b/c.svg)](https://a.b/)", "badge", "https://a.b/"),
        ("<a href='https://a.b/'>there</a>", "there", "https://a.b/"),
        ('<img src="/uploads/1f/x.png" alt="graph" width="9">', "graph", f"{BASE}/uploads/1f/x.png"),
        ("[x](javascript:alert)", "[x](javascript:alert)", ""),
        ("[x](ftp://a.b)", "x", ""),
        ("[x](#top)", "x", ""),
        ("[x](https://me:pass@a.b/)", "x", ""),
    ],
)
def test_links_lead_where_gitlab_leads(source: str, text: str, url: str) -> None:
    """Relative links belong to the project, images are links, and a false label names the true host."""
    line = spans(source)
    assert "".join(span.text for span in line).rstrip(".") == text
    assert {span.url for span in line if span.text not in (".", " ")} == {url}


def test_relative_links_need_a_project() -> None:
    """Without the project's address they are words."""
    assert to_slack("[x](/uploads/1)", base="", limit=99) == (Paragraph((Span("x"),)),)


def test_lists_are_lists() -> None:
    """Lists keep their depth and numbers, tasks get boxes, and what interrupts a list stands between."""
    source = "3. a\n   - b\n\n     more\n4. c\n\n   ```sh\n   x\n   ```\n- [ ] d\n- [x] e\n- \\[x] f\n- > q\n- ## h\n"
    assert shown(source) == (
        Listing(((Span("a"),),), ordered=True, start=3),
        Listing(((Span("b\nmore"),),), indent=1),
        Listing(((Span("c"),),), ordered=True, start=4),
        Preformatted("x", "sh"),
        Listing(((Span("☐ d"),), (Span("☑ e"),), (Span("[x] f"),), ())),
        Paragraph((Span("q"),), quoted=True),
        Listing(((Span("h", bold=True),),)),
    )


def test_words_after_a_deeper_list_stand_for_themselves() -> None:
    """Slack has no item that goes on after a list inside of it; nor has a quote in an item a bullet."""
    assert shown("- a\n  - b\n\n  more\n\n  > said\n") == (
        Listing(((Span("a"),),)),
        Listing(((Span("b"),),), indent=1),
        Paragraph((Span("more"),)),
        Paragraph((Span("said"),), quoted=True),
    )


def test_quotes_are_quotes() -> None:
    """Quotes of both kinds hold paragraphs, lists and code; alerts say what they are."""
    source = "> a\n>\n> - b\n> ```\n> c\n> ```\n\n>>>\nd\n```\n>>>\n```\n>>>\n\n> [!warning]\n> e\n"
    assert shown(source) == (
        Paragraph((Span("a"),), quoted=True),
        Listing(((Span("b"),),), quoted=True),
        Preformatted("c", quoted=True),
        Paragraph((Span("d"),), quoted=True),
        Preformatted(">>>", quoted=True),
        Paragraph((Span("Warning:", bold=True), Span(" e")), quoted=True),
    )


def test_tables_are_preformatted() -> None:
    """A table keeps its columns; what is bold or linked in it is text."""
    source = "| Name | Of |\n|---|--:|\n| **a** | [b](https://a.b) |\n| long one | |\n"
    assert shown(source) == (Preformatted("Name     | Of\n---------+---\na        | b\nlong one |"),)


def test_details_are_unfolded_and_comments_are_gone() -> None:
    """What GitLab folds is shown below its summary, what it hides is not."""
    source = (
        "<!-- signalbox v1 -->\n<details>\n<summary>Log &amp; more</summary>\n\n```\nx\n```\n\n</details>\n\n"
        "---\n\n<p>one<br/>two <!-- no --></p>\n\n<!-- never ends"
    )
    assert shown(source) == (
        Paragraph((Span("Log & more", bold=True),)),
        Preformatted("x"),
        Paragraph((Span("———"),)),
        Paragraph((Span("one\ntwo"),)),
    )


@pytest.mark.parametrize(
    ("source", "limit", "words"),
    [
        ("one two three", 8, "one two…\n… 6 more characters in GitLab"),
        ("one\n\ntwo", 5, "one\n… 4 more characters in GitLab"),
        ("- one\n- two\n- three", 9, "one\ntwo\n… 6 more characters in GitLab"),
        ("- onetwothree", 5, "onet…\n… 7 more characters in GitLab"),
        ("**one** two three", 8, "one two…\n… 6 more characters in GitLab"),
        ("```\none\ntwo\n```\nx", 6, "one\nt…\n… 4 more characters in GitLab"),
        ("one", 4, "one"),
    ],
)
def test_a_long_text_is_cut_whole(source: str, limit: int, words: str) -> None:
    """What is left out is counted, and no style, list or code is left open."""
    assert visible(shown(source, limit)) == words


def test_a_very_long_text_is_not_read_to_its_end() -> None:
    """Of a megabyte only the beginning is read, at a line end where there is one."""
    parts = shown("word\n\n" * 200_000, 500)
    assert visible(parts[-1:]).endswith("more characters in GitLab")
    assert len(visible(parts)) < 600
    assert len(visible(shown("x" * 1_000_000, 500))) < 600


@settings(deadline=None)
@given(shapes.hostile, st.integers(0, 300))
def test_whatever_stands_in_gitlab_calls_nobody(source: str, limit: int) -> None:
    """Any Markdown is read without an error, drawn within Slack's limits, and fires no mention."""
    parts = shown(source, limit)
    blocks = markdown.rich(parts)
    message = {"text": markdown.line(parts, 100), "blocks": list(blocks)}
    assert problems_of(list(blocks)) == []
    assert fired(message, link_names=True) == []
    assert len(visible(parts)) <= limit + 60


@settings(deadline=None)
@given(shapes.hostile)
def test_markdown_that_was_read_stays(source: str) -> None:
    """What was read once is the same when it is written and read again."""
    once = read_markdown(source, BASE)
    kept = tuple(replace(one, language="") if isinstance(one, Preformatted) else one for one in once)
    assert read_markdown(written(kept), BASE) == kept


@settings(deadline=None)
@given(shapes.documents)
def test_what_is_drawn_is_read_from_slack_again(parts: list[Part]) -> None:
    """The blocks that are drawn show, when Slack hands them back, what they were drawn from."""
    kept = read_markdown(written(settled(parts)), "")
    blocks: list[dict[str, Any]] = list(markdown.rich(kept))
    assert visible(read_blocks(blocks, Nameless())) == visible(kept)


def test_nothing_is_drawn_of_nothing() -> None:
    """Slack takes no empty block."""
    assert markdown.rich(()) == ()
    assert markdown.line((), 10) == ""


def test_a_line_is_harmless() -> None:
    """On one line mentions are shown and none fires."""
    made = markdown.line(shown("Hi <!channel>\n\n- @here & **b**"), 100)
    assert made == "Hi &lt;!channel&gt; @\u2060here &amp; b"


def test_slack_shows_again_what_was_written_in_slack() -> None:
    """A message goes to GitLab and back, and is drawn as it was."""
    source = "*Down* since <https://a.b/|noon>\n• _one_\n    ◦ `two`\n&gt; ~quote~\n```x\n/y```"
    parts = shown(from_slack(source, names=Nameless()))
    assert markdown.rich(parts)[0]["elements"] == [
        {"type": "rich_text_section", "elements": [
            {"type": "text", "text": "Down", "style": {"bold": True}}, {"type": "text", "text": " since "},
            {"type": "link", "url": "https://a.b/", "text": "noon"},
        ]},
        {"type": "rich_text_list", "style": "bullet", "indent": 0, "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "one", "style": {"italic": True}}]},
        ]},
        {"type": "rich_text_list", "style": "bullet", "indent": 1, "elements": [
            {"type": "rich_text_section", "elements": [{"type": "text", "text": "two", "style": {"code": True}}]},
        ]},
        {"type": "rich_text_quote", "elements": [{"type": "text", "text": "quote", "style": {"strike": True}}]},
        {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x\n/y"}]},
    ]  # fmt: skip
