"""An ordinary service of gRPC: front.Front/WAY with PORT KEY calls bank.Bank/Reserve on that port, and answers with what it was told.

It knows nothing of traces and transactions. Its argument says with which of grpcio's two interfaces it is made: threads or asyncio.
"""

import asyncio
import concurrent.futures
import functools
import sys

import grpc
import grpc.aio


def bank(channel):
    return channel.unary_unary("/bank.Bank/Reserve")


def front(ways):
    return [grpc.method_handlers_generic_handler("front.Front", {
        name: grpc.unary_unary_rpc_method_handler(way) for name, way in ways.items()})]


def error(e):
    return f"{e.code().name}: {e.details()}".encode()


def threads():
    @functools.cache
    def channel(port):
        return grpc.insecure_channel(f"127.0.0.1:{port}")

    def way(call):
        def handle(request, context):
            port, key = request.decode().split(" ")
            try:
                return b"OK " + call(bank(channel(port)), key.encode())
            except grpc.RpcError as e:
                return error(e)

        return handle

    server = grpc.server(concurrent.futures.ThreadPoolExecutor(max_workers=4))
    server.add_generic_rpc_handlers(front({
        "handler": way(lambda reserve, key: reserve(key, timeout=20)),
        "future": way(lambda reserve, key: reserve.future(key, timeout=20).result())}))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    print("port", port, flush=True)
    server.wait_for_termination()


async def coroutines():
    @functools.cache
    def channel(port):
        return grpc.aio.insecure_channel(f"127.0.0.1:{port}")

    def way(call):
        async def handle(request, context):
            port, key = request.decode().split(" ")
            try:
                return b"OK " + await call(bank(channel(port)), key.encode())
            except grpc.RpcError as e:
                return error(e)

        return handle

    async def task(reserve, key):
        async def called():
            return await reserve(key, timeout=20)

        return await asyncio.create_task(called())

    server = grpc.aio.server()
    server.add_generic_rpc_handlers(front({
        "handler": way(lambda reserve, key: reserve(key, timeout=20)),
        "task": way(task)}))
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    print("port", port, flush=True)
    await server.wait_for_termination()


if sys.argv[1] == "threads":
    threads()
else:
    asyncio.run(coroutines())
