"""Event funnels against the definition followed user by user, on every engine, and their edges."""

import os
import re
import warnings

import event_oracle as oracle
import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from salesanalysis import SalesAnalysisError
from salesanalysis.errors import NoMatchWarning, SetAsideWarning
from salesanalysis.reduce.funnel import Exclusion
from salesanalysis.reduce.funnel import events as counting

#: Small logs lack events for some step as a rule; that this is said has a test of its own.
pytestmark = pytest.mark.filterwarnings("ignore::salesanalysis.NoMatchWarning")

START = pd.Timestamp("2025-01-01")
LAST = 14  # hours: the end of every random log


def event_funnel(log, *, _engine="", **arguments):
    """The funnel, by the engine that is named where one is."""
    with pytest.MonkeyPatch.context() as patch:
        if _engine:
            patch.setattr(counting, "_kernel_serves", lambda *_: _engine == "kernel")
        return counting.event_funnel(log, **arguments)


def log(users):
    """One row per event of users given as lists of (hour, event); ``who`` repeats the user."""
    rows = [(f"u{n:03d}", name, hour) for n, events in enumerate(users) for hour, name in events]
    frame = pd.DataFrame(rows, columns=["user_id", "event", "at"])
    hours = pd.to_timedelta(frame["at"].astype("float64"), unit="h")
    frame["at"] = (START + hours).astype("datetime64[us]")
    return frame.astype({"user_id": "str", "event": "str"}).assign(who=lambda f: f["user_id"])


def hour(number):
    return START + pd.Timedelta(hours=number)


def users_at(events, **arguments):
    """The users at each step; windows in hours."""
    window = arguments.pop("within_hours", 24)
    within = [w / 24 for w in window] if isinstance(window, list) else window / 24
    return event_funnel(events, within_days=within, **arguments)["users"].tolist()


# Against the oracle


EVENTS = st.lists(st.tuples(st.integers(0, LAST), st.sampled_from("aabbccdx")), max_size=7)
USERS = st.lists(EVENTS, min_size=1, max_size=40)
#: Each step is the set of its events' names: plain, repeated, and such that share events.
STEPS = st.sampled_from(
    "a ab a,b a,b,c a,b,c,d a,b,a a,a,a a,b,b,c ab,bc,c abc,ab,abc ad,b,d,ac".split()
).map(lambda text: text.split(","))


@st.composite
def cases(draw):
    """Users, what to ask of them, and what the oracle answers."""
    order = draw(st.sampled_from(["ordered", "strict", "any"]))
    steps = draw(STEPS)
    by_pair = order != "any" and draw(st.booleans())
    hours = st.sampled_from([0, 3, 6, 30])
    windows = [draw(hours) for _ in steps[1:]] if by_pair else [draw(hours)]
    by_pair = by_pair and len(windows) != 1  # with two steps the pair is the whole path
    shared = order == "any" and any(len(step) > 1 for step in steps)
    many_steps = shared or draw(st.booleans())
    first_only = draw(st.booleans())
    gaps = {}
    if len(steps) > 1 and draw(st.booleans()):
        gaps = dict.fromkeys(range(1, len(steps)), "x")
        if order != "any" and draw(st.booleans()):
            gaps = {len(steps) - 1: "x"}
    options = {"many_steps": many_steps, "first_only": first_only, "gaps": gaps}
    if order == "strict":
        options["strict"] = True
    users = draw(USERS)
    walk = oracle.any_order if order == "any" else oracle.in_order
    truth = {
        f"u{n:03d}": walk(events, steps, windows or [0], **options)
        for n, events in enumerate(users)
    }
    arguments = {
        "steps": [set(step) for step in steps],
        "within_days": [w / 24 for w in windows] if by_pair else (windows or [0])[0] / 24,
        "order": order,
        "event_fills": "many_steps" if many_steps else "one_step",
        "attribution": "first_start" if first_only else "any_start",
        "exclusions": [Exclusion("x", min(gaps), max(gaps) + 1)] if gaps else [],
        "as_of": hour(LAST),
    }
    return users, arguments, truth


