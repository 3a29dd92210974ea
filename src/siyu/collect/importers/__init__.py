"""Imports of files: orders, persons, events and spend out of CSV, Excel, JSON Lines and Parquet."""
