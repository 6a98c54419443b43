//! Exports the spans of calls over OTLP. The call goes to the sandbox, and the spans to a small collector in this process.
//!
//! OTEL_EXPORTER_OTLP_ENDPOINT names another collector, such as http://127.0.0.1:4318.

use botticelli::sandbox::Sandbox;
use botticelli::{BotticelliDriver, HuggingFaceDriver, LayerExt, Trace};
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::trace::SdkTracerProvider;
use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::sync::mpsc;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

fn main() -> Result<(), Box<dyn Error>> {
    let (collector, received) = collector()?;
    let other = std::env::var("OTEL_EXPORTER_OTLP_ENDPOINT");
    let is_own = other.is_err();
    let endpoint = format!("{}/v1/traces", other.unwrap_or(collector));

    let exporter = SpanExporter::builder().with_http().with_endpoint(endpoint).build()?;
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("example"));
    tracing_subscriber::registry().with(layer).init();

    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(call())?;
    provider.shutdown()?;
    if is_own {
        let (path, body) = received.recv()?;
        let names = ["chat openai/gpt-oss-20b", "gen_ai.usage.output_tokens", "botticelli.cost.nano_dollars"];
        let has = |name: &str| body.windows(name.len()).any(|bytes| bytes == name.as_bytes());
        println!("The collector received {} bytes at {path}:", body.len());
        for name in names {
            println!("  {name}: {}", if has(name) { "found" } else { "MISSING" });
        }
    }
    Ok(())
}

async fn call() -> Result<(), Box<dyn Error>> {
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder("openai/gpt-oss-20b:fireworks-ai")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build()?
        .with_trace(Trace::default());
    println!("{}", driver.generate("Name three painters".into()).await?.text());
    Ok(())
}

/// The path and the body of a request.
type Request = (String, Vec<u8>);

/// Starts a collector that accepts one request. Returns its address, and the path and the body that it receives.
fn collector() -> std::io::Result<(String, mpsc::Receiver<Request>)> {
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let address = format!("http://{}", listener.local_addr()?);
    let (sender, received) = mpsc::channel();
    std::thread::spawn(move || -> std::io::Result<()> {
        let (mut connection, _) = listener.accept()?;
        let mut reader = BufReader::new(connection.try_clone()?);
        let (mut first, mut length) = (String::new(), 0);
        reader.read_line(&mut first)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim().split_once(": ") else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse().unwrap_or(0);
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        connection.write_all(
            b"HTTP/1.1 200 OK\r\ncontent-type: application/x-protobuf\r\ncontent-length: 0\r\n\r\n",
        )?;
        let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
        let _ = sender.send((path, body));
        Ok(())
    });
    Ok((address, received))
}
