"""What is written down before a cell of the matrix is played, and what plays it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any

import blocks.approval
import blocks.connect
import blocks.favourite
import blocks.job
from bot.access import kept
from bot.deeds import AGREE
from bot.jobs import founding, watch
from bot.ledger import Approval, Grant, Kept, Lock, Waiter
from bot.merge_requests import MergeCard, Reference
from bot.model import OFFER, Person, Place, Run, RunState
from bot.namespaces import Plan
from bot.own import Favourite, OwnWord, Recurring
from bot.policy import APPROVE, DENY, Policy, Rule
from bot.stages import PipelineCard
from tests.evidence.floor import DEV, NO_LIMITS, OPS, SHARED, SHOP, SHOP_ID, Floor, as_json, dm, floor_at

POLICY = Policy(
    rules=(
        Rule("not-here", DENY, channels=(DEV,), why="Nothing is done from here."),
        Rule("four-eyes", APPROVE, jobs=("say",), by=("deciders",)),
    ),
    groups={"deciders": ("U0ALICE001", "U0CAROL001", "U0NINA0001")},
    admins=("U0ANNA0001",),
    override=("U0ANNA0001",),
    limits=NO_LIMITS,
)


RUN, DEPLOY = "shop run hello", "shop run deploy-staging"
#: What a run that waits for an approval has of the one that the bot itself has made.
HELD_BY = (
    "job",
    "ref",
    "arguments",
    "sha",
    "definition",
    "hold",
    "hold_said",
    "hold_until",
    "state",
    "status",
)
MINUTE = 60_000
#: The project whose merge requests are played with: a push there starts no pipeline.
SITE = "acme/site"


@dataclass(slots=True)
class Scene:
    """What is written down before a cell is played, and what plays it."""

    floor: Floor
    model: Run
    """A run that waits for an approval, as the bot itself has made it."""
    approval: Approval
    jobs: dict[str, tuple[int, int]] = field(default_factory=dict)
    """By name: pipeline and job of GitLab that somebody may cancel or retry."""
    number: int = 0

    # What is there ------------------------------------------------------------------------------------------

    def clear(self) -> None:
        """Take away what the cell before has left."""
        with self.floor.store.write() as tx:
            for lock in tx.locks.of_project(SHOP_ID):
                tx.locks.end(lock.id, "released")
            for waiter in tx.locks.queue(SHOP_ID):
                tx.locks.settle(waiter.id, "left")
            for channel in (OPS, DEV, SHARED):
                tx.places.set_default("T0ACME0001", channel, None)
            tx.places.set_alias("T0ACME0001", "depot", None)
            for owner in (
                OPS,
                DEV,
                SHARED,
                *(user.id for user in self.floor.slack.slack.workspace.users.values()),
            ):
                tx.own_words.drop("T0ACME0001", "channel", owner, "d")
                tx.own_words.drop("T0ACME0001", "person", owner, "d")
            for user in self.floor.slack.slack.workspace.users.values():
                tx.places.set_default(user.team, dm(user), None)
                tx.settings.put(Person(user.team, user.id), "mention", "")
                for favourite in tx.favourites.of(Person(user.team, user.id)):
                    tx.favourites.drop(favourite.id)
            self.floor.gitlab.act(f"setting approvals_before_merge=0 {SITE}", "root")
            for one in tx.kept.of(self.floor.person("nina"), kept.LINK, self.floor.clock()):
                tx.kept.move(one.id, "gone", self.floor.clock())

    def fresh(self) -> str:
        self.number += 1
        return f"scene{self.number}"

    def run(self, name: str, channel: str, **changes: Any) -> Run:
        """A run of somebody, in a channel."""
        one = self.fresh()
        plain = Run(
            one, one, self.floor.person(name), name, Place(channel), SHOP, SHOP_ID, "hello", "main", "",
            state=RunState.DONE, status="success", asked_at=self.floor.clock() - 60_000,
        )  # fmt: skip
        made = replace(plain, **changes)
        with self.floor.store.write() as tx:
            assert tx.runs.add(made)
        return made

    def under_way(self, name: str, channel: str) -> Run:
        pipeline, job = self._job("slow", "300", "running")
        return self.run(
            name, channel, job="slow", state=RunState.RUNNING, status="running", pipeline=pipeline, job_id=job
        )

    def failed(self, name: str, channel: str) -> Run:
        pipeline, job = self._job("fail", "", "failed")
        return self.run(name, channel, job="fail", status="failed", pipeline=pipeline, job_id=job)

    def by_hand(self, name: str, channel: str) -> Run:
        self.jobs.pop("by-hand", None)
        pipeline, job = self._job("by-hand", "", "manual")
        return self.run(name, channel, job="by-hand", pipeline=pipeline, job_id=job)

    def _job(self, name: str, arguments: str, status: str) -> tuple[int, int]:
        known = self.jobs.get(name)
        if known is None or not self.floor.asks(lambda state: _is(state, known[1], status)):
            pipeline = self.floor.gitlab.start(name, arguments)
            job = self.floor.gitlab.job(pipeline)
            self.floor.gitlab.status(job, status)
            if status == "failed":
                self.floor.gitlab.log(job)
            self.jobs[name] = (pipeline.id, job.id)
        return self.jobs[name]

    def waiting(self, name: str, channel: str) -> Run:
        """A run that waits for an approval, as the model does."""
        run = self.run(name, channel, **{field: getattr(self.model, field) for field in HELD_BY})
        account = self.floor.account(name)
        with self.floor.store.write() as tx:
            requester = account.gitlab_id if account else 0
            tx.approvals.add(replace(self.approval, run=run.id, requester=requester))
        return run

    def lock(self, name: str, channel: str) -> Lock:
        account = self.floor.account(name)
        now, gitlab_id = self.floor.clock(), account.gitlab_id if account else 0
        person = self.floor.person(name)
        made = Lock(
            self.fresh(),
            SHOP_ID,
            SHOP,
            "staging",
            person,
            name,
            gitlab_id,
            now,
            now + 3_600_000,
            "",
            Place(channel),
        )
        with self.floor.store.write() as tx:
            assert tx.locks.add(made)
        return made

    def branch(self) -> tuple[str, str]:
        """A branch of the shop that is deployed nowhere, and its commit."""
        name = self.fresh()
        self.floor.gitlab.act(f'push {name} shop "{name}"', "root")
        return name, self.floor.gitlab.project(SHOP).branches.get(name).commit["id"]

    def overtaken(self, name: str, channel: str) -> Run:
        """Somebody's deployment that GitLab did not let run."""
        ref, sha = self.branch()
        return self.run(
            name, channel, job="deploy-staging", ref=ref, sha=sha, environment="staging", command="deploy",
            state=RunState.REFUSED, status="", job_id=1,
        )  # fmt: skip

    def deployed(self, name: str, channel: str) -> Run:
        """Somebody's deployment, and an earlier one."""
        for tag in ("v8.9.0", "v8.10.0"):
            self.floor.gitlab.act(f"record-deployment staging {tag} shop", "root")
        return self.run(name, channel, job="deploy-staging", environment="staging", command="deploy")

    def use(self, name: str, channel: str) -> None:
        """A project has been chosen for the channel."""
        with self.floor.store.write() as tx:
            tx.places.set_default("T0ACME0001", channel, "acme/infra")

    def word(self, name: str, channel: str) -> None:
        """Somebody has a word of their own."""
        with self.floor.store.write() as tx:
            word = OwnWord("d", "run hello", "person")
            tx.own_words.put("T0ACME0001", self.floor.person(name).id, word, self.floor.clock())

    def favourite(self, name: str, channel: str) -> Favourite:
        """Somebody keeps a favourite."""
        one = Favourite(self.fresh(), self.floor.person(name), "shop runs")
        with self.floor.store.write() as tx:
            assert tx.favourites.add(one)
        return one

    def recurring(self, name: str, channel: str, state: str = "on") -> Recurring:
        """A command of somebody recurs, and is not due yet."""
        self.floor.clock.pass_(1)  # What GitLab refused before was refused before.
        now = self.floor.clock()
        with self.floor.store.write() as tx:
            number = tx.recurring.next_number(self.floor.person(name).team)
            one = Recurring(
                self.fresh(), number, self.floor.person(name), name, Place(channel), "shop runs", "hour", now,
                now + 3_600_000, now, state,
            )  # fmt: skip
            assert tx.recurring.add(one)
        return one

    def waiter(self, name: str, channel: str, due: int | None = None) -> Waiter:
        person, account, now = self.floor.person(name), self.floor.account(name), self.floor.clock()
        gitlab_id = account.gitlab_id if account else 0
        made = Waiter(
            self.fresh(), SHOP_ID, "staging", person, name, gitlab_id, Place(channel), now, project=SHOP
        )
        with self.floor.store.write() as tx:
            assert tx.locks.join(made)
            assert due is None or tx.locks.ask(made.id, due)
        return made

    def kept(self, name: str, channel: str, line: str, rule: str = "not-here") -> str:
        """A request of somebody that waits for their answer; its id."""
        one, person = self.fresh(), self.floor.person(name)
        new = self.floor.accept("slash_commands", self.floor.slash_payload(name, line, channel))[0]
        with self.floor.store.write() as tx:
            assert tx.inbox.claim(new.key)
            assert tx.inbox.finish(new.key, self.floor.clock())
            detail = as_json({"rule": rule, "command": "run", "project": SHOP, "job": one})
            sealed = self.floor.kit.vault.seal(new.body, about=f"{person.team}/{person.id}")
            until = self.floor.clock() + kept.FOR_AN_ANSWER
            tx.kept.put(Kept(one, kept.HALTED, person, new.kind, sealed, until, detail=detail))
        return one

    def merge_request(self, name: str = "", channel: str = "") -> int:
        """Number of an open merge request of nobody who is asked about, which nobody has approved."""
        open_ones = self.floor.asks(
            lambda state: [
                one.iid
                for one in state.merge_requests.values()
                if one.project.path == SITE
                and one.state == "opened"
                and not one.approvals
                and one.auto is None
            ]
        )
        if open_ones:
            return int(open_ones[-1])
        branch = self.fresh()
        self.floor.gitlab.act(f"push {branch} {SITE}", "root")
        self.floor.gitlab.act(f"mr {branch} Work on {branch} project={SITE}", "root")
        return self.merge_request()

    def approved(self, name: str, channel: str) -> int:
        """The same, approved by this person if they may."""
        iid, account = self.merge_request(), self.floor.account(name)
        if account is not None:
            with suppress(Exception):
                self.floor.gitlab.act(f"approve-mr !{iid} {SITE}", account.username)
        return iid

    def lacking(self, name: str, channel: str) -> int:
        """One that waits for an approval, so that GitLab merges it later."""
        self.floor.gitlab.act(f"setting approvals_before_merge=1 {SITE}", "root")
        return self.merge_request()

    def shown(self, run: Run, name: str, channel: str) -> str:
        """A card that shows the whole pipeline of a run to one person; its id."""
        one, now = self.fresh(), self.floor.clock()
        card = PipelineCard(one, self.floor.person(name), name, Place(channel), SHOP_ID, SHOP, run.pipeline or 0,
                            living=False, at=now)  # fmt: skip
        with self.floor.store.write() as tx:
            tx.pipeline_cards.put(card)
        return one

    def to_play(self, name: str, channel: str) -> str:
        """Such a card with a job that waits for a hand; what the button carries that plays it."""
        run = self.by_hand(name, channel)
        one = self.shown(run, name, channel)
        with self.floor.store.write() as tx:
            tx.aims.put(f"{one}.aim", one, json.dumps([run.job_id, run.job]), self.floor.clock())
        return f"{one}.aim"

    def aim(self, iid: int, name: str, channel: str) -> str:
        """A card that shows a merge request to everybody; the id that its buttons carry."""
        one, now = self.fresh(), self.floor.clock()
        project, sha = self.floor.asks(
            lambda state: next(
                (found.project.id, found.head.sha)
                for found in state.merge_requests.values()
                if found.project.path == SITE and found.iid == iid
            )
        )
        about = Reference(project, SITE, iid)
        with self.floor.store.write() as tx:
            tx.merge_cards.put(
                MergeCard(one, self.floor.person(name), Place(channel), about, living=False, at=now)
            )
            tx.aims.put(f"{one}.aim", one, sha, now)
        return f"{one}.aim"

    def grant(self, name: str, channel: str) -> str:
        """Rita asks for access."""
        made = Grant(
            self.fresh(), self.floor.person("rita"), "rita", "not-here", "run", SHOP, self.fresh(), "", Place(channel),
            self.floor.clock(), gitlab_id=1,
        )  # fmt: skip
        with self.floor.store.write() as tx:
            tx.grants.ask(made)
        return made.id

    def offer(self, name: str, channel: str) -> str:
        """A command is suggested."""
        one, line = self.fresh(), "shop run hello"
        with self.floor.store.write() as tx:
            tx.offers.put(one, line, self.floor.clock())
        return one


