"""The executed notebook, made the same bytes each time the same input is run."""

import itertools
import re

from salesanalysis.masking import mask_secrets
from salesanalysis.reports import display

_ADDRESS = re.compile(r"\bat 0x[0-9a-fA-F]+")
_STYLER_ID = re.compile(r"\bT_([0-9a-f]{5})(?=[\s\"_])")


def join_streams(notebook) -> None:
    """Put together, in place, what was printed in one go: its pieces differ from run to run.

    Of a line that was written over by carriage returns, a progress bar for one, the last state
    stays. (nbclient can do this too, in a time that grows with the square of a line's length.)
    """
    for cell in notebook.cells:
        if not cell.get("outputs"):
            continue
        joined = []
        for is_stream, outputs in itertools.groupby(
            cell.outputs, lambda output: output.output_type == "stream"
        ):
            outputs = list(outputs)
            for name in ("stdout", "stderr") if is_stream else ():
                pieces = [output for output in outputs if output.name == name]
                if pieces:
                    pieces[0].text = _as_seen("".join(piece.text for piece in pieces))
                    joined.append(pieces[0])
            joined += [] if is_stream else outputs
        cell.outputs = joined


def _as_seen(printed: str) -> str:
    """What a terminal shows of a text with carriage returns.

    Examples
    --------
    >>> _as_seen("10 %\\r50 %\\rdone\\r\\nnext")
    'done\\nnext'
    """
    if "\r" not in printed:
        return printed
    return "\n".join(line.rstrip("\r").rpartition("\r")[2] for line in printed.split("\n"))


def normalise(notebook) -> None:
    """Take out of an executed notebook, in place, what differs from run to run.

    Timings, random cell ids, memory addresses and pandas Styler ids go; so does the plain text
    beside HTML, and any password inside a URL.
    """
    notebook.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python", "file_extension": ".py"},
    }
    notebook.nbformat_minor = max(notebook.nbformat_minor, 5)  # the first with cell ids
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number}"
        cell.metadata = {"tags": list(cell.metadata.get("tags", []))}
        cell.source = mask_secrets(cell.source)
        for output in cell.get("outputs", []):
            _normalise_output(output)


def _normalise_output(output) -> None:
    if output.output_type == "stream":
        output.text = _steady(output.text)
    elif output.output_type == "error":
        output.evalue = mask_secrets(output.evalue)
        output.traceback = [mask_secrets(line) for line in output.traceback]
    else:
        output.metadata = {
            key: output.metadata[key] for key in (display.PART,) if key in output.metadata
        }
        if "text/html" in output.data:
            output.data.pop("text/plain", None)
        for kind in [kind for kind in output.data if kind.startswith("text/")]:
            output.data[kind] = _steady(output.data[kind])


def _steady(said: str) -> str:
    """A text without memory addresses, passwords and random Styler ids.

    Examples
    --------
    >>> _steady("<object object at 0x7f12ab>")
    '<object object at 0x…>'
    """
    ids = dict.fromkeys(_STYLER_ID.findall(said))
    for number, styler in enumerate(ids, start=1):
        said = said.replace(f"T_{styler}", f"T_{number:05d}")
    return mask_secrets(_ADDRESS.sub("at 0x…", said))


def warnings_of(notebook) -> list[dict]:
    """What Python and its libraries wrote to the error stream: ``cell`` and ``text`` of each."""
    return [
        {"cell": number, "text": output.text.strip()}
        for number, cell in enumerate(notebook.cells, start=1)
        for output in cell.get("outputs", [])
        if output.output_type == "stream" and output.name == "stderr" and output.text.strip()
    ]
