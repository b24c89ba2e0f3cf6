"""What a shell completes where Typer knows no more than that it is text: figures, paths, layouts, rule sets."""


def figures_from(incomplete: str) -> list[str]:
    """The figures whose names begin so; of a family whose members depend on the scenario, what they begin with."""
    from engine.results.figures import names_of_every_run

    return _beginning(incomplete, names_of_every_run())


def assignments_from(incomplete: str) -> list[str]:
    """The paths of a scenario that begin so, each with the `=` before its value."""
    from engine.reading.typed import field_paths
    from engine.scenario.document import ScenarioDocument

    return _beginning(incomplete, [f"{path}=" for path in field_paths(ScenarioDocument)])


def layouts_from(incomplete: str) -> list[str]:
    """The layouts of call logs whose names begin so."""
    from engine.logs.layouts import LAYOUTS

    return _beginning(incomplete, [*LAYOUTS, "list"])


def rule_sets_from(incomplete: str) -> list[str]:
    """The built-in rule sets whose names begin so."""
    from engine.calling.rule_sets import built_in_names

    return _beginning(incomplete, built_in_names())


def _beginning(incomplete: str, names: list[str]) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
