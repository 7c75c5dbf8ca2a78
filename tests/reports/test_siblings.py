"""The links in the bar of a page: from the batch's file, to its index and to what is beside."""

import re
from pathlib import Path

import pytest

from salesanalysis import reports
from salesanalysis.reports.batches.plan import prepare
from salesanalysis.reports.batches.resume import why_again


@pytest.fixture
def beside(workplace):
    def links(content: str) -> dict[str, tuple]:
        (workplace / "reports.yml").write_text(content, encoding="utf-8")
        return {task.name: task.job.beside for task in prepare("reports.yml").tasks}

    return links


def test_a_page_leads_to_the_index_and_to_the_others_of_its_language(beside):
    found = beside(
        "out: out\nreports:\n- {notebook: trial, lang: [en, zh]}\n"
        "- {notebook: trial, name: second, lang: [en, zh]}\n"
    )
    assert found["trial (en)"] == (
        ("All reports", "../../index.html"),
        ("trial", ""),
        ("second", "../../second/en/report.html"),
    )
    assert found["second (zh)"][1] == ("trial", "../../trial/zh/report.html")
    assert found["second (zh)"][0][0] == "全部报告"


def test_one_of_many_leads_to_the_index_alone(beside):
    entries = "".join(f"- {{notebook: trial, name: r{n}, lang: en}}\n" for n in range(9))
    assert all(len(links) == 1 for links in beside(f"reports:\n{entries}").values())


def test_reports_of_the_package_are_called_by_their_titles(monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    found = {task.name: task.job.beside for task in prepare("reports.yml").tasks}
    titles = [title for title, _ in found["funnel (en)"]]
    assert titles[:3] == ["All reports", "Revenue forecast", "Sales funnel"] and len(titles) == 7
    assert found["funnel (en)"][1][1] == "../../forecast/en/report.html"


def test_the_bar_has_the_links_and_says_where_one_is(workplace):
    (workplace / "reports.yml").write_text(
        "out: out\nreports:\n- {notebook: trial, lang: en}\n"
        "- {notebook: trial, name: second, lang: en}\n",
        encoding="utf-8",
    )
    reports.batch("reports.yml", only=["second"])
    page = (workplace / "out/second/en/report.html").read_text(encoding="utf-8")
    bar = re.search("<nav.*?</nav>", page, re.S)[0]
    assert re.findall('href="(.*?)"', bar) == ["../../index.html", "../../trial/en/report.html"]
    assert '<span aria-current="page">second</span>' in bar
    assert why_again(prepare("reports.yml").tasks[1].job) == ""


def test_a_report_made_alone_has_no_bar(two_runs):
    assert "<nav" not in two_runs[0].page.read_text(encoding="utf-8")
