"""Who may do what where: every command, button and form, for every kind of person, in every kind of place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import pytest

import commands
from bot.doors import agree
from bot.errors import GitLabSaidNo
from bot.model import OFFER, Run, RunState
from commands.incident import BARE, WHOLE
from tests.evidence import plays_incident, table_incident
from tests.evidence.floor import ACCOUNTS, DEV, OPS, SHARED, Floor, dm, known_commands
from tests.evidence.plays_run import ALL as PLAYS
from tests.evidence.scenes import POLICY, Scene, scene_at

#: The columns: who, and in the sandbox by what name.
PEOPLE: Mapping[str, str] = {
    "admin": "anna", "maintainer": "alice", "developer": "bob", "reporter": "carol", "nobody": "nina",
    "guest": "greg", "stranger": "erin", "gone": "zoe", "app": "robo",
}  # fmt: skip
#: The letters of a cell, in this order: an open channel, one that is shared outwards, direct messages, and a channel
#: whose every command the rule `not-here` denies.
PLACES = (OPS, SHARED, "dm", DEV)
#: What a letter means.
LETTERS: Mapping[str, str] = {
    "+": "done",
    "p": "refused for who they are in Slack",
    "c": "refused since the channel is shared with another company",
    "r": "refused by the rule `not-here`",
    "l": "asked to connect a GitLab account first",
    "g": "refused by GitLab, or for their role there",
    "o": "refused since it is for others to decide: holder, asker, approver, admin",
    "h": "held back by the lock of somebody else",
    "n": "nothing to do, said in a sentence",
}

#                                admin maint devel repor nobody guest stran gone  app
TABLE = """
run hello                        +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
run deploy-staging               +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
again                            +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
cancel                           +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
retry                            +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
log                              +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
jobs                             +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
runs                             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
approvals                        +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
lock staging                     +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
unlock staging (own)             +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
unlock staging (another's)       +c+r  +c+r  ocor  ocor  lclr  pppp  pppp  pppp  pppp
queue                            +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
queue staging                    +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
queue leave staging              +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
who                              +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
deploy main staging              +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
rollback staging                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
environments                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
project show                     +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
project use                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
project use -                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
project create                   +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
project alias                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue create                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue add                        +cnr  +cnr  +cnr  +cnr  lclr  pppp  pppp  pppp  pppp
issue open                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue show                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue search                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue close                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue reopen                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue comment                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue move                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue assign                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
issue label                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
alias                            +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
alias d = run hello              +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
alias -d                         +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
alias here d = run hello         +cnr  +cnr  +cnr  +cnr  lcnr  pppp  pppp  pppp  pppp
favourite                        +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
favourite run hello              +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
favourite remove 1               +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
home                             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
settings                         +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
settings mention never           +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
settings project acme/infra      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
every                            +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
every hour run hello             +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
every pause 1 (own)              +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
every resume 1 (own)             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
every remove 1 (own)             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
every now 1 (own)                +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
mr                               +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
mr show                          +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
mr share                         +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
mr approve                       +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
mr unapprove                     +c+r  +c+r  +c+r  ncnr  lclr  pppp  pppp  pppp  pppp
mr merge                         +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
pipeline                         +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
pipeline list                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
pipeline run                     +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
pipeline cancel                  +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
pipeline retry                   +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
pipeline share                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
pipeline play                    +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
access                           +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
audit                            +c+r  ocoo  ocoo  ocoo  ocoo  pppp  pppp  pppp  pppp
doctor                           +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
help                             +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
link                             +c++  +c++  +c++  +c++  lcll  pppp  pppp  pppp  pppp
whoami                           +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
unlink                           +c++  +c++  +c++  +c++  ncnn  pppp  pppp  pppp  pppp
[run.again]                      +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[run.form]                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[cancel.press]                   +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[retry.press]                    +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[log.press]                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[deploy.anew]                    +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[rollback.open]                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[approvals.approve]              ocor  +c+r  ocor  gcgr  lclr  pppp  pppp  pppp  pppp
[approvals.approve] (own)        ocor  ocor  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[approvals.reject]               +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[approvals.withdraw] (own)       +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[approvals.withdraw] (another's) ocor  ocor  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[lock.release] (own)             +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[lock.release] (another's)       +c+r  +c+r  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[lock.extend] (own)              +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[lock.extend] (another's)        ocor  ocor  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[lock.take]                      +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[lock.queue]                     +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[lock.give] (own)                +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[lock.give] (another's)          ocor  ocor  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[lock.keep] (own)                +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[lock.keep] (another's)          ocor  ocor  ocor  ocor  lclr  pppp  pppp  pppp  pppp
[every.pause] (own)              +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[every.pause] (another's)        +c+r  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[every.resume] (own)             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[every.resume] (another's)       ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[every.remove] (own)             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[every.remove] (another's)       +c+r  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[every.now] (own)                +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[every.now] (another's)          ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[mr.show]                        +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[mr.share]                       +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[mr.approve]                     +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[mr.unapprove]                   +c+r  +c+r  +c+r  ncnr  lclr  pppp  pppp  pppp  pppp
[mr.merge]                       +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[mr.later]                       +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[favourite.do] (own)             +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[favourite.do] (another's)       ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[favourite.edit] (own)           +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[favourite.edit] (another's)     ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[favourite.remove] (own)         +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[favourite.remove] (another's)   ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
[home.refresh]                   +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[settings.edit]                  +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
[unlink.press]                   +c++  +c++  +c++  +c++  ncnn  pppp  pppp  pppp  pppp
[pipeline.run]                   +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[pipeline.share]                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[pipeline.cancel]                +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[pipeline.retry]                 +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[pipeline.play]                  +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[access.ask]                     +cn+  +cn+  +cn+  +cn+  lcll  pppp  pppp  pppp  pppp
[access.hour]                    +c++  ocoo  ocoo  ocoo  ocoo  pppp  pppp  pppp  pppp
[access.day]                     +c++  ocoo  ocoo  ocoo  ocoo  pppp  pppp  pppp  pppp
[access.decline]                 +c++  ocoo  ocoo  ocoo  ocoo  pppp  pppp  pppp  pppp
[link.new]                       lcll  lcll  lcll  lcll  lcll  pppp  pppp  pppp  pppp
[link.token]                     +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
[project.create]                 +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.show]                     +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.close]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.reopen]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.assign]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.comment]                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.label]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.create]                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.add]                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[issue.project]                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[offer.try]                      +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[agree.go]                       +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
[agree.queue]                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
[agree.leave]                    +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
[agree.approval]                 +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
[agree.override]                 +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
{approvals.rejected}             ocor  +c+r  ocor  gcgr  lclr  pppp  pppp  pppp  pppp
{run.form}                       +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
{project.create}                 +c+r  +c+r  +c+r  gcgr  lclr  pppp  pppp  pppp  pppp
{issue.create}                   +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{issue.add}                      +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{issue.comment}                  +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{issue.label}                    +c+r  +c+r  +c+r  +c+r  lclr  pppp  pppp  pppp  pppp
{favourite.edit} (own)           +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
{favourite.edit} (new)           +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
{favourite.edit} (another's)     ocor  ocor  ocor  ocor  ocor  pppp  pppp  pppp  pppp
{settings.edit}                  +c+r  +c+r  +c+r  +c+r  +c+r  pppp  pppp  pppp  pppp
{link.token}                     +c++  +c++  +c++  +c++  +c++  pppp  pppp  pppp  pppp
{agree.approval}                 +cnr  +cnr  +cnr  +cnr  lclr  pppp  pppp  pppp  pppp
{agree.override}                 +cnr  hchr  hchr  hchr  lclr  pppp  pppp  pppp  pppp
"""
#: A row of the table, and its cells.
_CELLS = re.compile(rf"(?P<row>.*?) +(?P<cells>\S{{4}}(?:  \S{{4}}){{{len(PEOPLE) - 1}}})")
#: Rows that only tell something: done, they change nothing either.
TELLING = frozenset(
    {"log", "jobs", "runs", "approvals", "queue", "who", "project show", "doctor", "alias", "every", "access", "audit"}
    | {"favourite", "home", "settings", "[home.refresh]", "help", "link", "whoami", "[log.press]", "[link.new]"}
    | {"issue show", "issue search", "[issue.show]", "[issue.project]"}
    | {"rollback staging", "environments", "[rollback.open]"}
    | {"mr", "mr show", "mr share", "[mr.show]", "[mr.share]"}
    | {"pipeline", "pipeline list", "pipeline share", "[pipeline.share]"}
    | plays_incident.TELLING
)  # fmt: skip


#: Rows that connect or part.
TOUCHING_ACCOUNTS = frozenset({"unlink", "[unlink.press]", "{link.token}"})
#: The button under a form that GitLab has refused.
AGAIN = "Open the form again"
#: What refuses, by its sentence.
SENTENCES: Mapping[str, str] = {
    "I take commands only from|Slack account is deactivated": "p",
    "shared with another company": "c",
    "Developers and above|GitLab did not|GitLab does not let|at least the role Developer": "g",
    "so there is nothing to": "n",
    "only you and I see this|Only you and I see this conversation|do not see our direct messages": "n",
    "Here is nothing to quote": "n",
    "no favourite of yours": "o",
    "is for those named in|^Only |somebody else has to|lets only|holds the lock on|To answer this takes": "o",
    "was asked, not you|Only they and the commander": "o",
}


def rows() -> dict[str, dict[str, str]]:
    """The table, by row and kind of person."""
    table = TABLE + table_incident.TABLE
    lines = [_CELLS.fullmatch(line) for line in table.splitlines() if line]
    assert all(lines), "each line is a row and a cell for each kind of person"
    return {line["row"]: dict(zip(PEOPLE, line["cells"].split(), strict=True)) for line in lines if line}


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One floor for every cell, under a policy with a rule of each kind."""
    with scene_at(tmp_path_factory.mktemp("matrix"), POLICY) as scene:
        yield scene


# The table is whole -----------------------------------------------------------------------------------------


def test_the_table_and_its_plays_agree() -> None:
    """Every row can be played, and every cell says something that is explained."""
    assert rows().keys() == PLAYS.keys()
    cells = "".join(cell for row in rows().values() for cell in row.values())
    assert set(cells) <= LETTERS.keys()
    assert all(len(cell) == len(PLACES) for row in rows().values() for cell in row.values())


def test_every_command_stands_in_the_table() -> None:
    """A command, a word below one, a button or a form that nobody has thought about fails here (CVE-2026-3117)."""
    table = list(rows())
    for one in commands.load():
        known = [row for row in table if row.split()[0] == one.name]
        assert known, f"{one.name} stands in no row"
        for word in _words_below(one.usage):
            assert any(row.split()[1:2] == [word] for row in known), f"{one.name} {word} stands in no row"
    buttons = {action for one in commands.load() for action in one.buttons} | {
        OFFER,
        *agree.buttons(_Reasons()),
    }
    assert {row.split()[0] for row in table if row.startswith("[")} == {f"[{action}]" for action in buttons}
    forms = {form for one in commands.load() for form in one.forms} | {*agree.forms()}
    assert {row.split()[0] for row in table if row.startswith("{")} == {f"{{{form}}}" for form in forms}


def test_every_word_of_incident_stands_in_the_table() -> None:
    """Its usage names a few of its words; what else is known there is in the table, too."""
    known = {row.split()[1] for row in rows() if row.startswith("incident ")}
    assert WHOLE.verbs.keys() - {BARE} == known


def _words_below(usage: str) -> set[str]:
    """The words a usage has for one of several things to do: `project use <path> | alias …` has use and alias."""
    rest = usage.partition(" ")[2]
    if " | " not in rest or (rest.startswith(("<", "[")) and not re.search(r"\| [a-z]+ <", rest)):
        return set()
    return {part.split()[0] for part in rest.split(" | ") if part[0].isalpha()}


class _Reasons:
    """Draws no form: only the names of the buttons are asked for."""

    def reason(self, action: str, kept_id: str, place: Any) -> dict[str, Any]:
        raise NotImplementedError


# Each cell --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", list(PLAYS))
def test_row(scene: Scene, row: str) -> None:
    """Each cell comes out as the table says; what is refused has changed nothing, in the store or in GitLab."""
    found, wrong = {}, []
    for kind, name in PEOPLE.items():
        found[kind], remarks = _cells(scene, row, name)
        wrong += [f"{kind}: {remark}" for remark in remarks]
    line = f"{row:<33}{'  '.join(found.values())}"
    assert found == rows()[row], "\n".join([line, *wrong])
    assert wrong == []


def _cells(scene: Scene, row: str, name: str) -> tuple[str, list[str]]:
    """What becomes of one row for somebody in every place, and what is wrong with it."""
    letters, wrong = "", []
    for place in PLACES:
        channel = place if place != "dm" else dm(scene.floor.user(name))
        scene.clear()
        act = PLAYS[row](scene, name, channel)
        before = scene.floor.state()
        letter, said = _outcome(scene.floor, act)
        changed = scene.floor.state() != before
        if changed != (letter == "+" and row not in TELLING):
            wrong.append(f"{place}: {letter} and {'something' if changed else 'nothing'} has changed: {said}")
        if letter == "?":
            wrong.append(f"{place}: not in the table of sentences: {said}")
        letters += letter
        if row in TOUCHING_ACCOUNTS:
            _connect_again(scene.floor, name)
    return letters, wrong


def _outcome(floor: Floor, act: Callable[[], str]) -> tuple[str, str]:
    """The letter of what was done, and what was said."""
    floor.voice.forget()
    last = _last_run(floor)
    key = act()
    said = floor.told(key)
    assert floor.voice.bugs == 0, said
    if floor.voice.unlinked or said.startswith("Connect your GitLab account."):
        return "l", said
    if floor.voice.verdicts:
        return _of_verdict(floor), said
    if floor.voice.problems:
        return _of_problem(floor), f"{floor.voice.problems}"
    if "You have no GitLab account connected. `link`" in said:
        return "n", said
    return ("g" if AGAIN in said or _is_refused(floor, last) else "+"), said


def _of_verdict(floor: Floor) -> str:
    step = floor.voice.verdicts[-1].stopped
    return {"not-here": "r"}.get(step.rule, "h" if step.name == "lock" else "?") if step else "?"


def _of_problem(floor: Floor) -> str:
    error = floor.voice.problems[-1]
    found = (letter for pattern, letter in SENTENCES.items() if re.search(pattern, error.sentence))
    return "g" if isinstance(error, GitLabSaidNo) else next(found, "?")


def _last_run(floor: Floor) -> Run:
    with floor.store.read() as tx:
        return tx.runs.recent(None, limit=1)[0]


def _is_refused(floor: Floor, before: Run) -> bool:
    """Tell whether the act began a run that GitLab has refused."""
    run = _last_run(floor)
    return run.id != before.id and run.state is RunState.REFUSED


def _connect_again(floor: Floor, name: str) -> None:
    with floor.store.write() as tx:
        tx.accounts.drop(floor.person(name))
    if name in ACCOUNTS:
        floor.link(name, ACCOUNTS[name])


# What is in no row ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(known_commands().keys() - {one.name for one in commands.load()}))
def test_another_name_is_no_way_round(scene: Scene, name: str) -> None:
    """An alias is refused to whom its command is refused, and where it is."""
    command = known_commands()[name].name
    row = next(cells for row, cells in rows().items() if row.split()[0] == command)
    tried = [
        (kind, place) for kind in ("nobody", "guest", "stranger", "gone", "app") for place in (SHARED, DEV)
    ]
    done = {
        one: _outcome(scene.floor, partial(scene.floor.slash, PEOPLE[one[0]], name, one[1]))[0]
        for one in tried
    }
    assert [one for one in tried if done[one] == "+" and row[one[0]][PLACES.index(one[1])] != "+"] == []


@pytest.mark.parametrize(
    "line", ["sudo run hello", "instance list", "webhook add x", "admin", "project delete acme/shop", "use x"]
)
def test_an_unknown_command_is_denied(scene: Scene, line: str) -> None:
    """What nobody has written does nothing, whoever types it (CVE-2026-3117)."""
    before = scene.floor.state()
    for name in PEOPLE.values():
        scene.floor.voice.forget()
        scene.floor.slash(name, line)
        assert scene.floor.voice.problems or scene.floor.voice.unlinked
    assert scene.floor.state() == before


@pytest.mark.parametrize(
    "action", ["run.start", "approvals.approved", "agree", "access.week", "lock.break", "", "x" * 255]
)
def test_an_unknown_button_or_form_is_denied(scene: Scene, action: str) -> None:
    """An action id that no command owns does nothing."""
    scene.clear()
    lock = scene.lock("rita", OPS)
    before = scene.floor.state()
    for name in PEOPLE.values():
        scene.floor.voice.forget()
        scene.floor.click(name, action, lock.id)
        scene.floor.form(name, action or "none", lock.id, reason="It is due.")
        assert len(scene.floor.voice.problems) == 2
    assert scene.floor.state() == before
