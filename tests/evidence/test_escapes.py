"""CVE-2022-0124, gitlab#340176: a title broke out of its link in GitLab's own notifications. Here no words do."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bot.model import Message
from bot.text import escape
from sandbox.slack.blockkit import problems_of
from tests.evidence.drawing import CORPUS, HOME, drawings, drawn, texts

#: Marks that are ours: a moment in the reader's time, a person or channel by Slack's id, a link to GitLab's own page.
_OURS = re.compile(
    r"<!date\^\d+\^(?:\{date_short_pretty\} )?\{time\}\|[\d :-]+ UTC>|<@U0ALICE001>|<#C0OPS00001>"
    r"|<!date\^\d+\^\{ago\}\|since [\d :-]+ UTC>"
    r"|<!subteam\^S0LEADS001>"
    r"|<https://gitlab\.example\.com[^<>|\s]*\|(?P<label>[^<>]*)>"
)
#: What stands in every text that Slack reads, once our own marks are gone.
_ESCAPED = re.compile(r"(?:[^<>&]|&(?:amp|lt|gt);)*", re.DOTALL)
PLAIN = frozenset(
    {"plain_text", "text", "rich_text", "rich_text_section", "rich_text_preformatted", "rich_text_quote"}
)


def harmless(message: Message) -> None:
    """Fails if a text of the message links, calls or formats anything that is not the bot's own doing."""
    _escaped(message.text)
    for one in texts(list(message.blocks)):
        kind = one["type"]
        if kind == "mrkdwn":
            assert one["verbatim"] is True, one
            _escaped(one["text"])
        elif kind == "link":
            assert one["url"].startswith(("https://gitlab.example.com/", HOME)) or _shown(
                one["text"], one["url"]
            ), one
        elif kind in {"user", "usergroup"}:
            assert one.get("user_id", one.get("usergroup_id")) in {"U0ALICE001", "S0LEADS001"}
        else:
            assert kind not in {"broadcast", "markdown", "image"}, one
            assert kind in PLAIN or not isinstance(one.get("text"), str), one


def _escaped(text: str) -> None:
    assert _ESCAPED.fullmatch(_without_ours(text)), text


def _without_ours(text: str) -> str:
    """The text with nothing left of our own marks but the labels of links."""
    return _OURS.sub(lambda found: found["label"] or "", text)


def _shown(label: str, url: str) -> bool:
    """Whether a link that a job's author wrote into its reply says where it leads, as text.py has it."""
    return (
        label == url
        or (url.split("/")[2] if "//" in url else url.partition(":")[2]) in label
        or not re.search(r"gitlab|\.[a-z]{2,}", label, re.IGNORECASE)
    )


@pytest.mark.parametrize("name", sorted(drawings()))
@settings(
    max_examples=15,
    phases=(Phase.generate,),
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=True,
)
@given(data=st.data())
def test_cve_2022_0124_no_drawing_lets_words_out(name: str, data: st.DataObject) -> None:
    """Whatever GitLab, a job or a person calls a thing, every drawing shows it and none of it does anything."""
    message = data.draw(drawn(drawings()[name]))
    harmless(message)
    assert problems_of(list(message.blocks)) == []


def test_cve_2022_0124_the_drawings_are_all_there() -> None:
    """The test above draws what the commands and the doors draw: cards, letters, whispers and forms."""
    assert {"job.card", "lock.card", "access.card", "ladder.halted", "reply.reply", "audit.trail", "connect.token_form",
            "approval.rejection", "whoami.shown", "lists.jobs", "answers.problem"} <= drawings().keys()  # fmt: skip
    assert len(drawings()) > 30


@pytest.mark.parametrize("text", [one for one in CORPUS if re.search("[<>&]", one)])
def test_cve_2022_0124_the_corpus_would_be_found(text: str) -> None:
    """The look that finds nothing finds each of these when it is not escaped, and nothing once it is."""
    _escaped(escape(text))
    if not _ESCAPED.fullmatch(_without_ours(text)):
        with pytest.raises(AssertionError):
            harmless(Message(text))
