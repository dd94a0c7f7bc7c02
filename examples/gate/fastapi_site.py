"""FastAPI: a paid route among free ones.

uvicorn --port 8080 fastapi_site:app
"""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, FastAPI

from sessionvitals import AsyncTiunClient, Session
from sessionvitals.gate import TiunGate, from_cookie, from_header

app = FastAPI()
gate = TiunGate(AsyncTiunClient(), source=[from_header("X-Session-Id"), from_cookie("sid")])
Paid = Annotated[Session, Depends(gate.fastapi(app))]


@app.get("/article")
async def article(session: Paid) -> dict[str, str]:
    return {"article": "the paid one", "session": session.state}


@app.get("/")
async def front_page() -> dict[str, str]:
    return {"article": "the free one"}
