"""The table: each figure of ours beside a floor measured in the same run."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True)
class Aim:
    """What a row aims at: of `ratio` (ours to floor), else of our own figure; `most` turns it into an upper bound."""

    bound: float
    ratio: bool = False
    most: bool = False

    def met(self, ours: float, ratio: float | None) -> bool:
        value = ratio if self.ratio else ours
        return value is not None and (value <= self.bound if self.most else value >= self.bound)

    def __str__(self) -> str:
        return f"{'≤' if self.most else '≥'} {self.bound:g}{' x' if self.ratio else ''}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A figure, measured once a round; `ours[n]` and `floor[n]` were measured one right after the other."""

    name: str
    unit: str
    ours: Sequence[float]
    floor: Sequence[float] = ()
    aim: Aim | None = None

    @property
    def ratios(self) -> list[float]:
        return [ours / floor for ours, floor in zip(self.ours, self.floor, strict=False) if floor]

    def cells(self) -> tuple[str, ...]:
        ours, ratio = median(self.ours), median(self.ratios) if self.ratios else None
        reached = "" if self.aim is None else "yes" if self.aim.met(ours, ratio) else "NO"
        spread = f" ({min(self.ratios):.2f}-{max(self.ratios):.2f})" if len(self.ratios) > 1 else ""
        return (
            f"{self.name}, {self.unit}",
            _told(self.ours),
            _told(self.floor),
            "" if ratio is None else f"{ratio:.2f}{spread}",
            str(self.aim or ""),
            reached,
        )


_HEAD = ("", "ours", "floor", "ratio (range)", "aim", "met")


def table(rows: Sequence[Row]) -> str:
    """The rows below each other; a figure is the median of its rounds, with half of their range as its noise."""
    lines = [_HEAD, *(row.cells() for row in rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(_HEAD))]
    rule = tuple("-" * width for width in widths)
    return "\n".join(_line(line, widths) for line in (lines[0], rule, *lines[1:]))


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = cells
    aligned = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
    return "  ".join([first.ljust(widths[0]), *aligned]).rstrip()


def _told(values: Sequence[float]) -> str:
    if not values:
        return "-"
    middle = median(values)
    noise = (max(values) - min(values)) / 2 / middle * 100 if middle and len(values) > 1 else None
    figure = f"{middle:,.0f}" if abs(middle) >= 100 else f"{middle:.3g}"
    return figure if noise is None else f"{figure} ±{noise:.0f} %"


def quantile(values: Sequence[float], share: float) -> float:
    """The least of the values that `share` of them do not exceed."""
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]
