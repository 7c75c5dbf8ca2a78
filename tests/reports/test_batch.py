"""A file of reports: what it may hold, every fault before the first run, and which reports come."""

import pytest
from hostile import write_template
from trial import write_notebook

from salesanalysis import reports
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.periods import Calendar
from salesanalysis.reports.batches import placeholders, resume
from salesanalysis.reports.batches.order import Waiting
from salesanalysis.reports.batches.plan import chosen, prepare


@pytest.fixture
def batch_file(workplace):
    def write(content: str):
        path = workplace / "reports.yml"
        path.write_text(content, encoding="utf-8")
        return "reports.yml"

    return write


def tasks(file: str, **options) -> dict:
    """Name → parameters that were given."""
    return {task.name: task.job.given for task in prepare(file, **options).tasks}


def folders(file: str, **options) -> list[str]:
    plan = prepare(file, **options)
    return [task.job.out.relative_to(plan.folder.parent).as_posix() for task in plan.tasks]


def faults(file: str, **options) -> list[str]:
    with pytest.raises(SalesAnalysisError) as caught:
        prepare(file, **options)
    head, *lines = str(caught.value).splitlines()
    assert head == f"`reports.yml` has {len(lines)} fault(s); nothing was run:"
    return [line.removeprefix("reports.yml:") for line in lines]


# --- faults ------------------------------------------------------------------------------------


def test_every_fault_of_the_file_at_once_with_its_line(batch_file):
    file = batch_file(
        """\
titel: Reports
defaults:
  parameters:
    - n
reports:
  - notebook: trail
  - notebook: trial
    parametres: {}
    parameters:
      nn: 3
      n: three
      rate: "{zzz}"
  - name: b
    notebook: trial
    lang: [en, fr]
    out: out/b/{lang}
  - notebook: trial
    lang: [en, zh]
    out: out/same
  - 7
  - notebook: trial
    out: out/c
    out: out/d
  - notebook: trial
    name: again
    lang: []
    retries: -1
    time_limit_seconds: soon
    formats: [html, pdff]
  - out: out/x
  - notebook: trial
    for_each:
      n: [1, 2]
      lang: [en]
      who: {table: reps}
      x: [1, 1]
  - notebook: trial
    name: "{period}"
    for_each: {n: [1, 2]}
    parameters: {n: "number {n}"}
  - notebook: trial
    out: {name}
"""
    )
    expected = [
        ("1", "unknown key `titel`; did you mean `title`?"),
        ("3", "`parameters` must be names and values; got ['n']"),
        ("6", "Did you mean `trial`?"),
        ("8", "unknown key `parametres`; did you mean `parameters`?"),
        ("10", "`nn` (did you mean `n`?)"),
        ("11", "Parameter `n` must be int, such as 3; got 'three'"),
        ("12", "Parameter `rate`: '{zzz}' names `{zzz}`, which is not known"),
        ("15", "b (fr): `lang` is 'fr'; expected one of en, zh."),
        ("19", "`out` must hold `{lang}` where there are several languages"),
        ("20", "expected keys such as `notebook`; got '7'"),
        ("23", "the key `out` stands here a second time"),
        ("26", "`lang` must be a language or a list of them; got []"),
        ("27", "`retries` must be a whole number, 0 or more; got -1"),
        ("28", "`time_limit_seconds` must be a number above 0; got 'soon'"),
        ("29", "`formats` holds 'pdff'; expected some of html"),
        ("30", "`notebook` is missing"),
        ("34", "`for_each` cannot use the name `lang`"),
        ("35", "`who` must have the texts `file`, `table`"),
        ("36", "`x` must be different texts or numbers"),
        ("38", "'{period}' needs the day up to which the data are complete: give `--as-of`"),
        ("42", "`out` must be text; got {'name': None}; put it in quotes: \"{name}\""),
    ]
    found = faults(file)
    # A fault in one part of an entry keeps nothing else of it from being looked at.
    for fault, (line, words) in zip(found, expected, strict=True):
        assert fault.startswith(f"{line}: "), fault
        assert words in fault


def test_a_fault_of_many_reports_is_told_once(batch_file):
    file = batch_file(
        "reports:\n  - notebook: trial\n    for_each: {x: [a, b, c]}\n"
        '    parameters:\n      name: "{x}"\n      n: many\n'
    )
    (fault,) = faults(file)
    assert fault.startswith("6: trial (a): Parameter `n` must be int")
    assert fault.endswith("(and 2 more like it)")


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        ("name: other\n    out: out/same", "other: writes to the folder of `trial`"),
        ("out: out/same/inside", "trial: writes into the folder of `trial`"),
        ("out: out", "is the folder of the batch itself"),
        ("out: notebooks", "holds the notebooks"),
        ("out: thesis", "file(s) that no report wrote: `thesis.docx`"),
    ],
)
def test_reports_keep_out_of_each_others_folders_and_out_of_everybody_elses(
    batch_file, workplace, entry, words
):
    (workplace / "thesis").mkdir()
    (workplace / "thesis" / "thesis.docx").write_text("years of work")
    file = batch_file(
        f"reports:\n  - notebook: trial\n    out: out/same\n  - notebook: trial\n    {entry}\n"
    )
    assert words in " ".join(faults(file))


