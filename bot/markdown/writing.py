"""Writes paragraphs, lists and preformatted parts as GitLab Markdown in which nothing acts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bot.markdown.escape import code_span, escaped, fence_for, guarded
from bot.markdown.letters import JOINER
from bot.markdown.tree import (
    Line,
    Listing,
    Paragraph,
    Part,
    Preformatted,
    Span,
    is_punctuation,
    split_lines,
)

#: Languages that only colour a code block. GitLab draws others as diagrams, formulas, tables or suggestions,
#: some by a third service.
LANGUAGES = frozenset({
    "bash", "c", "clojure", "cpp", "cs", "csharp", "css", "dart", "diff", "dockerfile", "elixir", "erlang", "go",
    "graphql", "groovy", "haskell", "hcl", "html", "http", "ini", "java", "javascript", "json", "julia", "kotlin",
    "lua", "makefile", "markdown", "nginx", "objectivec", "perl", "php", "plaintext", "powershell", "prolog",
    "puppet", "python", "r", "ruby", "rust", "scala", "shell", "sql", "swift", "toml", "typescript", "vb", "xml",
    "yaml",
})  # fmt: skip
_BREAK = "\\\n"
#: A bullet with nothing behind it may underline a heading (CommonMark 4.3).
_EMPTY = "&nbsp;"


def written(parts: Iterable[Part], *, references: bool = False) -> str:
    """
    Return settled parts as GitLab Markdown; `references` keeps `#12` and `!34` working.

    No line of it begins with a slash, not even in code, so that no version of GitLab finds a quick action.
    """
    lines: list[str] = []
    columns: list[int] = []
    before: Part | None = None
    for part in parts:
        columns = _columns(columns, part)
        if before is not None and not _goes_on(before, part):
            lines.append(">" if before.quoted and part.quoted else "")
        lines += [quoted(line) if part.quoted else line for line in _lines(part, columns, references)]
        before = part
    return "\n".join(lines)


def quoted(line: str) -> str:
    """Return a line of Markdown as one of a quote."""
    return f"> {line}" if line else ">"


def _columns(columns: list[int], part: Part) -> list[int]:
    """Return at which column the text of each list begins that is still open, the part's own last."""
    if not isinstance(part, Listing):
        return []
    outer = columns[: part.indent]
    return [*outer, (outer[-1] if outer else 0) + len(_marker(part, len(part.items) - 1))]


def _goes_on(before: Part, part: Part) -> bool:
    """Tell whether a list belongs to the list before it, so that no blank line makes both of them loose."""
    if not isinstance(before, Listing) or not isinstance(part, Listing) or before.quoted != part.quoted:
        return False
    if part.indent > before.indent:
        return not part.ordered or part.start == 1  # another number begins no list right below a line of text
    return part.indent < before.indent or part.indent > 0


def _lines(part: Part, columns: Sequence[int], references: bool) -> list[str]:
    if isinstance(part, Paragraph):
        return [guarded(line) for line in _source(part.spans, references).split("\n")]
    if isinstance(part, Preformatted):
        return _fenced(part)
    left = " " * (columns[-2] if len(columns) > 1 else 0)
    return [line for n, item in enumerate(part.items) for line in _item(part, n, item, left, references)]


def _marker(part: Listing, number: int) -> str:
    return f"{part.start + number}. " if part.ordered else "- "


def _item(part: Listing, number: int, item: Line, left: str, references: bool) -> list[str]:
    marker = _marker(part, number)
    first, *others = (guarded(line) for line in _source(item, references).split("\n"))
    hanging = left + " " * len(marker)
    return [left + marker + (first or _EMPTY), *(hanging + line for line in others)]


def _fenced(part: Preformatted) -> list[str]:
    """Return a code block; one blank before all of its lines is not shown, and keeps a slash off the start."""
    lines = part.text.split("\n")
    left = " " if not part.quoted and any(line.startswith(("/", "<!--")) for line in lines) else ""
    fence = left + fence_for(part.text)
    language = part.language if part.language in LANGUAGES else ""
    return [fence + language, *(left + line if line else "" for line in lines), fence]


# One paragraph ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Piece:
    """The Markdown of one span, apart from the delimiters of its style."""

    delimiters: str
    core: str


def _source(spans: Iterable[Span], references: bool) -> str:
    """Return the lines of a paragraph or of a list item, with the line breaks that show."""
    lines = (_line([span for span in line if span.text], references) for line in split_lines(spans))
    return _BREAK.join(lines)


def _line(spans: Sequence[Span], references: bool) -> str:
    pieces = [_piece(span, references, last=n == len(spans)) for n, span in enumerate(spans, 1)]
    if pieces and not pieces[0].delimiters:
        pieces[0].core = _indented(pieces[0].core)
    done = ""
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else _Piece("", "")
        after = JOINER if following.delimiters else following.core[:1]
        done += _styled(piece, done[-1:], after)
    return done


def _indented(text: str) -> str:
    """Blanks at the start of a line would be lost, or make code of it."""
    rest = text.lstrip(" ")
    return "&nbsp;" * (len(text) - len(rest)) + rest


def _piece(span: Span, references: bool, *, last: bool) -> _Piece:
    delimiters = "~~" * span.strike + "**" * span.bold + "*" * span.italic
    if span.url and span.text == span.url and not span.code:
        return _Piece(delimiters, _bare(span.url))
    if span.code:
        core = code_span(span.text)
    else:
        core = escaped(span.text, last=last and not delimiters, references=references, label=bool(span.url))
    return _Piece(delimiters, f"[{core}]({_target(span.url)})" if span.url else core)


def _bare(url: str) -> str:
    return f"[{escaped(url[7:], label=True)}]({url})" if url.lower().startswith("mailto:") else f"<{url}>"


def _target(url: str) -> str:
    return f"<{url}>" if "(" in url or ")" in url else url


def _styled(piece: _Piece, before: str, after: str) -> str:
    """
    Return a piece with its delimiters, put so that CommonMark takes them for what they are.

    A delimiter between a letter and a punctuation character would be text; a word joiner inside of it is
    neither, and does not show. Two delimiters that touch would be one; a joiner keeps them apart.
    """
    apart = JOINER if _touching(piece, before) else ""
    before = apart or before
    # Behind the star of a style this would name an iteration (docs.gitlab.com/user/markdown, references).
    names = "*" in piece.delimiters and piece.core.lower().startswith("iteration:")
    core = f"{JOINER}{piece.core}" if names else piece.core
    for delimiter in _innermost_first(piece.delimiters):
        left = JOINER if is_punctuation(core[0]) and not _open(before) else ""
        right = JOINER if is_punctuation(core[-1]) and not _open(after) else ""
        core = f"{delimiter}{left}{core}{right}{delimiter}"
    return apart + core


def _innermost_first(delimiters: str) -> list[str]:
    found = [one for one in ("~~", "**") if one in delimiters]
    return list(reversed([*found, *(["*"] if delimiters.replace("**", "").endswith("*") else [])]))


def _touching(piece: _Piece, before: str) -> bool:
    first = (piece.delimiters + piece.core)[0]
    return before == first == "`" or (bool(before) and bool(piece.delimiters) and before in "*~")


def _open(neighbour: str) -> bool:
    """Tell whether any delimiter may stand beside this: the edge of the line, a blank, plain punctuation."""
    return not neighbour or neighbour.isspace() or (neighbour.isascii() and not neighbour.isalnum())
