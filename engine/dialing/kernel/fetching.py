"""Fetching: the processor fetches memory in the background, before it is read."""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from engine.dialing.kernel.bits import LOW_32, U32, U64, Integer
from engine.dialing.kernel.capping import marks_of
from engine.dialing.kernel.plan import CAP_WIDTH, TERMS_BITS, Plan
from engine.dialing.kernel.state import CHUNK, NOTHING, RECORD_WORDS, State
from engine.dialing.machine_code import inner, step

CACHED_WORDS = 1 << 16
"""Words of terms that stay in the cache."""


def _prefetch(typing_context: Any, array: Any, place: Any) -> Any:  # noqa: ARG001 (numba's protocol)
    """Let the processor fetch `array.data[place]` in the background; an index beyond the end is harmless."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = context.make_array(signature.args[0])(context, builder, arguments[0]).data
        address = builder.bitcast(builder.gep(data, [arguments[1]]), ir.IntType(8).as_pointer())
        number = ir.IntType(32)
        form = ir.FunctionType(ir.VoidType(), [address.type, number, number, number])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [address.type], form)
        builder.call(fetch, [address, number(0), number(3), number(1)])
        return context.get_dummy_value()

    return types.void(array, types.int64), generate


prefetch: Any = intrinsic(_prefetch)


@step
def fetch_chunk(place: Integer, pool: U64) -> None:
    """Fetch the chunk of records that begins with this one, if there is any."""
    if place < NOTHING:
        for line in range(0, CHUNK * RECORD_WORDS, 8):
            prefetch(pool, place * RECORD_WORDS + line)


@step
def fetch_terms(terms: Integer, plan: Plan, state: State) -> None:
    """Fetch what is kept of these terms, where terms are too many for the cache."""
    if len(plan.terms) > CACHED_WORDS:
        prefetch(plan.terms, terms << TERMS_BITS)
        if len(plan.expiring) > 0:
            prefetch(state.due_by_terms, terms)


@step
def fetch_terms_of_chunk(place: Integer, plan: Plan, state: State) -> None:
    """Fetch what is kept of the terms of a chunk's records from this one on, where terms are too many for the cache."""
    if place < NOTHING and len(plan.terms) > CACHED_WORDS:
        for record in range(place, (place | CHUNK - 1) + 1):
            fetch_terms(np.int64(state.pool[record * RECORD_WORDS + 3] & LOW_32), plan, state)


@inner
def fetch_marks(rank: Integer, plan: Plan, counted: U32) -> None:
    """Fetch the marks of a number by the first cap."""
    first = marks_of(0, rank, plan)
    prefetch(counted, first)
    prefetch(counted, first + plan.caps[0, CAP_WIDTH] - 1)
