"""Dates and times: each shape understood once, the order of day and month proved by the column."""

from salesanalysis.sources.faults import Fault, zoned
from salesanalysis.sources.parse import date_shapes
from salesanalysis.sources.parse.date_shapes import OtherCalendar, Period, Template
from salesanalysis.sources.parse.sighted import Reading, Seen, Sighting, first, total
from salesanalysis.sources.parse.text import among, narrow
from salesanalysis.sources.session import literal

#: Dates that a plain cast reads.
SIMPLE = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"

_SERIAL = r"^\d{5}([.]\d+)?$"
#: Counts of seconds and their parts since 1970, by the number of their digits → how many a second.
_EPOCHS = {10: 1, 13: 1_000, 16: 1_000_000, 19: 1_000_000_000}
#: 1990 to 2100: other numbers of ten digits are telephone numbers and the like.
_EPOCH_FROM, _EPOCH_TO = 631_152_000, 4_102_444_800

_ORDERS = ("dmy", "mdy", "ymd")


def parts(text: str) -> str:
    """SQL: the groups of digits of a cell, and its shape."""
    plain = f"lower({narrow(text)})"
    return (
        f"struct_pack(shape := translate({plain}, '123456789', '000000000'),"
        f" g := regexp_extract_all({plain}, '[0-9]+'))"
    )


def shape(p: str) -> str:
    """SQL: a cell with a 0 for each digit."""
    return f"{p}.shape"


def proof(text: str, p: str, first_day: str) -> str:
    """SQL: what one cell proves of its column.

    For a date of three numbers the orders in which they can be a date, and which of these are the
    same date (``=`` where day and month are equal, ``~`` where day and year are). For a real date
    whether its day is over 12. For a number whether it can be a count of seconds.
    """
    a, b, c = (f"TRY_CAST({p}.g[{i}] AS INT)" for i in (1, 2, 3))
    orders = (
        f"CASE WHEN {a} BETWEEN 1 AND 31 AND {b} BETWEEN 1 AND 12 THEN 'dmy ' ELSE '' END"
        f" || CASE WHEN {a} BETWEEN 1 AND 12 AND {b} BETWEEN 1 AND 31 THEN 'mdy ' ELSE '' END"
        f" || CASE WHEN {b} BETWEEN 1 AND 12 AND {c} BETWEEN 1 AND 31 THEN 'ymd ' ELSE '' END"
        f" || CASE WHEN {a} = {b} THEN '=' ELSE '' END || CASE WHEN {a} = {c} THEN '~' ELSE '' END"
    )
    epochs = " ".join(
        f"WHEN length({text}) = {digits} THEN TRY_CAST({text} AS DOUBLE) / {parts_}"
        f" BETWEEN {_EPOCH_FROM} AND {_EPOCH_TO}"
        for digits, parts_ in _EPOCHS.items()
    )
    serial = f"day({_serial(text, first_day)}) > 12"
    return (
        f"CASE WHEN {p} IS NULL THEN"
        f" CASE WHEN TRY_CAST({text}[9:10] AS INT) > 12 THEN 'late' ELSE 'early' END"
        f" WHEN regexp_matches({text}, {literal(_SERIAL)})"
        f" THEN CASE WHEN {serial} THEN 'late' ELSE 'early' END"
        f" WHEN regexp_matches({text}, '^\\d+$')"
        f" THEN CASE WHEN CASE {epochs} END THEN 'epoch' ELSE '' END"
        f" WHEN regexp_matches({p}.shape, '^[^0]*00?[^0a-z]+00?[^0a-z]+0')"
        f" THEN {orders} ELSE '' END"
    )


def _serial(text: str, first_day: str) -> str:
    """SQL: the moment that a number of days means."""
    milliseconds = f"CAST(round(TRY_CAST({text} AS DOUBLE) * 86400000) AS BIGINT)"
    return f"(TIMESTAMP '{first_day}' + to_milliseconds({milliseconds}))"


def reading(
    text: str,
    p: str,
    seen: Seen,
    *,
    column: str,
    order: str | None,
    first_day: str,
    workbook: bool,
    time_zone: str,
) -> Reading:
    """How a column of dates is read."""
    simple = f"TRY_CAST({text} AS TIMESTAMP)"
    if not seen["odd"]:
        return Reading(simple)
    column_ = _Column(seen, column, order, workbook, time_zone)
    cases = [f"WHEN {p} IS NULL THEN {simple}"]
    if column_.serials:
        cases.append(
            f"WHEN regexp_matches({text}, {literal(_SERIAL)}) THEN {_serial(text, first_day)}"
        )
    if column_.epoch:
        microseconds = f"TRY_CAST({text} AS HUGEINT) * 1000000 // {_EPOCHS[column_.epoch]}"
        cases.append(
            f"WHEN length({text}) = {column_.epoch} AND regexp_matches({text}, '^\\d+$')"
            f" THEN {_by_clock(f'make_timestamp(CAST({microseconds} AS BIGINT))', time_zone)}"
        )
    for template_, shapes in column_.templates.items():
        moment = _moment(template_, p, column_.order, time_zone)
        cases.append(f"WHEN {shape(p)} IN {among(shapes)} THEN {moment}")
    return Reading(f"CASE {' '.join(cases)} END", column_.faults)


