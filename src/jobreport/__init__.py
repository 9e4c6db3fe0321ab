"""Jobreport: every backup job of a company, kept and exactly reported."""

TYPE_CHECKING = False  # as `typing` has it, which takes twenty milliseconds to load
if TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> str:
        """Looks up `__version__` only when it is asked for, as that takes time, and `run` must take
        signals before it.
        """
        if name != "__version__":
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib.metadata import version

        return globals().setdefault(name, version("jobreport"))
