"""For each id of a change for Python callers: edits of a generated client in which it is found,
and others, much alike, in which it is not.

An edit is a file, a text in it, and what stands there instead, wherever it is.
"""

from __future__ import annotations

__all__ = ["CASES", "UNDONE", "Edits"]

Edits = tuple[tuple[str, str, str], ...]

CALLS, CLIENT, ERRORS = "api/order/__init__.py", "client.py", "errors.py"
NAMES, STATE, ORDER, NEW = (
    f"models/{name}.py" for name in ("__init__", "state", "order", "new_order")
)
ASKED, PAGES = "models/asked.py", "models/order_list.py"
LIMIT = "limit: int | None = ABSENT,"
MADE = "    made: datetime.datetime | None = _field("
FIELD = '    note: str | None = _field(default=ABSENT, metadata=_optional("note", nullable=True))\n'
FIRST = '    id: UUID = _field(metadata=_required("id"))\n'
READ = "order_id: UUID,"
RETURNS = "-> models.OrderList:"
METHOD = "\n    def count(self) -> int:\n        return 1\n"
HIDDEN = METHOD.replace("count", "_count")
RESOURCE = (
    '    def order(self) -> _order.OrderResource:\n        """The operations of `order`."""\n'
)
SECOND = RESOURCE.replace("def order", "def basket")
MORE = SECOND + "        raise NotImplementedError\n\n"
CLASS = "class Unauthorized(_errors.Unauthorized):"
VALUES = 'State: TypeAlias = Literal[\n    "NEW",\n    "PAID",\n    "SENT",\n]'
ERROR = 'class Gone(_errors.ClientError):\n    """410"""\n\n\n'
LISTED = '    "Asked",\n'
LINK = "    from .asked import Asked\n"
ASYNC = '__all__ = ["API", "AsyncShop", "Shop"]'
THIRD = "class Third(Client):\n    def __init__(self) -> None: ...\n\n\n"
# Here the edits are undone.
UNDONE = {"field.became-optional", "request-field.became-optional", "result.narrowed"}


def one(file: str, old: str, new: str) -> Edits:
    return ((file, old, new),)


