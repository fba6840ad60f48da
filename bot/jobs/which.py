"""Which run somebody means: the one named, else the thread's, else their last one here."""

from __future__ import annotations

from bot.command import Click, Request
from bot.edges.store import Tx
from bot.errors import NotUnderstood
from bot.jobs import projects
from bot.kit import Kit
from bot.model import Run
from bot.words import longhand

#: How far back `again`, `cancel`, `log` and `retry` look.
RECENT = 50

#: What a verb needs a run for, and the button that does the same to anybody's.
_FOR = {
    "again": ("to run once more", "Run again"),
    "!!": ("to run once more", "Run again"),
    "cancel": ("to cancel", "Cancel"),
    "stop": ("to cancel", "Cancel"),
    "retry": ("to retry", "Retry"),
    "log": ("whose log I could send", "Full log"),
}


def meant(kit: Kit, request: Request) -> Run:
    """
    Return the run that a request such as `cancel`, `log` or `again` is about.

    A word after the verb names it by its job or by the number of its pipeline, as its card shows it. Without one
    it is the run of this thread, else the asker's last one in this channel, else their last one anywhere. A number
    finds the runs of others in this channel, too. A project before the verb leaves out those of other projects.
    Raises NotUnderstood when there is none, or when what stands before the verb is no project.
    """
    project = projects.checked(kit, request)
    said = request.words[0].text.lstrip("#") if request.words else None
    with kit.store.read() as tx:
        runs = _known(tx, request, project, others=said is not None and said.isdecimal())
    found = next((run for run in runs if said is None or said in {run.job, str(run.pipeline)}), None)
    if found is None:
        raise _none(request, said, project)
    return found


def _known(tx: Tx, request: Request, project: str | None, *, others: bool) -> list[Run]:
    """Return the runs that may be meant, the likeliest first."""
    person, channel = request.person, request.place.channel
    thread = [run for run in tx.runs.in_thread(request.place) if project in {None, run.project}]
    here = tx.runs.recent(person, channel=channel, project=project, limit=RECENT)
    mine = tx.runs.recent(person, project=project, limit=RECENT)
    theirs = tx.runs.recent(None, channel=channel, project=project, limit=RECENT) if others else []
    return [*thread, *here, *mine, *theirs]


def _none(request: Request, said: str | None, project: str | None) -> NotUnderstood:
    need, button = _FOR.get(request.verb, ("of that kind", "its button"))
    where, prefix = f" in {project}" if project else "", longhand(request.prefix)
    if said is not None:
        return NotUnderstood(
            f"I know no run `{said}` of yours{where} {need}. Type `{prefix}runs` to see your last ones;"
            " the number of its pipeline finds anybody's run of this channel."
        )
    return NotUnderstood(
        f"You have no run{where} {need}. For somebody else's, press {button} on its card."
        f" To start one, see `{prefix}jobs`."
    )


def pressed(kit: Kit, click: Click) -> Run:
    """Return the run whose button was pressed; raises NotUnderstood when it is forgotten."""
    with kit.store.read() as tx:
        run = tx.runs.get(click.value)
    if run is None:
        raise NotUnderstood(
            "That run is too old for me to remember. Look for it in GitLab, or start it anew."
        )
    return run
