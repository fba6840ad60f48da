"""The sandbox's GitLab protects no text that CommonMark does not."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sandbox.gitlab.mentions import mentioned
from sandbox.gitlab.quick_actions import extract

READER = MarkdownIt("commonmark")
PIECES = (
    "/close",
    "@all",
    "words",
    "",
    "",
    " ",
    "```",
    "````",
    "``` text",
    "~~~",
    "   ```",
    "    ```",
    "    @all",
    "\t/close",
    "<!-- mark",
    "<!-- mark -->",
    "-->",
    "<details>",
    "</details>",
    "<details><summary>",
    "<https://gitlab.example.com>",
    "> said",
    "- item",
    "\\/close",
    "# title",
    "---",
)
TEXTS = st.lists(st.sampled_from(PIECES), max_size=10).map("\n".join)


def free(text: str) -> list[str]:
    """The lines that stand in a paragraph by themselves, in no list and no quote."""
    tokens, lines = READER.parse(text), text.split("\n")
    spans = [
        token.map for token in tokens if token.type == "paragraph_open" and token.level == 0 and token.map
    ]
    return [line for first, end in spans for line in lines[first:end]]


@given(TEXTS)
def test_what_commonmark_reads_as_words_is_run(text: str) -> None:
    """Every action in a paragraph is found: whoever escapes text for the sandbox has escaped it for GitLab."""
    _, actions = extract(text)
    assert len(actions) >= free(text).count("/close")


@given(TEXTS)
def test_names_in_paragraphs_get_mail(text: str) -> None:
    """Every name in a paragraph counts."""
    assert "all" in mentioned(text) or "@all" not in free(text)
