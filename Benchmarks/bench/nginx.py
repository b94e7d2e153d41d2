# SPDX-License-Identifier: Apache-2.0
# Copyright the Wasm Server authors

"""The nginx configurations: tuned, with and without `sendfile`, and the one that the original shipped.

With `sendfile`, nginx 1.22 spends more than twice as much CPU time on a module over HTTP/2 as with large buffers, and
answers small files over HTTP/2 only after the client's delayed acknowledgement (40 ms). Both ways are measured, so that
we are not compared with a weak choice.
"""

from pathlib import Path

WORKERS = 2
SENDFILE = "sendfile on"
BUFFERED = "sendfile off;\n    output_buffers 2 512k"


def tuned(way: str, work: Path, root: Path, ports: dict[str, int]) -> str:
    """HTTP/1.1 and h2c on two ports, because nginx before 1.25.1 cannot offer both on one cleartext port."""
    return f"""
{_process(work)}
worker_processes {WORKERS};
events {{ worker_connections 1024; }}
http {{
    {_temporary_paths(work)}
    access_log off;
    {way};
    tcp_nopush on;
    tcp_nodelay on;
    keepalive_requests 1000000;
    keepalive_timeout 60s;
    open_file_cache max=100 inactive=60s;
    open_file_cache_valid 60s;
    open_file_cache_min_uses 1;
    http2_chunk_size 16k;
    http2_max_concurrent_streams 128;
    types {{ application/wasm wasm; text/plain sha256; }}
    server {{
        listen 127.0.0.1:{ports["h1"]};
        listen 127.0.0.1:{ports["h2c"]} http2;
        root {root};
    }}
}}
"""


def original(work: Path, root: Path, ports: dict[str, int], host: str = "127.0.0.1") -> str:
    """The predecessor's settings; everything that it does not set stays at nginx's default, also the access log."""
    return f"""
{_process(work)}
events {{ worker_connections 1024; }}
http {{
    {_temporary_paths(work)}
    access_log {work}/access.log;
    server {{
        listen {host}:{ports["h1"]};
        location / {{
            root {root};
            default_type application/octet-stream;
            add_header Content-disposition "attachment; filename=";
        }}
        location /health {{
            access_log off;
            add_header Content-Type application/json;
            return 200 '{{"status":"Healthy"}}';
        }}
    }}
}}
"""


def _process(work: Path) -> str:
    return f"daemon off;\npid {work}/nginx.pid;\nerror_log {work}/error.log;"


def _temporary_paths(work: Path) -> str:
    kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    return "\n    ".join(f"{kind}_temp_path {work}/{kind};" for kind in kinds)
