"""What a `Report` displays and writes, without a kernel; the displays are read back."""

import csv
import json
from pathlib import Path
from types import SimpleNamespace

import ibis
import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from salesanalysis import text
from salesanalysis.errors import NothingToShow, SalesAnalysisError
from salesanalysis.findings import Finding, KeyFigure, Thing
from salesanalysis.masking import mask_secrets
from salesanalysis.plots import parts
from salesanalysis.reduce.checks import Check, Checks, Subject, missing, no_row
from salesanalysis.reports import Report, at_project_root
from salesanalysis.reports.blocks import Table
from salesanalysis.reports.html_tables import html_table
from salesanalysis.reports.provenance import portable, portable_value
from salesanalysis.reports.tables import csv_file
from salesanalysis.reports.told_blocks import MANIFEST_FILE, OUT
from salesanalysis.sources.set_aside import SetAside
from salesanalysis.text import files


class Told(Report):
    """A report of which the test sees what it displays."""

    def __init__(self, *arguments, **options):
        self.shown = []
        super().__init__(*arguments, **options)

    def _show(self, markup, plain, **place):
        self.shown.append(markup)


SENTENCES = {
    "trial.title": "T",
    "trial.question": "Q",
    "trial.headline.h": "{x}",
    "trial.headline.money": "{x:amount}",
    "trial.section.s": "S",
    "trial.table.t": "Caption",
    "trial.figure.f": "Figure",
    "trial.value.outcome.won": "Won it",
}


@pytest.fixture(autouse=True)
def words(monkeypatch):
    package_texts = files.texts
    monkeypatch.setattr(
        files,
        "texts",
        lambda lang, part: SENTENCES if part == "trial" else package_texts(lang, part),
    )


@pytest.fixture
def out(tmp_path, monkeypatch):
    monkeypatch.setenv(OUT, str(tmp_path))
    return tmp_path


@pytest.fixture
def in_lab(tmp_path, monkeypatch):
    monkeypatch.delenv(OUT, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_in_jupyterlab_nothing_is_written_and_cells_may_run_twice(in_lab):
    report = Told("trial")
    for _ in range(2):
        report.title()
        report.section("s")
        report.table("t", pd.DataFrame({"amount": [1.0]}))
        report.figure("f", Figure())
        report.things([])
        report.provenance()
    assert list(in_lab.iterdir()) == []


def test_in_a_run_a_second_of_a_name_is_refused(out):
    report = Told("trial")
    frame = pd.DataFrame({"amount": [1.0]})
    report.section("s")
    report.table("t", frame)
    report.figure("f", Figure())
    report.key_figures([KeyFigure("r", 1)])
    for again in (
        lambda: report.section("s"),
        lambda: report.table("t", frame),
        lambda: report.figure("f", Figure()),
        lambda: report.key_figures([KeyFigure("r", 2)]),
    ):
        with pytest.raises(SalesAnalysisError, match="already has a"):
            again()
    with pytest.raises(SalesAnalysisError, match="its second"):
        Told("trial")


@pytest.mark.parametrize("name", ["../x", "a/b", "A", "", "a b", "1a", None, "a.b"])
def test_a_name_that_could_leave_the_folder_is_refused(out, name):
    report = Told("trial")
    for use in (
        lambda: report.table(name, pd.DataFrame()),
        lambda: report.figure(name, Figure()),
        lambda: report.key_figures([KeyFigure(name, 1)]),
        lambda: report.section(name),
    ):
        with pytest.raises(SalesAnalysisError, match="small letters"):
            use()


def test_a_missing_text_is_an_error_that_names_it(out):
    with pytest.raises(SalesAnalysisError, match=r"No text `trial.headline.typo`"):
        Told("trial").findings([Finding("headline", "typo")])


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        ([1], "must be a pandas DataFrame; got list"),
        (pd.DataFrame({"a": [1]}, index=pd.Index(["x"], name="region")), "reset_index"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "each once"),
        (pd.DataFrame([[1]], columns=[7]), "text as column names"),
    ],
)
def test_frames_that_would_lose_something_are_refused(out, frame, reason):
    with pytest.raises(SalesAnalysisError, match=reason):
        Told("trial").table("t", frame)


def test_a_filtered_frame_keeps_nothing_in_its_index_and_is_fine(out):
    frame = pd.DataFrame({"amount": [1.0, 2.0, 3.0]})
    report = Told("trial")
    report.table("t", frame[frame["amount"] > 1])
    assert (out / "tables/t.csv").read_text("utf-8-sig") == "amount\n2.0\n3.0\n"