def check_every_user(table, truth, last):
    """The rows of each user, who is a group alone, say what the oracle says."""
    found = dict(tuple(table.groupby("who")))
    assert set(found) == {who for who, user in truth.items() if user}
    for who, rows in found.items():
        user, rows = truth[who], rows.set_index("position")
        level = 0 if user["excluded"] else user["level"]
        is_open = level < last and user["deadline"] > LAST
        assert rows["excluded"].eq(int(user["excluded"])).all(), who
        assert rows["users"].tolist() == [int(at <= level) for at in range(1, last + 1)], who
        assert rows["still_open"].tolist() == [int(at == level and is_open) for at in rows.index]
        for at in range(2, level + 1):
            first, start, previous = user[at]
            hours = rows.loc[at, ["median_days", "step_median_days"]].astype("float64") * 24
            assert np.allclose(hours, [first - start, first - previous]), (who, at)


def check_case(case, table_of=lambda frame: frame):
    users, arguments, truth = case
    table = event_funnel(table_of(log(users)), **arguments, by="who")
    check_every_user(table, truth, len(arguments["steps"]))


# Not shrunk: the message names the user that differs, and shrinking whole logs takes minutes.
fuzz = settings(
    deadline=None, suppress_health_check=list(HealthCheck), database=None, phases=[Phase.generate]
)


@pytest.mark.gate
@settings(fuzz, max_examples=25)
@given(cases())
def test_every_user_goes_as_far_as_the_definition_says(case):
    check_case(case)


@pytest.mark.postgres
def test_every_user_goes_as_far_on_postgres():
    url = os.environ.get("SALESANALYSIS_TEST_POSTGRES")
    if not url:
        pytest.skip("SALESANALYSIS_TEST_POSTGRES names no server")
    connection = ibis.connect(url)

    def table_of(frame):
        return connection.create_table("events", frame, temp=True, overwrite=True)

    @settings(fuzz, max_examples=25)
    @given(cases())
    def on_postgres(case):
        check_case(case, table_of)

    on_postgres()
    connection.disconnect()


@pytest.mark.spark
@pytest.mark.filterwarnings("ignore")  # the first start of Spark warns of much that is its own
def test_every_user_goes_as_far_on_spark():
    pyspark = pytest.importorskip("pyspark.sql", reason="pyspark is not installed")
    quiet = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "2"}
    builder = pyspark.SparkSession.builder.master("local[2]")
    for key, value in quiet.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    connection = ibis.pyspark.connect(session)

    def table_of(frame):
        schema = "user_id string, event string, at timestamp, who string"
        session.createDataFrame(frame, schema).createOrReplaceTempView("events")
        return connection.table("events")

    @settings(fuzz, max_examples=6)
    @given(cases())
    def on_spark(case):
        check_case(case, table_of)

    on_spark()
    session.stop()


# The fast path


def random_log(seed, *, rows, days, names, users, whole_hours):
    """A log in which steps are drawn evenly; whole hours give many events at one time."""
    rng = np.random.default_rng(seed)
    at = rng.random(rows) * days
    at = np.floor(at * 24) / 24 if whole_hours else at
    moments = pd.Timestamp("1965-05-05") + pd.to_timedelta(at, unit="D")
    return pd.DataFrame({
        "user_id": rng.integers(-users, users, rows),
        "event": rng.choice([*names, "other"], rows),
        "at": moments.astype("datetime64[us]"),
    })  # fmt: skip


@pytest.mark.matrix
@pytest.mark.parametrize("attribution", ["any_start", "first_start"])
@pytest.mark.parametrize(
    ("steps", "shape", "days"),
    [
        (["a"], {"rows": 2000, "days": 30, "users": 100, "whole_hours": True}, 7),
        (["a", "b"], {"rows": 3000, "days": 2, "users": 150, "whole_hours": True}, 0),
        (list("abcde"), {"rows": 20_000, "days": 90, "users": 300, "whole_hours": False}, 7.3),
        (list("abcdefghi"), {"rows": 9000, "days": 9, "users": 80, "whole_hours": True}, 5),
        # So long that one 64-bit key cannot hold all users of a part.
        (
            ["a", "b", "c"],
            {"rows": 9000, "days": 32_000, "users": 3000, "whole_hours": False},
            2000,
        ),
    ],
)
def test_the_fast_path_gives_what_the_expression_gives(steps, shape, days, attribution):
    events = random_log(len(steps), names=steps, **shape)
    cut = events["at"].quantile(0.9)
    for log_of_type in (events, events.assign(user_id=events["user_id"].astype("str"))):
        fast, portable = (
            event_funnel(log_of_type, steps=steps, within_days=days, attribution=attribution,
                         as_of=cut, _engine=engine)
            for engine in ("kernel", "expression")
        )  # fmt: skip
        pd.testing.assert_frame_equal(fast, portable, rtol=1e-9)
    assert fast["users"].iloc[0] > 50


