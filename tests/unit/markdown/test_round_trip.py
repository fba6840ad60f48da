"""What came from Slack to GitLab looks in Slack again as it did."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from hypothesis import given, settings

from bot.markdown import Nameless
from bot.markdown.blocks import read_blocks
from bot.markdown.emoji import with_characters
from bot.markdown.letters import JOINER
from bot.markdown.links import usable
from bot.markdown.mrkdwn import read_mrkdwn
from bot.markdown.reading import read_markdown
from bot.markdown.settling import settled
from bot.markdown.tree import Listing, Paragraph, Part, Span
from bot.markdown.writing import LANGUAGES, written
from bot.text import web_link
from tests.unit.markdown import shapes


def shown(spans: Iterable[Span]) -> tuple[Span, ...]:
    return tuple(one for span in spans for one in _shown(span))


def _shown(span: Span) -> Iterator[Span]:
    """A span without what is invisible; a link whose words name another host says its own, too."""
    text = span.text.replace(JOINER, "")
    text = text if span.code else with_characters(text)
    yield replace(span, text=text)
    if span.url and usable(text) != span.url and not span.url.startswith("mailto:"):
        named = web_link(span.url, text)
        assert named is not None
        yield replace(span, text=named.label.removeprefix(text.strip()), code=False)


def without_joiners(part: Part) -> Part:
    if isinstance(part, Paragraph):
        return replace(part, spans=shown(part.spans))
    if isinstance(part, Listing):
        return replace(part, items=tuple(map(shown, part.items)))
    return replace(part, language=part.language if part.language in LANGUAGES else "")


def check(parts: tuple[Part, ...]) -> None:
    expected = settled(map(without_joiners, parts))
    assert read_markdown(written(parts), "") == expected


@settings(deadline=None)
@given(shapes.documents)
def test_parts_come_back(parts: list[Part]) -> None:
    """Words, styles, links, lists, quotes and code are read as they were written."""
    check(settled(parts))


@settings(deadline=None)
@given(shapes.hostile)
def test_mrkdwn_comes_back(text: str) -> None:
    """A text from Slack is shown in Slack as it was."""
    check(read_mrkdwn(text, Nameless()))


@settings(deadline=None)
@given(shapes.blocks)
def test_blocks_come_back(blocks: Any) -> None:
    """The blocks of a message are shown in Slack as they were."""
    check(read_blocks(blocks, Nameless()))
