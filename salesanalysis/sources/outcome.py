"""What became of a deal, from the words that CRM systems use for it; the same on every engine.

A word is known as it stands, or as one of a family: behind a known word and a sign or a preposition
comes why (“Closed Lost – price”, “输单：价格”), before it may stand that something closed (“Closed
(Won)”, “关闭-输单”). Words that cast doubt on it (“Won (pending)”) make it one that nobody knows.
"""

import re
import unicodedata
from typing import NamedTuple

from salesanalysis.columns import CANCELLED, LOST, OPEN, WON

#: Words of a stage or outcome, compared as `plain` has them.
WORDS = {
    WON: "won closedwon win wonclosed wondeal wonopportunity winwon 赢单 赢 成交 已成交 签约 已签约"
    " 签单 已签单 已赢单 赢单关闭 成单 中标 已中标 成功 贏單 已贏單 簽約 已簽約 簽單 得標 w"
    " gewonnen gewonnengeschlossen gagné gagnée ganado ganada ganho ganha vinto vinta"
    " 受注 受注済",
    LOST: "lost closedlost lostclosed lose loss outsold lostdeal lostopportunity lostsale lossdeal"
    " disqualified closeddisqualified nodecision closednodecision nobid closednobid declined"
    " rejected dead deaddeal closeddead 输单 输 丢单 流失 失败 已输单 已丢单 已流失 输单关闭 战败"
    " 未中标 已失败 竞争失败 輸單 丟單 已輸單 失敗 未得標 l verloren perdu perdue perdido perdida"
    " perso persa 失注",
    CANCELLED: "cancelled canceled closedcancelled closedcanceled abandoned closedabandoned"
    " withdrawn closedwithdrawn 取消 已取消 作废 已作废 终止 中止 已终止 无效 项目取消 客户取消"
    " 项目终止 已中止 作廢 終止 無效 storniert abgebrochen annulé annulée cancelado cancelada"
    " annullato annullata",
    OPEN: "open active inprogress new ongoing pending onhold 进行中 跟进中 未关闭 打开 在跟进"
    " 未结束 進行中 跟進中 未關閉 offen laufend encours abierto aberto aperto",
}
_OUTCOMES = {word: outcome for outcome, words in WORDS.items() for word in words.split()}
#: Dynamics writes its state as a number.
STATE_CODES = {"0": OPEN, "1": WON, "2": LOST}

#: A column with more words than this holds no stages and no outcomes.
MOST_WORDS = 10_000

#: What may stand before a known word and adds nothing to it.
_CLOSED = re.compile(
    r"^(?:closed|close|deal|opportunity|opp|sale|geschlossen|fermée?|cerrad[oa]|fechad[oa]"
    r"|已?关闭|已?結束|已?结束|已?關閉|结单|結案|商机|商機|项目)(?=[\s\W_]|$)[\s\W_]*"
)
#: What stands between a known word and its reason.
_REASON = re.compile(
    r"\s*(?:[-–—:;/|,·_(\[{<]|->|\.(?=\s))+\s*|\s+(?:to|due to|because of|because|on|by)\s+"
)
#: What makes a word doubtful where it stands for the reason: a win that is not there yet, an end
#: that was none.
_AGAIN = r"\bre-?opened?\b|\bre-?activated\b|\brevived\b|重开|重啟|重启|重新|恢复|[?？]"
_NOT_YET = (
    r"\b(?:pending|tentative|verbal|verbally|expected|forecast|likely|probable|probably|soon|to be"
    r"|not|awaiting|subject to|tbc|unsigned|unconfirmed)\b|待|预计|預計|口头|口頭|可能|即将|未"
)
_DOUBT = {outcome: re.compile(_AGAIN) for outcome in (LOST, CANCELLED, OPEN)}
_DOUBT[WON] = re.compile(f"{_AGAIN}|{_NOT_YET}")
#: What says that a stage ends deals, without saying how.
_ENDS = re.compile(
    r"\b(?:closed|won|lost|cancell?ed|rejected|declined|dead|ended|finished|completed?|expired"
    r"|terminated|abandoned|dropped|withdrawn|disqualified|loss|win"
    r"|gewonnen|verloren|abgelehnt|storniert|abgesagt|geschlossen|beendet"
    r"|perdue?s?|gagnée?s?|annulée?s?|perdid[oa]s?|ganad[oa]s?|cancelad[oa]s?|fechad[oa]s?)\b"
    r"|关闭|關閉|输单|輸單|(?<![传運运])[输輸](?![入出送液])|[赢贏]|失败|失敗|取消|终止|終止|结束|結束"
    r"|丢单|丟單|流失|作废|作廢|失注|受注"
)


class Meaning(NamedTuple):
    """What a word says: an outcome, empty where nobody can tell, and the reason beside it."""

    outcome: str
    reason: str = ""


