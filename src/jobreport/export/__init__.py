"""The jobs of a whole result in; a file of them, as CSV, lines of JSON, an Excel workbook or Parquet, out."""
