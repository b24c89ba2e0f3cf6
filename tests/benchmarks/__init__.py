"""The benchmarks run and tell the truth about who decided what."""
