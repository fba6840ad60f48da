"""Where the documents are, and how their parts are found."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"


def pages() -> list[Path]:
    """Every page people read: those in docs/ and those at the top."""
    return sorted([*DOCS.glob("*.md"), *ROOT.glob("*.md")])


def fenced(text: str, language: str) -> list[str]:
    """The insides of the fenced blocks in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def examples() -> list[str]:
    """Every line of a text block that is a slash command of ours, from all pages."""
    lines = [
        line for page in pages() for block in fenced(page.read_text(), "text") for line in block.splitlines()
    ]
    return [line for line in lines if re.match(r"/[a-z]+ ", line)]


def first_cells(text: str, heading: str) -> set[str]:
    """The code words in the first column of the table below a heading."""
    section = re.split(r"^##+ ", text.split(f"## {heading}\n", 1)[1], maxsplit=1, flags=re.MULTILINE)[0]
    return set(re.findall(r"^\| `([^`]+)` \|", section, re.MULTILINE))
