"""Jobreport: every backup job of a company, kept and exactly reported."""

from importlib.metadata import version

__version__ = version("jobreport")
