"""Writes the tables of the query parameters and of the columns of an export."""

from collections.abc import Callable
from typing import Final

from blocks.markdown import table
from jobreport.api import backup_jobs
from jobreport.contract import series, summary
from jobreport.export import as_parquet, as_xlsx


def query_parameters() -> str:
    """Every parameter of the query language."""
    rows = ((f"`{one.name}`", f"`{one.flag}`", one.meaning, f"`{one.example}`") for one in backup_jobs.PARAMETERS)
    return table(("parameter", "flag of `jobreport jobs`", "what it says", "example"), rows)


def export_columns() -> str:
    """Every column of an export: what it is called in each form, and its type in Parquet."""
    rows = (
        (f"`{field.name}`", title, "a name" if "dictionary" in str(field.type) else f"`{field.type}`")
        for field, (title, _, _) in zip(as_parquet.SCHEMA, as_xlsx.COLUMNS, strict=True)
    )
    return table(("CSV, NDJSON, Parquet", "XLSX", "type in Parquet"), rows)


def summary_parameters() -> str:
    """What a summary takes beside the filters."""
    rows = (
        (f"`{one.name}`", f"`{one.flag}`", one.meaning, f"`{one.example}`")
        for one in (summary.BY, summary.TIME_ZONE, summary.WITH)
    )
    return table(("parameter", "flag of `jobreport summary`", "what it says", "example"), rows)


def series_parameters() -> str:
    """Everything that a question about series takes, but for the tenant."""
    rows = ((f"`{one.name}`", f"`{one.flag}`", one.meaning, f"`{one.example}`") for one in series.PARAMETERS)
    return table(("parameter", "flag of `jobreport series`", "what it says", "example"), rows)


BLOCKS: Final[dict[str, Callable[[], str]]] = {
    "query-parameters": query_parameters,
    "summary-parameters": summary_parameters,
    "series-parameters": series_parameters,
    "export-columns": export_columns,
}
