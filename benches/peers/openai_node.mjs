// The official client for Node, as its users meet it, with the command line of `contract`:
// BASE_URL plain|stream REQUESTS AT_ONCE

import { createRequire } from "node:module";
import { crc32 } from "node:zlib";

// Where `install.sh` puts it.
const { default: OpenAI } = await import(createRequire(new URL("target/node/", import.meta.url)).resolve("openai"));

const [baseURL, mode, requests, atOnce] = process.argv.slice(2);
if (atOnce === undefined) {
  console.error("usage: openai_node.mjs BASE_URL plain|stream REQUESTS AT_ONCE");
  process.exit(1);
}

const started = performance.now();
const question = {
  model: "openai/gpt-oss-20b",
  messages: [{ role: "user", content: "Tell me of the birth of Venus." }],
};
const client = new OpenAI({ baseURL, apiKey: "hf_bench", maxRetries: 0 });
const report = { checksum: 0, pieces: 0, failed: 0, error: null };
const first = [];
let sent = 0;

// The pieces of one answer.
async function* pieces() {
  if (mode !== "stream") {
    const answer = await client.chat.completions.create(question);
    yield answer.choices[0].message.content;
    return;
  }
  for await (const chunk of await client.chat.completions.create({ ...question, stream: true })) {
    for (const { delta } of chunk.choices) {
      yield delta.content;
      for (const call of delta.tool_calls ?? []) {
        yield call.function?.arguments;
      }
    }
  }
}

async function ask() {
  const begun = performance.now();
  let came;
  let checksum = 0;
  let received = 0;
  try {
    for await (const piece of pieces()) {
      if (piece) {
        came ??= performance.now() - begun;
        checksum = crc32(piece, checksum);
        received += 1;
      }
    }
  } catch (error) {
    report.failed += 1;
    report.error ??= String(error);
    return;
  }
  report.checksum = (report.checksum + checksum) % 2 ** 32;
  report.pieces += received;
  if (came !== undefined) {
    first.push(came);
  }
}

async function askInTurn() {
  while (sent < Number(requests)) {
    sent += 1;
    await ask();
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, askInTurn));

first.sort((one, other) => one - other);
const at = (percent) => first[Math.floor((Math.max(first.length - 1, 0) * percent) / 100)] ?? 0;
const times = { first_p50_ms: at(50), first_p99_ms: at(99), wall_ms: performance.now() - started };
console.log(JSON.stringify({ ...report, ...times }));
