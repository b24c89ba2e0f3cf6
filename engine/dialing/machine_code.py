"""Machine code: how the kernel's functions are compiled, and how arrays are handed to them.

A first run waits for this, so it is kept short:

- Numba hands a named tuple of arrays on by value, field for field, which was more than half of all that it wrote. These
  functions hand on one address.
- A function is compiled once for arguments of a type, and not again for each value that is known of them.
- A function that only compiled code calls is made ready as a part of its callers alone.
- Numba's rewrites and wrappers are left out, for the kernel has no use for them.
- Code that is rarely run is called by its address, so another process can compile it meanwhile.
"""

from collections.abc import Callable
from contextlib import suppress
from hashlib import blake2b
from typing import Any, TypeVar, cast

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils, codegen, compiler, imputils, registry
from numba.core.typing.templates import AttributeTemplate, infer_getattr
from numba.extending import NativeValue, intrinsic, models, register_model, typeof_impl, unbox
from numba.np import arrayobj, numpy_support
from numpy.typing import NDArray

from engine.dialing.kept_code import KeptCode

Function = TypeVar("Function", bound=Callable[..., Any])
Arrays = TypeVar("Arrays", bound=type[tuple[Any, ...]])
Dispatcher: Any = registry.CPUDispatcher
Library: Any = codegen.JITCodeLibrary
Compiler: Any = compiler.Compiler
Flags: Any = compiler.Flags
Type: Any = types.Type
PrimitiveModel: Any = models.PrimitiveModel
Template: Any = AttributeTemplate
unliteral: Any = types.unliteral
typeof: Any = numba.typeof
StarArguments: Any = types.StarArgTuple
native_value: Any = NativeValue
populate_array: Any = arrayobj.populate_array
model_of: Any = register_model
unboxed_by: Any = unbox
infers: Any = infer_getattr
type_found_by: Any = typeof_impl
fields_read_by: Any = imputils.lower_getattr_generic
alloca: Any = cgutils.alloca_once
alloca_value: Any = cgutils.alloca_once_value
is_not_null: Any = cgutils.is_not_null
WORD = ir.IntType(64)


class _Flags(Flags):  # type: ignore[misc]
    """The options of a compilation: numba compares them for each call that it resolves, an eighth of all its time."""

    __slots__ = ()

    def __hash__(self) -> int:
        return len(self._values)

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, Flags) and self._values == other._values)


class Machine(Dispatcher):  # type: ignore[misc]
    """A function in machine code."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._compiler._customize_flags = _Flags

    def get_call_template(self, args: Any, kws: Any) -> Any:
        """What a call by another function compiles to, whether or not the arguments are known by then."""
        return super().get_call_template([unliteral(each) for each in args], kws)


class TakenIn(Library):  # type: ignore[misc]
    """The code of a function for others to take in: it is made ready within each of those, and not by itself, too."""

    @property
    def codegen(self) -> Any:
        """Who is told where the function's environment lies: it has none (`set_env`)."""
        return self

    def set_env(self, name: str, environment: object) -> None:
        """Nothing is to be set."""

    def get_pointer_to_function(self, name: str) -> int:  # noqa: ARG002 (numba's protocol)
        """No function of it can be called by itself."""
        return 0

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True


class _CompilerOfInner(Compiler):  # type: ignore[misc]
    def define_pipelines(self) -> Any:
        self.state.library = TakenIn(self.state.targetctx.codegen(), self.state.func_id.func_qualname)
        return super().define_pipelines()


OPTIONS = {
    "nopython": True,
    "nogil": True,
    "error_model": "numpy",
    "no_cfunc_wrapper": True,
    "no_rewrites": True,
    "_nrt": False,  # nothing here allocates; reference counts of arrays would take a third of the time
}


def compiled(function: Function, *sources: str) -> Function:
    """The function in machine code, stored on disk for the next process if there is a folder for it.

    It is compiled anew when its own file has changed, this one, or one of `sources`: those of what it takes in.
    """
    made = Machine(function, targetoptions=OPTIONS)
    with suppress(RuntimeError):  # neither the source's folder nor the user's cache can be written
        made._cache = KeptCode(function, __file__, *sources)  # as numba's `enable_caching` does
    return cast(Function, made)


