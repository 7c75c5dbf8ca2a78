"""Small inputs written on the spot."""

import pytest

from salesanalysis import sources
from salesanalysis.sources.unused import MISSED

#: Notes on what a list lacks; most tests are about something else.
ABSENCES = {f"no_{column}" for column in MISSED["opportunities"]}


@pytest.fixture
def rules():
    """The rules that an input breaks, without the notes on columns that it lacks."""
    return lambda found: [rule for rule in found.faults["rule"] if rule not in ABSENCES]


@pytest.fixture
def checked(tmp_path):
    """Check a text (or bytes) as a file of its own: ``checked("id,stage\\n…", table="…")``."""

    def check(content, *, table="opportunities", name="deals.csv", **arguments):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return sources.check(path, table=table, **arguments)

    return check


@pytest.fixture
def column(checked):
    """The values of one column of the opportunities whose cells are given, and the result."""

    def values(name, cells, **arguments):
        # What reports miss in a list without it is there, so that nothing else is said of the list.
        is_open = name == "created_at"  # then no close date can be before it
        others = {
            "stage": "Won",
            "outcome": "open" if is_open else "won",
            "amount": "1",
            "created_at": "1900-01-01",
            "closed_at": "" if is_open else "2199-01-01",
        }
        others = {column: cell for column, cell in others.items() if column != name.split()[0]}
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
        lines = [f"D{i},{cell},{','.join(others.values())}" for i, cell in enumerate(quoted)]
        text = "\n".join([f"opportunity_id,{name},{','.join(others)}", *lines, ""])
        result = checked(text, **arguments)
        if result.table is None:
            return None, result
        frame = result.table.order_by("opportunity_id").to_pandas()
        return dict(zip(frame["opportunity_id"], frame[name], strict=True)), result

    return values