def _is(state: Any, job: int, status: str) -> bool:
    found = state.jobs[job]
    return bool(found.status == status and not found.retried)


# How each row is played -------------------------------------------------------------------------------------

#: Sets the scene for somebody in a channel, and returns what is then done, which returns the key of its request.
Play = Callable[[Scene, str, str], Callable[[], str]]


def typed(line: str, before: Callable[[Scene, str, str], object] | None = None) -> Play:
    """Somebody types this line, after `before` was so."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        if before is not None:
            before(scene, name, channel)
        return lambda: scene.floor.slash(name, line, channel)

    return play


def pressed(action: str, value: Callable[[Scene, str, str], Any]) -> Play:
    """Somebody presses this button, which is about the row that `value` writes down."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        row = value(scene, name, channel)
        about = row if isinstance(row, str) else row.id
        return lambda: scene.floor.click(name, action, about, channel)

    return play


def sent(action: str, value: Callable[[Scene, str, str], Any], **fields: str) -> Play:
    """Somebody sends this form in."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        row = value(scene, name, channel)
        about = row if isinstance(row, str) else row.id
        own = {
            key: scene.floor.gitlab.fake.tokens["dave"] if text == "TOKEN" else text
            for key, text in fields.items()
        }
        return lambda: scene.floor.form(name, action, about, channel, **own)

    return play


def done(scene: Scene, name: str, channel: str) -> Run:
    scene.floor.clock.pass_(4)  # Or it would be a double click.
    return scene.run(name, channel)


def mine(scene: Scene, name: str, channel: str) -> Lock:
    return scene.lock(name, channel)


def theirs(scene: Scene, name: str, channel: str) -> Lock:
    return scene.lock("rita", channel)


def asked_of(whose: Callable[[Scene, str, str], Lock]) -> Callable[[Scene, str, str], Waiter]:
    """Somebody asks for a lock; the row is their question."""

    def value(scene: Scene, name: str, channel: str) -> Waiter:
        holder = whose(scene, name, channel)
        asker = "dave" if holder.name == "rita" else "rita"
        return scene.waiter(asker, channel, scene.floor.clock() + 5 * MINUTE)

    return value


def kept_line(line: str, *, locked: bool = False) -> Callable[[Scene, str, str], str]:
    """A request of the one who presses waits for their answer, perhaps behind the lock of somebody else."""

    def value(scene: Scene, name: str, channel: str) -> str:
        if locked:
            theirs(scene, name, channel)
        return scene.kept(name, channel, line)

    return value


def their_run(scene: Scene, name: str, channel: str) -> Run:
    return scene.waiting("rita", channel)


def my_run(scene: Scene, name: str, channel: str) -> Run:
    return scene.waiting(name, channel)


def sheet(scene: Scene, name: str, channel: str) -> str:
    """The form of a project that somebody has begun to make."""
    return founding.keep(scene.floor.kit, scene.floor.person(name), Plan("depot"))


def new_project(scene: Scene, name: str, channel: str) -> Callable[[], str]:
    """Somebody makes a project of a name that is new."""
    line = f"project create {scene.fresh()} in acme private"
    return lambda: scene.floor.slash(name, line, channel)


def new_project_by_form(scene: Scene, name: str, channel: str) -> Callable[[], str]:
    """The same, by its form."""
    scene.floor.clock.pass_(1)  # Or the last refused run of this moment would be taken for it.
    filled = {"name": scene.fresh(), "group": "acme", "visibility": "private"}
    return sent("project.create", sheet, **filled)(scene, name, channel)


def their_recurring(scene: Scene, name: str, channel: str, state: str = "on") -> Recurring:
    return scene.recurring("rita", channel, state)


def their_favourite(scene: Scene, name: str, channel: str) -> Favourite:
    return scene.favourite("rita", channel)


def new_favourite(scene: Scene, name: str, channel: str) -> str:
    return blocks.favourite.NEW


def numbered(verb: str, state: str = "on") -> Play:
    """Somebody types this verb with the number of a command of theirs that recurs."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        one = scene.recurring(name, channel, state)
        return lambda: scene.floor.slash(name, f"every {verb} {one.number}", channel)

    return play


