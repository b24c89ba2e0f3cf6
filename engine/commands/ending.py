"""How a command ends when a signal asks it to, when nobody reads what it says, and when memory runs out."""

import errno
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from io import BufferedWriter, RawIOBase, TextIOWrapper
from types import FrameType
from typing import TYPE_CHECKING, Any, ParamSpec

import typer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

P = ParamSpec("P")
FAULTS = 1
"""The exit status where something could not be done; wrong usage is 2."""
ENDING = ("SIGTERM", "SIGHUP")
"""Signals that end a command as Ctrl-C does."""
SAME_SECONDS = 5.0
"""Signals that come so soon after the first one mean the same, and do not cut off the tidying that it begins."""


class OutputGoneError(Exception):
    """Standard output takes nothing more: `reason` says why.

    It is not an OSError, since libraries that print end the process at those, silently.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _Signals:
    """Signals made into interrupts, and which of them came first."""

    first: int = signal.SIGINT
    told = False
    _at: float | None = None

    def obey(self) -> None:
        """Let SIGTERM and SIGHUP interrupt, as Ctrl-C does; what the caller ignores, as `nohup` does, stays ignored."""
        for name in ENDING:
            number = getattr(signal, name, None)  # Windows has no SIGHUP
            if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._interrupt)

    def _interrupt(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 (as `signal` calls it)
        if self._at is None:
            self.first = number
        elif time.monotonic() - self._at < SAME_SECONDS:
            return
        self._at = time.monotonic()
        raise KeyboardInterrupt


_signals = _Signals()


def interrupted_status() -> int:
    """The exit status after an interrupt: 130 after Ctrl-C, 143 after SIGTERM, 129 after SIGHUP."""
    return 128 + _signals.first


def was_told_to_end() -> bool:
    """Whether a SIGTERM or SIGHUP has come."""
    return _signals.first != signal.SIGINT


def was_interrupted_untold(status: int | None) -> bool:
    """Whether a status is what Typer makes of an interrupt while it reads the arguments; it says nothing then."""
    return status == 128 + signal.SIGINT and not _signals.told


def tell_interrupt(left: str = "no result was written") -> None:
    """Report that an interrupt ended the command, and what is left of its work."""
    _signals.told = True
    typer.echo(f"interrupted: {left}", err=True)


def ends_told(command: Callable[P, None]) -> Callable[P, None]:
    """The command, which says in one message that an interrupt or a lack of memory ended it."""

    @wraps(command)
    def told(*arguments: P.args, **options: P.kwargs) -> None:
        try:
            command(*arguments, **options)
        except KeyboardInterrupt:
            tell_interrupt()
            raise typer.Exit(interrupted_status()) from None
        except MemoryError:
            typer.echo("memory ran out: no result was written; give the command more, or a shorter list", err=True)
            raise typer.Exit(FAULTS) from None

    return told


@contextmanager
def orderly_end() -> Iterator[None]:
    """Run a command that ends in order: by its own status, at a signal, and where standard output is full or closed."""
    _signals.obey()
    try:
        _guard_streams()
        try:
            yield
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        tell_interrupt()
        sys.exit(interrupted_status())
    except OutputGoneError as gone:
        typer.echo(f"standard output cannot be written ({gone.reason})", err=True)
        sys.exit(FAULTS)
    finally:
        # Python notes an interrupt that comes through code made of text, as that of a named tuple is, and ends by
        # SIGINT although it was caught; other such code makes it forget that.
        exec("")  # noqa: S102


def _guard_streams() -> None:
    """Let what is printed keep to what the streams can take, and say so where that is nothing.

    A name may hold half of a surrogate pair, which is printed as an escape. Raises OutputGoneError if standard output
    was closed before the command began.
    """
    closed = sys.stdout is None
    _fill_closed()
    if isinstance(sys.stderr, TextIOWrapper):
        sys.stderr = _guarded(sys.stderr, _Messages(sys.stderr.buffer))
    if closed:
        sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115 (it lasts as long as the process)
        raise OutputGoneError("it is closed; > /dev/null prints to nowhere")
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout = _guarded(sys.stdout, _Answers(sys.stdout.buffer))


def _fill_closed() -> None:
    """Put something into the place of standard streams that are closed: else the next file that is opened gets it."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            nowhere = os.open(os.devnull, os.O_RDWR)
            if nowhere != descriptor:
                os.dup2(nowhere, descriptor)
                os.close(nowhere)


def _guarded(stream: TextIOWrapper, raw: "_Answers") -> TextIOWrapper:
    stream.flush()
    return TextIOWrapper(
        BufferedWriter(raw),
        encoding=stream.encoding,
        errors="backslashreplace",
        line_buffering=stream.line_buffering,
        write_through=stream.write_through,
    )


class _Answers(RawIOBase):
    """Standard output; the first failure to write is an OutputGoneError, and then it takes all and keeps nothing."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._gone = False

    def write(self, data: "ReadableBuffer") -> int:
        if not self._gone:
            try:
                self._stream.write(data)
                self._stream.flush()
            except OSError as error:
                self._gone = True
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())  # what is left in buffers goes there
                self._fail(error)
        return memoryview(data).nbytes

    def _fail(self, error: OSError) -> None:
        closed = error.errno in (errno.EPIPE, errno.EBADF)
        raise OutputGoneError("its reader has closed it" if closed else error.strerror or str(error)) from None

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self._stream.fileno())

    def isatty(self) -> bool:
        return bool(self._stream.isatty())


class _Messages(_Answers):
    """Standard error; what cannot be said there is not said."""

    def _fail(self, error: OSError) -> None:
        pass
