"""The vocabulary of tables and columns that every part of the package shares.

A table has one name and one grain, a column one name and one kind. Users' own names are mapped to
these once, in :mod:`salesanalysis.sources`; everything behind that speaks only this vocabulary.

Kinds and what they become in an Ibis table:

========  ===========  =====================================================================
kind      Ibis type    meaning
========  ===========  =====================================================================
id        string       an identifier: compared, never computed with; blanks around it trimmed
text      string       a label or free text; blanks around it trimmed, empty becomes missing
period    string       a named period: ``2025``, ``2025-Q4``, ``2025-11``, ``2025-W46``
time      timestamp    a moment in UTC without zone; a plain date is its midnight
amount    float64      money in the table's one currency
share     float64      0 to 1
number    float64      any other measured number
count     int64        how many
flag      boolean      yes or no
========  ===========  =====================================================================
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from salesanalysis.errors import SalesAnalysisError, did_you_mean

#: Ibis type of each kind of column.
KINDS = {
    "id": "string",
    "text": "string",
    "period": "string",
    "time": "timestamp",
    "amount": "float64",
    "share": "float64",
    "number": "float64",
    "count": "int64",
    "flag": "boolean",
}

#: What became of a deal. ``open`` is censored: not a failure, not yet decided.
OPEN, WON, LOST, CANCELLED = "open", "won", "lost", "cancelled"
OUTCOMES = (OPEN, WON, LOST, CANCELLED)

#: What became of a deal at a stage that it got past; else it is one of the outcomes.
ADVANCED = "advanced"

#: The stream of revenue that comes from the deal list; the other streams are bookings.
PIPELINE = "pipeline"

#: The lists that say more about a deal, each by its key; the first that has a column counts.
LOOKUPS = ("reps", "accounts", "products")


@dataclass(frozen=True)
class Column:
    """One column of a table: its name, kind, and whether a table without it can be used at all."""

    name: str
    kind: str
    required: bool = False


@dataclass(frozen=True)
class Table:
    """One table of the vocabulary: its name, its grain in words, its columns and its key.

    ``key`` are the columns that together name a row; two rows with the same key are duplicates,
    unless rows may be ``repeated``, as a test is that somebody takes twice on one day. ``key_also``
    are columns that name a row too where a table has them, as the component of an incentive plan.
    """

    name: str
    grain: str
    columns: tuple[Column, ...]
    key: tuple[str, ...] = ()
    key_also: tuple[str, ...] = ()
    repeated: bool = False

    def __getitem__(self, name: str) -> Column:
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns, in their order."""
        return tuple(column.name for column in self.columns)

    @property
    def required(self) -> tuple[str, ...]:
        """The names of the columns that must be there."""
        return tuple(column.name for column in self.columns if column.required)

    def key_in(self, columns: Iterable[str]) -> tuple[str, ...]:
        """The key of a table that has these columns."""
        there = set(columns)
        return (*self.key, *(name for name in self.key_also if name in there))

    @property
    def naming(self) -> tuple[str, ...]:
        """The columns that name a row to a reader: the key, or identifiers that must be there."""
        ids = (column.name for column in self.columns if column.required and column.kind == "id")
        return (*self.key, *self.key_also) or tuple(ids)


def _columns(spec: str) -> tuple[Column, ...]:
    """Columns from words like ``amount:amount``; a trailing ``!`` marks a required one."""
    return tuple(
        Column(word.split(":")[0], word.split(":")[1].rstrip("!"), word.endswith("!"))
        for word in spec.split()
    )


