"""Write the small faulty files of ``data/sample/dirty``, one fault each.

``python scripts/make_dirty.py`` needs openpyxl, and msoffcrypto-tool for the protected workbook.
The text files come out byte for byte the same each time; workbooks hold the hour of writing.
"""

import io
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "data" / "sample" / "dirty"

HEADER = "opportunity_id,stage,amount,created_at,closed_at"
SOUND = "D1,Won,100,2024-01-05,2024-02-01", "D2,Lost,200,2024-01-06,2024-02-02"


def table(*rows: str, header: str = HEADER) -> str:
    """A header, rows, a line end after each."""
    return "".join(f"{line}\n" for line in (header, *rows))


TEXTS = {
    "empty.csv": "",
    "header_only.csv": table(),
    "no_header.csv": table(*SOUND[1:], header=SOUND[0]),
    "wrong_delimiter.csv": table(*SOUND).replace(",", "^"),
    "column_twice.csv": table("D1,Won,1,2", header="opportunity_id,stage,amount,amount"),
    "two_stage_columns.csv": table("D1,Won,Won", header="opportunity_id,Deal Stage,Sales Stage"),
    "no_id.csv": table("D1,Won", header="deal_name,stage"),
    "ragged.csv": table(*SOUND, "D3,Won,300", "D4,Won,1,200,2024-01-05,2024-02-01"),
    "blank_lines.csv": table(*SOUND, "", '"D3\nsecond line",Won,300,2024-01-05,2024-02-01', "")
    + "D4,Won,x,2024-01-05,2024-02-01\n",
    "broken_quotes.csv": table(*SOUND, 'D3,"5" screen",300,2024-01-05,2024-02-01'),
    "open_quote.csv": table(SOUND[0], 'D2,"Lost,200,2024-01-06,2024-02-02', "D3,Won,1,,"),
    "zero_byte.csv": table(*SOUND, "D3,W\0n,300,2024-01-05,2024-02-01"),
    "long_cell.csv": table(*SOUND, f"D3,{'x' * 10_000},300,2024-01-05,2024-02-01"),
    "impossible_date.csv": table(*SOUND, "D3,Won,300,2018-02-29,2018-03-01"),
    "two_digit_year.csv": table(*SOUND, "D3,Won,300,05/01/24,2024-02-01"),
    "closed_before_created.csv": table(*SOUND, "D3,Won,300,2024-01-05,2024-01-04"),
    "ambiguous_dates.csv": table("D1,Won,1,05/01/2024,", "D2,Lost,2,06/01/2024,"),
    "mixed_dates.csv": table("D1,Won,1,25/01/2024,", "D2,Lost,2,01/26/2024,"),
    "amounts.csv": table(
        'D1,Won,"1,234.50",2024-01-05,',
        "D2,Won,¥12万,2024-01-05,",
        "D3,Won,−5,2024-01-05,",
        "D4,Won,about 5,2024-01-05,",
        "D5,Won,(7),2024-01-05,",
        "D6,Won,１２３,2024-01-05,",
    ),
    "mixed_amounts.csv": table('D1,Won,"1.234,50",,', 'D2,Won,"1,234.50",,'),
    "two_currencies.csv": table(
        "D1,Won,1,EUR",
        "D2,Won,2,USD",
        "D3,Won,3,EUR",
        header="opportunity_id,stage,amount,currency",
    ),
    "missing_ids.csv": table(*SOUND, "nan,Won,3,,", "N/A,Won,3,,", "-,Won,3,,", "无,Won,3,,"),
    "duplicate_ids.csv": table(*SOUND, SOUND[0], "D2,Lost,201,2024-01-06,2024-02-02"),
    "unknown_stages.csv": table(*SOUND, "D3,Wno,300,2024-01-05,"),
    "unknown_outcomes.csv": table("D1,won", "D2,kaputt", header="opportunity_id,outcome"),
    "no_outcome.csv": table(*SOUND).replace("Won", "Done").replace("Lost", "Over"),
    "salesforce.csv": table(
        "006A,Closed Won,100,1/31/2024,1/5/2024,100",
        "006B,Proposal,200,6/30/2024,1/6/2024,60",
        header="Opportunity ID,Stage,Amount,Close Date,Created Date,Probability (%)",
    ),
}

GERMAN = table(
    "A1;Unterschrieben;1.234,50;15.01.2024",
    "A2;Abgesprungen;12,00;16.01.2024",
    header="Id;stage;amount;created_at",
)
CHINESE = table(
    "S1,赢单,12,2024年3月1日,是",
    "S2,输单,3.5,2024年3月2日,否",
    header="商机编号,销售阶段,金额（万元）,创建日期,必赢",
)


def workbook(rows, *, title=None, more=None) -> bytes:
    """A workbook of one sheet, perhaps with a merged title over it and another sheet."""
    import openpyxl

    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Deals"
    if title:
        sheet.append([title])
        sheet.merge_cells("A1:E1")
        sheet.append([])
    for row in rows:
        sheet.append(row)
    if more:
        other = book.create_sheet("More")
        for row in more:
            other.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def encrypted(content: bytes, password: str) -> bytes:
    """A workbook under a password."""
    import msoffcrypto

    out = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(content)).encrypt(password, out)
    return out.getvalue()


def files() -> dict[str, bytes]:
    """The text files, by name."""
    made = {name: text.encode() for name, text in TEXTS.items()}
    gbk = CHINESE.encode("gb18030")
    return made | {
        "german.csv": b"\xef\xbb\xbf" + GERMAN.encode(),
        "chinese_gbk.csv": gbk,
        "chinese_utf16.csv": CHINESE.encode("utf-16"),
        "mixed_encoding.csv": CHINESE.encode() + gbk.split(b"\n")[1] + b"\n",
        "western.csv": "opportunity_id,stage\nMüller,Won\nGröße,Lost\n".encode("cp1252"),
    }


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    rows = [line.split(",") for line in (HEADER, *SOUND)]
    made = files()
    made["titles.xlsx"] = workbook(rows, title="Deals of the year")
    made["two_sheets.xlsx"] = workbook(rows, more=rows)
    made["password.xlsx"] = encrypted(workbook(rows), "secret")
    made["not_a_workbook.xlsx"] = b"opportunity_id,stage\nD1,Won\n"
    for name, content in made.items():
        (FOLDER / name).write_bytes(content)


if __name__ == "__main__":
    main()
