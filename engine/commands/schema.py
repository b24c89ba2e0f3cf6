"""The command `dialer schema`."""

from engine.commands.telling import print_json


def schema() -> None:
    """Print the JSON Schema of scenario files, for editors that check and complete while you write."""
    from engine.reading.typed import json_schema
    from engine.scenario.document import ScenarioDocument
    from engine.scenario.short_forms import with_short_forms

    print_json(with_short_forms(json_schema(ScenarioDocument)))
