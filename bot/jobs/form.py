"""The form of a job as it lies in the store: what is drawn, what is wrong with what was filled in, what it means."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from bot import asides, words
from bot.catalogues import Input, JobForm, Picked
from bot.command import Form, Letters
from bot.errors import NotUnderstood
from bot.jobs import entries, inputs, known, sheet
from bot.jobs.sheet import Sheet
from bot.kit import Kit
from bot.model import MOST_OPTIONS, Option
from bot.words import Word

#: The blocks of a form beside those of its inputs; behind the last three stands what they are of.
PROJECT, JOB, REF, TEXT = "project", "job", "ref", "text"
#: What is typed in place of arguments by who wants a job as it is by itself.
DEFAULTS = "--defaults"
RUN = "run"
#: Longest value behind an option (slack-platform.md 2.1).
OPTION_VALUE = 150
#: What stands beside a field that was changed, when the form was sent in before it had been drawn anew.
NOT_YET = (
    "The form does not show yet what belongs to this. Look at it once more; if nothing changes, pick it again, or press"
    " Enter in it."
)


def drawn(kit: Kit, one: Sheet, trouble: str = "") -> JobForm:
    """Return what a form shows."""
    found = entries.entries(one.stamp, one.declared, one.given) if one.job else ()
    wrong = _problems(kit, one, one.given)
    fitting = {name: text for name, text in one.given.items() if name not in wrong}
    return JobForm(
        one.id, one.project, one.job, found,
        pick_project=Picked(PROJECT, one.project, one.project) if one.picks else None,
        pick_job=_picked_job(one) if one.picks else None,
        jobs=len(one.jobs),
        pick_ref=_picked_ref(one),
        text_id=_text_id(one) if one.takes_text else "",
        text=one.text, line=kit.redact(typed(one, fitting, one.text)),
        left_out=max(0, len(inputs.asked(one.declared)) - entries.MOST_FIELDS),
        remembered=one.remembered and bool(one.given), trouble=kit.redact(trouble),
    )  # fmt: skip


def _picked_job(one: Sheet) -> Picked:
    name = one.job.name if one.job else ""
    return Picked(f"{JOB}.{one.project_id}" if one.project_id else "", name, name)


def _picked_ref(one: Sheet) -> Picked | None:
    """The select of branches and tags; GitLab's own slash command knows the default branch alone."""
    if one.job is None or one.start != "api" or len(one.ref) > OPTION_VALUE:
        return None
    return Picked(f"{REF}.{one.project_id}", one.ref, one.ref)


def _text_id(one: Sheet) -> str:
    return f"{TEXT}.{one.stamp}"


def is_block(block: str) -> bool:
    """Tell whether something stands in a form of a job, by the id of its block."""
    return block.partition(".")[0] in {PROJECT, JOB, REF, TEXT, entries.INPUT}


def typed(one: Sheet, given: Mapping[str, str], text: str) -> str:
    """Return what would be typed for the same, what is lacking made up; empty while no job is picked."""
    if one.job is None:
        return ""
    ref = f"@{one.ref}" if one.ref not in {"", one.home} else ""
    job = words.quote(f"{one.job.name}{ref}")
    lacking = [
        entry for entry in inputs.now(one.declared, given) if entry.required and entry.name not in given
    ]
    whole = {**given, **{entry.name: inputs.sample(entry) for entry in lacking}}
    arguments = entries.line(one.declared, whole, text)
    if not arguments and inputs.asked(one.declared):
        arguments = DEFAULTS
    before = f"{words.longhand(one.prefix)}{one.named} " if one.named else one.prefix
    return f"{before}{RUN} {job} {_guarded(job, arguments)}".strip()


def _guarded(job: str, arguments: str) -> str:
    """Put `--` before arguments in which something would be taken for what is said beside a command."""
    try:
        line = words.parsed(f"{RUN} {job} {arguments}", (RUN,))
        same = asides.read(line, (RUN,))[0].after(1) == arguments.strip()
    except NotUnderstood:
        same = False
    return arguments if same else f"{asides.END} {arguments}"


# What was filled in -----------------------------------------------------------------------------------------


