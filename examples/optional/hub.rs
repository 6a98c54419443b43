//! Downloads from the Hugging Face Hub into the cache of the `hf` tools. Here, the sandbox is the Hub.
//!
//! ```text
//! cargo run -p botticelli_optional_examples --example hub
//! ```

use botticelli::Hub;
use botticelli::hub::{DownloadStep, FileFilter, Progress};
use botticelli::sandbox::{Repository, Sandbox};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let repository = Repository::model("org/tiny-GGUF")
        .with_file("README.md", "# A tiny model")
        .with_large_file("tiny-Q4_K_M.gguf", vec![4; 40_000])
        .with_large_file("tiny-Q8_0.gguf", vec![8; 80_000]);
    let sandbox = Sandbox::builder().with_repository(repository).start().await?;
    let cache = std::env::temp_dir().join(format!("botticelli-hub-{}", std::process::id()));

    // For the real Hub and the real cache, this is `Hub::from_env()?`.
    let hub =
        Hub::builder().with_endpoint(sandbox.hub_url()).with_cache(&cache).with_offline(false).build()?;
    let hub = hub.with_observer(|progress: &Progress| {
        if progress.step == DownloadStep::Downloading {
            println!("  {}: {} bytes", progress.file, progress.received);
        }
    });

    println!("the largest quantization of at most 50 kB:");
    let model = hub.clone().with_memory_limit(50_000).download_gguf("org/tiny-GGUF").await?;
    println!("  {} ({} bytes)", model.file(), model.size());

    println!("the text files of the repository:");
    let folder = hub.snapshot("org/tiny-GGUF", FileFilter::matching(["*.md"])).await?;
    for entry in std::fs::read_dir(folder)? {
        println!("  {}", entry?.file_name().to_string_lossy());
    }

    println!("the cache:");
    for cached in hub.list()? {
        println!("  {} ({} bytes)", cached.id(), cached.size());
    }
    hub.remove("org/tiny-GGUF")?;
    std::fs::remove_dir_all(&cache)?;
    Ok(())
}
