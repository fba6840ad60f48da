"""Whatever comes from Slack, GitLab does nothing of it, and people read what was written."""

from __future__ import annotations

import re
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.markdown import Nameless, Said, SharedFile, from_markdown, from_slack, mark_of, marked, quote, title
from bot.markdown.mrkdwn import read_mrkdwn
from bot.markdown.settling import settled
from bot.markdown.tree import Part, visible
from bot.markdown.writing import written
from sandbox.gitlab import mentions, quick_actions
from tests.unit.markdown import gitlab_eyes, shapes

#: Only what Slack shows as formatting may be formatting in GitLab.
NEVER = {"html_inline", "html_block", "image", "heading_open", "hr", "table_open", "code_block"}
SOMEBODY = Nameless()


def check(text: str) -> None:
    assert gitlab_eyes.quick_actions(text) == []
    assert gitlab_eyes.mentions(text) == []
    assert gitlab_eyes.references(text) == []
    assert not quick_actions.extract(text)[1]
    assert not mentions.mentioned(text)
    assert not gitlab_eyes.kinds(text) & NEVER
    assert not re.search(
        "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", text
    )
    assert mark_of(text) is None


@settings(deadline=None)
@given(shapes.documents)
def test_parts_are_written_so_that_nothing_acts(parts: list[Part]) -> None:
    """No quick action, mention, reference, HTML, image, heading, rule or table comes out of any parts."""
    check(written(settled(parts)))


@settings(deadline=None)
@given(shapes.documents)
def test_all_that_was_written_is_shown(parts: list[Part]) -> None:
    """The page in GitLab shows the same words, for whoever looks at the text after its blanks."""
    kept = settled(parts)
    assert gitlab_eyes.shown(written(kept)) == re.sub(r"[\s\u2060]", "", visible(kept))


@settings(deadline=None)
@example("*iteration:1<details>*&#64;all")
@given(shapes.hostile)
def test_text_from_slack_does_nothing(text: str) -> None:
    """Any text in mrkdwn is harmless, and read without an error."""
    check(from_slack(text, names=SOMEBODY))


@settings(deadline=None)
@given(shapes.hostile)
def test_markdown_from_a_form_does_nothing(text: str) -> None:
    """Markdown that somebody typed is harmless as well."""
    check(from_markdown(text, base=""))


@settings(deadline=None)
@given(shapes.hostile)
def test_working_references_are_all_that_works(text: str) -> None:
    """Where references are asked for, there is still no quick action, mention or HTML."""
    made = from_slack(text, names=SOMEBODY, references=True)
    assert gitlab_eyes.quick_actions(made) == gitlab_eyes.mentions(made) == []
    assert not gitlab_eyes.kinds(made) & NEVER
    assert all(found[0] in "#!" for found in gitlab_eyes.references(made))


@settings(deadline=None)
@given(shapes.blocks, shapes.hostile, shapes.attachments)
def test_blocks_from_slack_do_nothing(blocks: Any, text: str, attachments: Any) -> None:
    """Any blocks and attachments are harmless, also those that Slack would never send."""
    check(from_slack(text, blocks, names=SOMEBODY, attachments=attachments))


@settings(deadline=None)
@given(
    st.lists(st.tuples(shapes.hostile, shapes.blocks, shapes.lines), min_size=1, max_size=3),
    st.integers(0, 600),
)
def test_a_quote_does_nothing_and_fits(said: list[tuple[str, Any, str]], limit: int) -> None:
    """A discussion is harmless and no longer than its limit, but for the sentence about what is left out."""
    messages = [
        Said(f"{n}.{n}", name, text, blocks, (), (SharedFile("F1", name, name),), name, "0.0", name)
        for n, (text, blocks, name) in enumerate(said)
    ]  # fmt: skip
    told = quote(messages, names=SOMEBODY, limit=limit)
    check(told)
    assert len(told) <= max(limit, 80)
    assert mark_of(marked(told, "v1 m=12")) == "v1 m=12"


@settings(deadline=None)
@given(shapes.hostile, st.integers(1, 300))
def test_a_title_is_one_harmless_line(text: str, limit: int) -> None:
    """A title fits, has one line, calls nobody and is no quick action."""
    made = title(text, limit=limit)
    assert len(made) <= limit
    assert not re.search("[\x00-\x1f\x7f-\x9f\u2028\u202e]", made)
    assert not made.startswith("/")
    assert not gitlab_eyes.MENTION.search(made)
    assert not gitlab_eyes.REFERENCES.search(made)


@settings(deadline=None)
@given(shapes.hostile)
def test_reading_a_text_a_second_time_changes_nothing(text: str) -> None:
    """Parts that are settled stay as they are."""
    once = read_mrkdwn(text, SOMEBODY)
    assert settled(once) == once


@settings(deadline=None)
@given(shapes.documents)
def test_settled_parts_stay(parts: list[Part]) -> None:
    """There is one form of everything."""
    once = settled(parts)
    assert settled(once) == once