@settings(fuzz, max_examples=20)
@given(USERS, st.sampled_from([["a"], ["a", "b"], ["b", "a", "d"], list("abcd")]),
       st.sampled_from([0, 3, 6, 30]), st.booleans())  # fmt: skip
def test_the_fast_path_gives_what_the_definition_says(users, steps, window, first_only):
    truth = [oracle.in_order(user, steps, [window], first_only=first_only) for user in users]
    truth = [user for user in truth if user]
    table = event_funnel(
        log(users), steps=steps, within_days=window / 24, as_of=hour(LAST), _engine="kernel",
        attribution="first_start" if first_only else "any_start",
    )  # fmt: skip
    for row in table.itertuples():
        here = [user for user in truth if user["level"] >= row.position]
        assert row.users == len(here)
        staying = [user for user in here if user["level"] == row.position < len(steps)]
        assert row.still_open == sum(user["deadline"] > LAST for user in staying)
        if row.position > 1 and here:
            shares = [0.25, 0.5, 0.75, 0.9]
            since_start, since_step = (
                np.quantile(
                    [user[row.position][0] - user[row.position][i] for user in here], shares
                )
                for i in (1, 2)
            )
            found = [row.p25_days, row.median_days, row.p75_days, row.p90_days]
            assert np.allclose(np.array(found) * 24, since_start)
            found = [row.step_p25_days, row.step_median_days, row.step_p75_days, row.step_p90_days]
            assert np.allclose(np.array(found) * 24, since_step)


@pytest.mark.parametrize(
    ("arguments", "engine"),
    [
        ({"steps": ["a", "b"]}, "kernel"),
        ({"steps": ["a", {"b", "c"}], "attribution": "first_start"}, "kernel"),
        ({"steps": [lambda t: t.event == "a", lambda t: t.event == "b"]}, "kernel"),
        ({"steps": [lambda t: t.event < "b", lambda t: t.event < "c"]}, "expression"),
        ({"steps": ["a", "b", "a"]}, "expression"),
        ({"steps": ["a", {"a", "b"}]}, "expression"),
        ({"steps": ["a", "b"], "order": "strict"}, "expression"),
        ({"steps": ["a", "b"], "order": "any"}, "expression"),
        ({"steps": ["a", "b"], "exclusions": "x"}, "expression"),
        ({"steps": ["a", "b"], "by": "who"}, "expression"),
        ({"steps": ["a", "b", "c"], "within_days": [1, 1]}, "expression"),
    ],
)
def test_the_fast_path_is_taken_only_where_it_serves(arguments, engine, monkeypatch):
    from salesanalysis.reduce.funnel import events

    taken = []
    for name in ("kernel", "expression"):
        original = getattr(events, f"_by_{name}")
        monkeypatch.setattr(
            events, f"_by_{name}",
            lambda *a, name=name, original=original: (taken.append(name), original(*a))[1],
        )  # fmt: skip
    event_funnel(log([[(0, "a"), (1, "b")]]), **({"within_days": 1} | arguments))
    assert taken == [engine]


def test_dates_thousands_of_years_apart_do_not_disturb():
    users = log([[(0, "a"), (1, "b")]] * 3 + [[(0, "a")]])
    odd = users.head(1).assign(user_id="x", at=pd.Timestamp("0200-01-01").as_unit("us"))
    odd = pd.concat([users, odd, odd.assign(at=pd.Timestamp("9999-01-01").as_unit("us"))])
    assert users_at(odd, steps=["a", "b"]) == [5, 3]


# Edges of the definition, one by one


def test_the_edge_of_the_window_is_inside_to_the_microsecond():
    users = log([[(0, "a"), (24, "b")]])
    assert users_at(users, steps=["a", "b"], within_hours=24) == [1, 1]
    late = users.assign(at=users["at"] + pd.to_timedelta([0, 1], unit="us"))
    for engine in ("kernel", "expression"):
        assert users_at(late, steps=["a", "b"], within_hours=24, _engine=engine) == [1, 0]


def test_a_window_of_zero_asks_for_the_same_moment():
    users = log([[(1, "b"), (1, "a")], [(1, "a"), (2, "b")]])
    assert users_at(users, steps=["a", "b"], within_hours=0) == [2, 1]