def is_ready(function: Callable[..., Any], *arguments: object) -> bool:
    """Whether the machine code of a compiled function for such arguments is loaded or stored."""
    made, kinds = cast(Any, function), tuple(typeof(each) for each in arguments)
    return kinds in made.overloads or (isinstance(made._cache, KeptCode) and made._cache.has(kinds, made.targetctx))


def address_of(function: Callable[..., Any], *arguments: object) -> int:
    """Where the machine code of a compiled function for such arguments lies: compiled code can `call` it there."""
    made, kinds = cast(Any, function), tuple(typeof(each) for each in arguments)
    made.compile(kinds)
    code = made.overloads[kinds]
    return int(code.library.get_pointer_to_function(code.fndesc.llvm_func_name))


def _call(typing_context: Any, address: Any, *arguments: Any) -> Any:  # noqa: ARG001 (numba's protocol)
    """Call a function that returns nothing where its machine code lies; so it is no part of the caller's code."""
    kinds = tuple(unliteral(each) for each in arguments)

    def generate(context: Any, builder: Any, _: Any, values: Any) -> Any:
        form = context.call_conv.get_function_type(types.void, kinds)
        function = builder.inttoptr(values[0], form.as_pointer())
        given = [builder.extract_value(values[1], place) for place in range(len(kinds))]
        context.call_conv.call_function(builder, function, types.void, kinds, given)
        return context.get_dummy_value()

    return types.void(address, StarArguments.from_types(kinds)), generate


call: Any = intrinsic(_call)


def inner(function: Function) -> Function:
    """The same for a function that only compiled code calls: its code is compiled and stored as a part of theirs."""
    return _taken_in(function, {})


def step(function: Function) -> Function:
    """The same for a step of a loop that is run millions of times: its callers take it in, however long it is."""
    return _taken_in(function, {"forceinline": True})


def _taken_in(function: Function, more: dict[str, bool]) -> Function:
    options = {**OPTIONS, "no_cpython_wrapper": True, **more}
    return cast(Function, Machine(function, targetoptions=options, pipeline_class=_CompilerOfInner))


def by_address(arrays: Arrays) -> Arrays:
    """A class of named tuples of contiguous arrays, which compiled functions then take as an address.

    A tuple keeps what it is unboxed to, if it can: its arrays stay where they are.
    """
    keeping = cast(
        Arrays, type(arrays.__name__, (arrays,), {"__doc__": arrays.__doc__, "__module__": arrays.__module__})
    )
    for each in (arrays, keeping):
        type_found_by.register(each)(_type_of)
    return keeping


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
    kept: NDArray[np.intp] | None = getattr(arrays, "_words", None)
    if kept is None:
        kept = np.array([word for each in arrays for word in (each.ctypes.data, *each.shape)], np.intp)
        with suppress(AttributeError):
            arrays._words = kept  # type: ignore[attr-defined]
    return kept


@model_of(ByAddress)
class _Model(PrimitiveModel):  # type: ignore[misc]
    def __init__(self, manager: Any, kind: ByAddress) -> None:
        super().__init__(manager, kind, WORD.as_pointer())


def _unbox(_: ByAddress, arrays: Any, c: Any) -> Any:
    """Write down the words of a named tuple; they are held until the call is over."""
    function = c.pyapi.unserialize(c.pyapi.serialize_object(_words_of))
    words = c.pyapi.call_function_objargs(function, (arrays,))
    c.pyapi.decref(function)
    kind = types.Array(types.intp, 1, "C")
    address = alloca(c.builder, WORD.as_pointer())
    failed = alloca_value(c.builder, cgutils.true_bit)
    with c.builder.if_then(is_not_null(c.builder, words)):  # there are none if an interrupt came meanwhile
        unboxed = c.unbox(kind, words)
        c.builder.store(c.context.make_array(kind)(c.context, c.builder, unboxed.value).data, address)
        c.builder.store(unboxed.is_error, failed)
    return native_value(c.builder.load(address), is_error=c.builder.load(failed), cleanup=lambda: c.pyapi.decref(words))


unboxed_by(ByAddress)(_unbox)


@infers
class _Fields(Template):  # type: ignore[misc]
    key = ByAddress

    def generic_resolve(self, kind: ByAddress, name: str) -> Any:
        return kind.fields[name]


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
    populate_array(array, data, shape, strides, itemsize, None)
    return array._getvalue()


fields_read_by(ByAddress)(_field)
