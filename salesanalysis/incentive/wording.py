"""A plan in plain words.

The one place of a family that speaks: what a plan says is its data, and ``Plan.describe`` puts
exactly that into the sentences of :mod:`salesanalysis.text`, which is imported only when asked.
"""

import functools
import re
from collections.abc import Sequence
from fractions import Fraction

from salesanalysis.incentive.money import decimals_of

_BETWEEN_CHINESE = re.compile(r"(?<=[\u4e00-\u9fff]) (?=[\u4e00-\u9fff])")


class Words:
    """Sentences and numbers of a plan in one language."""

    def __init__(self, plan, lang: str):
        from salesanalysis import text

        self.plan, self.lang, self._text = plan, text.require_language(lang), text

    def say(self, key: str, **values) -> str:
        said = self._text.sentence(f"incentive.plan.{key}", self.lang, **values)
        # A value may be Chinese words or a number: only the number has spaces around it.
        return _BETWEEN_CHINESE.sub("", said)

    def on_statement(self, key: str, **values) -> str:
        """What a statement says beside the rules of the plan."""
        said = self._text.sentence(f"incentive.statement.{key}", self.lang, **values)
        return _BETWEEN_CHINESE.sub("", said)

    def heading(self, column: str) -> str:
        """What a step of the arithmetic is called: as its column in the tables."""
        return self._text.heading("incentive", column, self.lang)

    def status(self, status: str) -> str:
        """Why a payout is as it is, or is not there."""
        return self._text.word("incentive", "status", status, self.lang)

    def money(self, amount: Fraction) -> str:
        digits = 0 if amount.denominator == 1 else 2
        return self._text.format_value(float(amount), "amount", digits, lang=self.lang)

    def to_the_unit(self, amount: float) -> str:
        """Money with all digits that its smallest unit has."""
        digits = decimals_of(self.plan.minor_unit)
        return self._text.format_value(float(amount), "amount", digits, lang=self.lang)

    def share(self, share: Fraction) -> str:
        per_cent = share * 100
        digits = next((d for d in range(4) if (per_cent * 10**d).denominator == 1), 4)
        return self._text.format_value(float(share), "share", digits, lang=self.lang)

    def times(self, factor: Fraction) -> str:
        return self.number(factor, 4)

    def number(self, number: Fraction, digits: int = 6) -> str:
        """With as many significant digits at most, and no zeros behind them."""
        return self._text.LANGUAGES[self.lang].number(f"{float(number):.{digits}g}")

    def in_a_row(self, said: list[str]) -> str:
        """Sentences one after the other, as the language sets them."""
        return " ".join(said).replace("。 ", "。")

    def together(self, said: list[str]) -> str:
        return functools.reduce(lambda one, other: self.say("and", one=one, other=other), said)

    def column(self, name: str) -> str:
        """A column of the company's tables, in words where it is known."""
        return self._text.column_label(name, self.lang)

    def either(self, said: Sequence[str]) -> str:
        return functools.reduce(lambda one, other: self.say("or", one=one, other=other), said)

    def level(self, level: Fraction) -> str:
        if self.plan.thresholds == "quota":
            return self.say("of_quota", share=self.share(level))
        return self.money(level)


def describe(plan, lang: str) -> str:
    """The plan in plain words, one rule a line."""
    words = Words(plan, lang)
    lines = [words.say("name", name=plan.name)] if plan.name else []
    return "\n".join([*lines, *_tiers(words), *_levels(words), *_extras(words), *_time(words)])


def describe_components(plan, lang: str) -> str:
    """A plan with components: each under its heading, then what holds for all of them."""
    roof = Words(plan.roof, lang)
    lines = [roof.say("name", name=plan.name)] if plan.name else []
    for component in plan.components:
        words = Words(component.plan, lang)
        lines += [component_heading(words, component), *counted_rules(words, component)]
        lines += [*_table(words, plan, component), *_levels(words), *_extras(words)]
        lines += [*span_rules(words), *gate_rules(words, plan, component), *_year(words)]
    over = [*_levels(roof), *_extras(roof), *_year(roof), *_settling(roof)]
    return "\n".join([*lines, roof.say("together"), *over])


