"""The shell inside an emulated machine: runs what comes by the console, and says how it went.

Alone in its file, and with the standard library alone: it is copied into the machine.
"""

import base64
import json
import subprocess
import sys
import tty


def serve(device: str) -> None:
    """Answer each ``[number, command]`` by ``@@number code output-in-base64``."""
    with open(device, "rb", buffering=0) as heard, open(device, "wb", buffering=0) as said:  # noqa: PTH123 - a terminal, unbuffered
        tty.setraw(heard.fileno())
        said.write(b"\n@@ready\n")
        for line in iter(heard.readline, b""):
            number, command = json.loads(line)
            done = subprocess.run(
                ["/bin/sh", "-c", command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                check=False,
            )
            output = base64.b64encode(done.stdout).decode()
            said.write(f"@@{number} {done.returncode} {output}\n".encode())


if __name__ == "__main__":
    serve(sys.argv[1])
