"""What the workshop's controls stand for, what is drawn and said, what a scenario holds."""

import functools
import io
import logging
import socket
import sys
from dataclasses import fields, replace

import pandas as pd
import pytest
import yaml
from nbclient.exceptions import CellExecutionError

from salesanalysis import (
    SalesAnalysisError,
    customers,
    forecast,
    forgetting,
    funnel,
    incentive,
    reduce,
    sources,
    text,
    workshop,
)
from salesanalysis.cli import main
from salesanalysis.findings import KeyFigure
from salesanalysis.known import KnownFunnel
from salesanalysis.processes import given as given_steps
from salesanalysis.reports import parameters
from salesanalysis.reports.job import find_notebook
from salesanalysis.workshop import scenario, shown
from salesanalysis.workshop.serving import _no_page_that_went, _say_only_the_fault

STEPS = pd.DataFrame(
    {
        "stage": ["线索", "offer"],
        "to_stage": ["offer", "won"],
        "position": [0, 1],
        "n": [200, 80],
        "rate": [0.4, 0.5],
        "rate_low": [0.33, 0.39],
        "rate_high": [0.47, 0.61],
    }
)
DAYS = pd.DataFrame({"stage": ["线索", "offer"], "n": 10, "mean_days": [20.0, 40.0]})
FLOW = pd.DataFrame({"new_deals": [50.0], "mean_amount": [200.0], "cycle_days": [60.0]})
PLAN = {
    "thresholds": "quota",
    "tiers": [[0, 1, 0.03], [1, 1.3, 0.05], [1.3, None, 0.01]],
    "floor": {"at": 1, "cliff": True},
    "stretch": 1.3,
}
ATTAINMENT = pd.DataFrame(
    {
        "payee_id": list("aabb"),
        "period": ["2025-Q1", "2025-Q2"] * 2,
        "quota": 1000.0,
        "sales": [900.0, 1100.0, 1200.0, 1500.0],
    }
)


#: A process of one's own: its stages have no other names.
PROCESS = given_steps("solution_selling", ["线索", "offer"], {"won": "won", "lost": "lost"})
EFFECT = forgetting.ReinforcementEffect(
    **dict.fromkeys([field.name for field in fields(forgetting.ReinforcementEffect)], 1.0)
    | {"factor": 1.5, "restored": 1.0, "refused": "", "time_unit": "weeks"}
)


def funnel_view(lang="en", currency=""):
    return workshop.FunnelView(
        STEPS, FLOW, DAYS, process=PROCESS, parameters={"as_of": "2025-12-31"}, lang=lang,
        currency=currency,
    )  # fmt: skip


def forgetting_view(lang="en", currency="", rate=60.0, half_life=5.1, effect=EFFECT, untold=False):
    return workshop.ForgettingView(
        curve=forgetting.known_curve(half_life=half_life, time_unit="weeks"),
        effect=effect,
        each=forgetting.RefresherCost(people=10, rate=rate),
        target=0.8,
        horizon_weeks=26.0,
        untold=untold,
        parameters={"scores": "s.csv"},
        lang=lang,
        currency=currency,
    )


def incentive_view(lang="en", currency="", plan=PLAN):
    return workshop.IncentiveView(
        ATTAINMENT,
        present=incentive.read_plan(plan),
        response=incentive.Response(elasticity=0.1),
        margin_rate=0.3,
        seed=1,
        parameters={"plan": "plan.yml"},
        lang=lang,
        currency=currency,
    )


def test_a_plan_with_components_is_refused_in_words():
    own = {name: PLAN[name] for name in ("tiers", "thresholds") if name in PLAN}
    with pytest.raises(SalesAnalysisError, match="the workshop turns one measure"):
        incentive_view(plan={"components": [{"name": "sales", **own}]})


@functools.cache
def landing():
    """A forecast of the sample's deals, two of which must be won."""
    names = ["opportunities", "stage_history", "targets"]
    tables = {name: sources.read(f"data/sample/{name}.csv", table=name) for name in names}
    known = reduce.forecast.known(tables, as_of="2025-11-15", since="2024-10-01")
    return forecast.forecast_as_of(known, draws=400)


def forecast_view(lang="en", currency=""):
    return workshop.ForecastView(landing(), parameters={"draws": 400}, lang=lang, currency=currency)


VIEWS = {
    "funnel": funnel_view,
    "forgetting": forgetting_view,
    "incentive": incentive_view,
    "forecast": forecast_view,
}


