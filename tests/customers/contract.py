"""What the public functions of customers are called with, by the names of their parameters."""

import pandas as pd

from salesanalysis import customers, reduce


def arguments() -> dict:
    """Some bookings as known on a day, and what is made of them."""
    bookings = pd.DataFrame(
        {
            "booked_at": pd.to_datetime(["2025-01-05", "2025-03-01", "2025-03-09"]),
            "stream": ["dealer", "web", "web"],
            "amount": [10.0, 30.0, 5.0],
        }
    )
    known = reduce.customers.known({"bookings": bookings}, as_of="2025-03-31")
    return {"known": known, "months": customers.by_month(known)}