def test_events_at_one_time_count_in_the_order_that_leads_furthest():
    users = log([[(1, "c"), (1, "b"), (1, "a")]])
    assert users_at(users, steps=["a", "b", "c"]) == [1, 1, 1]
    # Ten steps at once, for which ten events are needed and eight steps repeat.
    names = "a b b c c d b c d a".split()
    at_once = log([[(1, name) for name in reversed(names)]])
    assert users_at(at_once, steps=names) == [1] * 10
    assert users_at(at_once.iloc[1:], steps=names) == [1] * 9 + [0]


def test_one_event_fills_one_step_or_all_in_a_row():
    users = log([[(1, "a"), (2, "b")]])
    steps = [{"a", "b"}, {"a", "b"}, "b"]
    assert users_at(users, steps=steps) == [1, 1, 0]
    assert users_at(users, steps=steps, event_fills="many_steps") == [1, 1, 1]


def test_repeated_steps_need_repeated_events():
    users = log([[(1, "a"), (2, "b"), (3, "a")], [(1, "a"), (2, "b")], [(2, "a"), (2, "a")]])
    assert users_at(users, steps=["a", "b", "a"]) == [3, 2, 1]
    assert users_at(users, steps=["a", "a"]) == [3, 2]
    assert users_at(users, steps=["a", "a"], order="any") == [3, 2]


def test_every_start_counts_unless_only_the_first_is_asked_for():
    users = log([[(0, "a"), (30, "a"), (31, "b")]])
    assert users_at(users, steps=["a", "b"]) == [1, 1]
    assert users_at(users, steps=["a", "b"], attribution="first_start") == [1, 0]


def test_strict_order_lets_nothing_come_between_but_the_same_step():
    steps = ["a", "b", "c"]
    users = log([
        [(1, "a"), (2, "b"), (3, "c")],
        [(1, "a"), (2, "x"), (3, "b"), (4, "c")],
        [(1, "a"), (2, "a"), (3, "b"), (4, "b"), (5, "c")],
        [(1, "a"), (2, "b"), (3, "a"), (4, "c")],
        [(1, "a"), (2, "x"), (3, "a"), (4, "b"), (5, "c")],  # a later start
        [(1, "a"), (2, "b"), (2, "x"), (3, "c")],  # x at the time of b may have come before it
    ])  # fmt: skip
    table = event_funnel(users, steps=steps, within_days=1, order="strict", by="who")
    assert table.groupby("who")["users"].sum().tolist() == [3, 1, 3, 2, 3, 3]


def test_any_order_counts_steps_within_one_window():
    users = log([[(1, "c"), (2, "a"), (3, "b")], [(1, "c"), (30, "a"), (31, "b")], [(1, "b")]])
    table = event_funnel(users, steps=["a", "b", "c"], within_days=1, order="any")
    assert table["users"].tolist() == [3, 2, 1]
    assert table["step"].tolist() == ["1 / 3", "2 / 3", "3 / 3"]
    assert np.allclose(table["median_days"].iloc[1:] * 24, [1, 2])


def test_an_exclusion_takes_out_whose_furthest_step_it_spoils():
    users = log([
        [(1, "a"), (2, "x"), (3, "b")],  # out
        [(1, "a"), (2, "x")],  # out: nothing better than the spoiled path
        [(1, "a"), (2, "b"), (3, "x")],  # in: it comes after the last step
        [(1, "a"), (2, "x"), (3, "a"), (4, "b")],  # in, by the second start
        [(1, "a"), (2, "x"), (3, "b"), (4, "a")],  # out: the clean path does not go so far
        [(1, "a"), (30, "x")],  # in, at step 1: after the window
        [(1, "x"), (1, "a"), (2, "b")],  # in: not known to come between
    ])  # fmt: skip
    table = event_funnel(
        users, steps=["a", "b"], within_days=1, exclusions=["x"], by="who", as_of=hour(40)
    )
    assert table["excluded"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0]
    assert table.groupby("who")["users"].sum().tolist() == [0, 0, 2, 2, 0, 1, 2]
    whole = event_funnel(users, steps=["a", "b"], within_days=1, exclusions=["x"])
    assert whole[["users", "excluded"]].to_numpy().tolist() == [[4, 3], [3, 3]]


