"""Words: what people type is read as they mean it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotUnderstood
from bot.words import MOST_CHARACTERS, clean, nearest, quote, read, split

VERBS = frozenset({"run", "jobs", "help", "again"})

#: Letters that mean something to the tokenizer, among some that do not.
TEXTS = st.text(alphabet=st.sampled_from("ab= \n\t\"'\\`<>&;|@#–—“”’é$/-"), max_size=60)


def texts(line: str) -> list[str]:
    return [word.text for word in split(line)]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("run “hello world”", 'run "hello world"'),
        ("„so“ and «so» and « so »", '"so" and "so" and "so"'),
        ("it’s ‘fine’", "it's 'fine'"),
        ("a\u00a0b\u2009c\u3000d", "a b c d"),
        ("he\u200bll\ufeffo\u2060", "hello"),
        ("ab\u202edc", "abdc"),
        ("bell\x07 null\x00 esc\x1b[31m", "bell null esc[31m"),
        ("a\r\nb\rc\u2028d\te", "a\nb\nc\nd\te"),
        ("half \ud83d of a pair", "half  of a pair"),
        ("a &lt;b&gt; &amp; c", "a <b> & c"),
        ("&amp;lt;", "&lt;"),
        ("&nbsp; & &", "&nbsp; & &"),
        ("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2"),
        ("<http://example.com|example.com>", "example.com"),
        ("<http://example.com/|example.com>", "example.com"),
        ("<https://example.com/x|a label>", "https://example.com/x"),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<mailto:a@example.com|write to A>", "a@example.com"),
        ("<tel:+4930123|+4930123>", "+4930123"),
        ("<@U123|bob> <@W9>", "<@U123> <@W9>"),
        ("<#C1|ops> <#C2|>", "<#C1|ops> <#C2|>"),
        ("<!here> <!subteam^S1|@ops>", "<!here> <!subteam^S1|@ops>"),
        ("run x —dry-run –v a – b a–b", "run x --dry-run --v a – b a–b"),
        ("10 –5", "10 –5"),
    ],
)
def test_clean(typed: str, meant: str) -> None:
    """Slack's text becomes what a keyboard without opinions would have sent."""
    assert clean(typed) == meant


@given(st.text())
def test_clean_is_idempotent(text: str) -> None:
    """A text that is clean stays as it is, as long as nothing in it has to be decoded."""
    plain = text.replace("&", "").replace("<", "")
    assert clean(clean(plain)) == clean(plain)


@given(st.text() | TEXTS)
def test_clean_leaves_no_control_characters(text: str) -> None:
    """What is clean can be stored and passed on: newline and tab are the only control characters in it."""
    assert all(letter.isprintable() or letter in "\n\t" or ord(letter) > 0x9F for letter in clean(text))
    clean(text).encode()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        (" \n ", []),
        ("a  b\nc\td", ["a", "b", "c", "d"]),
        ('"a b" c', ["a b", "c"]),
        ("'a b' c", ["a b", "c"]),
        ("don't 5\" 'tis", ["don't", '5"', "'tis"]),
        ("'it's fine' so", ["it's fine", "so"]),
        ("key=\"a b\" other='c d'", ["key=a b", "other=c d"]),
        ('"hello world"@main', ["hello world@main"]),
        ("'hello world'@main", ["hello world@main"]),
        ('"" x', ["", "x"]),
        (r"C:\dir \n \$HOME", [r"C:\dir", r"\n", r"\$HOME"]),
        (r'"say \"hi\" \n"', [r'say "hi" \n']),
        ('"two\nlines"', ["two\nlines"]),
        ("<@U1> <#C1|ops> <!here>", ["<@U1>", "<#C1|ops>", "<!here>"]),
        ("'", ["'"]),
    ],
)
def test_split(line: str, words: list[str]) -> None:
    """Quotes keep blanks together where they open a word or a value, and are letters elsewhere."""
    assert texts(line) == words


@pytest.mark.parametrize("line", ['run "never closed', 'a="b', '"', r'"ends in \"'])
def test_an_open_double_quote_is_named(line: str) -> None:
    """A double quote that never closes is an error that shows where it opens and what to do."""
    with pytest.raises(NotUnderstood, match=r"never closed. Add a `\"` where it ends") as raised:
        split(line)
    assert line[line.index('"') :] in raised.value.sentence


