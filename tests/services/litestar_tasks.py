"""A task list in Litestar: tasks of projects, in memory, with tokens for a password."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import msgspec
from litestar import Litestar, Router, delete, get, patch, post, put
from litestar.connection import ASGIConnection
from litestar.datastructures import UploadFile
from litestar.di import Provide
from litestar.enums import RequestEncodingType
from litestar.exceptions import NotAuthorizedException, NotFoundException, ValidationException
from litestar.handlers import BaseRouteHandler
from litestar.openapi import OpenAPIConfig, ResponseSpec
from litestar.openapi.spec import Components, OAuthFlow, OAuthFlows, SecurityScheme
from litestar.pagination import OffsetPagination
from litestar.params import Body, Parameter
from litestar.response import Response, Stream

from .bugs import Shape

TOKEN = "tasks-token"


class State(StrEnum):
    todo = "todo"
    doing = "doing"
    done = "done"


class SortField(StrEnum):
    created = "created"
    points = "points"


class SortOrder(StrEnum):
    asc = "asc"
    desc = "desc"


@dataclass
class Project:
    id: UUID
    name: str


@dataclass
class Task:
    id: UUID
    title: str
    project_id: UUID
    state: State
    points: int
    remark: str | None
    created: datetime


@dataclass
class PhotoIn:
    file: UploadFile


@dataclass
class Password:
    grant_type: str
    username: str
    password: str
    scope: str = ""


@dataclass
class Token:
    access_token: str
    token_type: str = "bearer"


@dataclass
class Change:
    state: State


class TaskIn(msgspec.Struct):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    project_id: UUID
    state: State = State.todo
    points: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    remark: Annotated[str, msgspec.Meta(max_length=500)] | None = None


class TaskPatch(msgspec.Struct, omit_defaults=True):
    title: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] | msgspec.UnsetType = (
        msgspec.UNSET
    )
    state: State | msgspec.UnsetType = msgspec.UNSET
    points: Annotated[int, msgspec.Meta(ge=1, le=100)] | msgspec.UnsetType = msgspec.UNSET
    remark: Annotated[str, msgspec.Meta(max_length=500)] | msgspec.UnsetType | None = msgspec.UNSET


class Store:
    """The data of one application."""

    def __init__(self) -> None:
        ids = [UUID(int=number << 64 | 4 << 76 | 8 << 60) for number in range(1, 4)]
        names = ("house", "garden", "boat")
        self.projects = {key: Project(key, name) for key, name in zip(ids, names, strict=True)}
        tasks = (self._make_task(number, ids) for number in range(1, 48))
        self.tasks = {task.id: task for task in tasks}
        self.files: dict[UUID, bytes] = {}
        self.next = 48

    @staticmethod
    def _make_task(number: int, projects: list[UUID]) -> Task:
        return Task(
            id=make_id(number),
            title=f"Paint wall {number * 7 % 48}",
            project_id=projects[number % 3],
            state=list(State)[number % 3],
            points=number * 5 % 7 + 1,
            remark=None if number % 4 else "two coats",
            created=datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=number * 11 % 47),
        )

    def find_task(self, task_id: UUID) -> Task:
        if task_id not in self.tasks:
            raise NotFoundException("no such task")
        return self.tasks[task_id]

    def check_project(self, project_id: UUID) -> None:
        if project_id not in self.projects:
            raise ValidationException("no such project")


def make_id(number: int) -> UUID:
    return UUID(int=0xA5 << 120 | 4 << 76 | 8 << 60 | number)


def authorize(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    if connection.headers.get("Authorization") != f"Bearer {TOKEN}":
        raise NotAuthorizedException


@get("/projects", tags=["projects"])
async def list_projects(store: Store) -> list[Project]:
    return list(store.projects.values())


@get("/tasks", tags=["tasks"])
async def list_tasks(
    store: Store,
    task_state: Annotated[State | None, Parameter(query="state")] = None,
    project_id: UUID | None = None,
    points: Annotated[int | None, Parameter(ge=1, le=100)] = None,
    search: Annotated[
        str | None, Parameter(max_length=50, description="Part of the title.")
    ] = None,
    order_by: SortField = SortField.created,
    sort_order: SortOrder = SortOrder.asc,
    limit: Annotated[int, Parameter(ge=1, le=100)] = 20,
    offset: Annotated[int, Parameter(ge=0)] = 0,
) -> OffsetPagination[Task]:
    rows = [
        task
        for task in store.tasks.values()
        if (task_state is None or task.state == task_state)
        and (project_id is None or task.project_id == project_id)
        and (points is None or task.points == points)
        and (search is None or search.lower() in task.title.lower())
    ]
    rows.sort(key=lambda task: (getattr(task, order_by.value), task.id))
    if sort_order is SortOrder.desc:
        rows.reverse()
    page = rows[offset : offset + limit]
    return OffsetPagination(items=page, limit=limit, offset=offset, total=len(rows))


@get("/tasks/{task_id:uuid}", tags=["tasks"], raises=[NotFoundException])
async def get_task(store: Store, task_id: UUID) -> Task:
    return store.find_task(task_id)


@post("/tasks", tags=["tasks"])
async def create_task(store: Store, data: TaskIn) -> Task:
    store.check_project(data.project_id)
    task = Task(id=make_id(store.next), created=datetime.now(UTC), **msgspec.structs.asdict(data))
    store.tasks[task.id] = task
    store.next += 1
    return task


@put("/tasks/{task_id:uuid}", tags=["tasks"], raises=[NotFoundException])
async def replace_task(store: Store, task_id: UUID, data: TaskIn) -> Task:
    task = store.find_task(task_id)
    store.check_project(data.project_id)
    store.tasks[task_id] = Task(**{**asdict(task), **msgspec.structs.asdict(data)})
    return store.tasks[task_id]


@patch("/tasks/{task_id:uuid}", tags=["tasks"], raises=[NotFoundException])
async def update_task(store: Store, task_id: UUID, data: TaskPatch) -> Task:
    task = store.find_task(task_id)
    changes = {
        name: value
        for name, value in msgspec.structs.asdict(data).items()
        if value is not msgspec.UNSET
    }
    store.tasks[task_id] = Task(**{**asdict(task), **changes})
    return store.tasks[task_id]


@delete("/tasks/{task_id:uuid}", tags=["tasks"], raises=[NotFoundException])
async def delete_task(store: Store, task_id: UUID) -> None:
    del store.tasks[store.find_task(task_id).id]


@put("/tasks/{task_id:uuid}/photo", tags=["photos"], raises=[NotFoundException], status_code=204)
async def upload_photo(
    store: Store,
    task_id: UUID,
    data: Annotated[PhotoIn, Body(media_type=RequestEncodingType.MULTI_PART)],
) -> None:
    store.find_task(task_id)
    store.files[task_id] = await data.file.read()


@get(
    "/tasks/{task_id:uuid}/photo",
    tags=["photos"],
    raises=[NotFoundException],
    responses={
        200: ResponseSpec(bytes, generate_examples=False, media_type="application/octet-stream")
    },
)
async def download_photo(store: Store, task_id: UUID) -> Response[bytes]:
    store.find_task(task_id)
    if task_id not in store.files:
        raise NotFoundException("no photo")
    return Response(store.files[task_id], media_type="application/octet-stream")


@get(
    "/tasks/{task_id:uuid}/changes",
    tags=["photos"],
    raises=[NotFoundException],
    responses={200: ResponseSpec(Change, generate_examples=False, media_type="text/event-stream")},
)
async def watch_task(store: Store, task_id: UUID) -> Stream:
    task = store.find_task(task_id)

    async def write() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b'data: {"state": "%s"}\n\n' % task.state.encode()

    return Stream(write(), media_type="text/event-stream")


@post("/token", status_code=200, raises=[NotAuthorizedException])
async def log_in(
    data: Annotated[Password, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Token:
    if (data.username, data.password) != ("ada", "pass word"):
        raise NotAuthorizedException
    return Token(TOKEN)


def use(client: Any) -> tuple[bytes, list[Any]]:
    """Upload and download a file and read a stream; return the file and the data of the events."""
    task = next(iter(client.tasks.list())).id
    client.photo.upload(task, file=b"smoke")
    events = client.photos.watch_task(task)
    return client.photo.download(task).read(), [event.data.state for event in events]


def build() -> Litestar:
    """Return a new application with its own rows."""
    store = Store()
    reads = [list_projects, list_tasks, get_task, download_photo, watch_task]
    writes = [create_task, replace_task, update_task, delete_task, upload_photo]
    router = Router(
        "/", route_handlers=[*reads, *writes], guards=[authorize], security=[{"password": []}]
    )
    flows = OAuthFlows(password=OAuthFlow(token_url="/token", scopes={}))
    schemes = {"password": SecurityScheme(type="oauth2", flows=flows)}
    return Litestar(
        [router, log_in],
        dependencies={"store": Provide(lambda: store, sync_to_thread=False)},
        openapi_config=OpenAPIConfig(
            "Tasks", "1.0.0", components=Components(security_schemes=schemes)
        ),
        logging_config=None,
    )


def get_document() -> dict[str, Any]:
    """Return the document that the framework generates."""
    return build().openapi_schema.to_schema()


SHAPE = Shape(
    path="/tasks",
    rows="items",
    total="total",
    label="title",
    choice="state",
    filter="state",
    sort={"order_by": ""},
    order={"sort_order": "asc"},
    page="offset",
    size="limit",
    created="created",
    default={"state": "todo", "points": 1, "remark": None},
    credential=("Authorization", f"Bearer {TOKEN}"),
    search="search",
)
VARIABLES = {"SVC_PASSWORD_USERNAME": "ada", "SVC_PASSWORD_PASSWORD": "pass word"}