def test_in_any_order_an_exclusion_ends_what_is_not_complete():
    # PostHog drops what it has of a user at an exclusion, unless its window was over or it was
    # complete: followed by hand.
    users = log([
        [(1, "a"), (2, "b"), (3, "x")],  # out: not complete, and nothing else
        [(1, "a"), (2, "b"), (3, "c"), (4, "x")],  # complete before
        [(1, "a"), (2, "x"), (3, "b")],  # only what comes after
        [(0, "a"), (10, "a"), (11, "b"), (15, "x")],  # the window of the first start was over
        [(1, "b"), (20, "x")],  # over
        [(1, "b"), (13, "x")],  # out: at the edge
        [(1, "a"), (1, "x"), (2, "b")],  # at the moment of a step: not known to come between
    ])  # fmt: skip
    asked = {"steps": ["a", "b", "c"], "within_days": 0.5, "order": "any", "exclusions": "x"}
    table = event_funnel(users, **asked, by="who")
    assert table.groupby("who")["excluded"].max().tolist() == [1, 0, 0, 0, 0, 1, 0]
    assert table.groupby("who")["users"].sum().tolist() == [0, 3, 1, 2, 1, 0, 2]


def test_an_exclusion_counts_only_between_the_steps_it_names():
    users = log(
        [[(1, "a"), (2, "x"), (3, "b"), (4, "c")], [(1, "a"), (2, "b"), (3, "x"), (4, "c")]]
    )
    between = {"steps": ["a", "b", "c"], "exclusions": [Exclusion("x", 2, 3)]}
    assert users_at(users, **between) == [1, 1, 1]
    assert users_at(users, **between, order="ordered", event_fills="many_steps") == [1, 1, 1]
    assert users_at(users, steps=["a", "b", "c"], exclusions="x") == [0, 0, 0]


def test_a_window_for_each_pair_of_steps():
    users = log([[(0, "a"), (20, "b"), (40, "c")], [(0, "a"), (5, "b"), (40, "c")]])
    assert users_at(users, steps=["a", "b", "c"], within_hours=[20, 20]) == [2, 2, 1]
    assert users_at(users, steps=["a", "b", "c"], within_hours=[6, 40]) == [2, 1, 1]
    # The latest b counts for what follows, although an earlier one reached the step as well.
    again = log([[(0, "a"), (1, "b"), (5, "b"), (8, "c")]])
    assert users_at(again, steps=["a", "b", "c"], within_hours=[6, 3]) == [1, 1, 1]


def test_users_inside_their_window_are_open_not_dropped():
    users = log([[(0, "a")], [(10, "a")], [(0, "a"), (12, "a")], [(0, "a"), (1, "b")]])

    def at_first_step(last):
        table = event_funnel(users, steps=["a", "b"], within_days=0.5, as_of=hour(last))
        return table.loc[0, ["users", "advanced", "still_open", "dropped"]].tolist()

    assert at_first_step(0.5) == [3, 0, 3, 0]
    assert at_first_step(11.9) == [4, 1, 3, 0]
    assert at_first_step(12) == [4, 1, 2, 1]  # the first window is over, at its edge
    assert at_first_step(23) == [4, 1, 1, 2]
    assert at_first_step(24) == [4, 1, 0, 3]


def test_events_after_as_of_change_nothing():
    early = log([[(0, "a"), (1, "b")], [(2, "a")]])
    late = log([[(0, "a"), (1, "b"), (5, "c")], [(2, "a"), (4, "b")], [(9, "a")]])
    tables = [
        event_funnel(events, steps=["a", "b", "c"], within_days=1, as_of=hour(3))
        for events in (early, late)
    ]
    pd.testing.assert_frame_equal(*tables)


def test_groups_go_by_the_first_start_and_keep_the_missing():
    users = log([[(1, "a"), (2, "b"), (3, "a")], [(1, "a"), (1, "a")], [(1, "x"), (5, "a")]])
    users["source"] = ["web", "fair", "fair", "web", "fair", "web", None]
    table = event_funnel(users, steps=["a", "b"], within_days=1, by=["source"])
    assert table["source"].isna().tolist() == [False] * 4 + [True] * 2
    assert table["source"].dropna().tolist() == ["fair", "fair", "web", "web"]
    assert table["users"].tolist() == [1, 0, 1, 1, 1, 0]


def test_rows_without_user_or_time_are_left_out_and_counted():
    users = log([[(0, "a"), (1, "b")], [(0, "a"), (1, "b")]])
    users.loc[1, "user_id"] = None
    users.loc[3, "at"] = pd.NaT
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", SetAsideWarning)
        assert users_at(users, steps=["a", "b"]) == [2, 0]
    (warning,) = [str(w.message) for w in caught if w.category is SetAsideWarning]
    assert "2 of 4 rows have no `user_id` or no `at`" in warning


