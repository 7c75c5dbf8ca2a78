"""What became of a deal, from the words that CRM systems use for it; the same on every engine."""

import re
import unicodedata

from salesanalysis.columns import CANCELLED, LOST, OPEN, WON

#: Words of a stage or outcome, compared as `plain` has them.
WORDS = {
    WON: "won closedwon win wonclosed 赢单 赢 成交 已成交 签约 已签约 签单 已签单 已赢单 赢单关闭"
    " 成单 中标 已中标 成功 w",
    LOST: "lost closedlost lostclosed lose outsold 输单 输 丢单 流失 失败 已输单 已丢单 已流失"
    " 输单关闭 战败 未中标 l",
    CANCELLED: "cancelled canceled closedcancelled closedcanceled abandoned 取消 已取消 作废"
    " 已作废 终止 中止 已终止 无效",
    OPEN: "open active inprogress new 进行中 跟进中 未关闭 打开 在跟进 未结束",
}
_OUTCOMES = {word: outcome for outcome, words in WORDS.items() for word in words.split()}
#: Dynamics writes its state as a number.
STATE_CODES = {"0": OPEN, "1": WON, "2": LOST}

#: A column with more words than this holds no stages and no outcomes.
MOST_WORDS = 10_000


def plain(word: str) -> str:
    """A word without case, width, blanks, signs, a number before it and a bracket after it.

    Examples
    --------
    >>> plain("6 - Closed Won (100%)"), plain("赢单")
    ('closedwon', '赢单')
    """
    word = unicodedata.normalize("NFKC", word).casefold().strip()
    word = re.sub(r"^\d+[%\s._:、)-]*|\([^()]*\)$", "", word)
    return re.sub(r"[\s_.-]", "", word)


def outcome_of_word(text, *, with_codes: bool = False, with_open: bool = True):
    """The outcome that each word of a column says; missing for a word not known.

    Parameters
    ----------
    text : ibis.StringColumn
        Stages or outcomes.
    with_codes : bool
        Whether 0, 1, 2 are words too.
    with_open : bool
        Whether words for an open deal count; as stages they are only some of many.
    """
    import ibis

    words = text.as_table().distinct().limit(MOST_WORDS).to_pyarrow().column(0).to_pylist()
    said = {word: _OUTCOMES.get(plain(word)) for word in words if word is not None}
    if with_codes:
        said |= {word: STATE_CODES[word] for word in said if word in STATE_CODES}
    cases = [
        (text.isin([word for word in said if said[word] == outcome]), outcome)
        for outcome in WORDS
        if outcome in said.values() and (with_open or outcome != OPEN)
    ]
    return ibis.cases(*cases) if cases else ibis.null("string")


def outcome_of_flags(won, closed):
    """The outcome that IsWon and IsClosed say; either may be None for a column not there."""
    import ibis

    cases = []
    if won is not None:
        cases.append((won, WON))
    if closed is not None:
        cases.append((~closed, OPEN))
    if won is not None and closed is not None:
        cases.append((closed & ~won, LOST))
    return ibis.cases(*cases) if cases else ibis.null("string")