def test_deals_are_called_by_the_names_that_are_known():
    unnamed = forecast_view().controls[0].items
    first, second = (deal for deal, _ in unnamed[:2])
    names = {first: "Ash Paper", second: "Ash Paper", "elsewhere": "Ash Paper"}
    view = workshop.ForecastView(landing(), parameters={}, lang="en", names=names)
    said = [label for _, label in view.controls[0].items]
    assert said[0].startswith(f"Ash Paper ({first}) ")
    assert said[1].startswith(f"Ash Paper ({second}) ")
    assert said[2:] == [label for _, label in unnamed[2:]]


def begun(view, **turned):
    """The state of a view's controls before anybody touched them, but for those turned."""
    start = {control.name: control.value for control in view.controls}
    assert set(turned) <= set(start)
    return start | turned


def figures(look) -> dict:
    """The tiles of a look, name → value."""
    return {figure.name: figure.value for figure in look.figures}


def answer(view, state, lang="en", currency="") -> str:
    """What the room reads of a state."""
    (finding,) = view.look(state).answer("So")
    return text.sentence(f"{view.name}.lead.{finding.name}", lang, currency, **finding.values)


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("family", VIEWS)
def test_each_view_draws_and_speaks_in_either_language(family, lang, caplog):
    from matplotlib.figure import Figure

    from salesanalysis.plots import style

    view = VIEWS[family](lang=lang)
    look = view.look(begun(view))
    with style.use(), caplog.at_level(logging.WARNING):
        figure = Figure()
        look.draw(figure.add_subplot())
        figure.savefig(io.BytesIO())
    assert len(look.figures) == 4 and all(look.said)
    assert answer(view, begun(view), lang).startswith("So")
    assert not caplog.records  # such as a glyph that the font has not


def test_a_funnel_that_nobody_turned_is_the_present_one():
    view = funnel_view(currency="USD")
    assert figures(view.look(begun(view))) == pytest.approx(
        {"won_a_month": 10.0, "won_amount": 2000.0, "cycle_days": 60.0, "in_progress": 20.0}
    )
    assert answer(view, begun(view), currency="USD") == (
        "So: 10.00 deals worth $2.00\xa0k won a month instead of 10.00 worth $2.00\xa0k."
    )
    assert view.scenario(begun(view), "So").parameters["aims"] == {}


def test_stages_deals_and_days_change_what_is_won_and_what_is_saved():
    view = funnel_view()
    state = begun(view, **{"aim: 线索": 0.6, "new_deals": 60.0, "days: offer": 10.0})
    # 60 × 0.6 × 0.5 are won, after 20 + 10 days.
    assert figures(view.look(state)) == pytest.approx(
        {"won_a_month": 18.0, "won_amount": 3600.0, "cycle_days": 30.0, "in_progress": 18.0}
    )
    saved = view.scenario(state, "So").parameters
    chosen = {"aims": {"线索": 0.6}, "stage_days_aimed": {"offer": 10.0}, "new_deals_aimed": 60.0}
    assert saved == {"as_of": "2025-12-31", "scenario": "So", **chosen, "lang": "en"}


def test_a_funnel_without_a_win_has_no_days_to_turn():
    flow = FLOW.assign(mean_amount=float("nan"), cycle_days=float("nan"))
    days = DAYS.assign(n=0, mean_days=float("nan"))
    view = workshop.FunnelView(STEPS, flow, days, process=PROCESS, parameters={}, lang="en")
    assert not [control.name for control in view.controls if control.name.startswith("days")]
    assert list(figures(view.look(begun(view)))) == ["won_a_month"]
    assert answer(view, begun(view)) == "So: 10.00 deals won a month instead of 10.00."


def test_the_refreshers_shown_are_those_of_the_schedule():
    view = forgetting_view()
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks")
    each = forgetting.RefresherCost(people=10, rate=60)
    plan = forgetting.schedule(curve, target=0.8, effect=1.5, horizon_weeks=26, each=each)
    now = {"refreshers": len(plan.refreshers), "cost": plan.cost, "half_life_weeks": 5.1}
    assert figures(view.look(begun(view))) == now | {"min_retention": plan.min_retention}
    unpriced = forgetting_view(rate=float("nan"))
    assert figures(unpriced.look(begun(unpriced)))["person_hours"] == plan.person_hours
    assert "person-hours" in answer(unpriced, begun(unpriced))
    massed = view.look(begun(view, way="massed", refreshers=3.0))
    assert figures(massed)["refreshers"] == 3
    assert (view.look(begun(view)).idle, massed.idle) == (["refreshers"], [])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_half_life_of_the_trade_and_refreshers_in_vain_are_said(lang):
    assert forgetting_view(lang).look(begun(forgetting_view(lang))).said == []
    view = forgetting_view(lang, untold=True)
    (said,) = view.look(begun(view)).said
    assert "5.1" in said
    assert view.scenario(begun(view), "So").parameters["half_life_planned"] == 5.1
    vain = forgetting_view(lang, effect=replace(EFFECT, restored=0.75))
    (said,) = vain.look(begun(vain)).said
    assert "75" in said and vain.look(begun(vain, target=0.7)).said == []


