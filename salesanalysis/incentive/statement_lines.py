"""A payee's statement line by line: what was counted, by which rule, and what that brings."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns
from salesanalysis.incentive.any_plan import AnyPlan, read_plan
from salesanalysis.incentive.changes import by_name
from salesanalysis.incentive.components import Component, ComponentPlan
from salesanalysis.incentive.money import added_up_to, from_minor
from salesanalysis.incentive.wording import (
    Words,
    across_rules,
    bonus_rules,
    cap_rules,
    clawback_rules,
    component_heading,
    counted_rules,
    draw_rules,
    floor_rule,
    gate_rules,
    multiplier_rules,
    override_rules,
    rounding_rule,
    span_rules,
    spif_rules,
    tier_rules,
    year_limits,
    year_rules,
)

#: The steps behind a commission, after the tiers, each with what it adds.
_TO_COMMISSION = {"multiplied": 1, "floor_cut": 1, "rate_cut": 1, "rounding": 1}
#: From there to what is earned, and to what is paid.
_TO_EARNED = {"bonus": 1, "payout_cut": 1, "from_bank": 1, "year_extra": 1, "year_cut": 1,
              "paid_before": -1, "spif": 1, "override": 1, "clawback": -1}  # fmt: skip
_TO_PAYOUT = {"advance": 1, "repaid": -1}
#: What is paid beside components; what the cap on all takes off stands with each of them.
_BESIDE = {name: at for name, at in (_TO_EARNED | _TO_PAYOUT).items() if name != "payout_cut"}
#: What a period in parts says, also where one of them cannot be told.
_SPLIT = ("in_parts", "part_unknown")
#: What is left for later periods.
_LEFT = ("debt", "bank", "sales_banked")
#: What ends with the year; it is no part of the payout either.
_ENDED = ("debt_forgiven", "bank_lost")

_KEY = ["payee_id", "period"]


@dataclass(frozen=True)
class _Line:
    """One line; without an amount it only explains. ``is_sum``: it adds up those before it."""

    step: str
    plan_rule: str = ""
    counted: float | None = None
    minor: int | None = None
    is_sum: bool = False


def statement_lines(
    statements: pd.DataFrame,
    *,
    plan: AnyPlan,
    lang: str = "en",
    parts: pd.DataFrame | None = None,
    changed: pd.DataFrame | None = None,
    plans: Sequence[AnyPlan] = (),
) -> pd.DataFrame:
    """Each statement as its payee reads it: a line for each step, with its rule in words.

    Amounts are whole minor units and add up to the payout. Parts of a commission that are no whole
    units (a tier's 315.4675) are rounded down, and the units left go to the largest remainders.

    Parameters
    ----------
    statements : DataFrame
        As from :func:`payout`, or some rows of it.
    plan : Plan, or what :func:`read_plan` takes
        The plan that they were made by.
    lang : str
        One of :data:`salesanalysis.text.LANGUAGES`.
    parts : DataFrame, optional
        As from :func:`payout_parts`; needed where the plan has components.
    changed : DataFrame, optional
        The parts of periods inside which something changed, as :class:`ChangedPayout` has them;
        needed where there are any.
    plans : sequence of Plan, or of what :func:`read_plan` takes
        Those that the changes name.

    Returns
    -------
    DataFrame
        One row per payee × period × line, in the order of the rows given: ``payee_id, period``,
        ``statement_step`` and ``plan_rule`` (words), ``counted`` (the sales that the rule holds
        for), ``step_amount`` (money; missing where a line only explains), ``is_sum`` (it adds up
        what stands before it), ``amount_minor`` (Int64, exact).

    Raises
    ------
    SalesAnalysisError
        The plan has components and ``parts`` is not given; or the steps of a statement do not add
        up to its payout, so that it is of another plan.

    Examples
    --------
    >>> from salesanalysis.incentive import payout
    >>> plan = {"thresholds": "quota", "tiers": [[0, 1, "3%"], [1, None, "5%"]]}
    >>> rows = pd.DataFrame({"payee_id": ["a"], "period": "2025-Q1", "quota": 100., "sales": 120.5})
    >>> lines = statement_lines(payout(rows, plan=plan), plan=plan)
    >>> print(lines[["statement_step", "counted", "step_amount"]].to_string(index=False))
      statement_step  counted  step_amount
    Sales that count      NaN          NaN
              Tier 1    100.0         3.00
              Tier 2     20.5         1.03
          Commission      NaN         4.03
              Payout      NaN         4.03
    """
    rules = read_plan(plan)
    require_columns(statements.columns, [*_KEY, "payout", "payout_minor", "status"], "`statements`")
    if isinstance(rules, ComponentPlan):
        if parts is None:
            raise SalesAnalysisError(
                "`parts` is needed: the plan has components. Give what `payout_parts` makes."
            )
        require_columns(
            parts.columns,
            [*_KEY, "part", "component", "earned", "payout_minor", "status"],
            "`parts`",
        )
        writer = _Together(rules, lang, parts)
    else:
        writer = _Alone(Words(rules, lang))
        if statements["status"].isin(_SPLIT).any():
            if changed is None:
                raise SalesAnalysisError(
                    "`changed` is needed: some periods are in parts; `changed_payout` has them."
                )
            needed = [*_KEY, "part_number", "plan_name", "earned", "payout_minor", "prorated"]
            require_columns(changed.columns, needed, "`changed`")
            writer = _InParts(writer, plans, changed)
    unit = writer.words.plan.minor_unit
    found = [
        {name: row[name] for name in _KEY} | line.__dict__
        for row in statements.to_dict("records")
        for line in writer.lines(row)
    ]
    columns = [*_KEY, *_Line.__dataclass_fields__]
    table = pd.DataFrame(found, columns=columns).astype({"is_sum": bool, "counted": float})
    minor = pd.array(table.pop("minor").astype(object), dtype="Int64")
    table.insert(5, "step_amount", from_minor(minor.to_numpy(float, na_value=np.nan), unit))
    table["amount_minor"] = minor
    return table.rename(columns={"step": "statement_step"})


class _Alone:
    """The lines of a plan without components, or of what one component earns."""

    def __init__(self, words: Words):
        self.words = words
        self._tiers = tier_rules(words)
        plan = words.plan
        self._rules = {
            "floor_cut": [floor_rule(words)] if plan.floor else [],
            "rate_cut": cap_rules(words),
            "payout_cut": cap_rules(words),
            "from_bank": cap_rules(words),
            "rounding": [rounding_rule(words)],
            "bonus": bonus_rules(words),
            "year_extra": year_rules(words),
            "year_cut": year_limits(words),
            "paid_before": span_rules(words),
            "spif": spif_rules(words),
            "override": override_rules(words),
            "clawback": clawback_rules(words) or [words.on_statement("taken_back")],
            "advance": draw_rules(words),
            "repaid": draw_rules(words) or [words.say(plan.negative)],
        }

    def lines(self, row: dict) -> Iterator[_Line]:
        """All lines of a statement."""
        if _is_missing(row["payout_minor"]):
            yield self.not_paid(row)
            return
        if row["status"] == "override":
            yield from self.only_override(row)
            return
        yield from self.to_earned(row)
        earned = self.minor(row, "earned")
        steps = [*self.steps(row, _TO_PAYOUT)]
        if steps:
            yield self.sum("earned", earned)
            yield from steps
        yield self.sum("payout", self.added(row, earned, steps, int(row["payout_minor"])))
        yield from self.left(row)

    def to_earned(self, row: dict) -> Iterator[_Line]:
        """What was measured, and each step up to what is earned."""
        yield _Line(self.words.heading("measured"), self._measured(row))
        yield from self._commission(row)
        commission = self.minor(row, "commission")
        yield self.sum("commission", commission)
        steps = [*self.steps(row, _TO_EARNED)]
        self.added(row, commission, steps, self.minor(row, "earned"))
        yield from steps

    def only_override(self, row: dict) -> Iterator[_Line]:
        """The lines of a manager who has nothing but what the team brings."""
        steps = [*self.steps(row, {"override": 1})]
        yield from steps
        yield self.sum("payout", self.added(row, 0, steps, int(row["payout_minor"])))

    def not_paid(self, row: dict) -> _Line:
        """Why there is no payout."""
        return _Line(self.words.heading("payout"), self.words.status(row["status"]))

    def left(self, row: dict) -> Iterator[_Line]:
        """What is left for later periods; it is no part of the payout."""
        for name in (*_LEFT, *_ENDED):
            if not _is_missing(row.get(name)) and row[name]:
                amount = self.words.to_the_unit(row[name])
                key = "left" if name in _LEFT else "ended"
                yield _Line(self.words.heading(name), self.words.on_statement(key, left=amount))

    def steps(self, row: dict, signs: dict[str, int]) -> Iterator[_Line]:
        """The steps of a row that are not 0, each with its sign and its rule."""
        for name, sign in signs.items():
            if minor := sign * self.minor(row, name):
                said = self._year(row) if name == "year_extra" else []
                rule = self.words.in_a_row([*said, *self._rules.get(name, [])])
                yield _Line(self.words.heading(name), rule, minor=minor)

    def sum(self, step: str, minor: int) -> _Line:
        """A line that adds up those before it."""
        return _Line(self.words.heading(step), minor=minor, is_sum=True)

    def minor(self, row: dict, name: str) -> int:
        """Money of a row as whole minor units; what is not there is 0."""
        return round(self._exactly(row, name))

    @staticmethod
    def added(row: dict, start: int, steps: list[_Line], total: int) -> int:
        """The total, which the steps must add up to."""
        if start + sum(step.minor or 0 for step in steps) != total:
            raise SalesAnalysisError(
                f"The statement of {row['payee_id']} in {row['period']} does not add up. Give the"
                " plan that it was made by, and the table as `payout` makes it."
            )
        return total

    def _commission(self, row: dict) -> Iterator[_Line]:
        """The tiers, and what changes their sum, as whole units that add up to the commission."""
        tiers = [f"tier_{at}_pay" for at in range(1, len(self._tiers) + 1)]
        counted = [f"tier_{at}_sales" for at in range(1, len(tiers) + 1)]
        factors = [f"multiplier_{at}" for at in range(1, len(self.words.plan.multipliers) + 1)]
        require_columns(
            row.keys(), [*tiers, *counted, *factors, "commission", "earned"], "`statements`"
        )
        exact = {name: self._exactly(row, name) for name in [*tiers, *_TO_COMMISSION]}
        if abs(exact["rounding"]) < 1:  # the last whole unit: the parts take it up
            del exact["rounding"]
        whole = added_up_to(exact, self.minor(row, "commission"))
        for at, (name, rule) in enumerate(zip(tiers, self._tiers, strict=True), start=1):
            step = self.words.on_statement("tier", number=at)
            yield _Line(step, rule, row[counted[at - 1]], whole[name])
        for at, multiplier in enumerate(self.words.plan.multipliers, start=1):
            rule = self.words.in_a_row(multiplier_rules(self.words, multiplier))
            factor = self.words.number(row[factors[at - 1]], 15)
            said = self.words.on_statement("factor", rule=rule, factor=factor)
            yield _Line(self.words.on_statement("multiplier", number=at), said)
        for name in _TO_COMMISSION:
            if whole.get(name):
                rule = self.words.in_a_row(self._rules.get(name, []))
                yield _Line(self.words.heading(name), rule, minor=whole[name])

    def _exactly(self, row: dict, name: str) -> Fraction:
        value = row.get(name, 0)
        return Fraction(0) if _is_missing(value) else Fraction(value) / self.words.plan.minor_unit

    def _year(self, row: dict) -> list[str]:
        """Sales of the year that ends, and what it comes to."""
        said = []
        for name in ("year_sales", "year_due"):
            if not _is_missing(row.get(name)):
                amount = self.words.to_the_unit(row[name])
                said.append(self.words.on_statement(name, amount=amount))
        return said

    def _measured(self, row: dict) -> str:
        """Sales, what of them counts, quota and attainment, as far as they are there."""
        said, words = [], self.words
        for name in ("sales", "measured", "quota", "target_incentive"):
            value = row.get(name)
            if _is_missing(value) or (name == "measured" and value == row.get("sales")):
                continue
            said.append(words.on_statement(name, amount=words.to_the_unit(value)))
        if not _is_missing(row.get("attainment")):
            # Rounded down: what is just below a threshold must not look as if on it.
            share = words.share(Fraction(floor(round(row["attainment"] * 10**6, 3)), 10**6))
            said.append(words.on_statement("attainment", share=share))
        return words.in_a_row([*said, *span_rules(words)])


class _InParts:
    """The lines of a plan without components where something changed inside a period."""

    def __init__(self, alone: _Alone, plans: Sequence[AnyPlan], changed: pd.DataFrame):
        self.words, self._alone = alone.words, alone
        named = {name: Words(plan, alone.words.lang) for name, plan in by_name(plans).items()}
        self._writers = {"": alone} | {name: _Alone(words) for name, words in named.items()}
        self._parts: dict[tuple, list[dict]] = {}
        for part in changed.sort_values("part_number").to_dict("records"):
            self._parts.setdefault((part["payee_id"], part["period"]), []).append(part)

    def lines(self, row: dict) -> Iterator[_Line]:
        """All lines of a statement."""
        if row["status"] not in _SPLIT:
            yield from self._alone.lines(row)
            return
        paid = 0
        for part in self._parts[row["payee_id"], row["period"]]:
            yield from self._part(part, self._writers[part["plan_name"]])
            paid += 0 if _is_missing(part["payout_minor"]) else int(part["payout_minor"])
        if _is_missing(row["payout_minor"]):
            yield self._alone.not_paid(row)
            return
        steps = [*self._alone.steps(row, _BESIDE)]
        yield from steps
        total = self._alone.added(row, paid, steps, int(row["payout_minor"]))
        yield self._alone.sum("payout", total)
        yield from self._alone.left(row)

    def _part(self, part: dict, writer: _Alone) -> Iterator[_Line]:
        words, days = self.words, {"days": part["part_days"], "of": part["period_days"]}
        title = words.on_statement("part", number=part["part_number"])
        start, end = (f"{part[name]:%Y-%m-%d}" for name in ("starts_at", "ends_at"))
        said = words.on_statement("part_days", start=start, end=end, **days)
        named = words.say("name", name=part["plan_name"]) if part["plan_name"] else ""
        yield _Line(title, words.in_a_row([said, *filter(None, [named])]))
        if _is_missing(part["payout_minor"]):
            yield writer.not_paid(part)
            return
        yield from writer.to_earned(part)
        earned = writer.minor(part, "earned")
        if earned != writer.minor(part, "commission"):
            yield writer.sum("earned", earned)
        rule = words.on_statement("part_share", **days)
        step = _Line(words.heading("prorated"), rule, minor=writer.minor(part, "prorated"))
        yield step
        total = writer.added(part, earned, [step], int(part["payout_minor"]))
        yield _Line(
            words.on_statement("part_pays", number=part["part_number"]), minor=total, is_sum=True
        )


class _Together:
    """The lines of a plan with components: each in its turn, then what is paid beside them."""

    def __init__(self, plan: ComponentPlan, lang: str, parts: pd.DataFrame):
        self.words = Words(plan.roof, lang)
        self._roof = _Alone(self.words)
        self._components = {each.name: _Part(plan, each, lang) for each in plan.components}
        own = parts[parts["part"] == "component"]
        self._parts: dict[tuple, dict[str, dict]] = {}
        for part in own.to_dict("records"):
            place = self._parts.setdefault((part["payee_id"], part["period"]), {})
            place[part["component"]] = part

    def lines(self, row: dict) -> Iterator[_Line]:
        """All lines of a statement."""
        if row["status"] == "override":
            yield from self._roof.only_override(row)
            return
        parts = self._parts.get((row["payee_id"], row["period"]), {})
        for name in [name for name in self._components if name in parts]:
            yield from self._components[name].lines(parts[name])
        if _is_missing(row["payout_minor"]):
            yield self._roof.not_paid(row)
            return
        paid = sum(int(part["payout_minor"]) for part in parts.values())
        steps = [*self._roof.steps(row, _BESIDE)]
        yield from steps
        total = self._roof.added(row, paid, steps, int(row["payout_minor"]))
        yield self._roof.sum("payout", total)
        yield from self._roof.left(row)


class _Part:
    """The lines of one component: of a joint table by the tiers of the column that holds."""

    def __init__(self, plan: ComponentPlan, component: Component, lang: str):
        words, across = Words(component.plan, lang), component.across
        self._name, self._words = component.name, words
        self._about = [component_heading(words, component), *counted_rules(words, component)]
        self._columns = across_rules(words, plan, component) if across else [""]
        plans = across.plans if across else (component.plan,)
        self._writers = [_Alone(Words(each, lang)) for each in plans]
        self._rules = {
            "gate_cut": words.in_a_row(gate_rules(words, plan, component)),
            "total_cut": words.in_a_row(cap_rules(Words(plan.roof, lang))),
        }

    def lines(self, part: dict) -> Iterator[_Line]:
        """What the component earns, and what of that is paid."""
        at = int(part["table_column"]) - 1 if len(self._writers) > 1 else 0
        writer, words = self._writers[at], self._words
        about = words.in_a_row([*self._about, *filter(None, [self._columns[at]])])
        yield _Line(words.heading("component"), about)
        if _is_missing(part["earned"]):
            yield writer.not_paid(part)
            return
        yield from writer.to_earned(part)
        if _is_missing(part["payout_minor"]):
            yield writer.not_paid(part)
            return
        steps = [
            _Line(words.heading(name), rule, minor=minor)
            for name, rule in self._rules.items()
            if (minor := writer.minor(part, name))
        ]
        earned = writer.minor(part, "earned")
        if steps:
            yield writer.sum("earned", earned)
            yield from steps
        said = words.on_statement("component_pays", component=self._name)
        total = writer.added(part, earned, steps, int(part["payout_minor"]))
        yield _Line(said, minor=total, is_sum=True)


def _is_missing(value: object) -> bool:
    return value is None or value is pd.NA or value != value  # noqa: PLR0124 NaN
