"""Mutated input files against the readers: no traceback, and every row accounted for.

    python scripts/fuzz_inputs.py --files 1000 --seed 1            # for each reader
    python scripts/fuzz_inputs.py --reader workbook --files 50 --seed 7 --keep out/fuzz

A file is a small deal list that is mutated in its cells (values that people's programs write, names
of columns, rows that are no records) and then, half of the time, in its bytes. Each must be read,
or refused in words, within a minute; a process that dies is a failure too. With ``--keep`` the
files that fail stay there. The exit code is 1 where one fails. The gate runs 50 a reader as a test.
"""

import argparse
import datetime
import io
import random
import sys
import tempfile
import traceback
import zipfile
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

HEADERS = "Opportunity ID,Stage,Amount,Created Date,Close Date,Owner,Probability (%)".split(",")
ODD_HEADERS = (
    "", " ", "Amount", "金额（万元）", "Amount (k€)", "\ufeffStage", "Stage\u200b", "x" * 300,
    "=A1", "Stage\nName", "Deal - Value", "status", "c0", "__row", "Created Date", "'", '"', "a;b",
    "NO",
)  # fmt: skip
ODD_CELLS = (
    "", " ", "-", "n/a", "#REF!", "#DIV/0!", "NaN", "inf", "1e400", "=1+1", '="00123"', "'00123",
    "1.234,50", "12,34,567.50", "(1,200)", "1'234.50", "€ 5", "5 kr", "CHF 9", "¥1,2", "万", "3万",
    "１２", "1.23E+12", "1234567890123450", "2025-02-30", "31/12/2025", "12/31/2025", "03.04.25",
    "45291", "1735689600000", "Mon, 3 Mar 2025", "3. März 2025", "民國114年3月5日", "0000-00-00",
    "Closed Lost - Price", "Closed", "赢单-续约", "Won?", "true", "是", "150%", "5 %", "0.5",
    "Total", "合计", "Grand Total", "Note: all amounts in EUR", "\x00", "\x1b[2J", "\u202e", "😀",
    "a" * 5_000, "a\nb", 'say "hi"', ",", ";", "\t", "<script>", "&amp;",
    "'; DROP TABLE raw; --", "\u200b", "\u00a0", "９９９", "٣٤", "1 234,5",
)  # fmt: skip


def table(rng: random.Random) -> list[list[str]]:
    """A deal list as rows of text, its header first, mutated in its cells."""
    stages = ["Lead", "Proposal", "Closed Won", "Closed Lost"]
    rows = [list(HEADERS)]
    for i in range(rng.choice([0, 1, 2, 5, 30])):
        day = datetime.date(2025, 1, 1) + datetime.timedelta(days=rng.randrange(300))
        rows.append(
            [
                f"D{i:03d}", rng.choice(stages), str(rng.randrange(100, 99_999)), str(day),
                str(day + datetime.timedelta(days=30)), rng.choice(["Ann", "王芳"]), "50",
            ]
        )  # fmt: skip
    for _ in range(rng.choice([0, 1, 1, 2, 5])):
        rng.choice(_ROW_MUTATIONS)(rng, rows)
    return rows


def _odd_cell(rng, rows):
    row = rng.choice(rows[1:] or rows)
    if row:
        row[rng.randrange(len(row))] = rng.choice(ODD_CELLS)


def _odd_column(rng, rows):
    at, cells = rng.randrange(len(HEADERS)), rng.choices(ODD_CELLS, k=rng.choice([1, 2]))
    for row in rows[1:]:
        if at < len(row):
            row[at] = rng.choice(cells)


def _odd_header(rng, rows):
    if rows[0]:
        rows[0][rng.randrange(len(rows[0]))] = rng.choice(ODD_HEADERS)


def _no_column(rng, rows):
    at = rng.randrange(len(HEADERS))
    for row in rows:
        if len(row) > 1 and at < len(row):
            del row[at]


def _more_columns(rng, rows):
    for row in rows:
        row += [rng.choice(ODD_CELLS)] * rng.choice([1, 1, 200])


def _twice(rng, rows):
    rows.insert(rng.randrange(len(rows) + 1), list(rng.choice(rows)))


def _empty_row(rng, rows):
    rows.insert(rng.randrange(len(rows) + 1), [""] * rng.choice([0, 1, len(HEADERS)]))


def _note(rng, rows):
    rows.insert(rng.choice([0, len(rows)]), [rng.choice(ODD_CELLS)])


