"""Tokens go where they belong and nowhere else, at the most talkative level of the log."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qsl

import pytest
from rich.console import Console

import run_bot
from bot import config
from sandbox.scenario import run_script
from sandbox.script import read_file
from sandbox.world import KEY_FILE, World
from tests.evidence.ears import HearingGitLab, HearingSlack, HearingWorld, Secrets
from tests.evidence.floor import Floor, floor_at
from tests.sandbox.slack_stage import until

#: Everything that is done with tokens: linked by device, renewed, parted, linked by form, refused, lost.
LIFE = """
:as dave
:dm
link
:expect /\\b(?=\\w*[A-Z])[0-9A-Z]{8}\\b/
:gitlab authorize newest
:expect /\\bdave\\b/ within 30s
:in #ops
/run hello One
:expect "Hello One." within 30s
:clock +3h
/run hello Two
:expect "Hello Two." within 30s
/gitlab log hello
:expect-ephemeral "on its way"
/gitlab whoami
:expect-ephemeral "@dave"
/run deploy-production --reason "canary"
:expect "[Approve]" within 20s
:as alice
:click Approve
:expect "Deployed main to production." within 40s
/gitlab audit
:expect-ephemeral "approved"
:as dave
/gitlab unlink
:expect-ephemeral "dave"
:gitlab device-grant off
:dm
link
:expect "Connect with a token"
:click Connect with a token
:fill Personal access token = PASTED
:submit
:expect "now connected" within 20s
:in #ops
/run hello Three
:expect "Hello Three." within 30s
"""
ECHO = """
:as dave
/gitlab retry hello
:expect "not found" within 30s
/run hello Echoed
:expect "Correct it and try again" within 30s
"""
LOST = """
:as dave
:gitlab revoke dave
/run hello Four
:expect-ephemeral "no longer accepts" within 20s
:as alice
/gitlab audit 50
:expect-ephemeral "lost" within 20s
"""
SETTINGS = {
    "bot": {"log_level": "DEBUG"},
    "access": {"confirm_production": False, "admins": ["U0ALICE001"]},
    "groups": {"leads": ["U0ALICE001"]},
    "environments": {"production": {}},
}
RULE = '\n[[rules]]\nname = "two pairs of eyes"\nthen = "approve"\nenvironments = ["production"]\nby = ["leads"]\n'


class Canaries(HearingWorld):
    """A world whose policy asks for an approval; rules are a list of tables, which its settings have no words for."""

    def _write_files(self) -> None:
        super()._write_files()
        with self.config.open("a") as file:
            file.write(RULE)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The bot after a life with tokens."""
    with Canaries(settings=SETTINGS) as world:
        assert isinstance(world.gitlab, HearingGitLab)
        pasted = world.ask(lambda: world.gitlab.new_token("dave"))
        folder = tmp_path_factory.mktemp("canaries")
        play(world, folder, LIFE.replace("PASTED", pasted))
        world.gitlab.echoes = True
        play(world, folder, ECHO)
        world.gitlab.echoes = False
        play(world, folder, LOST)
        yield world


def play(world: World, folder: Path, lines: str) -> None:
    file = folder / "canaries.txt"
    file.write_text(lines)
    screen = io.StringIO()
    problem = run_script(read_file(file), Console(file=screen, width=200), world=world)
    assert problem is None, f"{problem}\n{screen.getvalue()[-2_000:]}"


@pytest.fixture(scope="module")
def secrets(world: World) -> Secrets:
    """Every secret there has been."""
    return Secrets(dict(_secrets(world)))


def _secrets(world: World) -> Iterator[tuple[str, str]]:
    slack, gitlab = world.slack, world.gitlab
    assert isinstance(gitlab, HearingGitLab)
    yield "Slack's bot token", slack.bot_token
    yield "Slack's app token", slack.app_token
    yield "GitLab's app token", gitlab.slack_app_token
    yield "the key", (world.directory / KEY_FILE).read_text().strip()
    yield from ((f"the token of {name}", token) for name, token in gitlab.tokens.items())
    yield from ((f"the chat token of {name}", token) for name, token in gitlab.chat_tokens.items())
    yield from ((f"OAuth token {n}", token) for n, token in enumerate(gitlab.oauth_tokens))
    codes = {
        value
        for one in gitlab.heard
        for name, value in parse_qsl(one.body.decode("utf-8", "replace"))
        if name == "device_code"
    }
    yield from ((f"device code {n}", code) for n, code in enumerate(sorted(codes)))


def test_there_was_something_to_hide(world: World, secrets: Secrets) -> None:
    """Tokens of every kind have been in use: two pairs of OAuth, a device code, a pasted token, the bot's own."""
    names = " ".join(secrets.known)
    assert "OAuth token 3" in names
    assert "device code 0" in names
    assert "the token of dave-" in names
    assert isinstance(world.gitlab, HearingGitLab)
    used = {value for one in world.gitlab.heard for value in one.headers.values()}
    assert sum(any(secret in value for value in used) for secret in secrets.known.values()) >= 5
    log = world.log.read_text()
    assert "DEBUG" in log, "the log is as talkative as it can be"


