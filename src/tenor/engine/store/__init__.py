"""Directories of tables: read them, saying what is wrong with which row, and write them.

`reading` puts a directory together, `files` knows CSV and Parquet, `columns` turns what a file
holds into the contract's types, `checks` says which rows cannot be used, `writing` writes.
"""

from tenor.engine.store.reading import Reading, read_tables
from tenor.engine.store.writing import read_rows, write_rows, write_tables, write_text

__all__ = ["Reading", "read_rows", "read_tables", "write_rows", "write_tables", "write_text"]
