"""A process in which the command is loaded already: a copy of it plays each `dialer` that tests ask for.

Most of a short command is the loading of what it needs, which hundreds of tests would pay each anew. A copy is a
process of its own, with streams, a folder and an exit status of its own, and it ends as any process does.
"""

import gc
import importlib
import json
import os
import pkgutil
import socket
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
LIBRARIES = ("fastexcel", "pyarrow.parquet", "pyarrow.compute", "xlsxwriter", "uvicorn", "litestar")
"""What commands load when they need it, beside what their modules load."""
_ONE_AT_A_TIME = Lock()


def call_loaded(arguments: list[str], folder: Path, given: bytes) -> tuple[int, bytes, bytes]:
    """Play a command in a copy of the loaded process: its exit status, and what it wrote to its two streams."""
    with _ONE_AT_A_TIME, ThreadPoolExecutor(3) as threads:
        server = _server()
        (read_given, write_given), (read_answer, write_answer), (read_said, write_said) = (os.pipe() for _ in range(3))
        theirs = [read_given, write_answer, write_said]
        request = json.dumps([arguments, str(folder)]).encode()
        socket.send_fds(server, [len(request).to_bytes(8, "big")], theirs)
        server.sendall(request)
        for stream in theirs:
            os.close(stream)
        threads.submit(_write, write_given, given)
        answer, said = threads.map(_read, (read_answer, read_said))
        return int.from_bytes(_received(server, 8), "big", signed=True), answer, said


def _write(stream: int, data: bytes) -> None:
    with open(stream, "wb", buffering=0) as pipe:
        try:
            left = memoryview(data)
            while left:
                left = left[pipe.write(left) :]
        except BrokenPipeError:
            pass  # a command need not read what it is given


def _read(stream: int) -> bytes:
    with open(stream, "rb") as pipe:
        return pipe.read()


def _received(connection: socket.socket, length: int) -> bytes:
    data = b""
    while len(data) < length:
        part = connection.recv(length - len(data))
        if not part:
            raise EOFError
        data += part
    return data


@cache
def _server() -> socket.socket:
    """The connection to this process's own loaded process, which ends with it."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "tests.commands.loaded", str(theirs.fileno())]
        none = subprocess.DEVNULL  # copies bring streams of their own
        _KEPT.append(
            subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, pass_fds=[theirs.fileno()], stdin=none, stdout=none)
        )
    return ours


_KEPT: list["subprocess.Popen[bytes]"] = []
"""Referred to, so that nothing warns of a process that still runs."""


def load_everything() -> None:
    """Load what commands load, without beginning a thread: a copy of this process would lack it."""
    import engine
    from engine.results.result import simulate
    from engine.scenario.scenario import Scenario

    for module in pkgutil.walk_packages(engine.__path__, "engine."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    for library in LIBRARIES:
        importlib.import_module(library)
    simulate(Scenario.load(ROOT / "scenarios/from_phone.yaml"), "compiled")
    gc.collect()
    gc.freeze()  # else the copies would copy all that is loaded, as they look through it


def _serve(connection: socket.socket) -> None:
    """Play what is asked for, one after another; return in the copy that is to be the command."""
    warnings.simplefilter("ignore")  # of a copy of a process with threads: it does not need them
    load_everything()
    warnings.resetwarnings()
    while True:
        head, streams, _, _ = socket.recv_fds(connection, 8, 3)
        if not head:
            os._exit(0)
        arguments, folder = json.loads(_received(connection, int.from_bytes(head, "big")))
        process = os.fork()
        if not process:
            connection.close()
            os.chdir(folder)
            for place, stream in enumerate(streams):
                os.dup2(stream, place)
                os.close(stream)
            sys.argv = ["dialer", *arguments]
            return
        for stream in streams:
            os.close(stream)
        _, status = os.waitpid(process, 0)
        connection.sendall(os.waitstatus_to_exitcode(status).to_bytes(8, "big", signed=True))


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
    from engine.cli import main

    main()
