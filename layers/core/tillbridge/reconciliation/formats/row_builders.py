"""From typed columns to rows: all at once where every row is simply its cells, or one by one by a rule."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import repeat
from typing import Any, Generic, Protocol, TypeVar, cast

Made = TypeVar("Made")
Made_co = TypeVar("Made_co", covariant=True)


class Build(Protocol[Made_co]):
    """Makes rows of their lines and of the typed columns of a layout.

    A text in place of a row is why it is left out. ``BadCell`` where the cells of a row contradict each
    other; it comes before the first row. ``makes_every_row`` says that neither ever happens.
    """

    makes_every_row: bool

    def rows(self, lines: range, columns: Sequence[Sequence[Any]]) -> Iterable[Made_co | str]:
        """The rows of these lines."""
        ...


class Straight(Generic[Made]):
    """Rows whose attributes are the columns of these names; all others are as the record has them."""

    makes_every_row = True

    def __init__(self, record: type[Made], names: Sequence[str]) -> None:
        self._names = names
        self._attributes: tuple[str, ...] = cast(Any, record)._fields
        self._defaults: dict[str, Any] = cast(Any, record)._field_defaults
        self._make = cast(Callable[[Iterable[Any]], Made], partial(tuple.__new__, record))

    def rows(self, lines: range, columns: Sequence[Sequence[Any]]) -> Iterable[Made]:
        """The rows of these lines; none is made before it is asked for."""
        return self.of(lines, dict(zip(self._names, columns, strict=True)))

    def of(self, lines: range, given: dict[str, Sequence[Any]]) -> Iterable[Made]:
        """The rows of columns by their names."""
        given["line"] = lines
        of_all = (given[name] if name in given else repeat(self._defaults[name]) for name in self._attributes)
        return map(self._make, zip(*of_all, strict=False))  # what is repeated never ends


class Each(Generic[Made]):
    """Rows as a function makes each of its line and its cells."""

    makes_every_row = False

    def __init__(self, row: Callable[..., Made | str]) -> None:
        self._row = row

    def rows(self, lines: range, columns: Sequence[Sequence[Any]]) -> Iterable[Made | str]:
        """The rows of these lines, all made before the first is given."""
        return list(map(self._row, lines, *columns))