def plain(word: str) -> str:
    """A word without case, width, blanks, signs and a number before it.

    Examples
    --------
    >>> plain("6 - Closed Won"), plain("赢单")
    ('closedwon', '赢单')
    """
    return re.sub(r"[\s_.-]", "", _narrow(word))


def _narrow(word: str) -> str:
    """A word without case and width, and without the number that orders the stages."""
    word = unicodedata.normalize("NFKC", word).casefold().strip()
    return re.sub(r"^\d+[%\s._:、)-]*", "", word)


def meaning(word: str) -> Meaning:
    """What a stage or outcome says became of a deal.

    Examples
    --------
    >>> meaning("Closed Lost – Price")
    Meaning(outcome='lost', reason='Price')
    >>> meaning("Closed (Won)").outcome, meaning("输单：客户取消").reason
    ('won', '客户取消')
    >>> meaning("Won (pending)").outcome, meaning("Proposal").outcome
    ('', '')
    """
    said = _narrow(word)
    for text in dict.fromkeys((said, _CLOSED.sub("", said))):
        # A bracket around all that is left, as in “Closed (Won)”, is no reason.
        if whole := _known(text.strip("()[]{}<>- ")):
            return Meaning(whole)
        for sign in _REASON.finditer(text):
            if outcome := _known(text[: sign.start()]):
                return _with_reason(outcome, text[sign.end() :], word)
    return Meaning("")


def _known(text: str) -> str:
    """The outcome of a word that is known as it stands."""
    return _OUTCOMES.get(plain(text), "")


def _with_reason(outcome: str, reason: str, word: str) -> Meaning:
    """What a known word means with that behind it, as ``word`` writes it."""
    reason = reason.strip() if "(" in reason else reason.strip(" )]}>")
    other = _known(reason) or outcome
    if (other != outcome and {outcome, other} & {WON, OPEN}) or _DOUBT[outcome].search(reason):
        return Meaning("")  # “Won/Lost” is both, “Won (pending)” neither
    # The number of a stage's probability is no reason, nor is that it closed.
    says_more = re.search(r"[^\W\d_]", reason) and _known(reason) != outcome
    if _CLOSED.fullmatch(reason) or not says_more:
        return Meaning(outcome)
    written = re.search(re.escape(reason), word, re.IGNORECASE)
    return Meaning(outcome, written[0] if written else reason)


def ends_deals(word: str) -> bool:
    """Whether the name of a stage says that deals end there.

    Examples
    --------
    >>> ends_deals("Went dead in legal"), ends_deals("项目已终止"), ends_deals("Closing")
    (True, True, False)
    """
    return bool(_ENDS.search(_narrow(word).replace("_", " ")))


def is_exact(word: str) -> bool:
    """Whether a word is known as it stands, not only as one of a family."""
    return bool(_known(word))


def meanings_of(text) -> dict[str, Meaning]:
    """What each of the different words of a column means."""
    words = text.as_table().distinct().limit(MOST_WORDS).to_pyarrow().column(0).to_pylist()
    return {word: meaning(word) for word in sorted(word for word in words if word is not None)}


def outcome_of_word(
    text, meanings: dict[str, Meaning], *, with_codes: bool = False, with_open: bool = True
):
    """The outcome that each word of a column says; missing for a word not known.

    Parameters
    ----------
    text : ibis.StringColumn
        Stages or outcomes.
    meanings : dict of word to Meaning
        As from :func:`meanings_of` that column.
    with_codes : bool
        Whether 0, 1, 2 are words too.
    with_open : bool
        Whether words for an open deal count; as stages they are only some of many.
    """
    import ibis

    said = {word: meant.outcome for word, meant in meanings.items()}
    if with_codes:
        said |= {word: STATE_CODES[word] for word in said if word in STATE_CODES}
    cases = [
        (text.isin([word for word in said if said[word] == outcome]), outcome)
        for outcome in WORDS
        if outcome in said.values() and (with_open or outcome != OPEN)
    ]
    return ibis.cases(*cases) if cases else ibis.null("string")


def reason_of_word(text, meanings: dict[str, Meaning]):
    """The reason that stands beside the outcome in each word of a column; missing without one."""
    import ibis

    said = {word: meant.reason for word, meant in meanings.items() if meant.reason}
    return ibis.cases(*((text == word, said[word]) for word in said)) if said else None


def outcome_of_flags(won, closed):
    """The outcome that IsWon and IsClosed say; either may be None for a column not there.

    None without either.
    """
    import ibis

    cases = []
    if won is not None:
        cases.append((won, WON))
    if closed is not None:
        cases.append((~closed, OPEN))
    if won is not None and closed is not None:
        cases.append((closed & ~won, LOST))
    return ibis.cases(*cases) if cases else None