def test_the_search_finds_what_is_there(world: World, secrets: Secrets) -> None:
    """The control: in the headers meant for them, and in the files that hold them, every kind is found."""
    assert isinstance(world.gitlab, HearingGitLab)
    everything = "\n".join(f"{one.headers} {one.body!r}" for one in world.gitlab.heard)
    found = secrets.hits("GitLab", everything)
    assert {"OAuth token 0 in GitLab", "device code 0 in GitLab"} <= set(found)
    assert "the key in its file" in secrets.hits("its file", (world.directory / KEY_FILE).read_bytes())
    assert "Slack's bot token in config.toml" in secrets.hits("config.toml", world.config.read_bytes())


def test_no_secret_in_the_log(world: World, secrets: Secrets) -> None:
    """Nothing of the kind is logged, neither by us nor by a library."""
    assert secrets.hits("the log", world.log.read_bytes()) == []


def test_no_secret_in_the_store(world: World, secrets: Secrets) -> None:
    """No byte of the store's files tells one, while the bot has them open."""
    files = sorted(world.directory.glob(f"{world.store.name}*"))
    assert world.store in files
    assert [hit for file in files for hit in secrets.hits(file.name, file.read_bytes())] == []


def test_no_secret_in_slack(world: World, secrets: Secrets) -> None:
    """Slack gets the bot's own token where it belongs, and no other anywhere: messages, whispers, forms, files."""
    assert isinstance(world.slack, HearingSlack)
    assert len(world.slack.heard) > 30
    sent = [hit for one in world.slack.heard for hit in secrets.hits(one.path, one.open_text)]
    assert sent == []
    shown = world.ask(
        lambda: [post.body for posts in world.slack.workspace.posts.values() for post in posts.values()]
    )
    assert secrets.hits("messages", json.dumps(shown, default=str)) == []


def test_no_secret_in_gitlab(world: World, secrets: Secrets) -> None:
    """GitLab gets each token in the header or the field meant for it: not in a path, a variable, or another's call."""
    assert isinstance(world.gitlab, HearingGitLab)
    sent = [hit for one in world.gitlab.heard for hit in secrets.hits(one.path, one.open_text)]
    assert sent == []


def test_no_secret_in_what_is_printed(world: World, secrets: Secrets) -> None:
    """Neither the configuration as Python shows it nor what the tools print holds one."""
    settings = config.load(world.config, {})
    assert secrets.hits("repr", f"{settings!r} {settings}") == []
    for arguments in (
        ["config", "check"],
        ["audit", "export"],
        ["policy", "explain", "--as", "alice", "run hello"],
    ):
        assert secrets.hits(" ".join(arguments), _printed(world, arguments)) == []


def _printed(world: World, arguments: list[str]) -> str:
    import subprocess
    import sys

    root = Path(run_bot.__file__).parent
    command = [sys.executable, "run_bot.py", *arguments[:2], *arguments[2:], "--config", str(world.config)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout or done.stderr
    return done.stdout + done.stderr


# The libraries, made to talk --------------------------------------------------------------------------------


def test_no_secret_from_a_library_that_is_made_to_talk(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """With every library at DEBUG and nothing redacted afterwards, no token is in the log."""
    caplog.set_level(logging.DEBUG)
    for name in ("slack_sdk", "slack_bolt", "urllib3", "gitlab", "requests", "apscheduler", "asyncio"):
        caplog.set_level(logging.DEBUG, logger=name)
    with floor_at(tmp_path) as floor:
        _live(floor)
        known = Secrets(
            {f"OAuth {n}": one for n, one in enumerate(floor.gitlab.fake.oauth_tokens)} | dict(floor.gitlab.fake.tokens)
            | {"xoxb": floor.slack.slack.bot_token, "xapp": floor.slack.slack.app_token,
               "key": floor.kit.config.keys[0]}
        )  # fmt: skip
    text = "\n".join(f"{one.name} {one.getMessage()} {one.exc_text or ''}" for one in caplog.records)
    assert re.search(r"urllib3.*POST /oauth/token", text), "the libraries did talk"
    assert known.hits("the log", text) == []
    assert known.hits("the log", f"{text} {floor.gitlab.fake.bot_token}") != []


def _live(floor: Floor) -> None:
    floor.slash("nina", "shop run hello")
    floor.agree("dave")
    floor.poll()
    floor.clock.pass_(7_200)
    floor.slash("nina", "shop jobs")
    floor.form("alice", "link.token", "-", token=floor.gitlab.fake.tokens["bob"])
    floor.slash("alice", f"link {floor.gitlab.fake.tokens['bob']}")
    floor.slash("nina", "unlink")
    assert floor.gitlab.fake.calls["POST /oauth/token"] >= 2
    until(lambda: floor.pipelines() >= 1)