def component_heading(words: Words, component) -> str:
    """The name of a component, and what it is about."""
    if component.weight is None:
        return words.say("component", name=component.name)
    weight = words.share(component.weight)
    return words.say("component_weight", name=component.name, weight=weight)


def counted_rules(words: Words, component) -> list[str]:
    """Which of the single sales count, and what of them."""
    if not component.counts_sales:
        return []
    given = [words.say("counts_of", column=words.column(name), values=words.either(values))
             for name, values in component.of.items()]  # fmt: skip
    sales = words.together(given) if given else words.say("counts_all")
    counts = component.counts or "amount"
    if counts in ("amount", "sales", "margin"):
        return [words.say(f"adds_{counts}", of=sales)]
    return [words.say("adds_column", of=sales, column=words.column(counts))]


def _table(words: Words, plan, component) -> list[str]:
    """The tiers, of a joint table those of each column under its heading."""
    across = component.across
    if across is None:
        return _tiers(words)
    lines = []
    for said, column in zip(across_rules(words, plan, component), across.plans, strict=True):
        lines += [said, *_tiers(Words(column, words.lang))]
    return lines


def across_rules(words: Words, plan, component) -> list[str]:
    """From which level of another component on each column of a joint table holds."""
    across = component.across
    of = Words(plan.named(across.component).plan, words.lang)
    return [words.say("across", component=across.component, level=of.level(at)) for at in across.at]


def gate_rules(words: Words, plan, component) -> list[str]:
    """What other components must reach."""
    looks = [(gate.component, gate.at) for gate in component.gates]
    if component.across is not None and component.across.at[0] > 0:
        looks.append((component.across.component, component.across.at[0]))
    said = []
    for name, at in looks:
        level = Words(plan.named(name).plan, words.lang).level(at)
        said.append(words.say("gate", component=name, level=level))
    return said


def _tiers(words: Words) -> list[str]:
    plan, promise = words.plan, words.plan.promise
    lump = plan.method == "marginal" and promise in ("pay", "share")
    lines = [words.say("marginal_lump" if lump else plan.method)]
    if plan.method == "curve":
        for tier in plan.tiers:
            said = _promise(words, getattr(tier, promise))
            lines.append(words.say("point", level=words.level(tier.start), promise=said))
    else:
        lines += tier_rules(words)
    if plan.method != "curve" and plan.tiers[-1].end is not None:
        lines.append(words.say("beyond", level=words.level(plan.tiers[-1].end)))
    if len(plan.tiers) > 1 and (plan.method == "retroactive" or lump):
        lines.append(words.say(plan.at_boundary))
    return lines


def tier_rules(words: Words) -> list[str]:
    """What each tier promises; of a curve what lies between its point and the next."""
    plan, rules = words.plan, []
    said = [_promise(words, getattr(tier, plan.promise)) for tier in plan.tiers]
    for at, tier in enumerate(plan.tiers):
        last = at + 1 == len(plan.tiers)
        following = tier.end if last else plan.tiers[at + 1].start
        level = words.level(tier.start)
        end = None if following is None else words.level(following)
        if plan.method == "curve" and end is not None:
            between = {"promise": said[at], "next": said[at + 1]}
            rules.append(words.on_statement("between", level=level, end=end, **between))
        elif end is None:
            rules.append(words.say("tier", level=level, promise=said[at]))
        else:
            rules.append(words.say("tier_to", level=level, end=end, promise=said[at]))
    return rules


def _promise(words: Words, value: Fraction) -> str:
    plan, kind = words.plan, words.plan.promise
    if kind == "times" and plan.base_rate is None:
        return words.say("promise_paced", value=words.times(value))
    if kind == "times":
        base = words.share(plan.base_rate)
        return words.say("promise_times", value=words.times(value), base=base)
    shown = words.money(value) if kind in ("pay", "each") else words.share(value)
    return words.say(f"promise_{kind}", value=shown)


