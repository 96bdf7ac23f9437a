"""The operationIds of frameworks and people, and the expected names of the client's methods.

Each style is a list of method, path, operationId or None, tag or None, and expected name.
"""

from __future__ import annotations

__all__ = ["STYLES", "Style"]

Style = list[tuple[str, str, str | None, str | None, str]]
COLLECTION_PATH, ROW_PATH = "/tickets", "/tickets/{ticket_id}"
CRUD = (
    ("get", COLLECTION_PATH),
    ("post", COLLECTION_PATH),
    ("get", ROW_PATH),
    ("put", ROW_PATH),
    ("delete", ROW_PATH),
)
NAMES = ("list", "create", "get", "update", "delete")


def build_crud(*ids: str | None, tag: str | None = None, prefix: str = "", row: str = "") -> Style:
    """Return list, create, get, update and delete of tickets, with ids in this order."""
    paths = [prefix + path.replace("ticket_id", row or "ticket_id") for _, path in CRUD]
    methods = [method for method, _ in CRUD]
    expected_ids = [f"tickets.{name}" for name in NAMES]
    return [
        (method, path, operation_id, tag, name)
        for method, path, operation_id, name in zip(methods, paths, ids, expected_ids, strict=True)
    ]


STYLES: dict[str, Style] = {
    "function, path and method": build_crud(
        "read_tickets_tickets_get",
        "create_ticket_tickets_post",
        "read_ticket_tickets__ticket_id__get",
        "update_ticket_tickets__ticket_id__put",
        "delete_ticket_tickets__ticket_id__delete",
    ),
    "checksums": build_crud(
        *(f"{number:x}3f1a9bb2c44d6a7f88e1c2b3a4d5e6" for number in range(160, 165)), tag="Tickets"
    ),
    "function, path and method below a prefix": build_crud(
        "list_tickets_api_v1_tickets__get",
        "create_ticket_api_v1_tickets__post",
        "get_ticket_api_v1_tickets__ticket_id__get",
        "update_ticket_api_v1_tickets__ticket_id__put",
        "remove_ticket_api_v1_tickets__ticket_id__delete",
        tag="Tickets",
        prefix="/api/v1",
    ),
    "function, path and method, of an action": [
        (
            "post",
            ROW_PATH + "/close",
            "close_ticket_tickets__ticket_id__close_post",
            "tickets",
            "tickets.close",
        ),
        (
            "post",
            "/token",
            "login_for_access_token_token_post",
            None,
            "token.login_for_access_token",
        ),
        ("get", "/", "root__get", None, "api.root"),
    ],
    "resource and verb": [
        *build_crud(
            "tickets_list", "tickets_create", "tickets_read", "tickets_update", "tickets_delete"
        ),
        ("patch", ROW_PATH, "tickets_partial_update", None, "tickets.partial_update"),
    ],
    "resource and verb, retrieve and destroy": [
        *build_crud(
            "tickets_list",
            "tickets_create",
            "tickets_retrieve",
            "tickets_update",
            "tickets_destroy",
            tag="tickets",
            row="id",
        ),
        ("patch", "/tickets/{id}", "tickets_partial_update", "tickets", "tickets.partial_update"),
        ("post", "/tickets/{id}/close", "tickets_close", "tickets", "tickets.close"),
        ("post", "/tickets/{id}/close/", "tickets_close_create", "tickets", "tickets.create_close"),
    ],
    "resource and verb below a prefix": build_crud(
        "api_tickets_list",
        "api_tickets_create",
        "api_tickets_retrieve",
        "api_tickets_update",
        "api_tickets_destroy",
        tag="api",
        prefix="/api",
    ),
    "nested resource and verb": [
        (
            "get",
            ROW_PATH + "/comments",
            "tickets_comments_list",
            "tickets",
            "tickets.list_comments",
        ),
        (
            "post",
            ROW_PATH + "/comments",
            "tickets_comments_create",
            "tickets",
            "tickets.create_comments",
        ),
    ],
    "class and method": [
        *build_crud(
            "TicketsController_findAll",
            "TicketsController_create",
            "TicketsController_findOne",
            "TicketsController_update",
            "TicketsController_remove",
            tag="tickets",
            row="id",
        ),
        ("post", ROW_PATH + "/close", "TicketsController_closeTicket", "tickets", "tickets.close"),
        ("get", "/", "AppController_getHello", None, "app.get_hello"),
    ],
    "class and method with versions": build_crud(
        "TicketsController_findAll_v1",
        "TicketsController_create_v1",
        "TicketsController_findOne_v1",
        "TicketsController_update_v1",
        "TicketsController_remove_v1",
        prefix="/v1",
    ),
    "class and method as one word": build_crud(
        "ticketsControllerFindAll",
        "ticketsControllerCreate",
        "ticketsControllerFindOne",
        "ticketsControllerUpdate",
        "ticketsControllerRemove",
    ),
    "method and endpoint": build_crud(
        "get_list_tickets",
        "post_create_ticket",
        "get_get_ticket",
        "put_update_ticket",
        "delete_delete_ticket",
        tag="Tickets",
    ),
    "method, blueprint and endpoint": build_crud(
        "get_tickets_list_tickets",
        "post_tickets_create_ticket",
        "get_tickets_get_ticket",
        "put_tickets_update_ticket",
        "delete_tickets_delete_ticket",
    ),
    "path and handler": build_crud(
        "TicketsListTickets",
        "TicketsCreateTicket",
        "TicketsTicketIdGetTicket",
        "TicketsTicketIdUpdateTicket",
        "TicketsTicketIdDeleteTicket",
    ),
    "handler alone": build_crud(
        "ListTickets", "CreateTicket", "GetTicket", "UpdateTicket", "DeleteTicket"
    ),
    "controller, action": build_crud(
        "Tickets_GetAll",
        "Tickets_Create",
        "Tickets_GetById",
        "Tickets_Update",
        "Tickets_Delete",
        tag="Tickets",
        row="id",
    ),
    "controller, HTTP method": build_crud(
        "Tickets_Get",
        "Tickets_Post",
        "Tickets_GetById",
        "Tickets_Put",
        "Tickets_Delete",
        row="id",
    ),
    "GetTickets": build_crud(
        "GetTickets", "PostTicket", "GetTicketById", "PutTicket", "DeleteTicket", tag="Tickets"
    ),
    "path and method": build_crud(
        "ApiV1TicketsGet",
        "ApiV1TicketsPost",
        "ApiV1TicketsIdGet",
        "ApiV1TicketsIdPut",
        "ApiV1TicketsIdDelete",
        prefix="/api/v1",
        row="id",
    ),
    "UsingGET": build_crud(
        "listTicketsUsingGET",
        "createTicketUsingPOST",
        "getTicketUsingGET_1",
        "updateTicketUsingPUT",
        "deleteTicketUsingDELETE",
        tag="ticket-controller",
    ),
    "a counter": build_crud(
        "getAll_2",
        "create_1",
        "getById_1",
        "update_1",
        "delete_3",
        tag="ticket-controller",
        row="id",
    ),
    "verbs of a service": build_crud(
        "TicketService_ListTickets",
        "TicketService_CreateTicket",
        "TicketService_GetTicket",
        "TicketService_UpdateTicket",
        "TicketService_DeleteTicket",
        tag="TicketService",
    ),
    "kebab": build_crud(
        "list-tickets", "create-ticket", "get-ticket", "update-ticket", "delete-ticket"
    ),
    "method and path in kebab": build_crud(
        "get-tickets",
        "post-tickets",
        "get-tickets-ticketId",
        "put-tickets-ticketId",
        "delete-tickets-ticketId",
        row="ticketId",
    ),
    "resource/verb": [
        *build_crud(
            "tickets/list",
            "tickets/create",
            "tickets/get",
            "tickets/update",
            "tickets/delete",
            tag="tickets",
        ),
        (
            "get",
            "/users/{user}/tickets",
            "tickets/list-for-user",
            "tickets",
            "tickets.list_for_user",
        ),
    ],
    "resource#verb": build_crud(
        "tickets#list", "tickets#create", "tickets#show", "tickets#update", "tickets#delete"
    ),
    "resource:verb": build_crud(
        "tickets:index", "tickets:store", "tickets:show", "tickets:update", "tickets:destroy"
    ),
    "resource.verb already": build_crud(
        "tickets.list", "tickets.create", "tickets.get", "tickets.update", "tickets.delete"
    ),
    "three parts already": [
        (
            "get",
            "/projects/{project}/zones/{zone}/instances",
            "compute.instances.list",
            None,
            "compute.instances.list",
        ),
        (
            "post",
            "/projects/{project}/zones/{zone}/instances",
            "compute.instances.insert",
            None,
            "compute.instances.insert",
        ),
    ],
    "resource and index already": [
        ("get", COLLECTION_PATH, "tickets.index", None, "tickets.index")
    ],
    "camel": build_crud("listTickets", "createTicket", "getTicket", "updateTicket", "deleteTicket"),
    "camel, all": build_crud(
        "getAllTickets", "addTicket", "getTicketById", "editTicket", "removeTicket"
    ),
    "camel, the same noun for one and many": build_crud(
        "getTickets", "createTickets", "getTicketsById", "updateTickets", "deleteTickets"
    ),
    "snake": build_crud(
        "list_tickets", "create_ticket", "get_ticket", "update_ticket", "delete_ticket"
    ),
    "snake, find": build_crud(
        "find_tickets",
        "insert_ticket",
        "find_ticket_by_id",
        "modify_ticket",
        "destroy_ticket",
        row="id",
    ),
    "no ids": [
        *build_crud(None, None, None, None, None),
        ("patch", "/notes/{id}", None, None, "notes.update"),
        ("put", "/notes/{id}", None, None, "notes.replace"),
        ("post", ROW_PATH + "/close", None, None, "tickets.close"),
        ("get", ROW_PATH + "/comments", None, None, "tickets.list_comments"),
        ("post", ROW_PATH + "/comments", None, None, "tickets.create_comment"),
        ("get", ROW_PATH + "/comments/{id}", None, None, "tickets.get_comment"),
        ("delete", ROW_PATH + "/comments/{id}", None, None, "tickets.delete_comment"),
        ("get", "/account", None, None, "account.get"),
        ("get", "/", None, None, "api.get"),
    ],
    "no ids below versions": build_crud(None, None, None, None, None, prefix="/rest/v2"),
    "actions at one path": [
        ("post", "/", "ListTickets", None, "tickets.list"),
        ("post", "/#X=1", "DescribeTicket", None, "ticket.describe"),
        ("post", "/?Action=Go", "BatchGoTickets", None, "api.batch_go_tickets"),
    ],
    "verbs in paths": [
        ("get", "/list-tickets", "listTickets", None, "tickets.list"),
        ("get", "/v2/list-tickets", "listTicketsV2", None, "tickets.list_v2"),
        ("post", "/create-ticket", "createTicket", None, "tickets.create"),
        ("get", "/get-ticket/{id}", "getTicket", None, "tickets.get"),
        ("patch", "/update-ticket/{id}", None, None, "tickets.update"),
        ("delete", "/delete-ticket/{id}", "deleteTicket", None, "tickets.delete"),
    ],
    "one tag for all": [
        ("get", COLLECTION_PATH, "listTickets", "The Desk", "tickets.list"),
        ("get", "/people", "listPeople", "The Desk", "people.list"),
    ],
    "a tag of a phrase": [
        ("get", "/a", "x", "This tag says what all of its operations are about, and more", "a.x"),
        ("get", "/b", "listInvoices", "Billing - Invoices", "billing_invoices.list"),
    ],
    "odd characters": [
        ("get", COLLECTION_PATH, "List Tickets!", None, "tickets.list"),
        ("post", COLLECTION_PATH, "create ticket (new)", None, "tickets.create_new"),
        ("get", ROW_PATH, "tickets→get", None, "tickets.get"),
    ],
    "other alphabets": [
        ("get", COLLECTION_PATH, "список", None, "tickets.list"),
        ("post", COLLECTION_PATH, "crée_ticket", None, "tickets.cree"),
        ("get", "/票", "取得", None, "api.get"),
    ],
    "leading digits": [
        ("post", "/2fa/enable", "2fa_enable", None, "api.enable"),
        ("get", "/tickets/stats", "24hStats", None, "tickets.get_stats"),
    ],
    "Python keywords": [
        ("post", "/tickets/import", "import", None, "tickets.import"),
        ("get", "/class", "global", None, "class.global"),
    ],
    "members of every client": [
        ("get", "/request", "listRequest", None, "request_api.list"),
        ("post", "/close", None, None, "close_api.create"),
    ],
    "custom verbs": [
        ("post", ROW_PATH + "/close", "closeTicket", None, "tickets.close"),
        ("post", ROW_PATH + "/assign", "ticket_assign", None, "tickets.assign"),
        ("get", COLLECTION_PATH + "/search", "searchTickets", None, "tickets.search"),
        (
            "get",
            COLLECTION_PATH + "/findByStatus",
            "findTicketsByStatus",
            None,
            "tickets.find_by_status",
        ),
    ],
    "one id twice": [
        ("get", COLLECTION_PATH, "handle", None, "tickets.list"),
        ("post", COLLECTION_PATH, "handle", None, "tickets.create"),
    ],
    "two that would be one": [
        ("get", COLLECTION_PATH, "getTickets", None, "tickets.list"),
        ("get", "/tickets/archive/all", "listTickets", None, "tickets.list_archive_all"),
        ("get", ROW_PATH, "getTicket", None, "tickets.get"),
        ("get", "/tickets/number/{number}", "getTicketByNumber", None, "tickets.get_by_number"),
    ],
    "two that differ in punctuation only": [
        ("get", COLLECTION_PATH, "tickets.list_open", None, "tickets.list_open"),
        ("get", "/tickets/open", "tickets.listOpen", None, "tickets.get_open"),
    ],
    "the author's number": [
        ("get", "/rooms/{name}", "getRoom", None, "rooms.get"),
        ("get", "/rooms/{name}/peers/{ids}", "getPeers", None, "rooms.get_peers"),
        ("get", "/rooms/{name}/guests/{id}", None, None, "rooms.get_guest"),
    ],
    "a verb after a colon": [
        ("post", "/rooms/{name}:lock", "lockRoom", None, "rooms.lock"),
        ("post", "/rooms/{name}:unlock", None, None, "rooms.unlock"),
    ],
    "an extension in the path": [
        ("get", "/accounts.json", "getAccounts", None, "accounts.list"),
        ("get", "/accounts/{sid}.json", "getAccount", None, "accounts.get"),
        ("get", "/accounts/{sid}/calls.json", None, None, "accounts.list_calls"),
        ("get", "/accounts/{sid}/calls/{id}.json", None, None, "accounts.get_call"),
    ],
    "a function called a route": build_crud(
        "list_tickets_route",
        "create_ticket_endpoint",
        "get_ticket_handler",
        "update_ticket_view",
        "delete_ticket_route_tickets__ticket_id__delete",
    ),
    "routes themselves": [
        ("get", "/routes", "list_all_routes", None, "routes.list"),
        ("post", "/plans/{id}/route", "plan_new_route", None, "plans.new_route"),
    ],
    "all below the base URL": [
        ("get", "/", "getCalls", "Calls", "calls.list"),
        ("post", "/", "createCall", "Calls", "calls.create"),
        ("get", "/{uuid}", "getCall", "Calls", "calls.get"),
        ("put", "/{uuid}/stream", "startStream", "Stream Audio", "stream_audio.start"),
        ("delete", "/{uuid}/stream", "stopStream", "Stream Audio", "stream_audio.stop"),
        ("put", "/{uuid}/talk", "startTalk", "Play TTS", "play_tts.start_talk"),
    ],
    "tags with levels": [
        ("get", "/v1/projects", "list", "manage > v1 > projects", "projects.list"),
        ("get", "/v1/projects/{id}", "get", "manage > v1 > projects", "projects.get"),
        (
            "get",
            "/v1/projects/{id}/models",
            "list",
            "manage > v1 > projects > models",
            "projects_models.list",
        ),
        ("get", "/v1/models", "list", "manage > v1 > models", "manage_models.list"),
        ("post", "/v1/listen", "transcribe", "ListenV1.Media", "media.transcribe"),
    ],
    "a tag that is not in the path, and one noun": [
        ("put", "/v1/calls/{uuid}/talk", "startTalk", "Play TTS", "play_tts.start"),
        ("delete", "/v1/calls/{uuid}/talk", "stopTalk", "Play TTS", "play_tts.stop"),
    ],
    "tags that begin alike": [
        ("get", "/2010-04-01/Calls.json", "ListCall", "Api20100401Call", "calls.list"),
        ("post", "/2010-04-01/Calls.json", "CreateCall", "Api20100401Call", "calls.create"),
        ("get", "/2010-04-01/Calls/{Sid}.json", "FetchCall", "Api20100401Call", "calls.get"),
        ("get", "/2010-04-01/Queues.json", "ListQueue", "Api20100401Queue", "queues.list"),
        ("get", "/2010-04-01/Keys.json", "ListKey", "Api20100401Key", "keys.list"),
    ],
    "method and path with an underscore": [
        ("get", "/v3/senders", "GET_senders", None, "senders.list"),
        ("post", "/v3/senders", "POST_senders", None, "senders.create"),
        ("get", "/v3/senders/{id}", "GET_senders-id", None, "senders.get"),
    ],
    "modules, controller and action": build_crud(
        "Desk.Web.TicketsController.index",
        "Desk.Web.TicketsController.create",
        "Desk.Web.TicketsController.show",
        "Desk.Web.TicketsController.update",
        "Desk.Web.TicketsController.delete",
    ),
    "services of a company's own gateway": [
        (
            "get",
            "/v1/projects/{id}/locations",
            "projects.locations.list",
            None,
            "projects.locations.list",
        ),
        ("post", "/calls/{id}/hangup", "hangupCall", "Calls", "calls.hangup"),
        ("get", "/me", "getMe", None, "me.get"),
        ("get", "/v1/customers/{customer}", "GetCustomersCustomer", None, "customers.get"),
        ("get", "/v1/customers", "GetCustomers", None, "customers.list"),
        ("post", "/v1/customers", "PostCustomers", None, "customers.create"),
        ("get", "/things", "ListThings", None, "things.list"),
    ],
    "method and path, where the short name is another's": [
        ("delete", "/v3/lists/{id}/rows", "DELETE_lists-id-rows", "Lists", "lists.delete_all_rows"),
        (
            "delete",
            "/v3/lists/{id}/rows/{row}",
            "DELETE_lists-id-rows-row",
            "Lists",
            "lists.delete_row",
        ),
        ("get", "/v3/lists/{id}/rows/{row}", "GET_lists-id-rows-row", "Lists", "lists.get_row"),
        ("post", "/v3/lists/{id}/rows", "POST_lists-id-rows", "Lists", "lists.create_row"),
        (
            "post",
            "/v3/lists/{id}/rows/{row}",
            "POST_lists-id-rows-row",
            "Lists",
            "lists.post_row",
        ),
    ],
    "sentences": [
        (
            "get",
            "/v1/dictionaries/{id}/{version}/download",
            "Get_A_File_With_All_The_Rules_Of_A_Dictionary_Version",
            "Dictionaries",
            "dictionaries.get_download",
        ),
        (
            "post",
            "/v1/dictionaries/{id}/rules",
            "Replace_the_rules",
            "Dictionaries",
            "dictionaries.replace_rules",
        ),
    ],
    "a noun that ends with a preposition": [
        ("get", "/numbers/{id}/add-ons/{on}", "FetchNumberAddOn", "AddOns", "add_ons.get"),
        ("delete", "/numbers/{id}/add-ons/{on}", "DeleteNumberAddOn", "AddOns", "add_ons.delete"),
    ],
    "ids with all parents, and tags with the API's name and version": [
        ("post", "/shops/{s}/Lists/{id}/Rules", "CreateShopListRule", "ShopV1Rule", "rules.create"),
        ("get", "/shops/{s}/Lists/{id}/Rules/{r}", "FetchShopListRule", "ShopV1Rule", "rules.get"),
        ("get", "/shops/{s}/Lists", "ListShopList", "ShopV1List", "lists.list"),
        ("get", "/shops/{s}/Fees/{id}/Acts", "ListShopFeeAct", "ShopV1FeeAct", "fee_act.list"),
    ],
    "a tag with a dot": [("get", "/a", "listThings", "Node.js", "node_js.list_things")],
    "nouns of the path, at a path of many words": [
        (
            method,
            f"/accounts/{{account}}/providers/Acme.Store/databaseAccounts/{{name}}/{path}",
            f"SqlResources_{verb}{noun}",
            "SqlResources",
            f"sql_resources.{wanted}",
        )
        for method, path, verb, noun, wanted in (
            ("get", "sqlDatabases/{id}", "Get", "SqlDatabase", "get_sql_database"),
            ("delete", "sqlDatabases/{id}", "Delete", "SqlDatabase", "delete_sql_database"),
            ("get", "sqlContainers/{id}", "Get", "SqlContainer", "get_sql_container"),
        )
    ],
    "ids that repeat the path verbatim, at a path with a dated version": [
        (
            "get",
            "/shop/2026-09-rc/forms",
            "get-/shop/2026-09-rc/forms",
            None,
            "shop.list_forms",
        ),
        (
            "post",
            "/shop/2026-09-rc/forms",
            "post-/shop/2026-09-rc/forms_/shop/2026-09-rc/forms",
            "Forms",
            "forms.create",
        ),
        (
            "get",
            "/shop/2026-09-rc/forms/{id}",
            "get-/shop/2026-09-rc/forms/{id}_getById",
            "Forms",
            "forms.get",
        ),
        (
            "put",
            "/shop/2026-09-rc/forms/{id}",
            "put-/shop/2026-09-rc/forms/{id}_archive",
            "Forms",
            "forms.archive",
        ),
    ],
    "one row, and several by their ids": [
        ("post", "/groups/{group}/tickets", "get_tickets", "Tickets", "tickets.get"),
        ("get", "/groups/{group}/tickets/{id}", "get_ticket", "Tickets", "tickets.get_ticket"),
    ],
}