class _Column:
    """What the sightings of a column come to: how each shape is read, and what is wrong."""

    def __init__(self, seen: Seen, column: str, order: str | None, workbook: bool, time_zone: str):
        self.column, self.order, self.faults = column, order or "", []
        odd = [sighting for sighting in seen.sightings if sighting.shape]
        self.real = [sighting for sighting in seen.sightings if not sighting.shape]
        self.serials = [s for s in odd if workbook and _is_serial(s.shape)]
        self.count = total(seen.sightings)
        months, unclear = date_shapes.month_words({s.shape for s in odd})
        understood = {s.shape: date_shapes.template(s.shape, months) for s in odd}
        self._sort(odd, understood)
        self.epoch = self._epoch(odd)
        self._ambiguous_months(odd, unclear)
        self._not_days(odd, understood)
        self._order(order)
        self._half_converted()
        if self.serials:
            self._say("excel_serial_dates", self.serials)
        # Of moments of UTC in UTC there is nothing to say.
        silent = [(), date_shapes.UTC] if time_zone == "UTC" else [()]
        with_zone = [s for s in self.sightings if understood[s.shape].zone not in silent]
        if with_zone:
            example = first(with_zone).cell
            self.faults.append(zoned(column, total(with_zone), time_zone, example))

    def _sort(self, odd: list[Sighting], understood: dict) -> None:
        """Find the texts that are dates, those whose order only values can tell, and templates."""
        self.sightings = [s for s in odd if isinstance(understood[s.shape], Template)]
        self.texts = [s for s in self.sightings if understood[s.shape].orders]
        self.allowed = {s.shape: understood[s.shape].orders for s in self.texts}
        self._leave_out_short_years(understood)
        self.templates: dict[Template, list[str]] = {}
        for shape_ in dict.fromkeys(s.shape for s in self.sightings):
            self.templates.setdefault(understood[shape_], []).append(shape_)
        self.open = [s for s in self.texts if s in self.sightings]

    def _say(self, rule: str, sightings: list[Sighting], **values) -> None:
        at = first(sightings)
        said = {"line": at.row, **values} if values or rule in _WITH_LINE else {}
        self.faults.append(Fault(rule, self.column, total(sightings), at.cell, said))

    def _leave_out_short_years(self, understood: dict) -> None:
        """Years of two digits are read only where all of the column's dates have them."""
        short = [s for s in self.sightings if understood[s.shape].short_year]
        if short and (len(short) < len(self.sightings) or self.real or self.serials):
            self.sightings = [s for s in self.sightings if s not in short]
        elif short:
            self._say("years_of_two_digits", short)

    def _epoch(self, odd: list[Sighting]) -> int:
        """The number of digits of counts of seconds, where the whole column holds such counts."""
        for digits, parts_ in _EPOCHS.items():
            counts = [s for s in odd if s.shape == "0" * digits]
            if counts and all(s.proof == "epoch" for s in counts) and total(counts) == self.count:
                self._say(
                    "epoch_dates", counts, unit={1: "s", 1000: "ms", 10**6: "µs"}.get(parts_, "ns")
                )
                return digits
        return 0

    def _ambiguous_months(self, odd: list[Sighting], unclear: set[str]) -> None:
        hit = [s for s in odd if unclear & set(date_shapes.words(s.shape))]
        if hit:
            self._say("month_name_ambiguous", hit)

    def _not_days(self, odd: list[Sighting], understood: dict) -> None:
        """Months, quarters and other calendars: fatal where they are most of the column."""
        for kind, rule in ((Period, "period_for_date"), (OtherCalendar, "other_calendar")):
            hit = [s for s in odd if understood[s.shape] is kind]
            if hit and total(hit) > self.count / 2:
                self._say(rule, hit)

    def _orders(self, sighting: Sighting) -> set[str]:
        return {order for order in self.allowed[sighting.shape] if order in sighting.proof}

    def _order(self, given: str | None) -> None:
        """The order that the column's own cells prove, and what there is to say about it."""
        readable = [s for s in self.open if self._orders(s)]
        if given or not readable:
            return
        left = set.intersection(*(self._orders(s) for s in readable))
        if not left:
            self._mixed(readable)
        elif len(left) == 1:
            self.order = left.pop()
            proving = [s for s in readable if self._orders(s) == {self.order}]
            if not proving:  # several cells together leave one order
                narrowest = min(len(self._orders(s)) for s in readable)
                proving = [s for s in readable if len(self._orders(s)) == narrowest]
            at = first(proving)
            values = {"order": self.order, "line": at.row}
            fault = Fault("day_month_order", self.column, total(readable), at.cell, values)
            self.faults.append(fault)
        else:
            self._doubtful(readable, left)

    def _mixed(self, readable: list[Sighting]) -> None:
        pairs = (
            (one, other)
            for one in readable
            for other in readable
            if not self._orders(one) & self._orders(other)
        )
        one, other = next(pairs, (readable[0], readable[-1]))
        if "dmy" in self._orders(other) and "dmy" not in self._orders(one):
            one, other = other, one
        values = {"other": other.cell, "line": one.row, "other_line": other.row}
        fault = Fault("date_order_mixed", self.column, total(readable), one.cell, values)
        self.faults.append(fault)

    def _doubtful(self, readable: list[Sighting], left: set[str]) -> None:
        """Asked, unless all of the orders left read each date alike."""
        differing = [s for s in readable if not _alike(s.proof, left)]
        if not differing:
            self.order = "dmy" if "dmy" in left else min(left)
            return
        at = first(differing)
        orders = ", ".join(order for order in _ORDERS if order in left)
        values = {"line": at.row, "orders": orders}
        fault = Fault("date_order_ambiguous", self.column, total(readable), at.cell, values)
        self.faults.append(fault)

    def _half_converted(self) -> None:
        """A spreadsheet that took month for day made real dates of some and left the rest as text.

        Then no real date has a day over 12, and every text has one.
        """
        real = [*self.real, *self.serials]
        texts = [s for s in self.texts if self._orders(s)]
        if not real or not texts or any(s.proof == "late" for s in real):
            return
        if all(len(self._orders(s) - {"ymd"}) == 1 for s in texts):
            at, text = first(real), first(texts)
            values = {"line": text.row, "other": at.cell, "other_line": at.row}
            self.faults = [f for f in self.faults if f.rule != "day_month_order"]
            fault = Fault("half_converted_dates", self.column, total(texts), text.cell, values)
            self.faults.append(fault)