def _levels(words: Words) -> list[str]:
    plan, lines = words.plan, []
    if plan.floor is not None:
        lines.append(floor_rule(words))
    if plan.stretch is not None:
        lines.append(words.say("stretch", level=words.level(plan.stretch)))
    if plan.target_incentive is not None:
        lines.append(words.say("target", amount=words.money(plan.target_incentive)))
    return [*lines, *cap_rules(words)]


def floor_rule(words: Words) -> str:
    """What is paid below the floor."""
    floor = words.plan.floor
    return words.say("cliff" if floor.cliff else "floor", level=words.level(floor.at))


def cap_rules(words: Words) -> list[str]:
    """Each limit of the plan, and what becomes of what is over it."""
    plan, cap, lines = words.plan, words.plan.cap, []
    if cap is None:
        return lines
    trued_up = plan.measure.over != "period" and plan.measure.pays == "difference"
    span = "_span" if trued_up else ""
    if cap.payout is not None:
        lines.append(words.say(f"cap_payout{span}", amount=words.money(cap.payout)))
    if cap.share is not None:
        lines.append(words.say(f"cap_share{span}", share=words.share(cap.share)))
    if cap.attainment is not None:
        lines.append(words.say("cap_attainment", level=words.level(cap.attainment)))
    if cap.rate is not None:
        lines.append(words.say("cap_rate", share=words.share(cap.rate)))
    if cap.banks_money:
        lines.append(words.say("banks_money"))
    if cap.banks_sales:
        lines.append(words.say("banks_sales"))
    return lines


def _extras(words: Words) -> list[str]:
    plan, lines = words.plan, bonus_rules(words)
    for multiplier in plan.multipliers:
        lines += multiplier_rules(words, multiplier)
    lines += [*spif_rules(words), *draw_rules(words), *clawback_rules(words)]
    if plan.holdback is not None:
        lines.append(words.say("holdback", share=words.share(plan.holdback.share)))
    return [*lines, *override_rules(words)]


def override_rules(words: Words) -> list[str]:
    """What managers are paid of their teams."""
    rule = words.plan.override
    if rule is None:
        return []
    whom = words.say(f"override_{rule.levels}")
    return [words.say(f"override_of_{rule.of}", share=words.share(rule.share), whom=whom)]


def bonus_rules(words: Words) -> list[str]:
    """What each bonus is for."""
    return [
        words.say("bonus", level=words.level(bonus.at), amount=_bonus(words, bonus))
        for bonus in words.plan.bonuses
    ]


def spif_rules(words: Words) -> list[str]:
    """What each SPIF pays."""
    return [rule for spif in words.plan.spifs for rule in _spif(words, spif)]


def draw_rules(words: Words) -> list[str]:
    """What is paid at the least, and what becomes of it."""
    draw = words.plan.draw
    if draw is None:
        return []
    key = "draw_recoverable" if draw.recoverable else "draw_kept"
    lines = [words.say(key, amount=words.money(draw.amount))]
    if draw.periods is not None:
        lines.append(words.say("draw_periods", periods=draw.periods))
    return lines


def clawback_rules(words: Words) -> list[str]:
    """What is taken back of a sale that is undone."""
    rule = words.plan.clawback
    if rule is None:
        return []
    return [words.say("clawback_prorated" if rule.prorated else "clawback", days=rule.within_days)]


def _bonus(words: Words, bonus) -> str:
    if bonus.share is None:
        return words.money(bonus.pay)
    return words.say("promise_share", value=words.share(bonus.share))


def multiplier_rules(words: Words, multiplier) -> list[str]:
    """By which factors commission is multiplied."""
    steps = multiplier.steps or multiplier.points
    measure, value = multiplier.on, words.number
    if multiplier.on_attainment:
        measure, value = words.say("attainment"), words.share
    before = [words.say("step_before", value=value(steps[0].at))] if steps[0].times else []
    key = "step" if multiplier.steps else "line_point"
    said = [words.say(key, times=words.times(s.times), value=value(s.at)) for s in steps]
    if multiplier.points:
        said = [words.say("line", points=words.together(said))]
    said = words.together([*before, *said])
    if multiplier.tier is not None:
        return [words.say("multiplier_tier", tier=multiplier.tier, measure=measure, steps=said)]
    also = [words.say("multiplier_bonuses", measure=measure)] if multiplier.bonuses else []
    return [words.say("multiplier", measure=measure, steps=said), *also]


