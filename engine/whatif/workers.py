"""Workers: many replications at once, on the processors of this machine or on a Dask cluster."""

import multiprocessing.resource_tracker
import os
import platform
import signal
import time
import warnings
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import lru_cache
from importlib.metadata import version
from multiprocessing.connection import wait
from tempfile import TemporaryDirectory
from threading import Thread
from typing import NamedTuple

import joblib
from joblib import Parallel
from joblib.externals.loky.backend import resource_tracker
from joblib.externals.loky.process_executor import TerminatedWorkerError

from engine.dialing.compiling import compiling_told
from engine.dialing.simulation import EngineName, InterruptedRunError, compile_engine, plays_compiled
from engine.progress import Progress, Step, unseen
from engine.reading.faults import Fault, InputError
from engine.scenario.scenario import Scenario
from engine.whatif.replications import Replication, Runs, code_hash, replicate, scenario_key

WORTH_PROCESSES = 4.0
"""With more seconds of work left, processes finish sooner, though they take a second or two to start."""
LOOK_SECONDS = 1.0
"""How often a worker looks for its parent, where the system cannot tell it that the parent has ended."""
ANSWER_SECONDS = 10
"""How long the scheduler of a cluster may take to answer."""
MANY_NUMBERS = 100_000
"""With more numbers in all runs together, it pays to load the compiled engine, and nearly to compile it at first."""


class Workers(NamedTuple):
    """Who plays the replications: `jobs` processes, or the Dask scheduler `dask`.

    Without either, all processors do: in processes if there is enough work to pay for their start, else in threads.
    """

    jobs: int | None = None
    dask: str | None = None


class UnfinishedError(Exception):
    """Replications were interrupted, or their workers died, when `done` of `wanted` runs were kept."""

    def __init__(self, done: int, wanted: int, reason: str = "") -> None:
        super().__init__(done, wanted, reason)
        self.done = done
        self.wanted = wanted
        self.reason = reason


class _WorkersGoneError(Exception):
    """Workers died or cannot be reached; the message says why."""


class Run(NamedTuple):
    """A replication that is to be played."""

    scenario: Scenario
    key: str
    seed: int
    waiting: bool = False
    """Whether it is counted what numbers wait for."""


def play_replications(
    scenarios: Sequence[Scenario],
    seeds: Sequence[int],
    runs: Runs,
    workers: Workers = Workers(),  # noqa: B008 (a tuple)
    progress: Progress = unseen,
    *,
    waiting: bool = False,
) -> list[list[Replication]]:
    """Play each scenario with each seed, as `Players.play` does."""
    return Players(runs, workers, waiting=waiting).play(scenarios, seeds, progress)


