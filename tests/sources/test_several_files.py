"""Several text files of one table."""

import pandas as pd
import pytest

from salesanalysis import sources
from salesanalysis.errors import SalesAnalysisError

YEARS = {
    "2023.csv": "opportunity_id,stage,amount,created_at\nA,Won,1,05/04/2023\nB,Lost,2,05/04/2023\n",
    "2024.csv": "stage,opportunity_id,created_at,amount\nWon,C,31/01/2024,3\nDemo,D,05/04/2024,4\n",
}


@pytest.fixture
def exports(tmp_path):
    """Write files into a folder and check all of them as one table of deals."""

    def check(files, **arguments):
        for name, content in files.items():
            data = content if isinstance(content, bytes) else content.encode()
            (tmp_path / name).write_bytes(data)
        return sources.check(str(tmp_path / "*.csv"), table="opportunities", **arguments)

    return check


def rows(found):
    return found.table.order_by("opportunity_id").to_pandas().astype(object)


def test_columns_are_put_together_by_name_and_read_by_one_reading(exports, tmp_path):
    found = exports(YEARS)
    frame = rows(found)
    assert frame["opportunity_id"].tolist() == list("ABCD")
    assert frame["amount"].tolist() == [1, 2, 3, 4]
    assert frame["outcome"].tolist() == ["won", "lost", "won", "open"]
    # the 31st of January in the second file decides for the first
    assert frame["created_at"].tolist()[:1] == [pd.Timestamp("2023-04-05")]
    assert found.messages()[0].startswith("there is no `closed_at`")
    assert found.messages()[1:] == [
        f"`created_at`: 4 dates read as dmy, because of `31/01/2024` on line 2 of"
        f" {tmp_path / '2024.csv'}."
    ]
    paths = [tmp_path / name for name in YEARS]
    listed = sources.check(paths, table="opportunities")
    assert rows(listed).equals(frame)
    assert listed.fingerprint == found.fingerprint
    assert listed.fingerprint != sources.check(paths[::-1], table="opportunities").fingerprint


def test_faults_name_file_and_line_also_below_a_blank_line(exports):
    later = "opportunity_id,stage,amount\n\nC,Won,x\nD,Won\nA,Won,1\n,Won,3\n"
    found = exports({**YEARS, "2025.csv": later})
    cases = found.cases.assign(file=found.cases["file"].str[-8:])
    told = cases.set_index(["rule", "file"])["line"].to_dict()
    assert told == {
        ("wrong_field_count", "2025.csv"): 4,
        ("missing_key", "2025.csv"): 6,
        ("duplicate_key", "2023.csv"): 2,
        ("duplicate_key", "2024.csv"): 2,
        ("duplicate_key", "2025.csv"): 5,
        ("not_a_number", "2025.csv"): 3,
    }
    assert found.rows == found.rows_used + found.rows_set_aside == 8
    assert rows(found)["opportunity_id"].tolist() == ["B", "D"]
    aside = found.set_aside_rows()
    assert [(file[-8:], line) for file, line in zip(aside["file"], aside["line"], strict=True)] == [
        ("2023.csv", 2),
        ("2024.csv", 2),
        ("2025.csv", 3),
        ("2025.csv", 4),
        ("2025.csv", 5),
        ("2025.csv", 6),
    ]
    assert any("line 3 of" in said and "2025.csv" in said for said in found.messages())


def test_a_column_that_came_later_is_empty_before(exports):
    found = exports({**YEARS, "2025.csv": "opportunity_id,stage,source\nE,Won,fair\n"})
    frame = rows(found)
    assert frame["source"].isna().tolist() == [True] * 4 + [False]
    assert pd.isna(frame["amount"].iloc[-1])
    lacking = found.faults.query("rule == 'not_in_all_files'")
    assert dict(zip(lacking["example"], lacking["count"], strict=True)) == {
        "amount": 1,
        "created_at": 1,
        "source": 2,
    }


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        ("", "empty_file"),
        ("stage,amount\nWon,1\n", "missing_column"),
        ("id,stage\nX,Won\n", "names_differ"),
        ('opportunity_id,stage\n"X,Won\nY,Won\n', "open_quote"),
        ("opportunity_id,stage\nX,Größe\n".encode("cp1252"), "unknown_encoding"),
    ],
)
def test_a_file_that_does_not_fit_is_named(exports, content, rule):
    found = exports({**YEARS, "2025.csv": content})
    assert found.faults["rule"].tolist() == [rule]
    assert "2025.csv" in found.messages()[0]
    assert "2025.csv" in found.messages("zh")[0]
    assert found.cases["file"].str.endswith("2025.csv").all()


def test_every_file_has_its_own_encoding_and_delimiter(exports, rules):
    head = "opportunity_id{0}stage{0}account_id{0}amount\n"
    files = {
        "a.csv": (head.format(",") + 'B,赢单,李,"1.000,5"\n').encode(),
        "b.csv": (head.format(";") + "C;Won;Müller;3,5\n").encode("cp1252"),
        "c.csv": (head.format("|") + "D|Won|Größe|2\n").encode("cp1252"),
    }
    found = exports(files, encoding="cp1252")
    assert rows(found)["account_id"].tolist() == ["李", "Müller", "Größe"]
    assert rows(found)["amount"].tolist() == [1000.5, 3.5, 2]
    assert rules(found) == ["not_utf8"]
    assert found.faults["count"].tolist()[-1] == 2


def test_only_files_of_one_kind_are_read_together(exports, tmp_path):
    exports(YEARS)
    pd.DataFrame({"a": [1]}).to_parquet(tmp_path / "2025.parquet")
    with pytest.raises(SalesAnalysisError, match="only CSV files, or only Parquet"):
        sources.check(str(tmp_path / "2*"), table="opportunities")
    with pytest.raises(SalesAnalysisError, match="2 times"):
        sources.check([tmp_path / "2023.csv"] * 2, table="opportunities")
    with pytest.raises(SalesAnalysisError, match=r"a pattern such as `.*\*\.csv`"):
        sources.check(tmp_path, table="opportunities")
