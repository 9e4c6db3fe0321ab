"""`/docs`: the API in the browser, shown from files that an installed package ships; nothing comes from elsewhere."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from jobreport.server.operation import Answer, Operation

# The page's script writes styles into its elements.
_POLICY: Final = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "style-src 'self' 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
# The browser may keep them but must ask each time, since another version of the server has other files.
_ASK_AGAIN: Final = "no-cache"
_HTML: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Jobreport API</title>
<link rel="icon" href="docs/assets/favicon-32x32.png">
<link rel="stylesheet" href="docs/assets/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="docs/assets/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>
</body>
</html>
"""
_START: Final = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")


class _Assets(StaticFiles):
    """Serves files that a browser may keep."""

    def file_response(self, *arguments: Any, **options: Any) -> Response:
        """Does as the base class, and lets the browser keep the file."""
        response = super().file_response(*arguments, **options)
        response.headers["Cache-Control"] = _ASK_AGAIN
        return response


def assets() -> StaticFiles:
    """Returns the application that serves the package's files."""
    spec = find_spec("swagger_ui")
    assert spec is not None
    assert spec.origin is not None
    return _Assets(directory=Path(spec.origin).parent / "static")


async def page(_request: Request) -> Response:
    """Answers with the page."""
    return HTMLResponse(_HTML, headers={"Content-Security-Policy": _POLICY, "Cache-Control": _ASK_AGAIN})


async def start(_request: Request) -> Response:
    """Answers with the script that starts the page. It is a file of its own, so that the policy need not allow inline
    scripts.
    """
    return Response(_START, media_type="text/javascript", headers={"Cache-Control": _ASK_AGAIN})


PAGE: Final = Operation(
    handler=page,
    id="Docs_Page",
    tag="Documentation",
    summary="Shows the API in the browser.",
    answers={200: Answer("The page.", str, "text/html")},
)
START: Final = Operation(
    handler=start,
    id="Docs_Start",
    tag="Documentation",
    summary="Gives the script of the page.",
    answers={200: Answer("The script.", str, "text/javascript")},
)
