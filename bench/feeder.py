"""A process that plays the exchange's WebSocket to everyone who connects: `python -m bench.feeder`.

It prints its port, then a line `STAMP NANOSECONDS` for each frame, with the monotonic time just before the first
byte was handed to the kernel.
"""

import base64
import hashlib
import socket
import struct
import sys
import threading
import time

from bench.frames import Source

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PREPARE_SECONDS = 0.05


def accept(listener: socket.socket, connections: set[socket.socket]) -> None:
    """Shake hands with everyone who comes (RFC 6455, section 4.2.2)."""
    while True:
        connection, _ = listener.accept()
        request = b""
        while not request.endswith(b"\r\n\r\n") and (chunk := connection.recv(4096)):
            request += chunk
        headers = dict(line.split(b": ", 1) for line in request.split(b"\r\n")[1:] if b": " in line)
        key = next((value for name, value in headers.items() if name.lower() == b"sec-websocket-key"), b"")
        proof = base64.b64encode(hashlib.sha1(key + GUID, usedforsecurity=False).digest())
        connection.sendall(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n"
        )
        connections.add(connection)


def framed(payload: bytes) -> bytes:
    """Return a text frame as a server sends it; those of the stream are never short."""
    size = len(payload)
    head = struct.pack("!BBH", 0x81, 126, size) if size < 1 << 16 else struct.pack("!BBQ", 0x81, 127, size)
    return head + payload


def feed(connection: socket.socket, frames: list[tuple[int, bytes]]) -> list[str]:
    """Send the frames back to back, the hardest way they can come; return a line for each."""
    lines = []
    for stamp, frame in frames:
        lines.append(f"{stamp} {time.monotonic_ns()}\n")
        connection.sendall(frame)
    return lines


def main() -> None:
    """Feed for ever."""
    source, stamp = Source(), 1
    connections: set[socket.socket] = set()
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=accept, args=(listener, connections), daemon=True).start()
    print(listener.getsockname()[1], flush=True)
    while True:
        second = int(time.time() + PREPARE_SECONDS) + 1
        time.sleep(second - PREPARE_SECONDS - time.time())
        for connection in set(connections):
            frames = list(enumerate(map(framed, source.tick(second, stamp)), stamp))
            stamp += len(frames)
            time.sleep(max(0.0, second - time.time()))
            try:
                sys.stdout.writelines(feed(connection, frames))
            except OSError:
                connections.discard(connection)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
