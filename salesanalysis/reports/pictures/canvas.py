"""A renderer for matplotlib that writes a small SVG: text as text, marks with names.

Matplotlib's own writes every letter as a shape, which is three times as large, can be neither
searched nor read aloud, and gives a mark no name. Text keeps the width that matplotlib laid out
(``textLength``), whatever font the reader's machine has. Units are the pixels of a page.
"""

import base64
import io
import re
from xml.sax.saxutils import escape, quoteattr

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox

from salesanalysis.plots.font import FAMILIES

#: Pixels of a page in an inch.
DPI = 96

#: Inches around what is drawn, so that no edge of a line is cut.
_MARGIN = 0.03

_LETTERS = {Path.MOVETO: "M", Path.CURVE3: "Q", Path.CURVE4: "C"}
_CAPS = {"projecting": "square", "round": "round"}
_ANCHORS = {"center": ("middle", 0.5), "right": ("end", 1.0)}
_BOLD = ("semibold", "demibold", "demi", "bold", "heavy", "extra bold", "black")

#: What XML cannot hold at all, wherever it comes from.
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


class Renderer(RendererBase):
    """What is drawn, as elements of an SVG, and the marks that were named, in their order."""

    def __init__(self, width: float, height: float):
        super().__init__()
        self.width, self.height = width, height
        self.drawn, self.marks = [], []
        self._defined: dict[str, str] = {}
        self._down = Affine2D().scale(1, -1).translate(0, height)
        #: Beyond this no line is followed: a figure may draw somewhat outside of itself.
        self._reach = Bbox.from_bounds(-width, -height, 3 * width, 3 * height)

    # --- what matplotlib asks of a renderer --------------------------------------------------

    def get_canvas_width_height(self):
        return self.width, self.height

    def points_to_pixels(self, points):
        return points * DPI / 72

    def flipy(self):
        return True

    def option_image_nocomposite(self):
        return True

    def draw_path(self, gc, path, transform, rgbFace=None):
        transform = transform + self._down
        filled = rgbFace is not None or gc.get_hatch() is not None
        # Lines are cut off where the axes end; what is filled is clipped, if it reaches further.
        box = None if filled else self._box(gc) or self._reach
        simplify = path.should_simplify and not filled
        within = None if box is None else tuple(box.extents)
        shape = _shape(path.iter_segments(transform, True, within, simplify=simplify, snap=False))
        if shape:
            clip = self._clip(gc, path.get_extents(transform)) if filled else ""
            self._shape(gc, shape, rgbFace, clip)

    def draw_markers(self, gc, marker_path, marker_trans, path, trans, rgbFace=None):
        # Matplotlib draws a single filled area as a marker, too: one may be as large as the axes.
        flipped, round_one = marker_trans + Affine2D().scale(1, -1), _is_circle(marker_path)
        reach, box = marker_path.get_extents(flipped), self._box(gc)
        shapes, clip = [], ""
        for vertices, _ in path.iter_segments(trans + self._down, simplify=False):
            x, y = vertices[-2:]
            there = reach.translated(x, y)
            if box is not None and not there.overlaps(box):
                continue
            clip = clip or self._clip(gc, there)
            moved = flipped + Affine2D().translate(x, y)
            shapes.append(
                _circle(x, y, marker_trans)
                if round_one
                else _shape(marker_path.iter_segments(moved, simplify=False))
            )
        if shapes:
            self._shape(gc, "".join(shapes), rgbFace, clip)

    def draw_image(self, gc, x, y, im, transform=None):
        from matplotlib.image import imsave

        height, width = im.shape[:2]
        if not width or not height:
            return
        content = io.BytesIO()
        imsave(content, im[::-1], format="png", metadata={"Software": None})
        data = base64.b64encode(content.getvalue()).decode()
        shown = f'width="{_number(width)}" height="{_number(height)}"'
        place = f'x="{_number(x)}" y="{_number(self.height - y - height)}"'
        self.drawn.append(f'<image {place} {shown} href="data:image/png;base64,{data}"/>')

    def draw_text(self, gc, x, y, s, prop, angle, ismath=False, mtext=None):
        if ismath:  # a formula has no letters to write
            super().draw_text(gc, x, y, s, prop, angle, ismath, mtext)
            return
        if not s.strip():
            return
        width = self.get_text_width_height_descent(s, prop, False)[0]
        aligned = mtext.get_horizontalalignment() if mtext is not None and not angle else "left"
        anchor, part = _ANCHORS.get(aligned, ("start", 0.0))
        look = [f'x="{_number(x + part * width)}" y="{_number(y)}"']
        if part:
            look.append(f'text-anchor="{anchor}"')
        look.append(f'font-size="{_number(self.points_to_pixels(prop.get_size_in_points()))}"')
        weight = prop.get_weight()
        if weight in _BOLD or (not isinstance(weight, str) and weight >= 600):
            look.append('font-weight="bold"')
        look += self._paint("fill", gc.get_rgb(), gc)
        if len(s) > 1:
            look.append(f'textLength="{_number(width)}" lengthAdjust="spacingAndGlyphs"')
        if angle:
            look.append(f'transform="rotate({_number(-angle)} {_number(x)} {_number(y)})"')
        self.drawn.append(f"<text {' '.join(look)}>{escape(_NOT_XML.sub('', s))}</text>")

    # --- marks, and the whole ----------------------------------------------------------------

    def mark(self, box, said: str) -> None:
        """Name what lies in a box (x, y, width, height from the lower left)."""
        x, y, width, height = box
        place = f'x="{_number(x)}" y="{_number(self.height - y - height)}"'
        size = f'width="{_number(width)}" height="{_number(height)}"'
        self.marks.append(
            f'<g class="m" role="img"><title>{escape(_NOT_XML.sub("", said))}</title>'
            f"<rect {place} {size}/></g>"
        )

    def document(self, box: Bbox) -> str:
        """The SVG of what was drawn within a box, which is in inches from the lower left."""
        x, y = _number(-box.x0 * DPI), _number(box.y1 * DPI - self.height)
        width, height = _number(box.width * DPI), _number(box.height * DPI)
        fonts = quoteattr(", ".join([*(f"'{name}'" for name in FAMILIES), "sans-serif"]))
        defined = "".join(self._defined.values())
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" font-family={fonts} style="background:#ffffff">',
            f"<defs>{defined}</defs>" if defined else "",
            f'<g transform="translate({x} {y})">',
            '<g aria-hidden="true" stroke-linejoin="round">' if self.marks else "<g>",
            *self.drawn,
            "</g>",
            *self._named(),
            "</g>",
            "</svg>",
        ]
        return "\n".join(line for line in lines if line) + "\n"

    # --- how it is done ----------------------------------------------------------------------

    def _named(self) -> list[str]:
        return ['<g fill="none" pointer-events="all">', *self.marks, "</g>"] if self.marks else []

    def _box(self, gc) -> Bbox | None:
        """The rectangle that a thing is clipped to."""
        bounds = gc.get_clip_rectangle()
        if bounds is None:
            return None
        x, y, width, height = bounds.bounds
        return Bbox.from_bounds(x, self.height - y - height, width, height)

    def _clip(self, gc, reach: Bbox) -> str:
        """A reference to the clip, where what is drawn reaches further than its clip."""
        clip, moved = gc.get_clip_path()
        if clip is not None:
            shape = _shape(clip.iter_segments(moved + self._down, simplify=False))
            return f'clip-path="url(#{self._define("clipPath", f"<path d={quoteattr(shape)}/>")})"'
        box = self._box(gc)
        if box is None:
            return ""
        if np.all(reach.min >= box.min - 0.1) and np.all(reach.max <= box.max + 0.1):
            return ""
        rect = (
            f'<rect x="{_number(box.x0)}" y="{_number(box.y0)}" width="{_number(box.width)}"'
            f' height="{_number(box.height)}"/>'
        )
        return f'clip-path="url(#{self._define("clipPath", rect)})"'

    def _define(self, tag: str, content: str, look: str = "") -> str:
        """The id of something that is defined once, however often it is used."""
        key = tag + look + content
        number = list(self._defined).index(key) if key in self._defined else len(self._defined)
        name = f"d{number}"
        self._defined[key] = f'<{tag} id="{name}"{look}>{content}</{tag}>'
        return name

    def _shape(self, gc, shape: str, face, clip: str) -> None:
        look = self._paint("fill", face, gc) if face is not None else ['fill="none"']
        width = self.points_to_pixels(gc.get_linewidth())
        if width and (len(gc.get_rgb()) < 4 or gc.get_rgb()[3]):
            look += self._paint("stroke", gc.get_rgb(), gc)
            look.append(f'stroke-width="{_number(width)}"')
            if cap := _CAPS.get(gc.get_capstyle()):
                look.append(f'stroke-linecap="{cap}"')
            offset, dashes = gc.get_dashes()
            if dashes is not None:
                look.append(f'stroke-dasharray="{" ".join(map(_number, self._pixels(dashes)))}"')
                if offset:
                    look.append(f'stroke-dashoffset="{_number(self.points_to_pixels(offset))}"')
        elif face is None and not gc.get_hatch():
            return
        look += [clip] if clip else []
        self.drawn.append(f'<path d="{shape}" {" ".join(look)}/>')
        if gc.get_hatch():
            self._hatch(gc, shape, clip)

    def _hatch(self, gc, shape: str, clip: str) -> None:
        tile = _shape(gc.get_hatch_path().iter_segments(Affine2D().scale(DPI), simplify=False))
        colour = to_hex(gc.get_hatch_color())
        width = _number(self.points_to_pixels(gc.get_hatch_linewidth()))
        lines = f'<path d="{tile}" fill="{colour}" stroke="{colour}" stroke-width="{width}"/>'
        size = f' width="{DPI}" height="{DPI}" patternUnits="userSpaceOnUse"'
        name = self._define("pattern", lines, size)
        self.drawn.append(f'<path d="{shape}" fill="url(#{name})"{" " + clip if clip else ""}/>')

    def _pixels(self, points) -> list[float]:
        return [self.points_to_pixels(length) for length in points]

    def _paint(self, what: str, colour, gc) -> list[str]:
        opacity = gc.get_alpha() if gc.get_forced_alpha() else (*colour, 1.0)[3]
        if not opacity:
            return [f'{what}="none"']
        shown = [f'{what}="{to_hex(colour[:3])}"']
        return shown if opacity == 1 else [*shown, f'{what}-opacity="{_number(opacity)}"']


