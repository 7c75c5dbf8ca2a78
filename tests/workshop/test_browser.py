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
    command = [sys.executable, "-m", "salesanalysis", "workshop", "--no-browser"]
    process = subprocess.Popen(
        [*command, f"--port={port}", "-p", f"scenarios={scenarios}"],
        cwd=ROOT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    address = process.stdout.readline().split()[0]
    assert address.startswith(f"http://127.0.0.1:{port}/?token=")
    yield scenarios, address, process
    process.terminate()
    process.communicate(timeout=60)


@pytest.fixture
def room(page, workplace):
    """The page, with all its controls there."""
    page.ask("Page.navigate", url=workplace[1])
    until(page, f"{PANEL}?.querySelector('img')?.naturalWidth > 0", seconds=120)
    return page


def until(page, expression: str, seconds: float = 20):
    """Wait for something to be so."""
    limit = time.monotonic() + seconds
    while not (found := page.value(expression)):
        assert time.monotonic() < limit, f"{expression}: {page.value('document.body.innerText')}"
        time.sleep(0.05)
    return found


def shown(page) -> tuple[str, str]:
    """The picture and the sentences of the open tab."""
    said = f"[...{PANEL}.querySelectorAll('.sa-said')].map(p => p.textContent).join('')"
    return page.value(f"{PANEL}.querySelector('img').src"), page.value(said)


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
    """Wait until neither picture nor sentences are what they were."""
    until(page, f"{PANEL}.querySelector('img').src !== '{before[0]}'")
    until(page, f"!{PANEL}.textContent.includes({json.dumps(before[1])})")


def open_tab(page, number: int) -> None:
    tab = f"document.querySelectorAll('.lm-TabBar-tab')[{number}].getBoundingClientRect()"
    x, y = page.value(f"(b => [b.x + b.width / 2, b.y + b.height / 2])({tab})")
    for kind in ("mousePressed", "mouseReleased"):
        page.ask("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)
    until(page, f"{PANEL} === document.querySelectorAll('.sa-panel')[{number}]")


def test_sliders_move_the_picture_and_the_scenario_is_saved(room, workplace):
    scenarios, address, _ = workplace
    address = address.partition("?")[0]
    # The share of a stage, the share to be kept, the floor.
    for tab, (report, slider) in enumerate([("funnel", 1), ("forgetting", 2), ("incentive", 0)]):
        open_tab(room, tab)
        turn(room, slider)
        click(room, "Save this scenario")
        command = until(room, f"{PANEL}.querySelector('.sa-saved pre')?.textContent")
        assert command == f"salesanalysis run {report} --parameters {scenarios}/{report}.yml"
    aims = yaml.safe_load((scenarios / "funnel.yml").read_text(encoding="utf-8"))["aims"]
    assert list(aims) == ["T"]
    assert all(url.startswith((address, f"blob:{address}")) for url in room.requests())
    assert room.of("Runtime.exceptionThrown") == []


def test_the_room_sees_no_token_and_nothing_is_forbidden_that_the_page_needs(room, workplace):
    assert room.value("location.href") == workplace[1].partition("?")[0]
    room.ask("Page.reload")
    until(room, f"{PANEL}?.querySelector('img')?.naturalWidth > 0", seconds=120)
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
    open_tab(room, 3)
    before = shown(room)
    click(room, "won")
    followed(room, before)
    click(room, "Save this scenario")
    until(room, f"!!{PANEL}.querySelector('.sa-saved')")
    saved = yaml.safe_load((workplace[0] / "forecast.yml").read_text(encoding="utf-8"))
    (override,) = saved["overrides"]
    assert override["probability"] == 1.0 and override["reason"] == "Decided in the workshop"


def test_the_room_speaks_chinese(room, workplace):
    click(room, "中文", within="document")
    until(room, f"{PANEL}?.textContent.includes('每月将赢单')")
    assert room.value("document.querySelector('.sa-room h1').textContent") == "销售研讨会"
    turn(room, 0)
    click(room, "保存此方案")
    assert "已保存为" in until(room, f"{PANEL}.querySelector('.sa-saved')?.textContent")
    saved = yaml.safe_load((workplace[0] / "funnel.yml").read_text(encoding="utf-8"))
    assert saved["lang"] == "zh" and saved["new_deals_aimed"] > 0


def test_nothing_is_wider_than_a_telephone(page, workplace):
    page.ask(
        "Emulation.setDeviceMetricsOverride",
        width=400, height=800, deviceScaleFactor=1, mobile=True,
    )  # fmt: skip
    page.ask("Page.navigate", url=workplace[1])
    until(page, f"{PANEL}?.querySelector('img')?.naturalWidth > 0", seconds=120)
    for tab in range(4):
        open_tab(page, tab)
        assert page.value("document.documentElement.scrollWidth") <= 400


def test_it_ends_without_a_word_and_without_a_stray_kernel(workplace):
    process = workplace[2]
    kernels = psutil.Process(process.pid).children(recursive=True)
    assert kernels
    os.kill(process.pid, signal.SIGTERM)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0 and "Traceback" not in said, said
    assert psutil.wait_procs(kernels, timeout=10)[1] == []
