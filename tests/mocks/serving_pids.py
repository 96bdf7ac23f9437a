"""A mock of several workers that says which process answers; `python -m mocks.serving_pids`."""

from __future__ import annotations

import os
import socket
import sys

from driftline.mock import Request, Response, Site, serve_many


def answer(request: Request) -> Response:
    """The process's ID; below `/held/PORT`, only once whoever listens there lets it go on."""
    pid = str(os.getpid()).encode()
    _, word, port = [*request.path.split("/"), "", ""][:3]
    if word == "held":
        with socket.create_connection(("127.0.0.1", int(port))) as holder:
            holder.sendall(pid)
            holder.recv(1)
    return Response(200, (("Content-Length", str(len(pid))),), pid)


def site() -> Site:
    """What each worker serves."""
    return Site({"pid": answer})


def told(url: str) -> None:
    """Says where it serves."""
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve_many(site, 2, port=0, on_ready=told)
