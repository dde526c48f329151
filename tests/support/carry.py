"""`python -m tests.support.carry FROM TO`: forward connections.

FROM and TO are each HOST:PORT or the path of a socket file.
"""

import asyncio
import sys


async def main(source: str, target: str) -> None:
    """Listen at `source`, and forward each connection to `target`."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_reader, to_writer = await _connect(target)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, to_writer), _pump(to_reader, writer))

    if ":" in source:
        host, _, port = source.rpartition(":")
        server = await asyncio.start_server(carry, host, int(port))
    else:
        server = await asyncio.start_unix_server(carry, source)
    print("ready", flush=True)
    await server.serve_forever()


async def _connect(target: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if ":" in target:
        host, _, port = target.rpartition(":")
        return await asyncio.open_connection(host, int(port))
    return await asyncio.open_unix_connection(target)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except ConnectionError:
        pass
    finally:
        writer.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
