"""Run folders that are brought together: found, read, and doubted where they must be."""

import json

import pytest
from run_folders import TOLD, lay_out

from salesanalysis import text
from salesanalysis.errors import SalesAnalysisError
from salesanalysis.reports import folders
from salesanalysis.reports.overview import made_reports


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def caveats(*runs, **options) -> dict:
    """Name → values of what is said of some folders."""
    found = made_reports([str(run) for run in runs], **{"lang": "en"} | options).caveats
    for finding in found:
        for lang in text.LANGUAGES:
            assert text.sentence(f"overview.warn.{finding.name}", lang, **finding.values)
    return {finding.name: dict(finding.values) for finding in found}


def test_a_report_that_nobody_knows_is_found_by_its_folder(here):
    lay_out(here / "out/churn/en")
    lay_out(here / "out/churn/zh", lang="zh")
    found = made_reports(lang="en")
    assert [(made.name, made.title) for made in found.reports] == [("churn", "Who leaves")]
    assert found.as_of == "2025-11-15"
    # What is ours and not there is said, with the command that makes it.
    missing = [finding.values for finding in found.caveats if finding.name == "missing"]
    asked = {"folder": "out/funnel/en", "command": "salesanalysis run funnel --lang en"}
    assert asked in missing and len(missing) == len(found.caveats)
    assert not any("overview" in one["folder"] or "workshop" in one["folder"] for one in missing)


def test_figures_are_those_that_were_told_with_words_and_units_of_their_own(here):
    (made,) = made_reports([str(lay_out(here / "a"))], lang="en").reports
    row = made.figures().iloc[0]
    assert (row["leavers"], row["leave_rate"], row["leave_rate_high"]) == (9, 0.125, 0.15)
    assert row["next_leaver"] is not None and row.isna()["next_leaver"]
    assert made.figures().attrs["columns"]["leave_rate"] == ["Leave rate", "share"]


def test_amounts_have_a_sign_only_where_all_reports_agree_on_it(here):
    thing = {"subject": "a", "name": "a", "money": 5.0, "reason": "late"}

    def currency(*codes):
        runs = [
            lay_out(here / f"{at}-{code}", name=f"r{at}", things=[thing], currency=code)
            for at, code in enumerate(codes)
        ]
        runs.append(lay_out(here / "none", name="none", things=[]))  # it tells of no money
        return made_reports([str(run) for run in runs], lang="en").currency

    assert currency("USD", "USD") == "USD"
    assert currency("USD", "EUR") == currency("USD", "") == currency() == ""


def test_what_is_missing_broken_or_in_another_language_is_left_out_and_said(here):
    sound, other = lay_out(here / "sound"), lay_out(here / "other", name="two", lang="zh")
    broken = lay_out(here / "broken")
    (broken / "run.json").write_text("{", encoding="utf-8")
    silent = lay_out(here / "silent", name="three", key_figures=[])
    said = caveats(sound, other, broken, silent, "nowhere")
    assert said["missing"]["folder"] == "nowhere" and "NAME" in said["missing"]["command"]
    assert said["broken"] == {"folder": "broken"}
    assert said["other_language"]["language"] == text.LANGUAGES["zh"].name
    assert said["no_figures"] == {"report": "Who leaves"}


@pytest.mark.parametrize(
    "changed",
    [
        {"key_figures": [TOLD["key_figures"][0] | {"value": "nine"}]},
        {"key_figures": [TOLD["key_figures"][2] | {"value": "soon"}]},
        {"key_figures": [{"name": "leavers"}]},
        {"key_figures": None},
        {"things": [{"subject": "a", "name": "a", "reason": "b", "money": "much"}]},
        {"sources": ["c.csv"]},
        {"figures": [{"name": "x"}]},
        {"title": None},
        {"parameters": []},
    ],
)
def test_a_run_that_lacks_what_a_part_is_made_of_is_broken(here, changed):
    wrong = lay_out(here / "wrong", name="two", **changed)
    assert "broken" in caveats(lay_out(here / "sound"), wrong)


@pytest.mark.parametrize("content", ["", "[]", "null", '"x"', '{"name": "churn"}', "\ud800"])
def test_no_content_of_a_run_json_ends_in_a_traceback(here, content):
    wrong = lay_out(here / "wrong")
    (wrong / "run.json").write_bytes(content.encode("utf-8", "surrogatepass"))
    assert "broken" in caveats(lay_out(here / "sound"), wrong)


