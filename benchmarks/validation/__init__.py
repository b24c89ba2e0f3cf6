"""The engine beside what theory proves: waiting, attempts, makespans, hours."""
