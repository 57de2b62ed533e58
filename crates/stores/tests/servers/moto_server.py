"""Serves moto, a look-alike of Amazon's services, on a free port, which it prints.

Moto checks the condition of a write and writes in two steps that nothing holds together, and its own
server runs a thread for each connection: two writers may both be told that theirs was the first.
DynamoDB never does that, so here one call has to end before the next begins.
"""

from threading import Lock

from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import make_server

moto = DomainDispatcherApplication(create_backend_app)
turn = Lock()


def one_at_a_time(environ, start_response):
    with turn:
        return moto(environ, start_response)


server = make_server(
    "127.0.0.1",
    0,
    one_at_a_time,
    threaded=True,
    request_handler=MotoRequestHandler,
)
print(server.port, flush=True)
server.serve_forever()