def test_another_day_is_said_and_the_page_is_of_the_latest(here):
    late = lay_out(here / "late")
    early = lay_out(here / "early", name="two", parameters={"as_of": "2025-10-31"})
    assert made_reports(["late", "early"], lang="en").as_of == "2025-11-15"
    assert caveats(late, early)["other_day"]["own"] == "2025-10-31"
    assert caveats(late, as_of="2026-01-31")["other_day"]["as_of"] == "2026-01-31"
    assert caveats(late) == {}


def test_inputs_that_have_changed_since_are_said(here):
    (here / "c.csv").write_text("a\n")
    made_of = {"code": "", "inputs": {"customers": "sha256:other", "gone": "sha256:b", "db": None}}
    parameters = {"as_of": "2025-11-15", "customers": "c.csv", "gone": "gone.csv", "db": "pg://x/y"}
    run = lay_out(here / "run", made_from=made_of, parameters=parameters)
    assert caveats(run)["inputs_changed"]["inputs"] == "customers"


def test_reports_of_different_tables_are_said(here):
    one = lay_out(here / "one")
    other = [TOLD["sources"][0] | {"fingerprint": "sha256:b"}]
    two = lay_out(here / "two", name="two", title="Two", sources=other)
    said = caveats(one, two)["different_inputs"]
    assert said == {"table": "customers", "reports": "Who leaves | Two"}


def test_a_list_of_names_may_be_another_one(here):
    named = TOLD["sources"][0] | {"table": "accounts"}
    one = lay_out(here / "one", sources=[named])
    two = lay_out(here / "two", name="two", sources=[named | {"fingerprint": "sha256:b"}])
    assert "different_inputs" not in caveats(one, two)


def test_a_report_whose_last_run_has_failed_is_said(here):
    run = lay_out(here / "run")
    folders.mark_failed(run)
    assert "failed_since" in caveats(run)
    folders.forget_failure(run)
    assert caveats(run) == {}
    folders.mark_failed(here / "nothing")
    assert not folders.failed(here / "nothing").exists()


def test_one_report_twice_and_none_at_all_are_refused(here):
    with pytest.raises(SalesAnalysisError, match=r"no report in `out/\*/en`.*salesanalysis batch"):
        made_reports(lang="en")
    with pytest.raises(SalesAnalysisError, match="no report in `a`"):
        made_reports(["a"], lang="en")
    with pytest.raises(SalesAnalysisError, match="`churn` is there twice, in `a` and `b`"):
        made_reports([str(lay_out(here / name)) for name in "ab"], lang="en")


def test_a_folder_outside_is_named_without_the_path_of_this_machine(here, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere") / "runs"
    lay_out(here / "sound")
    assert caveats("sound", outside)["missing"]["folder"] == "runs"


def test_a_picture_lies_in_the_folder_of_its_report(here):
    told = json.loads((lay_out(here / "a") / "run.json").read_text())
    short = told["in_short"] | {"picture": "../../secret"}
    figures = [told["figures"][0] | {"name": "../../secret"}]
    (made,) = made_reports(
        [str(lay_out(here / "a", in_short=short, figures=figures))], lang="en"
    ).reports
    assert made.picture() is None
    (here / "a/figures/leavers.svg").unlink()
    (made,) = made_reports([str(lay_out(here / "b"))], lang="en").reports
    assert made.picture()[0]["caption"] == "Leavers"


@pytest.mark.parametrize("svg", [b"", b"<svg onload='window.ran = 1'/>", b"\xff"])
def test_a_picture_of_a_stranger_is_left_out_and_said(here, svg):
    (lay_out(here / "a") / "figures/leavers.svg").write_bytes(svg)
    (made,) = made_reports([str(here / "a")], lang="en").reports
    assert made.picture() is None
    assert caveats("a")["other_picture"] == {"report": "Who leaves"}
    (here / "a/figures/leavers.svg").unlink()
    assert "other_picture" not in caveats("a")


@pytest.mark.parametrize(("name", "safe"), [("Q4 churn", "q4_churn"), ("漏斗", "report___")])
def test_any_name_makes_the_name_of_a_file(here, name, safe):
    (made,) = made_reports([str(lay_out(here / "a", name=name))], lang="en").reports
    assert made.safe_name == safe