@pytest.mark.parametrize(
    "content",
    ["", "- notebook: x", "reports: 3", "reports:\n  - [", "reports: []\ntitle: 1", "\x00", "{{"],
)
def test_a_file_of_another_shape_is_refused(batch_file, content):
    with pytest.raises(SalesAnalysisError, match=r"reports\.yml"):
        prepare(batch_file(content))


def test_a_missing_file_is_named(workplace):
    with pytest.raises(SalesAnalysisError, match="no file `nothing.yml`"):
        prepare("nothing.yml")


# --- what comes --------------------------------------------------------------------------------


def test_dates_and_languages_stay_text(batch_file):
    file = batch_file(
        "reports:\n  - notebook: trial\n    lang: [en, zh]\n    parameters: {name: 2024-03-31}\n"
    )
    assert tasks(file) == {
        "trial (en)": {"name": "2024-03-31", "lang": "en"},
        "trial (zh)": {"name": "2024-03-31", "lang": "zh"},
    }
    assert folders(file) == ["out/trial/en", "out/trial/zh"]


def test_defaults_are_inherited_by_the_notebooks_that_have_them(batch_file, workplace):
    write_notebook(workplace / "notebooks" / "bare.ipynb", [("code", "1", [])])
    file = batch_file(
        """\
defaults:
  time_limit_seconds: 5
  retries: 3
  parameters: {n: 1, rate: 0.25}
reports:
  - notebook: trial
    retries: 0
    parameters: {n: 2}
  - notebook: bare
"""
    )
    trial, bare = prepare(file, overrides={"time_limit_seconds": 9.0}).tasks
    assert trial.job.given == {"n": 2, "rate": 0.25}
    assert bare.job.given == {}
    assert (trial.retries, bare.retries) == (0, 3)
    assert trial.limits.seconds == bare.limits.seconds == 9.0


def test_a_template_is_inherited_and_checked_before_anything_runs(batch_file, workplace):
    file = batch_file(
        "defaults:\n  template: house_{lang}.pptx\nreports:\n  - notebook: trial\n"
        "    lang: [en, zh]\n  - notebook: trial\n    out: out/own\n    template: none.pptx\n"
    )
    write_template(workplace / "house_en.pptx")
    inherited, own = faults(file)
    assert inherited.startswith("4: trial (zh): `template` is `house_zh.pptx`, which is not there")
    assert own.startswith("8: trial: `template` is `none.pptx`, which is not there")


def test_a_default_that_no_notebook_has_is_a_mistake(batch_file):
    file = batch_file("defaults:\n  parameters:\n    naem: x\nreports:\n  - notebook: trial\n")
    assert faults(file) == [
        "3: No notebook of the file has the parameter `naem`. Did you mean `name`?"
    ]


def test_for_each_goes_through_every_choice_and_keeps_types(batch_file):
    file = batch_file(
        """\
reports:
  - notebook: trial
    for_each: {who: [华东, a/b], n: [1, 2]}
    lang: [zh, en]
    parameters: {n: "{n}", settings: {by: ["{who}"], braces: "{{n}}"}}
"""
    )
    found = tasks(file)
    assert list(found) == [
        f"trial ({who}, {n}, {lang})"
        for who in ("华东", "a/b")
        for n in (1, 2)
        for lang in ("zh", "en")
    ]
    assert found["trial (a/b, 2, en)"] == {
        "n": 2,
        "settings": {"by": ["a/b"], "braces": "{n}"},
        "lang": "en",
    }
    safe = placeholders.as_file_name("a/b")
    assert folders(file)[0] == "out/trial/华东/1/zh"
    assert folders(file)[-1] == f"out/trial/{safe}/2/en"


def test_for_each_reads_the_values_of_a_column(batch_file, workplace):
    (workplace / "reps.csv").write_text("owner_id,region\n1,West\n2,East\n3,\n4,West\n")
    file = batch_file(
        """\
as_of: "2025-12-31"
reports:
  - notebook: trial
    name: "{region} in {period}"
    for_each: {region: {file: reps.csv, table: reps}}
    parameters: {name: "{region}"}
"""
    )
    assert list(tasks(file)) == ["East in 2025-Q4", "West in 2025-Q4"]
    assert folders(file) == ["out/East in 2025-Q4/en", "out/West in 2025-Q4/en"]
    (workplace / "reps.csv").write_text("owner_id,team\n1,West\n")
    assert "`reps.csv` has no column `region`" in faults(file)[0]
    (workplace / "reps.csv").unlink()
    assert "where there is no file" in faults(file)[0]


