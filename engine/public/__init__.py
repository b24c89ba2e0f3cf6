"""The face for Python: what `import engine` hands out."""