def _spif(words: Words, spif) -> list[str]:
    sale = words.say("sale") if spif.product is None else words.say("sale_of", product=spif.product)
    if spif.at_least is not None:
        sale = words.say("sale_from", sale=sale, amount=words.money(spif.at_least))
    said = {"name": spif.name, "start": spif.start, "end": spif.end}
    if spif.tiers:
        counts = words.say(f"counts_{spif.counts}", sale=sale)
        tiers = words.together([_spif_tier(words, spif, tier) for tier in spif.tiers])
        lines = [words.say("spif_tiers", counts=counts, tiers=tiers, **said)]
        if spif.method == "retroactive":
            lines.append(words.say("spif_retroactive", name=spif.name))
    else:
        reward = words.money(spif.pay) if spif.rate is None else words.share(spif.rate)
        lines = [words.say("spif", reward=reward, sale=sale, **said)]
    if spif.most is not None:
        lines.append(words.say("spif_most", name=spif.name, amount=words.money(spif.most)))
    return lines


def _spif_tier(words: Words, spif, tier) -> str:
    level = words.money(tier.start)
    if tier.rate is not None:
        return words.say("spif_rate", reward=words.share(tier.rate), level=level)
    if tier.each is not None:
        return words.say("spif_each", reward=words.money(tier.each), level=level)
    return words.say("spif_pay", reward=words.money(tier.pay), level=level)


def _time(words: Words) -> list[str]:
    return [*span_rules(words), *_year(words), *_settling(words)]


def _year(words: Words) -> list[str]:
    """What is settled at the end of the year."""
    return [*year_rules(words), *year_limits(words), *_year_balances(words)]


def year_rules(words: Words) -> list[str]:
    """The year's own tiers, and what of theirs is paid."""
    year = words.plan.year
    if year is None or year.plan is None:
        return []
    own = Words(year.plan, words.lang)
    floor = [floor_rule(own)] if year.plan.floor else []
    rules = [*_tiers(own), *floor, *cap_rules(own), *_extras(own)]
    return [words.say("year_own"), *rules, words.say(f"year_{year.pays}")]


def year_limits(words: Words) -> list[str]:
    """The most that a year comes to."""
    cap, lines = words.plan.year.cap if words.plan.year else None, []
    if cap is not None and cap.payout is not None:
        lines.append(words.say("year_cap_payout", amount=words.money(cap.payout)))
    if cap is not None and cap.share is not None:
        lines.append(words.say("year_cap_share", share=words.share(cap.share)))
    return lines


def _year_balances(words: Words) -> list[str]:
    """What becomes of debts and banks at the end of the year."""
    year, lines = words.plan.year, []
    if year is not None and year.debt != "carry":
        lines.append(words.say(f"debt_{year.debt}"))
    if year is not None and year.bank != "carry":
        lines.append(words.say(f"bank_{year.bank}"))
    return lines


def span_rules(words: Words) -> list[str]:
    """Over which periods sales are measured, and against how much of the quota."""
    plan, lines = words.plan, []
    if plan.ramp:
        shares = words.together([words.share(share) for share in plan.ramp])
        lines.append(words.say("ramp", shares=shares))
    over = plan.measure.over
    if over != "period":
        if isinstance(over, int):
            lines.append(words.say("measure_rolling", periods=over))
        else:
            lines.append(words.say(f"measure_{over}"))
        lines.append(words.say(f"pays_{plan.measure.pays}"))
    return lines


def _settling(words: Words) -> list[str]:
    """What becomes of earnings below zero, and how commission is rounded."""
    return [words.say(words.plan.negative), rounding_rule(words)]


def rounding_rule(words: Words) -> str:
    """How commission becomes whole units."""
    plan = words.plan
    unit, how = plan.rounding.to or plan.minor_unit, words.say(plan.rounding.method)
    return words.say(f"rounding_{plan.rounding.at}", unit=words.number(unit), how=how)