def test_of_training_only_what_was_turned_is_planned_otherwise():
    view = forgetting_view(half_life=5.1234)
    saved = view.scenario(begun(view, target=0.9), "So").parameters
    assert saved["target"] == 0.9 and saved["scenario_from"]["target"] == 0.8
    assert not {"half_life_planned", "effect_planned"} & set(saved)
    longer = view.scenario(begun(view, half_life=6.0), "So").parameters
    assert longer["half_life_planned"] == 6.0


def test_the_incentive_view_begins_at_the_present_plan():
    view = incentive_view()
    assert view.plan(begun(view)) is view._present
    shown_now = figures(view.look(begun(view)))
    cost = incentive.cost(incentive.read_plan(PLAN), ATTAINMENT, seed=1)
    assert shown_now["plan_cost"] == cost.cost_amount
    assert shown_now["margin"] == pytest.approx(0.3 * cost.sales_amount.mean() - cost.cost_amount)
    assert (shown_now["floor_rate"], shown_now["stretch_rate"]) == (0.75, 0.25)
    # What payees are taken to answer changes nothing of a plan that they have.
    elastic = begun(view, behaviour="elastic", elasticity=0.3)
    assert figures(view.look(elastic)) == pytest.approx(shown_now)


def test_a_plan_that_pays_for_more_than_the_controls_know_says_so():
    rich = PLAN | {"bonuses": [{"at": 1.1, "pay": 500}]}
    for plan, is_said in ((PLAN, False), (rich, True)):
        view = incentive_view(plan=plan)
        assert not any("left out" in said for said in view.look(begun(view)).said)
        turned = view.look(begun(view, floor=0.9))
        assert any("left out" in said for said in turned.said) == is_said


def test_an_incentive_scenario_holds_its_plan_beside_the_present_one(tmp_path):
    view = incentive_view()
    state = begun(view, floor=0.9, over=0.5, behaviour="elastic", elasticity=0.2, cliff="no")
    path = workshop.save(view.scenario(state, "Lower floor"), tmp_path)
    saved = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert (saved["plan"], saved["behaviour"], saved["elasticity"]) == ("plan.yml", "elastic", 0.2)
    with open(saved["plan_considered"], encoding="utf-8") as file:
        plan = incentive.read_plan(file.read())
    assert (float(plan.floor.at), float(plan.stretch), plan.floor.cliff) == (0.9, 1.35, False)
    assumed = view.scenario(begun(view, behaviour="elastic"), "So")
    assert "plan_considered" not in assumed.parameters and not assumed.files


def test_a_deal_said_to_be_won_is_won_in_the_last_month_of_the_period():
    view = forecast_view()
    (first, _), (second, _), *_ = view.controls[0].items
    state = {"must_win": {first: "yes", second: "no"}}
    changed = landing().what_if(win={first: "2025-12"}, lose=[second])
    assert figures(view.look(state))["likely"] == changed.against_targets()["q50"].iloc[0]
    assert view.scenario(state, "So").parameters["decided"] == {first: "2025-12", second: ""}


@pytest.mark.parametrize("family", VIEWS)
def test_a_saved_scenario_is_a_parameter_file_of_the_report(family, tmp_path):
    view = VIEWS[family]()
    path = workshop.save(view.scenario(begun(view), "T 79 → 84%"), tmp_path)
    assert path.name == f"{family}-T-79-84.yml"
    content = path.read_text(encoding="utf-8")
    assert f"salesanalysis run {family} --parameters {path.as_posix()}" in content
    given = parameters.read_file(path, find_notebook(family))
    assert (given["lang"], given["scenario"]) == ("en", "T 79 → 84%")


