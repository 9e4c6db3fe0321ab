"""`/static/…`: the stylesheet, the scripts and the pictures of the pages."""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from jobreport.monitor.page import Page
from jobreport.monitor.static_files import FILES
from jobreport.server.problem import ProblemError

_FOR_EVER: Final = "public, max-age=31536000, immutable"


async def show(request: Request) -> Response:
    """Answers with the file of this name."""
    file = FILES.get(request.path_params["name"])
    if file is None:
        raise ProblemError(404, "There is no file of this name. The page that named it may be of an older version.")
    headers = {"Cache-Control": _FOR_EVER, "ETag": f'W/"{file.name}"'}
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(file.content, media_type=file.media_type, headers=headers)


SHOW: Final = Page(handler=show, id="static", needs=None, of_tenant=False)
