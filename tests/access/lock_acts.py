"""What runs and people do with locks, as the rooms above the rules have it."""

from __future__ import annotations

from dataclasses import replace

from bot.access import locks
from bot.deeds import Deed
from bot.ledger import Account, Lock, Waiter
from bot.model import Place, Run, RunState
from tests.access.lock_stage import NOON, PEOPLE, SHOP, Stage

TOKENS = {name: f"glpat-{name}" for name in ("bot", "alice", "bob")}


def lock(stage: Stage, name: str = "alice", environment: str = "staging", **changes: object) -> Lock:
    """Somebody holds an environment."""
    plain = Lock(
        f"lock-{environment}", SHOP, "acme/shop", environment, PEOPLE[name], name, {"alice": 7, "bob": 8}[name], NOON,
        NOON + 7_200_000, "load test", Place("C0OPS00001"), reminded=True, next_look=NOON,
    )  # fmt: skip
    made = replace(plain, **changes)  # type: ignore[arg-type]  # fields of Lock
    with stage.kit.store.write() as tx:
        assert tx.locks.add(made)
    return made


def deed(name: str = "bob", environment: str = "staging") -> Deed:
    return Deed(
        ("run",),
        PEOPLE[name],
        "C0OPS00001",
        project="acme/shop",
        project_id=SHOP,
        environment=environment,
        risky=True,
    )


def join(stage: Stage, run: Run) -> int:
    """A held run waits for its environment, as jobs/held.py does it."""
    waiter = Waiter(
        f"{run.id}.wait",
        SHOP,
        run.environment,
        run.person,
        run.asker,
        8,
        run.place,
        stage.clock.now,
        run=run.id,
    )
    with stage.kit.store.write() as tx:
        return locks.join(tx, waiter)


def begin(stage: Stage, run: Run, account: Account | None = None) -> Lock | None:
    """A run starts, as jobs/trail.py has it."""
    with stage.kit.store.write() as tx:
        account = account or tx.accounts.get(run.person)
        assert account is not None
        return locks.take_for_run(tx, stage.kit, run, account, stage.clock.now)


def finish(stage: Stage, run: Run, old: RunState = RunState.HELD, new: RunState = RunState.DONE) -> None:
    """A run ends, as jobs/trail.py has it."""
    with stage.kit.store.write() as tx:
        assert tx.runs.move(run.id, old, new)
        locks.release_run(tx, stage.kit, run, stage.clock.now)


def account(stage: Stage, name: str = "alice") -> Account:
    with stage.kit.store.read() as tx:
        found = tx.accounts.get(PEOPLE[name])
    assert found is not None
    return found
