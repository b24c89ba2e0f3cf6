"""An output is never an input, and never a file of someone else that is not forced."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.outputs import Output, OutputError, begins_as, check_outputs, inputs_among


@pytest.fixture
def read(tmp_path: Path) -> Path:
    """A file that a command reads."""
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder/list.csv").write_text("phone\n16505550100\n")
    return tmp_path / "folder/list.csv"


def linked(file: Path) -> Path:
    (file.parent / "link").symlink_to(file)
    return file.parent / "link"


def through_a_linked_folder(file: Path) -> Path:
    (file.parent.parent / "same").symlink_to(file.parent)
    return file.parent.parent / "same" / file.name


def hard_linked(file: Path) -> Path:
    (file.parent / "twin").hardlink_to(file)
    return file.parent / "twin"


def spelled_otherwise(file: Path) -> Path:
    return file.parent / ".." / file.parent.name / "." / file.name


def relative(file: Path) -> Path:
    return Path(os.path.relpath(file))


WAYS = (Path, linked, through_a_linked_folder, hard_linked, spelled_otherwise, relative)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("force", [False, True])
def test_an_input_is_refused_whatever_path_leads_to_it(read: Path, way: Callable[[Path], Path], force: bool) -> None:
    output = Output("--svg", way(read), lambda _: True)

    with pytest.raises(OutputError, match="--svg: found a file that the same command reads; allowed: another file"):
        check_outputs([output], [read], force=force)


def test_an_input_that_is_missing_is_no_output_either(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="the same command reads"):
        check_outputs([Output("--svg", tmp_path / "./a.yaml")], [tmp_path / "a.yaml"])


def test_a_file_that_is_there_is_kept_unless_it_is_ours_or_forced(read: Path, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="found a file that exists already; allowed: a new file, or --force to repl"):
        check_outputs([Output("--svg", read)], [])

    check_outputs([Output("--svg", read)], [], force=True)
    check_outputs([Output("--svg", read, lambda _: True)], [])
    check_outputs([Output("--svg", tmp_path / "new.svg")], [])


def test_every_output_that_may_not_be_written_is_told(read: Path, tmp_path: Path) -> None:
    (tmp_path / "pipe").unlink(missing_ok=True)
    os.mkfifo(tmp_path / "pipe")
    outputs = [
        Output("--svg", read),
        Output("--faults", tmp_path),
        Output("--checkpoint", tmp_path / "missing/a.npz"),
        Output("--out", tmp_path / "pipe"),
        Output("--json", Path(os.devnull)),
    ]

    with pytest.raises(OutputError) as refused:
        check_outputs(outputs, [], force=False)

    assert [(fault.path, fault.found) for fault in refused.value.faults] == [
        (("--svg",), "a file that exists already"),
        (("--faults",), "a path that cannot be a file (Is a directory)"),
        (("--checkpoint",), "a path that cannot be a file (No such file or directory)"),
        (("--out",), "a path that cannot be a file (it is a device or a pipe)"),
        (("--json",), "a path that cannot be a file (it is a device or a pipe)"),
    ]


def test_a_link_that_leads_to_itself_cannot_be_an_output(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to("loop")

    for file in (tmp_path / "loop", tmp_path / "loop/a.svg"):
        with pytest.raises(OutputError, match="a path that cannot be a file"):
            check_outputs([Output("--svg", file)], [], force=True)


def test_two_outputs_are_not_the_same_file(tmp_path: Path) -> None:
    outputs = [Output("--svg", tmp_path / "a"), Output("--faults", tmp_path / "./a")]

    with pytest.raises(OutputError, match="--faults: found the file of --svg; allowed: another file"):
        check_outputs(outputs, [], force=True)


def test_what_a_killed_run_left_of_a_file_is_removed_and_told(tmp_path: Path) -> None:
    (tmp_path / ".a.svg.dialer-01234567.part").write_text("half of")

    with pytest.warns(
        UserWarning, match=r"a\.svg: a run that was killed left \.a\.svg\.dialer-01234567\.part, which is"
    ):
        check_outputs([Output("--svg", tmp_path / "a.svg")], [])

    assert list(tmp_path.iterdir()) == []


def test_a_name_that_no_file_can_have_is_no_input(tmp_path: Path) -> None:
    assert inputs_among([tmp_path / "a"], [Path("\0")]) == []


def test_a_file_is_known_by_its_beginning(tmp_path: Path) -> None:
    for name, content in {"ours": b"<svg> ours", "other": b"<svg> other", "empty": b""}.items():
        (tmp_path / name).write_bytes(content)

    ours = [begins_as(tmp_path / name, rb"<svg>\s*ours") for name in ("ours", "other", "empty", "missing")]

    assert ours == [True, False, True, False]
