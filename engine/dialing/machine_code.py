"""Machine code: how the kernel's functions are compiled, and how arrays are handed to them.

A first run waits for this, so it is kept short. Numba hands a named tuple of arrays on by value, field for field, which
took more than half of what it writes for the machine. Here the functions hand on one address. They are compiled once for
arguments of a type, and not again for a value that is known; and numba's rewrites are left out, for the kernel has
nothing that they change.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from typing import Any, TypeVar, cast

import numpy as np
from llvmlite import ir
from numba import types
from numba.core import imputils, registry
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, models, register_model, typeof_impl, unbox
from numba.np import arrayobj, numpy_support
from numpy.typing import NDArray

from engine.dialing.kept_code import KeptCode

Function = TypeVar("Function", bound=Callable[..., Any])
Arrays = TypeVar("Arrays", bound=type[tuple[Any, ...]])
Dispatcher: Any = registry.CPUDispatcher
Type: Any = types.Type
PrimitiveModel: Any = models.PrimitiveModel
Template: Any = AttributeTemplate
WORD = ir.IntType(64)


class Machine(Dispatcher):  # type: ignore[misc]
    """A function in machine code."""

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What a call by another function compiles to, whether or not the arguments are known by then."""
        return super().get_call_template([types.unliteral(each) for each in args], kws)


def compiled(function: Function, **more: bool) -> Function:
    """The function in machine code, stored on disk for the next process if there is a folder for it.

    Nothing here allocates, so arrays need no reference counts, which would take a third of the time (`_nrt`).
    """
    options = {"nopython": True, "nogil": True, "error_model": "numpy", "_nrt": False}
    made = Machine(function, targetoptions={**options, "no_cfunc_wrapper": True, "no_rewrites": True, **more})
    with suppress(RuntimeError):  # neither the source's folder nor the user's cache can be written
        made._cache = KeptCode(function, __file__)  # as numba's `enable_caching` does
    return cast(Function, made)


def inner(function: Function) -> Function:
    """The same for a function that only compiled code calls: it compiles faster, for Python need not call it."""
    return compiled(function, no_cpython_wrapper=True)


def step(function: Function) -> Function:
    """The same for a step of a loop that is run millions of times: its callers take it in, however long it is."""
    return compiled(function, no_cpython_wrapper=True, forceinline=True)


def by_address(arrays: Arrays) -> Arrays:
    """A class of named tuples of contiguous arrays, which compiled functions then take as an address."""
    typeof_impl.register(arrays)(_type_of)
    return arrays


class ByAddress(Type):  # type: ignore[misc]
    """The type of a named tuple of arrays whose addresses and shapes stand in memory, one after the other."""

    def __init__(self, name: str, fields: dict[str, Any]) -> None:
        self.fields = fields
        text = repr(sorted((field, str(each)) for field, each in fields.items()))
        super().__init__(name=f"{name}_{blake2b(text.encode(), digest_size=8).hexdigest()}")

    def word_of(self, name: str) -> int:
        """How many words stand before those of a field."""
        before = list(self.fields).index(name)
        return sum(1 + each.ndim for each in list(self.fields.values())[:before])


def _type_of(arrays: Any, _: object) -> ByAddress:
    assert all(each.flags.c_contiguous and each.flags.aligned for each in arrays)  # noqa: S101 (ours alone)
    kinds = [types.Array(numpy_support.from_dtype(each.dtype), each.ndim, "C") for each in arrays]
    return ByAddress(type(arrays).__name__, dict(zip(arrays._fields, kinds, strict=True)))


def _words_of(arrays: tuple[NDArray[Any], ...]) -> NDArray[np.intp]:
    return np.array([word for each in arrays for word in (each.ctypes.data, *each.shape)], np.intp)


@register_model(ByAddress)
class _Model(PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: ByAddress) -> None:
        super().__init__(manager, kind, WORD.as_pointer())


@unbox(ByAddress)
def _unbox(_: ByAddress, arrays: Any, c: Any) -> Any:
    """Write down the words of a named tuple; they are held until the call is over."""
    function = c.pyapi.unserialize(c.pyapi.serialize_object(_words_of))
    words = c.pyapi.call_function_objargs(function, (arrays,))
    c.pyapi.decref(function)
    kind = types.Array(types.intp, 1, "C")
    unboxed = c.unbox(kind, words)
    address = c.context.make_array(kind)(c.context, c.builder, unboxed.value).data
    return NativeValue(address, is_error=unboxed.is_error, cleanup=lambda: c.pyapi.decref(words))


@infer_getattr
class _Fields(Template):  # type: ignore[misc]
    key = ByAddress

    def generic_resolve(self, kind: ByAddress, name: str) -> Any:
        return kind.fields[name]


@imputils.lower_getattr_generic(ByAddress)
def _field(context: Any, builder: Any, kind: ByAddress, address: Any, name: str) -> Any:
    """Read an array's words, of which the compiler then knows that nothing changes them during a call."""
    of = kind.fields[name]
    first = kind.word_of(name)

    def word(place: int) -> Any:
        load = builder.load(builder.gep(address, [WORD(first + place)], inbounds=True))
        load.set_metadata("invariant.load", builder.module.add_metadata([]))
        return load

    array = context.make_array(of)(context, builder)
    shape = [word(1 + axis) for axis in range(of.ndim)]
    itemsize = context.get_abi_sizeof(context.get_data_type(of.dtype))
    strides = [WORD(itemsize)]
    for length in reversed(shape[1:]):
        strides.insert(0, builder.mul(strides[0], length))
    data = builder.inttoptr(word(0), array.data.type)
    arrayobj.populate_array(array, data, shape, strides, itemsize, None)
    return array._getvalue()