def test_a_scenario_replaces_an_earlier_one_and_nothing_else(tmp_path):
    one = workshop.Scenario("funnel", {"as_of": "2025-12-31", "scenario": "线索, → 60%"})
    assert workshop.save(one, tmp_path) == workshop.save(one, tmp_path)
    (tmp_path / "funnel-线索-60.yml").write_text("as_of: mine", encoding="utf-8")
    with pytest.raises(SalesAnalysisError, match="no workshop wrote it"):
        workshop.save(one, tmp_path)
    assert (tmp_path / "funnel-线索-60.yml").read_text(encoding="utf-8") == "as_of: mine"
    assert scenario.HEAD.startswith("#")


def test_the_aims_of_a_funnel_are_arithmetic():
    table = funnel.aimed(STEPS, {"线索": 0.6}, new_deals=100, new_deals_aimed=200)
    assert table["passed_aimed"].tolist() == [120.0, 60.0]
    assert table["beyond"].tolist() == [True, False]
    with pytest.raises(SalesAnalysisError, match="offer"):
        funnel.aimed(STEPS, {"ofer": 0.6})
    with pytest.raises(SalesAnalysisError, match="0 to 1"):
        funnel.aimed(STEPS, {"offer": 60})


def test_days_are_those_of_won_deals_and_an_aim_saves_what_it_takes_off():
    """Won: a (skipped a stage), b; not counted: c was lost, d was won before the period."""
    day = pd.Timestamp("2025-06-01")
    paths = {"a": (["advanced", "advanced"], [9.0, None]), "b": (["advanced", "advanced"], [1, 20])}
    paths |= {"c": (["advanced", "lost"], [50.0, 50]), "d": (["advanced", "advanced"], [70.0, 70])}
    rows = [
        (deal, stage, at, result, spent is None, day, spent)
        for deal, (results, days) in paths.items()
        for at, (stage, result, spent) in enumerate(zip(["one", "two"], results, days, strict=True))
    ]
    rows += [(deal, "won", 2, "won", False, day, None) for deal in "ab"]
    rows += [("d", "won", 2, "won", False, pd.Timestamp("2024-06-01"), None)]
    names = ["opportunity_id", "stage", "position", "result", "skipped", "reached_at", "stage_days"]
    entries = pd.DataFrame(rows, columns=names)
    days = funnel.won_days(KnownFunnel(as_of="2025-12-31", entries=entries))
    assert days.to_dict("list") == {"stage": ["one", "two"], "n": [2, 2], "mean_days": [5.0, 10.0]}
    flow = FLOW.assign(cycle_days=15.0)
    outcomes = funnel.aim_outcomes(STEPS, flow, days=funnel.aimed_days(days, {"two": 4}))
    assert outcomes["cycle_days"].tolist() == [15.0, 9.0]
    with pytest.raises(SalesAnalysisError, match="expected days, 0 or more"):
        funnel.aimed_days(days, {"two": -1})


def test_a_plan_without_thresholds_has_no_share_that_reaches_them():
    flat = incentive.read_plan({"thresholds": "quota", "tiers": [[0, None, 0.1]]})
    (row,) = incentive.plan_outcomes(
        {"flat": flat}, ATTAINMENT, current=incentive.read_plan(PLAN)
    ).to_dict("records")
    assert (row["cost"], row["sales"]) == pytest.approx((235, 2350))  # two periods, 4,700 sold
    assert pd.isna([row[name] for name in ("under_floor", "between", "over_stretch")]).all()
    with pytest.raises(SalesAnalysisError, match="`plans` is empty"):
        incentive.plan_outcomes({}, ATTAINMENT, current=flat)


# With widgets, where the extra is installed


@pytest.fixture
def opened(tmp_path):
    """Makes the panel of a view in a room of its own."""
    pytest.importorskip("ipywidgets")

    def open_panel(family="funnel", lang="en", currency=""):
        views = {family: VIEWS[family]}
        how = {"as_of": "2025-11-15", "lang": lang, "currency": currency, "folder": tmp_path}
        return workshop.Room(views, **how).panels[family]

    return open_panel


def turn(panel, **values):
    """Turn controls as a hand does: their widgets."""
    for name, value in values.items():
        panel._inputs[name]._widget.value = value


