#!/usr/bin/env python3
"""Serves /opt/ossuary/web on the port that /etc/ossuary/ossuary.conf names."""

import functools
import http.server
import os


def main() -> None:
    port = int(os.environ.get("OSSUARY_PORT", "8080"))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory="/opt/ossuary/web")
    http.server.ThreadingHTTPServer(("", port), handler).serve_forever()


if __name__ == "__main__":
    main()
