"""Makes an issue: once, as the person, with its card, or with the word that nobody knows yet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial

from bot import writing
from bot.command import Request
from bot.edges.gitlab import GitLab
from bot.edges.store import Tx
from bot.errors import NotUnderstood
from bot.issues import cards, texts
from bot.issues.acting import Actor, by_write, climb
from bot.issues.cards import Done, Drawing
from bot.issues.records import about, about_json, has_mark, issue_kept, issue_of, with_mark
from bot.issues.typed import Quoted, check_count, titled, with_quote
from bot.jobs import projects
from bot.kit import Kit
from bot.ledger import Write
from bot.model import Message, Millis, Project
from bot.tracker import Issue, NewIssue
from bot.words import longhand
from bot.writing import Kind, Result

CREATE = "issue.create"
#: GitLab's clock and ours may differ by this much.
CLOCKS_APART: Millis = 300_000
CUT = "its title was cut at 255 characters and stands whole in the description"


@dataclass(frozen=True, slots=True)
class Plan:
    """The issue somebody wants."""

    project: Project
    new: NewIssue
    remark: str = ""
    """What the card says beside who made it."""


def planned(kit: Kit, request: Request) -> tuple[Plan, Quoted | None]:
    """
    Return what was typed after `create` as a plan, and which messages are to be quoted in it.

    Raises NotUnderstood without a title, and for a number of messages that cannot be quoted.
    """
    text, quoted = with_quote(request.line.after(1))
    if quoted and quoted.count is not None:
        check_count(quoted.count, f"{_project(request)}issue create {text} from")
    head, body = titled(text)
    if not head:
        raise NotUnderstood(
            f"Which title? Type it as `{longhand(request.prefix)}issue create Title`; what follows on the next lines"
            " is the description."
        )
    title, cut = texts.title(kit, head)
    description = texts.typed(kit, f"{head}\n\n{body}" if cut else body)
    return Plan(
        projects.resolve(kit, request), NewIssue(title, description), f"; {CUT}" if cut else ""
    ), quoted


def _project(request: Request) -> str:
    return f"{request.project} " if request.project else ""


def allow(kit: Kit, who: Actor, plan: Plan) -> None:
    """Climb the ladder for making an issue; raises as it does."""
    project, title = plan.project, plan.new.title
    call = f"POST issue in {project.path}, {title}"
    climb(kit, who, (project.id, project.path), f"create {title}", call=call)


def make(kit: Kit, draw: Drawing, who: Actor, plan: Plan) -> Issue:
    """
    Make an issue whose ladder has been climbed, and show its card; asked again after a crash, it is made once.

    Raises GitLabUnreachable if nobody knows whether it was made: then `look` finds it out, and tells.
    """
    by, project = who.by, plan.project
    about = about_json(kit, {"title": plan.new.title, "remark": plan.remark})
    write = Write(f"{by.key}.create", CREATE, by.person, by.name, by.place, project.id, project.path, about)
    result = writing.once(kit, write, replace(kind(draw), act=partial(_act, plan.new)))
    with kit.store.write() as tx:
        tx.places.set_last(by.person, project.path)
    return issue_of(result["issue"])


def answer(kit: Kit, draw: Drawing, who: Actor, issue: Issue, plan: Plan) -> Message | None:
    """Return what only the asker sees of an issue that was made; None if a card says it."""
    return cards.answer(kit, draw, who.by, _done(issue, who.by.name, plan.remark))


def kind(draw: Drawing) -> Kind:
    """Return how a lost issue is found, and what is told; only who asks for one knows what it is made of."""

    def told(_kit: Kit, write: Write, result: Result | None) -> Message:
        what = str(about(write)["title"])
        return draw.lost(what, issue_of(result["issue"]).url if result else "")

    def settled(tx: Tx, kit: Kit, write: Write, result: Result) -> None:
        by = by_write(tx, write)
        cards.show(tx, kit, draw, by, _done(issue_of(result["issue"]), by.name, str(about(write)["remark"])))

    return Kind(_only_found, _find, told, settled)


def _done(issue: Issue, name: str, remark: str) -> Done:
    return Done(issue, "created", f"Created by {name}{remark}", detail=issue.title)


def _act(new: NewIssue, gitlab: GitLab, write: Write) -> Result:
    marked = replace(new, description=with_mark(new.description, write))
    return {"issue": issue_kept(gitlab.create_issue(write.project_id, marked))}


def _only_found(_gitlab: GitLab, _write: Write) -> Result:
    raise AssertionError("what is looked for is not made")


def _find(gitlab: GitLab, write: Write) -> Result | None:
    """The issue with the mark of this change, made by whose token this is."""
    mine = gitlab.issues_by(write.project_id, gitlab.me().id, write.at - CLOCKS_APART)
    found = next((one for one in mine if has_mark(one.description, write)), None)
    return {"issue": issue_kept(found)} if found else None
