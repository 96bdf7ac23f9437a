"""A library in APIFlask: books of authors, in memory, with tokens for a password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apiflask import APIFlask, FileSchema, HTTPTokenAuth, Schema, abort
from apiflask.fields import DateTime, File, Integer, List, Nested, String
from apiflask.validators import Equal, Length, OneOf, Range
from flask import Response, request, send_file

from .bugs import Shape

WSGI = True
TOKEN = "library-token"
SHELVES = ("new", "main", "archive")


class AuthorOut(Schema):
    id = Integer(required=True)
    name = String(required=True)


class BookIn(Schema):
    title = String(required=True, validate=Length(1, 100))
    author_id = Integer(required=True)
    shelf = String(load_default="main", validate=OneOf(SHELVES))
    copies = Integer(load_default=1, validate=Range(0, 1000))
    summary = String(load_default=None, allow_none=True, validate=Length(max=500))


class BookPatch(Schema):
    title = String(validate=Length(1, 100))
    author_id = Integer()
    shelf = String(validate=OneOf(SHELVES))
    copies = Integer(validate=Range(0, 1000))
    summary = String(allow_none=True, validate=Length(max=500))


class BookOut(Schema):
    id = Integer(required=True)
    title = String(required=True)
    author_id = Integer(required=True)
    shelf = String(required=True, validate=OneOf(SHELVES))
    copies = Integer(required=True)
    summary = String(required=True, allow_none=True)
    added = DateTime(required=True)


class BookPage(Schema):
    books = List(Nested(BookOut), required=True)
    page = Integer(required=True)
    total = Integer(required=True)


class BookQuery(Schema):
    shelf = String(validate=OneOf(SHELVES))
    author_id = Integer()
    copies = Integer(validate=Range(0, 1000))
    search = String(validate=Length(max=50), metadata={"description": "Part of the title."})
    sort_by = String(load_default="id", validate=OneOf(("id", "added", "copies")))
    direction = String(load_default="asc", validate=OneOf(("asc", "desc")))
    page = Integer(load_default=1, validate=Range(min=1))
    per_page = Integer(load_default=20, validate=Range(1, 100))


class Reading(Schema):
    page = Integer(required=True)


class CoverIn(Schema):
    image = File(required=True)


class LogIn(Schema):
    grant_type = String(required=True, validate=Equal("password"))
    username = String(required=True)
    password = String(required=True)


class Token(Schema):
    access_token = String(required=True)
    token_type = String(required=True)


class Store:
    """The data of one application."""

    def __init__(self) -> None:
        names = ("Le Guin", "Lem", "Butler")
        self.authors = {
            number: {"id": number, "name": name} for number, name in enumerate(names, 1)
        }
        self.books = {number: self._make_book(number) for number in range(1, 48)}
        self.covers: dict[int, bytes] = {}
        self.next = 48

    @staticmethod
    def _make_book(number: int) -> dict[str, Any]:
        return {
            "id": number,
            "title": f"Volume {number * 7 % 48}",
            "author_id": number % 3 + 1,
            "shelf": SHELVES[number % 3],
            "copies": number * 5 % 7,
            "summary": None if number % 4 else "a long one",
            "added": datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number * 11 % 47),
        }

    def find_book(self, book_id: int) -> dict[str, Any]:
        if book_id not in self.books:
            abort(404, "no such book")
        return self.books[book_id]

    def check_author(self, author_id: int) -> None:
        if author_id not in self.authors:
            abort(422, "no such author")


def build() -> APIFlask:
    """Return a new application with its own rows."""
    app, store = APIFlask(__name__, title="Library", version="1.0.0"), Store()
    auth = HTTPTokenAuth(name="OAuth2")
    flows = {"password": {"tokenUrl": "/token", "scopes": {}}}
    app.security_schemes = {"OAuth2": {"type": "oauth2", "flows": flows}}

    @auth.verify_token
    def verify_token(token: str) -> Any:
        return {"id": 1} if token == TOKEN else None

    @app.post("/token")
    @app.input(LogIn, location="form", arg_name="form")
    @app.output(Token)
    @app.doc(responses=[400])
    def log_in(form: dict[str, Any]) -> Any:
        """Get a token for a password."""
        if (form["username"], form["password"]) != ("ada", "pass word"):
            abort(400, "incorrect username or password")
        return {"access_token": TOKEN, "token_type": "bearer"}

    _add_reads(app, auth, store)
    _add_writes(app, auth, store)
    _add_covers(app, auth, store)
    return app


def _add_reads(app: APIFlask, auth: HTTPTokenAuth, store: Store) -> None:
    @app.get("/authors")
    @app.auth_required(auth)
    @app.output(AuthorOut(many=True))
    def list_authors() -> Any:
        """List authors."""
        return list(store.authors.values())

    @app.get("/books")
    @app.auth_required(auth)
    @app.input(BookQuery, location="query", arg_name="query")
    @app.output(BookPage)
    def list_books(query: dict[str, Any]) -> Any:
        """List books."""
        rows = [
            row
            for row in store.books.values()
            if all(
                row[name] == query[name]
                for name in ("shelf", "author_id", "copies")
                if name in query
            )
            and query.get("search", "").lower() in row["title"].lower()
        ]
        rows.sort(key=lambda row: (row[query["sort_by"]], row["id"]))
        if query["direction"] == "desc":
            rows.reverse()
        start = (query["page"] - 1) * query["per_page"]
        page = rows[start : start + query["per_page"]]
        return {"books": page, "page": query["page"], "total": len(rows)}

    @app.get("/books/<int:book_id>")
    @app.auth_required(auth)
    @app.output(BookOut)
    def get_book(book_id: int) -> Any:
        """Get a book."""
        return store.find_book(book_id)


def _add_writes(app: APIFlask, auth: HTTPTokenAuth, store: Store) -> None:
    @app.post("/books")
    @app.auth_required(auth)
    @app.input(BookIn, arg_name="body")
    @app.output(BookOut, status_code=201)
    def create_book(body: dict[str, Any]) -> Any:
        """Create a book."""
        store.check_author(body["author_id"])
        book = {"id": store.next, **body, "added": datetime.now(UTC)}
        store.books[store.next] = book
        store.next += 1
        return book

    @app.put("/books/<int:book_id>")
    @app.auth_required(auth)
    @app.input(BookIn, arg_name="body")
    @app.output(BookOut)
    def replace_book(book_id: int, body: dict[str, Any]) -> Any:
        """Replace a book."""
        book = store.find_book(book_id)
        store.check_author(body["author_id"])
        book.update(body)
        return book

    @app.patch("/books/<int:book_id>")
    @app.auth_required(auth)
    @app.input(BookPatch, arg_name="body")
    @app.output(BookOut)
    def update_book(book_id: int, body: dict[str, Any]) -> Any:
        """Update fields of a book."""
        book = store.find_book(book_id)
        store.check_author(body.get("author_id", book["author_id"]))
        book.update(body)
        return book

    @app.delete("/books/<int:book_id>")
    @app.auth_required(auth)
    @app.output({}, status_code=204)
    def delete_book(book_id: int) -> Any:
        """Delete a book."""
        store.find_book(book_id)
        del store.books[book_id]
        return ""


def _add_covers(app: APIFlask, auth: HTTPTokenAuth, store: Store) -> None:
    from io import BytesIO

    @app.put("/books/<int:book_id>/cover")
    @app.auth_required(auth)
    @app.input(CoverIn, location="files", arg_name="files")
    @app.output({}, status_code=204)
    def upload_cover(book_id: int, files: dict[str, Any]) -> Any:
        """Upload the cover of a book."""
        if request.form:  # the document allows no other part
            abort(422, "unknown part")
        store.find_book(book_id)
        store.covers[book_id] = files["image"].read()
        return ""

    @app.get("/books/<int:book_id>/cover")
    @app.auth_required(auth)
    @app.output(FileSchema, content_type="application/octet-stream")
    @app.doc(responses=[404])
    def download_cover(book_id: int) -> Response:
        """Download the cover of a book."""
        store.find_book(book_id)
        if book_id not in store.covers:
            abort(404, "no cover")
        return send_file(BytesIO(store.covers[book_id]), mimetype="application/octet-stream")

    @app.get("/books/<int:book_id>/readings")
    @app.auth_required(auth)
    @app.output(Reading, content_type="application/x-ndjson")
    @app.doc(responses=[404])
    def watch_readings(book_id: int) -> Response:
        """Watch somebody read a book."""
        store.find_book(book_id)
        lines = (f'{{"page": {number}}}\n' for number in range(1, 4))
        return Response(lines, mimetype="application/x-ndjson")


def use(client: Any) -> tuple[bytes, list[Any]]:
    """Upload and download a file and read a stream; return the file and the values of the lines."""
    client.books.update_cover(3, body={"image": b"smoke"})
    return client.books.get_cover(3).read(), [line.page for line in client.books.list_readings(3)]


def get_document() -> dict[str, Any]:
    """Return the document that the framework generates."""
    document: dict[str, Any] = build().spec
    return document


SHAPE = Shape(
    path="/books",
    rows="books",
    total="total",
    label="title",
    choice="shelf",
    filter="shelf",
    sort={"sort_by": ""},
    order={"direction": "asc"},
    page="page",
    size="per_page",
    created="added",
    default={"shelf": "main", "copies": 1, "summary": None},
    credential=("Authorization", f"Bearer {TOKEN}"),
    search="search",
)
VARIABLES = {"SVC_OAUTH2_USERNAME": "ada", "SVC_OAUTH2_PASSWORD": "pass word"}