def test_values_that_change_nothing_are_a_mistake(batch_file):
    file = batch_file(
        "reports:\n  - notebook: trial\n    for_each: {x: [a, b]}\n    out: out/all\n"
        "    parameters: {n: 3}\n"
    )
    found = faults(file)
    assert "no parameter uses `{x}`, so that all reports would be the same" in found[0]
    assert "`out` must hold `{x}` where there are several values of `x`" in found[1]


# Reference: a calendar.
@pytest.mark.parametrize(
    ("as_of", "unit", "expected"),
    [
        ("2025-12-31", "quarter", ("2025-Q4", "2025-10-01", "2025-12-31", "2025-Q3")),
        ("2026-01-01", "quarter", ("2026-Q1", "2026-01-01", "2026-03-31", "2025-Q4")),
        ("2024-02-29", "month", ("2024-02", "2024-02-01", "2024-02-29", "2024-01")),
        ("2025-12-31", "week", ("2026-W01", "2025-12-29", "2026-01-04", "2025-W52")),
        ("2025-07-01", "year", ("2025", "2025-01-01", "2025-12-31", "2024")),
    ],
)
def test_periods_of_a_day(as_of, unit, expected):
    words = placeholders.of_day(as_of, unit)
    names = ("period", "period_start", "period_end", "previous_period")
    assert tuple(words[name] for name in names) == expected
    assert set(words) == set(placeholders.DAY_WORDS)


def test_periods_of_a_day_in_a_fiscal_year():
    words = placeholders.of_day("2025-12-31", "quarter", Calendar(first_month=4))
    assert (words["period"], words["previous_period"], words["year"]) == (
        "FY26-Q3",
        "FY26-Q2",
        "FY26",
    )
    assert words["period_start"] == "2025-10-01"


def test_the_calendar_of_a_batch_is_that_of_its_reports(batch_file):
    file = batch_file(
        'as_of: "2024-05-31"\ncalendar: {first_month: 4}\nreports:\n  - notebook: trial\n'
        '    out: "out/{period}"\n'
    )
    assert folders(file) == ["out/FY25-Q1"]
    wrong = batch_file("calendar: {first_month: 14}\nreports:\n  - notebook: trial\n")
    assert faults(wrong)[0].startswith("1: `first_month` is 14; expected the number of a month")


def test_the_day_of_the_command_line_goes_before_that_of_the_file(batch_file):
    file = batch_file(
        'as_of: "2024-01-31"\nperiod: month\nreports:\n  - notebook: trial\n'
        '    out: "out/{period}"\n    parameters: {name: "{previous_period_end}"}\n'
    )
    assert tasks(file) == {"trial": {"name": "2023-12-31"}}
    assert folders(file, as_of="2025-03-05") == ["out/2025-03"]
    with pytest.raises(SalesAnalysisError, match="`as_of` is 'soon'"):
        prepare(file, as_of="soon")


@pytest.mark.parametrize(
    "value", ["..", "../x", "a/b", "a\\b", "con", "x\x00", ".", " ", "a" * 300]
)
def test_a_value_cannot_lead_out_of_its_folder(value):
    name = placeholders.as_file_name(value)
    assert "/" not in name and "\\" not in name and "\0" not in name
    assert name.strip(". ") == name and 0 < len(name) <= 100
    assert name != value


def test_different_values_have_different_names():
    values = ["a/b", "a_b", "a\\b", "a:b", "a?b"]
    assert len({placeholders.as_file_name(value) for value in values}) == len(values)


# --- which of them -----------------------------------------------------------------------------


def test_only_and_shards_divide_the_reports(batch_file):
    file = batch_file(
        "reports:\n  - notebook: trial\n    for_each: {n: [1, 2, 3, 4, 5]}\n"
        '    parameters: {n: "{n}"}\n  - {notebook: trial, name: other, out: out/o}\n'
    )
    every = prepare(file).tasks
    assert [task.name for task in chosen(every, only=["other"])] == ["other"]
    assert len(chosen(every, only=["trial"])) == 6
    assert [task.name for task in chosen(every, only=["trial (?)"], shard="2/2")] == [
        "trial (2)",
        "trial (4)",
    ]
    parts = [chosen(every, shard=f"{i}/4") for i in (1, 2, 3, 4)]
    assert sorted(task.name for part in parts for task in part) == sorted(t.name for t in every)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1
    with pytest.raises(SalesAnalysisError, match="`--only othr` .*nearest: other"):
        chosen(every, only=["othr"])
    for shard in ("0/2", "3/2", "1", "a/b", "1/2/3", "-1/2"):
        with pytest.raises(SalesAnalysisError, match="`--shard` is"):
            chosen(every, shard=shard)


