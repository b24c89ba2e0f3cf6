"""The engine compared with theory: waiting, attempts, makespans, hours."""