def told(out) -> dict:
    return json.loads((out / MANIFEST_FILE).read_text(encoding="utf-8"))


def test_key_figures_are_plain_json(out):
    report = Told("trial")
    given = {
        "a": np.float64(0.5),
        "b": np.int64(3),
        "c": float("nan"),
        "d": np.inf,
        "e": "x",
        "f": pd.Timestamp("2026-01-09"),
        "g": pd.NaT,
    }
    report.key_figures([KeyFigure(name, value) for name, value in given.items()])
    values = {figure["name"]: figure["value"] for figure in told(out)["key_figures"]}
    assert values == {
        "a": 0.5,
        "b": 3,
        "c": None,
        "d": None,
        "e": "x",
        "f": "2026-01-09",
        "g": None,
    }
    with pytest.raises(SalesAnalysisError, match="must be a number"):
        report.key_figures([KeyFigure("h", [1])])


def test_key_figures_have_their_word_and_their_unit(out, monkeypatch):
    monkeypatch.setitem(SENTENCES, "trial.value.number.final_rate", "Share won")
    Told("trial").key_figures([KeyFigure("final_rate", 0.4, 0.3, 0.5), KeyFigure("zz", 1)])
    first, other = told(out)["key_figures"]
    assert first == {
        "name": "final_rate", "label": "Share won", "unit": "share", "value": 0.4, "low": 0.3,
        "high": 0.5, "status": "none", "base": "", "ahead": False, "past": [],
    }  # fmt: skip
    assert (other["label"], other["unit"]) == ("zz", "number")


def test_things_are_said_and_called_by_the_words_of_the_report(out):
    report = Told("trial")
    reason = Finding("headline", "h", {"x": "this"})
    report.things([Thing("won", 5.0, reason, "outcome"), Thing("d1", float("nan"), reason)])
    assert told(out)["things"] == [
        {"subject": "won", "name": "Won it", "money": 5.0, "reason": "this"},
        {"subject": "d1", "name": "d1", "money": None, "reason": "this"},
    ]


def test_in_short_names_what_was_shown_and_told(out, monkeypatch):
    for name in ("title", "figures"):
        monkeypatch.setitem(SENTENCES, f"trial.in_short.{name}", name)
    report = Told("trial")
    report.findings([Finding("headline", "h", {"x": "this"})])
    with pytest.raises(SalesAnalysisError, match="`picture` is 'f'; shown before"):
        report.in_short(picture="f")
    report.figure("f", Figure())
    report.in_short(picture="f", says=["h", "w"])
    short = told(out)["in_short"]
    assert (short["title"], short["picture"]) == ("title", "f")
    assert short["headlines"] == [{"key": "h", "text": "this"}] and short["warnings"] == []


def test_the_main_findings_are_sections_that_the_report_has_words_for(out, monkeypatch):
    for name in ("in_short.title", "in_short.figures", "section.deals"):
        monkeypatch.setitem(SENTENCES, f"trial.{name}", name)
    report = Told("trial")
    report.figure("f", Figure())
    with pytest.raises(SalesAnalysisError, match=r"trial\.section\.dels"):
        report.in_short(picture="f", main=["dels"])
    report.in_short(picture="f", main=["deals"])
    assert told(out)["main"] == ["section-deals"]


def test_a_picture_with_nothing_to_show_is_none_in_short(out, monkeypatch):
    for name in ("title", "figures"):
        monkeypatch.setitem(SENTENCES, f"trial.in_short.{name}", name)

    def nothing(*, lang):
        raise NothingToShow

    report = Told("trial")
    report.figure("f", nothing)
    report.in_short(picture="f")
    assert told(out)["in_short"]["picture"] is None


def test_figure_is_written_twice_alike_and_closed(out):
    report = Told("trial")
    written = []
    for _ in range(2):
        report._told["figures"].clear()
        axes = plt.subplots(figsize=(3, 2))[1]
        axes.plot([1, 2], label="x")
        report.figure("f", axes)
        written.append([(out / f"figures/f.{kind}").read_bytes() for kind in ("png", "svg")])
    assert written[0] == written[1]
    assert plt.get_fignums() == []
    assert b"<dc:date>" not in written[0][1]
    assert str(mpl.__version__).encode() not in written[0][1] + written[0][0]
    assert report.shown[0].count("<svg") == 1, "ready-made, it has one drawing"
    assert 200 < told(out)["figures"][0]["width"] < 288


