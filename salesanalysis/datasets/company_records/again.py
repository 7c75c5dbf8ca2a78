"""A record as it is when somebody who does not find it writes it down once more."""

import re

from salesanalysis.company_fields import CODE_CHARACTERS
from salesanalysis.datasets.company_records import words as w
from salesanalysis.datasets.company_records.companies import (
    chinese_person,
    english_person,
    is_chinese,
)
from salesanalysis.datasets.company_records.hand import Hand

_FULL_WIDTH = {ord("("): "（", ord(")"): "）", ord("-"): "－"} | {
    number: number + 0xFEE0
    for first, last in ("09", "AZ", "az")
    for number in range(ord(first), ord(last) + 1)
}


def entered_again(row: dict, hand: Hand) -> dict:
    """The record as it is when somebody who does not find it writes it down again."""
    chinese = is_chinese(row["name"])
    name = _chinese_name_again if chinese else _english_name_again
    again = row | {"name": name(row["name"], row.get("city"), hand)}
    new_person = chinese_person if chinese else english_person
    rewritten = {
        # field: share left out, how the rest is written
        "registration_code": (0.30, _code_again),
        "legal_representative": (0.25, lambda p, hand: new_person(hand) if hand.slips(0.1) else p),
        "contact": (0.25, lambda p, hand: new_person(hand) if hand.slips(0.5) else p),
        "phone": (0.20, _phone_again),
        "address": (0.20, _chinese_address_again if chinese else _english_address_again),
        "city": (0.10, lambda city, hand: city + "市" if chinese and hand.slips(0.4) else city),
    }
    for field, (left_out, write) in rewritten.items():
        if isinstance(row.get(field), str):
            again[field] = None if hand.slips(left_out) else write(row[field], hand)
    return again


def _chinese_name_again(name: str, city: str | None, hand: Hand) -> str:
    form = max((f for f in w.FORMS_ZH if name.endswith(f)), key=len, default="")
    core = name[: len(name) - len(form)]
    place = next((known for known in w.CITIES_ZH if core.startswith(known)), "")
    core = core[len(place) :]
    if hand.slips(0.1):
        core = hand.mistyped(core, w.BRAND_ZH)
    if hand.slips(0.4):
        form = hand.one_of((*w.FORMS_ZH, "公司", ""))
    if hand.slips(0.15):
        core = core[:2] + " " + core[2:]
    if hand.slips(0.1):
        place = "" if place else str(city or "")
    if place and hand.slips(0.5):
        written = hand.one_of((f"{place}市|", f"（{place}）|", f"|（{place}）", f"|({place})"))
    else:
        written = f"{place}|"
    before, behind = written.split("|")
    trade = core[2:] if hand.slips(0.5) else ""
    core = core[: len(core) - len(trade)]
    return (before + core + behind + trade + form).strip()


def _english_name_again(name: str, _: str | None, hand: Hand) -> str:
    if hand.slips(0.1):
        name = hand.mistyped(name, "aeioustrn")
    if hand.slips(0.5):
        name += " " + hand.one_of(w.FORMS_EN)
    if hand.slips(0.25):
        name = hand.one_of((name.upper(), name.lower(), name.replace(" ", "  ", 1), "The " + name))
    return name.strip()


def _code_again(code: str, hand: Hand) -> str:
    if hand.slips(0.08):
        return code[2:8] + hand.digits(9)  # the number that companies had before 2015
    if hand.slips(0.08):
        wrong = hand.one_of(CODE_CHARACTERS.replace(code[9], ""))
        return code[:9] + wrong + code[10:]
    if hand.slips(0.15):
        code = code.replace("0", "O").replace("1", "I")
    if hand.slips(0.15):
        code = code.lower()
    if hand.slips(0.1):
        code = f"{code[:6]} {code[6:]}"
    return code


def _phone_again(phone: str, hand: Hand) -> str:
    if hand.slips(0.06):
        return phone[:-8] + hand.digits(8)  # another telephone of the same company
    if hand.slips(0.1):
        phone = hand.mistyped(phone, CODE_CHARACTERS[:10])
    if hand.slips(0.4):
        bare = re.sub(r"\D", "", phone)
        phone = hand.one_of((bare, f"+86 {bare}" if phone[:1] != "+" else f"+{bare}", phone + " "))
    return phone.translate(_FULL_WIDTH) if hand.slips(0.05) else phone


def _chinese_address_again(address: str, hand: Hand) -> str:
    if hand.slips(0.06):
        return address[:3] + hand.one_of(w.STREETS_ZH) + hand.digits(2) + "号"  # it has moved
    if hand.slips(0.3):
        address = re.sub(r"^.{2}省", "", address)
    if hand.slips(0.2):
        address = address.replace("市", "", 1)
    if hand.slips(0.25):
        address = re.sub(r"\d+室$", "", address)
    if hand.slips(0.12):
        address = hand.mistyped(address, w.BRAND_ZH)
    if hand.slips(0.1):
        address = address.replace("号", "号 ")
    return address.translate(_FULL_WIDTH) if hand.slips(0.1) else address


def _english_address_again(address: str, hand: Hand) -> str:
    if hand.slips(0.06):
        return f"{hand.digits(2)} {hand.one_of(w.STREETS_EN)} Street"
    if hand.slips(0.4):
        for full, short in w.ROADS_EN.items():
            address = address.replace(f" {full},", f" {short},")
    if hand.slips(0.3):
        address = address.rsplit(", ", 1)[0]
    if hand.slips(0.12):
        address = hand.mistyped(address, "aeioustrn")
    return address.upper() if hand.slips(0.1) else address
