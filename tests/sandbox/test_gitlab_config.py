"""How the sandbox reads CI configurations: expressions, rules, inputs, variables, statuses."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.gitlab.expressions import ExpressionError, compile_expression, holds
from sandbox.gitlab.flow import composite
from sandbox.gitlab.selection import Circumstances, choose
from sandbox.gitlab.trace import LOG_LIMIT, SCRIPT, Trace
from sandbox.gitlab.variables import expand_all
from sandbox.gitlab.yaml_config import read_config
from sandbox.gitlab.yaml_text import ConfigInvalid, dump

VARIABLES = {"JOB": "say", "EMPTY": "", "BLANK": " ", "PATTERN": "/^s/", "REF": "feature/x"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('$JOB == "say"', True),
        ("$JOB == 'hello'", False),
        ('$JOB != "hello" && $JOB', True),
        ("$EMPTY", False),
        ("$BLANK", False),
        ('$EMPTY == ""', True),
        ("$MISSING == null", True),
        ("$EMPTY == null", False),
        ('$MISSING == ""', False),
        ("$JOB =~ /^SA/i", True),
        ("$JOB =~ /^SA/", False),
        ("$REF =~ /^feature\\//", True),
        ("$JOB =~ $PATTERN", True),
        ("$MISSING =~ /x/", False),
        ("$MISSING !~ /x/", True),
        ('$EMPTY || $JOB == "say" && $MISSING == null', True),
        ('($JOB == "say" || $JOB == "ls") && $EMPTY', False),
        ("!$EMPTY", True),
    ],
)
def test_conditions(text: str, expected: bool) -> None:
    """Conditions are decided as GitLab documents."""
    assert holds(compile_expression(text), VARIABLES) is expected


@pytest.mark.parametrize("text", ["", "$A ==", "($A", '"a" "b"', "$A = 1", "&& $A", "$A =~ /(/"])
def test_what_is_no_condition_is_refused(text: str) -> None:
    """A text that GitLab cannot parse raises."""
    with pytest.raises(ExpressionError):
        compile_expression(text)


def chosen(
    source: str, ref: str = "main", tag: bool = False, origin: str = "api", **more: str
) -> dict[str, str]:
    here = Circumstances(ref, tag, origin, {"CI_PIPELINE_SOURCE": origin, **more})
    return {one.job.name: one.when for one in choose(read_config(source), here)}


@pytest.mark.parametrize(
    ("rule", "origin", "runs"),
    [
        ("only: [chat]", "api", False),
        ("only: [chat]", "chat", True),
        ("only: [api]", "api", True),
        ("except: [chat]", "chat", False),
        ("only: [tags]", "api", False),
        ("only: [main]", "api", True),
        ("only: [/^ma/]", "api", True),
        ("only: {refs: [main], variables: [$A]}", "api", False),
        ("except: {variables: [$CI_PIPELINE_SOURCE]}", "api", False),
        ("rules: [{if: $A, when: never}, {when: always}]", "api", True),
        ("rules: [{when: never}]", "api", False),
        ("rules: []", "api", False),
        ("variables: {X: y}", "api", True),
    ],
)
def test_rules_only_and_except(rule: str, origin: str, runs: bool) -> None:
    """A job is in a pipeline exactly when its keywords say so."""
    assert ("a" in chosen(f"a:\n  script: x\n  {rule}\n", origin=origin)) is runs


def test_the_when_of_a_rule_stands_above_the_jobs() -> None:
    """A rule without `when` takes the job's own."""
    source = "a:\n  script: x\n  when: manual\n  rules:\n    - if: $NOW\n      when: always\n    - if: $NOW == null\n"
    assert chosen(source) == {"a": "manual"}
    assert chosen(source, NOW="1") == {"a": "always"}


