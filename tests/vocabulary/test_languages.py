"""A language is a record and a folder; what one lacks is listed before anything is said in it."""

import shutil

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest

from salesanalysis import cli, plots, text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.incentive import read_plan
from salesanalysis.plots import style
from salesanalysis.reports import tables
from salesanalysis.reports.blocks import Table
from salesanalysis.reports.html_tables import html_table
from salesanalysis.reports.job import prepare
from salesanalysis.text import Language, Unit, files, gaps

FIRST = next(iter(text.LANGUAGES))
OTHERS = [lang for lang in text.LANGUAGES if lang != FIRST]

#: Their conditions in CLDR's table of plural rules, and numbers that go with each of their forms.
PLURALS = {
    "pl": (
        (
            "i = 1 and v = 0",
            "v = 0 and i % 10 = 2..4 and i % 100 != 12..14",
            "v = 0 and i != 1 and i % 10 = 0..1 or v = 0 and i % 10 = 5..9"
            " or v = 0 and i % 100 = 12..14",
        ),
        ([1], [2, 3, 4, 22, 104], [0, 5, 12, 14, 21, 112], [0.5, 2.5]),
    ),
    "lv": (
        (
            "n % 10 = 0 or n % 100 = 11..19 or v = 2 and f % 100 = 11..19",
            "n % 10 = 1 and n % 100 != 11 or v = 2 and f % 10 = 1 and f % 100 != 11"
            " or v != 2 and f % 10 = 1",
        ),
        ([0, 10, 11, 19, 0.12], [1, 21, 0.1, 1.21], [2, 9, 22, 0.22]),
    ),
    "fr": (("i = 0,1",), ([0, 1, 1.5], [2, 17])),
    "zh": ((), ([0, 1, 2, 1.5],)),
}


def _forget() -> None:
    for cached in (files.texts, files.headings, files.units, files.currencies, gaps.missing):
        cached.cache_clear()


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """The folder of a third language, which has a record and no file yet."""
    shutil.copytree(files.FOLDER, tmp_path / "text", ignore=shutil.ignore_patterns("*.py*"))
    monkeypatch.setattr(files, "FOLDER", tmp_path / "text")
    record = Language(
        "xx",
        "xx-XX",
        "Third",
        ("i = 1 and v = 0",),
        decimal=",",
        group=".",
        units=(Unit("Mio.", 6),),
    )
    monkeypatch.setitem(text.LANGUAGES, "xx", record)
    _forget()
    yield tmp_path / "text" / "xx"
    _forget()


@pytest.fixture
def whole(stub):
    """The same with the words of the first language."""
    shutil.copytree(stub.parent / FIRST, stub)
    return stub


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_no_language_lacks_anything(lang):
    assert text.missing(lang) == []


@pytest.mark.parametrize("code", PLURALS)
def test_the_word_of_a_number_is_that_of_its_plural_form(code):
    conditions, numbers = PLURALS[code]
    language = Language(code, code, code, conditions)
    for form, those in enumerate(numbers):
        assert {number: language.form(number) for number in those} == dict.fromkeys(those, form)
    for unknown in (None, np.nan, np.inf):
        assert language.form(unknown) == len(conditions)


