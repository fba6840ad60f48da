"""The scenario language: every line of its table is read, everything else is refused with a hint."""

from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox import acts
from sandbox.acts import Spot, Wanted
from sandbox.lines import FORMS, NotALine, nearest_usage, read_line, seconds
from sandbox.scenario import HELP_WIDTH
from sandbox.script import CannotRead, read_file, read_script
from sandbox.slack.acts import USAGES

TABLE: dict[str, acts.Act] = {
    "/run hello World": acts.Slash("/run", "hello World"),
    "/help": acts.Slash("/help", ""),
    "/issue create Down⏎It is down": acts.Slash("/issue", "create Down\nIt is down"),
    "@Signalbox runs": acts.Say("@Signalbox runs"),
    "two⏎lines": acts.Say("two\nlines"),
    ":as bob": acts.Be("bob"),
    ":in #ops": acts.GoChannel("ops"),
    ":in #inc-*": acts.GoChannel("inc-*"),
    ":dm": acts.GoDM(),
    ":thread": acts.GoThread(),
    ":thread 3": acts.GoThread(3),
    ":thread on It is slow": acts.GoThread(on="It is slow"),
    ":leave": acts.Leave(),
    ":click Run again": acts.Press("Run again"),
    ":click Run again 12": acts.Press("Run again", 12),
    ':click "Top 10"': acts.Press("Top 10"),
    ":choose Job = say": acts.Choose("Job", "say"),
    ":choose Job = deploy staging 4": acts.Choose("Job", "deploy staging", 4),
    ":choose Labels =": acts.Choose("Labels", ""),
    ":type Project = ac": acts.Letters("Project", "ac"),
    ":type Project =": acts.Letters("Project", ""),
    ":type Project = ac 4": acts.Letters("Project", "ac", 4),
    ":fill Note = a = b⏎c": acts.Fill("Note", "a = b\nc"),
    ":fill Note =": acts.Fill("Note", ""),
    ":submit": acts.Submit(),
    ":cancel": acts.Dismiss(),
    ":shortcut Declare incident": acts.Shortcut("Declare incident"),
    ":shortcut Add to issue 3": acts.Shortcut("Add to issue", 3),
    ":react eyes": acts.React("eyes"),
    ":react :eyes: 2": acts.React("eyes", 2),
    ":unreact +1 2": acts.React("+1", 2, removes=True),
    ":react eyes on it is down": acts.React("eyes", on="it is down"),
    ":unreact eyes on it": acts.React("eyes", removes=True, on="it"),
    ":edit 3 run hello you": acts.Edit(3, "run hello you"),
    ":edit newest run hello you": acts.Edit(None, "run hello you"),
    ":delete 3": acts.Delete(3),
    ":delete newest": acts.Delete(None),
    ":picture run-card": acts.Picture("run-card"),
    ":picture run-card 3": acts.Picture("run-card", number=3),
    ":picture job form": acts.Picture("job", "form"),
    ":picture start home": acts.Picture("start", "home"),
    ":upload notes/my file.txt": acts.Upload("notes/my file.txt"),
    ":upload my file.txt with see⏎this": acts.Upload("my file.txt", "see\nthis"),
    ":broadcast it is⏎fixed": acts.Broadcast("it is\nfixed"),
    ":home": acts.OpenHome(),
    ":show": acts.Show(),
    ":show 7": acts.Show(7),
    ":expect You said: hi": acts.Expect(Wanted("You said: hi"), 10),
    ':expect "passed in #ops" within 2m': acts.Expect(Wanted("passed in #ops"), 120),
    ":expect passed in #ops": acts.Expect(Wanted("passed"), 10, Spot("channel", channel="ops")),
    ":expect passed within 500ms in thread 4": acts.Expect(Wanted("passed"), 0.5, Spot("thread", number=4)),
    ":expect passed in dm within 3s": acts.Expect(Wanted("passed"), 3, Spot("dm")),
    ":expect Replicas in form": acts.Expect(Wanted("Replicas"), 10, Spot("form")),
    ":expect My runs in home": acts.Expect(Wanted("My runs"), 10, Spot("home")),
    r":expect /passed in \d+ s/ in thread": acts.Expect(Wanted(r"passed in \d+ s", True), 10, Spot("thread")),
    ":expect /run hello": acts.Expect(Wanted("/run hello"), 10),
    ':expect "say "hi" now"': acts.Expect(Wanted('say "hi" now'), 10),
    ":expect one⏎two": acts.Expect(Wanted("one\ntwo"), 10),
    ":expect-ephemeral Did you mean": acts.Expect(Wanted("Did you mean"), 10, only_me=True),
    ":refuse Hello": acts.Refuse(Wanted("Hello")),
    ":refuse Hello for 3s in #dev": acts.Refuse(Wanted("Hello"), 3, Spot("channel", channel="dev")),
    ":gitlab comment #1 Works for me": acts.InGitLab("comment", "#1 Works for me"),
    ":gitlab revoke": acts.InGitLab("revoke", ""),
    ":slack guest bob": acts.InSlack("guest", "bob"),
    ":slack group oncall alice bob": acts.InSlack("group", "oncall alice bob"),
    ":expect-gitlab issues/1/notes CONTAINS hello": acts.ExpectGitLab("issues/1/notes", Wanted("hello"), 10),
    ':expect-gitlab pipelines contains "api" within 3s': acts.ExpectGitLab("pipelines", Wanted("api"), 3),
    ":expect-slack topic contains S1 | Down": acts.ExpectSlack("topic", Wanted("S1 | Down"), 10),
    ":expect-slack members lacks bob within 3s": acts.ExpectSlack("members", Wanted("bob"), 3, lacks=True),
    ":expect-slack reactions 7 CONTAINS /eyes/": acts.ExpectSlack("reactions", Wanted("eyes", True), 10, 7),
    ":expect Down in #inc-*": acts.Expect(Wanted("Down"), 10, Spot("channel", channel="inc-*")),
    ':count gitlab "POST /projects/:id/play" = 1': acts.Count("gitlab", "POST /projects/:id/play", "=", 1),
    ":count slack chat.postMessage <= 3": acts.Count("slack", "chat.postMessage", "<=", 3),
    ":count slack chat.update>2": acts.Count("slack", "chat.update", ">", 2),
    ":break gitlab down for 60s": acts.Break("gitlab", "down", seconds=60),
    ":break gitlab down": acts.Break("gitlab", "down"),
    ":break slack slow 5s": acts.Break("slack", "slow", arg=5),
    ":break gitlab slow 500ms for 1m": acts.Break("gitlab", "slow", arg=0.5, seconds=60),
    ":break slack 429 30": acts.Break("slack", "429", arg=30),
    ":break gitlab timeline for 5s": acts.Break("gitlab", "timeline", seconds=5),
    ":break gitlab 503": acts.Break("gitlab", "503"),
    ":break slack 429 30 2 times": acts.Break("slack", "429", arg=30, times=2),
    ":break slack 500 3 times": acts.Break("slack", "500", times=3),
    ":break gitlab 502-after": acts.Break("gitlab", "502-after"),
    ":break gitlab cut-after 1 time": acts.Break("gitlab", "cut-after", times=1),
    ":break slack socket-drop": acts.Break("slack", "socket-drop"),
    ":break slack redeliver 2 times": acts.Break("slack", "redeliver", times=2),
    ":mend": acts.Mend(),
    ":clock +10m": acts.MoveClock(600),
    ":clock -1d": acts.MoveClock(-86400),
    ":kill": acts.Bot("kill"),
    ":stop": acts.Bot("stop"),
    ":start": acts.Bot("start"),
    ":wait 500ms": acts.Wait(0.5),
    ":help": acts.Help(),
    ":quit": acts.Quit(),
    "#> Now a typo.": acts.Narrate("Now a typo."),
}

