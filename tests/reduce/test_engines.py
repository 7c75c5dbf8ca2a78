"""The funnel reductions give the same frames on PostgreSQL as on DuckDB."""

import os

import ibis
import numpy as np
import pandas as pd
import pytest

from salesanalysis import reduce

pytestmark = pytest.mark.postgres

STAGES = ["lead", "offer", "talks"]
EXITS = {"won": ["signed"], "lost": ["gone"]}


@pytest.fixture(scope="module")
def tables():
    """The same deals and stage history, as DataFrames and as tables of a PostgreSQL database."""
    url = os.environ.get("SALESANALYSIS_TEST_POSTGRES")
    if not url:
        pytest.skip("needs a PostgreSQL server (SALESANALYSIS_TEST_POSTGRES)")
    rng = np.random.default_rng(11)
    size = 2_000
    start = pd.Timestamp("2025-01-01")
    ids = np.array([f"d{n:04d}" for n in range(500)])
    rows = pd.DataFrame(
        {
            "opportunity_id": rng.choice(ids, size),
            "stage": rng.choice([*STAGES, "signed", "gone", "other"], size),
            "entered_at": start + pd.to_timedelta(rng.integers(0, 9_000_000, size), unit="s"),
            "amount": np.where(rng.random(size) < 0.3, np.nan, rng.integers(1, 999, size)),
        }
    )
    created = start + pd.to_timedelta(rng.integers(0, 60, len(ids)), unit="D")
    outcome = rng.choice(["open", "won", "lost", "cancelled"], len(ids))
    closed = created + pd.to_timedelta(rng.integers(0, 60, len(ids)), unit="D")
    deals = pd.DataFrame(
        {
            "opportunity_id": ids,
            "outcome": outcome,
            "created_at": created,
            "closed_at": closed.where(outcome != "open", pd.NaT),
            "region": rng.choice(["N", "S", None], len(ids)),
        }
    )
    connection = ibis.connect(url.replace("postgres://", "postgresql://"))
    stored = {}
    for name, frame in {"opportunities": deals, "stage_history": rows}.items():
        stored[name] = connection.create_table(f"engines_{name}", frame, temp=True)
    yield {"opportunities": deals, "stage_history": rows}, stored
    connection.disconnect()


@pytest.mark.parametrize("given", [["opportunities", "stage_history"], ["stage_history"],
                                   ["opportunities"]])  # fmt: skip
@pytest.mark.parametrize("function", [reduce.funnel.stage_entries, reduce.funnel.deals])
def test_both_engines_agree(tables, given, function):
    settings = {"as_of": "2025-03-15", "exits": EXITS, "cohort": "month",
                "observed_from": "2025-01-20"}  # fmt: skip
    if "opportunities" in given:
        settings["by"] = ["region"]
    if function is reduce.funnel.stage_entries:
        settings["stages"] = STAGES
    frames = [function(**{name: side[name] for name in given}, **settings) for side in tables]
    pd.testing.assert_frame_equal(*frames, check_dtype=False)


def test_both_engines_list_the_same_unlisted_stages(tables):
    frames = [
        reduce.funnel.unlisted_stages(side["stage_history"], stages=STAGES, exits=EXITS)
        for side in tables
    ]
    pd.testing.assert_frame_equal(*frames)
    assert frames[0]["stage"].tolist() == ["other"]
