"""Both ends of a transfer over TCP: python3 -m harness.stream source PORT, and drain PORT BYTES."""
import socket
import sys
import threading
import time

CHUNK = 256 * 1024


def source(port):
    """Sends whoever connects as many bytes as its first eight say, and closes."""
    chunk = memoryview(bytes(CHUNK))

    def serve(connection):
        with connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            left = int.from_bytes(connection.recv(8, socket.MSG_WAITALL), "big")
            while left > 0:
                part = min(left, CHUNK)
                connection.sendall(chunk[:part])
                left -= part
    with socket.create_server(("127.0.0.1", port)) as listening:
        while True:
            threading.Thread(target=serve, args=(listening.accept()[0],), daemon=True).start()


def drain(port, size):
    """Asks for so many bytes and lets them go; how many came, and the seconds that took."""
    buffer, count, begun = bytearray(CHUNK), 0, time.monotonic()
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(size.to_bytes(8, "big"))
        # The kernel lets go of them: a copy would be the load's cost only.
        while got := connection.recv_into(buffer, CHUNK, socket.MSG_TRUNC):
            count += got
    return count, time.monotonic() - begun


if __name__ == "__main__":
    if sys.argv[1] == "source":
        source(int(sys.argv[2]))
    else:
        print(*drain(int(sys.argv[2]), int(sys.argv[3])))