def test_an_event_without_a_name_or_value_fits_no_step():
    users = log([[(0, "a"), (1, "b")]]).assign(price=[None, 5.0])
    users.loc[0, "event"] = None
    assert users_at(users, steps=["b", "a"]) == [1, 0]
    assert users_at(users, steps=[lambda t: t.price < 10]) == [1]
    assert users_at(users, steps=[lambda t: t.price.isnull(), "b"]) == [1, 1]  # noqa: PD003


def test_steps_may_be_sets_columns_and_conditions_with_labels():
    users = log([[(0, "a"), (1, "b"), (2, "c")]]).assign(price=[1, 2, 3], page=["x", "y", "z"])
    table = event_funnel(
        users,
        steps={"came": {"a", "q"}, "read": {"event": "b", "page": ["x", "y"]},
               "paid": lambda t: t.price > 2},
        within_days=1,
    )  # fmt: skip
    assert table["step"].tolist() == ["came", "read", "paid"]
    assert table["users"].tolist() == [1, 1, 1]
    plain = event_funnel(users, steps=[["q", "a"], {"page": "y"}, lambda t: t.price > 2],
                         within_days=1)  # fmt: skip
    assert plain["step"].tolist() == ["a | q", "page = y", "step 3"]


def test_the_rates_are_those_of_the_counts():
    from salesanalysis.stats import wilson

    users = log(
        [[(0, "a"), (1, "b"), (2, "c")]] * 3 + [[(0, "a"), (1, "b")]] * 5 + [[(0, "a")]] * 2
    )
    table = event_funnel(users, steps=["a", "b", "c"], within_days=1, level=0.9)
    last = table.iloc[2]
    assert last[["n", "k", "overall_n"]].tolist() == [8, 3, 10]
    for prefix, n in (("", 8), ("overall_", 10)):
        low, high = wilson(3, n, level=0.9)
        rates = last[[f"{prefix}rate", f"{prefix}rate_low", f"{prefix}rate_high"]]
        assert rates.tolist() == [3 / n, low, high]
    assert table.iloc[0].filter(like="rate").isna().all()


def test_events_may_be_named_by_numbers():
    users = log([[(0, "a"), (1, "b"), (2, "c")]])
    users["event"] = users["event"].map({"a": 1, "b": 2, "c": 3})
    assert users_at(users, steps=[1, {2, 3}, 3]) == [1, 1, 1]
    assert users_at(users, steps=[1, 3], exclusions=2) == [0, 0]


def test_a_log_without_a_row_is_a_table_of_zeros_whatever_its_types():
    nothing = pd.DataFrame(columns=["user_id", "event", "at"])
    assert users_at(nothing, steps=["a", "b"]) == [0, 0]
    assert users_at(log([[]]), steps=["a", "b"]) == [0, 0]


def test_nobody_in_the_funnel_is_a_table_of_zeros():
    for engine in ("kernel", "expression"):
        table = event_funnel(log([[(0, "x")]]), steps=["a", "b"], within_days=1, _engine=engine)
        assert table[["users", "advanced", "dropped"]].to_numpy().tolist() == [[0, 0, 0]] * 2
        assert table["rate"].isna().all()


def test_the_log_may_be_a_frame_arrow_parquet_or_an_ibis_table(tmp_path):
    import pyarrow as pa

    users = log([[(0, "a"), (1, "b")], [(0, "a")]])
    paths = [tmp_path / "one.parquet", tmp_path / "two.parquet"]
    for path, part in zip(paths, (users.iloc[:1], users.iloc[1:]), strict=True):
        part.to_parquet(path)
    zoned = users.assign(at=users["at"].dt.tz_localize("UTC").dt.tz_convert("Asia/Shanghai"))
    for events in (
        users, pa.Table.from_pandas(users), ibis.memtable(users), paths,
        str(tmp_path / "*.parquet"), zoned,
        users.assign(user_id=users["user_id"].astype("category")),
        users.assign(user_id=np.array([2**64 - 1, 2**64 - 1, 5], dtype="uint64")),
    ):  # fmt: skip
        table = event_funnel(events, steps=["a", "b"], within_days=1, as_of=hour(1.5))
        assert table["users"].tolist() == [2, 1]
        assert table["still_open"].tolist() == [1, 0]


