"""`run_bot.py policy explain`: what the rules say of a command, from the configuration and the store alone."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from bot import asides, words
from bot.access import decide, explain, grants
from bot.catalogues import Catalogue
from bot.config import Config
from bot.deeds import Deed
from bot.edges.store import Store, Tx
from bot.errors import NotUnderstood
from bot.issues import typed
from bot.jobs import catalogue, sources
from bot.ledger import Account
from bot.model import DEPLOYS, Millis, Person
from bot.policy import DENY
from bot.tools import verbs
from bot.words import Line

ALLOWED, DENIED = 0, 1
#: Commands whose words are read; of any other only its name counts.
VERBS = ("run", "retry", "again", "cancel", "lock", "unlock", "deploy", "rollback", "issue")
#: What starts something, and so meets locks and freezes.
RISKY = frozenset({"run", "retry", "again", "deploy", "rollback"})
#: Catalogues looked through for a job.
LOOKED_THROUGH = 500
NO_ENVIRONMENT = "-"


@dataclass(frozen=True, slots=True)
class _Meant:
    """What was typed, before it is known where it would happen."""

    verb: str
    project: str
    job: str = ""
    ref: str = ""
    environment: str = ""
    arguments: str = ""


def describe(parser: argparse.ArgumentParser) -> None:
    """Add to the parser of `policy` what can stand after it; the choice is `options.policy`."""
    kinds = parser.add_subparsers(dest="policy", metavar="WHAT", required=True)
    told = kinds.add_parser(
        "explain", help="print what each rule says of a command",
        epilog="Exit codes: 0 it is allowed, perhaps after a confirmation or an approval; 1 denied; 2 not understood.",
    )  # fmt: skip
    told.add_argument(
        "--as", dest="who", required=True, metavar="PERSON",
        help="a Slack id, or the GitLab username or name of somebody who is connected",
    )  # fmt: skip
    told.add_argument("--in", dest="where", required=True, metavar="CHANNEL", help="a channel's id, or dm")
    told.add_argument(
        "--role", default="", metavar="ROLE", help="their role in the project, such as developer"
    )
    told.add_argument(
        "--environment", default="", metavar="NAME", help="where the job deploys to; - for nowhere"
    )
    told.add_argument(
        "--groups", default=None, metavar="A,B", help="every group they are in; without it unknown"
    )
    told.add_argument("line", metavar="COMMAND", help="the command as it is typed in Slack, in quotes")


def run(options: argparse.Namespace, config: Config, out: TextIO, *, now: Callable[[], Millis]) -> int:
    """
    Explain a command to `out`; return the exit code, 1 if it is denied.

    Nothing but the configuration and the store is read. Raises NotUnderstood for what it cannot read.
    """
    with _opened(config.store.path) as tx:
        case = _case(options, config, tx, now())
        decision = explain.decided(case)
        out.writelines(f"{line}\n" for line in explain.lines(case, decision, now()))
    return DENIED if decision.then == DENY else ALLOWED


@contextmanager
def _opened(path: Path) -> Iterator[Tx | None]:
    """The store if there is one: to explain something makes none."""
    if not path.exists():
        yield None
        return
    with closing(Store(path)) as store, store.read() as tx:
        yield tx


def _case(options: argparse.Namespace, config: Config, tx: Tx | None, now: Millis) -> explain.Case:
    channel = explain.channel(options.where)
    account, person, username = _person(tx, options.who)
    groups = (
        None
        if options.groups is None
        else tuple(one.strip().removeprefix("@") for one in options.groups.split(","))
    )
    told = explain.Told(config.policy, person, username, groups, explain.role(options.role))
    known_verbs = {one: one for one in VERBS} | verbs(options.commands())
    meant = _read(options.line, _aliases(config, tx), known_verbs, config.gitlab.url)
    path = meant.project or _of_channel(config, tx, channel)
    known = _catalogue(tx, path, meant.ref)
    environment, unknown = _environment(meant, known, options.environment)
    ref = meant.ref or (known.project.default_branch or "" if known and meant.job else "")
    who = account.person if account else Person("", person)
    deed = Deed(
        decide.kinds(meant.verb), who, channel, project=path, project_id=_project_id(tx, path, known),
        job=meant.job, ref=ref, environment=environment, tier=explain.tier(config.policy, environment),
        arguments=meant.arguments, risky=meant.verb in RISKY,
    )  # fmt: skip
    if not ref and (meant.job or meant.verb in DEPLOYS):
        unknown |= {"ref"}
    if not meant.job and meant.verb in DEPLOYS:
        unknown |= {"job"}
    return explain.Case(
        deed, told, account, unknown,
        grants=tuple(grants.in_force_of(tx, account, now)) if tx else (),
        lock=tx.locks.held(deed.project_id, environment) if tx and environment else None,
        notes=_notes(tx, account, path),
    )  # fmt: skip


def _notes(tx: Tx | None, account: Account | None, path: str) -> list[str]:
    notes = [] if tx else ["There is no store yet, so I know no accounts, locks or jobs."]
    if tx and account is None:
        notes.append("The store knows no such account: nobody of that name is connected.")
    if not path:
        notes.append("No project is meant here; name one before the command.")
    return notes


# Who and where ----------------------------------------------------------------------------------------------


def _person(tx: Tx | None, said: str) -> tuple[Account | None, str, str]:
    """Return the account, the Slack id and the GitLab username, as far as they are known."""
    word = said.removeprefix("@").removeprefix("gitlab:")
    found = tx.accounts.known_as(word) if tx else []
    if len(found) > 1:
        ids = ", ".join(f"{one.person.id} (@{one.username})" for one in found)
        raise NotUnderstood(f"`{said}` may be {ids}. Give the Slack id.")
    if found:
        return found[0], found[0].person.id, found[0].username
    is_slack = explain.is_person(word)
    return None, word if is_slack else "", "" if is_slack else word


def _aliases(config: Config, tx: Tx | None) -> dict[str, str]:
    """Short names; those set in chat count if only one team knows them, which is so in one workspace."""
    names = dict(tx.places.every_alias()) if tx else {}
    return names | {name: path for path, project in config.projects.items() for name in project.aliases}


def _of_channel(config: Config, tx: Tx | None, channel: str) -> str:
    chosen = tx.places.of_channel(channel) if tx else None
    named = (path for path, project in config.projects.items() if channel in project.channels)
    only = next(iter(config.projects)) if len(config.projects) == 1 else ""
    return chosen or next(named, only)


def _project_id(tx: Tx | None, path: str, known: Catalogue | None) -> int:
    if known:
        return known.project.id
    last = tx.runs.recent(None, project=path, limit=1) if tx and path else []
    return last[0].project_id if last else 0


def _catalogue(tx: Tx | None, path: str, ref: str) -> Catalogue | None:
    """The newest catalogue of the project that is kept, of this ref if there is one."""
    texts = tx.catalogues.newest(LOOKED_THROUGH) if tx and path else []
    found = [one for one in map(catalogue.loads, texts) if one and one.project.path == path]
    return next((one for one in found if one.ref == (ref or one.project.default_branch)), None) or next(
        iter(found), None
    )


def _environment(meant: _Meant, known: Catalogue | None, given: str) -> tuple[str, frozenset[str]]:
    """Return the environment, and whether it is not known."""
    if given or meant.environment:
        return "" if given == NO_ENVIRONMENT else given or meant.environment, frozenset()
    if not meant.job:
        return "", frozenset({"environment"} if meant.verb in RISKY else ())
    job = next((one for one in known.jobs if one.name == meant.job), None) if known else None
    return (job.environment or "", frozenset()) if job else ("", frozenset({"environment"}))


# What was typed ---------------------------------------------------------------------------------------------


def _read(text: str, aliases: Mapping[str, str], known: Mapping[str, str], home: str) -> _Meant:
    """Read a command; what is said beside it changes no rule. Raises NotUnderstood if there is none.

    `known` is every first word that is understood, with the name of its command, `home` GitLab's address.
    """
    line = words.read(text.strip().removeprefix("/gitlab ").removeprefix("/"), known)
    if line.verb is None:
        raise NotUnderstood(_not_a_command(line, known))
    line, _ = asides.read(line, known)
    project = line.project or ""
    if known[line.verb or ""] == "issue":
        named, seen = typed.for_rules(line, home)
        project = named or project
        return _Meant("issue", aliases.get(project, project), arguments=seen)
    return _meant(known[line.verb or ""], aliases.get(project, project), line)


def _not_a_command(line: Line, known: Mapping[str, str]) -> str:
    said = line.words[0].text if line.words else ""
    near = words.nearest(said, known, most=1)
    hint = f" Did you mean {near[0]}?" if near else ""
    return f"{said or 'Nothing'} is no command I know.{hint} Give it as it is typed in Slack, such as 'run deploy v1'."


def _meant(verb: str, project: str, line: Line) -> _Meant:
    said = [word.text for word in line.words]
    if verb in {"lock", "unlock", "rollback"}:
        return _Meant(verb, project, environment=_first(said))
    if verb == "deploy":
        return _deploy(project, line)
    if verb not in VERBS:
        return _Meant(verb, project)
    job, _, ref = _first(said).rpartition("@")
    if not job:
        job, ref = _first(said), ""
    return _Meant(verb, project, job, ref, arguments=line.after(1) if verb == "run" else "")


def _deploy(project: str, line: Line) -> _Meant:
    """`deploy WHAT ENV` as the command reads it; only GitLab knows the ref of what runs somewhere."""
    said = sources.parsed(line.words)
    if said is None or not (said.what and said.where):
        raise NotUnderstood("Type it as `deploy REF ENVIRONMENT` or `deploy ENVIRONMENT to ENVIRONMENT`.")
    kind, name = sources.prefixed(said.what)
    by_form = any(one.text.lower() == sources.TO for one in line.words[1:-1])
    known = kind in {sources.TAG, sources.BRANCH} or (not kind and not by_form)
    return _Meant("deploy", project, said.job, name if known else "", said.where)


def _first(said: Sequence[str]) -> str:
    return said[0] if said else ""
