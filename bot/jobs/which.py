"""Which run somebody means: the one named, else the thread's, else their last one here."""

from __future__ import annotations

from bot.command import Click, Request
from bot.errors import NotUnderstood
from bot.kit import Kit
from bot.model import Run

#: How far back `runs` and `again` look.
RECENT = 20


def meant(kit: Kit, request: Request) -> Run:
    """
    Return the run that a request such as `cancel`, `log` or `again` is about.

    A word after the verb names it by its job or by the number of its pipeline, as its card shows it. Without one
    it is the run of this thread, else the asker's last one in this channel, else their last one anywhere.
    Raises NotUnderstood when there is none.
    """
    said = request.words[0].text.lstrip("#") if request.words else None
    with kit.store.read() as tx:
        thread = tx.runs.in_thread(request.place) if request.place.thread else []
        here = tx.runs.recent(request.person, channel=request.place.channel, limit=RECENT)
        mine = [*here, *tx.runs.recent(request.person, limit=RECENT)]
    if said is None:
        return _first([*thread, *mine], request)
    found = next((run for run in [*thread, *mine] if said in {run.job, str(run.pipeline)}), None)
    if found is None:
        raise NotUnderstood(
            f"I know no run `{said}` of yours here. Type `{request.prefix}runs` to see your last ones."
        )
    return found


def _first(runs: list[Run], request: Request) -> Run:
    if not runs:
        raise NotUnderstood(
            f"You have not run anything yet. Start with `{request.prefix}jobs` to see what there is."
        )
    return runs[0]


def pressed(kit: Kit, click: Click) -> Run:
    """Return the run whose button was pressed; raises NotUnderstood when it is forgotten."""
    with kit.store.read() as tx:
        run = tx.runs.get(click.value)
    if run is None:
        raise NotUnderstood(
            "That run is too old for me to remember. Look for it in GitLab, or start it anew."
        )
    return run