def test_a_panel_follows_its_controls_and_says_what_is_refused(opened, tmp_path):
    panel = opened()
    before, tiles = bytes(panel.picture.value), panel.tiles.value
    assert before.startswith(b"\x89PNG") and tiles.count("as now") == 4
    turn(panel, **{"aim: 线索": 0.7})
    assert bytes(panel.picture.value) != before and panel.tiles.value != tiles
    assert "线索 40 → 70%: 17.50 deals" in panel.answer.value
    panel._save.click()
    assert "funnel-线索-40-70.yml" in panel._saved.value
    (tmp_path / "funnel-线索-40-70.yml").write_text("mine", encoding="utf-8")
    panel._save.click()
    assert "no workshop wrote it" in panel._saved.value


def test_a_slider_that_was_turned_back_is_exactly_as_now(opened):
    panel = opened("forgetting")
    now = panel.state
    turn(panel, half_life=6.0, target=0.9)
    assert panel.state["half_life"] == 6.0 and "better" in panel.tiles.value
    panel._reset.click()
    assert panel.state == now and panel.tiles.value.count("as now") == 4


def test_a_mark_stands_at_what_is_now(opened):
    panel = opened()
    marks = [one.box.children[1].value for one in panel._inputs.values()]
    # Shares of .4 and .5, days of 20 of 50 and 40 of 90, 50 new deals of 151.
    lefts = ["40.00", "50.00", "40.00", "44.44", "33.11"]
    assert marks == [f'<i style="left: {left}%"></i>' for left in lefts]


def test_scenarios_are_named_listed_compared_and_brought_back(opened):
    panel = opened(currency="USD")
    panel._keep.click()
    assert "Nothing is turned" in panel._saved.value
    turn(panel, **{"aim: 线索": 0.6})
    panel._name.value = "More leads"
    panel._keep.click()
    assert panel.state == begun(panel.view)  # the next one begins at now
    turn(panel, new_deals=60.0)
    rows = panel.table.value.split("<tr")[2:]
    assert ["Now", "More leads (线索 40 → 60%)", "New deals a month 50 → 60 (on screen)"] == [
        row.partition('scope="row">')[2].partition("<")[0] for row in rows
    ]
    cells = [[c.partition("<")[0] for c in row.split("<td>")[1:]] for row in rows]
    assert [row[1] for row in cells] == ["$2.00\xa0k", "$3.00\xa0k", "$2.40\xa0k"]
    assert [row[-1] for row in cells] == ["–", "+5", "+2"]
    panel._again.value = 0
    assert panel.state == begun(panel.view, **{"aim: 线索": 0.6})


def test_many_turns_are_counted_in_the_name(opened):
    panel = opened()
    turn(panel, **{"aim: 线索": 0.6, "aim: offer": 0.6, "days: 线索": 10.0, "new_deals": 60.0})
    assert panel._called() == "线索 40 → 60%, offer 50 → 60%, 线索 20 → 10 days and 1 more"


def test_a_change_is_judged_by_what_is_better_and_one_that_nobody_sees_is_none():
    now = [KeyFigure("plan_cost", 1000.0), KeyFigure("margin", 5000.0), KeyFigure("n", 10)]
    then = [KeyFigure("plan_cost", 900.0), KeyFigure("margin", 5000.01), KeyFigure("n", 12)]
    better = {"plan_cost": -1, "margin": 1}
    style = {"part": "incentive", "lang": "en", "currency": "USD"}
    cost, margin, other = shown.tiles(then, now, better=better, **style).split("<div")[2:]
    assert 'class="better"' in cost and "−$100, better" in cost
    assert "as now" in margin
    assert 'class=""' in other and "+2<" in other
    assert 'class="worse"' in shown.tiles(now, then, better=better, **style)


def test_a_control_that_changes_nothing_is_hidden_until_it_does(opened):
    panel = opened("forgetting")
    refreshers = panel._inputs["refreshers"].box.layout
    assert refreshers.display == "none"
    panel._inputs["way"].box.value = "equal"
    assert refreshers.display is None


def test_the_room_changes_its_language_and_keeps_what_was_done(tmp_path):
    pytest.importorskip("ipywidgets")
    views = {"forgetting": forgetting_view, "funnel": funnel_view}
    room = workshop.Room(views, as_of="2025-11-15", folder=tmp_path, currency="USD")
    panel = room.panels["forgetting"]
    turn(panel, target=0.9)
    panel._keep.click()
    turn(panel, target=0.7)
    room._language.value = "zh"
    assert list(room.panels) == ["forgetting"]  # the other is made when it is opened
    panel = room.panels["forgetting"]
    assert panel.lang == "zh" and panel.state["target"] == 0.7
    assert [state["target"] for _, state in panel._course.kept] == [0.9]
    assert room._tabs.titles == ("培训", "销售漏斗") and "2025年11月15日" in room._title.value
    room._tabs.selected_index = 1
    assert list(room.panels) == ["forgetting", "funnel"]


