"""A file of reports: every fault before the first run, and one failure that stops no other."""

import sys

import pytest

from salesanalysis import reports
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports.batch import prepare_batch


@pytest.fixture
def batch_file(workplace):
    def write(content: str):
        path = workplace / "reports.yml"
        path.write_text(content, encoding="utf-8")
        return "reports.yml"

    return write


def test_every_fault_of_the_file_at_once_with_its_line(batch_file):
    file = batch_file(
        """\
reports:
  - notebook: trail
  - notebook: trial
    parametres: {}
  - name: b
    notebook: trial
    lang: [en, fr]
    out: out/b/{lang}
  - notebook: trial
    parameters: {n: "three"}
  - notebook: trial
    lang: [en, zh]
    out: out/same
  - 7
  - notebook: trial
    out: out/c
    out: out/d
  - notebook: trial
    name: again
    out: out/b/en
    lang: []
  - out: out/x
  - notebook: trial
    name: twice
    out: out/b/en
"""
    )
    with pytest.raises(SalesAnalysisError) as caught:
        prepare_batch(file)
    head, *faults = str(caught.value).splitlines()
    assert head == "`reports.yml` has 10 fault(s); nothing was run:"
    expected = [
        ("2", "Did you mean `trial`?"),
        ("3", "unknown key `parametres`; did you mean `parameters`?"),
        ("5", "b (fr): `lang` is 'fr'; expected one of en, zh."),
        ("9", "Parameter `n` must be int"),
        ("11", "`out` must hold `{lang}` where there are several languages"),
        ("14", "expected keys such as `notebook`; got 7"),
        ("17", "the key `out` stands here a second time"),
        ("18", "`lang` must be a language or a list of them; got []"),
        ("22", "`notebook` is missing"),
        ("23", "twice: writes to the folder of `b (en)`"),
    ]
    for fault, (line, words) in zip(faults, expected, strict=True):
        assert fault.startswith(f"reports.yml:{line}: ")
        assert words in fault


@pytest.mark.parametrize(
    "content",
    ["", "- notebook: x", "reports: 3", "reports:\n  - [", "reports: []\nmore: 1", "\x00"],
)
def test_a_file_of_another_shape_is_refused(batch_file, content):
    with pytest.raises(SalesAnalysisError, match=r"reports\.yml"):
        prepare_batch(batch_file(content))


def test_a_missing_file_is_named(workplace):
    with pytest.raises(SalesAnalysisError, match="no file `nothing.yml`"):
        prepare_batch("nothing.yml")


def test_dates_and_languages_stay_text(batch_file):
    file = batch_file(
        "reports:\n  - notebook: trial\n    lang: [en, zh]\n    parameters: {name: 2024-03-31}\n"
    )
    prepared = prepare_batch(file)
    assert [name for name, _ in prepared] == ["trial (en)", "trial (zh)"]
    assert [request.parameters["name"] for _, request in prepared] == ["2024-03-31"] * 2
    assert [request.lang for _, request in prepared] == ["en", "zh"]
    assert len({request.out for _, request in prepared}) == 2


@pytest.mark.parametrize("fault", [reports.ReportFailed("cell 3\nKeyError"), OSError("disk full")])
def test_one_failure_does_not_stop_the_others(batch_file, monkeypatch, fault):
    def execute(request, *, progress):
        progress(1, 2, "A heading")
        if request.lang == "zh":
            raise fault
        return f"run of {request.lang}"

    # Real runs have their tests in test_run.py. The module, which the function of its name hides:
    monkeypatch.setattr(sys.modules["salesanalysis.reports.run"], "execute", execute)
    file = batch_file(
        "reports:\n  - {notebook: trial, lang: [zh, en]}\n  - {notebook: trial, out: o}\n"
    )
    told, steps = [], []
    made = reports.batch(file, finished=told.append, progress=lambda *step: steps.append(step))
    assert made == told
    assert [(one.name, one.run, one.failure) for one in made] == [
        ("trial (zh)", None, str(fault)),
        ("trial (en)", "run of en", ""),
        ("trial", "run of en", ""),
    ]
    assert steps == [(one.name, 1, 2, "A heading") for one in made]
