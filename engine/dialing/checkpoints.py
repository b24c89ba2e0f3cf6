"""Checkpoints: files with the state of a compiled run, from which the run can go on."""

import struct
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from hashlib import blake2b
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.lib.npyio import NpzFile
from numpy.typing import NDArray

from engine.dialing.kept_calls import CallLog, Calls, read_calls, unpacked
from engine.dialing.kernel.plan import Plan
from engine.dialing.kernel.state import State
from engine.dialing.record import CALL
from engine.reading.contents import open_regular
from engine.reading.faults import Fault, InputError
from engine.release import made_by
from engine.writing import whole_file

FORMAT = 13
"""The version of the format: it goes up when the meaning of the kernel's state changes."""

_PARTS_OF_A_SCENARIO = {
    "its seed, span, pace or limits, or whether calls are kept": ("numbers",),
    "its numbers": ("order", "identities", "policies", "segments", "policy_rows", "added"),
    "its call policies": ("terms", "expiring"),
    "its windows": ("change_times", "change_classes", "window_starts", "window_ends", "span_ends", "span_offsets"),
    "its lines": ("line_times", "line_counts"),
    "its outcomes": ("thresholds", "calls", "quantiles", "retry_seconds"),
    "its redials": ("redial_thresholds", "redial_first", "redial_after"),
    "its caps": ("caps", "cap_counts", "cap_keys"),
    "whether waits are counted": ("counts_waits",),
    "why its windows are closed": ("closure_times", "closure_classes", "closure_reasons"),
}
"""What people call the arrays of a plan."""
_FIELDS = [name for name in Plan._fields if name != "rare"]
"""The arrays of a plan that come from its scenario; where machine code lies differs in each process."""
ALLOWED = "a checkpoint that --checkpoint wrote"
_PARTS = sorted({*State._fields, "log", "versions", "plan"})
Arrays = dict[str, NDArray[np.generic]]


def save(path: Path, plan: Plan, state: State, used: dict[str, int], log: CallLog) -> None:
    """Write the state to `path`, whole or not at all.

    `used` says how much of the growing arrays is in use; `log` has the calls so far, which are written block by block.
    Raises OSError.
    """
    arrays: Arrays = {name: array[: used.get(name)] for name, array in state._asdict().items()}
    arrays |= {"versions": np.array(_versions()), "plan": np.array(_hashes(plan))}
    checksum = blake2b(digest_size=16)
    with whole_file(path) as file, zipfile.ZipFile(file, "w") as parts:
        for name in _PARTS:
            with parts.open(f"{name}.npy", "w", force_zip64=True) as part:
                if name == "log":
                    _begin(checksum, name, CALL, (log.count,))
                    np.lib.format.write_array_header_1_0(
                        part, {"descr": CALL.descr, "fortran_order": False, "shape": (log.count,)}
                    )
                    for calls in log.blocks():
                        checksum.update(calls.data)
                        part.write(calls.data)
                else:
                    _add(checksum, name, arrays[name])
                    np.lib.format.write_array(part, np.asanyarray(arrays[name]), allow_pickle=False)
        with parts.open("checksum.npy", "w") as part:
            np.lib.format.write_array(part, np.array(checksum.hexdigest()), allow_pickle=False)


