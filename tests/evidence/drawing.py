"""Draws everything the bot can draw with hostile words: arguments for any drawing, made of the types it asks for."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import types
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from hypothesis import strategies as st

import blocks
from blocks import parts
from bot.catalogues import Entry, Kind, Picked
from bot.deeds import Halted
from bot.errors import BotError, LeftOut, NotLinked
from bot.model import Message, Option, Person, Place
from bot.text import escape
from tests.blocks.looks import HOSTILE

ME, HERE = Person("T0ACME0001", "U0ALICE001"), Place("C0OPS00001")
HOME = "https://gitlab.example.com/acme/shop/-/jobs/1"
#: Beside those of all drawings: what broke out of GitLab's own notifications (gitlab#340176), and marks of ours.
CORPUS = (
    *HOSTILE, "><http://evil.example|click", "</https://evil.example|x>", "<!date^1^{ago}^https://evil.example|x>",
    "<https://gitlab.example.com|ok><https://evil.example|here>", "<slack://open|x>", "<tel:1|x>", "]()", "](https://evil.example)",
    "&amp;lt;!here&amp;gt;", "\uff1c!channel\uff1e", "<\u200b!channel>",
)  # fmt: skip
words = st.lists(st.sampled_from(CORPUS) | st.text(max_size=8), min_size=1, max_size=5).map("".join)
#: Rooms that draw pieces out of text that is escaped already, and nothing by themselves.
PIECES = frozenset({"parts", "forms", "spans", "reasons", "voice", "looks"})
#: Drawings handed sentences of ours, whose foreign parts the caller has escaped.
OF_OURS = frozenset(
    {("issue", "told"), ("answers", "said"), ("answers", "whispered"), ("lists", "listed")}
    | {("recurring", "of_recurring"), ("incident_said", "told")}
)
#: Parameters and fields that are ours: ids, addresses of the configuration, and words of a small set.
OURS: Mapping[str, st.SearchStrategy[Any]] = {
    "prefix": st.sampled_from(["/gitlab ", ""]), "footer": st.just("`help`"), "reference": st.just("id000001"),
    "channel": st.just("C0OPS00001"), "code": st.sampled_from(["not_in_channel", "shared_with_others"]),
    "url": st.just(HOME), "pipeline_url": st.just(HOME), "job_url": st.just(HOME),
    "review_url": st.just(HOME),
    "gitlab": st.just("https://gitlab.example.com"),
    "id": st.just("row1"), "ids": st.just(("row1", "row2")), "kept": st.just("row1"), "run_id": st.just("row1"),
    "sheet": st.just("row1"), "use": st.just("row1"), "value": st.just("row1"), "aim": st.just("row1"),
    "device": st.just("row1"), "whom": st.sampled_from(["", "U0ALICE001"]),
    "action": st.sampled_from(["agree.approval", "agree.override"]), "method": st.sampled_from(["device", "token"]),
    "hold": st.sampled_from(["", "approval", "lock", "gitlab"]), "then": st.just("deny"),
    "who": st.lists(st.sampled_from(["U0ALICE001", "S0LEADS001"]) | words.map("gitlab:{}".format), max_size=4),
    "people": st.just(["U0ALICE001"]), "groups": st.just(["S0LEADS001"]),
    "offers": st.lists(st.tuples(words, st.just("row1")), max_size=2),
    "status": st.sampled_from(["", "pending", "running", "success", "failed", "canceled", "manual"]) | words,
    "person": st.just("U0ALICE001"), "commands": st.just(("run",)), "title": words.map(escape),
    "told": words.map(escape), "scope": st.sampled_from(["person", "channel", "site"]),
    "mention": st.sampled_from(["", "never", "300"]), "settings": words.map(escape),
}  # fmt: skip
#: Words of a small set, by the noun that has them.
STATES: Mapping[str, Sequence[str]] = {
    "Grant": ("asked", "granted", "declined", "ended"), "Lock": ("held", "released", "expired"),
    "MergeRequest": ("opened", "closed", "locked", "merged"),
    "Recurring": ("on", "paused"),
    "Account": ("live", "dead"), "Approval": ("open", "granted"), "Waiter": ("waiting", "served", "left"),
    "Issue": ("opened", "closed"),
}  # fmt: skip


def _picked(block: str) -> st.SearchStrategy[Picked | None]:
    return st.none() | st.builds(Picked, st.just(block), words, words)


#: What is measured of incidents.
SPANS = st.sampled_from(["detect", "acknowledge", "mitigate", "resolve"])
#: Fields of certain nouns that are ours, or whose parts hang together: no two blocks of a form have one id.
TOGETHER: Mapping[tuple[str, str], st.SearchStrategy[Any]] = {
    ("Step", "name"): st.sampled_from(["rules", "lock", "freeze"]),
    ("Measure", "name"): SPANS, ("Average", "name"): SPANS,
    ("JobForm", "pick_project"): _picked("project"), ("JobForm", "pick_job"): _picked("job.1"),
    ("JobForm", "pick_ref"): _picked("ref.1"), ("JobForm", "text_id"): st.sampled_from(["", "text.c0ffee"]),
    ("JobForm", "entries"): st.lists(
        st.builds(
            Entry, st.integers(0, 9).map("input.c0ffee.{}.0".format), words,
            st.sampled_from([Kind.TEXT, Kind.LINES, Kind.LIST, Kind.OPTIONS, Kind.BOXES, Kind.MANY]), words, words,
            st.lists(words.map(lambda one: one[:75] + "x"), min_size=1, max_size=3, unique=True).map(tuple), words,
            st.booleans(), st.booleans(),
        ),
        max_size=4, unique_by=lambda one: one.id,
    ).map(tuple),
}  # fmt: skip


def drawings() -> dict[str, Callable[..., Any]]:
    """Every public function of `blocks` that returns a message or a form, by its name."""
    found: dict[str, Callable[..., Any]] = {}
    for info in pkgutil.iter_modules(blocks.__path__):
        if info.name in PIECES:
            continue
        module = importlib.import_module(f"blocks.{info.name}")
        for name, function in inspect.getmembers(module, inspect.isfunction):
            own = function.__module__ == module.__name__ and not name.startswith("_")
            if own and (info.name, name) not in OF_OURS and _draws(function):
                found[f"{info.name}.{name}"] = function
    return found


def _draws(function: Callable[..., Any]) -> bool:
    made = typing.get_type_hints(function).get("return")
    return made in {Message, dict[str, Any]} or made == Message | None


@st.composite
def drawn(draw: st.DrawFn, function: Callable[..., Any]) -> Message:
    """What a drawing makes of hostile words."""
    hints = typing.get_type_hints(function)
    given = {name: draw(_of(hint, name)) for name, hint in hints.items() if name != "return"}
    positional = [given.pop(one.name) for one in inspect.signature(function).parameters.values()
                  if one.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]  # fmt: skip
    made = function(*positional, **given)
    if isinstance(made, Message):
        return made
    if made and "blocks" not in made:  # A piece of a message, such as a row of a list.
        return Message("-", (made,))
    return Message("-", tuple(made["blocks"]) if made else ())


def _of(hint: Any, name: str = "", owner: str = "") -> st.SearchStrategy[Any]:
    """Return what a parameter or field of this type and name may be."""
    if name == "state" and owner in STATES:
        return st.sampled_from(STATES[owner])
    if (owner, name) in TOGETHER:
        return TOGETHER[owner, name]
    if name in OURS and hint in {
        str,
        Sequence[str],
        Sequence[tuple[str, str]],
        tuple[str, ...],
        tuple[str, str],
    }:
        return OURS[name]
    if hint in _PLAIN:
        return _PLAIN[hint]
    origin, inside = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:
        return st.one_of(*(st.none() if one is type(None) else _of(one, name, owner) for one in inside))
    return _many(origin, inside) if origin else _noun(hint)


def _many(origin: Any, inside: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if issubclass(origin, Mapping):
        return st.dictionaries(_of(inside[0]), _of(inside[1]), max_size=3)
    if origin is tuple and inside[-1:] != (Ellipsis,):
        return st.tuples(*(_of(one) for one in inside))
    listed = st.lists(_of(inside[0]), max_size=3)
    return listed.map(tuple) if origin is tuple else listed


def _noun(hint: Any) -> st.SearchStrategy[Any]:
    if isinstance(hint, type) and issubclass(hint, Enum):
        return st.sampled_from(list(hint))
    assert is_dataclass(hint), f"Nobody has said what a {hint} may be in a drawing."
    hints = typing.get_type_hints(hint)
    owner = getattr(hint, "__name__", "")
    made = [one.name for one in fields(hint) if one.init and owner not in str(hints[one.name])]
    own = {name: _of(hints[name], name, owner) for name in made}
    return st.builds(typing.cast("type[Any]", hint), **own)


_PLAIN: Mapping[Any, st.SearchStrategy[Any]] = {
    str: words, int: st.integers(0, 2_000_000_000_000), float: st.floats(0, 10), bool: st.booleans(), Any: words,
    object: words, Person: st.just(ME), Place: st.just(HERE),
    BotError: words.filter(str.strip).map(BotError), NotLinked: words.filter(str.strip).map(NotLinked),
    Sequence[Option]: st.lists(
        st.builds(Option, words.map("{}x".format), words.map(lambda one: one[:149] + "x"), words),
        min_size=1, max_size=12,
    ),
    Halted: st.nothing(), Message: words.map(escape).map(lambda said: Message(said, (parts.section(said),))),
    LeftOut: st.builds(
        LeftOut, words, before=words, options=st.lists(st.builds(Option, words, words, words), max_size=3).map(tuple),
        source=st.sampled_from(["", "project"]),
    ),
}  # fmt: skip


def texts(part: Any) -> Iterator[Mapping[str, Any]]:
    """Every object of a message in which a text or an address stands."""
    if isinstance(part, Mapping):
        if "type" in part:
            yield part
        for value in part.values():
            yield from texts(value)
    elif isinstance(part, list | tuple):
        for one in part:
            yield from texts(one)
