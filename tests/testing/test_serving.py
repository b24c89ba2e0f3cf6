"""The kit for users' tests: a server whose clock stands."""

from pathlib import Path
from typing import Any

import msgspec

from engine.scenario.scenario import Scenario
from engine.testing import calls_api
from tests.server.office import scenario


def test_a_scenario_may_be_loaded_written_out_or_a_file(tmp_path: Path) -> None:
    loaded = scenario()
    written: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(loaded.source))
    file = tmp_path / "scenario.json"
    file.write_bytes(msgspec.json.encode(written))
    for given in (loaded, written, file, str(file)):
        assert isinstance(given, Scenario | dict | Path | str)
        with calls_api(given, start="2026-03-03T09:00:00Z", seed=7) as server:
            assert server.now == "2026-03-03T09:00:00Z"


def test_one_seed_makes_servers_answer_alike() -> None:
    def outcomes(seed: int) -> Any:
        with calls_api(scenario(), seed=seed) as server:
            numbers = [{"phone": 16_500_000_000 + index} for index in range(60)]
            server.client.post(server.campaign("addPhones"), json=numbers).raise_for_status()
            return server.advance(86_400)

    assert outcomes(1) == outcomes(1) != outcomes(2)
