//! Streams of typed output, without a server: `cargo bench --manifest-path benches/Cargo.toml -p decoder
//! --bench typed`. The throughput is constant if the time grows linearly with the response.

use botticelli::{
    BotticelliDriver, ChunkCollector, ChunkStream, Delta, DriverExt, FinishReason, GenerateRequest,
    GenerateResponse, ModelsResult, StreamChunk, StreamExt, async_trait,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::fmt::Write;

/// A driver that streams one text in pieces of four bytes.
#[derive(Debug)]
struct Saying(String);

#[async_trait]
impl BotticelliDriver for Saying {
    async fn generate(&self, _request: GenerateRequest) -> ModelsResult<GenerateResponse> {
        let mut collector = ChunkCollector::default();
        collector.push(&Delta::Text(self.0.clone()));
        Ok(collector.finish(FinishReason::Stop, None))
    }

    async fn generate_stream(&self, request: GenerateRequest) -> ModelsResult<ChunkStream> {
        let whole = self.generate(request).await?;
        let pieces = self.0.as_bytes().chunks(4).map(|piece| String::from_utf8_lossy(piece).into_owned());
        let mut chunks: Vec<_> = pieces.map(|piece| Ok(StreamChunk::of(Delta::Text(piece)))).collect();
        chunks.push(Ok(StreamChunk::last(whole)));
        Ok(Box::pin(futures::stream::iter(chunks)))
    }

    fn provider_name(&self) -> &'static str {
        "bench"
    }

    fn model_name(&self) -> &'static str {
        "bench"
    }
}

/// Returns a list of words with the given number of bytes.
fn words(size: usize) -> String {
    let mut text = "{\"value\":[\"Florence\"".to_owned();
    while text.len() < size {
        let _ = write!(text, ",\"Botticelli\"");
    }
    text.push_str("]}");
    text
}

fn typed(criterion: &mut Criterion) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let mut group = criterion.benchmark_group("stream_as");
    group.sample_size(10);
    for kibibytes in [7, 28, 112, 448] {
        let driver = Saying(words(kibibytes << 10));
        group.throughput(Throughput::Bytes(driver.0.len().try_into().unwrap_or_default()));
        let name = format!("{kibibytes} KiB");
        group.bench_with_input(BenchmarkId::from_parameter(name), &driver, |bencher, driver| {
            bencher.iter(|| {
                runtime.block_on(async {
                    let mut values = driver.stream_as::<Vec<String>>("Go".into()).await.expect("a stream");
                    let mut count = 0;
                    while let Some(value) = values.next().await {
                        value.expect("it fits");
                        count += 1;
                    }
                    count
                })
            });
        });
    }
    group.finish();
}

criterion_group!(benches, typed);
criterion_main!(benches);
