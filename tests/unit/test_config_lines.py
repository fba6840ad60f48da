"""Lines of keys in TOML: wherever a key stands, and whatever stands around it."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.config.lines import Where, line_of, lines_of

TEXT = """\
# [rules]
a.b = 1
"q.x" = \"\"\"one
[two]
""\\\"\"" three\"\"\"\"\"
[ t . "u" ] # here
k = [ # there = 1
  "]", { z = 1 },
  [ 2,
   3 ] ]
[[r]]
n = '''
x = 1'''
[r.arguments]
x = '['
[[r]]
[[r.s]]
y = 1979-05-27 07:32:00
[[r.s]]
y.z = {a = '}', b.c = []}
[t]
late = true
"""


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("a",), 2),
        (("a", "b"), 2),
        (("q.x",), 3),
        (("t", "u"), 6),
        (("t", "u", "k"), 7),
        (("t", "u", "k", 1, "z"), 8),
        (("t", "u", "k", 2, 1), 10),
        (("r", 0), 11),
        (("r", 0, "n"), 12),
        (("r", 0, "arguments", "x"), 15),
        (("r", 1), 16),
        (("r", 1, "s", 0, "y"), 18),
        (("r", 1, "s", 1, "y", "z", "b", "c"), 20),
        (("t",), 21),
        (("t", "late"), 22),
        (("r", 1, "nothing"), 16),
        (("nothing",), 0),
    ],
)
def test_line_of_each_key(path: Where, line: int) -> None:
    """A key has its own line, what is missing that of what is around it, and what is nowhere has none."""
    assert line_of(TEXT, path) == line


NAME = st.text(st.characters(codec="ascii"), min_size=1, max_size=4) | st.sampled_from(
    ["a", "b", "é", "a.b", "#"]
)
STRING = st.text(st.sampled_from("ab\"'\\[]{}=#,. \n\t"), max_size=12)
NUMBER = st.integers(-9, 9).map(str)


def quoted(text: str) -> str:
    """A basic string."""
    return json.dumps(text, ensure_ascii=True).replace("\x7f", "\\u007f")


def long(text: str) -> str:
    """A string of several lines in which line ends and single quotes stand as they are."""
    return '"""\n' + text.replace("\\", "\\\\").replace('"""', '""\\"').removesuffix('"') + '"""'


VALUE = st.recursive(
    STRING.map(quoted) | STRING.map(long) | NUMBER | st.sampled_from(["true", "1979-05-27 07:32:00", "'#['"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda items: "[ # ]\n" + ",\n".join(items) + "\n]")
        | st.dictionaries(NAME, inner.filter(lambda one: "\n" not in one), max_size=2).map(
            lambda table: "{" + ", ".join(f"{quoted(key)} = {value}" for key, value in table.items()) + "}"
        )
    ),
    max_leaves=5,
)
TABLE = st.dictionaries(NAME, VALUE, max_size=3)


@given(
    st.dictionaries(NAME, TABLE, max_size=3),
    NAME,
    st.lists(TABLE, max_size=3),
    st.sampled_from(["", "\n", "# [x]\n"]),
)
def test_lines_of_any_document(
    tables: dict[str, dict[str, str]], name: str, many: list[dict[str, str]], gap: str
) -> None:
    """Every key of a document that is written line by line is found on the line where it was written."""
    text, expected = "", dict[Where, int]()
    headers: list[tuple[str, Where, dict[str, str]]] = [
        (f"[{quoted(key)}]", (key,), table) for key, table in tables.items() if key != name
    ]
    headers += [(f"[[ {quoted(name)} ]]", (name, at), table) for at, table in enumerate(many)]
    for header, path, table in headers:
        text += gap
        expected[path] = text.count("\n") + 1
        text += f"{header} # [y]\n"
        for key, value in table.items():
            text += gap
            expected[(*path, key)] = text.count("\n") + 1
            text += f"{quoted(key)}= {value}\n"
    found = lines_of(text)
    assert {path: found[path] for path in expected} == expected
    assert set(ways((), tomllib.loads(text))) == found.keys()


def ways(path: Where, value: Any) -> Iterator[Where]:
    """The way to everything in a document."""
    if path:
        yield path
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in below:
        yield from ways((*path, key), inner)


@pytest.mark.parametrize("text", ["a=[}", "a=[1,}", "a=[=", "a=[#\n}", "a=[[}", "a=[{]"])
def test_a_list_that_is_none_has_an_end(text: str) -> None:
    """Where no value stands the reading stops."""
    assert set(lines_of(text).values()) <= {1, 2}


@given(st.text() | st.text(alphabet="ab.=[]{}\"'\\#\n ,1"))
def test_any_text_has_lines(text: str) -> None:
    """What is no TOML is read as far as it goes, and every line found is in the text."""
    assert all(1 <= line <= text.count("\n") + 1 for line in lines_of(text).values())
