"""Machine code: arrays go from function to function as one address, and nothing is compiled twice."""

from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import pytest
from numpy.typing import NDArray

from engine.dialing.machine_code import address_of, by_address, compiled, inner, is_ready, step


@by_address
class Shelf(NamedTuple):
    """Arrays as the kernel has them."""

    sums: NDArray[Any]
    table: NDArray[np.int32]


@inner
def put(place: Any, number: Any, shelf: Shelf) -> None:
    shelf.sums[place] += number


@step
def corner(shelf: Shelf) -> Any:
    rows, columns = shelf.table.shape
    return shelf.table[rows - 1, columns - 1]


@compiled
def fill(number: int, shelf: Shelf) -> int:
    put(0, 1, shelf)
    put(1, number, shelf)
    put(len(shelf.sums) - 1, corner(shelf), shelf)
    return int(shelf.sums[0])


def shelf_of(dtype: Any) -> Shelf:
    return Shelf(np.zeros(3, dtype), np.arange(6, dtype=np.int32).reshape(2, 3))


@pytest.mark.parametrize("dtype", [np.int64, np.uint32])
def test_functions_read_and_change_the_arrays_themselves(dtype: Any) -> None:
    shelf = shelf_of(dtype)

    assert [fill(7, shelf), fill(7, shelf)] == [1, 2]
    assert shelf.sums.tolist() == [2, 14, 10]


class Interrupted(np.ndarray[Any, Any]):
    """An array that is asked for its address when somebody presses Ctrl-C."""

    @property
    def ctypes(self) -> Any:
        """Where it lies."""
        raise KeyboardInterrupt


def test_an_interrupt_while_arrays_are_handed_over_is_one() -> None:
    shelf = shelf_of(np.int64)

    with pytest.raises(KeyboardInterrupt):
        fill(7, shelf._replace(sums=shelf.sums.view(Interrupted)))

    assert shelf.sums.tolist() == [0, 0, 0]


def test_other_arrays_of_the_same_types_are_taken_without_compiling_again() -> None:
    before = shelf_of(np.int64)
    fill(1, before)
    functions: Any = fill
    count = len(functions.overloads)

    longer = Shelf(np.zeros(9, np.int64), np.ones((4, 5), np.int32))
    fill(1, longer)

    assert longer.sums.tolist() == [1, 1, 0, 0, 0, 0, 0, 0, 1]
    assert before.sums.tolist() == [1, 1, 5]
    assert len(functions.overloads) == count


def test_a_function_is_not_compiled_again_for_a_value_that_is_known() -> None:
    @inner
    def twice(number: Any) -> Any:
        return number + number

    @compiled
    def thrice(number: int) -> int:
        return int(twice(1) + twice(2) + twice(number))

    assert thrice(5) == 16
    functions: Any = twice
    assert len(functions.overloads) == 1


def test_what_is_stored_is_used_until_a_file_changes_that_it_is_made_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    other = tmp_path / "other_room.py"
    other.write_text("STEP = 1\n")

    def after(number: int) -> int:
        return number + 1

    def is_stored() -> bool:  # a function that is compiled in another process knows only what is stored
        return is_ready(compiled(after, str(other)), 1)

    address_of(compiled(after, str(other)), 1)
    before = is_stored()
    other.write_text("STEP = 20\n")

    assert (before, is_stored()) == (True, False)


def test_an_array_that_does_not_lie_in_one_piece_is_refused() -> None:
    with pytest.raises(AssertionError):
        fill(1, Shelf(np.zeros(6, np.int64)[::2], np.zeros((2, 3), np.int32)))
