"""The forecast in short: what is likely to end short of its target."""

import numpy as np
import pandas as pd

from salesanalysis import forecast, text


def test_shortfalls_of_streams_and_sellers():
    row = {"target": 100.0, "p_target": 0.1, "q10": 40.0, "q90": 60.0}
    streams = pd.DataFrame([{"stream": "inbound", "gap_amount": -30.0} | row])
    sellers = pd.DataFrame(
        [
            {"owner_id": who, "gap_amount": gap} | row
            for who, gap in (("a", -50.0), ("b", np.nan), ("c", 5.0), ("near", -2.0))
        ]
    )
    stream, seller = forecast.things(streams, sellers, period="2025-Q4")
    assert (seller.subject, seller.money, stream.money) == ("a", 50.0, 30.0)
    assert text.word("forecast", stream.called, stream.subject) == "Customer orders"
    assert text.word("forecast", seller.called, seller.subject) == "a"
    said = text.sentence("forecast.thing.short", **seller.reason.values)
    assert said.startswith("2025-Q4 will most likely end 50 short")
