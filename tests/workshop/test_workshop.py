"""What the workshop's controls stand for, what is drawn and said, what a scenario holds."""

import io
import logging
import socket
import sys

import pandas as pd
import pytest
import yaml
from nbclient.exceptions import CellExecutionError

from salesanalysis import SalesAnalysisError, forgetting, funnel, incentive, text, workshop
from salesanalysis.cli import main
from salesanalysis.known import KnownFunnel
from salesanalysis.periods import PLAIN
from salesanalysis.reports import parameters
from salesanalysis.reports.job import find_notebook
from salesanalysis.workshop import scenario
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


def funnel_view(lang="en", currency=""):
    return workshop.FunnelView(
        STEPS, FLOW, DAYS, parameters={"as_of": "2025-12-31"}, lang=lang, currency=currency
    )


def forgetting_view(lang="en", currency="", rate=60.0):
    settings = {"horizon_weeks": 26.0, "restores": 1.0}
    each = forgetting.RefresherCost(people=10, rate=rate)
    begin = {"half_life_weeks": 5.1, "effect": 1.5, "each": each, "settings": settings}
    return workshop.ForgettingView(
        **begin, parameters={"scores": "s.csv"}, lang=lang, currency=currency
    )


def incentive_view(lang="en", currency=""):
    return workshop.IncentiveView(
        ATTAINMENT,
        present=incentive.read_plan(PLAN),
        response=incentive.Response(elasticity=0.1),
        margin_rate=0.3,
        parameters={"plan": "plan.yml"},
        lang=lang,
        currency=currency,
    )


class Supposed:
    """A forecast that remembers what was supposed of its deals."""

    period = "2025-Q4"
    calendar = PLAIN
    deals = pd.DataFrame({"period": ["2025-11", "2025-12", "2026-01"]})

    def __init__(self, asked=()):
        self.asked = asked

    def what_if(self, **asked):
        return Supposed(asked)

    def must_win(self):
        return pd.DataFrame({"opportunity_id": ["O1", "<b>O2</b>"], "amount": [500.0, 300.0]})

    def against_targets(self):
        numbers = {"target": 1000.0, "q10": 800.0, "q50": 900.0, "q90": 1100.0, "p_target": 0.4}
        return pd.DataFrame([numbers])

    def path(self):
        return None


def forecast_view(lang="en", currency=""):
    return workshop.ForecastView(
        Supposed(), parameters={"draws": 100}, lang=lang, currency=currency
    )


VIEWS = {
    "funnel": funnel_view,
    "forgetting": forgetting_view,
    "incentive": incentive_view,
    "forecast": forecast_view,
}


def begun(view, **turned):
    """The state of a view's controls before anybody touched them, but for those turned."""
    start = {c.name: {} if isinstance(c, workshop.Switches) else c.value for c in view.controls}
    assert set(turned) <= set(start)
    return start | turned


@pytest.mark.parametrize("lang", text.LANGUAGES)
@pytest.mark.parametrize("family", ["funnel", "forgetting", "incentive"])
def test_each_view_draws_and_speaks_in_either_language(family, lang, caplog):
    from matplotlib.figure import Figure

    from salesanalysis.plots import style

    view = VIEWS[family](lang=lang)
    look = view.look(begun(view))
    with style.use(), caplog.at_level(logging.WARNING):
        figure = Figure()
        look.draw(figure.add_subplot())
        figure.savefig(io.BytesIO())
    assert len(look.said) >= 2 and all(look.said)
    assert not caplog.records  # such as a glyph that the font has not


def test_a_funnel_that_nobody_turned_is_the_present_one():
    view = funnel_view(currency="USD")
    won, money, days = view.look(begun(view)).said
    assert won == "10.00 deals a month would be won; now it is 10.00."
    assert money == "That is $2.00\xa0k a month, against $2.00\xa0k now."
    assert days.startswith("A won deal would take 60 days; now it takes 60.")
    assert view.scenario(begun(view)).parameters["aims"] == {}


def test_stages_deals_and_days_change_what_is_won_and_what_is_saved():
    view = funnel_view()
    state = begun(view, **{"aim: 线索": 0.6, "new_deals": 60.0, "days: offer": 10.0})
    won, _, days = view.look(state).said
    assert won.startswith("18.00 deals")  # 60 × 0.6 × 0.5
    assert "18 of them would be open at a time, against 20 now" in days
    saved = view.scenario(state).parameters
    chosen = {"aims": {"线索": 0.6}, "stage_days_aimed": {"offer": 10.0}, "new_deals_aimed": 60.0}
    assert saved == {"as_of": "2025-12-31", **chosen, "lang": "en"}


def test_a_funnel_without_a_win_has_no_days_to_turn():
    flow = FLOW.assign(mean_amount=float("nan"), cycle_days=float("nan"))
    days = DAYS.assign(n=0, mean_days=float("nan"))
    view = workshop.FunnelView(STEPS, flow, days, parameters={}, lang="en")
    assert not [control.name for control in view.controls if control.name.startswith("days")]
    assert len(view.look(begun(view)).said) == 1