class Players:
    """Workers that play one batch of replications after another, and learn from the first how to play the others.

    `rounds` says how often as many runs as in the first batch will be asked for, as a search does: the more, the
    sooner it pays to load the compiled engine. With `waiting`, it is counted what numbers wait for.
    """

    def __init__(
        self,
        runs: Runs,
        workers: Workers = Workers(),  # noqa: B008 (a tuple)
        rounds: int = 1,
        *,
        waiting: bool = False,
    ) -> None:
        self._runs, self._workers, self._rounds, self._waiting = runs, workers, rounds, waiting
        self._engine: EngineName = "auto"
        self._seconds: float | None = None
        """How long the last run took that was played here to learn it."""
        self._in_processes = False
        """Whether processes were started."""

    def play(
        self, scenarios: Sequence[Scenario], seeds: Sequence[int], progress: Progress = unseen
    ) -> list[list[Replication]]:
        """Play each scenario with each seed; returns a list for each scenario, in the order of the seeds.

        Runs that are kept are not played again, and equal scenarios are played once. Each run is kept when it is done.
        Raises UnfinishedError for an interrupt or if a worker process dies, InputError if the cluster cannot play them,
        and OSError if a run cannot be kept where it was asked to be.
        """
        runs = self._runs
        keys = [scenario_key(scenario, waiting=self._waiting) for scenario in scenarios]
        alike = dict(zip(keys, scenarios, strict=True))
        done = {(key, seed): runs.find(key, seed) for key in alike for seed in seeds}
        left = [Run(alike[key], key, seed, self._waiting) for (key, seed), kept in done.items() if kept is None]
        count = len(done) - len(left)
        damaged = sum(runs.is_there(run.key, run.seed) for run in left)
        if damaged:
            warnings.warn(f"kept runs that are damaged, or another's, are played again: {damaged:,}", stacklevel=2)

        def report() -> None:
            progress(Step("playing", count, len(done), "runs"))

        report()
        try:
            with compiling_told(progress), closing(self._played(left)) as played:
                for run, replication in played:
                    self._runs = runs = runs.keep(run.key, run.seed, replication)
                    done[run.key, run.seed] = replication
                    count += 1
                    report()
        except (KeyboardInterrupt, InterruptedRunError, _WorkersGoneError) as stopped:
            # `count` may lack one: an interrupt may come once a run is kept and before it is counted
            kept_now = sum(runs.find(key, seed) is not None for key, seed in done)
            reason = str(stopped) if isinstance(stopped, _WorkersGoneError) else ""
            raise UnfinishedError(kept_now, len(done), reason) from None
        return [[kept for seed in seeds if (kept := done[key, seed])] for key in keys]

    def _played(self, left: Sequence[Run]) -> Generator[tuple[Run, Replication]]:
        """Each run as it is done, in any order."""
        numbers = self._rounds * sum(len(run.scenario.phonebook) for run in left)
        if numbers > MANY_NUMBERS:
            self._engine = "compiled"
        workers = self._workers
        # as many processes for each batch, so that they stay: other numbers of them would have to start anew
        jobs = min(workers.jobs or joblib.cpu_count(), len(left) * self._rounds)
        if workers.dask is not None and left:
            with _cluster(workers.dask, left):
                yield from _spread(left, _scenarios(left), self._engine, Parallel(return_as="generator_unordered"))
        elif min(jobs, len(left)) <= 1:
            yield from _played_here(left, self._engine)
        elif workers.jobs is None:
            yield from self._played_at_its_best(left, jobs)
        else:
            yield from _played_in_processes(left, jobs, self._engine)

    def _played_at_its_best(self, left: Sequence[Run], jobs: int) -> Generator[tuple[Run, Replication]]:
        """Choose how to play by the time that a run takes: that of the second one here, which loads nothing."""
        if self._seconds is None:
            for run in left[:2]:
                began = time.monotonic()
                yield run, replicate(run.scenario, run.seed, self._engine, waiting=run.waiting)
                self._seconds = time.monotonic() - began
            left = left[2:]
        if left and (self._in_processes or (self._seconds or 0.0) * len(left) > WORTH_PROCESSES):
            self._in_processes = True
            yield from _played_in_processes(left, jobs, self._engine)
        elif self._engine == "compiled" and left:
            # the compiled engine lets other threads run, and threads start at once
            parallel = Parallel(jobs, backend="threading", return_as="generator_unordered")
            yield from _spread(left, _scenarios(left), self._engine, parallel)
        else:
            yield from _played_here(left, self._engine)


def _played_here(left: Sequence[Run], engine: EngineName) -> Generator[tuple[Run, Replication]]:
    for run in left:
        yield run, replicate(run.scenario, run.seed, engine, waiting=run.waiting)


def _played_in_processes(left: Sequence[Run], jobs: int, engine: EngineName) -> Generator[tuple[Run, Replication]]:
    by_compiled = [run for run in left if plays_compiled(run.scenario, engine)]
    for run in {_steps_of(run.scenario): run for run in by_compiled}.values():
        # here, where it is told; else each process would compile, and nobody be told
        compile_engine(run.scenario, count_waits=run.waiting)
    with _temporary_folder() as folder:
        # each process reads a scenario once; it is not sent again with each run
        files = {key: f"{folder}/{key}" for key in _scenarios(left)}
        for key, scenario in _scenarios(left).items():
            _write(scenario, files[key])
        parallel = Parallel(
            jobs, return_as="generator_unordered", initializer=_end_with_parent, initargs=(os.getpid(),)
        )
        yield from _spread(left, files, engine, parallel)


def _steps_of(scenario: Scenario) -> tuple[str, bool]:
    """What decides which steps of the compiled engine a scenario needs: caps, and whether there are redials."""
    document = scenario.document
    return repr(document.campaign.every_cap), any(outcome.redials for outcome in document.outcomes.values())


@contextmanager
def _temporary_folder() -> Iterator[str]:
    """A folder that is gone afterwards, also if this process is killed: joblib's tracker outlives it, and tidies."""
    _start_trackers()
    with TemporaryDirectory(prefix="dialer-") as folder:
        resource_tracker.register(folder, "folder")
        try:
            yield folder
        finally:
            resource_tracker.unregister(folder, "folder")