def test_extends_references_and_defaults() -> None:
    """Hidden jobs are merged, references looked up, and defaults filled in."""
    config = read_config(
        "default: {before_script: [one]}\n.base: {script: [two], variables: {A: b}}\n.more: {after_script: [three]}\n"
        "job:\n  extends: .base\n  variables: {C: d}\n  after_script: [!reference [.more, after_script], four]\n"
    )
    job = config.jobs["job"]
    assert (job.before_script, job.script, job.after_script) == (("one",), ("two",), ("three", "four"))
    assert job.variables == {"A": "b", "C": "d"}
    assert "!reference" not in dump(config.merged)


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("a: {stage: test}", "jobs:a config should implement the script:, run:, or trigger: keyword"),
        ("a: {script: x, colour: red}", "jobs:a config contains unknown keys: colour"),
        ("a: {script: x, stage: nope}", "a job: chosen stage nope does not exist; available stages are"),
        ("a: {script: x, needs: [b]}", "a job: undefined need: b"),
        ("a: {script: x, rules: [{if: '='}]}", "jobs:a:rules:rule if invalid expression syntax"),
        ("a: {script: x, only: [chat], rules: []}", "jobs:a config key may not be used with `rules`: only"),
        (".a: {script: x}", "jobs config should contain at least one visible job"),
        ("- a", "Invalid configuration format"),
        ("", "Please provide content of .gitlab-ci.yml"),
        ("spec: {inputs: {x: }}\n---\na: {script: x}", "`x` input: required value has not been provided"),
    ],
)
def test_invalid_configurations_say_what_is_wrong(source: str, error: str) -> None:
    """Every problem has GitLab's words."""
    with pytest.raises(ConfigInvalid) as refused:
        read_config(source)
    assert refused.value.errors[0].startswith(error)


def test_inputs_keep_their_type_where_they_stand_alone() -> None:
    """`$[[ inputs.x ]]` alone is the value itself; inside a text it is written out."""
    header = "spec: {inputs: {n: {type: number}}}\n---\n"
    source = header + "a: {script: 'echo $[[ inputs.n ]] x', variables: {N: '$[[inputs.n]]'}}"
    config = read_config(source, {"n": 3})
    assert config.merged["a"] == {"script": "echo 3 x", "variables": {"N": 3}}


@given(st.dictionaries(st.sampled_from("ABC"), st.text("ABC${}% x", max_size=12)))
def test_expansion_always_ends(raw: dict[str, str]) -> None:
    """Variables that name each other, even in a circle, are expanded in the end."""
    assert expand_all(raw).keys() == raw.keys()


def test_expansion_follows_the_runner() -> None:
    """Known variables are put in through each other, `$$` is a dollar sign, unknown ones are nothing."""
    raw = {"A": "1", "B": "${A}2", "C": "$B $$A $NOPE %A%", "D": "$D"}
    assert expand_all(raw) == {"A": "1", "B": "12", "C": "12 $A  1", "D": "$D"}


@pytest.mark.parametrize(
    ("statuses", "total"),
    [
        (["success", "skipped"], "success"),
        (["skipped"], "skipped"),
        (["ignored"], "skipped"),
        (["warning", "success"], "success"),
        (["created"], "created"),
        (["created", "pending"], "pending"),
        (["success", "created"], "running"),
        (["running", "failed"], "running"),
        (["canceling", "success"], "canceling"),
        (["canceled", "success"], "canceled"),
        (["manual", "success"], "manual"),
        (["failed", "success", "skipped"], "failed"),
    ],
)
def test_a_pipelines_status_adds_up(statuses: list[str], total: str) -> None:
    """A pipeline's status follows from its jobs'."""
    assert composite(statuses) == total


@given(st.lists(st.binary(max_size=40).map(lambda part: part.replace(b"\0", b"")), max_size=8))
def test_a_log_without_its_headers_is_what_was_written(parts: list[bytes]) -> None:
    """Taking the headers off and joining continued records gives back every byte that was valid."""
    trace = Trace(lambda: 0.0)
    for part in parts:
        trace.write(part, SCRIPT)
    trace.close()
    trace.upload()
    written = codecs.getincrementaldecoder("utf-8")("replace").decode(b"".join(parts)).encode()
    records = trace.read().split(b"\n")[:-1]
    joined = b""
    for record in records:
        joined = joined[:-1] + record[32:] + b"\n" if record[31:32] == b"+" else joined + record[32:] + b"\n"
    assert joined.rstrip(b"\n") == written.rstrip(b"\n")


def test_a_log_is_cut_at_the_runners_limit() -> None:
    """After 4 MiB the log ends with a notice, and the rest is lost."""
    trace = Trace(lambda: 0.0)
    for _ in range(70):
        trace.write(b"x" * 65_535 + b"\n", SCRIPT)
    trace.say("Job succeeded")
    trace.upload()
    assert LOG_LIMIT < len(trace.read()) < LOG_LIMIT + 200
    assert b"Job succeeded" not in trace.read()
