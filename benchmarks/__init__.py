"""Benchmarks: `python -m benchmarks` measures and writes `docs/benchmarks.md`. Nothing here is a test."""
