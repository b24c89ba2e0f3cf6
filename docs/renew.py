"""Renews what the commands in the documentation print: `python -m docs.renew`.

A page is one session. Its blocks of `console` and `python` run in order, in one copy of the files that they use. A
block of console lines shows commands after `$ `, with what they print below them, or commands alone. Notes and faults
come first, then standard output, because the order of the two is not known where commands are piped.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
WORKED_ON = ("scenarios", "benchmarks", "docs/tutorial")
NOTEBOOKS = sorted((ROOT / "docs").rglob("*.ipynb"))
_BLOCK = re.compile(r"^```(console|python)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class SessionError(Exception):
    """A command of a page failed; the message holds its output."""


def is_session(page: Path) -> bool:
    """Whether the page has anything to run."""
    return _BLOCK.search(page.read_text(encoding="utf-8")) is not None


def play(page: Path, folder: Path) -> str:
    """The text of a page with what its commands print today; they run in `folder`, which is empty at first.

    Finished runs are kept beside it: pages with folders side by side do not play the same runs again. Raises
    SessionError if a command or a piece of Python fails.
    """
    for name in WORKED_ON:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return _BLOCK.sub(lambda block: _played(block[1], block[2], folder), page.read_text(encoding="utf-8"))


def _played(kind: str, text: str, folder: Path) -> str:
    if kind == "python":
        _output([sys.executable, "-c", text], text, folder)
        return f"```python\n{text}```"
    lines = text.splitlines()
    commands = [line for line in lines if line.startswith("$ ")]
    shows_output = len(commands) < len(lines)
    played = []
    for command in commands:
        output = _output(["bash", "-o", "pipefail", "-c", command.removeprefix("$ ")], command, folder)
        played += [command, *([line.rstrip() for line in output.splitlines()] if shows_output else ())]
    return "\n".join(["```console", *played, "```"])


def _output(command: list[str], shown: str, folder: Path) -> str:
    own_commands = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": own_commands, "XDG_CACHE_HOME": str(folder.parent / ".cache"), "COLUMNS": "84"}
    done = subprocess.run(  # noqa: S603 (the commands of our own pages)
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    if done.returncode:
        raise SessionError(f"{shown}\n{done.stderr}{done.stdout}")
    return done.stderr + done.stdout


def run_notebook(notebook: Path, folder: Path) -> NotebookNode:
    """The notebook with what its cells show today; CellExecutionError if one of them fails. They run as `play`s do."""
    for name in WORKED_ON:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    read = nbformat.read(notebook, as_version=4)
    environment = {**os.environ, "XDG_CACHE_HOME": str(folder.parent / ".cache")}
    client = NotebookClient(read, timeout=600, resources={"metadata": {"path": str(folder)}}, record_timing=False)
    played: NotebookNode = client.execute(env=environment)
    return played


def main() -> None:
    """Renew the pages and notebooks that are named, or all of them."""
    with tempfile.TemporaryDirectory() as folder:
        for page in [Path(name).resolve() for name in sys.argv[1:]] or [*PAGES, *NOTEBOOKS]:
            own = Path(folder) / "-".join(page.relative_to(ROOT).parts)
            if page.suffix == ".ipynb":
                nbformat.write(run_notebook(page, own), page)
            elif is_session(page):
                page.write_text(play(page, own), encoding="utf-8")


if __name__ == "__main__":
    main()
