"""Which clauses of a spec the traffic of a run bears out: `ledger` keeps the book.

marks       what is counted: one thing that a clause allows
values      a schema's places, and the values seen there
requests    parameters, credentials and bodies that were taken
answers     statuses, headers, media types and bodies
listings    rows, later pages, filters, searches, orders
ledger      all of an operation's, fed with exchanges
"""
