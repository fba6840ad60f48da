"""What a message from Slack becomes in GitLab, example by example."""

from __future__ import annotations

from typing import Any

import pytest

from bot.markdown import Nameless, from_markdown, from_slack, title
from bot.markdown.letters import JOINER
from tests.fixtures.slack_samples import sample
from tests.unit.markdown.company import NAMES

Block = dict[str, Any]


def rich(*elements: Block) -> list[Block]:
    return [{"type": "rich_text", "block_id": "b1", "elements": list(elements)}]


def section(*elements: Block) -> Block:
    return {"type": "rich_text_section", "elements": list(elements)}


def text(words: str, **style: bool) -> Block:
    return {"type": "text", "text": words} | ({"style": style} if style else {})


def bullets(*items: str, style: str = "bullet", **more: int) -> Block:
    return {
        "type": "rich_text_list",
        "style": style,
        "elements": [section(text(item)) for item in items],
        **more,
    }


def converted(raw: str, blocks: list[Block] | None = None, *, references: bool = False) -> str:
    """The Markdown, with the invisible joiner as a dot that shows."""
    return from_slack(raw, blocks or (), names=NAMES, references=references).replace(JOINER, "·")


@pytest.mark.parametrize(
    ("raw", "markdown"),
    [
        ("*bold* _it_ ~gone~ `code`", "**bold** *it* ~~gone~~ `code`"),
        ("*_both_* a*b*c snake_case **no** 2 * 3", "***both*** a\\*b\\*c snake_case \\*\\*no\\*\\* 2 \\* 3"),
        ("one\ntwo\n\n\nthree", "one\\\ntwo\n\nthree"),
        ("&gt; said\n&gt; so\nno", "> said\\\n> so\n\nno"),
        ("&gt;&gt;&gt; all\nof it", "> all\\\n> of it"),
        ("• one\n    ◦ deep\n• two", "- one\n  - deep\n- two"),
        ("3. three\n4. four", "3. three\n4. four"),
        ("see ```a &lt; b\n`x` ``` end", "see\n\n```\na < b\n`x` \n```\n\nend"),
        ("a ``` b", "a \\`\\`\\` b"),
        ("<https://a.b/?x=1&amp;y=2|the *job*>", "[the \\*job\\*](https://a.b/?x=1&y=2)"),
        ("<https://a.b/x_(y)> https://a.b/c_d.", "<https://a.b/x_(y)> <https://a.b/c_d>."),
        ("<mailto:a@b.c|a@b.c>", "[a@b.c](mailto:a@b.c)"),
        ("<slack://app?x|the app> <tel:+49|call>", "the app call"),
        ("<https://me:secret@a.b|here>", "here"),
        ("<@U0ALICE001> <@U9|nick> <@U9>", "@·Alice Ito @·nick @·U9"),
        ("<@U0EVE00001>", "@·all /close \\*x\\*"),
        ("<#C0OPS00001|> <#C9|2024-plan> <!subteam^S0ONCALL01>", "#·ops #·2024-plan @·oncall"),
        ("<!subteam^S9|@team> <!subteam^S9>", "@·team @·S9"),
        ("<!channel> <!here|here> <!everyone>", "@·channel @·here @·everyone"),
        ("<!date^1763651000^{date_short}|20 Nov> <!date^1763651000^{time}>", "20 Nov 1763651000"),
        (":tada: :white_check_mark: :our_own:", "🎉 ✅ :our_own:"),
        ("`<https://a.b|x> <@U0ALICE001>`", "`x @·Alice Ito`"),
    ],
)  # fmt: skip
def test_mrkdwn_becomes_markdown(raw: str, markdown: str) -> None:
    """What Slack shows formatted is formatted, what it shows as text is text."""
    assert converted(raw) == markdown


