"""Secrets in text that leaves for people."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.redact import Redactor, within

WORD = "a1B2c3D4e5F6g7H8i9J0k1L2"  # looks like a token, is none
KEY = "-----BEGIN RSA PRIVATE KEY-----\n" + "MIIEowIBAAKCAQEAu0mm\n" * 8 + "-----END RSA PRIVATE KEY-----"

SECRETS = [
    (f"glpat-{WORD}", "[redacted GitLab token]"),
    (f"glpat-{WORD}.01.0w0abcdef", "[redacted GitLab token]"),
    (f"gldt-{WORD}", "[redacted GitLab token]"),
    (f"glrt-t1_{WORD}", "[redacted GitLab token]"),
    (f"glcbt-64_{WORD}", "[redacted GitLab token]"),
    (f"glptt-{WORD}", "[redacted GitLab token]"),
    (f"gloas-{WORD}", "[redacted GitLab token]"),
    (f"GR1348941{WORD}", "[redacted GitLab token]"),
    (f"xoxb-123456789012-{WORD}", "[redacted Slack token]"),
    (f"xoxe.xoxp-1-{WORD}", "[redacted Slack token]"),
    (f"xapp-1-A0OPSBOT01-123-{WORD}", "[redacted Slack token]"),
    (f"https://hooks.slack.com/services/T0ACME0001/B1/{WORD}", "[redacted Slack URL]"),
    ("AKIA" + "ABCDEFGH12345678", "[redacted AWS key]"),
    ("ASIA" + "ABCDEFGH12345678", "[redacted AWS key]"),
    (f"ghp_{WORD}", "[redacted GitHub token]"),
    (f"github_pat_11AB_{WORD}", "[redacted GitHub token]"),
    (f"npm_{WORD}", "[redacted npm token]"),
    (f"pypi-AgEIcHlwaS5vcmc{WORD}", "[redacted PyPI token]"),
    (f"sk_live_{WORD}", "[redacted Stripe key]"),
    (f"AIzaSy{WORD}{WORD}", "[redacted Google key]"),
    (f"hvs.CAES{WORD}", "[redacted Vault token]"),
    (f"eyJhbGciOiJIUzI1NiJ9.eyJzdWIi{WORD}.{WORD}", "[redacted JWT]"),
    (KEY, "[redacted private key]"),
    (f"https://oauth2:{WORD}@gitlab.example/x.git", "https://[redacted password]@gitlab.example/x.git"),
    (f"https://{WORD}@gitlab.example/x.git", "https://[redacted password]@gitlab.example/x.git"),
    ("postgres://app:s3cr@t@db:5432/shop", "postgres://[redacted password]@db:5432/shop"),
    ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [redacted]"),
    (f"-H 'PRIVATE-TOKEN: {WORD}'", "-H 'PRIVATE-TOKEN: [redacted]'"),
    (f"bearer {WORD}", "bearer [redacted token]"),
    ("DB_PASSWORD=swordfish", "DB_PASSWORD=[redacted password]"),
    ('{"password": "swordfish"}', '{"password": "[redacted password]"}'),
    (f"aws_secret_access_key = {WORD}", "aws_secret_access_key = [redacted]"),
    ("API_KEY=swordfishes", "API_KEY=[redacted]"),
    ('"client_secret": "swordfishes"', '"client_secret": "[redacted]"'),
]

ORDINARY = [
    "Checking out 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567 as detached HEAD (ref is main)...",
    "Using docker image sha256:0a1b2c3d4e5f with digest alpine@sha256:77aa77aa77aa77aa",
    "request 550e8400-e29b-41d4-a716-446655440000 took 12 ms",
    "SyntaxError: unexpected token: identifier",
    "invalid token: expired",
    "Enter password:",
    "password: [MASKED]",
    "export PASSWORD=$DB_PASSWORD TOKEN=${API_TOKEN}",
    "docker login --username x --password-stdin registry.example",
    "max_tokens=4096 tokenizer=abcdefghijk12 tokens: 123456789",
    "git clone ssh://git@gitlab.example/a/b.git and git@gitlab.example:a/b.git",
    "see https://gitlab.example/@alice?mail=a@b.example",
    "cache key: default-protected, key: value, secret: none",
    "installed glibc-devel-2.31-13 pypi-simple npm_config_cache ghp",
    "-----BEGIN CERTIFICATE-----\nMIIEowIBAAKCAQEAu0mm\n-----END CERTIFICATE-----",
    "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0",
]


@pytest.mark.parametrize(("secret", "shown"), SECRETS)
def test_known_secrets_are_replaced_by_their_kind(secret: str, shown: str) -> None:
    """A secret of a known look is gone, and its kind stands there instead."""
    assert Redactor(())(f"one {secret} two\nthree") == f"one {shown} two\nthree"


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_lines_are_left_alone(line: str) -> None:
    """Digests, hashes, placeholders and the words of compilers are no secrets."""
    assert Redactor(())(line) == line


@pytest.mark.parametrize("cut", [slice(0, 150), slice(60, None)])
def test_half_a_private_key_is_a_secret(cut: slice) -> None:
    """Of a private key whose beginning or end is missing nothing is left either."""
    shown = Redactor(())("before\n" + KEY[cut] + "\nafter all")
    assert "MIIE" not in shown
    assert (shown.startswith("before\n"), shown.endswith("\nafter all")) == (True, True)


WORDS = st.lists(
    st.sampled_from([secret for secret, _ in SECRETS] + ORDINARY)
    | st.sampled_from([" ", "\n", "'", '"', "=", ":", "token: ", "a"])
).map("".join)  # fmt: skip
OWN = st.lists(st.text(st.sampled_from("abc.*[(\\é "), min_size=6, max_size=20), max_size=4)


@given(WORDS, OWN)
def test_what_is_redacted_stays_as_it_is(raw: str, own: list[str]) -> None:
    """Redacting again changes nothing."""
    redact = Redactor(own)
    assert redact(redact(raw)) == redact(raw)


@given(
    st.lists(st.text(max_size=10), max_size=5),
    st.text(st.sampled_from("xyzXYZ*[(\\é0"), min_size=6, max_size=20),
)
def test_what_the_bot_holds_is_never_shown(around: list[str], secret: str) -> None:
    """Every secret the bot itself holds is gone, whatever it looks like and wherever it stands."""
    assert secret not in Redactor([secret, secret + "longer"])(secret.join(["", *around, ""]))


def test_short_values_are_not_looked_for() -> None:
    """An empty or tiny value of ours would be found everywhere: it is not looked for."""
    assert Redactor(["", "a", "main"])("a branch called main") == "a branch called main"


@pytest.mark.parametrize(
    "piece",
    ["a", "glpat", "eyJ", "://", "http://a:b", "password", "password= ", "token: ", "authorization: bearer ",
     "-----BEGIN PRIVATE KEY-----\n", "MIIEowIBAAKCAQEAu0mm\n", "-----END PRIVATE KEY-----\n", "npm_gh-",
     "bearer  ", "k_live_", " ", "password ", "'"],
)  # fmt: skip
def test_a_long_line_takes_no_longer_than_its_length(piece: str) -> None:
    """A line of a megabyte is redacted at once, whatever it repeats: no search backs up."""
    assert Redactor(["own secret"])(piece * (1_000_000 // len(piece)) + KEY)


def test_secrets_are_taken_out_of_what_json_can_hold() -> None:
    """Every text in it, however deep; everything else stays, so that it can still be read as JSON."""
    redact = Redactor(["wombat-4711"])
    held = {"a": "my wombat-4711", "b": ["x", {"c": 'password="wom\\bat'}], "n": 1, "t": True, "none": None}
    kept = within(redact, held)
    assert kept["a"] == "my [redacted secret]"
    assert "wom" not in kept["b"][1]["c"]
    assert (kept["b"][0], kept["n"], kept["t"], kept["none"]) == ("x", 1, True, None)
    assert json.loads(json.dumps(kept)) == kept
