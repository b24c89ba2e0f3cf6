"""Pages: memory of which a part can be given back while the rest is in use."""

import mmap

import numpy as np
from numpy.typing import NDArray

PAGE = mmap.PAGESIZE
LEAST = 16 * PAGE
"""Smaller parts are not worth to be given back."""


class Pages:
    """Words of memory that are 0 until they are written. Raises MemoryError if there is not so much."""

    def __init__(self, words: int) -> None:
        private = {"flags": mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS} if hasattr(mmap, "MAP_PRIVATE") else {}
        try:
            self._memory = mmap.mmap(-1, max(4 * words, 1), **private)
        except OSError as error:
            raise MemoryError(f"no room for {words:,} words") from error
        if hasattr(mmap, "MADV_HUGEPAGE"):
            self._memory.madvise(mmap.MADV_HUGEPAGE)
        self.words: NDArray[np.uint32] = np.frombuffer(self._memory, np.uint32, words)

    def give_back(self, firsts: NDArray[np.int64], ends: NDArray[np.int64]) -> NDArray[np.int64]:
        """Give back what lies between such words, which are then 0; returns up to where each part was given back.

        What is too little to be worth it is left.

        >>> pages = Pages(100_000)
        >>> pages.words[:] = 7
        >>> pages.give_back(np.array([0]), np.array([50_000])).tolist()
        [49152]
        >>> pages.words[[0, 49_151, 49_152]].tolist()
        [0, 0, 7]
        """
        froms, untils = -(-4 * firsts // PAGE) * PAGE, 4 * ends // PAGE * PAGE
        given = firsts.copy()
        if hasattr(mmap, "MADV_DONTNEED"):
            for part in np.flatnonzero(untils - froms >= LEAST).tolist():
                self._memory.madvise(mmap.MADV_DONTNEED, int(froms[part]), int(untils[part] - froms[part]))
                given[part] = untils[part] // 4
        return given
