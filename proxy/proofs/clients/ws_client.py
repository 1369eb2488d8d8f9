"""A WebSocket client by `websockets`: ws_client.py URL. Every message must come back as it was."""
import asyncio
import os
import sys

import websockets


async def main():
    async with websockets.connect(sys.argv[1], max_size=None, proxy=None) as socket:
        for message in ("hello", "", "\u00e4\u20ac\U0001f600", "x" * 70_000, os.urandom(1 << 20), b""):
            await socket.send(message)
            assert await socket.recv() == message, f"a message of {len(message)}"
        await socket.send(part for part in ("in ", "several ", "frames"))
        assert await socket.recv() == "in several frames"
        await asyncio.wait_for(await socket.ping(b"are you there"), 20)
        await socket.close(4001, "done")
    assert socket.close_code == 4001, socket.close_code
    print("ok")


asyncio.run(main())
