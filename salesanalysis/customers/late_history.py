"""What was known, at any moment, of how each account pays, and the chance learnt from it."""

import numpy as np
import pandas as pd

from salesanalysis.stats import Logistic, fit_logistic

#: With fewer invoices decided, or fewer that were late or in time, nothing is learnt.
LEAST_DECIDED, LEAST_OF_EACH = 50, 10
#: Of more decided ones the latest so many teach enough, and what is older least of today.
_LATEST = 50_000
#: So many invoices of all weigh as much as those of the account: its share late, the share of its
#: last three, its mean day, and how early it pays when in time.
_PRIOR, _PRIOR_LAST, _PRIOR_DAYS, _PRIOR_EARLY = 3.0, 2.0, 2.0, 10.0
_LAST = 3
#: What the chance is learnt from, all as known when the invoice was issued.
FEATURES = ("own_late", "last_late", "mean_late_days", "size", "decided")
DAY = pd.Timedelta(days=1)


class PaymentHistory:
    """The histories of all accounts, asked as they were known at any moment.

    Parameters
    ----------
    dated : DataFrame, one row per invoice with a due day
        ``account_id, invoice_id, amount, issued_at, settled_at``, ``due`` (the day), ``is_late``.
    today : Timestamp
        The day up to whose end they are known.
    """

    def __init__(self, dated: pd.DataFrame, today: pd.Timestamp):
        self.dated = dated
        # That it is late is known the day after it was due; that it is not, when it is paid.
        known_at = dated["settled_at"].where(~dated["is_late"], dated["due"] + DAY)
        told = dated.assign(known_at=known_at)[known_at.notna() & (known_at < today + DAY)]
        told = told.sort_values(["known_at", "invoice_id"])
        late = told["is_late"].astype(float)
        sums = late.groupby(told["account_id"]).cumsum()
        count = told.groupby("account_id").cumcount() + 1.0
        before = sums.groupby(told["account_id"]).shift(_LAST).fillna(0.0)
        self._outcomes = told[["account_id", "known_at"]].assign(
            decided=count, late=sums, last_late=sums - before, last=np.minimum(count, _LAST)
        )
        paid = dated[dated["settled_at"].notna()].sort_values(["settled_at", "invoice_id"])
        days = (paid["settled_at"].dt.normalize() - paid["due"]).dt.days.astype(float)
        self._days = paid[["account_id", "settled_at"]].assign(
            late_days=days.groupby(paid["account_id"]).cumsum(),
            paid=paid.groupby("account_id").cumcount() + 1.0,
        )
        self._at_issue = self._counts(dated, dated["issued_at"])

    def _counts(self, rows: pd.DataFrame, at: pd.Series) -> pd.DataFrame:
        """What was known of the account of each row before a moment."""
        asked = rows[["account_id", "amount"]].assign(at=at, row=np.arange(len(rows)))
        # Objects, since pandas joins no two empty columns of texts.
        asked = asked.astype({"account_id": object})
        asked = asked.sort_values("at", kind="stable")
        for table, when in ((self._outcomes, "known_at"), (self._days, "settled_at")):
            asked = pd.merge_asof(
                asked,
                table.astype({"account_id": object}),
                left_on="at",
                right_on=when,
                by="account_id",
                allow_exact_matches=False,
            )
        counted = asked.drop(columns=["at", "known_at", "settled_at", "account_id"])
        return counted.sort_values("row").fillna(0.0).set_index(rows.index)

    def _features(self, counts: pd.DataFrame, rate: float) -> np.ndarray:
        """What the chance is learnt from; what an account lacks is taken from all, in part."""
        own = (counts["late"] + _PRIOR * rate) / (counts["decided"] + _PRIOR)
        last = (counts["last_late"] + _PRIOR_LAST * rate) / (counts["last"] + _PRIOR_LAST)
        return np.column_stack(
            [
                np.log(own / (1 - own)),
                last,
                counts["late_days"] / (counts["paid"] + _PRIOR_DAYS),
                np.log(counts["amount"]),
                np.log1p(counts["decided"]),
            ]
        )

    def on(self, day: pd.Timestamp) -> tuple[Logistic, float, pd.DataFrame] | None:
        """The fit from the latest invoices that were due before a day; none where they are few."""
        decided = self.dated[self.dated["due"] < day]
        if len(decided) > _LATEST:
            decided = decided.sort_values("due", kind="stable").tail(_LATEST)
        late = decided["is_late"].to_numpy(bool)
        if len(late) < LEAST_DECIDED or min(late.sum(), (~late).sum()) < LEAST_OF_EACH:
            return None
        rate = float(late.mean())
        rows = self._features(self._at_issue.loc[decided.index], rate)
        in_time = decided[~late]
        early = (in_time["due"] - in_time["settled_at"].dt.normalize()).dt.days
        return fit_logistic(rows, late), rate, in_time[["account_id"]].assign(early=early)

    def chance(
        self,
        rows: pd.DataFrame,
        day: pd.Timestamp,
        fit: Logistic,
        rate: float,
        in_time: pd.DataFrame,
    ) -> np.ndarray:
        """The chance of invoices that are open and not overdue at the end of a day."""
        counts = self._counts(rows, pd.Series(day + DAY, rows.index))
        late = fit.chance(self._features(counts, rate))
        left = (rows["due"] - day).dt.days.to_numpy()
        # Of those who pay in time, the share who pay on the days that are left: of all, and of the
        # account's own.
        every = np.sort(in_time["early"].to_numpy())
        share = np.searchsorted(every, left, side="left") / len(every)
        own = {
            name: np.sort(part.to_numpy()) for name, part in in_time.groupby("account_id")["early"]
        }
        nobody = np.array([])
        pairs = [
            (own.get(name, nobody), days)
            for name, days in zip(rows["account_id"], left, strict=True)
        ]
        k = np.array(
            [np.searchsorted(early, days, side="left") for early, days in pairs], dtype=float
        )
        n = np.array([len(early) for early, _ in pairs], dtype=float)
        share = (k + _PRIOR_EARLY * share) / (n + _PRIOR_EARLY)
        return late / (late + (1 - late) * share)
