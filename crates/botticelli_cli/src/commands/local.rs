//! Models on this machine.

use crate::failure::Outcome;
use crate::output::Console;
use crate::settings::Settings;
use botticelli::Environment;

/// Replaces the name of a model on the Hub with the path of its file, and downloads the file if it is missing.
#[cfg(all(feature = "gguf", feature = "hub"))]
pub(crate) async fn fetch_model(
    settings: &mut Settings,
    environment: &Environment,
    console: &Console,
) -> Outcome<()> {
    let model = settings.get("model").and_then(toml::Value::as_str).unwrap_or_default().to_owned();
    if is_path(&model) {
        return Ok(());
    }
    let path = download(&model, environment, console).await?;
    if let Some(path) = path.to_str() {
        let origin = settings.origin("model").cloned().unwrap_or(crate::settings::Origin::Default);
        settings.set("model", path, origin);
    }
    Ok(())
}

/// Returns the file of a model, and downloads it if necessary.
#[cfg(feature = "hub")]
pub(crate) async fn download(
    model: &str,
    environment: &Environment,
    console: &Console,
) -> Outcome<std::path::PathBuf> {
    use crate::failure::Failure;
    let progress = crate::output::DownloadProgress::new(console);
    let hub = botticelli::Hub::builder()
        .with_environment(environment.clone())
        .build()?
        .with_observer(move |step: &botticelli::hub::Progress| progress.show(step));
    tokio::select! {
        found = hub.download_gguf(model) => Ok(found?.path().to_owned()),
        _ = tokio::signal::ctrl_c() => {
            Err(Failure::interrupted("interrupted: the next download of the model continues from here"))
        }
    }
}

/// Returns whether the name of a model is a path, by the rule of the library.
#[cfg(all(feature = "gguf", feature = "hub"))]
fn is_path(model: &str) -> bool {
    let is_file = std::path::Path::new(model).extension().is_some_and(|extension| extension == "gguf");
    is_file || model.starts_with(['/', '.', '~'])
}

/// Leaves the model to the library, which names the missing feature.
#[cfg(not(all(feature = "gguf", feature = "hub")))]
#[allow(clippy::unused_async, reason = "as with the features")]
pub(crate) async fn fetch_model(
    _settings: &mut Settings,
    _environment: &Environment,
    _console: &Console,
) -> Outcome<()> {
    Ok(())
}
