"""One message from Slack as a comment of its own in GitLab."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.markdown import (
    Said,
    SharedFile,
    answering,
    copied,
    file_link,
    files_in,
    heading,
    mark_of,
    place_of,
    remark,
    with_files,
)
from bot.markdown.letters import JOINER
from sandbox.gitlab import mentions, quick_actions
from tests.unit.markdown import gitlab_eyes, shapes
from tests.unit.markdown.company import NAMES

LINK = "https://acme-dev.slack.com/archives/C0OPS00001/p1763649000000500"
SAID = Said("1763649000.000500", "U0ALICE001", "prod is *on fire* <@U0BOB00001>", permalink=LINK)


def copy(said: Said, author: str = "Alice (Slack)", handle: str = "", limit: int = 900_000) -> str:
    return copied(said, author, handle, names=NAMES, limit=limit)


def test_who_when_where_and_what() -> None:
    """The first line says the first three, the words stand below it."""
    assert copy(SAID).replace(JOINER, "·").split("\n") == [
        f"**Alice (Slack)** · [2025-11-20 14:30:00 UTC]({LINK})",
        "",
        "prod is **on fire** @·bob",
    ]


def test_an_account_is_named_and_not_called() -> None:
    """The name in GitLab is code, so that nobody gets mail for it."""
    body = copy(SAID, handle="alice")
    assert body.startswith("**`alice`** · [")
    assert gitlab_eyes.mentions(body) == mentions.mentioned(body) == []


def test_files_have_places() -> None:
    """Until it is known what GitLab calls them; one that is not known leaves nothing."""
    files = (SharedFile("F1", "graph.png"), SharedFile("F2", "x.log"))
    body = copy(Said(SAID.ts, SAID.author, "see", files=files))
    assert files_in(body) == ["F1", "F2"]
    filled = with_files(body, {"F1": "![graph](/uploads/1f/graph.png)\n/close"})
    assert filled.endswith("see\n\n![graph](/uploads/1f/graph.png) /close")
    assert files_in(filled) == []


def test_nobody_can_write_a_place() -> None:
    """What looks like one in a message, even in code, is none."""
    text = f"{place_of('F1')}\n```\n{place_of('F1')}\n```\n> {place_of('F1')}\n`{place_of('F1')}`"
    assert files_in(copy(Said(SAID.ts, SAID.author, text))) == []


def test_a_long_message_is_cut() -> None:
    """Between its parts, with a link to the rest."""
    body = copy(Said(SAID.ts, SAID.author, "```" + "x_\n" * 2000 + "```last", permalink=LINK), limit=2000)
    assert len(body) < 2_300
    assert f"more characters in Slack]({LINK})" in body
    assert gitlab_eyes.kinds(body) >= {"fence"}


def test_twelve_thousand_characters() -> None:
    """A message as long as people write them is not cut, whatever is in it."""
    text = ("é漢👍 *bold* `code` <https://a.b/c|link> :tada:\n• item\n```{ 'x': 1 }```\n" * 200)[:12_000]
    body = copy(Said(SAID.ts, SAID.author, text))
    assert "more characters" not in body
    assert body.count("👍") == text.count("👍")
    assert quick_actions.extract(body)[1] == ()


def test_lines_of_ours() -> None:
    """A remark, an answer and a link are lines in which nothing acts."""
    assert remark("Deleted in Slack at noon") == "*Deleted in Slack at noon*"
    assert answering("An answer", "https://gitlab.example.com/x#note_1") == (
        "↳ [An answer](https://gitlab.example.com/x#note_1)"
    )
    assert file_link("a [log].txt\n/close", LINK, "60 MB") == f"📎 [a \\[log\\].txt /close]({LINK}) *(60 MB)*"
    assert file_link("", "", "") == "📎 a file"


@given(shapes.hostile, shapes.blocks, shapes.attachments, shapes.hostile, st.booleans())
def test_a_copy_does_nothing(text: str, blocks: object, attachments: object, name: str, linked: bool) -> None:
    """Whatever was said, by whomever: no quick action, no mention, no place of a file, no mark."""
    said = Said(SAID.ts, name, text, blocks, attachments, permalink=LINK)  # type: ignore[arg-type]  # hostile
    body = copy(said, f"{name} (Slack)", "alice" if linked else "")
    assert gitlab_eyes.quick_actions(body) == []
    assert gitlab_eyes.mentions(body) == []
    assert quick_actions.extract(body)[1] == ()
    assert mentions.mentioned(body) == []
    assert files_in(body) == []
    assert mark_of(body) is None
    assert heading(f"{name} (Slack)", "", SAID.at, LINK).count("\n") == 0
