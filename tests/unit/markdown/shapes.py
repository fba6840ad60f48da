"""Hostile and ordinary texts, spans, parts and blocks, for the properties of both directions."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from bot.markdown.letters import cleaned
from bot.markdown.links import usable
from bot.markdown.tree import Listing, Paragraph, Part, Preformatted, Span

NASTY = [
    "/close", "\n/assign @all", "  /label ~x", "> /close", "- /close", "1. /x", "@alice", "@all", "@acme/ops", "a@b.c",
    "#12", "!34", "GL-12", "~bug", "%m1", "$12", "&3", "[vulnerability:1]", '["contact:a', "*iteration:1", "^alert#1",
    "<details>", "<!-- signalbox x -->", "<b>", "&amp;", "&#64;all", "&commat;all", "<!channel>", "<@U0ALICE001>",
    "![x](https://a.b/c.png)", "[x](y z)", "](", "![", "[[wiki]]", "[^1]", "[ ] do", "# head", "---", "===", "***",
    "+++", ";;;", "```", "~~~", "`", "``", "~~", "**", "__", "_", "*", "\\", "|a|b|", "|-|-|", "-|-", ": term", ">>>",
    "> q", "- i", "* i", "1) x", "{+ a +}", "[- b -]", "$$", ":tada:", "https://a.b/c_d(e)", "http://u:p@h.i/",
    "javascript:x", "smb://h/x", "\t", "    ", "\u202e", "\u200b", "\x00", "\r", "\u2028", "&lt;b&gt;", "::include{x}",
    "é", "漢", "\U0001f44d", "€", "1", " ", "\n", "\n\n", "word", "(", ")", "!", "?",
]  # fmt: skip
INLINE = ["text", "link", "emoji", "user", "channel", "usergroup", "broadcast", "date", "color", "x"]

hostile = st.lists(st.sampled_from(NASTY) | st.text(max_size=4), max_size=12).map("".join)
lines = hostile.map(lambda text: text.replace("\n", " "))

urls = st.sampled_from(
    [
        "https://gitlab.example.com/a/b",
        "http://h.i:8080/a_(b)?x=1&copy;=2#y",
        "mailto:a@b.c",
        "https://x.y/a*b_c~d",
    ]
).map(usable)
spans = st.builds(
    Span,
    text=hostile.map(cleaned),
    bold=st.booleans(),
    italic=st.booleans(),
    strike=st.booleans(),
    code=st.booleans(),
    url=st.just("") | st.just("") | urls,
)
some = st.lists(spans, max_size=4).map(tuple)
parts: st.SearchStrategy[Part] = st.one_of(
    st.builds(Paragraph, some, st.booleans()),
    st.builds(
        Listing,
        st.lists(some, min_size=1, max_size=3).map(tuple),
        st.booleans(),
        st.integers(1, 12),
        st.integers(0, 4),
        st.booleans(),
    ),
    st.builds(Preformatted, hostile.map(cleaned), st.sampled_from(["", "python", "mermaid"]), st.booleans()),
)
documents = st.lists(parts, max_size=5)

json: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | hostile | st.binary(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
style = st.dictionaries(st.sampled_from(["bold", "italic", "strike", "code"]), st.booleans()) | json
inline = st.fixed_dictionaries(
    {"type": st.sampled_from(INLINE)},
    optional={
        "text": hostile | json, "url": urls | hostile | json, "name": hostile | json, "unicode": hostile | json,
        "user_id": hostile | json, "channel_id": hostile, "usergroup_id": hostile, "range": hostile | json,
        "timestamp": st.integers() | json, "fallback": hostile | json, "value": hostile, "style": style,
    },
)  # fmt: skip
containers = st.fixed_dictionaries(
    {
        "type": st.sampled_from(
            ["rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"]
        ),
        "elements": st.lists(inline, max_size=4) | json,
    },
    optional={"indent": st.integers(-1, 12) | json, "style": st.sampled_from(["ordered", "bullet"]), "border": json,
              "offset": st.integers() | json, "language": hostile | json},
)  # fmt: skip
lists = st.fixed_dictionaries(
    {
        "type": st.just("rich_text_list"),
        "style": st.sampled_from(["ordered", "bullet"]),
        "indent": st.integers(0, 9),
        "elements": st.lists(
            st.fixed_dictionaries(
                {"type": st.just("rich_text_section"), "elements": st.lists(inline, max_size=3)}
            ),
            max_size=3,
        ),
    }
)
texts = st.fixed_dictionaries({"type": st.sampled_from(["mrkdwn", "plain_text"]), "text": hostile}) | json
cells = st.fixed_dictionaries(
    {"type": st.sampled_from(["raw_text", "raw_number", "rich_text"])},
    optional={"text": hostile, "value": json, "elements": st.lists(containers, max_size=2)},
)
blocks = st.lists(
    st.fixed_dictionaries({"type": st.just("rich_text"), "elements": st.lists(containers | lists, max_size=4) | json})
    | st.fixed_dictionaries({"type": st.sampled_from(["section", "header", "image"])},
                            optional={"text": texts, "fields": st.lists(texts), "image_url": urls, "alt_text": hostile})
    | st.fixed_dictionaries({"type": st.just("context"), "elements": st.lists(texts, max_size=3)})
    | st.fixed_dictionaries({"type": st.just("markdown"), "text": hostile})
    | st.fixed_dictionaries({"type": st.just("table"), "rows": st.lists(st.lists(cells, max_size=3) | json)})
    | json,
    max_size=4,
)  # fmt: skip
attachments = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "pretext": hostile | json, "title": hostile | json, "title_link": urls | json, "text": hostile | json,
            "fields": st.lists(st.fixed_dictionaries({"title": hostile, "value": hostile}), max_size=2) | json,
            "blocks": blocks, "fallback": hostile | json,
        },
    )
    | json,
    max_size=2,
)  # fmt: skip
