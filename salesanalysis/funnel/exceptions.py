"""Diagnosis by exception: the few sellers and stages that depart from the norm.

A manager cannot coach everything; what is worth a talk is what stands out from chance *and* from
the natural spread between sellers. (Sales-system source, §7.)
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from salesanalysis.columns import WON
from salesanalysis.errors import SalesAnalysisError, require_number
from salesanalysis.funnel.against_team import (
    ACTIVITY,
    AGEING,
    ALL_STAGES,
    AT_STAKE,
    CONVERSION,
    VOLUME,
    activity_against_team,
    ageing_against_team,
    conversion_against_team,
    outcome_values,
    volume_against_team,
)
from salesanalysis.funnel.contrasts import shrunken
from salesanalysis.funnel.groups import require_columns, split_columns
from salesanalysis.funnel.norm import (
    LEAST_STAGES,
    level_stands_out,
    stand_out,
    t_to_be_found,
    two_sided,
)
from salesanalysis.funnel.places import judged_places
from salesanalysis.known import KnownFunnel, frame_of
from salesanalysis.stats import benjamini_hochberg, z_value

#: What an exception is measured against; see :func:`exceptions`.
NORMS = ("spread", "equal")

#: The verdict on a row: departs from the norm, is within it, or cannot be told.
EXCEPTION, NORMAL, TOO_FEW = "exception", "normal", "too_few"
WORSE, BETTER = "worse", "better"

#: The sentence for each kind of exception at a stage; the texts are ``funnel.exception.<reason>``.
STAGE_REASONS = {
    (CONVERSION, WORSE): "conversion_worse",
    (CONVERSION, BETTER): "conversion_better",
    (AGEING, WORSE): "ageing_worse",
    (AGEING, BETTER): "ageing_better",
}
#: Where conversion and ageing depart only together.
BOTH_REASONS = {WORSE: "both_worse", BETTER: "both_better"}
#: The same for what a seller does over all stages.
LEVEL_REASONS = {
    (VOLUME, WORSE): "volume_worse",
    (VOLUME, BETTER): "volume_better",
    (ACTIVITY, WORSE): "activity_worse",
    (ACTIVITY, BETTER): "activity_better",
    (CONVERSION, WORSE): "conversion_level_worse",
    (CONVERSION, BETTER): "conversion_level_better",
    (AGEING, WORSE): "ageing_level_worse",
    (AGEING, BETTER): "ageing_level_better",
}

_COLUMNS = ("measure", "stage", "verdict", "direction", "rank", "n", "own_value", "team_value")
_COLUMNS += ("ratio", "ratio_low", "ratio_high", "ratio_shrunken", "z", "p_value", "q_value")
_COLUMNS += ("ratio_noticed", *AT_STAKE, "gain", "horizon_days", "reason")


def exceptions(
    known: KnownFunnel,
    chances: pd.DataFrame | None = None,
    *,
    by: str = "owner_id",
    adjust: Sequence[str] | str = (),
    stages: Sequence[str] | None = None,
    norm: str = "spread",
    false_discovery: float = 0.1,
    least_expected: float = 5.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """Every seller × measure × stage against the rest of the team, and which of them stand out.

    Four measures, each a ratio in which **below 1 is worse**:

    ``conversion``
        Odds of getting through a stage rather than being lost or cancelled, among the deals that
        leave it, compared at the same age. Open deals are neither failures nor left out of
        ``own_value``.
    ``ageing``
        Pace of leaving a stage, whichever way (log-rank); a deal still there counts for as long as
        it has been there.
    ``volume``
        New deals a week since the seller's first one, against the median of the others. Always
        against the natural spread (territories differ), so untestable with fewer than five sellers.
    ``activity``
        Contacts per week that a deal is open; only where contacts are known.

    The rows of stage ``all`` of the first two are about a seller's level over all stages, its most
    extreme stage left out, so that one weak stage is not told twice.

    A row is an *exception* where its q value (Benjamini–Hochberg) is at most ``false_discovery``.
    At single stages conversion and ageing of a seller are one test for each direction: the largest
    of the two and of their sum, held against what the largest of three would be by chance; p and q
    are those of the row that departs more, and the other is judged alone where the two are found.
    The q values of the other rows are of all rows and both directions. With ``norm="spread"`` its
    p value says how unusual it is for a seller of this team: the distance to what the seller's
    other stages lead to expect, set against sampling error *and* the natural spread between
    sellers, which a robust scale estimates; it must differ from the team as well (the larger p
    value of the two counts).
    With ``norm="equal"``, or fewer than five sellers, it says only whether the seller differs from
    the team at all: with enough deals everybody does.

    Parameters
    ----------
    known : KnownFunnel
        With ``entries`` and ``deals``, both with the columns of ``by`` and ``adjust``, and not
        counted; and with ``contacts`` where they are known: deals that are not in them had none.
    chances : DataFrame, one row per open deal, optional
        ``opportunity_id, at_stake, at_stake_period``, as from
        :func:`salesanalysis.forecast.deal_chances` of the same day.
    by : str
        Whose exceptions: ``owner_id``, or ``team``. Rows without one count in the team only.
    adjust : str or list of str
        Columns such as ``source`` whose groups are compared each within itself (case mix): a
        seller with all the hard leads is not to blame.
    stages : list of str, optional
        Only these stages.
    norm : str
        ``spread`` or ``equal``, see above.
    false_discovery : float
        Share of false ones to be accepted among the exceptions.
    least_expected : float
        A row is tested where so many events are to be expected of the seller and of the rest; for
        ``conversion`` so many that get through and so many that do not.
    level : float
        Confidence level of the interval of ``ratio``.

    Returns
    -------
    DataFrame
        One row per ``by`` × ``measure`` × ``stage``, ``all`` where it is about no single stage.
        First the exceptions that are worse, then those that are better, each with the surest first
        (``rank`` counts them from 1), then the other rows by p value, then the untestable ones.

        - ``verdict``: ``exception``, ``normal``, or ``too_few`` (not tested), ``direction``:
          ``worse`` or ``better`` than the team;
        - ``n``: deals; ``own_value, team_value``: share getting through by ``horizon_days``, days
          until half have left (infinite: fewer than half so far), new deals a week, contacts a
          week. The team's is that of the others, in the seller's mix of ``adjust``. Their
          difference is uncertain as that of ``ratio`` is;
        - ``ratio, ratio_low, ratio_high``, and ``ratio_shrunken``, drawn towards 1 where it is
          uncertain;
        - ``z, p_value, q_value``: how far from the norm, z below 0 on the worse side;
        - ``ratio_noticed``: the ratio below 1 at which the seller would, at this stage, be an
          exception every other time; a departure nearer to 1 is likely to go unseen. Missing on
          the rows of ``all`` stages of the first two measures;
        - ``at_stake, at_stake_period``: for ``ageing`` and ``activity``, what hangs on the seller's
          deals now open in the stage, or at all; missing without ``chances``. ``gain``, a rough
          size: for ``conversion`` the deals lost (or saved) by the shrunken difference × their
          chance of being won later × the seller's mean amount; for ``volume`` the deals missing ×
          win rate × mean won amount. On the rows of ``all`` stages the sum over the tested stages;
        - ``reason``: the text that says it, ``funnel.exception.<reason>``; ``both_worse`` where
          neither conversion nor ageing departs so far alone; missing on other rows.

    Raises
    ------
    SalesAnalysisError
        A column or stage is not there, or an argument is out of its limits.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995), Journal of the Royal Statistical Society B 57, 289–300.
    Natural spread: Spiegelhalter, D. J. (2005), Statistics in Medicine 24, 1185–1202.
    Log-rank: Peto, R., Peto, J. (1972), Journal of the Royal Statistical Society A 135, 185–207.

    Examples
    --------
    >>> result = (["advanced"] * 80 + ["lost"] * 20) * 2 + ["advanced"] * 30 + ["lost"] * 70
    >>> entries = pd.DataFrame({
    ...     "opportunity_id": range(300), "owner_id": ["ann"] * 100 + ["bob"] * 100 + ["cy"] * 100,
    ...     "stage": "offer", "position": 0, "result": result, "result_days": 5.0,
    ...     "stage_days": 5.0, "left": True, "outcome": "open", "amount": 100.0})
    >>> deals = entries.assign(created_at=pd.Timestamp("2025-01-01"), age_days=5.0)
    >>> table = exceptions(KnownFunnel(as_of="2025-01-05", deals=deals, entries=entries))
    >>> table.loc[table["verdict"] == "exception", ["owner_id", "reason", "own_value"]].round(1)
      owner_id            reason  own_value
    0       cy   conversion_worse        0.3
    1      ann  conversion_better        0.8
    2      bob  conversion_better        0.8
    """
    needed = ["opportunity_id", "outcome", "created_at", "age_days", "amount"]
    deals = frame_of(known, "deals", needed)
    by, adjust = _one(split_columns(deals, by)), split_columns(deals, adjust)
    entries = _checked(known, by, adjust, stages)
    if chances is not None:
        deals, entries = _with_chances(deals, chances), _with_chances(entries, chances)
    _check_numbers(norm, false_discovery, least_expected)
    spread = norm == "spread"
    tables = [
        _with_levels(
            conversion_against_team(entries, by, adjust, least_expected), deals, by, adjust, spread
        ),
        _with_levels(
            ageing_against_team(entries, by, adjust, least_expected), deals, by, adjust, spread
        ),
        _judged(volume_against_team(deals, by, least_expected), by, spread=True),
    ]
    if known.contacts is not None:
        contacts = frame_of(known, "contacts", ["opportunity_id", "contacts"])
        table = activity_against_team(deals, contacts, by, adjust, least_expected)
        tables.append(_judged(table, by, spread))
    tables = [table for table in tables if len(table)]
    if not tables:  # no deal has an owner: there is nobody to compare
        return pd.DataFrame(columns=[by, *_COLUMNS])
    return _ranked(pd.concat(tables, ignore_index=True), by, false_discovery, level)


def _with_chances(table: pd.DataFrame, chances: pd.DataFrame) -> pd.DataFrame:
    """The deals, or their stages, with what hangs on each of them that is open."""
    require_columns(chances, ["opportunity_id", *AT_STAKE])
    require_columns(table, ["opportunity_id"], counted=True)
    of_deal = chances.set_index("opportunity_id")
    ids = table["opportunity_id"].astype(object)
    return table.assign(
        **{name: ids.map(of_deal[name].to_dict()).astype(float) for name in AT_STAKE}
    )


def _one(by: list[str]) -> str:
    if len(by) != 1:
        raise SalesAnalysisError(f"`by` is {by}; expected one column, such as 'owner_id'.")
    return by[0]


def _checked(known, by, adjust, stages) -> pd.DataFrame:
    """The entries of the wanted stages, after a look at what must be there."""
    needed = ["stage", "position", "result", "result_days", "stage_days", "left"]
    entries = frame_of(known, "entries", [*needed, "outcome", "amount", by, *adjust])
    there = [stage for stage in entries["stage"].unique() if stage != WON]
    if ALL_STAGES in there:
        raise SalesAnalysisError(
            f"A stage is called {ALL_STAGES!r}, which here means all stages together. Rename it."
        )
    if stages is None:
        return entries
    unknown = [stage for stage in stages if stage not in there]
    if unknown:
        raise SalesAnalysisError(
            f"`stages` has {', '.join(map(repr, unknown))}; the entries have {', '.join(there)}."
        )
    return entries[entries["stage"].isin(list(stages))]


def _check_numbers(norm, false_discovery, least_expected) -> None:
    if norm not in NORMS:
        raise SalesAnalysisError(f"`norm` is {norm!r}; expected {' or '.join(NORMS)}.")
    require_number("false_discovery", false_discovery, over=0, under=1)
    require_number("least_expected", least_expected, low=1)


def _with_levels(table, deals, by, adjust, spread) -> pd.DataFrame:
    """The rows of one measure judged stage by stage, and one row per seller for all stages."""
    if table.empty:
        return table
    judged = _judged(table, by, spread)
    if table["position"].nunique() < LEAST_STAGES:
        return judged
    sellers, _, log_ratio, error = _by_seller_and_stage(table, by)
    level, level_error, z = level_stands_out(log_ratio, error, spread=spread)
    levels = pd.DataFrame(
        {
            by: sellers,
            "measure": table["measure"].iloc[0],
            "stage": ALL_STAGES,
            "position": -1,
            "log_ratio": level,
            "error": level_error,
            "test_error": level_error,
            "z": _sure(z, level / level_error),
        }
    )
    tested = table[table["log_ratio"].notna()]
    sizes = [name for name in (*AT_STAKE, "gain") if name in tested]
    at_stake = tested.groupby(by)[sizes].sum(min_count=1).reset_index()
    values = outcome_values(deals, by, adjust)
    levels = levels.merge(values, on=[by, "measure"], how="left").merge(at_stake, on=by, how="left")
    return pd.concat([judged, levels], ignore_index=True)


def _judged(table: pd.DataFrame, by: str, spread: bool) -> pd.DataFrame:
    """The rows of one measure with their z values."""
    if table.empty:
        return table
    _, place, log_ratio, error = _by_seller_and_stage(table, by)
    from_norm, unit, freedom = stand_out(log_ratio, error, spread=spread)
    z = _sure(from_norm[place], (log_ratio / error)[place])
    return table.assign(z=z, unit=np.maximum(unit, error)[place], freedom=freedom[place])


def _by_seller_and_stage(table: pd.DataFrame, by: str):
    """The sellers, the place of each row, and log ratio and test error as seller × stage."""
    seller, sellers = pd.factorize(table[by], sort=True)
    stage, stages = pd.factorize(table["position"], sort=True)
    log_ratio = np.full((len(sellers), len(stages)), np.nan)
    error = log_ratio.copy()
    log_ratio[seller, stage] = table["log_ratio"]
    error[seller, stage] = table["test_error"]
    return np.asarray(sellers), (seller, stage), log_ratio, error


def _sure(from_norm: np.ndarray, from_team: np.ndarray) -> np.ndarray:
    """The smaller of two z values: a seller must depart from the norm *and* from the team.

    0 where the two point in different directions: a good seller who is merely average at one stage
    is not worse than the team there.
    """
    smaller = np.minimum(np.abs(from_norm), np.abs(from_team))
    return np.where(from_norm * from_team < 0, 0.0, np.sign(from_team) * smaller)


def _ranked(table: pd.DataFrame, by: str, false_discovery: float, level: float) -> pd.DataFrame:
    """The rows with verdict, interval and rank, in the order of the result."""
    log_ratio, error = table["log_ratio"].to_numpy(float), table["error"].to_numpy(float)
    tested = np.isfinite(table["z"].to_numpy(float))
    spread = z_value(level) * error
    p_value = np.where(tested, two_sided(table["z"].to_numpy(float)), np.nan)
    q_value = benjamini_hochberg(p_value)
    t_needed = t_to_be_found(q_value, table["freedom"], false_discovery)
    table = table.assign(p_value=p_value, q_value=q_value, t_needed=t_needed, together=False)
    places = judged_places(table, by, false_discovery)
    table.loc[places.index, places.columns] = places
    q_value = table["q_value"].to_numpy(float)
    found = tested & (q_value <= false_discovery)
    verdict = np.select([found, tested], [EXCEPTION, NORMAL], TOO_FEW)
    direction = np.where(log_ratio < 0, WORSE, BETTER)
    table = table.assign(
        verdict=verdict,
        direction=pd.Series(direction, dtype=object).where(tested),
        ratio=np.exp(log_ratio),
        ratio_low=np.exp(log_ratio - spread),
        ratio_high=np.exp(log_ratio + spread),
        ratio_shrunken=np.exp(shrunken(log_ratio, table["test_error"].to_numpy(float))),
        ratio_noticed=np.exp(-table["t_needed"] * table["unit"]),
        reason=[
            _reason(*row) if row[0] == EXCEPTION else None
            for row in zip(
                verdict, table["measure"], table["stage"], direction, table["together"], strict=True
            )
        ],
    )
    order = np.select([found & (direction == WORSE), found, tested], [0, 1, 2], 3)
    table = table.assign(order=order).sort_values(
        ["order", "p_value", by, "measure", "position"], ignore_index=True
    )
    rank = table.groupby("order").cumcount() + 1
    table["rank"] = rank.where(table["order"] < 2).astype("Int64")
    table["n"] = table["n"].astype("Int64")
    return table.reindex(columns=[by, *_COLUMNS])


def _reason(verdict: str, measure: str, stage: str, direction: str, together: bool) -> str:
    """The name of the sentence that says an exception."""
    if together and verdict == EXCEPTION:
        return BOTH_REASONS[direction]
    reasons = LEVEL_REASONS if stage == ALL_STAGES else STAGE_REASONS
    return reasons[measure, direction]