def test_a_long_command_is_refused_with_the_numbers() -> None:
    """More characters than are read end in a sentence that says how many, and how many there may be."""
    assert len(split("x" * MOST_CHARACTERS)) == 1
    with pytest.raises(NotUnderstood, match="4097 characters long, and I read at most 4096"):
        read("x" * (MOST_CHARACTERS + 1), VERBS)


@given(st.lists(st.text(max_size=20) | TEXTS, max_size=8))
def test_quoted_words_come_back(words: list[str]) -> None:
    """Words that were quoted and put in a line are the words that the line is split into."""
    assert texts(" ".join(quote(word) for word in words)) == words


@given(TEXTS)
def test_words_stand_where_they_say(text: str) -> None:
    """Words do not overlap, leave only blanks between them, and are themselves when they hold no quotes."""
    try:
        words = split(text)
    except NotUnderstood:
        return
    at = 0
    for word in words:
        assert not text[at : word.start].strip()
        assert word.quoted or text[word.start : word.end] == word.text
        at = word.end
    assert not text[at:].strip()


@given(TEXTS | st.text())
def test_read_raises_nothing_else(text: str) -> None:
    """Any text is read, or ends in a sentence; what follows each word ends what follows the one before."""
    try:
        line = read(text, VERBS)
    except NotUnderstood:
        return
    for n, word in enumerate(line.words):
        whole = line.after(n)
        assert whole.startswith(line.text[word.start : word.end])
        assert whole.endswith(line.after(n + 1))
    assert line.after(len(line.words) + 1) == ""


@pytest.mark.parametrize(
    ("typed", "project", "verb", "rest"),
    [
        ("run hello World", None, "run", "hello World"),
        ("RUN Hello", None, "run", "Hello"),
        ("shop run hello", "shop", "run", "hello"),
        ("acme/shop run hello", "acme/shop", "run", "hello"),
        ("acme/shop", "acme/shop", None, ""),
        ("acme/shop rnu hello", "acme/shop", None, "rnu hello"),
        ("stauts now", None, None, "stauts now"),
        ("jobs run", None, "jobs", "run"),
        ('say "run" x', None, None, 'say "run" x'),
        ("`run hello`", None, "run", "hello"),
        ("```\nrun hello\n```", None, "run", "hello"),
        ("`run` hello", None, None, "`run` hello"),
        ("run say   two  blanks\n  and a line  ", None, "run", "say   two  blanks\n  and a line"),
        ("", None, None, ""),
    ],
)
def test_read(typed: str, project: str | None, verb: str | None, rest: str) -> None:
    """A line is `[project] verb [arguments]`, and the arguments stay as they were typed."""
    line = read(typed, VERBS)
    assert (line.project, line.verb, line.after(0)) == (project, verb, rest)


def test_after_a_word_keeps_quotes_and_newlines() -> None:
    """What follows a word is the text itself, not the words put together again."""
    line = read("run say “two  words”\n  it’s  so", VERBS)
    assert line.after(1) == '"two  words"\n  it\'s  so'
    assert [word.text for word in line.words] == ["say", "two  words", "it's", "so"]


@pytest.mark.parametrize(
    ("word", "known", "near"),
    [
        ("helo", ["ls", "hello", "deploy"], ("hello",)),
        ("hello", ["hello-world", "ls"], ("hello-world",)),
        ("hello world", ["ls", "hello-world"], ("hello-world",)),
        ("Hello_World", ["hello-world"], ("hello-world",)),
        ("stauts", ["start", "status"], ("status", "start")),
        ("sl", ["ls", "say"], ("ls",)),
        ("staging", ["deploy-production", "deploy-staging"], ("deploy-staging",)),
        ("stagin", ["deploy-production", "deploy-staging"], ("deploy-staging",)),
        ("zzz", ["ls", "hello"], ()),
        ("", ["ls"], ()),
        ("deploy", ["deploy-a", "deploy-b", "deploy-c", "deploy-d"], ("deploy-a", "deploy-b", "deploy-c")),
    ],
)
def test_nearest(word: str, known: list[str], near: tuple[str, ...]) -> None:
    """At most three known names come near a mistyped one, best first, and none that are far off."""
    assert nearest(word, known) == near


@given(st.text(), st.lists(st.text(min_size=1, max_size=12), max_size=8))
def test_nearest_knows_only_what_is_known(word: str, known: list[str]) -> None:
    """Only known names are suggested, each once, and never more than asked for."""
    near = nearest(word, known, most=2)
    assert len(near) <= 2
    assert len(set(near)) == len(near)
    assert set(near) <= set(known)