TABLES = {
    table.name: table
    for table in (
        Table(
            "opportunities",
            "deal",
            _columns(
                "opportunity_id:id! account_id:id owner_id:id team:text region:text product:text"
                " source:text stage:text amount:amount currency:text created_at:time closed_at:time"
                " won_at:time lost_at:time outcome:text reason:text must_win:flag"
                " expected_close_at:time probability:share owner_call:text"
            ),
            key=("opportunity_id",),
        ),
        Table(
            "stage_history",
            "deal × stage entered",
            _columns(
                "opportunity_id:id! stage:text! entered_at:time! amount:amount owner_id:id"
                " expected_close_at:time"
            ),
        ),
        Table(
            "milestone_evidence",
            "deal × point checked",
            _columns(
                "opportunity_id:id! milestone:text! item:text! fulfilled:flag! checked_at:time"
            ),
        ),
        Table(
            "activities",
            "contact",
            _columns("opportunity_id:id owner_id:id kind:text! at:time!"),
        ),
        Table(
            "targets",
            "period × group",
            _columns(
                "period:period! region:text product:text owner_id:id target:amount! floor:amount"
                " stretch:amount"
            ),
        ),
        Table(
            "events",
            "event",
            _columns("user_id:id! event:text! at:time!"),
        ),
        Table(
            "scores",
            "learner × skill × test",
            _columns(
                "learner_id:id! skill:text! trained_at:time! tested_at:time! score:number"
                " max_score:number k:count n:count guess:share attempt:count item:text"
                " team:text cohort:text method:text reinforced:flag"
            ),
            key=("learner_id", "skill", "trained_at", "tested_at"),
            repeated=True,
        ),
        Table(
            "refreshers",
            "learner × skill × refresher",
            _columns("learner_id:id! skill:text! refreshed_at:time! hours:number"),
        ),
        Table(
            "ksa_required",
            "role × skill",
            _columns("role:text! skill:text! level:number! skill_group:text stage:text"),
            key=("role", "skill"),
        ),
        Table(
            "ksa_assessed",
            "person × skill × date",
            _columns(
                "person_id:id! role:text skill:text! level:number! assessed_at:time! team:text"
            ),
            key=("person_id", "skill", "assessed_at"),
        ),
        Table(
            "attainment",
            "payee × period",
            _columns(
                "payee_id:id! period:period! quota:amount sales:amount! target_incentive:amount"
                " currency:text team:text region:text component:text"
            ),
            key=("payee_id", "period"),
            key_also=("component",),
        ),
        Table(
            "payouts",
            "payee × period",
            _columns(
                "payee_id:id! period:period! earned:amount! earned_at:time promised_at:time"
                " paid:amount paid_at:time currency:text team:text sales:amount quota:amount"
            ),
            key=("payee_id", "period"),
        ),
        Table(
            "sales",
            "sale",
            _columns(
                "payee_id:id! sold_at:time! amount:amount! currency:text product:text"
                " customer_kind:text sale_id:id"
            ),
        ),
        Table(
            "plan_changes",
            "change inside a period",
            _columns(
                "payee_id:id! period:period! starts_at:time! ends_at:time plan_name:text"
                " quota:amount target_incentive:amount team:text region:text"
            ),
        ),
        Table(
            "refunds",
            "refund",
            _columns("sale_id:id! refunded_at:time! amount:amount! currency:text"),
        ),
        Table(
            "bookings",
            "booking",
            _columns(
                "booked_at:time! stream:text amount:amount! currency:text region:text"
                " product:text team:text owner_id:id account_id:id"
            ),
        ),
        Table(
            "contracts",
            "contract",
            _columns(
                "contract_id:id! account_id:id ends_at:time! amount:amount! currency:text"
                " stream:text region:text product:text team:text owner_id:id renewed_at:time"
                " renewed_amount:amount renews:id"
            ),
            key=("contract_id",),
        ),
        Table(
            "schedule",
            "contract or deal × month",
            _columns(
                "contract_id:id opportunity_id:id period:period at:time amount:amount!"
                " currency:text"
            ),
        ),
        Table(
            "deal_splits",
            "deal × person",
            _columns("opportunity_id:id! owner_id:id! share:share! kind:text"),
        ),
        Table(
            "stream_targets",
            "period × stream",
            _columns(
                "period:period! stream:text! region:text product:text target:amount! floor:amount"
                " stretch:amount"
            ),
        ),
        Table(
            "snapshots",
            "day × deal open then",
            _columns(
                "taken_at:time! opportunity_id:id! stage:text amount:amount expected_close_at:time"
                " probability:share owner_call:text"
            ),
            key=("taken_at", "opportunity_id"),
        ),
        Table(
            "accounts",
            "account",
            _columns(
                "account_id:id! name:text segment:text region:text registration_code:text"
                " legal_representative:text contact:text phone:text address:text city:text"
                " main_products:text monthly_sales:amount sales_area:text transport:text since:time"
                " philosophy:text local_support:text class:text owner_id:id collected_by:text"
                " verified_by:text verified_at:time credit_limit:amount payment_terms_days:count"
                " rating:text category:text loyalty_level:number merged_into:id"
            ),
            key=("account_id",),
        ),
        Table(
            "account_changes",
            "account × field changed",
            _columns(
                "account_id:id! field:text! old:text new:text changed_at:time! changed_by:text"
            ),
        ),
        Table(
            "eagerness",
            "account × day assessed",
            _columns(
                "account_id:id! assessed_at:time! funding:share resources:share precedence:share"
                " staffing:share attitude:share assessed_by:text"
            ),
            key=("account_id", "assessed_at"),
        ),
        Table(
            "purchases",
            "order or order line",
            _columns(
                "account_id:id! purchased_at:time! amount:amount! order_id:id kind:text"
                " product:text category:text quantity:number currency:text owner_id:id"
            ),
        ),
        Table(
            "account_targets",
            "account × period",
            _columns("account_id:id! period:period! target:amount!"),
            key=("account_id", "period"),
        ),
        Table(
            "invoices",
            "invoice or credit note",
            _columns(
                "invoice_id:id! account_id:id! issued_at:time! amount:amount! due_at:time kind:text"
                " applies_to:id currency:text disputed:flag settled_at:time"
            ),
            key=("invoice_id",),
        ),
        Table(
            "payments",
            "payment × invoice",
            _columns("paid_at:time! amount:amount! invoice_id:id account_id:id currency:text"),
        ),
        Table(
            "views",
            "look at a product",
            _columns("account_id:id! category:text! at:time! price:amount"),
        ),
        Table(
            "campaign_members",
            "campaign × customer",
            _columns(
                "campaign_id:id! account_id:id! assigned:text! assigned_at:time interacted_at:time"
            ),
            key=("campaign_id", "account_id"),
        ),
        Table(
            "referrals",
            "customer × who was referred",
            _columns("account_id:id! at:time! referred_id:id"),
        ),
        Table(
            "suggestions",
            "suggestion of a customer",
            _columns("account_id:id! at:time! kind:text"),
        ),
        Table(
            "requests",
            "request or complaint of a customer",
            _columns("account_id:id! at:time! kind:text answered_at:time owner_id:id"),
        ),
        Table(
            "products",
            "product",
            _columns("product:text! list_price:amount currency:text"),
            key=("product",),
        ),
        Table(
            "rates",
            "currency × day",
            _columns("currency:text! rated_at:time! exchange_rate:number! base_currency:text"),
            key=("currency", "rated_at"),
        ),
        Table(
            "reps",
            "seller",
            _columns("owner_id:id! name:text team:text region:text manager:text hired_at:time"),
            key=("owner_id",),
        ),
    )
}


def as_list(names: Sequence[str] | str) -> list[str]:
    """One name or several as a list without repetitions.

    Examples
    --------
    >>> as_list("region"), as_list(("region", "product", "region"))
    (['region'], ['region', 'product'])
    """
    return [names] if isinstance(names, str) else list(dict.fromkeys(names))


def table(name: str) -> Table:
    """The table of that name.

    Raises
    ------
    SalesAnalysisError
        No table has that name; the message lists those that exist.

    Examples
    --------
    >>> table("opportunities").key
    ('opportunity_id',)
    """
    try:
        return TABLES[name]
    except KeyError:
        raise SalesAnalysisError(
            f"`table` is {name!r}, which is not a table of this package."
            f"{did_you_mean(name, TABLES)} Known tables: {', '.join(TABLES)}."
        ) from None
