"""One line in a frame, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

WIDTH, HEIGHT, LEFT, BOTTOM, TOP = 640, 300, 60, 46, 34


def line_plot(title: str, across: str, up: str, points: Sequence[tuple[float, float]]) -> str:
    """A plot of `points` whose axes begin at zero."""
    most_x = max(x for x, _ in points) or 1
    most_y = 1.25 * max(y for _, y in points) or 1

    def place(x: float, y: float) -> tuple[float, float]:
        return (
            LEFT + (WIDTH - LEFT - 20) * x / most_x,
            HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * y / most_y,
        )

    def label(x: float, y: float, text: str, anchor: str = "middle", more: str = "") -> str:
        return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" {more}>{escape(text)}</text>'

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        label(WIDTH / 2, 20, title, more='font-weight="bold"'),
    ]
    for step in range(5):
        value = most_y * step / 4
        _, y = place(0, value)
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - 20}" y2="{y:.1f}" stroke="#dddddd"/>')
        parts.append(label(LEFT - 6, y + 4, f"{value:.2f}", "end"))
        x, _ = place(most_x * step / 4, 0)
        parts.append(label(x, HEIGHT - BOTTOM + 16, f"{most_x * step / 4:.0f}"))
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in points))
    parts.append(f'<polyline points="{path}" fill="none" stroke="#2b6cb0" stroke-width="2"/>')
    parts.append(label(WIDTH / 2, HEIGHT - 10, across))
    middle = (HEIGHT - BOTTOM + TOP) / 2
    parts.append(label(14, middle, up, more=f'transform="rotate(-90 14 {middle:.0f})"'))
    parts.append("</svg>")
    return "\n".join(parts) + "\n"
