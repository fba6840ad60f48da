"""The configuration: what is read, and the sentence for each mistake."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config import Config, parse
from bot.errors import ConfigError

MINIMAL = """
[slack]
bot_token = "xoxb-1-secret"
app_token = "xapp-1-secret"
[gitlab]
token = "glpat-secret"
"""


def read(more: str = "", base: Path = Path("/"), **environ: str) -> Config:
    """The minimal configuration with `more` below it."""
    return parse(MINIMAL + more, environ, base)


def mistakes(text: str, **environ: str) -> list[str]:
    """The sentences for a configuration that is wrong, without their lines."""
    return [re.sub(r"^line \d+: ", "", each) for each in told(text, **environ)]


def told(text: str, **environ: str) -> list[str]:
    """The sentences for a configuration that is wrong."""
    with pytest.raises(ConfigError) as caught:
        parse(text, environ, Path("/"))
    return caught.value.sentence.splitlines()


def mistake(more: str) -> str:
    """The one sentence for `more` below the minimal configuration."""
    (sentence,) = mistakes(MINIMAL + more)
    return sentence


def changed(old: str, new: str, **environ: str) -> list[str]:
    """The sentences for the minimal configuration with one thing replaced."""
    assert old in MINIMAL
    return mistakes(MINIMAL.replace(old, new), **environ)


def test_defaults() -> None:
    """Three tokens are enough; everything else has a default."""
    config = read()
    assert config.slack.api_url == "https://slack.com/api/"
    assert config.gitlab.url == "https://gitlab.com"
    assert config.gitlab.timeout_seconds == 20
    assert config.store.path == Path("/signalbox.sqlite3")
    assert (config.bot.workers, config.bot.connections, config.bot.log_level) == (32, 2, "INFO")
    assert config.projects == {}
    assert config.warnings == ()


def test_project() -> None:
    """A project's section is read whole and found by its full path."""
    config = read(
        '[projects."acme/tools/shop"]\naliases = ["shop", "shop"]\nchannels = ["C0OPS00001"]\n'
        'start = "chat"\nchat_token = "abc"\nescape_dollar = false\n'
    )
    project = config.projects["acme/tools/shop"]
    assert project.aliases == ("shop",)
    assert project.channels == ("C0OPS00001",)
    assert (project.start, project.chat_token, project.escape_dollar) == ("chat", "abc", False)
    assert project.chat_via == "mattermost_slash_commands"


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("[slak]\n", "slak is not a key I know. Did you mean slack?"),
        ("[bot]\nworker = 1\n", "bot.worker is not a key I know. Did you mean bot.workers?"),
        (
            '[projects."a/b"]\nstrat = "api"\n',
            'projects."a/b".strat is not a key I know. Did you mean projects."a/b".start?',
        ),
        ("[store]\nzzz = 1\n", "store.zzz is not a key I know. I know path."),
    ],
)  # fmt: skip
def test_unknown_key(more: str, sentence: str) -> None:
    """An unknown key is a mistake, told with the nearest known one."""
    assert mistake(more) == sentence


@pytest.mark.parametrize(
    ("more", "begins"),
    [
        ("[bot]\nworkers = 0\n", "bot.workers is 0. Write a whole number from 1 to 256"),
        ("[bot]\nworkers = 2.5\n", "bot.workers is 2.5. Write a whole number"),
        ('[bot]\nworkers = "32"\n', 'bot.workers is "32". Write a whole number'),
        ("[bot]\nworkers = true\n", "bot.workers is true."),
        ("[bot]\nconnections = 11\n", "bot.connections is 11. Write a whole number from 1 to 10"),
        ("[bot]\ntick_seconds = nan\n", "bot.tick_seconds is NaN. Write a number from 0.05 to 60"),
        ('[bot]\nlog_level = "LOUD"\n', 'bot.log_level is "LOUD". Write one of "DEBUG", "INFO"'),
        ("[bot]\nlog_level = 1979-05-27\n", 'bot.log_level is "1979-05-27".'),
        ('[store]\npath = ""\n', 'store.path is "". Write text in quotes.'),
        ('[store]\npath = "/"\n', "store.path is /, which is a folder."),
        (
            '[store]\npath = "no/such/x.sqlite3"\n',
            "store.path is /no/such/x.sqlite3, but the folder /no/such",
        ),
        ('[projects."a/b"]\nstart = "ssh"\n', 'projects."a/b".start is "ssh". Write one of "api", "chat".'),
        ('[projects."a/b"]\naliases = "shop"\n', 'projects."a/b".aliases is "shop". Write a list'),
        ('[projects."a/b"]\naliases = ["a/b"]\n', 'projects."a/b".aliases holds "a/b".'),
        ('[projects."a/b"]\nchannels = ["#ops"]\n', 'projects."a/b".channels holds "#ops"'),
        (
            '[projects."a/b"]\nescape_dollar = "no"\n',
            'projects."a/b".escape_dollar is "no". Write true or false',
        ),
        ("[projects.shop]\n", "projects.shop is not the full path of a project."),
        ("[projects.acme.shop]\n", "projects.acme is not the full path of a project."),
    ],
)
def test_wrong_value(more: str, begins: str) -> None:
    """A value out of its kind or range is told with its key, itself, and what to write."""
    assert mistake(more).startswith(begins)


