//! Transcribes speech, with the times of its parts.
//!
//! ```text
//! cargo run --example speech_to_text                    a second of silence, and the sandbox
//! cargo run --example speech_to_text -- talk.mp3
//! ```

use botticelli::HuggingFaceDriver;
use botticelli::sandbox::Sandbox;
use botticelli::tasks::{AudioTaskDriver, Media, MediaFile, TranscriptionRequest};

const MODEL: &str = "openai/whisper-large-v3";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The sandbox stops when it is dropped. For a real transcript: HuggingFaceDriver::builder(MODEL).build_tasks()?
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder(MODEL)
        .provider("hf-inference")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build_tasks()?;

    let audio = match std::env::args().nth(1) {
        Some(path) => Media::open(path)?,
        None => Media::new(silence()),
    };
    println!("{} bytes of {}", audio.data().len(), audio.media_type());
    let request = TranscriptionRequest::from(audio).with_return_timestamps(true);
    let transcript = driver.transcribe(request).await?;
    println!("{}", transcript.text().trim());
    for part in transcript.chunks() {
        let time = |seconds: Option<f64>| seconds.map_or("?".to_owned(), |seconds| format!("{seconds:.1} s"));
        println!("  {} to {}: {}", time(part.start()), time(part.end()), part.text().trim());
    }
    Ok(())
}

/// Returns a second of silence as a WAV file: 8,000 samples of 8 bits.
fn silence() -> Vec<u8> {
    let samples = [128_u8; 8_000];
    let size = |bytes: usize| u32::try_from(bytes).unwrap_or_default().to_le_bytes();
    let mut file = b"RIFF".to_vec();
    file.extend(size(samples.len() + 36));
    file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    file.extend([8_000_u32.to_le_bytes(), 8_000_u32.to_le_bytes()].concat());
    file.extend(b"\x01\0\x08\0data");
    file.extend(size(samples.len()));
    file.extend(samples);
    file
}
