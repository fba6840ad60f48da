"""Secrets of the configuration: where they come from, and that no sentence shows one."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.config import parse
from bot.errors import ConfigError
from tests.unit.test_config import MINIMAL, changed, mistakes, read


def test_secrets() -> None:
    """The configuration knows every secret it holds, and shows none when it is printed."""
    config = read('[projects."a/b"]\nchat_token = "chat-secret"\n')
    assert config.secrets() == {"xoxb-1-secret", "xapp-1-secret", "glpat-secret", "chat-secret"}
    assert "secret" not in repr(config)


def test_secret_from_environment() -> None:
    """env:NAME reads a secret from the environment handed in."""
    text = MINIMAL.replace("xoxb-1-secret", "env:BOT")
    assert parse(text, {"BOT": "xoxb-9\n"}, Path("/")).slack.bot_token == "xoxb-9"
    (sentence,) = mistakes(text)
    assert "slack.bot_token" in sentence
    assert "BOT" in sentence


def test_secret_from_file(tmp_path: Path) -> None:
    """file:PATH reads a secret from a file beside the configuration, without its last newline."""
    (tmp_path / "token").write_text("xoxb-9\r\n")
    text = MINIMAL.replace("xoxb-1-secret", "file:token")
    assert parse(text, {}, tmp_path).slack.bot_token == "xoxb-9"


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_secret_from_bad_file(tmp_path: Path, content: bytes | None) -> None:
    """A secret file that is missing, empty or not text is named together with its key."""
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    with pytest.raises(ConfigError, match=r"slack\.bot_token .*token"):
        parse(MINIMAL.replace("xoxb-1-secret", "file:token"), {}, tmp_path)


def test_missing_tokens_are_all_told() -> None:
    """Every missing token is told at once, one sentence a line, each with where to find it."""
    sentences = mistakes("")
    assert [each.split()[0] for each in sentences] == ["slack.bot_token", "slack.app_token", "gitlab.token"]
    assert all("is missing" in each for each in sentences)


def test_swapped_tokens() -> None:
    """Slack's two tokens in each other's place are recognised by their beginning."""
    text = MINIMAL.replace("xoxb", "x").replace("xapp", "xoxb").replace('"x-', '"xapp-')
    bot, app = mistakes(text)
    assert bot.startswith("slack.bot_token holds a Slack app-level token, which belongs at slack.app_token.")
    assert app.startswith("slack.app_token holds a Slack bot token, which belongs at slack.bot_token.")


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ("xoxb-1-secret", "nonsense-secret", "slack.bot_token"),
        ("xoxb-1-secret", "xoxe.xoxb-secret", "slack.bot_token"),
        ("xoxb-1-secret", "xoxb-secret…", "slack.bot_token"),
        ("xoxb-1-secret", "xoxb-secret with blank", "slack.bot_token"),
        ("glpat-secret", "glptt-secret", "gitlab.token"),
        ("glpat-secret", "xoxb-secret", "gitlab.token"),
    ],
)
def test_wrong_kind_of_token(old: str, new: str, key: str) -> None:
    """A token of another kind is refused by its key, and its value is in no sentence."""
    (sentence,) = changed(old, new)
    assert sentence.startswith(key)
    assert "secret" not in sentence


def test_secret_of_wrong_type() -> None:
    """A secret that is not text is refused without being shown."""
    (sentence,) = changed('"glpat-secret"', "424242")
    assert sentence.startswith("gitlab.token has to be text")
    assert "424242" not in sentence


def test_any_gitlab_prefix() -> None:
    """GitLab's administrators may choose the beginning of tokens, so an unknown one is taken."""
    assert parse(MINIMAL.replace("glpat-", "acme-"), {}, Path("/")).gitlab.token == "acme-secret"
