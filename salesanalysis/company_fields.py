"""What is compared of the fields of a company's record, however they were written.

上海市恒信电子有限责任公司 and 恒信（上海）电子有限公司 may be one company; so may 021-61234567 and
+86 21 61234567. The steps are patterns that Python and every engine read alike: ``reduce`` makes
keys of them where the data lie, a family cleans single values. They serve comparing only: what is
shown is what was written.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from salesanalysis.errors import SalesAnalysisError, require_columns

#: The fields by which companies are told apart, where a file has one of them.
IDENTITY = (
    *("name", "registration_code", "legal_representative", "contact", "phone", "address", "city"),
)
#: Full width and what it stands for, for engines that know no other way; Python has NFKC.
WIDE = "".join(chr(sign + 0xFEE0) for sign in range(0x21, 0x7F)) + chr(0x3000)
NARROW = "".join(chr(sign) for sign in range(0x21, 0x7F)) + " "

_PUNCTUATION = (r"[\]\[ \t\n\"'“”‘’·.,、。:;!?()<>{}【】_/|+*#&-]+", " ")
_NO_BLANKS = (" ", "")
_PLACE_WORDS = ("特别行政区|壮族自治区|回族自治区|维吾尔自治区|自治区|省|市", "")
_FORMS_EN = (
    "co|company|corp|corporation|inc|incorporated|ltd|limited|llc|llp|plc|gmbh|mbh|ag|kg|sa|sarl"
    "|srl|bv|nv|ab|oy|pty"
)
_OTHERS = (_PUNCTUATION, _NO_BLANKS)
#: Patterns and what takes their place, in this order, in text of half width and lower case.
STEPS = {
    "name": (
        _PUNCTUATION,
        ("股份有限公司|有限责任公司|股份公司|有限公司|总公司|公司", ""),
        _PLACE_WORDS,
        (f"( ({_FORMS_EN}))+ *$", ""),
        ("^ *the ", ""),
        _NO_BLANKS,
    ),
    # Neither O nor I is a sign of a unified social credit code.
    "registration_code": (("[^0-9a-z]+", ""), ("o", "0"), ("i", "1")),
    "phone": (("[^0-9]+", ""),),
    "address": (*_OTHERS, _PLACE_WORDS),
    "city": (*_OTHERS, _PLACE_WORDS),
}
#: So many signs at the end of a telephone number are the same with and without codes of places.
LAST_OF_PHONE = 8
#: The 31 characters of a unified social credit code in the order of their values: I, O, S, V and Z
#: are none of them. Beside it the weight of each of its first 17.
CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_CODE_WEIGHTS = [pow(3, place, 31) for place in range(17)]


def steps_of(field: str) -> Sequence[tuple[str, str]]:
    """The steps by which a field is cleaned; those of plain text for one that has none."""
    return STEPS.get(field, _OTHERS)


def cleaned(field: str, text: object) -> str:
    """What is compared of one value of a field; empty where it is missing.

    Examples
    --------
    >>> cleaned("name", "上海市恒信（电子）有限责任公司"), cleaned("name", "The Red Mill Co., Ltd.")
    ('上海恒信电子', 'redmill')
    >>> cleaned("phone", "+86 21 6123 4567"), cleaned("registration_code", "9I35 oioo")
    ('61234567', '91350100')
    """
    if text is None or text != text:
        return ""
    value = unicodedata.normalize("NFKC", str(text)).lower()
    for pattern, instead in steps_of(field):
        value = re.sub(pattern, instead, value)
    return value[-LAST_OF_PHONE:] if field == "phone" else value


def check_character(first: str) -> str:
    """The last character that the first 17 of a unified social credit code ask for (GB 32100-2015).

    Examples
    --------
    >>> check_character("91350100M000100Y4")
    '3'
    """
    total = sum(
        CODE_CHARACTERS.index(one) * weight
        for one, weight in zip(first, _CODE_WEIGHTS, strict=True)
    )
    # A remainder of 0 asks for 0, not for 31.
    return CODE_CHARACTERS[-total % 31]


def compared(
    columns: Iterable[str], fields: Sequence[str] | None, argument: str = "accounts"
) -> list[str]:
    """The fields of a file by which its records are compared, in alphabetical order.

    Without ``fields`` those of :data:`IDENTITY` that there are; a file that has none of them is
    none of companies, and is compared by all that it has.

    Examples
    --------
    >>> compared(["account_id", "phone", "name", "rating"], None)
    ['name', 'phone']
    """
    there = [name for name in columns if name != "account_id"]
    if fields is None:
        fields = [name for name in IDENTITY if name in there] or there
    if not fields:
        named = ", ".join(f"`{name}`" for name in IDENTITY)
        raise SalesAnalysisError(
            f"`{argument}` has no field by which records could be compared; expected one of"
            f" {named}, or others, named in `fields`."
        )
    require_columns(there, fields, f"`{argument}`")
    return sorted(set(fields))


def final_accounts(file: pd.DataFrame) -> pd.Series:
    """The account that each record of a file was merged into at last; its own where it was not.

    Raises
    ------
    SalesAnalysisError
        Records were merged into each other in a circle.

    Examples
    --------
    >>> file = pd.DataFrame({"account_id": ["A", "B", "C"], "merged_into": ["B", "C", None]})
    >>> final_accounts(file).tolist()
    ['C', 'C', 'C']
    """
    ids = file["account_id"]
    if "merged_into" not in file:
        return ids.copy()
    went = file["merged_into"].notna() & (file["merged_into"] != ids)
    into = dict(zip(ids[went], file["merged_into"][went], strict=True))
    return ids.map(lambda account: _end(account, into)).astype(ids.dtype)


def _end(account: str, into: Mapping[str, str]) -> str:
    """Where a chain of merged accounts ends."""
    passed = [account]
    while (following := into.get(passed[-1])) is not None:
        if following in passed:
            circle = " → ".join([*passed, following])
            raise SalesAnalysisError(
                f"`merged_into` of `accounts` leads in a circle: {circle}. Expected one that is"
                " kept; clear its `merged_into`."
            )
        passed.append(following)
    return passed[-1]