def test_a_telephone_gets_a_picture_of_its_own(tmp_path):
    pytest.importorskip("ipywidgets")
    how = {"as_of": "2025-11-15", "folder": tmp_path}
    room = workshop.Room({"funnel": funnel_view}, **how)
    picture = room.panels["funnel"].picture
    widths = []
    for narrow in (False, True):
        room._narrow.value = narrow
        widths.append(int.from_bytes(bytes(picture.value)[16:20], "big"))
    assert widths == [1110, 540]


# The command


@pytest.fixture
def served(monkeypatch):
    """What the command would serve."""
    calls = []
    monkeypatch.setattr(workshop, "serve", lambda notebook, given, **how: calls.append(given | how))
    return calls


def test_the_sample_is_left_out_where_there_is_a_table_of_ones_own(served):
    assert main(["workshop", "--no-browser", "--port", "9000"]) == 0
    own = ["-p", "opportunities=mine.csv", "-p", "as_of=2026-03-31"]
    assert main(["workshop", "--lang", "zh", *own]) == 0
    sample, own = served
    assert "scores" not in sample and sample["port"] == 9000 and not sample["open_browser"]
    assert (own["opportunities"], own["scores"], own["lang"]) == ("mine.csv", "", "zh")
    assert own["plan"] == ""


def test_data_of_ones_own_need_their_day(served, capsys):
    assert main(["workshop", "-p", "opportunities=mine.csv"]) == 2
    assert "`as_of` is not given" in capsys.readouterr().err and not served


def test_a_fault_in_the_data_is_one_line_in_the_terminal():
    try:
        raise CellExecutionError("the whole way", "SalesAnalysisError", "`plan` is not given")
    except CellExecutionError:
        fault = sys.exc_info()
    record = logging.LogRecord("Voila", logging.ERROR, "", 1, "cell: %r", ({"a": 1},), fault)
    assert _say_only_the_fault(record)
    assert logging.Formatter().format(record) == "`plan` is not given"


def test_a_page_that_was_closed_is_no_news():
    websocket = pytest.importorskip("tornado.websocket")
    closed, other = (
        logging.LogRecord("asyncio", logging.ERROR, "", 1, "never retrieved", (), (None, why, None))
        for why in (websocket.WebSocketClosedError(), ValueError())
    )
    assert not _no_page_that_went(closed) and _no_page_that_went(other)


def test_a_port_that_is_taken_is_said(capsys):
    pytest.importorskip("voila")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["workshop", "--no-browser", "--port", str(port)]) == 2
    assert f"Port {port} cannot be used" in capsys.readouterr().err


def test_without_the_extra_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr("salesanalysis.workshop.serving.find_spec", lambda name: None)
    assert main(["workshop"]) == 2
    assert "pip install 'salesanalysis[workshop]'" in capsys.readouterr().err


# Customers


@pytest.fixture(scope="module")
def customers_view():
    bought = sources.read("data/sample/purchases.csv", table="purchases")
    rows = reduce.customers.rhythms(bought, as_of="2025-11-15")
    chance = customers.return_chance(rows)
    kept = {"purchases": "p.csv"}
    return workshop.CustomersView(chance, false_share=0.2, parameters=kept, lang="en")


def test_the_list_of_customers_is_longer_where_more_of_it_may_be_wrong(customers_view):
    few, many = (
        {one.name: one.value for one in customers_view.look({"false_share": share}).figures}
        for share in (0.1, 0.4)
    )
    assert 0 < few["customers"] < many["customers"]
    assert few["false_share"] <= 0.1 and many["false_share"] <= 0.4


def test_a_share_that_no_list_keeps_is_said_so(customers_view):
    look = customers_view.look({"false_share": 0.0501})
    (figure,) = look.figures
    (found,) = look.answer("strict")
    assert (figure.value, found.name) == (0, "scenario_no_list")


def test_a_scenario_on_customers_is_the_report_with_its_share(customers_view, tmp_path):
    saved = customers_view.scenario({"false_share": 0.3}, "braver")
    assert (saved.report, saved.parameters["false_share"]) == ("customers", 0.3)
    given = parameters.read_file(workshop.save(saved, tmp_path), find_notebook("customers"))
    assert given == saved.parameters
