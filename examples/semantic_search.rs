//! Finds the paragraphs of a folder of Markdown files that are closest to a question.
//!
//! ```text
//! cargo run --example semantic_search                            your token, or else the sandbox
//! cargo run --example semantic_search -- FOLDER "How do I limit the cost?"
//! ```
//!
//! The vectors of the sandbox depend on the words of a text, not on its meaning.

use botticelli::HuggingFaceDriver;
use botticelli::sandbox::Sandbox;
use botticelli::tasks::{EmbeddingDriver, EmbeddingRequest};
use std::path::Path;

const MODEL: &str = "sentence-transformers/all-MiniLM-L6-v2";
const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/botticelli/src/guide");

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().unwrap_or_else(|| FOLDER.to_owned());
    let question = arguments.next().unwrap_or_else(|| "How do I limit the cost?".to_owned());
    let paragraphs = paragraphs(Path::new(&folder))?;

    // The sandbox stops when it is dropped.
    let sandbox = Sandbox::start().await?;
    let builder = HuggingFaceDriver::builder(MODEL);
    let builder = match std::env::var_os("HF_TOKEN") {
        Some(_) => builder,
        None => builder.base_url(sandbox.base_url()).token(Sandbox::TOKEN),
    };
    let driver = builder.build_tasks()?;

    // A long list is split into requests that the server accepts.
    let texts: Vec<String> = paragraphs.iter().map(|(_, text)| text.clone()).collect();
    let found = driver.embed(EmbeddingRequest::from(texts)).await?;
    let asked = driver.embed([question.as_str()].into()).await?;
    let [asked] = asked.embeddings() else { return Err("one text has one embedding".into()) };

    let mut ranked: Vec<(f64, &(String, String))> = found
        .embeddings()
        .iter()
        .zip(&paragraphs)
        .filter_map(|(embedding, paragraph)| Some((asked.cosine_similarity(embedding)?, paragraph)))
        .collect();
    ranked.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    println!("{question}\n");
    for (similarity, (file, text)) in ranked.into_iter().take(3) {
        let start: String = text.chars().take(100).collect();
        println!("{similarity:.3}  {file}: {}", start.replace('\n', " "));
    }
    Ok(())
}

/// Returns the paragraphs of the Markdown files in a folder, with the names of their files.
fn paragraphs(folder: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut paragraphs = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path)?;
        let long = text.split("\n\n").filter(|paragraph| paragraph.len() > 80 && !paragraph.contains("```"));
        paragraphs.extend(long.map(|paragraph| (file.clone(), paragraph.to_owned())));
    }
    Ok(paragraphs)
}