CASES: dict[str, tuple[Edits, Edits]] = {
    "client.removed": (
        one(CLIENT, "class Shop(", "class Store("),
        one(CLIENT, "API = ", "Api_ = "),
    ),
    "client.added": (
        one(CLIENT, "class Shop(", f"{THIRD}class Shop("),
        one(CLIENT, "class Shop(", f"{THIRD.replace('Client', 'object')}class Shop("),
    ),
    "resource.removed": (
        one(CLIENT, "def order(", "def _order("),
        ((CLIENT, "OrderResource", "Orders"), (CALLS, "OrderResource", "Orders")),
    ),
    "resource.added": (
        one(CLIENT, RESOURCE, MORE + RESOURCE),
        one(CLIENT, RESOURCE, "    # basket\n" + RESOURCE),
    ),
    "method.removed": (one(CALLS, "def read(", "def fetch("), one(CALLS, READ, "name: UUID,")),
    "method.added": (
        one(CALLS, "    def read(", f"{METHOD}\n    def read("),
        one(CALLS, "    def read(", f"{HIDDEN}\n    def read("),
    ),
    "form.removed": (one(CALLS, READ, "body: UUID,"), one(CALLS, READ, "order_id: str,")),
    "form.added": (
        one(CALLS, READ, "body: UUID,"),
        one(CALLS, READ, "order_id: UUID, other: int = 1,"),
    ),
    "argument.removed": (one(CALLS, LIMIT, ""), one(CALLS, LIMIT, f"{LIMIT} size: int = ABSENT,")),
    "argument.added": (
        one(CALLS, LIMIT, f"{LIMIT} size: int | None = ABSENT,"),
        one(CALLS, LIMIT, f"{LIMIT} size: int,"),
    ),
    "argument.required-added": (
        one(CALLS, LIMIT, f"size: int, {LIMIT}"),
        one(CALLS, LIMIT, f"size: int = ABSENT, {LIMIT}"),
    ),
    "argument.became-required": (
        one(CALLS, LIMIT, "limit: int,"),
        one(CALLS, LIMIT, "limit: int = ABSENT,"),
    ),
    "argument.became-optional": (
        one(CALLS, READ, "order_id: UUID | None = ABSENT,"),
        one(CALLS, READ, "order_id: UUID | None,"),
    ),
    "argument.moved": (
        one(CALLS, READ, "shop_id: UUID, order_id: UUID,"),
        one(CALLS, READ, "order_id: UUID, shop_id: UUID,"),
    ),
    "argument.kind-changed": (
        one(CALLS, READ, "*, order_id: UUID,"),
        one(CALLS, READ, "order_id: UUID, *, shop_id: UUID,"),
    ),
    "argument.default-changed": (
        one(CALLS, LIMIT, "limit: int | None = 3,"),
        one(CALLS, "by default 10", "by default 3"),
    ),
    "argument.narrowed": (
        one(CALLS, LIMIT, "limit: int = ABSENT,"),
        one(CALLS, LIMIT, "limit: None | int = ABSENT,"),
    ),
    "argument.widened": (
        one(CALLS, LIMIT, "limit: float | None = ABSENT,"),
        one(CALLS, LIMIT, "limit: bool | None = ABSENT,"),
    ),
    "argument.retyped": (
        one(CALLS, "after: UUID | None", "after: str | None"),
        one(CALLS, "after: UUID | None", "after: str | UUID | None"),
    ),
    "argument-value.removed": (one(ASKED, '    "open",\n', ""), one(STATE, '    "NEW",\n', "")),
    "argument-value.added": (
        one(ASKED, '    "open",\n', '    "open",\n    "lost",\n'),
        one(STATE, '    "NEW",\n', '    "NEW",\n    "LOST",\n'),
    ),
    "request-field.removed": (one(NEW, FIELD, ""), one(ORDER, FIELD, "")),
    "request-field.added": (
        one(NEW, FIELD, FIELD + FIELD.replace("note", "tag")),
        one(NEW, FIELD, FIELD + FIRST),
    ),
    "request-field.required-added": (
        one(NEW, FIELD, FIELD + FIRST),
        one(ORDER, FIELD, FIELD + FIRST.replace("id", "key")),
    ),
    "request-field.became-required": (
        one(NEW, "default=ABSENT, ", ""),
        one(NEW, '"note", nullable=True', '"default=ABSENT, "'),
    ),
    "request-field.became-optional": (
        one(NEW, "default=ABSENT, ", ""),
        one(NEW, FIELD, ""),
    ),
    "request-field.narrowed": (one(NEW, "str | None", "str"), one(ORDER, "str | None", "str")),
    "request-field.widened": (
        one(NEW, "str | None", "str | int | None"),
        one(NEW, "str | None", "str | Literal['a'] | None"),
    ),
    "request-field.retyped": (
        one(NEW, "str | None", "int | None"),
        one(NEW, "str | None", "Literal['a'] | None"),
    ),
    "model.removed": (((NAMES, LISTED, ""), (NAMES, LINK, "")), one(NAMES, "_MODULES", "_PLACES")),
    "model.added": (
        (
            (NAMES, LISTED, LISTED + '    "Wish",\n'),
            (NAMES, LINK, f"{LINK}    from .order import Order as Wish\n"),
        ),
        one(NAMES, LINK, f"{LINK}    from .order import Order as Wish\n"),
    ),
    "model.remade": (
        one(STATE, VALUES, "class State:\n    new: int"),
        one(STATE, VALUES, "State = Literal['NEW', 'PAID', 'SENT']"),
    ),
    "pages.removed": (
        one(PAGES, 'ListingModel["Order"]', "Model"),
        one(PAGES, 'ListingModel["Order"]', 'ListingModel["State"]'),
    ),
    "pages.added": (
        one(ORDER, "class Order(Model)", 'class Order(ListingModel["Order"])'),
        one(ORDER, "class Order(Model)", "class Order(Model, ListingModels)"),
    ),
    "error.removed": (
        ((ERRORS, '    "Unauthorized",\n', ""), (ERRORS, "class Unauth", "class _Unauth")),
        one(ERRORS, "401, as", "402, as"),
    ),
    "error.added": (
        ((ERRORS, "__all__ = [\n", '__all__ = [\n    "Gone",\n'), (ERRORS, CLASS, ERROR + CLASS)),
        one(ERRORS, CLASS, ERROR + CLASS),
    ),
    "result.narrowed": (
        one(CALLS, RETURNS, "-> models.OrderList | None:"),
        one(CALLS, RETURNS, "-> models.Order:"),
    ),
    "result.widened": (
        one(CALLS, RETURNS, "-> models.OrderList | models.Order:"),
        one(CALLS, RETURNS, "-> models.OrderList | models.OrderList:"),
    ),
    "result.retyped": (
        one(CALLS, RETURNS, "-> models.Order:"),
        one(CALLS, RETURNS, '-> "models.OrderList":'),
    ),
    "field.removed": (one(ORDER, FIELD, ""), one(NEW, FIELD, "")),
    "field.added": (
        one(ORDER, FIELD, FIELD + FIELD.replace("note", "tag")),
        one(ORDER, FIELD, FIELD + FIELD.replace("note", "_tag")),
    ),
    "field.became-required": (
        one(ORDER, FIELD, FIELD.replace("default=ABSENT, ", "")),
        one(ORDER, FIELD, FIELD.replace("default=ABSENT, ", "").replace("str | None", "str")),
    ),
    "field.became-optional": (
        one(ORDER, FIELD, FIELD.replace("default=ABSENT, ", "")),
        one(ORDER, FIELD, FIELD.replace("default=ABSENT, ", "").replace("str | None", "str")),
    ),
    "field.narrowed": (one(ORDER, "str | None", "str"), one(ORDER, "str | None", "None | str")),
    "field.widened": (one(ORDER, "id: UUID", "id: UUID | str"), one(ORDER, "str | None", "str")),
    "field.retyped": (
        one(ORDER, MADE, MADE.replace("datetime.datetime", "str")),
        one(ORDER, MADE, MADE.replace("datetime.datetime", "datetime.date")),
    ),
    "value.removed": (one(STATE, '    "NEW",\n', ""), one(ASKED, '    "open",\n', "")),
    "value.added": (
        one(STATE, '    "NEW",\n', '    "NEW",\n    "LOST",\n'),
        one(STATE, '    "NEW",\n', '    "NEW",\n    "NEW",\n'),
    ),
    "name.removed": (
        (("types.py", '"ABSENT", ', ""), ("types.py", "import ABSENT,", "import")),
        one("types.py", '["ABSENT", ', '["Other", "ABSENT", '),
    ),
    "name.changed": (
        one(CLIENT, "\nAPI = Api(", "\ndef API() -> None: ...\n\n\n_API = Api("),
        one(CLIENT, "\nAPI = Api(", "\nAPI: Api = Api("),
    ),
}
