"""Makes a project: what was typed becomes a plan, the plan is looked at, and GitLab is asked once."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any, Protocol

from bot import writing
from bot.access import audit, outright
from bot.access.kept import owner
from bot.command import Form, Request
from bot.deeds import Deed
from bot.delivery import letters
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import GitLabSaidNo, NotFound, NotUnderstood
from bot.jobs import known
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message, Millis, Person
from bot.namespaces import VISIBILITIES, Facts, Group, Plan
from bot.vault import VaultError
from bot.words import Word, longhand, quote
from bot.writing import Kind, Result

CREATE = "project.create"
#: GitLab's limits of a project's name and description (app/models/project.rb).
LONGEST_NAME, LONGEST_DESCRIPTION = 255, 2_000
#: What a name may hold (lib/gitlab/regex.rb, project_name_regex).
_NAME = re.compile(r"[\w\U0001f300-\U0001faff][\w\U0001f300-\U0001faff .+-]*")
#: What a path may be (lib/gitlab/path_regex.rb): nothing special at its ends or twice in a row, no ending of a page's.
_PATH = re.compile(r"[a-zA-Z0-9]+(?:[_.-][a-zA-Z0-9]+)*(?<!\.git)(?<!\.atom)")
#: Letters that are no plain one with a mark on it, in plain ones, as Rails writes them (I18n, transliterator).
_PLAIN = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "þ": "th", "ı": "i"}
)
NAME_RULE = "begin with a letter, a digit or an underscore, and hold letters, digits, blanks and `_ . + -`"
#: GitLab's clock and ours may differ by this much.
CLOCKS_APART: Millis = 60_000
#: GitLab's words for a name that is taken, and for a group in which somebody may make none (doc/api/projects.md).
TAKEN, NO_RIGHT = "already been taken", "namespace is not valid"
IN, WITH, README = "in", "with", "readme"


class Drawing(Protocol):
    """How a new project is told; handed in, since the rules do not know `blocks`."""

    def created(self, facts: Facts, by: str, use: str) -> Message: ...

    def found(self, facts: Facts) -> Message: ...

    def not_created(self, name: str) -> Message: ...


@dataclass(frozen=True, slots=True)
class Told:
    """What was typed, and whether it says all that has to be said."""

    plan: Plan
    whole: bool


def typed(request: Request) -> Told:
    """
    Read `create <name> [in <group>] [private] [with readme] [⏎ description]`; the name is all words before `in`.

    It says enough once it says who may see the project, since that is nothing to guess.
    """
    line, _, description = request.line.after(1).partition("\n")
    words = [word for word in request.words[1:] if word.start < request.line.body + _length(request, line)]
    at = next((n for n in range(len(words) - 1, 0, -1) if _is(words[n], IN)), None)
    tail_from = (
        at + 2 if at is not None else next((n for n, one in enumerate(words) if n and _ends(one)), len(words))
    )
    tail = {word.text.casefold() for word in words[tail_from:]}
    name = " ".join(word.text for word in words[: tail_from if at is None else at])
    group = words[at + 1].text if at is not None and at + 1 < len(words) else ""
    _refuse_rest(request, tail)
    visibility = next((one for one in VISIBILITIES if one in tail), "")
    plan = Plan(name, group.strip("/"), visibility, description.strip(), README in tail)
    return Told(plan, bool(name and visibility))


def _length(request: Request, line: str) -> int:
    """How far the first line goes, from the end of the verb."""
    rest = request.line.text[request.line.body :]
    return rest.index(line) + len(line) if line else len(rest)


def _is(word: Word, keyword: str) -> bool:
    return not word.quoted and word.text.casefold() == keyword


def _ends(word: Word) -> bool:
    return any(_is(word, one) for one in (*VISIBILITIES, WITH))


def _refuse_rest(request: Request, tail: set[str]) -> None:
    strange = sorted(tail - {*VISIBILITIES, WITH, README})
    if strange or len(tail & set(VISIBILITIES)) > 1:
        raise NotUnderstood(
            f"I do not understand `{' '.join(strange) or ' '.join(sorted(tail))}` there. Type it as"
            f" `{longhand(request.prefix)}project create name in group private with readme`; quote a name that holds"
            " `in`."
        )


# What can be said of a plan before GitLab is asked ------------------------------------------------------------


def mistakes(plan: Plan) -> dict[str, str]:
    """Return what is wrong with a plan, by the names of its fields, in plain text."""
    found = {}
    if not plan.name:
        found["name"] = "A project needs a name."
    elif len(plan.name) > LONGEST_NAME:
        found["name"] = f"It is {len(plan.name)} characters long; GitLab takes {LONGEST_NAME}."
    elif not _NAME.fullmatch(plan.name):
        found["name"] = f"It has to {NAME_RULE.replace('`', '')}."
    if len(plan.description) > LONGEST_DESCRIPTION:
        found["description"] = (
            f"It is {len(plan.description)} characters long; GitLab takes {LONGEST_DESCRIPTION}."
        )
    if plan.visibility not in {"", *VISIBILITIES}:
        found["visibility"] = f"It has to be one of {', '.join(VISIBILITIES)}."
    return found


def of_form(form: Form) -> Plan:
    """Return the plan that somebody filled in."""
    get = form.values.get
    return Plan(
        (get("name") or "").strip(), get("group") or "", get("visibility") or "", (get("description") or "").strip(),
        bool(get("readme")),
    )  # fmt: skip


def load(body: str) -> Plan:
    """Return a plan that was kept."""
    return Plan(**json.loads(body))


def dump(plan: Plan) -> str:
    return json.dumps(asdict(plan), ensure_ascii=False)


def line(plan: Plan) -> str:
    """Return what somebody types for a plan, without what stands before the command."""
    parts = ["project create", quote(plan.name or "name"), *(["in", quote(plan.group)] if plan.group else [])]
    parts += [plan.visibility or "private", *(["with readme"] if plan.readme else [])]
    return " ".join(parts)


# Making it ----------------------------------------------------------------------------------------------------


def make(kit: Kit, draw: Drawing, asked: Request | Form, plan: Plan) -> None:
    """
    Make a project as the person, once; everybody in the place is told, and it is found at once by who made it.

    Raises NotUnderstood for a plan that cannot be, what the ladder raises, and GitLab's refusals.
    """
    wrong = mistakes(plan)
    if wrong:
        raise NotUnderstood(" ".join(f"{name.capitalize()}: {said}" for name, said in wrong.items()))
    gitlab = kit.gitlab_as(asked.person)
    # By the name GitLab has for it, since rules know it by that: a group may be typed in any case, or as its number.
    group = gitlab.group(plan.group) if plan.group else None
    path = f"{group.path if group else gitlab.me().username}/{slug(plan.name)}"
    deed = Deed(("project",), asked.person, asked.place.channel, project=path)
    call = f"POST /projects, {plan.name} in {path.rpartition('/')[0]}"
    outright.check(kit, deed, asked.permit, name=asked.name, what="a new project", call=call)
    about = json.dumps(
        {"name": plan.name, "path": path}, ensure_ascii=False
    )  # What they wrote of it is not kept.
    write = Write(f"{asked.key}.create", CREATE, asked.person, asked.name, asked.place, 0, path, about)
    writing.once(kit, write, replace(kind(draw), act=partial(_act, plan, group)))


def slug(name: str) -> str:
    """
    Return the path of a project with this name: the name itself if it can be one, else what it is in plain letters.

    GitLab makes one much like it where none is sent (app/services/projects/create_service.rb); sent, it is known
    before. Empty for a name without a letter that can be written so.

    >>> slug("The New Shop"), slug("Depot_2"), slug("Straße 7")
    ('the-new-shop', 'Depot_2', 'strasse-7')
    """
    if _PATH.fullmatch(name):
        return name
    letters = unicodedata.normalize("NFKD", name.casefold().translate(_PLAIN))
    plain = "".join(one for one in letters if not unicodedata.combining(one))
    return re.sub("[^a-z0-9]+", "-", plain).strip("-")


def kind(draw: Drawing) -> Kind:
    """Return how a lost project is found, and what is told; only who asks for one knows what is said of it."""

    def told(_kit: Kit, write: Write, result: Result | None) -> Message:
        return draw.found(Facts(**result)) if result else draw.not_created(_about(write)["name"])

    def settled(tx: Tx, kit: Kit, write: Write, result: Result) -> None:
        facts = Facts(**result)
        message = draw.created(facts, write.name, offer_use(tx, write.id, facts, kit.now()))
        letters.card_of(tx, write.id, write.place, message, kit.now(), person=write.person.id)
        _note(tx, kit, write, facts)
        known.learn(tx, write.person, facts.id, facts.path, kit.now())

    return Kind(_only_found, _find, told, settled)


def offer_use(tx: Tx, key: str, facts: Facts, now: Millis) -> str:
    """Keep the command of the button that makes a project the one of a place; return the id it carries."""
    offer = f"{key}.use"
    tx.offers.put(offer, f"project use {facts.path}", now)
    return offer


def _note(tx: Tx, kit: Kit, write: Write, facts: Facts) -> None:
    deed = Deed(("project",), write.person, write.place.channel, project=facts.path, project_id=facts.id)
    account = tx.accounts.get(write.person)
    audit.note(tx, audit.entry(kit, deed, "created", name=write.name, place=write.place, account=account))


def _act(plan: Plan, group: Group | None, gitlab: GitLab, _write: Write) -> Result:
    try:
        return _kept(gitlab.create_project(plan, group, slug(plan.name)))
    except GitLabSaidNo as error:
        raise GitLabSaidNo(_why(error, plan), status=error.status, reason=error.reason) from error


def _only_found(_gitlab: GitLab, _write: Write) -> Result:
    raise AssertionError("what is looked for is not made")


def _kept(facts: Facts) -> Result:
    """What is kept of a new project: all but what somebody wrote of it."""
    return asdict(facts) | {"description": ""}


def _about(write: Write) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write.about)
    return found


def _why(error: GitLabSaidNo, plan: Plan) -> str:
    """Say in one sentence what GitLab says in several."""
    if TAKEN in error.reason:
        where = f"in {plan.group}" if plan.group else "among yours"
        return f"There is a project {plan.name} {where} already. Take another name."
    if NO_RIGHT in error.reason:
        return f"GitLab did not let you make a project in {plan.group}: it takes a role there that you do not have."
    return error.sentence


def _find(gitlab: GitLab, write: Write) -> Result | None:
    """A project of that path that this person has made since."""
    try:
        facts = gitlab.facts(_about(write)["path"])
    except NotFound:
        return None
    mine = facts.creator in {0, gitlab.me().id} and facts.created_at >= write.at - CLOCKS_APART
    return _kept(facts) if mine else None


def look(kit: Kit, draw: Drawing) -> None:
    """Look for projects of which nobody knows yet whether they were made; on every tick."""
    writing.look(kit, {CREATE: kind(draw)})


def check(form: Form, _kit: Kit) -> Mapping[str, str]:
    """Return what is wrong with a form while it is open."""
    return mistakes(of_form(form))


def about(kit: Kit, person: Person, sheet: str) -> Plan:
    """Return what is filled into a form to begin with; raises NotUnderstood if it is forgotten, or another's."""
    with kit.store.read() as tx:
        sealed = tx.sheets.get(sheet, person, CREATE)
    try:
        body = kit.vault.open(sealed, about=owner(person)) if sealed else ""
    except VaultError:
        body = ""
    if not body:
        raise NotUnderstood("That is too old. Type the command again.")
    return load(body)


def keep(kit: Kit, person: Person, plan: Plan) -> str:
    """Keep what was typed so far for the form; return its id."""
    sheet = kit.new_id()
    with kit.store.write() as tx:
        sealed = kit.vault.seal(dump(plan), about=owner(person))
        tx.sheets.put(sheet, person, CREATE, sealed, kit.now())
    return sheet
