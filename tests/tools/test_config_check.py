"""`run_bot.py config check`: what it prints, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import run_bot
from sandbox.settings import write_private
from tests.unit.test_config import MINIMAL


def written(folder: Path, more: str = "") -> Path:
    """A configuration that only its owner can read."""
    file = folder / "config.toml"
    write_private(file, MINIMAL + more)
    return file


def checked(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str]:
    """The exit code and what is printed; nothing is printed as an error."""
    code = run_bot.main([*map(str, arguments)])
    captured = capsys.readouterr()
    assert captured.err == ""
    return code, captured.out


def test_in_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 0, a warning for each thing that is better changed, and what was counted."""
    file = written(
        tmp_path, 'url = "http://h.example"\n[[rules]]\nname = "a"\nthen = "deny"\ncommands = ["run"]\n'
    )
    code, out = checked(capsys, "config", "check", "--config", file)
    warning, last = out.splitlines()
    assert code == 0
    assert warning.startswith("Warning: gitlab.url is http://h.example")
    assert last == f"{file} is in order: 0 projects, 1 rule, 0 groups, 0 freezes."


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ("[bot]\nworkers = 0\n", "line 8: bot.workers is 0."),
        ('[[rules]]\nname = "a"\nthen = "deny"\ncommands = ["rum"]\n', "line 7: rules[1].commands holds"),
        ('[projects."a/b"]\naliases = ["run"]\n', 'projects."a/b".aliases holds run, which is a command.'),
        ("[", "The configuration is not valid TOML"),
    ],
)
def test_mistakes(tmp_path: Path, capsys: pytest.CaptureFixture[str], more: str, sentence: str) -> None:
    """Exit code 2 and a line for each, also for what only the commands can tell."""
    code, out = checked(capsys, "--config", written(tmp_path, more), "config", "check")
    assert code == 2
    assert out.startswith(sentence)
    assert "in order" not in out


def test_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One object that a program can read, in either case."""
    code, out = checked(capsys, "config", "check", "--json", "--config", written(tmp_path))
    assert (code, json.loads(out)) == (0, {"ok": True, "problems": [], "warnings": []})
    code, out = checked(
        capsys, "config", "check", "--json", "--config", written(tmp_path, "[bot]\n\nworker = 0\n")
    )
    (problem,) = json.loads(out)["problems"]
    assert (code, problem["line"], problem["key"]) == (2, 9, "bot.worker")
    assert problem["sentence"] == "bot.worker is not a key I know. Did you mean bot.workers?"


def test_no_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A mistake that has neither line nor key says so."""
    code, out = checked(capsys, "config", "check", "--json", "--config", tmp_path / "none.toml")
    (problem,) = json.loads(out)["problems"]
    assert (code, problem["line"], problem["key"]) == (2, None, None)
    assert "none.toml" in problem["sentence"]


def test_help_of_each_tool(capsys: pytest.CaptureFixture[str]) -> None:
    """`--help` names every tool, and each of them describes its own arguments."""
    from bot.tools import TOOLS

    for arguments in (["--help"], *([name, "--help"] for name in TOOLS)):
        with pytest.raises(SystemExit) as left:
            run_bot.main(arguments)
        assert left.value.code == 0
    out = capsys.readouterr().out
    assert all(f"run_bot.py {name} [-h]" in out and f"    {name} " in out for name in TOOLS)


def test_tool_without_its_choice(capsys: pytest.CaptureFixture[str]) -> None:
    """A tool that does several things wants to know which."""
    with pytest.raises(SystemExit) as left:
        run_bot.main(["config"])
    assert left.value.code == run_bot.EXIT_USAGE
    assert "WHAT" in capsys.readouterr().err


def test_entries_hand_in_the_configuration(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`keys new` needs none; the others read it, and say what is not there yet."""
    assert run_bot.main(["keys", "new"]) == 0
    assert len(capsys.readouterr().out.strip()) == 44
    file = written(tmp_path)
    said = {"keys check": "There is no key yet", "audit tail": "There is no store"}
    for arguments, sentence in said.items():
        assert run_bot.main([*arguments.split(), "--config", str(file)]) == run_bot.EXIT_USAGE
        assert sentence in capsys.readouterr().err


def test_keys_are_handed_in_with_their_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With keys and without a store nothing is sealed yet."""
    write_private(tmp_path / "signalbox.keys", "a" * 43 + "=\n")
    assert run_bot.main(["keys", "check", "--config", str(written(tmp_path))]) == run_bot.EXIT_USAGE
    assert "nothing is sealed yet" in capsys.readouterr().err


def test_policy_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The tool is handed the configuration and the clock."""
    file = written(tmp_path, '[[rules]]\nname = "closed"\nthen = "deny"\n')
    asked = ["--as", "U0BOB00001", "--in", "C0OPS00001", "run hello"]
    assert run_bot.main(["--config", str(file), "policy", "explain", *asked]) == 1
    assert "closed" in capsys.readouterr().out
