"""Answers the rows of a table with saturate: `saturate_peer.py BASE_URL IN OUT AT_ONCE`."""

import json
import sys

import pyarrow.parquet
from saturate import Auto, Fixed, pump


def rows(path):
    if path.endswith(".parquet"):
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(1024):
            yield from batch.to_pylist()
        return
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def main():
    base_url, source, output, at_once = sys.argv[1:]
    stats = pump(
        rows(source),
        to_request=lambda row: {
            "model": "openai/gpt-oss-20b",
            "max_tokens": 1000,
            "messages": [{"role": "user", "content": f"Classify the sentiment of this review:\n{row['text']}"}],
        },
        parse=lambda row, answer: {**row, "answer": answer["choices"][0]["message"]["content"]},
        endpoint=base_url,
        output=output,
        window=Auto() if at_once == "auto" else Fixed(int(at_once)),
        # Larger parts than the default of 10 rows, which would write 10,000 files.
        flush_every=1000,
        headers={"Authorization": "Bearer hf_bench"},
        signal_source="none",
        id_key="id",
    )
    print(json.dumps({"rows": stats.rows_processed, "failed": stats.rows_failed}))


if __name__ == "__main__":
    main()
