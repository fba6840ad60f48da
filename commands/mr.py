"""`mr`: what waits for my review and what is mine; show, share, approve and merge one."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import blocks.merge_request
from bot.access import accounts, ladder
from bot.command import Click, Command, Letters, Request, by
from bot.deeds import Deed
from bot.errors import NotUnderstood
from bot.jobs import projects
from bot.kit import Kit
from bot.merge_requests import Reference, Review, Sighting
from bot.model import Message, Option
from bot.reviews import acts, cards, meant, mine, picks, seeing, watch
from bot.reviews.plans import APPROVE, MERGE, UNAPPROVE, Plan
from bot.reviews.typed import LISTS, Given, Typed, how_merged, named, nothing_more, typed
from bot.text import escape, one_line
from bot.words import longhand

draw = blocks.merge_request
SHOWN = 60


def run(request: Request, kit: Kit) -> Message | None:
    projects.checked(kit, request)
    one = typed(request, kit.config.gitlab.url)
    act = {"list": _list, "show": _show, "share": _share, "merge": _merge}.get(one.act, _act)
    return act(request, kit, one)


# Lists ------------------------------------------------------------------------------------------------------


def _list(request: Request, kit: Kit, one: Typed) -> Message:
    which = one.rest[0].casefold() if one.rest and one.rest[0].casefold() in LISTS else ""
    words = " ".join(one.rest[1:] if which else one.rest)
    if which == "all" or (request.project and not which):
        return _of_project(request, kit, words)
    ladder.require(kit, Deed((cards.COMMAND,), request.person, request.place.channel))
    found = mine.refresh(kit, request.person)
    review, own = _fitting(found.review, words), _fitting(found.mine, words)
    prefix, about = longhand(request.prefix), one_line(words, SHOWN)
    if which:
        title = "Waiting for your review" if which == mine.REVIEW else "Your merge requests"
        return draw.listed(title, review if which == mine.REVIEW else own, kit.now(), footer=_hint(prefix))
    return draw.waiting(review, own, kit.now(), prefix=prefix, about=about)


def _of_project(request: Request, kit: Kit, words: str) -> Message:
    project = projects.resolve(kit, request)
    ladder.require(kit, Deed((cards.COMMAND,), request.person, request.place.channel, project=project.path))
    found = mine.of_project(kit, request.person, project.id, words)
    about = f" with “{escape(one_line(words, SHOWN))}” in it" if words else ""
    title = f"Open merge requests of {escape(project.path)}{about}"
    return draw.listed(title, found, kit.now(), footer=_hint(projects.before(request)))


def _fitting(found: Sequence[Review], words: str) -> list[Review]:
    wanted = words.casefold().split()
    return [one for one in found if all(word in one.title.casefold() for word in wanted)]


def _hint(prefix: str) -> str:
    return f"`{prefix}mr show !7` shows one."


# One --------------------------------------------------------------------------------------------------------


def _show(request: Request, kit: Kit, one: Typed) -> Message | None:
    nothing_more(request, one)
    return _shown(request, kit, meant.meant(kit, request, one))


def _shown(asked: Request | Click, kit: Kit, about: Reference) -> Message | None:
    """Show one: to all who read along where people talk about it, else to the asker alone."""
    seen = _seen(asked, kit, about)
    if asked.place.is_dm or asked.place.thread:
        cards.share(kit, draw, by(asked), seen)
        return None
    return cards.glimpse(kit, draw, by(asked), seen)


def _seen(asked: Request | Click, kit: Kit, about: Reference) -> Sighting:
    ladder.require(kit, Deed((cards.COMMAND,), asked.person, asked.place.channel, project=about.project))
    account = accounts.account(kit, asked.person)
    seen = seeing.see(kit.gitlab_as(asked.person), about)
    with kit.store.write() as tx:
        picks.learn(tx, asked.person, account.gitlab_id, [seen.one], kit.now())
        tx.places.set_last(asked.person, seen.one.project)
    return seen


def _share(request: Request, kit: Kit, one: Typed) -> None:
    nothing_more(request, one)
    _shared(request, kit, meant.meant(kit, request, one))


def _shared(asked: Request | Click, kit: Kit, about: Reference) -> None:
    cards.share(kit, draw, by(asked), _seen(asked, kit, about))


def _merge(request: Request, kit: Kit, one: Typed) -> Message | None:
    squash, later = how_merged(request, one.rest)
    about = meant.meant(kit, request, one)
    return acts.act(kit, draw, request, Plan(MERGE, about, _head(request, kit, about), squash, later))


def _act(request: Request, kit: Kit, one: Typed) -> Message | None:
    nothing_more(request, one)
    about = meant.meant(kit, request, one)
    kind = {"approve": APPROVE, "unapprove": UNAPPROVE}[one.act]
    return acts.act(kit, draw, request, Plan(kind, about, _head(request, kit, about)))


def _head(request: Request, kit: Kit, about: Reference) -> str:
    """The head a typed command is about: what its thread's card shows; nobody approves what they did not see."""
    with kit.store.read() as tx:
        card = tx.merge_cards.in_thread(request.place)
    if card is not None and card.about == about:
        return seeing.was(card.seen).sha
    return kit.gitlab_as(request.person).merge_request(about.project_id, about.iid).sha


# Pressed ----------------------------------------------------------------------------------------------------


def _presses(kind: str, *, later: bool = False) -> Callable[[Click, Kit], Message | None]:
    def press(click: Click, kit: Kit) -> Message | None:
        about, sha = acts.aimed(kit, click)
        return acts.act(kit, draw, click, Plan(kind, about, sha, auto=later))

    return press


def press_share(click: Click, kit: Kit) -> None:
    about, _ = acts.aimed(kit, click)
    _shared(click, kit, about)


def pick_show(click: Click, kit: Kit) -> Message | None:
    """Show the one that somebody has picked in a list; what comes back is what one would type."""
    given: Given | None = named(click.value, kit.config.gitlab.url)
    if given is None or not given.project:
        raise NotUnderstood("I know no such merge request. Type `mr` for the list.")
    gitlab = kit.gitlab_as(click.person)
    project = projects.named(kit, gitlab, click.person.team, given.project)
    return _shown(click, kit, Reference(project.id, project.path, given.number))


def pick(typed_so_far: Letters, kit: Kit) -> Sequence[Option]:
    return picks.find(kit, typed_so_far)


def tick(kit: Kit) -> None:
    watch.look(kit, draw)
    acts.look(kit, draw)


COMMAND = Command(
    "mr",
    "mr [list [mine|review|all] [words]] | show <!n> | share <!n> | approve <!n> | unapprove <!n>"
    " | merge <!n> [squash] [when passes]",
    "What waits for your review and what is yours; show, approve and merge it.",
    (
        "mr",
        "mr list all",
        "mr show !7",
        "mr approve !7",
        "mr merge !7 squash when passes",
        "mr share acme/shop!7",
    ),
    run,
    aliases=("mrs",),
    buttons={
        draw.APPROVE: _presses(APPROVE),
        draw.UNAPPROVE: _presses(UNAPPROVE),
        draw.MERGE: _presses(MERGE),
        draw.LATER: _presses(MERGE, later=True),
        draw.SHARE: press_share,
        draw.SHOW: pick_show,
    },
    options={"pick.mr": pick},
    changes=True,
    tick=tick,
)  # fmt: skip
