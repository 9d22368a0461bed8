"""The web server behind pages: uvicorn, set so that strangers can hold little of it."""

import socket

import uvicorn
from starlette.applications import Starlette

from edge.web.patience import Impatient
from edge.web.serverfiles import ServerFiles

CONCURRENT = 256
"""Connections at once; further ones are answered 503."""

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2, which some old phones need; those of 1.3 are all good (ASVS 9.1.2)."""


def run_server(
    app: Starlette,
    listener: socket.socket,
    files: ServerFiles | None,
    *,
    grace_s: int,
    behind_proxy: bool,
) -> None:
    """Serve an application until SIGTERM or SIGINT.

    Args:
        app: The pages.
        listener: See ``edge.web.listening.listen``.
        files: Certificate and key; None serves http.
        grace_s: Seconds that requests under way are given at the end.
        behind_proxy: A proxy on this machine may say that the browser came by https.
    """
    settings = uvicorn.Config(
        app,
        http=Impatient,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=behind_proxy,
        limit_concurrency=CONCURRENT,
        timeout_graceful_shutdown=grace_s,
        ssl_certfile=files.certificate if files else None,
        ssl_keyfile=files.key if files else None,
        ssl_keyfile_password=files.password if files else None,
        ssl_ciphers=CIPHERS,
    )
    uvicorn.Server(settings).run(sockets=[listener])
