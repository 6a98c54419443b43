//! Downloads run in tasks.

use botticelli_models::hub::{FileFilter, Hub};

fn is_send<T: Send>(future: T) -> T {
    future
}

#[test]
fn the_futures_of_downloads_can_be_spawned() {
    let environment = botticelli_models::Environment::empty();
    let hub = Hub::builder().with_environment(environment).with_cache("unused").build().unwrap();
    drop(is_send(hub.download("org/name", "file")));
    drop(is_send(hub.snapshot("org/name", FileFilter::matching(["*"]))));
    drop(is_send(hub.download_gguf("org/name")));
    drop(is_send(hub.dataset("org/name", "train")));
}