def restore(path: Path, plan: Plan, state: State, log: CallLog) -> None:
    """Fill `state` from a checkpoint of the same plan, and give `log` the calls so far, block by block.

    Raises InputError if the file cannot be read, is not a checkpoint, or has another version or scenario.
    """

    def refuse(found: str, allowed: str) -> NoReturn:
        raise InputError([Fault((), found, allowed, str(path))]) from None

    with ExitStack() as opened:
        try:
            file = opened.enter_context(open_regular(path))
            with warnings.catch_warnings(action="ignore"):  # what the library says of a damaged file is not for users
                saved = opened.enter_context(np.load(file, allow_pickle=False))
                if not isinstance(saved, NpzFile) or "versions" not in saved.files or saved.zip is None:
                    refuse("a file that is not a checkpoint", ALLOWED)
                if any(part.compress_type != zipfile.ZIP_STORED for part in saved.zip.infolist()):
                    refuse("a file whose parts are compressed", ALLOWED)  # these might expand to any size
                if (versions := _text(saved["versions"])) != _versions():
                    refuse(f"a checkpoint of {versions}", f"one of {_versions()}")
                hashes = dict(zip(_FIELDS, saved["plan"].tolist(), strict=True))
                changed = {name for name, own in zip(_FIELDS, _hashes(plan), strict=True) if hashes[name] != own}
                if changed:
                    other = [part for part, names in _PARTS_OF_A_SCENARIO.items() if changed & {*names}]
                    refuse(
                        f"a checkpoint of another scenario (it differs in {' and '.join(other)})",
                        "one of this scenario",
                    )
                found = blake2b(digest_size=16)
                for name in _PARTS:
                    if name == "log":
                        count, blocks = _logged(saved.zip)
                        _begin(found, name, CALL, (count,))
                        for calls in blocks:
                            found.update(calls.data)
                        continue
                    part = saved[name]
                    _add(found, name, part)
                    if name in State._fields:
                        getattr(state, name)[: len(part)] = part
                if set(saved.files) != {*_PARTS, "checksum"} or str(saved["checksum"]) != found.hexdigest():
                    refuse("a checkpoint that was changed, or is damaged", ALLOWED)
        except InputError:
            raise
        except OSError as error:
            refuse(f"no readable file ({error.strerror or error})", ALLOWED)
        except Exception:
            refuse("a file that is not a checkpoint, or not a whole one", ALLOWED)
        _, blocks = _logged(saved.zip)  # they are read again, now that it is known whose they are
        for calls in blocks:
            log.take(unpacked(calls))


def _logged(parts: zipfile.ZipFile) -> tuple[int, Iterator[Calls]]:
    """How many calls are in a checkpoint, and the calls. Raises ValueError if they are not."""
    part = parts.open("log.npy")
    if np.lib.format.read_magic(part) != (1, 0):
        raise ValueError("another format")
    shape, _, dtype = np.lib.format.read_array_header_1_0(part)
    if dtype != CALL or len(shape) != 1:
        raise ValueError("not a log of calls")

    def blocks() -> Iterator[Calls]:
        with part:
            yield from read_calls(part, shape[0])
            if part.read(1):
                raise ValueError("more than the calls")

    return shape[0], blocks()


def is_checkpoint(path: Path) -> bool:
    """Whether a file is a checkpoint, of any run and version: it has the parts that each of them has."""
    try:
        with open_regular(path) as file, zipfile.ZipFile(file) as parts:
            return {"versions.npy", "plan.npy", "log.npy"} <= set(parts.namelist())
    except (OSError, ValueError, NotImplementedError, struct.error, zipfile.BadZipFile):
        return False


def _versions() -> str:
    return f"{made_by()}, format {FORMAT}"


def _text(array: NDArray[Any]) -> str:
    """The text in an array: numpy makes one that Python breaks at of codes that no character has."""
    return array.astype(f"<{array.dtype.str[1:]}").tobytes().decode("utf-32-le", "replace").rstrip("\0")


def _hashes(plan: Plan) -> list[str]:
    """A hash of each array of the scenario that the kernel reads: runs are the same if these are."""
    arrays = (getattr(plan, name) for name in _FIELDS)
    return [blake2b(np.ascontiguousarray(array).data, digest_size=16).hexdigest() for array in arrays]


def _add(hashed: blake2b, name: str, array: NDArray[Any]) -> None:
    """Add an array with its name and shape to a hash."""
    _begin(hashed, name, array.dtype, array.shape)
    hashed.update(np.ascontiguousarray(array).data)


def _begin(hashed: blake2b, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    hashed.update(f"{name} {dtype.str} {shape} ".encode())
