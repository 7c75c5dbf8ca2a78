"""The workshop as a room sees it: in Chromium, turned by the keyboard, saved by a click."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]

#: What is in the tab that is open.
PANEL = "[...document.querySelectorAll('.sa-panel')].find(p => p.offsetHeight)"


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """The folder of the scenarios, and a running workshop: its address with token, its process."""
    pytest.importorskip("voila")
    scenarios = tmp_path_factory.mktemp("scenarios")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    # The tests visit it more often than pages may be open: what one leaves, the next one gets.
    begin = "from salesanalysis.workshop import server; server.LEFT_SECONDS = 1;"
    begin += " import sys; from salesanalysis.cli import main; sys.exit(main(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", begin, "workshop", "--no-browser", f"--port={port}",
         "-p", f"scenarios={scenarios}"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = process.stdout.readline().split()[0]
    assert address.startswith(f"http://127.0.0.1:{port}/?token=")
    yield scenarios, address, process
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture(autouse=True)
def left_at_the_end(page):
    """Leave the page: a kernel without one makes room for the next."""
    yield
    page.ask("Page.navigate", url="about:blank")


@pytest.fixture
def room(page, workplace):
    """The page, with all its controls there."""
    page.ask("Page.navigate", url=workplace[1])
    there(page)
    return page


def there(page) -> None:
    """Wait until a tab is there, with its picture and what comes after it."""
    until(page, f"{PANEL}?.querySelector('.sa-picture')?.naturalWidth > 0", seconds=120)
    until(page, f"!!{PANEL}.querySelector('.sa-compared')")


def until(page, expression: str, seconds: float = 20):
    """Wait for something to be so."""
    limit = time.monotonic() + seconds
    while not (found := page.value(expression)):
        assert time.monotonic() < limit, f"{expression}: {page.value('document.body.innerText')}"
        time.sleep(0.05)
    return found


def shown(page) -> tuple[str, str]:
    """The picture and the answer of the open tab."""
    said = f"{PANEL}.querySelector('.sa-answer').textContent"
    return page.value(f"{PANEL}.querySelector('.sa-picture').src"), page.value(said)


def press(page, key: str, code: int) -> None:
    for kind in ("keyDown", "keyUp"):
        page.ask("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code)


def click(page, words: str, within: str = PANEL) -> None:
    """Click on the first button with these words."""
    buttons = f"[...{within}.querySelectorAll('button')]"
    page.value(f"{buttons}.find(b => b.textContent.trim() === '{words}').click()")


def turn(page, number: int) -> None:
    """Move the slider of that number a step to the right by the keyboard, and see it followed."""
    before = shown(page)
    page.value(f"{PANEL}.querySelectorAll('.noUi-handle')[{number}].focus()")
    press(page, "ArrowRight", 39)
    followed(page, before)


def followed(page, before: tuple[str, str]) -> None:
    """Wait until neither picture nor answer is what it was."""
    until(page, f"{PANEL}.querySelector('.sa-picture').src !== '{before[0]}'")
    until(page, f"!{PANEL}.textContent.includes({json.dumps(before[1])})")


def open_tab(page, number: int) -> None:
    page.value("document.querySelector('.sa-bar').scrollIntoView()")
    tab = f"document.querySelectorAll('.lm-TabBar-tab')[{number}].getBoundingClientRect()"
    x, y = page.value(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({tab})")
    for kind in ("mousePressed", "mouseReleased"):
        page.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    current = "document.querySelectorAll('.lm-TabBar-tab')"
    until(page, f"{current}[{number}].classList.contains('lm-mod-current')")
    there(page)


#: The tabs in their order, and of each a slider: the share of a stage, the floor, the target.
FUNNEL, FORECAST, INCENTIVE, TRAINING = range(4)
SLIDERS = {FUNNEL: ("funnel", 0), INCENTIVE: ("incentive", 0), TRAINING: ("forgetting", 2)}


@pytest.mark.parametrize("tab", SLIDERS)
def test_sliders_move_the_picture_and_the_scenario_is_saved(room, workplace, tab):
    scenarios, address, _ = workplace
    address = address.partition("?")[0]
    report, slider = SLIDERS[tab]
    open_tab(room, tab)
    turn(room, slider)
    click(room, "Save for a report")
    command = until(room, f"{PANEL}.querySelector('.sa-saved pre')?.textContent")
    (path,) = scenarios.glob(f"{report}-*[!n].yml")
    assert command == f"salesanalysis run {report} --parameters {path}"
    saved = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert shown(room)[1].startswith(f"{saved['scenario']}: ")
    assert all(url.startswith((address, f"blob:{address}")) for url in room.requests())
    assert room.of("Runtime.exceptionThrown") == []


def test_the_mark_at_now_stands_under_the_handle_until_it_is_turned(room):
    middle = "(b => b.x + b.width / 2)"
    lefts = f"""[...{PANEL}.querySelectorAll('.sa-slider')].map(row => Math.abs(
        {middle}(row.querySelector('.noUi-handle').getBoundingClientRect())
        - {middle}(row.querySelector('.sa-mark i').getBoundingClientRect())))"""
    # What is now may lie between two steps: of shares one pixel, of days some more.
    apart = room.value(lefts)
    assert len(apart) == 13 and max(apart) < 5
    for _ in range(10):
        turn(room, 0)
    assert room.value(lefts)[0] > 10 and room.value(lefts)[1:] == apart[1:]
    click(room, "Reset")
    until(room, f"{PANEL}.querySelectorAll('.sa-turned').length === 0")
    assert room.value(lefts) == apart


def test_scenarios_are_compared_and_brought_back(room):
    rows = f"[...{PANEL}.querySelectorAll('.sa-compared tbody th')].map(t => t.textContent)"
    turn(room, 0)
    turned = shown(room)[1].partition(":")[0]
    click(room, "Keep and compare")
    until(room, f"{rows}.length === 2 && {rows}[1] === {json.dumps(turned)}")
    turn(room, 1)
    until(room, f"{rows}.length === 3 && {rows}[2].endsWith('(on screen)')")
    select = f"{PANEL}.querySelector('.sa-head select')"
    changed = "new Event('change', { bubbles: true })"
    room.value(f"{select}.selectedIndex = 1; {select}.dispatchEvent({changed})")
    until(room, f"{PANEL}.querySelector('.sa-answer').textContent.startsWith({json.dumps(turned)})")


def test_the_room_sees_no_token_and_nothing_is_forbidden_that_the_page_needs(room, workplace):
    assert room.value("location.href") == workplace[1].partition("?")[0]
    room.ask("Page.reload")
    there(room)
    refused = [said for said in room.complaints() if "Content Security Policy" in str(said)]
    assert refused == []


def test_another_page_of_this_machine_cannot_open_it(page, workplace, tmp_path):
    address = workplace[1].partition("?")[0]
    (tmp_path / "other.html").write_text(
        f"<iframe src='{address}'></iframe><script>"
        f"new WebSocket('{address.replace('http', 'ws')}api/kernels/x/channels')"
        ".onerror = () => document.title = 'refused'</script>"
    )
    page.open(tmp_path / "other.html")
    until(page, "document.title === 'refused'")
    # The browser has the cookie from the tests before, and keeps it from those who lead here.
    page.value(f"location.href = '{address}'")
    until(page, "document.body.innerText.startsWith('This page needs the address')")


def test_a_deal_said_to_be_won_moves_the_forecast(room, workplace):
    open_tab(room, FORECAST)
    before = shown(room)
    click(room, "won")
    followed(room, before)
    click(room, "Save for a report")
    until(room, f"!!{PANEL}.querySelector('.sa-saved')")
    (path,) = workplace[0].glob("forecast-*.yml")
    saved = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert list(saved["decided"].values()) == ["2025-12"]


def test_the_room_speaks_chinese(room, workplace):
    click(room, "中文", within="document")
    until(room, f"{PANEL}?.textContent.includes('每月赢单')")
    assert room.value("document.querySelector('.sa-bar h1').textContent") == "销售研讨会"
    turn(room, 12)
    click(room, "存为报告")
    assert "已保存为" in until(room, f"{PANEL}.querySelector('.sa-saved')?.textContent")
    (path,) = workplace[0].glob("funnel-每月新商机数-*.yml")
    saved = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert saved["lang"] == "zh" and saved["new_deals_aimed"] > 0


#: Of everything that holds words: where it ends, and how large its letters are.
SEEN = """(() => {
  const words = [...document.querySelectorAll('.sa-room *')].filter(one => one.offsetHeight
    && [...one.childNodes].some(child => child.nodeType === 3 && child.textContent.trim()));
  const ends = words.map(one => one.getBoundingClientRect());
  const page = document.querySelector('#rendered_cells');
  return { right: Math.max(...ends.map(end => end.right)), scroll: page.scrollHeight,
    width: page.scrollWidth,
    letters: Math.min(...words.map(one => parseFloat(getComputedStyle(one).fontSize))) };
})()"""


def look(page, workplace, width: int, height: int) -> None:
    page.look(width=width, height=height)
    page.ask("Page.navigate", url=workplace[1])
    there(page)


def test_a_projector_shows_each_tab_without_scrolling(page, workplace):
    look(page, workplace, 1280, 720)
    for tab in range(5):
        open_tab(page, tab)
        if tab in SLIDERS:
            turn(page, SLIDERS[tab][1])
            click(page, "Keep and compare")
            turn(page, SLIDERS[tab][1])
        seen = page.value(SEEN)
        assert seen["scroll"] <= 720 and seen["right"] <= 1280 and seen["letters"] >= 12, tab


def test_on_a_large_screen_letters_and_pictures_are_larger(page, workplace):
    sizes = []
    for width, height in ((1280, 720), (1920, 1080)):
        look(page, workplace, width, height)
        picture = f"{PANEL}.querySelector('.sa-picture')"
        drawn = page.value(f"[{picture}.width, {picture}.naturalWidth]")
        sizes.append([page.value(SEEN)["letters"], drawn[0]])
        assert drawn[0] <= drawn[1]  # never blown up
    (letters, wide), (larger, wider) = sizes
    assert larger >= 1.25 * letters and wider >= 1.24 * wide  # in whole pixels


def test_a_telephone_has_room_for_all_of_it(page, workplace):
    look(page, workplace, 390, 844)
    for tab in range(5):
        open_tab(page, tab)
        # Drawn for its width, not shrunk: 3.6 inches of 150 dots.
        until(page, f"{PANEL}.querySelector('.sa-picture').naturalWidth === 540")
        seen = page.value(SEEN)
        assert seen["width"] <= 390 and seen["letters"] >= 12
        page.value(f"{PANEL}.querySelector('.sa-keep').scrollIntoView({{block: 'end'}})")
        tiles = page.value(f"{PANEL}.querySelector('.sa-tiles').getBoundingClientRect().top")
        assert tiles >= 0  # they stay in sight


def test_it_ends_without_a_word_and_without_a_stray_kernel(workplace):
    process = workplace[2]
    kernels = psutil.Process(process.pid).children(recursive=True)
    assert kernels
    os.kill(process.pid, signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and "Traceback" not in said, said
    assert psutil.wait_procs(kernels, timeout=10)[1] == []
