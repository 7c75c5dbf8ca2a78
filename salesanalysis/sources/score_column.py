"""What the scores of tests are out of; the same on every engine."""

from salesanalysis.sources.faults import Fault


def understand_scores(draft) -> None:
    """Faults of a list of tests: no score at all, or scores over 1 that nothing gives a maximum.

    A score of 60 may be 60 points of 80 or 60 per cent: nothing is guessed, the reports ask.
    """
    import ibis

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
