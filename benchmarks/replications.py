"""How many runs a second replications make: in one process, in one a processor, and on a Dask cluster.

    python -m benchmarks.replications [--numbers 100_000] [--runs 64] [--rounds 3]

Each round plays the same runs in one process and in several, the processes already started, as they are from the
second variant of a comparison on. The digests of all runs must be the same everywhere; the exit status is 1 if not.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import joblib

from benchmarks.workload import ROOT
from engine import Scenario
from engine.answers.playing import Workers, play_replications
from engine.answers.replications import Runs
