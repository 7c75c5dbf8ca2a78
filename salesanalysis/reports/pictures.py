"""The files of a figure, the same bytes each time it is drawn."""

#: Sharp on a screen of double resolution at the figure's own size.
_DOTS_PER_INCH = 192


def png_and_svg(name: str, figure) -> tuple[bytes, bytes]:
    """PNG and SVG of a figure, the same bytes each time: no date, ids from the figure's name."""
    import io

    import matplotlib as mpl

    pictures = []
    with mpl.rc_context({"svg.hashsalt": name}):
        for kind, facts in (("png", {"Software": None}), ("svg", {"Date": None, "Creator": None})):
            picture = io.BytesIO()
            figure.savefig(
                picture, format=kind, dpi=_DOTS_PER_INCH, metadata=facts, bbox_inches="tight"
            )
            pictures.append(picture.getvalue())
    return pictures[0], pictures[1]
