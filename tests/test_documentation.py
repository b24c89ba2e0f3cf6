"""What the documentation shows is what happens."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import Scenario, simulate
from engine.reading.typed import json_schema
from engine.scenario.document import ScenarioDocument

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


SESSIONS = [[line[2:] for line in block.splitlines() if line.startswith("$ ")] for block in blocks("console")]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A copy of what the commands work on, for what they write."""
    for folder in ("scenarios", "benchmarks"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return tmp_path


@pytest.mark.parametrize("commands", SESSIONS, ids=[commands[0] for commands in SESSIONS])
def test_every_command_in_the_readme_works(commands: list[str], checkout: Path) -> None:
    own_bin = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": own_bin, "XDG_CACHE_HOME": str(checkout / ".cache")}

    for command in commands:
        done = subprocess.run(
            shlex.split(command), cwd=checkout, env=environment, capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_the_readme_has_commands_to_try() -> None:
    assert sum(map(len, SESSIONS)) >= 5


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_in_the_readme_runs(code: str, checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(checkout)

    exec(compile(code, "README.md", "exec"), {})  # noqa: S102


def test_the_picture_in_the_readme_shows_the_run_of_today() -> None:
    digest = simulate(Scenario.load(ROOT / "scenarios/spring_promo.yaml")).figures.digest

    assert digest in (ROOT / "docs/spring_promo.svg").read_text(encoding="utf-8")


def test_the_picture_of_the_report_shows_the_run_of_today() -> None:
    digest = simulate(Scenario.load(ROOT / "scenarios/spring_promo.yaml")).figures.digest
    picture = (ROOT / "docs/report.png").read_bytes()

    assert f"digest\0{digest}".encode() in picture
    assert len(picture) < 400_000


@pytest.mark.parametrize("name", ["spring_promo.svg", "comparison.svg"])
def test_pictures_need_nothing_from_the_network(name: str) -> None:
    picture = (ROOT / "docs" / name).read_text(encoding="utf-8")

    assert set(re.findall(r"https?://[^\s\"')]+", picture)) <= {
        "http://www.w3.org/2000/svg",
        "https://www.textualize.io",
    }


def test_the_json_schema_beside_the_scenarios_is_the_one_that_is_exported() -> None:
    stored = json.loads((ROOT / "scenarios/scenario.schema.json").read_text(encoding="utf-8"))

    assert stored == json.loads(json.dumps(json_schema(ScenarioDocument)))


@pytest.mark.parametrize("field", ["whatIf", "goal", "segments", "answering", "shifts", "retryIfShorterThanSeconds"])
def test_the_readme_explains_every_part_of_a_scenario(field: str) -> None:
    assert field in README
