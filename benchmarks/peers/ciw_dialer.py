"""A call centre in Ciw, for the part of a dialer's work that it can follow: one queue, priorities and lines.

Ciw has no windows, no retry after an interval and no durations by outcome. So every number is a customer that comes
once, at the start, with a priority, and is served once. Its figure is calls a second for that much easier work.
"""

from engine.scenario.scenario import Scenario


def play(scenario: Scenario) -> int:
    """Serve every number once; how many were served. Raises ImportError where there is no Ciw."""
    import ciw  # a peer that may be missing

    lines, numbers = scenario.document.campaign.lines or 1, len(scenario.phonebook)
    share = numbers // 5
    network = ciw.create_network(
        arrival_distributions={
            f"priority {priority}": [ciw.dists.Sequential([0.0] * 1 + [1e12])] for priority in range(1, 6)
        },
        batching_distributions={
            f"priority {priority}": [ciw.dists.Deterministic(value=share)] for priority in range(1, 6)
        },
        service_distributions={
            f"priority {priority}": [ciw.dists.Exponential(rate=1 / 65)] for priority in range(1, 6)
        },
        priority_classes={f"priority {priority}": priority - 1 for priority in range(1, 6)},
        number_of_servers=[lines],
    )
    ciw.seed(1)
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(share * 5, method="Finish")
    return len(simulation.get_all_records())