@pytest.mark.parametrize(
    ("text", "begins"),
    [("bot = 3\n", "bot is a section, not a value"), ("projects = 3\n", "projects is not a value")],
)
def test_section_that_is_none(text: str, begins: str) -> None:
    """A value where a section belongs is told."""
    (sentence,) = mistakes(text + MINIMAL)
    assert sentence.startswith(begins)


@pytest.mark.parametrize(
    "url",
    [
        "gitlab.com",
        "ftp://x",
        "https://",
        "https://a b.com",
        "https://x/?a=1",
        "https://x:99999",
        "https://[",
        "",
    ],
)
def test_no_web_address(url: str) -> None:
    """What is not a usable http address is refused by its key."""
    (sentence,) = changed("[gitlab]\n", f'[gitlab]\nurl = "{url}"\n')
    assert sentence.startswith(f'gitlab.url is "{url}"')


def test_slashes_and_paths_of_addresses() -> None:
    """Trailing slashes are as the callers need them, and a path on the host is kept."""
    text = MINIMAL.replace(
        "[gitlab]", 'api_url = "http://127.0.0.1:80/api"\n[gitlab]\nurl = "https://h.example/git//"'
    )
    config = parse(text, {}, Path("/"))
    assert config.slack.api_url == "http://127.0.0.1:80/api/"
    assert config.gitlab.url == "https://h.example/git"
    assert config.warnings == ()


def test_api_path_in_gitlab_address() -> None:
    """The address of GitLab's API is not the address of GitLab."""
    (sentence,) = changed("[gitlab]\n", '[gitlab]\nurl = "https://h.example/api/v4/"\n')
    assert sentence.endswith("Leave out /api/v4.")


def test_password_in_address() -> None:
    """An address that may hold a password is refused and not shown."""
    (sentence,) = changed("[gitlab]\n", '[gitlab]\nurl = "https://me:hush@h.example"\n')
    assert "gitlab.url" in sentence
    assert "hush" not in sentence


def test_unencrypted_address() -> None:
    """Plain http to another machine works, with a warning."""
    (warning,) = parse(MINIMAL + 'url = "http://h.example"\n', {}, Path("/")).warnings
    assert warning.startswith("gitlab.url is http://h.example")


def test_shared_alias_and_channel() -> None:
    """An alias or a channel cannot mean two projects, whatever the case of its letters."""
    sentences = mistakes(
        MINIMAL + '[projects."a/b"]\naliases = ["shop"]\nchannels = ["C0OPS00001"]\n'
        '[projects."a/c"]\naliases = ["Shop"]\nchannels = ["C0OPS00001"]\n'
    )
    assert sentences == [
        'projects."a/c".aliases holds Shop, which projects."a/b" has already. Take one of them out.',
        'projects."a/c".channels holds C0OPS00001, which projects."a/b" has already. Take one of them out.',
    ]


def test_chat_without_its_token() -> None:
    """Starting as chat needs the token of the door that is used."""
    assert mistake('[projects."a/b"]\nstart = "chat"\n').startswith('projects."a/b".chat_token is missing')
    by_app = '[projects."a/b"]\nstart = "chat"\nchat_via = "slack_app"\n'
    assert mistake(by_app).startswith("gitlab.slack_app_token is missing")
    text = MINIMAL + 'slack_app_token = "verify"\n' + by_app
    assert parse(text, {}, Path("/")).projects["a/b"].chat_via == "slack_app"


def test_syntax_error_names_the_line() -> None:
    """Broken TOML is told with its line."""
    (sentence,) = mistakes("[slack]\nbot_token = \n")
    assert "line 2" in sentence


def test_brackets_that_lie_too_deep() -> None:
    """They are refused with a sentence."""
    assert mistakes("a = " + "[" * 100_000) == [
        "The configuration is not valid TOML: its brackets lie too deep."
    ]


@pytest.mark.parametrize(("value", "begins"), [
    ('"gloas-secret"', "gitlab.application_id holds the secret of the application"),
    ('"a b"', 'gitlab.application_id is "a b".'),
    ("5", "gitlab.application_id is 5."),
])  # fmt: skip
def test_no_application_id(value: str, begins: str) -> None:
    """What is not the id of an application is refused, and its secret is not shown."""
    sentence = mistake(f"application_id = {value}\n")
    assert sentence.startswith(begins)
    assert "gloas" not in sentence


def test_application_id() -> None:
    """It is empty unless people are to connect by the device grant."""
    assert read().gitlab.application_id == ""
    assert read('application_id = "2f8e"\n').gitlab.application_id == "2f8e"


@given(st.text())
def test_any_text_without_tokens_is_refused(text: str) -> None:
    """Whatever else the file holds, without tokens the answer is a sentence."""
    with pytest.raises(ConfigError):
        parse(text, {}, Path("/"))


ODD = (
    '"env:"',
    '"file:"',
    '"file:/dev/null"',
    '"a b"',
    "[]",
    "{}",
    "1e400",
    "-1",
    '"\\u0000"',
    '"http://[::"',
)


@given(
    st.dictionaries(st.sampled_from(["url", "timeout_seconds", "slack_app_token", "x"]), st.sampled_from(ODD))
)
def test_any_value_is_read_or_refused(section: dict[str, str]) -> None:
    """Values of every type and oddity beside a missing token end in sentences, each naming its key."""
    body = "".join(f"{key} = {value}\n" for key, value in section.items())
    assert all("gitlab." in each for each in mistakes(MINIMAL.replace('token = "glpat-secret"\n', body)))
