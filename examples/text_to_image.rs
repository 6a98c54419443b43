//! Generates an image, and saves it to a temporary folder.
//!
//! ```text
//! cargo run --example text_to_image                              the sandbox, whose image is a few bytes
//! cargo run --example text_to_image -- "Venus in a sea shell"
//! ```

use botticelli::HuggingFaceDriver;
use botticelli::sandbox::Sandbox;
use botticelli::tasks::{JobProgress, MediaFile, MediaGenerationDriver, TextToImageRequest};

const MODEL: &str = "stabilityai/stable-diffusion-3-medium-diffusers";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The sandbox stops when it is dropped. For a real image: HuggingFaceDriver::builder(MODEL).build_tasks()?
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder(MODEL)
        .provider("hf-inference")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build_tasks()?
        // Some providers generate images in a job.
        .with_job_observer(|progress: &JobProgress| eprintln!("{}", progress.status()));

    let prompt = std::env::args().nth(1).unwrap_or_else(|| "Venus in a sea shell".to_owned());
    let request = TextToImageRequest::from(prompt).with_size(1_024, 768).with_seed(7);
    let image = driver.generate_image(request).await?.into_media();

    // The bytes decide the type: some servers send JPEG although PNG was requested.
    let name = format!("venus-{}.{}", std::process::id(), image.extension());
    let path = std::env::temp_dir().join(name);
    image.save(&path)?;
    println!("{} bytes of {} in {}", image.data().len(), image.media_type(), path.display());
    if std::env::args().nth(1).is_none() {
        std::fs::remove_file(&path)?;
    }
    Ok(())
}
