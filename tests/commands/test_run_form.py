"""Forms made from jobs: when one opens, what is in it, what is wrong with it, and what it starts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from blocks import run_form
from bot.catalogues import Input
from bot.command import Click, Letters
from bot.config import ProjectConfig
from bot.deeds import Halted, Permit
from bot.edges.gitlab import GitLab
from bot.errors import LeftOut, NotLinked, NotUnderstood, Refused
from bot.jobs import form, last, sheet
from bot.model import Place
from commands import run
from tests.commands.form_desk import Desk, desk_at
from tests.jobs.seen import buttons, shown
from tests.jobs.stage import OPS, PEOPLE, Shop

INFRA, LAB, NOTICES = "acme/infra", "acme/lab", "acme/notices"


@pytest.fixture
def desk(shop: Shop) -> Iterator[Desk]:
    """The bot's rooms between the sandbox's GitLab and its Slack."""
    with desk_at(shop) as desk:
        yield desk


# When one opens ---------------------------------------------------------------------------------------------


def test_a_job_that_takes_inputs_opens_its_form(desk: Desk) -> None:
    """With the defaults in it, their descriptions, and the same as it is typed; nothing is started yet."""
    assert desk.type(f"{INFRA} run scale") is None
    assert list(desk.fields()) == ["Service", "Replicas", "Dry run", "Note", "Branch or tag"]
    assert list(desk.values().values()) == ["web", "2", "true", "", "main"]
    assert "Which service to scale." in desk.texts()
    assert f"/gitlab {INFRA} run scale --defaults" in desk.texts()
    assert desk.shop.runs() == []


def test_a_form_is_opened_at_once_where_the_store_knows_the_job(desk: Desk) -> None:
    """Before GitLab is asked, of a project whose jobs the person has run; else as soon as GitLab has said so."""
    desk.type(f"{INFRA} run scale service=web")
    desk.shop.break_("down")
    assert desk.type(f"{INFRA} run scale") is None
    assert "submit" not in {name for name, value in desk.view.items() if value}
    assert "connection to GitLab broke" in desk.texts()
    desk.shop.mend()


@pytest.mark.parametrize("typed", ["run scale service=web", "run scale --defaults"])
def test_arguments_start_it_at_once(desk: Desk, typed: str) -> None:
    """So does the word for who wants it as it is by itself."""
    assert desk.type(f"{INFRA} {typed}") is None
    assert PEOPLE["alice"].id not in desk.office.slack.views.stacks
    started = desk.shop.run()
    assert (started.job, started.arguments) == ("scale", "" if "--defaults" in typed else "service=web")


def test_a_dry_run_asks_for_nothing(desk: Desk) -> None:
    """It starts nothing either way, and shows what would be."""
    request = replace(
        desk.shop.request(f"{INFRA} run scale"), trigger=desk.trigger(), permit=Permit(dry_run=True)
    )
    with pytest.raises(Halted):
        run.run(request, desk.shop.kit)


def test_what_recurs_asks_nobody(desk: Desk) -> None:
    """Nobody is there to fill in a form: the job is started as it is by itself."""
    request = replace(desk.shop.request(f"{INFRA} run scale"), attended=False)
    assert run.run(request, desk.shop.kit) is None
    assert desk.shop.run().job == "scale"
    with pytest.raises(NotUnderstood, match="Which job"):
        run.run(replace(desk.shop.request("shop run"), attended=False), desk.shop.kit)


def test_without_a_trigger_a_button_opens_it(desk: Desk) -> None:
    """In a direct message or after a mention; the answer says what the job takes, and how it is typed."""
    answer = desk.shop.say(f"{INFRA} run scale", prefix="")
    said = shown(answer)
    assert buttons(answer) == ["Fill in"]
    assert "takes 4 values: `service`, `replicas`, `dry_run`, `note`" in said
    assert f"{INFRA} run scale service=web" in said
    assert f"{INFRA} run scale --defaults" in said
    assert answer
    desk.press(answer.blocks[1]["elements"][0]["value"])
    assert "Service" in desk.fields()


def test_what_has_to_be_given_is_not_offered_by_itself(desk: Desk) -> None:
    """A job without all of its defaults cannot be started so, and says what a line would be."""
    said = shown(desk.shop.say("acme/gate run open-door", prefix=""))
    assert "--defaults" not in said
    assert "run open-door reason=… ticket=… hours=1 door=front" in said
    desk.type("acme/gate run open-door")
    assert "reason=… ticket=…" in desk.texts()


def test_a_trigger_that_is_too_old_leaves_a_button(desk: Desk) -> None:
    """Slack opens nothing by it any more."""
    request = replace(desk.shop.request(f"{INFRA} run scale"), trigger="1.2.old")
    desk.office.slack.views.triggers["1.2.old"] = replace(
        desk.office.slack.views.triggers[desk.trigger()], until=0.0
    )
    assert buttons(run.run(request, desk.shop.kit)) == ["Fill in"]


def test_another_person_cannot_open_what_was_offered(desk: Desk) -> None:
    """It was read with the token of who asked."""
    answer = desk.shop.say(f"{INFRA} run scale", name="bob", prefix="")
    assert answer
    with pytest.raises(NotUnderstood, match="too old"):
        desk.press(answer.blocks[1]["elements"][0]["value"])


# What it starts ---------------------------------------------------------------------------------------------


def test_a_form_starts_what_the_same_line_would(desk: Desk) -> None:
    """What was left at its default is not sent; the card shows the rest as it would be typed."""
    desk.type(f"{INFRA} run scale")
    assert desk.send(Service="worker", Replicas="4", Dry_run="false", Note="night shift") is None
    filled = desk.shop.run()
    desk.type(f'{INFRA} run scale service=worker replicas=4 dry_run=false note="night shift"')
    typed = desk.shop.run()
    assert (filled.arguments, filled.ref) == (typed.arguments, typed.ref)
    ours = {"chatops_request_id"}
    assert {n: v for n, v in filled.inputs.items() if n not in ours} == {
        n: v for n, v in typed.inputs.items() if n not in ours
    }


def test_a_form_that_is_sent_twice_starts_once(desk: Desk) -> None:
    """The form is the request."""
    desk.type(f"{INFRA} run scale")
    sent = desk.form(Service="worker")
    run.send_form(sent, desk.shop.kit)
    run.send_form(sent, desk.shop.kit)
    assert len(desk.shop.runs()) == 1


def test_variables_that_are_described_are_set(desk: Desk) -> None:
    """As pipeline variables, and what was typed as it was typed: a `$` in it names no variable."""
    desk.type(f"{NOTICES} run announce")
    assert list(desk.fields())[:5] == ["Audience", "Shop", "Message", "Signed", "Free text"]
    desk.send(Shop="shop-117", Message="Closed, $HOME", Free_text="at once")
    started = desk.shop.run()
    assert started.arguments == 'SHOP=shop-117 MESSAGE="Closed, $HOME" at once'
    assert started.variables == {"SHOP": "shop-117", "MESSAGE": "Closed, $$HOME"}
    desk.shop.ended()
    assert "of shop-117 by mail: Closed, $HOME (Acme)" in shown(desk.shop.reply())


def test_described_variables_are_typed_as_well(desk: Desk) -> None:
    """Checked as inputs are; other words are free text, and `again` sets them once more."""
    with pytest.raises(NotUnderstood, match=r"`AUDIENCE`.* has to be one of"):
        desk.type(f"{NOTICES} run announce AUDIENCE=nobody")
    desk.type(f"{NOTICES} run announce AUDIENCE=everybody hear ye")
    assert desk.shop.run().variables == {"AUDIENCE": "everybody"}
    desk.shop.say("again")
    assert desk.shop.run().variables == {"AUDIENCE": "everybody"}
    assert len(desk.shop.runs()) == 2


def test_a_job_that_asks_is_confirmed(desk: Desk) -> None:
    """By its own words, after the form."""
    desk.type(f"{NOTICES} run recall")
    assert "Do you want to take back what was said of this shop?" in desk.texts()
    with pytest.raises(Halted, match="The project asks: “Do you want to take back"):
        desk.send()


# What is wrong with it --------------------------------------------------------------------------------------


def test_each_mistake_stands_at_its_field(desk: Desk) -> None:
    """With the pattern and the description, while the form is open."""
    desk.type(f"{INFRA} run scale")
    found = desk.mistakes(Replicas="many", Note="!!!")
    assert list(found) == ["Replicas", "Note"]
    assert found["Note"] == (
        "`note` (Why, in a few words) has to be a text of the form `^[A-Za-z0-9 .,-]{0,60}$`, not `!!!`."
    )


def test_a_dollar_in_an_input_is_refused(desk: Desk) -> None:
    """GitLab would read it as a variable of the project."""
    desk.type(f"{LAB} run build-machine")
    assert "free of `$`" in desk.mistakes(Comment="$TOKEN")["Comment"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('say "this', "never closed"),
        ("x" * 4_090, "characters long"),
        ("SHPO=shop-002", "did you mean `SHOP`"),
        ("SHOP=shop-002", "`SHOP` has a field of its own"),
    ],
)
def test_free_words_are_looked_at_as_a_line(desk: Desk, text: str, said: str) -> None:
    """What could not be typed behind the job is not taken."""
    desk.type(f"{NOTICES} run announce")
    assert said in desk.mistakes(Free_text=text)["Free text"]


def test_typed_mistakes_have_a_button_with_what_was_typed(desk: Desk) -> None:
    """All of them are named, and the form has what fits; what cannot stand in a field has to be picked anew."""
    with pytest.raises(NotUnderstood) as caught:
        desk.type(f"{INFRA} run scale service=nope replicas=3 note=!!!")
    assert all(name in caught.value.sentence for name in ("`service`", "`note`"))
    assert caught.value.helps
    assert caught.value.helps[:2] == (run_form.OPEN, run_form.FORM)
    desk.press(caught.value.helps.value)
    assert list(desk.values().values()) == ["", "3", "true", "!!!", "main"]
    assert "It was nope." in desk.texts()
    assert 'run scale replicas=3"' in desk.texts() or "run scale replicas=3'" in desk.texts()
    assert desk.send(Service="search", Note="fine") is None
    assert desk.shop.run().arguments == "service=search replicas=3 note=fine"


def test_what_looks_like_a_secret_is_not_kept_for_a_form(desk: Desk) -> None:
    """The sentence stands alone then."""
    with pytest.raises(NotUnderstood) as caught:
        desk.type(f"{INFRA} run scale service=nope note=canary")
    assert caught.value.helps is None


# What changes while it is open ------------------------------------------------------------------------------


def test_another_choice_draws_what_hangs_on_it(desk: Desk) -> None:
    """With the options and the default of the rule that holds; what was filled in elsewhere stays."""
    desk.type(f"{LAB} run build-machine")
    before = desk.fields()["Machine"]
    assert [one["value"] for one in before.element["options"]] == ["t3.micro", "t3.small"]
    desk.pick("Cloud", "gcp", Version="v1.2", Machine="t3.small")
    after = desk.fields()["Machine"]
    assert [one["value"] for one in after.element["options"]] == ["e2-micro", "e2-standard-4"]
    assert before.block != after.block
    assert (desk.values()[after.block], desk.values()[desk.fields()["Version"].block]) == ("e2-micro", "v1.2")
    assert "cloud=gcp version=v1.2" in desk.texts()
    desk.pick("Cloud", "own")
    assert desk.fields()["Machine"].kind == "plain_text_input"
    assert desk.fields()["Machine"].required
    desk.send(Machine="big iron")
    assert desk.shop.run().arguments == 'cloud=own machine="big iron" version=v1.2'


def test_a_form_sent_before_it_was_drawn_anew_stays_open(desk: Desk) -> None:
    """Nothing is started with options that nobody saw."""
    desk.type(f"{LAB} run build-machine")
    assert desk.mistakes(Cloud="gcp") == {"Machine": form.NOT_YET}
    assert desk.mistakes(Branch_or_tag="other") == {"Branch or tag": form.NOT_YET}


def test_another_ref_is_picked(desk: Desk) -> None:
    """The job is that of the ref; the branches are offered, and what is typed."""
    desk.shop.act("push night acme/infra")
    desk.type(f"{INFRA} run scale")
    assert desk.offered("Branch or tag", "ni") == ["night", "ni"]
    assert desk.offered("Branch or tag", "night") == ["night"]
    assert desk.offered("Branch or tag", "n", name="bob") == []
    desk.pick("Branch_or_tag", "night", Service="worker")
    assert f"{INFRA} run scale@night service=worker" in desk.texts()
    desk.send()
    assert (desk.shop.run().ref, desk.shop.run().arguments) == ("night", "service=worker")


def test_a_ref_that_does_not_exist_is_said_in_the_form(desk: Desk) -> None:
    """What was filled in stays, and the form is not sent with it."""
    desk.type(f"{INFRA} run scale")
    desk.pick("Branch_or_tag", "nowhere", Service="worker")
    assert "no branch or tag `nowhere`" in desk.texts()
    assert "Service" in desk.fields()


def test_a_job_that_changed_meanwhile_is_not_started(desk: Desk) -> None:
    """It is said what is different, and the form opens anew with what still fits."""
    desk.type(f"{INFRA} run scale")
    desk.shop.act('change-yaml "[web, worker, search]" "[web, worker, mail]" acme/infra')
    desk.shop.act('change-yaml "default: 2" "default: 3" acme/infra')
    desk.shop.act('change-yaml "    note:" "    why:" acme/infra')
    desk.shop.act('change-yaml "inputs.note" "inputs.why" acme/infra')
    answer = desk.send(Service="worker", Note="gone")
    said = shown(answer)
    assert desk.shop.runs() == []
    for words in ("it changed while your form was open", "why is new", "note is gone", "service takes something else",
                  "replicas takes something else"):  # fmt: skip
        assert words in said
    assert answer
    assert buttons(answer) == ["Open the form"]
    desk.press(answer.blocks[-1]["elements"][0]["value"])
    assert list(desk.values().values()) == ["worker", "3", "true", "", "main"]
    desk.send(Why="still")
    assert desk.shop.run().arguments == "service=worker why=still"


def test_a_job_whose_script_changed_is_not_started_either(desk: Desk) -> None:
    """Somebody agreed to another one."""
    desk.type(f"{INFRA} run scale")
    desk.shop.act('change-yaml "echo" "printf" acme/infra')
    assert "its definition changed" in shown(desk.send())


def test_a_job_that_is_gone_is_said(desk: Desk) -> None:
    """With what is near, as for a typed one."""
    desk.type(f"{INFRA} run scale")
    sent = desk.form()
    desk.shop.act('change-yaml "scale:" "grow:" acme/infra')
    with pytest.raises(NotUnderstood, match="has no job `scale`"):
        run.send_form(sent, desk.shop.kit)


def test_a_form_that_is_too_old_starts_nothing(desk: Desk) -> None:
    """What it was about is forgotten; it is taken, and told so."""
    desk.type(f"{INFRA} run scale")
    sent = replace(desk.form(), value="gone")
    assert run.check_form(sent, desk.shop.kit) == {}
    with pytest.raises(NotUnderstood, match="too old"):
        run.send_form(sent, desk.shop.kit)


# What is remembered -----------------------------------------------------------------------------------------


def test_what_was_given_last_is_filled_in(desk: Desk) -> None:
    """By a form or typed, for that person and job; as far as it is still taken."""
    desk.type(f"{INFRA} run scale service=search replicas=7")
    desk.type(f"{INFRA} run scale")
    assert list(desk.values().values())[:2] == ["search", "7"]
    assert "what you gave it last" in desk.texts()
    desk.shop.act('change-yaml "[web, worker, search]" "[web, worker, mail]" acme/infra')
    desk.type(f"{INFRA} run scale")
    assert list(desk.values().values())[:2] == ["web", "7"]
    kit, project = desk.shop.kit, desk.shop.run().project_id
    assert last.values(kit, PEOPLE["bob"], project, "scale", ()) == {}


def test_secrets_and_long_texts_are_not_remembered(desk: Desk) -> None:
    """Nor what no key opens any more; what is kept cannot be read in the store."""
    kit, alice = desk.shop.kit, PEOPLE["alice"]
    declared = tuple(Input(name) for name in "abc")
    last.keep(kit, alice, 42, "x", {"a": "plain words", "b": "a canary", "c": "x" * 2_000})
    assert last.values(kit, alice, 42, "x", declared) == {"a": "plain words"}
    with kit.store.read() as tx:
        assert "plain words" not in str(tx.last_values.get(alice, 42, "x"))
    with kit.store.write() as tx:
        tx.last_values.put(alice, 42, "x", "sealed by nobody", 1)
    assert last.values(kit, alice, 42, "x", declared) == {}
    with kit.store.read() as tx:
        assert tx.last_values.get(alice, 42, "x") is None


def test_what_a_form_is_about_cannot_be_read_in_the_store(desk: Desk) -> None:
    """What somebody typed is sealed there."""
    with pytest.raises(NotUnderstood):
        desk.type(f"{INFRA} run scale service=nope note=quitesecret")
    with desk.shop.store.read() as tx:
        rows = [tx.sheets.get(f"id{number:010x}", PEOPLE["alice"], sheet.KIND) for number in range(1, 20)]
    assert any(rows)
    assert "quitesecret" not in str(rows)


# Retry with changes -----------------------------------------------------------------------------------------


def test_a_run_is_retried_with_changes(desk: Desk) -> None:
    """Its form has what it was run with; the new card goes where the old one is."""
    desk.type(f'{LAB} run build-machine cloud=own machine="big iron" regions=eu,us')
    failed = desk.shop.run()
    desk.press(failed.id)
    values = {label: desk.values()[field.block] for label, field in desk.fields().items()}
    assert (values["Cloud"], values["Machine"], values["Regions"]) == ("own", "big iron", "eu\nus")
    desk.send(Machine="bigger iron")
    anew = desk.shop.run()
    assert anew.arguments == 'cloud=own machine="bigger iron" regions=eu,us'
    assert (anew.place, anew.id != failed.id) == (failed.place, True)


def test_a_run_that_was_typed_freely_is_retried_with_its_words(desk: Desk) -> None:
    """Words that name no variable stand in their own field."""
    desk.type(f'{NOTICES} run announce "hear ye" SHOP=shop-002 all')
    desk.press(desk.shop.run().id)
    assert desk.values()[desk.fields()["Free text"].block] == '"hear ye" all'
    desk.type("shop run say hello  World")
    desk.press(desk.shop.run().id)
    assert desk.values()[desk.fields()["Arguments"].block] == "hello  World"


# Picking a job ----------------------------------------------------------------------------------------------


def test_a_job_is_picked_in_a_form(desk: Desk) -> None:
    """Of the project of this place; those that can be started, with their stage and description."""
    desk.type("run")
    assert "13 jobs of acme/shop can be started from chat." in desk.texts()
    assert desk.offered("Job", "sa") == ["say"]
    assert desk.offered("Job", "chat-only") == []
    desk.pick("Job", "say")
    assert "Repeats what you say" in desk.texts()
    desk.send(Arguments="hello World")
    assert (desk.shop.run().job, desk.shop.run().arguments) == ("say", "hello World")


def test_a_picked_job_goes_on_with_its_form(desk: Desk) -> None:
    """In the same form; another project has other jobs."""
    desk.type("run")
    assert "acme/infra" in desk.offered("Project", "infra") or desk.offered("Project", "") == ["acme/shop"]
    desk.pick("Project", INFRA)
    assert desk.offered("Job", "") == ["scale"]
    assert desk.mistakes(Job="scale") == {"Job": form.NOT_YET}
    desk.pick("Job", "scale")
    assert list(desk.fields())[:4] == ["Project", "Job", "Service", "Replicas"]
    desk.send(Service="worker")
    assert (desk.shop.run().project, desk.shop.run().inputs["service"]) == (INFRA, "worker")


def test_a_project_that_somebody_may_not_see_is_not_picked(desk: Desk) -> None:
    """Nor are its jobs shown: the form says what GitLab says."""
    desk.type("run")
    desk.pick("Project", "acme/nowhere")
    assert "GitLab knows no project" in desk.texts()
    assert "can be started" in desk.texts()


def test_the_shortcut_opens_the_same(desk: Desk) -> None:
    """In no place of its own it begins with the only project that is known, or with none."""
    assert desk.shortcut() is None
    assert list(desk.fields()) == ["Project", "Job"]


def test_no_job_is_picked_in_a_form_that_shows_none(desk: Desk) -> None:
    """Whatever Slack would let through."""
    desk.type("run")
    with pytest.raises(NotUnderstood, match="No job was picked"):
        run.send_form(desk.form(), desk.shop.kit)


def test_without_a_trigger_jobs_are_picked_in_the_answer(desk: Desk) -> None:
    """With stage and description; what is picked is run as if it had been typed."""
    with pytest.raises(LeftOut) as caught:
        desk.shop.say("run", prefix="")
    assert (caught.value.before, caught.value.sentence) == ("run", "Which job of acme/shop?")
    assert {"hello", "say"} <= {one.value for one in caught.value.options}


def test_jobs_that_are_offered_are_those_their_asker_was_shown(desk: Desk) -> None:
    """Somebody else is offered none of them."""
    with pytest.raises(LeftOut) as caught:
        desk.shop.say("run", prefix="")
    for name, jobs in (("alice", ["say"]), ("bob", [])):
        typed = Letters(PEOPLE[name], Place(OPS), "say", caught.value.context)
        assert [one.value for one in run.pick_job(typed, desk.shop.kit)] == jobs


def test_jobs_of_gitlab_s_own_slash_command_take_free_words_alone(shop: Shop) -> None:
    """It hands on neither inputs nor variables, and knows the default branch alone."""
    config = replace(shop.kit.config, projects={NOTICES: ProjectConfig(start="chat", chat_token="x")})
    with desk_at(
        Shop(replace(shop.kit, config=config), shop.clock, shop.numbers, gitlab=shop.gitlab)
    ) as desk:
        desk.type(f"{NOTICES} run")
        desk.pick("Job", "announce")
        assert list(desk.fields()) == ["Project", "Job", "Arguments"]


def test_a_job_that_chat_may_not_start_opens_no_form(desk: Desk) -> None:
    """The rule that keeps it is named, as for a typed one."""
    with pytest.raises(Refused, match="cannot be started from chat"):
        desk.type("shop run chat-only")
    assert desk.shop.runs() == []


def test_who_is_not_connected_is_told_so_in_the_form(desk: Desk) -> None:
    """And hears how, as after any command."""
    desk.type(f"{INFRA} run scale")
    block, values = desk.fields()["Branch or tag"].block, desk.values()

    def nobody(_: object) -> GitLab:
        raise NotLinked

    kit = replace(desk.shop.kit, gitlab_as=nobody)
    click = Click("c1", PEOPLE["alice"], "alice", Place(OPS), "main", block=block, view=str(desk.view["id"]),
                  about=desk.sheet, values=values)  # fmt: skip
    with pytest.raises(NotLinked):
        run.press_form(click, kit)