def test_the_refreshers_said_are_those_of_the_schedule():
    view = forgetting_view()
    curve = forgetting.known_curve(half_life=5.1, time_unit="weeks")
    each = forgetting.RefresherCost(people=10, rate=60)
    plan = forgetting.schedule(curve, target=0.8, effect=1.5, horizon_weeks=26, each=each)
    first, second = view.look(begun(view)).said
    assert first.startswith(f"{len(plan.refreshers)} refreshers in 26 weeks: never less than 80.0%")
    assert second == f"They take {plan.person_hours:.0f} person-hours and cost 3.00\xa0k."
    unpriced = forgetting_view(rate=float("nan"))
    assert "cost" not in unpriced.look(begun(unpriced)).said[1]
    massed = view.look(begun(view, way="massed", refreshers=3.0))
    assert massed.said[0].startswith("3 refreshers")
    assert (view.look(begun(view)).idle, massed.idle) == (["refreshers"], [])


def test_the_incentive_view_begins_at_the_present_plan():
    view = incentive_view()
    state = begun(view)
    at, rows = [0, 500, 999, 1000, 1150, 1300, 2000], {}
    for name, plan in (("present", incentive.read_plan(PLAN)), ("chosen", view.plan(state))):
        rows[name] = incentive.marginal_reward(plan, at, quota=1000)["payout"].tolist()
    assert rows["present"] == rows["chosen"]
    cost, reach, *_ = view.look(state).said
    # By hand, for two periods: 0, 35, 40 and 47.
    assert cost.startswith("The plan would pay 61 a period, 2.6% of sales; the present one 61.")
    assert reach.startswith("25.0% of the payees' periods end under the floor, 50.0% between")


def test_an_incentive_scenario_holds_its_plan_beside_the_present_one(tmp_path):
    view = incentive_view()
    state = begun(view, floor=0.9, over=0.5, behaviour="elastic", elasticity=0.2, cliff="no")
    path = workshop.save(view.scenario(state), tmp_path)
    saved = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert (saved["plan"], saved["behaviour"], saved["elasticity"]) == ("plan.yml", "elastic", 0.2)
    with open(saved["plan_considered"], encoding="utf-8") as file:
        plan = incentive.read_plan(file.read())
    assert (float(plan.floor.at), float(plan.stretch), plan.floor.cliff) == (0.9, 1.35, False)


def test_a_deal_said_to_be_won_is_won_in_the_last_month_of_the_period(monkeypatch):
    view = forecast_view()
    fate = {"O1": "yes", "<b>O2</b>": "no"}
    asked = []
    monkeypatch.setattr(Supposed, "what_if", lambda self, **said: asked.append(said) or self)
    view.look({"must_win": fate})
    assert asked == [{"win": {"O1": "2025-12"}, "lose": ["<b>O2</b>"]}]
    won, lost = view.scenario({"must_win": fate}).parameters["overrides"]
    assert (won["probability"], won["period"]) == (1.0, "2025-12")
    assert lost["probability"] == 0.0 and lost["reason"]


@pytest.mark.parametrize("family", VIEWS)
def test_a_saved_scenario_is_a_parameter_file_of_the_report(family, tmp_path):
    view = VIEWS[family]()
    path = workshop.save(view.scenario(begun(view)), tmp_path)
    content = path.read_text(encoding="utf-8")
    assert f"salesanalysis run {family} --parameters {path.as_posix()}" in content
    given = parameters.read_file(path, find_notebook(family))
    assert given["lang"] == "en"


def test_a_scenario_replaces_an_earlier_one_and_nothing_else(tmp_path):
    one = workshop.Scenario("funnel", {"as_of": "2025-12-31"})
    assert workshop.save(one, tmp_path) == workshop.save(one, tmp_path)
    (tmp_path / "funnel.yml").write_text("as_of: mine", encoding="utf-8")
    with pytest.raises(SalesAnalysisError, match="no workshop wrote it"):
        workshop.save(one, tmp_path)
    assert (tmp_path / "funnel.yml").read_text(encoding="utf-8") == "as_of: mine"
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


def test_a_panel_follows_its_controls_and_says_what_is_refused(tmp_path):
    pytest.importorskip("ipywidgets")
    room = workshop.Room([funnel_view, forgetting_view], folder=tmp_path)
    panel = room.panels[0]
    before, said = bytes(panel.picture.value), panel.said.value
    assert before.startswith(b"\x89PNG")
    panel._inputs["aim: 线索"].value = 0.7
    assert bytes(panel.picture.value) != before and panel.said.value != said
    panel._save()
    assert "funnel.yml" in panel._saved.value
    (tmp_path / "funnel.yml").write_text("mine", encoding="utf-8")
    panel._save()
    assert "no workshop wrote it" in panel._saved.value


def test_a_control_that_changes_nothing_is_hidden_until_it_does(tmp_path):
    pytest.importorskip("ipywidgets")
    panel = workshop.Room([forgetting_view], folder=tmp_path).panels[0]
    refreshers = panel._inputs["refreshers"].layout
    assert refreshers.display == "none"
    panel._inputs["way"].value = "equal"
    assert refreshers.display is None


def test_the_room_changes_its_language(tmp_path):
    pytest.importorskip("ipywidgets")
    room = workshop.Room([forgetting_view], folder=tmp_path, currency="USD")
    room._language.value = "zh"
    assert [panel.lang for panel in room.panels] == ["zh"]
    assert room._tabs.titles == ("遗忘曲线",)


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
