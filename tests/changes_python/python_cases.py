"""Edits of a generated client that cause each change for Python callers, and near-twins.

An edit is a file, a string in it, and the replacement of each occurrence.
"""

from __future__ import annotations

__all__ = ["CASES", "UNDONE", "Edits"]

Edits = tuple[tuple[str, str, str], ...]

CALLS, CLIENT, ERRORS = "api/order/__init__.py", "client.py", "errors.py"
NAMES, STATE, ORDER, NEW = (
    f"models/{name}.py" for name in ("__init__", "state", "order", "new_order")
)
ASKED_MODEL, PAGES = "models/asked.py", "models/order_list.py"
LIMIT = "limit: int | None = ABSENT,"
MADE_FIELD = "    made: datetime.datetime | None = _field("
FIELD = '    note: str | None = _field(default=ABSENT, metadata=_optional("note", nullable=True))\n'
FIRST = '    id: UUID = _field(metadata=_required("id"))\n'
READ_ARGUMENT = "order_id: UUID,"
RETURNS = "-> models.OrderList:"
METHOD = "\n    def count(self) -> int:\n        return 1\n"
HIDDEN_METHOD = METHOD.replace("count", "_count")
RESOURCE = (
    '    def order(self) -> _order.OrderResource:\n        """The operations of `order`."""\n'
)
SECOND = RESOURCE.replace("def order", "def basket")
SECOND_RESOURCE = SECOND + "        raise NotImplementedError\n\n"
CLASS = "class Unauthorized(_errors.Unauthorized):"
VALUES = 'State: TypeAlias = Literal[\n    "NEW",\n    "PAID",\n    "SENT",\n]'
ERROR = 'class Gone(_errors.ClientError):\n    """410"""\n\n\n'
LISTED_NAME = '    "Asked",\n'
LINK = "    from .asked import Asked\n"
ASYNC = '__all__ = ["API", "AsyncShop", "Shop"]'
THIRD = "class Third(Client):\n    def __init__(self) -> None: ...\n\n\n"
# Here the edits are undone.
UNDONE = {"field.became-optional", "request-field.became-optional", "result.narrowed"}


def replace_one(file: str, old: str, new: str) -> Edits:
    return ((file, old, new),)


