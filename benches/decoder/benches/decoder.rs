//! The event decoder alone: `cargo bench --manifest-path benches/Cargo.toml -p decoder`.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn decoder(criterion: &mut Criterion) {
    let stream = decoder::stream(2_000);
    let mut group = criterion.benchmark_group("decoder");
    group.throughput(Throughput::Bytes(stream.len().try_into().unwrap_or_default()));
    let event = stream.len() / 2_000;
    for (name, size) in
        [("an event at a time", event), ("cut in the middle", event / 2), ("16 KiB at a time", 16 << 10)]
    {
        group.bench_with_input(BenchmarkId::from_parameter(name), &size, |bencher, size| {
            bencher.iter(|| decoder::decode(&stream, *size));
        });
    }
    group.finish();
}

criterion_group!(benches, decoder);
criterion_main!(benches);