def test_a_dry_run_runs_nothing_and_writes_nothing(batch_file, workplace):
    file = batch_file("reports:\n  - notebook: trial\n")
    before = sorted(workplace.rglob("*"))
    (made,) = reports.batch(file, dry_run=True, resume=True)
    assert (made.name, made.outcome, made.reason) == ("trial", "not run", "there is none")
    assert sorted(workplace.rglob("*")) == before


# --- one after another --------------------------------------------------------------------------

GATHERING = 'runs: list = []\nlang: str = "en"\nas_of: str = ""\n'


@pytest.fixture
def gathering(batch_file, workplace):
    """A batch of `trial` for two values in two languages, and of `gather`, which takes folders."""
    cells = [("code", GATHERING, ["parameters"])]
    write_notebook(workplace / "notebooks" / "gather.ipynb", cells)

    def write(gather: str, more: str = ""):
        return batch_file(
            "defaults: {lang: [en, zh]}\nreports:\n"
            f"  - notebook: gather\n{gather}"
            '  - {notebook: trial, for_each: {name: [a, b]}, parameters: {name: "{name}"}}\n' + more
        )

    return write


def test_a_report_comes_after_those_of_its_language_and_gets_their_folders(gathering):
    plan = prepare(gathering('    after: "tri*"\n'))
    gather = {task.job.lang: task for task in plan.tasks if task.job.name == "gather"}
    told = gather["zh"].job.parameters["runs"]
    assert told == ["out/trial/a/zh", "out/trial/b/zh"] == gather["zh"].job.given["runs"]
    assert len(gather["en"].after) == 2 and not set(gather["en"].after) & set(gather["zh"].after)
    named = prepare(gathering("    after: [trial]\n    parameters: {runs: [mine]}\n"))
    assert named.tasks[0].job.parameters["runs"] == ["mine"]


def test_values_that_both_have_must_agree(gathering):
    shared = '    for_each: {name: [a, c]}\n    parameters: {as_of: "{name}"}\n    after: trial\n'
    (fault, other) = faults(gathering(shared))
    assert fault == (
        "6: gather (c, en): `after` names `trial`, which is no other report of its values and"
        " language."
    )
    assert "gather (c, zh)" in other


@pytest.mark.parametrize(
    ("gather", "more", "said"),
    [
        ("", "", "2: no"),
        ("    after: trail\n", "", "Did you mean `trial`"),
        ("    after: gather\n", "", "is no other report"),
        ("    after: {a: 3}\n", "", "`after` must be the name of a report or a list of them"),
        ("    after: late\n", "  - {notebook: trial, name: late, out: 'o/{lang}', after: gather}\n",
         "these reports wait for one another (`after`): gather (en), gather (zh), late (en), late"),
    ],
)  # fmt: skip
def test_what_a_report_cannot_come_after_is_told(gathering, gather, more, said):
    found = faults(gathering(gather, more))
    if said == "2: no":
        assert "say by `after` which reports it brings together" in found[0]
    else:
        assert said in " ".join(found)


def test_tied_reports_are_in_one_shard(gathering):
    tasks = prepare(gathering("    after: trial\n")).tasks
    halves = [chosen(tasks, shard=f"{number}/2") for number in (1, 2)]
    assert [{task.job.lang for task in half} for half in halves] == [{"en"}, {"zh"}]
    assert sorted(task.name for half in halves for task in half) == sorted(t.name for t in tasks)
    assert chosen(tasks, shard="3/3") == []


def test_nothing_begins_before_what_it_comes_after_is_over(gathering):
    tasks = prepare(gathering("    after: trial\n")).tasks
    waiting = Waiting(tasks)
    ready = waiting.ready()
    assert {task.job.name for task in ready} == {"trial"} and waiting.ready() == []
    english = [task for task in ready if task.job.lang == "en"]
    for task in english:
        assert waiting.ready() == []
        waiting.over(task)
    assert [task.name for task in waiting.ready()] == ["gather (en)"]
    # What this run does not make is not waited for.
    assert len(Waiting(tasks[:1]).ready()) == 1


def test_what_comes_after_a_report_that_is_made_again_is_made_again(gathering, monkeypatch):
    tasks = prepare(gathering("    after: trial\n")).tasks
    monkeypatch.setattr(
        resume, "why_again", lambda request: "x" if "a/en" in str(request.out) else ""
    )
    again = {made.name: made.reason for made in resume.looked_at(tasks) if made.reason}
    assert again == {"trial (a, en)": "x", "gather (en)": "it comes after one of them"}