def drawn_as_svg(figure: Figure) -> tuple[bytes, Bbox]:
    """The SVG of a figure, and the box in inches of what is drawn on it.

    Laid out and drawn once: the SVG shows the part of the figure that holds something.
    """
    figure.dpi = DPI
    renderer = Renderer(*(figure.get_size_inches() * DPI))
    patches = [one.patch for one in (figure, *figure.findobj(Axes)) if one.patch.get_visible()]
    for patch in patches:  # the paper is the page's
        patch.set_visible(False)
    figure.draw(renderer)
    for patch in patches:
        patch.set_visible(True)
    box = figure.get_tightbbox(renderer)
    return renderer.document(box.padded(_MARGIN)).encode(), box


def _number(value: float) -> str:
    """A hundredth of a pixel is seen by nobody."""
    said = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if said == "-0" else said


def _shape(segments) -> str:
    """The ``d`` of a path; a step along one axis is written as one number."""
    said, at = [], ("", "")
    for vertices, code in segments:
        if code == Path.CLOSEPOLY:
            said.append("Z")
            continue
        numbers = [_number(value) for value in vertices]
        there = (numbers[-2], numbers[-1])
        if code == Path.LINETO:
            if there == at:
                continue
            said.append(
                f"V{there[1]}"
                if there[0] == at[0]
                else f"H{there[0]}"
                if there[1] == at[1]
                else f"L{' '.join(there)}"
            )
        else:
            said.append(_LETTERS[code] + " ".join(numbers))
        at = there
    return "".join(said)


def _is_circle(path) -> bool:
    """Whether it is the path of matplotlib's round marker."""
    return len(path.vertices) == len(Path.unit_circle().vertices) and np.allclose(
        path.vertices, Path.unit_circle().vertices
    )


def _circle(x: float, y: float, scaled) -> str:
    radius = float(abs(scaled.get_matrix()[0, 0]))
    r, across = _number(radius), _number(2 * radius)
    return f"M{_number(x - radius)} {_number(y)}a{r} {r} 0 1 0 {across} 0a{r} {r} 0 1 0-{across} 0Z"
