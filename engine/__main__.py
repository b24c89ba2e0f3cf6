"""`python -m engine` is `dialer`."""

from engine.cli import main

main()