def test_text_and_csv_are_read_as_everywhere(tmp_path):
    import pyarrow as pa

    users = log([[(0, "a"), (1, "b")], [(0, "a")]])
    text = users.assign(at=users["at"].dt.strftime("%Y-%m-%d %H:%M:%S"))
    path, german = tmp_path / "log.csv", tmp_path / "german.csv"
    text.to_csv(path, index=False)
    moment = users["at"].dt.strftime("%d.%m.%Y %H:%M")
    renamed = users.assign(at=moment).rename(columns={"user_id": "User ID", "at": "Timestamp"})
    renamed.to_csv(german, sep=";", index=False)
    renamed.to_parquet(tmp_path / "text.parquet")
    for events in (
        text, pa.Table.from_pandas(text), path, str(tmp_path / "log*.csv"), german,
        tmp_path / "text.parquet",
    ):  # fmt: skip
        table = event_funnel(events, steps=["a", "b"], within_days=1, as_of=hour(1.5))
        assert table["users"].tolist() == [2, 1]
        assert table["still_open"].tolist() == [1, 0]


def unmatched(users, *, steps):
    """What is said of steps that no event fits."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", NoMatchWarning)
        users_at(users, steps=steps)
    return [str(w.message) for w in caught if w.category is NoMatchWarning]


def test_a_step_that_no_event_fits_is_said_with_the_nearest_names():
    users = log([[(0, "visit"), (1, "order")], [(0, "visit")]])
    for step, message in (
        ("ordr", r"No event fits step 'ordr'.* Nearest to 'ordr' in `event`: order\."),
        ({"who": "u00O"}, r"in `who`: u00"),
        ("paid", r"There is in `event`: order, visit\."),
        (lambda t: t.event.length() > 9, "No event fits step 'step 2'"),
    ):
        (said,) = unmatched(users, steps=["visit", step])
        assert re.search(message, said)
    # A step that only comes too late, or of which one name of several is there, is none.
    assert unmatched(users, steps=["order", "visit"]) == []
    assert unmatched(users, steps=["visit", {"order", "ordr"}]) == []


def test_a_condition_may_look_at_other_events():
    users = log([[(0, "a"), (1, "a"), (2, "b")], [(5, "b"), (6, "a")]]).assign(n=range(5))
    first = ibis.window(group_by="user_id", order_by="at")
    steps = {
        "first": lambda t: ibis.row_number().over(first) == 0,
        "b": lambda t: (t.event == "b") & (t.n > t.n.mean().over(ibis.window(group_by="who"))),
    }
    for engine in ("kernel", "expression"):
        assert users_at(users, steps=steps, _engine=engine) == [2, 1]
        # Asked of all events: of those that fit any step alone the means would be others.
    table = event_funnel(users, steps=steps, within_days=1, by="who")
    assert table["users"].tolist() == [1, 1, 1, 0]


def test_the_order_of_the_rows_does_not_matter():
    events = random_log(3, rows=3000, days=9, names=list("abc"), users=60, whole_hours=True)
    shuffled = events.sample(frac=1, random_state=1)
    for arguments in ({}, {"order": "strict"}, {"order": "any"}, {"_engine": "expression"}):
        tables = [
            event_funnel(log, steps=["a", "b", "c"], within_days=1, **arguments)
            for log in (events, shuffled)
        ]
        pd.testing.assert_frame_equal(*tables)


FINE = {"steps": ["a", "b"], "within_days": 1}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"steps": []}, r"`steps` is \[\]; expected a list with one item for each step"),
        ({"steps": "a"}, "`steps` is 'a'; expected a list"),
        ({"steps": ["a", 7.5]}, "`steps` item 2 is 7.5; expected the name of an event"),
        ({"steps": ["a", 7]}, "asks for 7 in `event`, which is of type string .* expected text"),
        ({"steps": ["a", set()]}, "`steps` item 2 is set"),
        ({"steps": [{"page": None}]}, "`steps` item 1 allows None in a column"),
        ({"steps": [{"pgae": "x"}]}, "`events` has no column `pgae`. Nearest: page"),
        ({"steps": [lambda t: 1]}, "must give a boolean Ibis expression .* it gave int"),
        ({"within_days": -1}, "`within_days` holds -1; expected a number of days"),
        ({"within_days": float("nan")}, "`within_days` holds nan"),
        ({"within_days": "7"}, "`within_days` holds '7'"),
        ({"within_days": [1, 2]}, "lists 2 windows for 2 steps; expected one .* or 1"),
        ({"within_days": [1], "order": "any"}, "windows from step to step"),
        ({"order": "random"}, "`order` is 'random'; expected one of ordered, strict, any"),
        ({"attribution": "last"}, "`attribution` is 'last'"),
        ({"event_fills": "two"}, "`event_fills` is 'two'"),
        ({"exclusions": ["a"]}, "`exclusions` item 1 names a, which is also a step"),
        ({"exclusions": [Exclusion("x", 2, 1)]}, "after step 2 and before step 1; expected two"),
        ({"exclusions": [Exclusion("x", 1, 3)]}, "positions of the funnel from 1 to 2"),
        ({"steps": ["a", "b", "c"], "exclusions": [Exclusion("x", 1, 2)], "order": "any"},
         "no step comes before another"),
        ({"by": "users"}, "`by` names `users`, which is a column of the result"),
        ({"by": "sorce"}, "`events` has no column `sorce`"),
        ({"as_of": "soon"}, "`as_of` is 'soon'"),
        ({"level": 95}, "`level` is 95"),
        ({"steps": ["a", {"a", "b"}], "order": "any"}, "'a' and 'a | b' fit the same events"),
        ({"events": 5}, "`events` is a int; expected an Ibis table"),
        ({"events": []}, "`events` is a list; expected an Ibis table"),
        ({"events": "no.parquet"}, "`no.parquet`, where there is no file"),
        ({"events": pd.DataFrame({"user_id": [7, "b"], "event": "a", "at": START})},
         r"column `user_id` mixes text \('b' in row 1\) with int \(7\)"),
        ({"events": pd.DataFrame({"user_id": ["b"], "event": "a", "at": "03/04/2025"})},
         "order of day and month nobody can know"),
        ({"events": pd.DataFrame({"user_id": ["a"], "event": ["b"]})}, "no column `at`"),
        ({"events": pd.DataFrame({"user_id": ["a"], "event": ["b"], "at": [5]})},
         "`at` is of type int64; expected timestamps"),
    ],
)  # fmt: skip
def test_a_wrong_call_gets_one_clear_message(arguments, message):
    users = log([[(0, "a"), (1, "b")]]).assign(page="x")
    arguments = FINE | {"events": users} | arguments
    with pytest.raises(SalesAnalysisError, match=message):
        event_funnel(arguments.pop("events"), **arguments)


# Figures of others


def test_values_of_clickhouse_window_funnel():
    """Results stated in ClickHouse's test 00632_aggregation_window_funnel."""
    chain = log([[(n, str(1000 + n)) for n in range(9)]])

    def level(window, *steps, **options):
        return sum(users_at(chain, steps=list(steps), within_hours=window,
                            event_fills="many_steps", **options))  # fmt: skip

    assert level(10_000, "1000", "1001", "1002", "1008") == 4
    assert [level(w, "1003", "1004", "1005", "1006", "1007") for w in (2, 3, 4)] == [3, 4, 5]
    assert level(10_000, "1008", "1001") == 1
    ranges = [lambda t: t.event <= "1007", lambda t: t.event >= "1002",
              lambda t: t.event <= "1006", lambda t: t.event >= "1004"]  # fmt: skip
    assert level(4, *ranges) == 4
    assert level(10_000, "1004", "1004", "1004") == 3
    # Mode strict_once is one event for one step.
    assert users_at(chain, steps=["1004", "1004", "1004"], within_hours=9) == [1, 0, 0]
    rows = [[(210, "f"), (230, "s"), (200, "s")], [(180, "f"), (220, "f"), (250, "s")],
            [(100, "f"), (250, "f")]]  # fmt: skip
    table = event_funnel(log(rows), steps=["f", "f", "s"], within_days=200 / 24, by="who")
    assert table.groupby("who")["users"].sum().tolist() == [1, 3, 2]


def test_first_start_undercounts_on_real_loans(shared):
    """BPI Challenge 2012: the milestones of 13,087 applications in their order."""
    columns = {"case": "user_id", "concept:name": "event", "time:timestamp": "at"}
    loans = pd.read_parquet(shared("loans/bpi2012_events.parquet")).rename(columns=columns)
    milestones = [
        "A_SUBMITTED",
        "A_PREACCEPTED",
        "A_ACCEPTED",
        "O_SENT",
        "O_SENT_BACK",
        "A_APPROVED",
    ]
    table = event_funnel(loans, steps=milestones, within_days=365)
    assert table["users"].tolist() == [13087, 7367, 5113, 5015, 3254, 2246]
