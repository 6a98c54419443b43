//! Describes images, and finds the objects in them.
//!
//! ```text
//! cargo run --example image_captioning                  an image of one pixel, and the sandbox
//! cargo run --example image_captioning -- duck.jpg cat.png
//! ```
//!
//! The captions of the sandbox state the type and the size of the image.

use botticelli::HuggingFaceDriver;
use botticelli::sandbox::Sandbox;
use botticelli::tasks::{ImageTaskDriver, Media, MediaFile};

const MODEL: &str = "Salesforce/blip-image-captioning-base";

/// A GIF of one pixel.
const PIXEL: &[u8] = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    // The sandbox stops when it is dropped. For a real caption: HuggingFaceDriver::builder(MODEL).build_tasks()?
    let sandbox = Sandbox::start().await?;
    let driver = HuggingFaceDriver::builder(MODEL)
        .provider("hf-inference")
        .base_url(sandbox.base_url())
        .token(Sandbox::TOKEN)
        .build_tasks()?;

    let mut images = Vec::new();
    for path in std::env::args().skip(1) {
        images.push((path.clone(), Media::open(path)?));
    }
    if images.is_empty() {
        images.push(("one pixel".to_owned(), Media::new(PIXEL)));
    }
    for (name, image) in images {
        let caption = driver.describe_image(image.clone().into()).await?;
        println!("{name} ({}): {}", image.media_type(), caption.text());
    }
    Ok(())
}