def deploying(scene: Scene, name: str, channel: str) -> Callable[[], str]:
    """Somebody deploys a branch that is deployed nowhere."""
    ref, _ = scene.branch()
    scene.floor.clock.pass_(1)  # What GitLab refused before was refused before.
    return lambda: scene.floor.slash(name, f"shop deploy {ref} staging", channel)


def nothing(scene: Scene, name: str, channel: str) -> str:
    return "-"


def merging(line: str, before: Callable[[Scene, str, str], int] = Scene.merge_request) -> Play:
    """Somebody types this line about a merge request, in which `!N` stands for it."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        iid = before(scene, name, channel)
        return lambda: scene.floor.slash(name, line.replace("!N", f"{SITE}!{iid}"), channel)

    return play


def aimed(before: Callable[[Scene, str, str], int]) -> Callable[[Scene, str, str], str]:
    """What a button on the card of such a merge request carries."""
    return lambda scene, name, channel: scene.aim(before(scene, name, channel), name, channel)


def of_pipeline(line: str, before: Callable[[Scene, str, str], Run]) -> Play:
    """Somebody types this line about the pipeline of a run, in which `#N` stands for it."""

    def play(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        number = before(scene, name, channel).pipeline
        return lambda: scene.floor.slash(name, f"shop {line.replace('#N', f'#{number}')}", channel)

    return play


def whole(before: Callable[[Scene, str, str], Run]) -> Callable[[Scene, str, str], str]:
    """What a button on the card of such a pipeline carries."""
    return lambda scene, name, channel: scene.shown(before(scene, name, channel), name, channel)


def looked(play: Play) -> Play:
    """The same, and then GitLab is asked how it is going: a job that waits is played then."""

    def played(scene: Scene, name: str, channel: str) -> Callable[[], str]:
        act = play(scene, name, channel)

        def done() -> str:
            key = act()
            watch.look(scene.floor.kit, blocks.job)
            scene.floor.do([])
            return key

        return done

    return played


def listed(scene: Scene, name: str, channel: str) -> str:
    return f"{SITE}!{scene.merge_request()}"


PLAYS: Mapping[str, Play] = MappingProxyType(
    {
        "run hello": typed(RUN),
        "run deploy-staging": typed(DEPLOY),
        "again": typed("again", done),
        "cancel": typed("cancel", Scene.under_way),
        "retry": typed("retry", Scene.failed),
        "log": typed("log", Scene.failed),
        "jobs": typed("shop jobs"),
        "runs": typed("shop runs"),
        "approvals": typed("approvals"),
        "lock staging": typed("shop lock staging"),
        "unlock staging (own)": typed("shop unlock staging", mine),
        "unlock staging (another's)": typed("shop unlock staging", theirs),
        "queue": typed("shop queue"),
        "queue staging": typed("shop queue staging", theirs),
        "queue leave staging": typed("shop queue leave staging", Scene.waiter),
        "who": typed("shop who"),
        "deploy main staging": deploying,
        "rollback staging": typed("shop rollback staging", Scene.deployed),
        "environments": typed("shop environments"),
        "project show": typed("project show"),
        "project use": typed("project use acme/infra"),
        "project use -": typed("project use -", Scene.use),
        "project create": new_project,
        "project alias": typed("project alias depot acme/infra"),
        "alias": typed("alias"),
        "alias d = run hello": typed("alias d = run hello"),
        "alias -d": typed("alias -d", Scene.word),
        "alias here d = run hello": typed("alias here d = run hello"),
        "favourite": typed("favourites"),
        "favourite run hello": typed("favourite run hello"),
        "favourite remove 1": typed("favourite remove 1", Scene.favourite),
        "home": typed("home"),
        "settings": typed("settings"),
        "settings mention never": typed("settings mention never"),
        "settings project acme/infra": typed("settings project acme/infra"),
        "every": typed("every"),
        "every hour run hello": typed("every hour shop run hello"),
        "every pause 1 (own)": numbered("pause"),
        "every resume 1 (own)": numbered("resume", "paused"),
        "every remove 1 (own)": numbered("remove"),
        "every now 1 (own)": numbered("now"),
        "mr": typed("mr"),
        "mr show": merging("mr show !N"),
        "mr share": merging("mr share !N"),
        "mr approve": merging("mr approve !N"),
        "mr unapprove": merging("mr unapprove !N", Scene.approved),
        "mr merge": merging("mr merge !N"),
        "pipeline": of_pipeline("pipeline #N", Scene.under_way),
        "pipeline list": typed("shop pipelines"),
        "pipeline run": typed("shop pipeline run"),
        "pipeline cancel": of_pipeline("pipeline cancel #N", Scene.under_way),
        "pipeline retry": of_pipeline("pipeline retry #N", Scene.failed),
        "pipeline share": of_pipeline("pipeline share #N", Scene.under_way),
        "pipeline play": looked(of_pipeline("pipeline play by-hand #N", Scene.by_hand)),
        "access": typed("access"),
        "audit": typed("audit"),
        "doctor": typed("doctor"),
        "help": typed("help"),
        "link": typed("link"),
        "whoami": typed("whoami"),
        "unlink": typed("unlink"),
        "[run.again]": pressed("run.again", done),
        "[cancel.press]": pressed("cancel.press", Scene.under_way),
        "[retry.press]": pressed("retry.press", Scene.failed),
        "[log.press]": pressed("log.press", Scene.failed),
        "[deploy.anew]": pressed("deploy.anew", Scene.overtaken),
        "[rollback.open]": pressed("rollback.open", Scene.deployed),
        "[approvals.approve]": pressed("approvals.approve", their_run),
        "[approvals.approve] (own)": pressed("approvals.approve", my_run),
        "[approvals.reject]": pressed("approvals.reject", their_run),
        "[approvals.withdraw] (own)": pressed("approvals.withdraw", my_run),
        "[approvals.withdraw] (another's)": pressed("approvals.withdraw", their_run),
        "[lock.release] (own)": pressed("lock.release", mine),
        "[lock.release] (another's)": pressed("lock.release", theirs),
        "[lock.extend] (own)": pressed("lock.extend", mine),
        "[lock.extend] (another's)": pressed("lock.extend", theirs),
        "[lock.take]": pressed("lock.take", theirs),
        "[lock.queue]": pressed("lock.queue", theirs),
        "[lock.give] (own)": pressed("lock.give", asked_of(mine)),
        "[lock.give] (another's)": pressed("lock.give", asked_of(theirs)),
        "[lock.keep] (own)": pressed("lock.keep", asked_of(mine)),
        "[lock.keep] (another's)": pressed("lock.keep", asked_of(theirs)),
        "[every.pause] (own)": pressed("every.pause", Scene.recurring),
        "[every.pause] (another's)": pressed("every.pause", their_recurring),
        "[every.resume] (own)": pressed("every.resume", partial(Scene.recurring, state="paused")),
        "[every.resume] (another's)": pressed("every.resume", partial(their_recurring, state="paused")),
        "[every.remove] (own)": pressed("every.remove", Scene.recurring),
        "[every.remove] (another's)": pressed("every.remove", their_recurring),
        "[every.now] (own)": pressed("every.now", Scene.recurring),
        "[every.now] (another's)": pressed("every.now", their_recurring),
        "[mr.show]": pressed("mr.show", listed),
        "[mr.share]": pressed("mr.share", aimed(Scene.merge_request)),
        "[mr.approve]": pressed("mr.approve", aimed(Scene.merge_request)),
        "[mr.unapprove]": pressed("mr.unapprove", aimed(Scene.approved)),
        "[mr.merge]": pressed("mr.merge", aimed(Scene.merge_request)),
        "[mr.later]": pressed("mr.later", aimed(Scene.lacking)),
        "[favourite.do] (own)": pressed("favourite.do", Scene.favourite),
        "[favourite.do] (another's)": pressed("favourite.do", their_favourite),
        "[favourite.edit] (own)": pressed("favourite.edit", Scene.favourite),
        "[favourite.edit] (another's)": pressed("favourite.edit", their_favourite),
        "[favourite.remove] (own)": pressed("favourite.remove", Scene.favourite),
        "[favourite.remove] (another's)": pressed("favourite.remove", their_favourite),
        "[home.refresh]": pressed("home.refresh", nothing),
        "[settings.edit]": pressed("settings.edit", nothing),
        "[unlink.press]": pressed("unlink.press", nothing),
        "[pipeline.run]": pressed("pipeline.run", whole(Scene.failed)),
        "[pipeline.share]": pressed("pipeline.share", whole(Scene.under_way)),
        "[pipeline.cancel]": pressed("pipeline.cancel", whole(Scene.under_way)),
        "[pipeline.retry]": pressed("pipeline.retry", whole(Scene.failed)),
        "[pipeline.play]": looked(pressed("pipeline.play", Scene.to_play)),
        "[access.ask]": pressed("access.ask", kept_line(RUN)),
        "[access.hour]": pressed("access.hour", Scene.grant),
        "[access.day]": pressed("access.day", Scene.grant),
        "[access.decline]": pressed("access.decline", Scene.grant),
        "[link.new]": pressed("link.new", nothing),
        "[link.token]": pressed("link.token", nothing),
        "[project.create]": pressed("project.create", sheet),
        "[offer.try]": pressed(OFFER, Scene.offer),
        "[agree.go]": pressed(AGREE.go, kept_line(RUN)),
        "[agree.queue]": pressed(AGREE.queue, kept_line(DEPLOY, locked=True)),
        "[agree.leave]": pressed(AGREE.leave, kept_line(RUN)),
        "[agree.approval]": pressed(AGREE.approval, kept_line(RUN)),
        "[agree.override]": pressed(AGREE.override, kept_line(DEPLOY, locked=True)),
        "{approvals.rejected}": sent("approvals.rejected", their_run, **{blocks.approval.REASON: "Not now."}),
        "{project.create}": new_project_by_form,
        "{favourite.edit} (own)": sent("favourite.edit", Scene.favourite, line="run hello"),
        "{favourite.edit} (new)": sent("favourite.edit", new_favourite, line="run hello"),
        "{favourite.edit} (another's)": sent("favourite.edit", their_favourite, line="run hello"),
        "{settings.edit}": sent("settings.edit", nothing, mention="300"),
        "{link.token}": sent("link.token", nothing, **{blocks.connect.FIELD: "TOKEN"}),
        "{agree.approval}": sent(AGREE.approval, kept_line("shop run say hi"), reason="It is due."),
        "{agree.override}": sent(AGREE.override, kept_line(DEPLOY, locked=True), reason="It is due."),
    }
)


@contextmanager
def scene_at(path: Path, policy: Policy) -> Iterator[Scene]:
    """A floor under a policy, with a run that waits for an approval."""
    with floor_at(path, policy) as floor:
        key = floor.slash("rita", 'shop run say hi --reason "It is due."')
        with floor.store.read() as tx:
            run = tx.runs.by_source(key)
            assert run is not None, floor.told(key)
            approval = tx.approvals.get(run.id)
        assert run.state is RunState.HELD
        assert approval is not None
        yield Scene(floor, run, approval)