REFUSED = {
    ":expct hello": ":expect TEXT",
    ":kil": ":kill",
    ":clik Cancel": ":click LABEL",
    ":as": ":as NAME",
    ":in #ops now": ":in #CHANNEL",
    ":delete": ":delete N|newest",
    ":wait 5": ":wait Ns",
    ":clock 10m": ":clock +10m",
    ":count slack chat.postMessage 3": ":count SIDE",
    ":break slack fire": "socket-drop",
    ":break gitlab socket-drop": "502-after",
    ":break gitlab slow": "slow 5s",
    ":break jira down": ":break SIDE HOW",
    ":expect": ":expect TEXT",
    ':expect ""': "no text",
    ":expect /(/": "regular expression",
    ":expect hello for 3s": "within 3s",
    ":refuse hello within 3s": "for 3s",
    ":expect-gitlab pipelines api": "CONTAINS",
    ":expect-gitlab pipelines CONTAINS api in #ops": "no places",
    ":expect-slack topic S1": "contains|lacks TEXT",
    ":expect-slack weather contains sun": "bookmarks",
    ":expect-slack reactions contains eyes": "reactions 3",
    ":expect-slack pins 3 contains eyes": "reactions 3",
    ":expect-slack pins contains eyes in #ops": "go there",
    "/": "slash command",
    "/run! now": "slash command",
}


