"""Which clauses of a spec the traffic of a run covers.

marks       what is counted: one thing that a clause allows
values      the locations of a schema, and the values that occurred there
requests    parameters, credentials and bodies that were accepted
responses   statuses, headers, media types and bodies
listings    rows, later pages, filters, searches, orders
ledger      all marks of an operation, updated with each exchange
"""
