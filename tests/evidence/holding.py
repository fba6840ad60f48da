"""Runs that wait, and what the tests of them do again and again."""

from __future__ import annotations

from dataclasses import replace

import blocks.job
from bot.jobs import held
from bot.kit import Kit
from bot.ledger import Entry, Kept, Lock, Vote
from bot.model import Place, Run, RunState
from bot.policy import APPROVE, Policy, Rule
from tests.evidence.floor import NO_LIMITS, OPS, SHOP, SHOP_ID, Floor

ASK = 'shop run deploy-production --reason "It is due."'
STARTED = {RunState.RUNNING, RunState.REPLYING, RunState.DONE}
POLICY = Policy(
    rules=(Rule("four-eyes", APPROVE, environments=("production",), by=("leads",)),),
    groups={"leads": ("U0ALICE001", "U0ANNA0001")},
    limits=NO_LIMITS,
)


def newest(floor: Floor) -> Run:
    with floor.store.read() as tx:
        return tx.runs.recent(None, limit=1)[0]


def waiting(floor: Floor) -> Run:
    """Bob asks for an approval."""
    floor.slash("bob", ASK)
    run = newest(floor)
    assert run.state is RunState.HELD
    return run


def locked(floor: Floor, environment: str = "production") -> Lock:
    """Carol holds the lock."""
    account, now = floor.account("carol"), floor.clock()
    assert account is not None
    made = Lock(
        f"lock{now}", SHOP_ID, SHOP, environment, account.person, "carol", account.gitlab_id, now, now + 3_600_000,
        "", Place(OPS),
    )  # fmt: skip
    with floor.store.write() as tx:
        assert tx.locks.add(made)
    return made


def look(floor: Floor, seconds: float = 31) -> Run:
    """The tick of the runs that wait, after some time."""
    floor.clock.pass_(seconds)
    held.look(floor.kit, blocks.job)
    floor.do([])
    return newest(floor)


def with_kit(floor: Floor, **changes: object) -> Run:
    """The tick of the runs that wait, with other parts in its kit."""
    kit: Kit = replace(floor.kit, **changes)  # type: ignore[arg-type]  # fields of Kit
    floor.clock.pass_(31)
    held.look(kit, blocks.job)
    floor.do([])
    return newest(floor)


def unlocked(floor: Floor, lock: Lock) -> Run:
    with floor.store.write() as tx:
        assert tx.locks.end(lock.id, "released")
    return look(floor)


def kept(floor: Floor) -> Kept:
    """What waits for bob's answer."""
    with floor.store.read() as tx:
        return tx.kept.of(floor.person("bob"), "halted", floor.clock())[-1]


def granted(floor: Floor, run: Run) -> None:
    """Alice has approved it, and then everything stopped."""
    alice = floor.account("alice")
    assert alice is not None
    now = floor.clock()
    with floor.store.write() as tx:
        assert tx.approvals.vote(Vote(run.id, alice.gitlab_id, alice.person, "alice", now))
        assert tx.approvals.end(run.id, "granted", by="alice")
        assert tx.runs.change(run.id, RunState.HELD, approved_by="alice", next_look=now)


def told(floor: Floor, decision: str) -> Entry:
    with floor.store.read() as tx:
        return next(one for one in tx.audit.since(0) if one.decision == decision)


def failed(floor: Floor, environment: str = "") -> Run:
    """A run of bob's whose job has failed."""
    pipeline = floor.gitlab.start("fail")
    job = floor.gitlab.job(pipeline)
    floor.gitlab.status(job, "failed")
    made = Run(
        "run1", "run1", floor.person("bob"), "bob", Place(OPS), SHOP, SHOP_ID, "fail", "main", "", state=RunState.DONE,
        status="failed", pipeline=pipeline.id, job_id=job.id, environment=environment,
    )  # fmt: skip
    with floor.store.write() as tx:
        assert tx.runs.add(made)
    return made