@pytest.mark.parametrize(
    ("raw", "markdown"),
    [
        ("/close\n  /assign @all\n&gt; /confidential", "\\/close\\\n&nbsp;&nbsp;\\/assign @·all\n\n> \\/confidential"),
        ("• /close\n1. /close", "- \\/close\n\n1. \\/close"),
        ("```\n/close\n  /label\n```", " ```\n /close\n   /label\n ```"),
        ("@all, @acme/ops: mail a@b.c about pkg@1.2", "@·all, @·acme/ops: mail a@b.c about pkg@1.2"),
        ("#12 !34 a/b#1 GL-12", "\\#12 \\!34 a/b\\#1 GL-·12"),
        ("~bug %v1 $12 &amp;3 ^alert#1 100% a &amp; b", "\\~bug \\%v1 \\$12 \\&3 \\^alert\\#1 100% a & b"),
        ("[vulnerability:1] [[wiki]] [TOC]", "\\[·vulnerability:1] \\[·\\[wiki]] \\[·TOC]"),
        ("[x](two words)", "\\[x]·(two words)"),
        ("![x](https://a.b/c.png)", "\\!\\[x]·(<https://a.b/c.png>)"),
        ("&lt;details&gt; &lt;!-- signalbox v1 --&gt; 1 &lt; 2", "\\<details> \\<!-- signalbox v1 --> 1 < 2"),
        ("# head\n---\n===\n- - x\n+ y\n1) z", "\\# head\\\n\\---\\\n\\===\n\n- \\- x\n\n\\+ y\\\n1\\) z"),
        ("|a|b|\n|-|-|", "|a|b|\\\n\\|-|-|"),
        ("smb://host/x javascript:alert(1)", "smb:·//host/x javascript:alert(1)"),
        ("a\u202eb\u200bc\x00d\re", "abcd\\\ne"),
        ("&amp;#64;all &amp;commat;all", "\\&\\#64;all \\&commat;all"),
        ("{+ added +} [- gone -]", "{·+ added +} \\[·- gone -]"),
    ],
)  # fmt: skip
def test_what_gitlab_would_act_on_is_text(raw: str, markdown: str) -> None:
    """Quick actions, mentions, references, images, HTML and blocks are shown and do nothing."""
    assert converted(raw) == markdown


def test_references_work_where_they_are_asked_for() -> None:
    """Issues and merge requests can stay links; a channel with a number for a name is none."""
    assert (
        converted("fixes #12 and a/b!34, ~bug <#C9|12>", references=True)
        == "fixes #12 and a/b!34, \\~bug #·12"
    )


def test_blocks_count_more_than_the_text() -> None:
    """Rich text tells what Slack shows; the text beside it is a copy."""
    blocks = rich(section(text("a < b & *c* "), text("d", bold=True, code=True), text("/e\n/f")))
    assert converted("other", blocks) == "a < b & \\*c\\* **`d`**/e\\\n\\/f"
    assert converted("the *text*", [{"type": "divider"}]) == "the **text**"
    assert converted("the *text*", [{"type": "rich_text", "elements": None}]) == "the **text**"


def test_every_element_of_rich_text_is_shown() -> None:
    """Mentions, emoji, dates, links, colours and broadcasts become words."""
    blocks = rich(
        section(
            {"type": "user", "user_id": "U0ALICE001"}, text(" "),
            {"type": "channel", "channel_id": "C0OPS00001"}, text(" "),
            {"type": "usergroup", "usergroup_id": "S0ONCALL01"}, text(" "),
            {"type": "broadcast", "range": "here"}, text(" "),
            {"type": "emoji", "name": "thumbsup", "unicode": "1f44d-1f3fc"},
            {"type": "emoji", "name": "own"}, text(" "),
            {"type": "link", "url": "https://a.b/", "text": "job", "style": {"italic": True}}, text(" "),
            {"type": "date", "timestamp": 1763651000, "format": "{date}", "fallback": "20 Nov"}, text(" "),
            {"type": "date", "timestamp": 1763651000, "format": "{date}"}, text(" "),
            {"type": "color", "value": "#ff0000"},
        )
    )  # fmt: skip
    assert converted("", blocks) == (
        "@·Alice Ito #·ops @·oncall @·here 👍🏼:own: *[job](https://a.b/)* 20 Nov 2025-11-20 15:03 UTC #ff0000"
    )


def test_lists_keep_their_depth_and_numbers() -> None:
    """Lists nest as in Slack, and an ordered one goes on counting after a deeper one."""
    blocks = rich(
        section(text("Steps:\n")),
        bullets("one", style="ordered"),
        bullets("a", "b", indent=1),
        bullets("c", indent=2),
        bullets("two\nlines", style="ordered", offset=1),
        section(text("\ndone")),
    )
    assert converted("", blocks) == ("Steps:\n\n1. one\n   - a\n   - b\n     - c\n2. two\\\n   lines\n\ndone")


def test_quotes_and_code_keep_together() -> None:
    """A quote holds lists and code where Slack draws its border, and no fence ends too early."""
    quote = {"type": "rich_text_quote", "elements": [text("said\n\nso")]}
    code = {
        "type": "rich_text_preformatted",
        "language": "python",
        "border": 0,
        "elements": [text("```\n/x\n```")],
    }
    drawn = {"type": "rich_text_preformatted", "language": "mermaid", "elements": [text("graph TD\n")]}
    assert converted("", rich(quote, bullets("a", border=1), code, drawn)) == (
        "> said\n>\n> so\n>\n> - a\n\n ````python\n ```\n /x\n ```\n ````\n\n```\ngraph TD\n```"
    )