@pytest.mark.parametrize(("line", "act"), TABLE.items(), ids=TABLE)
def test_line_is_read(line: str, act: acts.Act) -> None:
    """Each line of the table becomes its act."""
    assert read_line(line) == act
    assert read_line(f"  {line}  ") == act


def test_table_is_complete() -> None:
    """Every form there is stands in the table above."""
    assert {form.name for form in FORMS} == {line.split()[0] for line in TABLE if line.startswith(":")}


@pytest.mark.parametrize(("line", "hint"), REFUSED.items(), ids=REFUSED)
def test_line_is_refused(line: str, hint: str) -> None:
    """A line that is none of the language is refused with what to write instead."""
    with pytest.raises(NotALine) as refusal:
        read_line(line)
    assert hint in str(refusal.value)


@pytest.mark.parametrize("line", ["", "   ", "# a comment", "  # indented", "#"])
def test_nothing_to_do(line: str) -> None:
    """Blank lines and comments ask for nothing."""
    assert read_line(line) is None


@given(st.text())
def test_any_text_is_read_or_refused(line: str) -> None:
    """Whatever is typed is read or refused, and never anything else."""
    with contextlib.suppress(NotALine):
        act = read_line(line)
        assert act is None or isinstance(act, acts.Act)


@given(st.sampled_from([form.name for form in FORMS]), st.text())
def test_any_argument_is_read_or_refused(name: str, rest: str) -> None:
    """Whatever follows the name of a form is read or refused."""
    with contextlib.suppress(NotALine):
        assert isinstance(read_line(f"{name} {rest}"), acts.Act)


@given(st.text(st.characters(exclude_characters="⏎", exclude_categories=["C"]), min_size=1))
def test_quoted_text_is_kept(text: str) -> None:
    """A text in quotes is looked for exactly as written, whatever it holds."""
    assert read_line(f':expect "{text}"') == acts.Expect(Wanted(text), 10)
    spot = Spot("thread", number=2)
    assert read_line(f':expect "{text}" within 2s in thread 2') == acts.Expect(Wanted(text), 2, spot)


@given(st.integers(0, 9999), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_durations(number: int, unit: str) -> None:
    """A duration is its number times its unit, in seconds."""
    factor = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    assert seconds(f"{number}{unit}") == pytest.approx(number * factor)


def test_nearest_usage() -> None:
    """The nearest form is named with its whole usage."""
    assert nearest_usage(":expect-gitlb") == ":expect-gitlab PATH CONTAINS TEXT [within Ns]"


def test_script() -> None:
    """A script holds its steps with their line numbers, and the settings of its `#!` lines."""
    settings = '#! bot.workers = 2\n#! [projects."acme/shop"]\n#! start = "chat"\n'
    script = read_script(f"{settings}\n# why\n/help\n:dm\n", "x")
    assert [(step.line, step.text) for step in script.steps] == [(6, "/help"), (7, ":dm")]
    assert script.settings == {"bot": {"workers": 2}, "projects": {"acme/shop": {"start": "chat"}}}


@pytest.mark.parametrize(
    ("text", "where"),
    [("/help\n:expct x\n", "x.txt:2: "), ("#! bot = = 1\n", "x.txt: "), ("\n\n:as\n", "x.txt:3: ")],
)
def test_unreadable_script(text: str, where: str) -> None:
    """A script that cannot be read names its file and line."""
    with pytest.raises(CannotRead) as refusal:
        read_script(text, "x.txt")
    assert str(refusal.value).startswith(where)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is missing or not UTF-8 is refused by name."""
    with pytest.raises(CannotRead, match=r"gone\.txt: No such file"):
        read_file(tmp_path / "gone.txt")
    (tmp_path / "odd.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(CannotRead, match=r"odd\.txt: the file is not UTF-8"):
        read_file(tmp_path / "odd.txt")


@pytest.mark.parametrize(
    ("wanted", "shown", "found"),
    [
        (Wanted("said: hi"), "You said: hi there", True),
        (Wanted("Said"), "You said", False),
        (Wanted(r"^passed$", True), "one\npassed\ntwo", True),
        (Wanted(r"\d{3}", True), "12", False),
    ],
)
def test_wanted(wanted: Wanted, shown: str, found: bool) -> None:  # a column of the table
    """A text is found as written, a pattern anywhere."""
    assert wanted.found_in(shown) is found


def test_help_stays_within_eighty_columns() -> None:
    """What a form means fits beside it or below it; no form is longer than a line."""
    assert all(2 + HELP_WIDTH + len(form.means) <= 80 for form in FORMS)
    assert all(2 + len(form.usage) <= 80 for form in FORMS)
    assert all(2 + HELP_WIDTH + len(means) <= 80 for means in USAGES.values())