def _total(rng, rows):
    rows.append([rng.choice(["Total", "合计", "Summe"]), "", "12,345", "", "", "", ""])


def _ragged(rng, rows):
    row = rng.choice(rows)
    del row[rng.randrange(len(row) + 1) :]


_ROW_MUTATIONS = (
    _odd_cell, _odd_cell, _odd_cell, _odd_column, _odd_header, _no_column, _more_columns, _twice,
    _empty_row, _note, _total, _ragged,
)  # fmt: skip


def bent(rng: random.Random, content: bytes) -> bytes:
    """The same bytes with something changed, taken out, doubled or cut off."""
    if not content:
        return content
    data = bytearray(content)
    for _ in range(rng.choice([1, 1, 3, 20])):
        at = rng.randrange(len(data) or 1)
        much = rng.choice([1, 2, 16, 200])
        kind = rng.randrange(5)
        if kind == 0:
            data[at : at + much] = rng.randbytes(much)
        elif kind == 1:
            del data[at : at + much]
        elif kind == 2:
            data[at:at] = data[at : at + much]
        elif kind == 3:
            data[at:at] = rng.choice(
                [b"\0", b'"', b"\r", b"\xff\xfe", b"\xef\xbb\xbf", b"\n\n", b","]
            )
        else:
            del data[at:]
    return bytes(data)


# --- files -----------------------------------------------------------------------------------


def text_file(rng: random.Random) -> tuple[str, bytes]:
    """A CSV of any delimiter, line end and encoding."""
    sign, end = rng.choice(",;\t|"), rng.choice(["\n", "\r\n", "\r"])
    quote = rng.random() < 0.8

    def cell(text: str) -> str:
        odd = quote and any(c in text for c in (sign, '"', "\n", "\r"))
        return '"' + text.replace('"', '""') + '"' if odd else text

    written = end.join(sign.join(map(cell, row)) for row in table(rng)) + rng.choice(["", end])
    encoding = rng.choice(["utf-8", "utf-8", "utf-8-sig", "gb18030", "utf-16", "cp1252", "big5"])
    return rng.choice([".csv", ".txt", ".tsv"]), written.encode(encoding, "replace")


def workbook_file(rng: random.Random) -> tuple[str, bytes]:
    """A workbook of real numbers and dates among texts; its XML is bent now and then."""
    import openpyxl
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = openpyxl.Workbook()
    for row in table(rng):
        book.active.append([_typed(rng, ILLEGAL_CHARACTERS_RE.sub("", cell)) for cell in row])
    sheet = book.active
    for _ in range(rng.choice([0, 0, 1, 2])):
        row, column = rng.randrange(1, 12), rng.randrange(1, 8)
        kind = rng.randrange(5)
        if kind == 0:
            sheet.merge_cells(
                start_row=row, end_row=row + 2, start_column=column, end_column=column
            )
        elif kind == 1:
            sheet.row_dimensions[row].hidden = True
        elif kind == 2:
            sheet.cell(row + 2, column + rng.choice([0, 300, 16_000]), "stray")
        elif kind == 3:
            sheet.cell(row + 1, column).value = "=SUM(A1:A3)"
        else:
            book.create_sheet("Other").append(list(HEADERS))
    stream = io.BytesIO()
    book.save(stream)
    content = stream.getvalue()
    if rng.random() < 0.3:
        content = _bent_member(rng, content)
    return rng.choice([".xlsx", ".xlsx", ".xlsm", ".xls", ".csv"]), content


def _typed(rng, cell: str):
    """A text as the number or date that it is, mostly."""
    if rng.random() < 0.2:
        return cell
    for read in (int, float, datetime.date.fromisoformat):
        try:
            value = read(cell)
        except ValueError:
            continue
        return value if value == value and value not in (float("inf"), float("-inf")) else cell
    return cell


