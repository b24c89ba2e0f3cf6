"""The commands of `dialer`, each in a module of its own."""
