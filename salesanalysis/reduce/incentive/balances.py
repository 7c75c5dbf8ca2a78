"""What runs on from period to period in the engine: banks of caps, draws and debts."""

import ibis

from salesanalysis.reduce.incentive import exact


def in_time(*, span: bool):
    """A window over a payee's periods up to each row, within the span of the measure if so."""
    keys = ["payee_id", "span"] if span else ["payee_id"]
    return ibis.cumulative_window(group_by=keys, order_by="period")


def balance(rows, change, name: str):
    """Adds what is left after each row and before it, as ``name`` and ``name_before``.

    It changes so but never falls below zero: the running total less its lowest point so far.
    """
    window = in_time(span=False)
    rows = rows.mutate(change=change)
    rows = rows.mutate(running=rows.change.sum().over(window))
    rows = rows.mutate(**{name: rows.running - ibis.least(rows.running.min().over(window), 0)})
    past = ibis.window(group_by="payee_id", order_by="period")
    return rows.mutate(**{f"{name}_before": rows[name].lag().over(past).fill_null(0)})


def with_bank(rows, limit):
    """What a cap takes off is paid in the next periods that leave room for it."""
    full = ibis.ifelse(rows.known, rows.m_commission + rows.m_bonus, 0)
    room = ibis.ifelse(rows.known, limit, 0)
    rows = balance(rows, full - room, "m_bank")
    # From here on what a row is due is what it is paid of its own and from the bank.
    due = full + rows.m_bank_before - rows.m_bank
    return rows.mutate(m_from_bank=due - rows.m_due, m_due=due)


def without_debts(rows):
    """The columns of draws and debts where there are none."""
    zero = ibis.literal(0, type="int64")
    return rows.mutate(m_advance=zero, m_repaid=zero, m_debt=zero)


def settled(rows, plan):
    """Draws and debts: what is advanced, repaid and owed."""
    draw = plan.draw
    zero = ibis.literal(0, type="int64")
    guaranteed = zero
    if draw is not None:
        guaranteed = ibis.literal(int(draw.amount / plan.minor_unit), type="int64")
        if draw.periods is not None:
            rows = rows.mutate(
                nth_row=ibis.row_number().over(ibis.window(group_by="payee_id", order_by="period"))
            )
            guaranteed = ibis.ifelse(rows.nth_row < draw.periods, guaranteed, 0)
    has_draw = draw is not None or "draw" in rows.columns
    if "draw" in rows.columns:
        guaranteed = ibis.coalesce(exact.to_minor(rows.draw, plan), guaranteed)
    # Nothing is paid of a row that cannot be told, so nothing is advanced and nothing repaid.
    rows = rows.mutate(m_draw=ibis.ifelse(rows.known, guaranteed, 0))
    if draw is not None and not draw.recoverable:
        advance = ibis.greatest(rows.m_draw - rows.m_earned, 0)
        return rows.mutate(m_advance=advance, m_repaid=zero, m_debt=zero)
    if plan.negative == "take_back" and not has_draw:
        return without_debts(rows)
    rows = balance(rows, rows.m_draw - rows.m_earned, "m_debt")
    return rows.mutate(
        m_advance=ibis.greatest(rows.m_debt - rows.m_debt_before, 0),
        m_repaid=ibis.greatest(rows.m_debt_before - rows.m_debt, 0),
    )