def _start_trackers() -> None:
    """Start the processes that tidy after this one, so that a hangup of the terminal does not end them first."""
    hangup = {getattr(signal, "SIGHUP", signal.SIGTERM)}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, hangup) if hasattr(signal, "pthread_sigmask") else None
    try:
        resource_tracker.ensure_running()
        multiprocessing.resource_tracker.ensure_running()
    finally:
        if before is not None:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _write(scenario: Scenario, file: str) -> None:
    try:
        joblib.dump(scenario, file)
    except OSError as error:
        reason = f"{error.strerror or error}; TMPDIR names another folder for what the processes share"
        raise OSError(error.errno, reason, file) from None


def _end_with_parent(parent: int) -> None:
    """End this worker process when its parent ends, even if that is killed and can tell nobody.

    A hangup of the terminal reaches the parent, too, which then ends its workers in order.
    """
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        try:
            watched = os.pidfd_open(parent)  # Linux; it can be waited for
        except (AttributeError, OSError):
            time.sleep(LOOK_SECONDS)
            continue
        wait([watched])
        break
    os._exit(1)


def _scenarios(left: Sequence[Run]) -> dict[str, Scenario]:
    return {run.key: run.scenario for run in left}


def _spread(
    left: Sequence[Run], sent: Mapping[str, Scenario] | Mapping[str, str], engine: EngineName, parallel: Parallel
) -> Generator[tuple[Run, Replication]]:
    tasks = (
        joblib.delayed(_replicate)(index, sent[run.key], run.seed, engine, run.waiting)
        for index, run in enumerate(left)
    )
    played: Generator[tuple[int, Replication]] = parallel(tasks)  # type: ignore[assignment]
    try:
        with warnings.catch_warnings(), closing(played) as replications:
            # an interrupt leaves runs unfinished, which UnfinishedError reports
            warnings.filterwarnings("ignore", "[0-9]+ tasks ", UserWarning)
            for index, replication in replications:
                yield left[index], replication
    except TerminatedWorkerError:
        reason = "a worker process was ended from outside, perhaps because memory ran out; --jobs 1 needs the least"
        raise _WorkersGoneError(reason) from None


def _replicate(
    index: int, sent: Scenario | str, seed: int, engine: EngineName, waiting: bool
) -> tuple[int, Replication]:
    return index, replicate(_read(sent) if isinstance(sent, str) else sent, seed, engine, waiting=waiting)


@lru_cache(maxsize=1)
def _read(file: str) -> Scenario:
    scenario: Scenario = joblib.load(file)
    return scenario


@contextmanager
def _cluster(address: str, left: Sequence[Run]) -> Iterator[None]:
    """Let joblib play on a Dask cluster; its workers must have the same simulator as this process."""
    try:
        from distributed import Client, KilledWorker  # an extra, and heavy
    except ImportError:
        missing = "a Python without Dask", "the extra dask: pip install 'dialer-engine-simulator[dask]'"
        raise _unusable(*missing) from None
    try:
        client = Client(address, timeout=ANSWER_SECONDS)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        found = f"no scheduler at {address} ({error or 'no answer'})"
        raise _unusable(found, "the address of a running scheduler, such as tcp://10.0.0.5:8786") from None
    except TypeError as error:  # what distributed raises if it has no certificates
        found = f"{address} without certificates ({error})"
        raise _unusable(found, "DASK_DISTRIBUTED__COMM__TLS__CA_FILE and __CLIENT__CERT and __CLIENT__KEY") from None
    with client:
        try:
            others = {worker: theirs for worker, theirs in client.run(simulator).items() if theirs != simulator()}
        except ModuleNotFoundError as error:
            raise _unusable(f"a worker without {error.name}", "workers with this simulator installed") from None
        if others:
            worker, theirs = min(others.items())
            raise _unusable(f"{worker} with {theirs}", f"workers with {simulator()}, as here")
        try:
            with joblib.parallel_config("dask", scatter=list(_scenarios(left).values()), wait_for_workers_timeout=30):
                yield
        except KilledWorker as error:
            raise _WorkersGoneError(f"workers of {address} died ({error})") from None
        except (OSError, TimeoutError) as error:
            raise _WorkersGoneError(f"the cluster at {address} is gone ({error})") from None


def simulator() -> str:
    """The code and the libraries with which this process plays, as text to compare with that of workers."""
    versions = {"python": platform.python_version(), "tzdata": version("tzdata")}
    return " ".join([f"the simulator's code {code_hash()}", *(f"{name} {text}" for name, text in versions.items())])


def _unusable(found: str, allowed: str) -> InputError:
    return InputError([Fault(("--dask",), found, allowed)])
