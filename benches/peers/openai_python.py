#!/usr/bin/env python3
"""The official Python client as its users call it, with the command line of `contract`.

usage: openai_python.py BASE_URL plain|stream REQUESTS AT_ONCE
"""

import asyncio
import json
import sys
import time
import zlib

from openai import AsyncOpenAI

MODEL = "openai/gpt-oss-20b"
MESSAGES = [{"role": "user", "content": "Tell me of the birth of Venus."}]


class Report:
    """The text received in all responses."""

    def __init__(self):
        self.sum = 0
        self.pieces = 0
        self.failed = 0
        self.first = []
        self.error = None

    def print(self, started):
        self.first.sort()

        def at(percent):
            return self.first[(len(self.first) - 1) * percent // 100] * 1e3 if self.first else 0.0

        line = {
            "checksum": self.sum,
            "pieces": self.pieces,
            "failed": self.failed,
            "error": self.error,
            "first_p50_ms": at(50),
            "first_p99_ms": at(99),
            "wall_ms": (time.perf_counter() - started) * 1e3,
        }
        print(json.dumps(line))


async def pieces(client, streamed):
    """Yields the pieces of one response."""
    if not streamed:
        answer = await client.chat.completions.create(model=MODEL, messages=MESSAGES)
        yield answer.choices[0].message.content
        return
    async for chunk in await client.chat.completions.create(model=MODEL, messages=MESSAGES, stream=True):
        for choice in chunk.choices:
            yield choice.delta.content
            for call in choice.delta.tool_calls or ():
                yield call.function.arguments


async def ask(client, streamed, report):
    sent = time.perf_counter()
    first = None
    checksum = received = 0
    try:
        async for piece in pieces(client, streamed):
            if piece:
                first = first or time.perf_counter() - sent
                checksum = zlib.crc32(piece.encode(), checksum)
                received += 1
    except Exception as error:
        report.failed += 1
        report.error = report.error or f"{type(error).__name__}: {error}"
        return
    report.sum = (report.sum + checksum) % 2**32
    report.pieces += received
    report.first += [first] if first else []


async def main(base_url, mode, requests, at_once):
    started = time.perf_counter()
    report = Report()
    turns = iter(range(int(requests)))
    async with AsyncOpenAI(base_url=base_url, api_key="hf_bench", max_retries=0) as client:

        async def ask_in_turn():
            for _ in turns:
                await ask(client, mode == "stream", report)

        await asyncio.gather(*(ask_in_turn() for _ in range(int(at_once))))
    report.print(started)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit("usage: openai_python.py BASE_URL plain|stream REQUESTS AT_ONCE")
    asyncio.run(main(*sys.argv[1:]))
