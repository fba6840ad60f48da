"""The examples in docs/policy.md are decided as they say."""

from __future__ import annotations

import argparse
import io
import re
from pathlib import Path

import pytest

import commands
from bot.config import parse
from bot.tools import policy
from tests.contract.documents import DOCS

TOKENS = """
[slack]
bot_token = "xoxb-canary"
app_token = "xapp-canary"
[gitlab]
token = "glpat-canary"
[projects."acme/shop"]
"""
ROW = re.compile(r"^\| `([^`]+)` \| `(--as [^`]+)` \| (\w+)(?: “([^”]+)”)? \|$", re.MULTILINE)


def cases() -> list[tuple[str, str, str, str, str]]:
    """Each row below a policy: the policy, what is typed, by whom, what comes of it, and the rule."""
    parts = re.split(r"^```toml\n", (DOCS / "policy.md").read_text(), flags=re.MULTILINE)[1:]
    return [(part.split("```")[0], *row) for part in parts for row in ROW.findall(part)]


def test_there_are_examples() -> None:
    """Both policies of the page have rows, and every outcome is among them."""
    assert len(cases()) >= 18
    assert {case[3] for case in cases()} == {"allow", "deny", "confirm", "approve"}


@pytest.mark.parametrize(("text", "typed", "options", "then", "rule"), cases())
def test_examples(tmp_path: Path, text: str, typed: str, options: str, then: str, rule: str) -> None:
    """The command line tool answers each row as the page says."""
    parser, out = argparse.ArgumentParser(), io.StringIO()
    policy.describe(parser)
    parser.set_defaults(commands=commands.load)
    config = parse(TOKENS + text, {}, tmp_path)
    code = policy.run(parser.parse_args(["explain", *options.split(), typed]), config, out, now=lambda: 0)
    by = f"by the rule “{rule}”" if rule else "(the default)"
    assert re.search(rf"^Decision: {then}, .*{re.escape(by)}", out.getvalue(), re.MULTILINE), out.getvalue()
    assert code == (1 if then == "deny" else 0)
