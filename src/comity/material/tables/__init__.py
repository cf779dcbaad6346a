"""CSV files and plain lists of indicators in: each row an indicator, and each row that cannot be one named."""

from __future__ import annotations

from comity.material.tables.cells import csv_cell
from comity.material.tables.indicators import NothingReadable, from_csv, from_list
from comity.material.tables.rows import UnreadableTable

__all__ = ["NothingReadable", "UnreadableTable", "csv_cell", "from_csv", "from_list"]
