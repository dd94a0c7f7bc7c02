"""A site with one paid article: tiun's script in the page, a gate around what is paid for.

uvicorn --port 8080 paywall_site:app
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.responses import FileResponse, HTMLResponse

from sessionvitals import AsyncTiunClient, Session
from sessionvitals.gate import TiunGate, from_header

PAGES = Path(__file__).parent / "pages"
# tiun's own script, or in tests the imitation that the mock serves.
SCRIPT = os.environ.get("TIUN_SCRIPT", "https://unpkg.com/@tiun/sdk/tiun.js")
SNIPPET = os.environ.get("TIUN_SNIPPET_ID", "your-snippet-id")

app = FastAPI()
gate = TiunGate(AsyncTiunClient(), source=from_header("X-Session-Id"))
Paid = Annotated[Session, Depends(gate.fastapi(app))]


@app.get("/")
async def front_page() -> HTMLResponse:
    page = (PAGES / "front.html").read_text(encoding="utf-8")
    return HTMLResponse(page.replace("TIUN_SCRIPT", SCRIPT).replace("TIUN_SNIPPET_ID", SNIPPET))


@app.get("/paywall.js")
async def paywall_script() -> FileResponse:
    return FileResponse(PAGES / "paywall.js", media_type="text/javascript")


@app.get("/article")
async def article(session: Paid) -> FileResponse:
    return FileResponse(PAGES / "article.html", media_type="text/html")
