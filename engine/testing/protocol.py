"""How a scheduler of one's own is asked for its calls: as a callable of Python, or as a process that speaks NDJSON."""

import selectors
import subprocess
from collections.abc import Callable, Sequence
from tempfile import TemporaryFile
from time import monotonic
from types import TracebackType
from typing import Any, Protocol, Self

import msgspec

from engine.reading.json_values import NotJsonError, any_json_value

Fields = dict[str, Any]
PythonScheduler = Callable[[Fields], Callable[[Fields], Any]]
"""Called with the message that begins a campaign, it gives what is called with each second and answers it."""
_LONGEST_SHOWN = 500


class SchedulerError(AssertionError):
    """A scheduler gave no answer that the protocol knows; the message says what it said, or that it said nothing."""


class Driven(Protocol):
    """A scheduler, however it is reached."""

    def begin(self, campaign: Fields) -> None:
        """Begin a campaign; what it knew of an earlier one is over."""

    def ask(self, second: Fields) -> object:
        """What it answers to a second, as it answers; SchedulerError if it does not."""

    def abandon(self) -> None:
        """Give up what runs of it, after an answer that is none; the next campaign begins afresh."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class InPython:
    """A scheduler that is a callable."""

    def __init__(self, scheduler: PythonScheduler) -> None:
        self._scheduler = scheduler
        self._ask: Callable[[Fields], Any] | None = None

    def begin(self, campaign: Fields) -> None:
        """Begin a campaign."""
        try:
            self._ask = self._scheduler(campaign)
        except Exception as error:
            raise SchedulerError(f"the scheduler raised {error!r} when a campaign began") from error

    def ask(self, second: Fields) -> object:
        """What it answers to a second."""
        if self._ask is None:
            raise ValueError("no campaign has begun")
        try:
            return self._ask(second)
        except Exception as error:
            raise SchedulerError(f"the scheduler raised {error!r} when it was asked at {second['now']}") from error

    def abandon(self) -> None:
        """Give up the campaign."""
        self._ask = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...


class InAProcess:
    """A scheduler that is a command: it reads a line for each message, and writes one for each answer."""

    def __init__(self, command: Sequence[str], time_limit: float) -> None:
        """`time_limit`: seconds for each answer."""
        self._command, self._time_limit = [*command], time_limit
        self._process: subprocess.Popen[bytes] | None = None
        self._said = b""

    def begin(self, campaign: Fields) -> None:
        """Begin a campaign, in the same process as the one before unless that has failed."""
        if self._process is None:
            self._said = b""
            self._errors = TemporaryFile()  # noqa: SIM115 (it is closed with the process)
            try:
                self._process = subprocess.Popen(  # noqa: S603 (the user's own command)
                    self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors
                )
            except OSError as error:
                self._errors.close()
                raise SchedulerError(f"the scheduler, {self._command}, does not start: {error}") from error
        self._write(campaign)

    def ask(self, second: Fields) -> object:
        """What it answers to a second."""
        self._write(second)
        line = self._line(second["now"])
        try:
            return any_json_value(line)
        except (NotJsonError, UnicodeDecodeError):
            self.abandon()
            shown = line[:_LONGEST_SHOWN].decode(errors="replace")
            raise SchedulerError(f"the scheduler answered {shown!r} at {second['now']}, which is not JSON") from None

    def _write(self, message: Fields) -> None:
        process = self._process
        if process is None or process.stdin is None:
            raise ValueError("no campaign has begun")
        try:
            process.stdin.write(msgspec.json.encode(message) + b"\n")
            process.stdin.flush()
        except OSError:
            self._has_exited()

    def _line(self, now: int) -> bytes:
        process = self._process
        if process is None or process.stdout is None:
            raise ValueError("no campaign has begun")
        until = monotonic() + self._time_limit
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._said:
                if not selector.select(max(0.0, until - monotonic())):
                    self.abandon()
                    raise SchedulerError(f"the scheduler did not answer at {now} within {self._time_limit:g} seconds")
                said = process.stdout.read1(1 << 16)  # type: ignore[attr-defined]
                if not said:
                    self._has_exited()
                self._said += said
        line, _, self._said = self._said.partition(b"\n")
        return line

    def _has_exited(self) -> None:
        process = self._process
        if process is None:
            raise ValueError("no campaign has begun")
        process.kill()
        code = process.wait()
        self._errors.seek(0)
        errors = self._errors.read()[-_LONGEST_SHOWN:].decode(errors="replace").strip()
        self.abandon()
        raise SchedulerError(f"the scheduler exited with {code}" + (f"; it wrote: {errors}" if errors else ""))

    def abandon(self) -> None:
        """Kill the process, if one runs."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, self._errors):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.abandon()