CASES: dict[str, tuple[Edits, Edits]] = {
    "client.removed": (
        replace_one(CLIENT, "class Shop(", "class Store("),
        replace_one(CLIENT, "API = ", "Api_ = "),
    ),
    "client.added": (
        replace_one(CLIENT, "class Shop(", f"{THIRD}class Shop("),
        replace_one(CLIENT, "class Shop(", f"{THIRD.replace('Client', 'object')}class Shop("),
    ),
    "resource.removed": (
        replace_one(CLIENT, "def order(", "def _order("),
        ((CLIENT, "OrderResource", "Orders"), (CALLS, "OrderResource", "Orders")),
    ),
    "resource.added": (
        replace_one(CLIENT, RESOURCE, SECOND_RESOURCE + RESOURCE),
        replace_one(CLIENT, RESOURCE, "    # basket\n" + RESOURCE),
    ),
    "method.removed": (
        replace_one(CALLS, "def read(", "def fetch("),
        replace_one(CALLS, READ_ARGUMENT, "name: UUID,"),
    ),
    "method.added": (
        replace_one(CALLS, "    def read(", f"{METHOD}\n    def read("),
        replace_one(CALLS, "    def read(", f"{HIDDEN_METHOD}\n    def read("),
    ),
    "form.removed": (
        replace_one(CALLS, READ_ARGUMENT, "body: UUID,"),
        replace_one(CALLS, READ_ARGUMENT, "order_id: str,"),
    ),
    "form.added": (
        replace_one(CALLS, READ_ARGUMENT, "body: UUID,"),
        replace_one(CALLS, READ_ARGUMENT, "order_id: UUID, other: int = 1,"),
    ),
    "argument.removed": (
        replace_one(CALLS, LIMIT, ""),
        replace_one(CALLS, LIMIT, f"{LIMIT} size: int = ABSENT,"),
    ),
    "argument.added": (
        replace_one(CALLS, LIMIT, f"{LIMIT} size: int | None = ABSENT,"),
        replace_one(CALLS, LIMIT, f"{LIMIT} size: int,"),
    ),
    "argument.required-added": (
        replace_one(CALLS, LIMIT, f"size: int, {LIMIT}"),
        replace_one(CALLS, LIMIT, f"size: int = ABSENT, {LIMIT}"),
    ),
    "argument.became-required": (
        replace_one(CALLS, LIMIT, "limit: int,"),
        replace_one(CALLS, LIMIT, "limit: int = ABSENT,"),
    ),
    "argument.became-optional": (
        replace_one(CALLS, READ_ARGUMENT, "order_id: UUID | None = ABSENT,"),
        replace_one(CALLS, READ_ARGUMENT, "order_id: UUID | None,"),
    ),
    "argument.moved": (
        replace_one(CALLS, READ_ARGUMENT, "shop_id: UUID, order_id: UUID,"),
        replace_one(CALLS, READ_ARGUMENT, "order_id: UUID, shop_id: UUID,"),
    ),
    "argument.kind-changed": (
        replace_one(CALLS, READ_ARGUMENT, "*, order_id: UUID,"),
        replace_one(CALLS, READ_ARGUMENT, "order_id: UUID, *, shop_id: UUID,"),
    ),
    "argument.default-changed": (
        replace_one(CALLS, LIMIT, "limit: int | None = 3,"),
        replace_one(CALLS, "by default 10", "by default 3"),
    ),
    "argument.narrowed": (
        replace_one(CALLS, LIMIT, "limit: int = ABSENT,"),
        replace_one(CALLS, LIMIT, "limit: None | int = ABSENT,"),
    ),
    "argument.widened": (
        replace_one(CALLS, LIMIT, "limit: float | None = ABSENT,"),
        replace_one(CALLS, LIMIT, "limit: bool | None = ABSENT,"),
    ),
    "argument.retyped": (
        replace_one(CALLS, "after: UUID | None", "after: str | None"),
        replace_one(CALLS, "after: UUID | None", "after: str | UUID | None"),
    ),
    "argument-value.removed": (
        replace_one(ASKED_MODEL, '    "open",\n', ""),
        replace_one(STATE, '    "NEW",\n', ""),
    ),
    "argument-value.added": (
        replace_one(ASKED_MODEL, '    "open",\n', '    "open",\n    "lost",\n'),
        replace_one(STATE, '    "NEW",\n', '    "NEW",\n    "LOST",\n'),
    ),
    "request-field.removed": (replace_one(NEW, FIELD, ""), replace_one(ORDER, FIELD, "")),
    "request-field.added": (
        replace_one(NEW, FIELD, FIELD + FIELD.replace("note", "tag")),
        replace_one(NEW, FIELD, FIELD + FIRST),
    ),
    "request-field.required-added": (
        replace_one(NEW, FIELD, FIELD + FIRST),
        replace_one(ORDER, FIELD, FIELD + FIRST.replace("id", "key")),
    ),
    "request-field.became-required": (
        replace_one(NEW, "default=ABSENT, ", ""),
        replace_one(NEW, '"note", nullable=True', '"default=ABSENT, "'),
    ),
    "request-field.became-optional": (
        replace_one(NEW, "default=ABSENT, ", ""),
        replace_one(NEW, FIELD, ""),
    ),
    "request-field.narrowed": (
        replace_one(NEW, "str | None", "str"),
        replace_one(ORDER, "str | None", "str"),
    ),
    "request-field.widened": (
        replace_one(NEW, "str | None", "str | int | None"),
        replace_one(NEW, "str | None", "str | Literal['a'] | None"),
    ),
    "request-field.retyped": (
        replace_one(NEW, "str | None", "int | None"),
        replace_one(NEW, "str | None", "Literal['a'] | None"),
    ),
    "model.removed": (
        ((NAMES, LISTED_NAME, ""), (NAMES, LINK, "")),
        replace_one(NAMES, "_MODULES", "_PLACES"),
    ),
    "model.added": (
        (
            (NAMES, LISTED_NAME, LISTED_NAME + '    "Wish",\n'),
            (NAMES, LINK, f"{LINK}    from .order import Order as Wish\n"),
        ),
        replace_one(NAMES, LINK, f"{LINK}    from .order import Order as Wish\n"),
    ),
    "model.kind-changed": (
        replace_one(STATE, VALUES, "class State:\n    new: int"),
        replace_one(STATE, VALUES, "State = Literal['NEW', 'PAID', 'SENT']"),
    ),
    "pages.removed": (
        replace_one(PAGES, 'ListingModel["Order"]', "Model"),
        replace_one(PAGES, 'ListingModel["Order"]', 'ListingModel["State"]'),
    ),
    "pages.added": (
        replace_one(ORDER, "class Order(Model)", 'class Order(ListingModel["Order"])'),
        replace_one(ORDER, "class Order(Model)", "class Order(Model, ListingModels)"),
    ),
    "error.removed": (
        ((ERRORS, '    "Unauthorized",\n', ""), (ERRORS, "class Unauth", "class _Unauth")),
        replace_one(ERRORS, "401, as", "402, as"),
    ),
    "error.added": (
        ((ERRORS, "__all__ = [\n", '__all__ = [\n    "Gone",\n'), (ERRORS, CLASS, ERROR + CLASS)),
        replace_one(ERRORS, CLASS, ERROR + CLASS),
    ),
    "result.narrowed": (
        replace_one(CALLS, RETURNS, "-> models.OrderList | None:"),
        replace_one(CALLS, RETURNS, "-> models.Order:"),
    ),
    "result.widened": (
        replace_one(CALLS, RETURNS, "-> models.OrderList | models.Order:"),
        replace_one(CALLS, RETURNS, "-> models.OrderList | models.OrderList:"),
    ),
    "result.retyped": (
        replace_one(CALLS, RETURNS, "-> models.Order:"),
        replace_one(CALLS, RETURNS, '-> "models.OrderList":'),
    ),
    "field.removed": (replace_one(ORDER, FIELD, ""), replace_one(NEW, FIELD, "")),
    "field.added": (
        replace_one(ORDER, FIELD, FIELD + FIELD.replace("note", "tag")),
        replace_one(ORDER, FIELD, FIELD + FIELD.replace("note", "_tag")),
    ),
    "field.became-required": (
        replace_one(ORDER, FIELD, FIELD.replace("default=ABSENT, ", "")),
        replace_one(
            ORDER, FIELD, FIELD.replace("default=ABSENT, ", "").replace("str | None", "str")
        ),
    ),
    "field.became-optional": (
        replace_one(ORDER, FIELD, FIELD.replace("default=ABSENT, ", "")),
        replace_one(
            ORDER, FIELD, FIELD.replace("default=ABSENT, ", "").replace("str | None", "str")
        ),
    ),
    "field.narrowed": (
        replace_one(ORDER, "str | None", "str"),
        replace_one(ORDER, "str | None", "None | str"),
    ),
    "field.widened": (
        replace_one(ORDER, "id: UUID", "id: UUID | str"),
        replace_one(ORDER, "str | None", "str"),
    ),
    "field.retyped": (
        replace_one(ORDER, MADE_FIELD, MADE_FIELD.replace("datetime.datetime", "str")),
        replace_one(ORDER, MADE_FIELD, MADE_FIELD.replace("datetime.datetime", "datetime.date")),
    ),
    "value.removed": (
        replace_one(STATE, '    "NEW",\n', ""),
        replace_one(ASKED_MODEL, '    "open",\n', ""),
    ),
    "value.added": (
        replace_one(STATE, '    "NEW",\n', '    "NEW",\n    "LOST",\n'),
        replace_one(STATE, '    "NEW",\n', '    "NEW",\n    "NEW",\n'),
    ),
    "name.removed": (
        (("types.py", '"ABSENT", ', ""), ("types.py", "import ABSENT,", "import")),
        replace_one("types.py", '["ABSENT", ', '["Other", "ABSENT", '),
    ),
    "name.changed": (
        replace_one(CLIENT, "\nAPI = Api(", "\ndef API() -> None: ...\n\n\n_API = Api("),
        replace_one(CLIENT, "\nAPI = Api(", "\nAPI: Api = Api("),
    ),
}