def _bent_member(rng, content: bytes) -> bytes:
    """A whole archive in which one part is bent."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(target, "w") as new:
        chosen = rng.choice(old.namelist())
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, bent(rng, part) if name == chosen else part)
    return target.getvalue()


def parquet_file(rng: random.Random) -> tuple[str, bytes]:
    """A Parquet file of texts, numbers and dates."""
    import pandas as pd

    header, *rows = table(rng)
    width = len(header)
    rows = [(row + [""] * width)[:width] for row in rows]
    names = [f"{name}_{i}" if header.count(name) > 1 else name for i, name in enumerate(header)]
    frame = pd.DataFrame(rows, columns=names, dtype="str")
    for name in frame:
        kind = rng.randrange(4)
        if kind == 0:
            frame[name] = pd.to_numeric(frame[name], errors="coerce")
        elif kind == 1:
            frame[name] = pd.to_datetime(frame[name], errors="coerce", format="ISO8601")
    return ".parquet", frame.to_parquet()


def html_file(rng: random.Random) -> tuple[str, bytes]:
    """An HTML table with the ending of a workbook, as several systems export it."""
    rows = "".join(
        "<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in table(rng)
    )
    encoding = rng.choice(["utf-8", "gb2312", "utf-16"])
    page = (
        f'<html><head><meta charset="{encoding}"></head><body><table>{rows}</table></body></html>'
    )
    return ".xls", page.encode(encoding, "replace")


READERS = {
    "text": text_file,
    "workbook": workbook_file,
    "parquet": parquet_file,
    "html": html_file,
}


def mutated(reader: str, seed: int, number: int) -> tuple[str, bytes]:
    """The ending and the bytes of one file."""
    rng = random.Random(f"{reader} {seed} {number}")
    ending, content = READERS[reader](rng)
    return ending, bent(rng, content) if rng.random() < 0.5 else content


# --- what must hold ----------------------------------------------------------------------------


def problem(path: Path) -> str:
    """What is wrong with how a file is read; empty where nothing is."""
    from salesanalysis import sources
    from salesanalysis.errors import SalesAnalysisError

    try:
        found = sources.check(path, table="opportunities")
    except SalesAnalysisError as error:
        return "" if str(error) else "an error without words"
    except Exception:
        return traceback.format_exc()
    told = [*found.messages("en"), *found.messages("zh")]
    if not all(told) or len(told) % 2:
        return "a fault without words"
    if found.table is None:
        return "" if told else "refused without a word"
    unused = found.rows_set_aside + found.rows_left_out
    if found.rows != found.rows_used + unused + found.rows_not_kept:
        return f"{found.rows} rows: {found.rows_used} used, {unused} not"
    if found.table.count().to_pyarrow().as_py() != found.rows_used:
        return "the table has other rows than were counted"
    listed = len(found.set_aside_rows(most=unused + 1))
    if listed != unused:
        return f"{unused} rows not used, {listed} listed"
    severities = set(found.faults["severity"])
    for count, severity in ((found.rows_set_aside, "set_aside"), (found.rows_left_out, "left_out")):
        if count and severity not in severities:
            return f"{count} rows {severity}, and nothing says so"
    found.table.to_pandas()
    return ""


def _tried(reader: str, seed: int, number: int, folder: str) -> tuple[int, str]:
    ending, content = mutated(reader, seed, number)
    path = Path(folder) / f"{reader}_{seed}_{number}{ending}"
    path.write_bytes(content)
    wrong = problem(path)
    if not wrong:
        path.unlink()
    return number, wrong


def _alone(reader: str, seed: int, number: int, folder: str) -> tuple[int, str]:
    """One file in a process of its own, which may die of it."""
    with ProcessPoolExecutor(1) as pool:
        try:
            return pool.submit(_tried, reader, seed, number, folder).result()
        except BrokenProcessPool:
            return number, "the process died"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reader", choices=READERS, action="append")
    parser.add_argument("--files", type=int, default=1_000, help="for each reader")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", default="", help="a folder for the files that fail")
    arguments = parser.parse_args()
    folder = arguments.keep or tempfile.mkdtemp(prefix="salesanalysis-fuzz-")
    Path(folder).mkdir(parents=True, exist_ok=True)
    failed = 0
    for reader in arguments.reader or READERS:
        numbers, results = list(range(arguments.files)), {}
        for chunk in (numbers[i : i + 50] for i in range(0, len(numbers), 50)):
            try:
                with ProcessPoolExecutor(2) as pool:
                    jobs = [pool.submit(_tried, reader, arguments.seed, n, folder) for n in chunk]
                    results |= dict(job.result() for job in jobs)
            except BrokenProcessPool:
                results |= dict(_alone(reader, arguments.seed, n, folder) for n in chunk)
        wrong = {number: said for number, said in sorted(results.items()) if said}
        failed += len(wrong)
        print(f"{reader}: {len(numbers) - len(wrong)} of {len(numbers)} hold")
        for number, said in wrong.items():
            print(f"  {reader} {arguments.seed} {number}: {said.strip().splitlines()[-1]}")
    return min(failed, 1)


if __name__ == "__main__":
    sys.exit(main())
