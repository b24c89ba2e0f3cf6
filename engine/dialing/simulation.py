"""Simulation: an engine plays a scenario from start to finish."""

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

import numpy as np

from engine.calling.instants import DAY
from engine.dialing.kept_calls import CallLog, KeptCalls, TakeCalls, calls_passed
from engine.dialing.record import CALL, Record
from engine.dialing.reference import ReferenceDialer
from engine.dialing.rulebook import Rulebook
from engine.memory import limit_below, size_text
from engine.numbers.phonebook import Phonebook
from engine.outputs import clear_left
from engine.progress import Progress, Step, unseen
from engine.reading.faults import Fault, InputError
from engine.scenario.scenario import Scenario

if TYPE_CHECKING:
    from engine.dialing.compiled import CompiledDialer

EngineName = Literal["auto", "reference", "compiled"]
ENGINES = ("auto", "reference", "compiled")
MOST_FOR_REFERENCE = 30_000
"""With so many numbers or fewer, the reference engine has finished before the compiled one is loaded."""


COMPILED_BYTES, REFERENCE_BYTES = 60, 600
"""The least that an engine needs for each number beside the list (docs/performance.md)."""
CALL_BYTES = CALL.itemsize
"""The least that a kept call needs: the columns of the record."""


class Engine(Protocol):
    """What both engines can do: they play a list in steps of any length, and give the same record."""

    @property
    def now(self) -> int:
        """The first instant that has not been played, Unix seconds."""

    @property
    def begun(self) -> int:
        """Calls begun so far."""

    def run_until(self, until: int) -> None:
        """Play every instant before `until`, at most to the simulation's finish."""

    def record(self) -> Record:
        """What happened, once the simulation has been played to its finish."""


class Checkpoints(NamedTuple):
    """The file to which a run is saved, and how often, in simulated seconds."""

    file: Path
    every: int = DAY


class InterruptedRunError(Exception):
    """A run was interrupted at the instant `now` (Unix seconds), when `begun` calls had begun."""

    def __init__(self, now: int, begun: int) -> None:
        super().__init__(now, begun)
        self.now = now
        self.begun = begun


def play(
    scenario: Scenario,
    rulebook: Rulebook,
    engine: EngineName = "auto",
    *,
    keep_calls: bool = False,
    calls_to: TakeCalls | None = None,
    count_waits: bool = False,
    progress: Progress = unseen,
    checkpoints: Checkpoints | None = None,
    resume: Path | None = None,
) -> Record:
    """Play the whole scenario. Every engine gives the same record; `auto` chooses the faster one for its size.

    With `keep_calls` the record has every call. With `calls_to` it has none: the compiled engine gives them to that
    function block by block while the run goes on, and the reference engine all at once in the end.
    With `checkpoints` the state is saved repeatedly; with `resume`, a file that was saved so, the run goes on from
    there. Raises InputError if that is not a checkpoint of this scenario, ValueError if the reference engine should
    save or resume, and InterruptedRunError for a KeyboardInterrupt. InputError also says that the memory that is left
    does not suffice, before anything is played. `progress` counts simulated days.
    """
    if engine not in ENGINES:
        raise ValueError(f"no engine is named {engine!r}; allowed: {', '.join(ENGINES)}")
    if engine == "reference" and (checkpoints or resume):
        raise ValueError("only the compiled engine has checkpoints")
    if checkpoints and checkpoints.every < 1:
        raise ValueError(f"a checkpoint every {checkpoints.every} seconds; at least 1 is needed")
    if fault := memory_fault(len(scenario.phonebook), engine, calls_kept(scenario, rulebook) if keep_calls else 0):
        raise InputError([fault])
    saved_to = checkpoints.file if checkpoints else None
    with calls_passed(calls_to, saved_to) if calls_to else nullcontext(KeptCalls() if keep_calls else None) as log:
        dialer: Engine
        if not (plays_compiled(scenario, engine) or checkpoints or resume):
            save = None
            dialer = reference = ReferenceDialer(rulebook, keep_calls=log is not None, count_waits=count_waits)
            reference.add(scenario.phonebook)
        else:
            dialer = compiled = _compiled_dialer(scenario.phonebook, rulebook, log, count_waits=count_waits)
            save = compiled.save
            if resume:
                compiled.restore(resume)
                clear_left(resume)
        step = min(DAY, checkpoints.every) if checkpoints else DAY
        saved = dialer.now
        try:
            while dialer.now < rulebook.finish:
                dialer.run_until(dialer.now + step)
                progress(_step(rulebook, dialer.now, dialer.begun))
                if checkpoints and save and dialer.now - saved >= checkpoints.every:
                    save(checkpoints.file)
                    saved = dialer.now
        except KeyboardInterrupt:
            raise InterruptedRunError(dialer.now, dialer.begun) from None
        record = dialer.record()
        if calls_to and record.calls:  # of the reference engine
            calls_to(record.calls)
            record = record._replace(calls=None)
        return record


def plays_compiled(scenario: Scenario, engine: EngineName = "auto") -> bool:
    """Whether the compiled engine plays the scenario, if nothing is saved or resumed."""
    return engine == "compiled" or (engine == "auto" and len(scenario.phonebook) > MOST_FOR_REFERENCE)


def compile_engine(scenario: Scenario, *, count_waits: bool = False) -> None:
    """Have the compiled engine's machine code made and kept, which is told: other processes then find it.

    It plays the first second with the whole list, which says whether numbers share caps. That takes about a second if
    the code is kept already.
    """
    rulebook = Rulebook(scenario.document)
    dialer = _compiled_dialer(scenario.phonebook, rulebook, None, count_waits=count_waits)
    dialer.run_until(rulebook.start + 1)
    dialer.record()


def memory_fault(numbers: int, engine: EngineName = "auto", calls: int = 0) -> Fault | None:
    """What to say if so many numbers and kept calls need more memory than is left; None if it suffices."""
    needed = numbers * (REFERENCE_BYTES if engine == "reference" else COMPILED_BYTES) + calls * CALL_BYTES
    limit = limit_below(needed)
    if limit is None:
        return None
    kept = f" with {calls:,} kept calls" if calls else ""
    found = f"{numbers:,} numbers{kept}, which need about {size_text(needed)} of memory to be played"
    return Fault(("numbers",), found, f"what fits in {limit}" + ("; without its calls it needs less" if calls else ""))


def calls_kept(scenario: Scenario, rulebook: Rulebook) -> int:
    """How many calls to count on before a run: one a number, or what lines can carry where calls last a second."""
    [seconds] = rulebook.line_seconds(np.array([rulebook.start]), np.array([rulebook.finish])).tolist()
    return min(len(scenario.phonebook), int(seconds))


def _step(rulebook: Rulebook, now: int, begun: int) -> Step:
    days, all_days = (-(-(instant - rulebook.start) // DAY) for instant in (now, rulebook.finish))
    return Step(f"playing, {begun:,} calls", days, all_days, "days")


def _compiled_dialer(
    phonebook: Phonebook, rulebook: Rulebook, log: CallLog | None, *, count_waits: bool
) -> "CompiledDialer":
    from engine.dialing.compiled import CompiledDialer  # loads numba, which takes up to a second

    return CompiledDialer(rulebook, phonebook, log=log, count_waits=count_waits)
