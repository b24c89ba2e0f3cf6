"""The files and the folder that a command was asked to write."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from engine.outputs import Output

PICTURE_BEGINS = rb"<svg [^>]*>\s*<!-- dialer: "
FAULTS_BEGIN = rb'\{"file": .*"line": .*"path": '
"""How files of `--svg` and `--faults` begin."""


class Outputs(NamedTuple):
    """What a command was asked to write; None where it was not."""

    force: bool = False
    out: Path | None = None
    """The folder for results."""
    file: Path | None = None
    """The file of `fit --out`."""
    page: Path | None = None
    """The file of `explain --page`."""
    svg: Path | None = None
    faults: Path | None = None
    checkpoint: Path | None = None

    @property
    def any(self) -> Path | None:
        """One of them, if there is any."""
        return self.out or next((output.file for output in self._files()), None)

    @contextmanager
    def held(self, *inputs: Path | None) -> Iterator[None]:
        """Hold the folder for results, after a look at all outputs; `inputs` are files that the command is to read.

        Raises OutputError for an output that may not be written, and what `claimed` raises for the folder.
        """
        from engine.outputs import OutputError, check_outputs, inputs_among
        from engine.reading.contents import stored_at
        from engine.reading.faults import Fault

        files, read = self._files(), [stored_at(path) for path in inputs if path is not None]
        check_outputs(files, read, force=self.force)
        if self.out is None:
            yield
            return
        from engine.results.folder import OWN_FILES, claimed

        results = [self.out, *(self.out / name for name in OWN_FILES)]
        for output in files:
            if inputs_among([output.file], results):
                found = f"a file of the results in {self.out}"
                raise OutputError([Fault((output.option,), found, "another file", str(output.file))])
        with claimed(self.out, force=self.force, inputs=read):
            yield

    def check(self, inputs: Iterable[Path]) -> None:
        """Find out whether an output is one of the files that were read: OutputError, before anything is played."""
        from engine.outputs import refuse_inputs

        read = [*inputs]
        refuse_inputs(self._files(), read)
        if self.out is not None:
            from engine.results.folder import check_inputs

            check_inputs(self.out, read)

    def _files(self) -> "list[Output]":
        from engine.outputs import Output, begins_as

        def is_checkpoint(file: Path) -> bool:
            from engine.dialing import checkpoints  # loads numba

            return checkpoints.is_checkpoint(file)

        asked: list[tuple[str, Path | None, Callable[[Path], bool]]] = [
            ("--out", self.file, lambda _: False),
            ("--page", self.page, lambda _: False),
            ("--svg", self.svg, lambda file: begins_as(file, PICTURE_BEGINS)),
            ("--faults", self.faults, is_faults),
        ]
        files = [Output(option, file, is_ours) for option, file, is_ours in asked if file is not None]
        if self.checkpoint is not None:
            other = f"another file, such as {self.checkpoint.stem}-2.npz"
            files.append(Output("--checkpoint", self.checkpoint, is_checkpoint, other))
        return files


def is_faults(file: Path) -> bool:
    """Whether `--faults` made a file."""
    from engine.outputs import begins_as

    return begins_as(file, FAULTS_BEGIN)
