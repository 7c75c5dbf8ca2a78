"""Small inputs written on the spot."""

import pytest

from salesanalysis import sources


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
        quoted = ['"' + cell.replace('"', '""') + '"' for cell in cells]
        lines = [f"D{i},Won,{cell}" for i, cell in enumerate(quoted)]
        text = "\n".join([f"opportunity_id,stage,{name}", *lines, ""])
        result = checked(text, **arguments)
        if result.table is None:
            return None, result
        frame = result.table.order_by("opportunity_id").to_pandas()
        return dict(zip(frame["opportunity_id"], frame[name], strict=True)), result

    return values
