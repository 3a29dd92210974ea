"""Benchmarks: what the product can do, measured through its own doors."""
