"""Which merge request somebody means: the one they named, else that of the thread, else one they pick."""

from __future__ import annotations

from bot.command import Request
from bot.errors import LeftOut, NotUnderstood
from bot.jobs import projects
from bot.kit import Kit
from bot.merge_requests import Reference
from bot.reviews import picks
from bot.reviews.typed import Given, Typed

#: The question, by what is to be done with what is picked.
_ASKS = {
    "show": "Which merge request?", "share": "Which merge request?",
    "approve": "Which merge request do you approve?", "merge": "Which merge request shall be merged?",
    "unapprove": "Of which merge request do you take your approval back?",
}  # fmt: skip


def meant(kit: Kit, request: Request, one: Typed) -> Reference:
    """
    Return the merge request a command is about.

    Raises LeftOut where one has to be picked, NotUnderstood, and GitLab's errors.
    """
    here = of_thread(kit, request)
    if one.given is not None:
        return _numbered(kit, request, one.given, here)
    if here is not None:
        return here
    raise _which(kit, request, one)


def of_thread(kit: Kit, request: Request) -> Reference | None:
    """Return the merge request that the thread is about; not if another project was named."""
    with kit.store.read() as tx:
        card = tx.merge_cards.in_thread(request.place)
    if card is None or request.project is None:
        return card.about if card else None
    named = projects.path_of(kit, request.person.team, request.project)
    return card.about if named == card.about.project else None


def referred(kit: Kit, request: Request, given: Given) -> Reference:
    """Return the merge request of a reference that names its project."""
    gitlab = kit.gitlab_as(request.person)
    project = projects.named(kit, gitlab, request.person.team, given.project)
    return Reference(project.id, project.path, given.number)


def _numbered(kit: Kit, request: Request, given: Given, here: Reference | None) -> Reference:
    if given.project:
        return referred(kit, request, given)
    if here is not None:
        return Reference(here.project_id, here.project, given.number)
    project = projects.resolve(kit, request)
    return Reference(project.id, project.path, given.number)


def _which(kit: Kit, request: Request, one: Typed) -> NotUnderstood:
    project = projects.resolve(kit, request)
    if not picks.read(kit, request.person, project):
        return NotUnderstood(f"{project.path} has no open merge request that you may see.")
    return LeftOut(
        _ASKS[one.act], before=f"{project.path} mr {one.act}", after=" ".join(one.rest), source=picks.MR,
        context=project.path,
    )  # fmt: skip