def test_a_language_without_files_is_refused_with_the_list_of_them(stub, tmp_path, capsys):
    parts = [f"{path.stem}.yml" for path in (stub.parent / FIRST).glob("*.yml")]
    named = {*parts, "columns.csv", "currencies.csv", "project/README.md", "project/mapping.yml"}
    told = [f"text/xx/{name}: the file is missing" for name in sorted(named)]
    assert text.missing("xx") == told
    with pytest.raises(SalesAnalysisError, match="`lang` is 'xx', which is not complete") as found:
        prepare("funnel", lang="xx", out=tmp_path / "out")
    assert all(line in str(found.value) for line in told)
    assert cli.main(["run", "funnel", "--lang", "xx", "--out", str(tmp_path / "out")]) == 2
    assert "text/xx/funnel.yml: the file is missing" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_every_single_gap_of_a_language_is_listed(whole):
    assert text.missing("xx") == []
    said = (whole / "batch.yml").read_text(encoding="utf-8").splitlines()
    at = next(i for i, line in enumerate(said) if line.startswith("search:"))
    said[at] = "look_for: x"
    counted = next(i for i, line in enumerate(said) if line.startswith("counted:"))
    said[counted] = 'counted: "{there:count} of {whole:count} {there:a|few|many}"'
    said += ["nothing_more: ''"]
    (whole / "batch.yml").write_text("\n".join(said), encoding="utf-8")
    heads = (whole / "columns.csv").read_text(encoding="utf-8")
    heads = heads.replace("\namount,Amount\n", "\n").replace("rate,Share\n", "rate,\n", 1)
    (whole / "columns.csv").write_text(heads, encoding="utf-8")
    (whole / "project" / "mapping.yml").unlink()
    _forget()
    assert text.missing("xx") == [
        "text/xx/batch.yml: `batch.counted` does not say {all:count}",
        "text/xx/batch.yml: `batch.counted` gives other than 2 forms of a word in"
        " {there:a|few|many}",
        "text/xx/batch.yml: `batch.counted` takes {whole:count}, which is not handed to it",
        "text/xx/batch.yml: `batch.look_for` is unknown",
        "text/xx/batch.yml: `batch.nothing_more` is unknown",
        "text/xx/batch.yml: `batch.search` is missing",
        "text/xx/columns.csv: `amount` is missing",
        "text/xx/columns.csv: `rate` is empty",
        "text/xx/project/mapping.yml: the file is missing",
    ]


def test_a_whole_language_is_one_that_a_report_can_be_asked_for_in(whole, tmp_path):
    assert prepare("funnel", lang="xx", out=tmp_path / "out").lang == "xx"


def test_numbers_carry_the_signs_of_the_language(whole):
    assert text.format_value(-13087.25, "number", lang="xx") == "−13.087,25"
    assert text.format_value(0.6317, "share", lang="xx") == "63,2%"
    assert text.format_value(0.00001, "p", lang="xx") == "< 0,0001"
    (whole / "batch.yml").write_text("a: '{n:amount} {d:days} {e:days}'", encoding="utf-8")
    _forget()
    assert text.sentence("batch.a", "xx", n=1234567, d=30.0, e=51.84) == "1,23\xa0Mio. 30 51,8"
    frame = pd.DataFrame({"amount": [1234567.0], "rate": [0.5]})
    assert tables.shown_table(frame, lang="xx", part="batch")[1] == [["1.234.567", "50,0%"]]


def test_axes_and_pictures_carry_them_too(whole):
    with style.use():
        _, ax = style.figure()
        style.thousands_axis(ax.xaxis, "xx")
        assert ax.xaxis.get_major_formatter().format_ticks([0, 2500.5]) == ["0,0", "2.500,5"]
        style.percent_axis(ax.yaxis, "xx")
        assert ax.yaxis.get_major_formatter().format_ticks([0.125]) == ["12,5%"]
    steps = pd.DataFrame(
        {"stage": ["a"], "to_stage": ["won"], "passed_now": [1234.0], "passed_aimed": [2345.0]}
    )
    ax = plots.funnel.aimed(steps.assign(rate=0.5, aim=0.6), lang="xx")
    assert any("1.234" in label.get_text() for label in ax.texts)
    plt.close("all")


def test_a_plan_is_described_in_them(whole):
    plan = read_plan({"tiers": [[0, 50_000, 0.0125], [50_000, None, 0.025]], "minor_unit": 0.01})
    said = plan.describe("xx")
    assert "50.000" in said and "1,25%" in said and "0,01" in said


def test_a_table_on_a_page_is_sorted_by_its_raw_values_whatever_the_signs(whole):
    frame = pd.DataFrame({"stage": ["T"], "amount": [1234567.0], "rate": [0.5]})
    page = html_table(Table(frame, "c", part="batch"), "xx")
    assert '<td data-v="1234567">1.234.567</td><td data-v="0.5">50,0%</td>' in page


def test_no_other_language_than_the_first_is_its_copy():
    for lang in OTHERS:
        for part in files.parts(FIRST):
            first, own = files.texts(FIRST, part), files.texts(lang, part)
            alike = [key for key in first if first[key] == own[key]]
            assert len(alike) < len(first) / 4, (lang, part)