def test_a_function_draws_its_data_in_the_language_of_the_report(out):
    def line(values, *, lang, colour):
        axes = plt.subplots(figsize=(3, 2))[1]
        axes.plot(values, color=colour, label=lang)
        asked.append((values, lang, colour))
        return axes

    asked = []
    report = Told("trial", lang="zh")
    report.figure("f", line, [1, 2], colour="red")
    assert asked == [([1, 2], "zh", "red")] * 2, "once for a page, once for a narrow one"
    assert sorted(file.name for file in (out / "figures").iterdir()) == ["f.png", "f.svg"]
    assert plt.get_fignums() == [], "of its own width, it is the same for both"


def test_the_currency_that_was_said_stands_in_sentences_tables_and_pictures_of_money(out):
    def money(values, *, lang, currency):
        asked.append(currency)
        return plt.subplots(figsize=(3, 2))[1]

    asked = []
    report = Told("trial", lang="en")
    report.currency("EUR")
    report.findings([Finding("headline", "money", {"x": 2_010_783.0})])
    report.table("t", pd.DataFrame({"amount": [2_010_783.0]}))
    report.figure("f", money, [1])
    said, table, _ = report.shown
    assert "€2.01\xa0M" in said
    assert "2,010,783" in table and "Amounts in euros." in table  # exact, and said once
    assert set(asked) == {"EUR"} and told(out)["currency"] == "EUR"


def test_a_picture_with_nothing_to_show_is_left_out_and_a_sentence_says_so(out):
    def nothing(table, *, lang):
        return parts.require_rows(table)

    report = Told("trial")
    report.figure("f", nothing, pd.DataFrame())
    assert not (out / "figures").exists()
    assert "Nothing to draw yet" in report.shown[0] and "Figure" in report.shown[0]
    with pytest.raises(SalesAnalysisError, match="nothing to draw"):
        nothing(pd.DataFrame(), lang="en")


@pytest.mark.parametrize("drawn", [None, "x", 3, [1]])
def test_what_is_no_figure_is_refused(out, drawn):
    with pytest.raises(SalesAnalysisError, match="matplotlib Axes or Figure"):
        Told("trial").figure("f", drawn)


# --- tables ------------------------------------------------------------------------------------


def table(frame, lang="en", **options) -> str:
    return html_table(Table(frame, **{"part": "trial", "caption": "c", **options}), lang)


def test_table_shows_words_and_kinds_of_the_vocabulary():
    frame = pd.DataFrame(
        {"outcome": ["won", "lost"], "probability": [0.5, None], "unheard": [1.25, 2.0]}
    )
    markup = table(frame)
    assert '<th scope="row">Won it</th>' in markup
    assert '<th scope="row">lost</th>' in markup
    assert '<td data-v="0.5">50.0%</td>' in markup
    assert "<td data-v>–</td>" in markup
    assert "<td data-v>1.25</td>" in markup
    assert '<th scope="col" class="r">unheard</th>' in markup
    assert '<th scope="col">结果</th>' in table(frame, lang="zh")


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA, pd.NaT])
def test_every_kind_of_missing_is_a_dash(missing):
    reason = pd.Series([missing, "x"], dtype=object)
    assert "<td>–</td>" in table(pd.DataFrame({"stage": ["T", "S"], "reason": reason}))


def test_markup_in_cells_headings_and_caption_is_escaped():
    evil = "<img src=x onerror=alert(1)>"
    markup = table(pd.DataFrame({evil: [evil], "why": [evil]}), caption=evil, under=("why",))
    assert "<img" not in markup
    assert markup.count("&lt;img src=x onerror=alert(1)&gt;") == 5


def test_a_very_long_cell_is_cut_in_the_page_only(tmp_path):
    frame = pd.DataFrame({"reason": ["x" * 10_000]})
    assert "x" * 300 + "…" in table(frame)
    assert "x" * 301 not in table(frame)
    (tmp_path / "t.csv").write_bytes(csv_file(frame))
    assert "x" * 10_000 in (tmp_path / "t.csv").read_text("utf-8-sig")


FORMULAS = ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "＝1", "a=1", "", "'=1", "negative -5"]


