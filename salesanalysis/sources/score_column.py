"""What the scores of tests are out of; the same on every engine."""

from salesanalysis.sources.faults import Fault


def understand_scores(draft, ask) -> None:
    """The order of repeated tests; no score at all, and scores over 1 without a maximum, as faults.

    A score of 60 may be 60 points of 80 or 60 per cent: nothing is guessed, the reports ask.
    """
    import ibis

    _number_attempts(draft, ask)
    there = set(draft.columns)
    counts = {"k", "n"} <= there
    if "score" not in there and not counts:
        lone = next((name for name in ("k", "n") if name in there), "–")
        draft.faults.append(Fault("missing_score", "score", values={"lone": lone}))
        return
    if "score" not in there:
        return
    table = draft.table.filter(draft.table["__fault"].isnull())
    counted = table.k.notnull() & (table.n > 0) if counts else ibis.literal(False)
    scaled = table.max_score.notnull() if "max_score" in there else ibis.literal(False)
    alone = table.filter(~(counted | scaled).fill_null(False) & table.score.notnull())
    found = alone.agg(
        over=(alone.score > 1).sum(), rest=(alone.score <= 1).sum(), most=alone.score.max()
    )
    row = found.to_pyarrow().to_pylist()[0]
    if row["over"]:
        values = {"most": row["most"], "rest": row["rest"] or 0}
        fault = Fault("score_without_maximum", "score", row["over"], f"{row['most']:g}", values)
        draft.faults.append(fault)


def _number_attempts(draft, ask) -> None:
    """Tests of one course on one day that nobody numbered: they come in the order of the file."""
    import ibis

    keys = ["learner_id", "skill", "trained_at", "tested_at"]
    if "attempt" in draft.columns or not set(keys) <= set(draft.columns):
        return
    table = draft.table.mutate(__day=draft.table.tested_at.truncate("D"))
    keys = [*keys[:3], "__day", *(["item"] if "item" in draft.columns else [])]
    window = ibis.window(group_by=keys, order_by=["tested_at", "__row"])
    table = table.mutate(attempt=(ibis.row_number().over(window) + 1).cast("int64"))
    sound = table.filter(table["__fault"].isnull())
    if sound.attempt.max().to_pyarrow().as_py() in (None, 1):
        return
    draft.table = table.drop("__day")
    draft.add("attempt", "derived", ask.table.names)
