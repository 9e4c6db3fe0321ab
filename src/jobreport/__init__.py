"""Jobreport: every backup job of a company, kept and exactly reported."""

TYPE_CHECKING = False  # as `typing` has it, which takes twenty milliseconds to load
if TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> str:
        """`__version__`, which takes a moment to look up: `run` must be able to take signals before."""
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import version

        return globals().setdefault(name, version("jobreport"))