def test_messages_of_apps_are_read() -> None:
    """Headers, sections, fields, contexts and images of apps are text, and their buttons are nothing."""
    blocks: list[Block] = [
        {"type": "header", "text": {"type": "plain_text", "text": "*Down*"}},
        {"type": "section", "text": {"type": "mrkdwn", "text": "*API* <!channel>"},
         "fields": [{"type": "plain_text", "text": "_raw_"}, {"type": "mrkdwn", "text": "_it_"}]},
        {"type": "context", "elements": [{"type": "image", "image_url": "https://a.b/c.png", "alt_text": "graph"}]},
        {"type": "image", "image_url": "nowhere", "alt_text": "alt"},
        {"type": "markdown", "text": "## Head\n- **b** @all"},
        {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_number", "value": 1}],
                                   [{"type": "rich_text", "elements": [section(text("long", bold=True))]}]]},
        {"type": "actions", "elements": [{"type": "button", "text": {"type": "plain_text", "text": "Do"}}]},
    ]  # fmt: skip
    assert converted("", blocks) == (
        "**\\*Down\\***\n\n**API** @·channel\n\n\\_raw\\_\n\n*it*\n\n[graph](https://a.b/c.png)\n\nalt\n\n"
        "**Head**\n\n- **b** @·all\n\n```\na    | 1\n-----+--\nlong\n```"
    )


def test_attachments_are_read_but_no_previews() -> None:
    """What older apps attach is shown; what Slack unfolds of links is not."""
    attachments = [
        {"pretext": "*new*", "title": "Alert", "title_link": "https://a.b/", "text": "api",
         "fields": [{"title": "Host", "value": "`db1`"}], "fallback": "no"},
        {"fallback": "only this"},
        {"from_url": "https://a.b/", "title": "preview"},
        "none",
    ]  # fmt: skip
    assert from_slack("", names=NAMES, attachments=attachments) == (  # type: ignore[arg-type]  # as it may come
        "**new**\n\n**[Alert](https://a.b/)**\n\napi\n\n**Host:**\n\n`db1`\n\nonly this"
    )


@pytest.mark.parametrize(
    ("name", "markdown"),
    [
        ("events/message_channel", "hello"),
        ("events/message_file_share", "see graph"),
        ("events/message_thread_broadcast", "fixed"),
        ("events/message_im_slashlike_text", None),
        ("events/message_bot_message_classic", "**\\[·FIRING:1] HighLatency**\n\napi"),
        ("events/message_attachments_only", "shared"),
    ],
)
def test_messages_as_slack_sends_them_are_read(name: str, markdown: str | None) -> None:
    """The recorded messages of people and apps come through."""
    event = sample(name)["payload"]["event"]
    made = from_slack(
        event["text"], event.get("blocks", ()), names=NAMES, attachments=event.get("attachments", ())
    ).replace(JOINER, "·")
    assert made.lstrip("\\&nbsp;") == event["text"].strip() if markdown is None else made == markdown


@pytest.mark.parametrize(
    ("raw", "made"),
    [
        ("Fix *all* the `things`", "Fix all the things"),
        ("  two\nlines\t&amp; more ", "two lines & more"),
        ("/close the gap", "·/close the gap"),
        ("ask <@U0ALICE001>, @all and a@b.c", "ask @·Alice Ito, @·all and a@b.c"),
        ("like #12, !3, GL-4, ~bug and 100%", "like #·12, !·3, GL-·4, ~·bug and 100%"),
        ("\u202eevil\u200b \x07<!channel>", "evil @·channel"),
        ("   \n", ""),
    ],
)
def test_a_title_is_plain(raw: str, made: str) -> None:
    """GitLab shows titles as they are, so nothing is escaped; only what would call or link is broken."""
    assert title(raw, names=NAMES).replace(JOINER, "·") == made


@pytest.mark.parametrize(
    ("typed", "markdown"),
    [
        ("## Head\n**b** _i_ <b>x</b>", "**Head**\n\n**b** *i* **x**"),
        ("1. a\n   - [x] b", "1. a\n   - ☑ b"),
        ("![x](/uploads/1f/x.png) [y](https://a.b)", "[x](https://gitlab.example.com/a/b/uploads/1f/x.png) [y](https://a.b)"),
        ("/close\n@all #12", "\\/close @·all \\#12"),
        ("a < b\n\n/label ~x\n<!-- signalbox v1 -->", "a < b\n\n\\/label \\~x"),
    ],
)  # fmt: skip
def test_markdown_typed_on_purpose_keeps_its_looks(typed: str, markdown: str) -> None:
    """What is typed as Markdown in a form is formatted, and as harmless as what comes from Slack."""
    made = from_markdown(typed, base="https://gitlab.example.com/a/b")
    assert made.replace(JOINER, "·") == markdown


def test_a_title_fits_gitlab() -> None:
    """At most 255 characters, and not half an emoji; references stay where they are asked for."""
    assert len(title("x" * 1000)) == 255
    assert title("👩‍🚀" * 200, names=Nameless())[-2:] == "🚀…"
    assert title("after #12", references=True) == "after #12"
