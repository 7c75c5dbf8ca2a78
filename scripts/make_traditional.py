"""Write ``salesanalysis/sources/aliases/traditional.py``: traditional Chinese as simplified.

``pip install opencc-python-reimplemented`` first; its table (OpenCC, Apache licence) is the source.
Only characters that the names of columns and periods use are kept: run it again when new ones are
added.
"""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "salesanalysis" / "sources" / "aliases"
#: Characters of periods and of words for outcomes, beside those of the names of columns.
MORE = "年第季度月份周上下半财期赢输丢单取消关闭进行中结束终止失败成交总计合小计单位万亿元币"

TEMPLATE = '''"""Traditional Chinese as simplified: written by ``scripts/make_traditional.py``."""

_TRADITIONAL = (
{traditional}
)
_SIMPLIFIED = (
{simplified}
)
_TABLE = str.maketrans(_TRADITIONAL, _SIMPLIFIED)


def simplified(text: str) -> str:
    """A text with the traditional characters that names of columns use as simplified ones.

    Examples
    --------
    >>> simplified("商機編號"), simplified("負責人"), simplified("2025年第三季")
    ('商机编号', '负责人', '2025年第三季')
    """
    return text.translate(_TABLE)
'''


def wrapped(text: str) -> str:
    """A long text as lines of literals."""
    return "\n".join(f'    "{text[i : i + 44]}"' for i in range(0, len(text), 44))


def main() -> None:
    import opencc

    table = Path(opencc.__file__).parent / "dictionary" / "TSCharacters.txt"
    pairs = dict(line.split("\t") for line in table.read_text("utf-8").splitlines() if line)
    pairs = {one: into.split()[0] for one, into in pairs.items()}
    sources = [path for path in FOLDER.glob("*.py") if path.name != "traditional.py"]
    names = "".join(path.read_text("utf-8") for path in sources) + MORE
    used = {pairs.get(sign, sign) for sign in re.findall(r"[\u4e00-\u9fff]", names)}
    kept = sorted((one, into) for one, into in pairs.items() if into in used and into != one)
    kept = [pair for pair in kept if len(pair[0]) == len(pair[1]) == 1 and ord(pair[0]) < 0x10000]
    traditional, simplified = ("".join(side) for side in zip(*kept, strict=True))
    text = TEMPLATE.format(traditional=wrapped(traditional), simplified=wrapped(simplified))
    (FOLDER / "traditional.py").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
