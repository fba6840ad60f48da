"""What a deed leaves behind in the audit trail."""

from __future__ import annotations

from bot.deeds import Deed, digest
from bot.edges.store import Tx
from bot.kit import Kit
from bot.ledger import Account, Entry
from bot.model import Place
from bot.text import clip

#: A sentence or a reason that somebody typed; what is longer says no more.
DETAIL_KEPT = 1_000


def entry(  # noqa: PLR0913 -- an entry has that many columns
    kit: Kit,
    deed: Deed,
    decision: str,
    *,
    name: str,
    place: Place,
    account: Account | None,
    rule: str = "",
    by: str = "",
    pipeline: int | None = None,
    detail: str = "",
) -> Entry:
    """
    Return the line to be added with `note`, in the transaction of what it tells of.

    `name` is the person's in Slack, `account` is whom they are to GitLab, if that is known, `by` who approved,
    granted or overrode. Arguments and inputs are kept as a digest only, and secrets are taken out of what people typed.
    """
    return Entry(
        at=kit.now(),
        person=deed.person,
        name=name,
        gitlab_id=account.gitlab_id if account else 0,
        username=account.username if account else "",
        place=place,
        command=deed.command,
        decision=decision,
        project=kit.redact(deed.project),
        subject=kit.redact(_subject(deed)),
        environment=kit.redact(deed.environment),
        arguments=digest(deed.arguments, dict(deed.inputs)) if deed.arguments or deed.inputs else "",
        rule=rule,
        by=by,
        pipeline=pipeline,
        detail=clip(kit.redact(detail), DETAIL_KEPT),
    )


def whom(name: str, account: Account) -> str:
    """Return who decided, for the trail: the name in Slack is anybody's to choose, the two ids are not."""
    return f"{name or account.person.id} ({account.person.id}, @{account.username})"


def note(tx: Tx, line: Entry) -> Entry:
    """
    Add a line to the trail and return it with its number and hash.

    The store tells the log of it once it is committed: a line that was rolled back is told nowhere.
    """
    return tx.audit.add(line)


def _subject(deed: Deed) -> str:
    """Return what the deed is done to: a job at a ref, or else an environment."""
    if deed.job:
        return f"{deed.job}@{deed.ref}" if deed.ref else deed.job
    return deed.environment or deed.ref
