"""An attack on the command: good files of every kind and good options, changed at random, and what must hold for each.

By hand: `python -m tests.attack --count 12000 --seed 14`; `--only 17` plays one of them again, and shows it.
"""
