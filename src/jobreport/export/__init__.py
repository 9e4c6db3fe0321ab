"""Writes all jobs of a question into one file: CSV, lines of JSON, an Excel workbook or Parquet."""
