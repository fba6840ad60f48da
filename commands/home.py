"""`home`: my start page, as the App Home shows it: what waits for me, my runs, environments, favourites."""

from __future__ import annotations

from dataclasses import replace

import blocks.home
import blocks.settings
from blocks.home import Frozen, Place, Shown
from blocks.recurring import Row
from bot.access import facts, people
from bot.command import Click, Command, Request
from bot.edges.store import Tx
from bot.errors import NotUnderstood
from bot.incident import Incident
from bot.incidents import which
from bot.jobs import life
from bot.kit import Kit
from bot.ledger import Approval
from bot.model import OPEN_STATES, Block, Message, Person, Run, RunState
from bot.model import Place as Where
from bot.personal import homes, sight
from bot.personal.sight import SeenProject
from bot.reviews.mine import REVIEW
from commands import settings

#: Runs that are shown after they have ended, and how many are looked through for those that have not.
ENDED_SHOWN, LOOKED_THROUGH = 5, 50
#: Slack's ids of direct messages begin so; which it is does not matter to who may use me.
SOME_DM = "D"
#: Approvals looked through.
MOST_APPROVALS = 50


def run(request: Request, kit: Kit) -> Message:
    """Tell the same here; GitLab is asked first, since somebody waits for just this answer."""
    if request.words:
        raise NotUnderstood("`home` takes no more words.", suggestions=("home",))
    now = kit.now()
    with kit.store.write() as tx:
        if tx.homes.get(request.person) is None:
            tx.homes.open(request.person, now, now)
    sight.look(kit, request.person)
    return blocks.home.message(gathered(kit, request.person), now)


def opened(person: Person, kit: Kit) -> None:
    """Somebody opened their Home."""
    homes.opened(kit, draw, person)


def press_refresh(click: Click, kit: Kit) -> None:
    homes.refresh(kit, draw, click.person)


def tick(kit: Kit) -> None:
    homes.look(kit, draw)


def draw(kit: Kit, person: Person) -> Block:
    """Return somebody's Home as things are, from the store alone; for whom nothing is done, why."""
    refusal = people.refusal(kit, person, Where(SOME_DM))
    if refusal:
        return blocks.home.nothing(refusal)
    return blocks.home.view(gathered(kit, person), kit.now())


# What it shows ----------------------------------------------------------------------------------------------


def gathered(kit: Kit, person: Person) -> Shown:
    """Return all that somebody's Home shows, from the store; GitLab is not asked."""
    with kit.store.read() as tx:
        seen = sight.of(tx, person, kit.now())
        mine = [life.without_secrets(kit, one) for one in tx.runs.recent(person, limit=LOOKED_THROUGH)]
        waiting = [(one, tx.runs.get(one.run)) for one in tx.approvals.open(MOST_APPROVALS)]
        account = tx.accounts.get(person)
        reviews = [
            one for one in tx.reviews.of(person, REVIEW) if sight.may_show(account, one.seen_at, kit.now())
        ]
        kept = Shown(
            person, account, reviews=reviews, favourites=tx.favourites.of(person), locks=tx.locks.of_person(person),
            places=[_place(tx, one) for one in seen.projects], remark=seen.trouble,
            recurring=[_row(tx, one.last_key, Row(one)) for one in tx.recurring.of(person)],
        )  # fmt: skip
    return replace(
        kept, incidents=_incidents(kit, person), approvals=_mine_to_give(kit, person, waiting),
        held=[one for one in mine if one.state is RunState.HELD],
        running=[one for one in mine if one.state in OPEN_STATES and one.state is not RunState.HELD],
        ended=[one for one in mine if one.state not in OPEN_STATES][:ENDED_SHOWN],
        settings=blocks.settings.line(*settings.facts(kit, person)),
    )  # fmt: skip


def _incidents(kit: Kit, person: Person) -> list[Incident]:
    """Return the incidents that burn and are for somebody, without secrets."""
    with kit.store.read() as tx:
        burning = tx.incidents.open_ones(burning=True)
        mine = [one for one in burning if which.takes_part(tx, person, one)]
    return [replace(one, title=kit.redact(one.title)) for one in mine]


def _row(tx: Tx, key: str, row: Row) -> Row:
    return Row(row.one, tx.runs.by_source(key)) if key else row


def _mine_to_give(
    kit: Kit, person: Person, waiting: list[tuple[Approval, Run | None]]
) -> list[tuple[Approval, Run]]:
    return [
        (one, life.without_secrets(kit, of))
        for one, of in waiting
        if of is not None and of.person != person and facts.is_one_of(kit, person, one.by)
    ]


def _place(tx: Tx, seen: SeenProject) -> Place:
    """A project as GitLab showed it to them, with what the store knows of its environments by now."""
    return Place(
        seen.path, tx.environments.of_project(seen.id),
        {one.environment: one for one in tx.locks.of_project(seen.id)},
        {name: Frozen(until) for name, until in seen.frozen}, seen.incidents,
    )  # fmt: skip


COMMAND = Command(
    "home",
    "home",
    "Your start page: what waits for you, your runs, environments and favourites.",
    ("home",),
    run,
    buttons={blocks.home.REFRESH: press_refresh},
    home=opened,
    in_turn=False,
    tick=tick,
)