_WITH_LINE = ("month_name_ambiguous", "period_for_date", "other_calendar")


def _is_serial(shape_: str) -> bool:
    whole, _, rest = shape_.partition(".")
    return whole == "00000" and set(rest) <= {"0"}


def _alike(proof_: str, orders: set[str]) -> bool:
    """Whether a date is the same one in all of those orders."""
    if orders == {"dmy", "mdy"}:
        return "=" in proof_
    if orders == {"dmy", "ymd"}:
        return "~" in proof_
    return "=" in proof_ and "~" in proof_


def _moment(template: Template, p: str, order: str, time_zone: str) -> str:
    """SQL: the moment that a cell of some template means; one with a zone by the own clock."""

    def at(part: str) -> str:
        return f"{p}.g{part}" if part.startswith("[") else part

    year, month, day = (at(part) for part in (template.year, template.month, template.day))
    if template.orders:
        if order not in template.orders:
            return "NULL"
        places = {letter: f"{p}.g[{i + 1}]" for i, letter in enumerate(order)}
        year, month, day = (places[letter] for letter in "ymd")
    if template.short_year:
        year = f"CASE WHEN TRY_CAST({year} AS INT) < 69 THEN '20' ELSE '19' END || {year}"
    if template.era:
        year = f"CAST(TRY_CAST({year} AS INT) + {template.era} AS VARCHAR)"
    date = f"{year} || '-' || {month} || '-' || {day}"
    if template.week[0]:
        week, weekday = map(at, template.week)
        iso = f"{year} || '-' || lpad({week}, 2, '0') || '-' || {weekday}"
        date = f"strftime(TRY_STRPTIME({iso}, '%G-%V-%u'), '%Y-%m-%d')"
    moment = f"TRY_CAST({date} || {_time(template, at)} AS TIMESTAMP)"
    if not template.zone:
        return moment
    # A cast to TIMESTAMP would drop the offset without a word.
    sign, hours, minutes = template.zone
    offset = f"TRY_CAST({at(hours)} AS INT) * 60 + TRY_CAST({at(minutes)} AS INT)"
    return _by_clock(f"{moment} {'+' if sign == '-' else '-'} to_minutes({offset})", time_zone)


def _by_clock(moment: str, time_zone: str) -> str:
    """SQL: what the company's clock shows at a moment of UTC."""
    if time_zone == "UTC":
        return moment
    return f"timezone({literal(time_zone)}, timezone('UTC', {moment}))"


def _time(template: Template, at) -> str:
    """SQL: the time of day as text."""
    if not template.hour:
        return "''"
    hour = f"TRY_CAST({at(template.hour)} AS INT)"
    if template.half:
        later = 12 if template.half == "pm" else 0
        hour = f"CASE WHEN {hour} BETWEEN 1 AND 12 THEN {hour} % 12 + {later} END"
    second = at(template.second) if template.second else "'00'"
    fraction = f" || '.' || {at(template.fraction)}[1:6]" if template.fraction else ""
    return f"' ' || ({hour}) || ':' || {at(template.minute)} || ':' || {second}{fraction}"