def filled(one: Sheet, values: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """Return what is in the fields of a form, by the names of the inputs, and the words that name none."""
    given = entries.texts(one.stamp, one.declared, values)
    return given, words.filled(values.get(_text_id(one), "")).strip()


def mistakes(kit: Kit, form: Form) -> dict[str, str]:
    """Return what is wrong with a form, by the ids of its blocks; from the store alone."""
    one = sheet.find(kit, form.person, form.value)
    if one is None:
        return {}  # It is told when it is sent in.
    late = _not_drawn(one, form.values)
    if late:
        return late
    given, text = filled(one, form.values)
    found = entries.fields_of(one.stamp, form.values, one.declared, _problems(kit, one, given))
    return found | _of_text(one, form.values, given, text)


def _not_drawn(one: Sheet, values: Mapping[str, str]) -> dict[str, str]:
    """What was picked and is not shown yet: the sheet knows what is shown."""
    for select, shown in ((PROJECT, one.project), (JOB, one.job.name if one.job else ""), (REF, one.ref)):
        block = next((name for name in values if name.partition(".")[0] == select), None)
        if block is not None and values[block] != shown:
            return {block: NOT_YET}
    wanted = entries.entries(one.stamp, one.declared, filled(one, values)[0])
    missing = next((entry.id for entry in wanted if entry.id not in values), None)
    return {_nearest(missing, values): NOT_YET} if missing and values else {}


def _nearest(missing: str, values: Mapping[str, str]) -> str:
    """The same field as it stood there before; else the last one."""
    before = missing.rpartition(".")[0]
    return next((name for name in values if name.rpartition(".")[0] == before), list(values)[-1])


def _problems(kit: Kit, one: Sheet, given: Mapping[str, str]) -> dict[str, str]:
    found = inputs.read(one.declared, given, dollars=dollars(kit, one))[1]
    return {name: f"{said[:1].upper()}{said[1:]}." for name, said in found.items()}


def dollars(kit: Kit, one: Sheet) -> bool:
    """Tell whether a `$` may stand in a value: in a variable it can be escaped."""
    return one.sets_variables or not kit.config.project(one.project).escape_dollar


def _of_text(one: Sheet, values: Mapping[str, str], given: Mapping[str, str], text: str) -> dict[str, str]:
    """What is wrong with the words that name no input, or with all of it as one line."""
    field = _text_id(one) if _text_id(one) in values else next(reversed(list(values)), "")
    try:
        words.split(typed(one, given, text))
        problems = _in_words(one.declared, words.split(text))
    except NotUnderstood as error:
        return {field: error.sentence}
    return {field: " ".join(f"{each[:1].upper()}{each[1:]}." for each in problems)} if problems else {}


def _in_words(declared: Sequence[Input], free: Sequence[Word]) -> list[str]:
    """What is wrong with words that are to name no input."""
    if not declared or not free:
        return []
    also, problems = inputs.named(declared, free)
    return [*problems, *(f"`{name}` has a field of its own" for name in also)]


# Letters ----------------------------------------------------------------------------------------------------


def options(kit: Kit, letters: Letters) -> Sequence[Option]:
    """Return what fits the letters typed into a select of a form; nothing for a form of somebody else."""
    one = sheet.find(kit, letters.person, letters.value)
    kind = letters.block.partition(".")[0]
    if one is None:
        return ()
    if kind == PROJECT:
        return known.matching(kit, letters.person, letters.place, letters.typed)
    if kind == JOB:
        return matching(one.jobs, letters.typed)
    if kind == REF:
        return _refs(one, letters.typed)
    named = entries.options_of(one.stamp, one.declared, letters.block)
    return matching([Option(each, each) for each in named], letters.typed)


def matching(known_options: Sequence[Option], letters: str) -> list[Option]:
    """Return those that hold the letters; those that begin so come first."""
    low = letters.strip().casefold()
    fitting = [one for one in known_options if low in one.label.casefold()]
    return sorted(fitting, key=lambda one: not one.label.casefold().startswith(low))[:MOST_OPTIONS]


def _refs(one: Sheet, letters: str) -> list[Option]:
    """The branches and tags that fit, and what was typed itself: there may be more than GitLab tells at once."""
    found = matching([Option(ref, ref) for ref in one.refs], letters)
    own = letters.strip()
    if not own or any(each.value == own for each in found):
        return found
    return [*found[: MOST_OPTIONS - 1], Option(own, own, "as typed")]
