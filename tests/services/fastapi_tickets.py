"""A help desk in FastAPI: tickets of customers, in memory, with tokens for a password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, FastAPI, File, HTTPException, Query, Response, UploadFile
from fastapi.responses import StreamingResponse
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from pydantic import BaseModel, ConfigDict, Field

from .bugs import Shape

TOKEN = "help-desk-token"


class Status(StrEnum):
    open = "open"
    pending = "pending"
    closed = "closed"


class Problem(BaseModel):
    detail: str


class Customer(BaseModel):
    id: int
    name: str
    email: str | None


class CustomerIn(BaseModel):
    name: Annotated[str, Field(min_length=1, max_length=80)]
    email: Annotated[str | None, Field(max_length=120)] = None


class TicketIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(min_length=1, max_length=100)]
    customer_id: int
    status: Status = Status.open
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    notes: Annotated[str | None, Field(max_length=500)] = None


class TicketPatch(BaseModel):
    model_config = ConfigDict(extra="forbid")

    subject: Annotated[str, Field(min_length=1, max_length=100)] = ""
    status: Status = Status.open
    priority: Annotated[int, Field(ge=1, le=5)] = 3
    notes: Annotated[str | None, Field(max_length=500)] = None


class Ticket(BaseModel):
    id: int
    subject: str
    customer_id: int
    status: Status
    priority: int
    notes: str | None
    created_at: datetime


class TicketPage(BaseModel):
    items: list[Ticket]
    total: int


class Token(BaseModel):
    access_token: str
    token_type: str


class Attachment(BaseModel):
    filename: str
    size: int


class Store:
    """The data of one application."""

    def __init__(self) -> None:
        self.customers = {
            number: {"id": number, "name": name, "email": f"{name.lower()}@example.com"}
            for number, name in enumerate(("Ada", "Grace", "Edsger"), 1)
        }
        self.tickets = {number: self._make_ticket(number) for number in range(1, 48)}
        self.files: dict[int, bytes] = {}
        self.next = 48

    @staticmethod
    def _make_ticket(number: int) -> dict[str, Any]:
        return {
            "id": number,
            "subject": f"Printer {number * 7 % 48} is on fire",
            "customer_id": number % 3 + 1,
            "status": list(Status)[number % 3],
            "priority": number * 3 % 5 + 1,
            "notes": None if number % 4 else "seen before",
            "created_at": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number * 11 % 47),
        }

    def find_ticket(self, ticket_id: int) -> dict[str, Any]:
        if ticket_id not in self.tickets:
            raise HTTPException(404, "ticket not found")
        return self.tickets[ticket_id]

    def check_customer(self, customer_id: int) -> None:
        if customer_id not in self.customers:
            raise HTTPException(404, "customer not found")


def authorize(token: Annotated[str, Depends(OAuth2PasswordBearer(tokenUrl="token"))]) -> None:
    if token != TOKEN:
        raise HTTPException(401, "invalid token", {"WWW-Authenticate": "Bearer"})


EVENT = {
    "type": "object",
    "required": ["status"],
    "properties": {"status": {"type": "string", "enum": [status.value for status in Status]}},
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": Problem}}


def build() -> FastAPI:
    """Return a new application with its own rows."""
    store = Store()
    app = FastAPI(title="Help desk", version="1.0.0")
    router = APIRouter(dependencies=[Depends(authorize)], responses={401: {"model": Problem}})
    _add_listings(router, store)
    _add_writes(router, store)
    _add_files(router, store)
    app.include_router(router)

    @app.post("/token")
    def log_in(form: Annotated[OAuth2PasswordRequestForm, Depends()]) -> Token:
        if (form.username, form.password) != ("ada", "pass word"):
            raise HTTPException(400, "incorrect username or password")
        return Token(access_token=TOKEN, token_type="bearer")

    return app


def _add_listings(router: APIRouter, store: Store) -> None:
    @router.get("/tickets", tags=["tickets"])
    def list_tickets(
        status: Status | None = None,
        customer_id: int | None = None,
        priority: Annotated[int | None, Query(ge=1, le=5)] = None,
        q: Annotated[str | None, Query(max_length=50, description="Part of the subject")] = None,
        sort: Literal["id", "created_at", "priority"] = "id",
        order: Literal["asc", "desc"] = "asc",
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        offset: Annotated[int, Query(ge=0)] = 0,
    ) -> TicketPage:
        rows = [
            row
            for row in store.tickets.values()
            if (status is None or row["status"] == status)
            and (customer_id is None or row["customer_id"] == customer_id)
            and (priority is None or row["priority"] == priority)
            and (q is None or q.lower() in row["subject"].lower())
        ]
        rows.sort(key=lambda row: (row[sort], row["id"]), reverse=order == "desc")
        page = [Ticket(**row) for row in rows[offset : offset + limit]]
        return TicketPage(items=page, total=len(rows))

    @router.get("/tickets/{ticket_id}", tags=["tickets"], responses=NOT_FOUND)
    def get_ticket(ticket_id: int) -> Ticket:
        return Ticket(**store.find_ticket(ticket_id))

    @router.get("/customers", tags=["customers"])
    def list_customers() -> list[Customer]:
        return [Customer(**row) for row in store.customers.values()]

    @router.post("/customers", status_code=201, tags=["customers"])
    def create_customer(body: CustomerIn) -> Customer:
        number = len(store.customers) + 1
        store.customers[number] = {"id": number, **body.model_dump()}
        return Customer(**store.customers[number])


def _add_writes(router: APIRouter, store: Store) -> None:
    @router.post("/tickets", status_code=201, tags=["tickets"], responses=NOT_FOUND)
    def create_ticket(body: TicketIn) -> Ticket:
        store.check_customer(body.customer_id)
        row = {"id": store.next, **body.model_dump(), "created_at": datetime.now(UTC)}
        store.tickets[store.next] = row
        store.next += 1
        return Ticket(**row)

    @router.put("/tickets/{ticket_id}", tags=["tickets"], responses=NOT_FOUND)
    def replace_ticket(ticket_id: int, body: TicketIn) -> Ticket:
        row = store.find_ticket(ticket_id)
        store.check_customer(body.customer_id)
        row.update(body.model_dump())
        return Ticket(**row)

    @router.patch("/tickets/{ticket_id}", tags=["tickets"], responses=NOT_FOUND)
    def update_ticket(ticket_id: int, body: TicketPatch) -> Ticket:
        row = store.find_ticket(ticket_id)
        row.update(body.model_dump(exclude_unset=True))
        return Ticket(**row)

    @router.delete("/tickets/{ticket_id}", status_code=204, tags=["tickets"], responses=NOT_FOUND)
    def delete_ticket(ticket_id: int) -> None:
        store.find_ticket(ticket_id)
        del store.tickets[ticket_id]


def _add_files(router: APIRouter, store: Store) -> None:
    @router.put("/tickets/{ticket_id}/attachment", tags=["files"], responses=NOT_FOUND)
    def upload_attachment(ticket_id: int, file: Annotated[UploadFile, File()]) -> Attachment:
        store.find_ticket(ticket_id)
        store.files[ticket_id] = file.file.read()
        return Attachment(filename=file.filename or "", size=len(store.files[ticket_id]))

    @router.get(
        "/tickets/{ticket_id}/attachment",
        tags=["files"],
        response_class=Response,
        responses={**NOT_FOUND, 200: {"content": {"application/octet-stream": {}}}},
    )
    def download_attachment(ticket_id: int) -> Response:
        store.find_ticket(ticket_id)
        if ticket_id not in store.files:
            raise HTTPException(404, "no attachment")
        return Response(store.files[ticket_id], media_type="application/octet-stream")

    @router.get(
        "/tickets/{ticket_id}/events",
        tags=["files"],
        response_class=StreamingResponse,
        responses={**NOT_FOUND, 200: {"content": {"text/event-stream": {"schema": EVENT}}}},
    )
    def watch_ticket(ticket_id: int) -> StreamingResponse:
        ticket = store.find_ticket(ticket_id)

        def write() -> Iterator[str]:
            for number in range(1, 4):
                yield f'id: {number}\ndata: {{"status": "{ticket["status"]}"}}\n\n'

        return StreamingResponse(write(), media_type="text/event-stream")


def use(client: Any) -> tuple[bytes, list[Any]]:
    """Upload and download a file and read a stream; return the file and the data of the events."""
    client.files.upload_attachment(3, file=b"smoke")
    events = client.files.watch_ticket(3)
    return client.files.download_attachment(3).read(), [event.data.status for event in events]


def get_document() -> dict[str, Any]:
    """Return the document that the framework generates."""
    return build().openapi()


SHAPE = Shape(
    path="/tickets",
    rows="items",
    total="total",
    label="subject",
    choice="status",
    filter="status",
    sort={"sort": ""},
    order={"order": "asc"},
    page="offset",
    size="limit",
    created="created_at",
    default={"status": "open", "priority": 3, "notes": None},
    credential=("Authorization", f"Bearer {TOKEN}"),
    search="q",
)
VARIABLES = {
    "SVC_OAUTH2_PASSWORD_BEARER_USERNAME": "ada",
    "SVC_OAUTH2_PASSWORD_BEARER_PASSWORD": "pass word",
}
