"""Very wide inputs: of thousands of columns only those that can be of use are loaded."""

from salesanalysis.sources.faults import FatalFaults, Fault
from salesanalysis.sources.matching import match
from salesanalysis.sources.names import plain
from salesanalysis.sources.request import Request

#: So many columns that are none of ours are kept; an export of "all properties" has thousands.
MOST_OTHERS = 400
#: How many of the columns not read are named.
_LISTED = 5


def kept_columns(headers: tuple[str, ...], ask: Request) -> tuple[list[int], list[Fault]]:
    """The positions of the columns to be loaded, and a note on those that are not.

    Columns of ours, those that ``keep`` names and the first others are loaded.

    Raises
    ------
    FatalFaults
        The header has faults: they are those of all of its names, not of those kept.
    """
    everything = list(range(len(headers)))
    if len(headers) <= MOST_OTHERS + len(ask.table.names):
        return everything, []
    from salesanalysis.sources.examine import header_faults

    found = match(headers, ask)
    if faults := header_faults(headers, found, ask):
        raise FatalFaults(*faults)
    asked = {plain(name) for name in ask.keep}
    needed = {*found.positions.values(), *found.flags.values()}
    needed |= {i for i in everything if plain(headers[i]) in asked}
    others = [i for i in everything if i not in needed]
    unread = [headers[i] for i in others[MOST_OTHERS:]]
    listed = ", ".join(f"`{name}`" for name in unread[:_LISTED])
    listed += ", …" if len(unread) > _LISTED else ""
    values = {"kept": MOST_OTHERS}
    note = [Fault("columns_not_read", "", len(unread), listed, values)] if unread else []
    return sorted({*needed, *others[:MOST_OTHERS]}), note
