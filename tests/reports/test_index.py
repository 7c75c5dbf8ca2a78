"""The page over a batch: strangers' texts stay texts, its script is the only one, links resolve."""

import base64
import hashlib
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from trial import HOSTILE, Tags, write_notebook

from salesanalysis.reports.batches import index, plan
from salesanalysis.reports.batches.outcome import FAILED, MADE, NOT_RUN, Made


def lay_out(folder: Path, title: str, headlines: list[str]) -> None:
    """What a run leaves, as far as the page looks at it."""
    folder.mkdir(parents=True)
    (folder / "report.html").write_text("")
    (folder / "slides.html").write_text("")
    record = {
        "name": "one",
        "title": title,
        "headlines": [{"text": said} for said in headlines],
        "key_figures": [
            {
                "name": f"f{n}",
                "label": f"<i>Label {n}",
                "unit": "share",
                "value": 0.25,
                "low": 0.2,
                "high": None if n else 0.3,
            }
            for n in range(6)
        ],
        "files": {"report.html": "", "slides.html": "", "tables/x.html": ""},
    }
    (folder / "run.json").write_text(json.dumps(record))


@pytest.fixture
def pages(tmp_path, monkeypatch):
    """The page of a batch of four with names and texts that try to be more than that."""
    monkeypatch.chdir(tmp_path)
    write_notebook(tmp_path / "notebooks" / "one.ipynb", [("code", 'x: str = ""', ["parameters"])])

    def page(title: str = "", lang: str = "en") -> str:
        (tmp_path / "reports.yml").write_text(
            json.dumps(
                {
                    "title": title,
                    "reports": [
                        {
                            "notebook": "one",
                            "for_each": {"x": [*HOSTILE, "later"]},
                            "parameters": {"x": "{x}"},
                        }
                    ],
                }
            )
        )
        planned = plan.prepare("reports.yml")
        good, bad, old, later = planned.tasks
        if not good.job.out.exists():
            lay_out(good.job.out, "<b>T</b>", [HOSTILE[0], "second & last"])
            lay_out(old.job.out, "an earlier one", [])
        results = [
            Made(good.name, good.job, MADE),
            Made(bad.name, bad.job, FAILED, failure="`x` <img src=x onerror=alert(1)>"),
            Made(later.name, later.job, NOT_RUN),
        ]
        return index.page(planned, results)

    return page


def test_nothing_that_a_report_says_becomes_markup(pages):
    page = pages(title="</title><script>alert(1)</script>")
    tags = Tags(page)
    assert len(tags.named("script")) == 1
    assert not tags.named("b") and not tags.named("img")
    assert "&lt;img src=x onerror=alert(1)&gt;" in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_the_policy_names_the_one_script_and_allows_nothing_else(pages):
    page = pages()
    (policy,) = [tag["content"] for tag in Tags(page).named("meta") if "http-equiv" in tag]
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.S)
    fingerprint = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{fingerprint}'" in policy
    assert "default-src 'none'" in policy and "unsafe-eval" not in policy
    assert not re.search(r"@import|url\((?!data:font)", page)
    assert not any({"src", "srcset", "action"} & set(given) for _, given in Tags(page).tags)


def test_links_lead_to_files_beside_the_page(pages, tmp_path):
    links = [tag["href"] for tag in Tags(pages()).named("a")]
    assert len(links) == 4
    for link in links:
        assert (tmp_path / "out" / unquote(link)).is_file(), link


def test_what_failed_stands_before_what_is_there(pages):
    page = pages()
    said = re.sub(r"<[^>]+>", "|", page.partition("</style>")[2])
    assert "2 of 4 reports are here." in said
    order = [
        "What failed",
        "onerror",
        "Not run",
        "All reports",
        "second &amp; last",
        "an earlier one",
    ]
    places = [said.index(words) for words in order]
    assert places == sorted(places)


def test_an_entry_leads_with_title_status_answer_and_what_changed(pages, tmp_path):
    pages()
    folder = next(tmp_path.glob("out/**/run.json")).parent
    record = json.loads((folder / "run.json").read_text())
    record |= {"lead": [{"text": "The <answer>."}], "since": [{"text": "Since 8 Nov: less."}]}
    for figure, status in zip(record["key_figures"], ("good", "act", "none"), strict=False):
        figure["status"] = status
    (folder / "run.json").write_text(json.dumps(record))
    said = re.sub(r"<[^>]+>", "|", pages().partition("</style>")[2])
    words = [record["title"].replace("<b>", "&lt;b&gt;").partition("T")[0], "▲ Act"]
    words += ["The &lt;answer&gt;.", "Since 8 Nov: less."]
    places = [said.index(word, said.index("All reports")) for word in words]
    assert places == sorted(places)


def test_an_entry_shows_the_tiles_of_a_page_that_has_them_of_others(pages, tmp_path):
    pages()
    run_file = next(tmp_path.glob("out/**/run.json"))
    record = json.loads(run_file.read_text())
    figure = record["key_figures"][0] | {"label": "Of another", "status": "act"}
    run_file.write_text(json.dumps(record | {"key_figures": [], "tiles": [figure]}))
    entries = pages().split('<section class="entry"')
    (shown,) = (entry for entry in entries if "Of another" in entry)
    assert "▲ Act" in shown and "Label" not in shown


def test_what_brings_others_together_is_read_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, parameters in (("a", 'x: str = ""'), ("over", "runs: list = []")):
        cells = [("code", parameters, ["parameters"])]
        write_notebook(tmp_path / "notebooks" / f"{name}.ipynb", cells)
        lay_out(tmp_path / "out" / name / "en", f"Title of {name}", [])
    listed = {"reports": [{"notebook": "a"}, {"notebook": "over", "after": "*"}]}
    (tmp_path / "reports.yml").write_text(json.dumps(listed))
    planned = plan.prepare("reports.yml")
    page = index.page(planned, [Made(task.name, task.job, MADE) for task in planned.tasks])
    assert page.index("Title of over") < page.index("Title of a")


def test_the_page_is_the_same_each_time(pages):
    assert pages() == pages()


@pytest.mark.browser
def test_the_search_finds_in_a_real_browser(page, pages, tmp_path):
    path = tmp_path / "out" / "index.html"
    path.write_text(pages(), encoding="utf-8")
    page.open(path)
    assert page.complaints() == []
    assert page.requests() == [path.as_uri()]
    shown = "[...document.querySelectorAll('.entry')].filter(e => e.offsetParent).length"
    none = "document.getElementById('no-match').offsetParent !== null"
    assert (page.value(shown), page.value(none)) == (4, False)
    box = "document.getElementById('search')"
    for words, found in (("SECOND last", 1), ("zzz", 0), ("", 4)):
        page.value(f"{box}.value = '{words}', {box}.dispatchEvent(new Event('input'))")
        assert (page.value(shown), page.value(none)) == (found, found == 0)