@pytest.mark.parametrize("dtype", ["str", object, "category"])
def test_csv_defuses_texts_and_leaves_numbers(tmp_path, dtype):
    frame = pd.DataFrame(
        {
            "=evil": pd.Series(FORMULAS, dtype=dtype),
            "amount": [-5.5 - i for i in range(len(FORMULAS))],
            "mixed": pd.Series([-3, "-3", None, True, *"abcdefg"], dtype=object),
        }
    )
    (tmp_path / "t.csv").write_bytes(csv_file(frame))
    assert (tmp_path / "t.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    with (tmp_path / "t.csv").open(encoding="utf-8-sig", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["'=evil", "amount", "mixed"]
    expected = [f"'{f}" if f and f[0] in "=+-@\t\r＝" else f for f in FORMULAS]
    assert [row[0] for row in rows] == expected
    assert [row[1] for row in rows] == [repr(-5.5 - i) for i in range(len(FORMULAS))]
    assert [row[2] for row in rows[:4]] == ["-3", "'-3", "", "True"]


def test_csv_dates_are_iso_and_floats_whole(tmp_path):
    frame = pd.DataFrame(
        {
            "day": pd.to_datetime(["2024-02-29", None]),
            "moment": pd.to_datetime(["2024-02-29 10:30:05", "2024-03-01 00:00:00"]),
            "amount": [0.1 + 0.2, 1e22],
        }
    )
    (tmp_path / "t.csv").write_bytes(csv_file(frame))
    assert (tmp_path / "t.csv").read_bytes().decode("utf-8-sig") == (
        "day,moment,amount\n"
        "2024-02-29,2024-02-29T10:30:05,0.30000000000000004\n"
        ",2024-03-01T00:00:00,1e+22\n"
    )


def test_writing_a_table_does_not_change_it(tmp_path):
    frame = pd.DataFrame({"=a": ["=1"], "d": pd.to_datetime(["2024-01-01"])})
    before = frame.copy(deep=True)
    (tmp_path / "t.csv").write_bytes(csv_file(frame))
    pd.testing.assert_frame_equal(frame, before)


# --- data quality and provenance ---------------------------------------------------------------


def checked(table_name="opportunities", aside=1, faults=1):
    return SimpleNamespace(
        table_name=table_name,
        source="deals.csv",
        fingerprint="00",
        rows=3,
        rows_used=3 - aside,
        rows_set_aside=aside,
        rows_left_out=0,
        rows_not_kept=2,
        set_aside=SetAside(),
        words=pd.DataFrame(columns=["word", "outcome", "rows"]),
        columns=pd.DataFrame(
            {"column": ["amount"], "theirs": ["Value"], "how": ["alias"], "filled": [0.5]}
        ),
        faults=pd.DataFrame(
            {
                "rule": ["odd"] * faults,
                "severity": ["note"] * faults,
                "column": ["amount"] * faults,
                "count": pd.Series([1] * faults, dtype="int64"),
                "example": ["x"] * faults,
            }
        ),
        cases=pd.DataFrame(
            {
                "rule": ["odd"] * 30,
                "severity": ["note"] * 30,
                "file": ["deals.csv"] * 30,
                "line": pd.Series([1000, None] * 15, dtype="Int64"),
                "key": ["D1"] * 30,
                "column": ["amount"] * 30,
                "value": ["x"] * 30,
            }
        ),
        # `sources` gives only the first rows unless it is told how many there are.
        set_aside_rows=lambda most=0: pd.DataFrame(
            {"file": ["deals.csv"] * most, "line": [7] * most, "Value": ["x"] * most}
        ),
    )


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_quality_page_tells_every_input_and_writes_its_tables(out, lang):
    report = Told("trial", lang=lang)
    report.source(checked())
    report.source(checked("opportunities"))
    report.source(checked("stage_history", aside=0, faults=0))
    report.quality()
    page = "".join(report.shown)
    assert page.count("<h3") == 3
    assert {"en": "3 rows read, 2 used, 1 set aside.", "zh": "剔除1行"}[lang] in page
    assert {"en": "2 rows were not asked for", "zh": "另有2行"}[lang] in page
    assert {"en": "No fault was found.", "zh": "未发现问题。"}[lang] in page
    assert {"en": "Showing {shown} of {rows}", "zh": "共 {rows} 行"}[lang] in page
    assert ">1000</td>" in page
    assert '<td data-v="0.5">50.0%</td>' in page
    assert {"en": "<td>a known name</td>", "zh": "<td>常见别名</td>"}[lang] in page
    assert sorted(path.name for path in (out / "tables").iterdir()) == [
        "quality_faults.csv",
        "set_aside_opportunities.csv",
        "set_aside_opportunities_2.csv",
    ]
    assert len((out / "tables/quality_faults.csv").read_text().splitlines()) == 3
    assert len((out / "tables/set_aside_opportunities.csv").read_text().splitlines()) == 2


def some_checks():
    """Checks of the funnel report: one that finds rows, one that is clear, one that cannot tell."""
    deals = pd.DataFrame({"opportunity_id": ["a", "b", "c"], "amount": [5.0, None, -1.0]})
    every = [
        Check("amount_missing", "medium", "deals", missing("amount")),
        Check("zombies", "low", "deals", no_row),
        Check("data_end", "high", "deals", suggest="arrivals_until=2025-01-01"),
    ]
    return Checks(every, {"deals": Subject(ibis.memtable(deals), "amount")})


@pytest.mark.parametrize("lang", text.LANGUAGES)
def test_checks_are_shown_and_the_rows_of_a_finding_written_where_its_name_leads(out, lang):
    report = Told("forecast", lang=lang)
    report.checks(some_checks(), also=["funnel"])
    page = "".join(report.shown)
    found = text.sentence("funnel.value.check.amount_missing", lang)
    assert f'<a href="tables/check_amount_missing.csv">{found}</a>' in page
    assert page.count("<a href=") == 1
    for key in ("checks.value.severity.high", "checks.value.finding.unknown", "checks.caption"):
        assert text.sentence(key, lang) in page
    assert text.sentence("funnel.value.why.data_end", lang) in page
    assert text.sentence("checks.said", lang, checks=3, found=1, unknown=1) in page
    table = pd.read_csv(out / "tables/checks.csv")
    assert table["check"].tolist() == ["data_end", "amount_missing"]
    assert table[["of", "n", "rows"]].to_numpy().tolist() == [["deals", 3, 0], ["deals", 3, 1]]
    assert sorted(path.name for path in (out / "tables").iterdir()) == [
        "check_amount_missing.csv",
        "checks.csv",
    ]
    rows = pd.read_csv(out / "tables/check_amount_missing.csv")
    assert rows["opportunity_id"].tolist() == ["b"]


def test_without_a_folder_checks_lead_nowhere(monkeypatch):
    monkeypatch.delenv(OUT, raising=False)
    report = Told("funnel")
    report.checks(some_checks())
    page = "".join(report.shown)
    assert "Cannot be told" in page and "<a href=" not in page and "tables/check_" not in page


def test_quality_page_without_input_says_so(out):
    report = Told("trial")
    report.quality()
    assert "No input was registered" in report.shown[-1]


def test_secrets_and_machine_paths_do_not_show(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert portable(str(tmp_path / "data" / "x.csv")) == "data/x.csv"
    assert portable("../elsewhere/x.csv") == "x.csv"
    assert portable("data/*.parquet") == "data/*.parquet"
    assert portable("postgres://ann:p%40ss@db:5432/x?sslmode=off") == (
        "postgres://ann:***@db:5432/x?sslmode=off"
    )
    assert mask_secrets("to postgresql://a:b@c/d, x://y?password=hunter2&z=1") == (
        "to postgresql://a:***@c/d, x://y?password=***&z=1"
    )
    given = {"a": [str(tmp_path / "x.csv")], "b": "won/lost", "c": 3, "d": "/home/ann/y.csv"}
    assert portable_value(given) == {"a": ["x.csv"], "b": "won/lost", "c": 3, "d": "y.csv"}


def test_hidden_columns_are_in_the_file(out):
    report = Told("trial")
    report.table("t", pd.DataFrame({"a": [1], "secret_width": [2]}), hide=["secret_width"])
    assert "secret_width" not in report.shown[-1]
    assert "secret_width" in (out / "tables/t.csv").read_text(encoding="utf-8-sig")


def test_findings_and_caveats_become_sentences(out, monkeypatch):
    monkeypatch.setitem(SENTENCES, "trial.warn.w", "beware of {y}")
    report = Told("trial")
    report.findings([Finding("headline", "h", {"x": "this"}), Finding("warn", "w", {"y": "that"})])
    told = json.loads((out / MANIFEST_FILE).read_text(encoding="utf-8"))
    assert told["headlines"] == [{"key": "h", "text": "this"}]
    assert told["warnings"] == [{"key": "w", "text": "beware of that"}]


def test_a_notebook_in_a_folder_of_the_project_finds_its_root(in_lab, tmp_path, monkeypatch):
    (tmp_path / "reports.yml").touch()
    (tmp_path / "notebooks" / "deep").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks" / "deep")
    at_project_root()
    assert Path.cwd() == tmp_path


def test_under_the_runner_the_working_directory_stays(out, tmp_path, monkeypatch):
    (tmp_path / "reports.yml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    at_project_root()
    assert Path.cwd() == tmp_path / "notebooks"
