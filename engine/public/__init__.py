"""The Python interface: the names that `import engine` gives."""
