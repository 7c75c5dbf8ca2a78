"""Commission spreadsheets as people keep them: a right number, or what lacks in one message."""

import pytest

from salesanalysis import SalesAnalysisError, incentive, reduce, sources

PLAN = incentive.read_plan(
    "thresholds: quota\ntiers:\n- {from: 0, to: 100%, rate: 3%}\n- {from: 100%, rate: 5%}\n"
)
#: Quota, and the sales of two periods: by hand 3% of 290,000, and 2% more on 20,000 over quota.
PEOPLE = {"Ana Diaz": (100_000, 95_000, 120_000), "Bo Li": (80_000, 60_000, 15_000)}
PAID = 0.03 * 290_000 + 0.02 * 20_000


def lines(header: str, row, sep: str = ",") -> str:
    """A sheet with a row for each person and period."""
    rows = [
        row(name, at + 1, quota, sold)
        for name, (quota, *sales) in PEOPLE.items()
        for at, sold in enumerate(sales)
    ]
    return "\n".join([header, *(sep.join(map(str, each)) for each in rows), ""])


def german(value: float) -> str:
    return f"{value:,.2f}".translate(str.maketrans(",.", ".,"))


SHEETS = {
    "plain": lines("Rep,Quarter,Quota,Sales", lambda n, p, q, s: (n, f"2025-Q{p}", q, s)),
    "quarters in words": lines(
        "销售员,季度,销售指标,销售额", lambda n, p, q, s: (n, f"2025年第{p}季度", q, s)
    ),
    "months by name": lines(
        "Salesperson,Month,Target,Actual",
        lambda n, p, q, s: (n, ("Jan", "Feb")[p - 1] + " 2025", q, s),
    ),
    "year and month apart": lines(
        "Rep,Year,Month,Quota,Revenue", lambda n, p, q, s: (n, 2025, p, q, s)
    ),
    "Chinese year and month apart": lines(
        "姓名,年份,月份,指标,完成额", lambda n, p, q, s: (n, 2025, f"{p}月", q, s)
    ),
    "dollars, and a row of the total": lines(
        "Rep Name,Quarter,Quota ($),Bookings ($)",
        lambda n, p, q, s: (n, f"Q{p} 2025", f'"${q:,.2f}"', f'"${s:,.2f}"'),
    )
    + 'Total,,,"$290,000.00"\n',
    "ten thousands": "2025年销售奖金表,,,\n单位：万元,,,\n"
    + lines("员工,月份,目标,业绩", lambda n, p, q, s: (n, f"2025年{p}月", q / 1e4, s / 1e4)),
    "German": lines(
        "Mitarbeiter;Quartal;Ziel;Umsatz",
        lambda n, p, q, s: (n, f"Q{p}/2025", german(q), german(s)),
        ";",
    ),
    "days for periods": lines(
        "Payee,Period Start,Quota,Net Sales",
        lambda n, p, q, s: (n, f"2025-{3 * p - 2:02}-01", q, s),
    ),
    "quarters first": lines(
        "Account Executive,Period,Sales Target,Achieved",
        lambda n, p, q, s: (n, f"{p}Q25", f'"{q:,}"', f'"{s:,}"'),
    ),
}


def read(tmp_path, text: str):
    path = tmp_path / "commission.csv"
    path.write_text(text, encoding="utf-8")
    return sources.inputs(needed=["attainment"], attainment=str(path), most_set_aside=1.0)


@pytest.mark.parametrize("kind", SHEETS)
def test_a_sheet_pays_what_it_should(tmp_path, kind):
    checked = read(tmp_path, SHEETS[kind])["attainment"]
    known = reduce.incentive.known({"attainment": checked.table}, as_of="2025-12-31")
    statements = incentive.payout(known.attainment, plan=PLAN)
    assert statements["payout"].sum() == pytest.approx(PAID)
    assert (len(statements), checked.rows_set_aside) == (4, 0)


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ("Employee ID,Period,Attainment %\na,2025-Q1,95%\n", "`sales` is missing"),
        ("Rep,Quota,Q1 2025,Q2 2025\nAna,100,90,120\n", "the header has 2 periods"),
        ("Rep,Close Date,Amount\nAna,2025-01-15,95000\n", "`period` is missing"),
    ],
)
def test_a_sheet_that_lacks_something_says_what(tmp_path, sheet, told):
    with pytest.raises(SalesAnalysisError, match=told):
        read(tmp_path, sheet)["attainment"].table.count()
