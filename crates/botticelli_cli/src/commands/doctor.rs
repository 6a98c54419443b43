//! `doctor`: a line for each part, with the remedy.

use super::auth::token_place;
use crate::Exit;
use crate::cli::Connection;
use crate::connect::connect;
use crate::failure::{Failure, Outcome};
use crate::output::Console;
use crate::settings::Settings;
use botticelli::{BotticelliDriver, BotticelliErrorKind, Environment, ErrorCategory, HuggingFaceDriver};

/// Variables that send requests through a proxy.
const PROXIES: [&str; 6] =
    ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "HTTP_PROXY", "http_proxy"];

/// Checks every part that a call needs.
pub(crate) async fn doctor(
    connection: &Connection,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let mut report = Report { console, worst: Exit::Complete };
    let file = settings.file().map_or("no file, defaults".to_owned(), |file| file.display().to_string());
    report.good("configuration", &file)?;
    let proxy = PROXIES.iter().find(|name| environment.variable(name).is_some());
    report.good("proxy", &proxy.map_or("none".to_owned(), |name| format!("from {name}")))?;
    report.good("token", &token_place(&settings, environment))?;
    check_engine(environment, &mut report)?;
    let connected = match connect(settings, connection, &[], environment, report.console).await {
        Ok(connected) => connected,
        Err(failure) => {
            report.bad("driver", &failure)?;
            return Ok(report.end());
        }
    };
    report
        .good("driver", &format!("{} for {}", connected.driver.provider_name(), connected.config.model()))?;
    if connected.driver.provider_name() != "huggingface" {
        return Ok(report.end());
    }
    let catalog = HuggingFaceDriver::from_config(&connected.config, connected.environment.clone())?.catalog();
    match catalog.refresh().await {
        Ok(models) => {
            report.good("network", "the server answers")?;
            report.good("catalog", &format!("{} models", models.len()))?;
            let id = connected.config.model().split(':').next().unwrap_or_default();
            match models.iter().find(|model| model.id == id) {
                Some(model) => report.good("model", &format!("{id}, {} providers", model.providers.len()))?,
                None => report.note(
                    "model",
                    &format!("{id} is not in the catalog; `botticelli models` lists others"),
                )?,
            }
        }
        Err(error) => {
            let is_network = matches!(error.kind(), BotticelliErrorKind::Http(_));
            let is_missing = error.category() == ErrorCategory::NotFound;
            let part = if is_network { "network" } else { "catalog" };
            if is_missing {
                report.note("catalog", "this server has none, so prices are unknown")?;
            } else {
                report.bad(part, &error.into())?;
            }
        }
    }
    Ok(report.end())
}

#[cfg(feature = "gguf")]
fn check_engine(environment: &Environment, report: &mut Report<'_>) -> Outcome<()> {
    let _ = environment;
    #[cfg(feature = "hub")]
    {
        match botticelli::Hub::builder().with_environment(environment.clone()).build() {
            Ok(hub) => {
                let count = hub.list().map(|models| models.len()).unwrap_or_default();
                report.good(
                    "local engine",
                    &format!("ready, {count} repositories in {}", hub.cache().display()),
                )?;
            }
            Err(error) => report.note("local engine", &error.to_string())?,
        }
    }
    #[cfg(not(feature = "hub"))]
    report.good("local engine", "ready, for GGUF files")?;
    Ok(())
}

#[cfg(not(feature = "gguf"))]
fn check_engine(_environment: &Environment, report: &mut Report<'_>) -> Outcome<()> {
    report.note("local engine", "not part of this build (feature `gguf`)")
}

/// The lines of the report.
struct Report<'a> {
    console: &'a mut Console,
    worst: Exit,
}

impl Report<'_> {
    fn good(&mut self, part: &str, text: &str) -> Outcome<()> {
        self.line("ok", part, text)
    }

    fn note(&mut self, part: &str, text: &str) -> Outcome<()> {
        self.line("--", part, text)
    }

    fn bad(&mut self, part: &str, failure: &Failure) -> Outcome<()> {
        if self.worst == Exit::Complete {
            self.worst = failure.exit();
        }
        let text = failure.lines().join("\n              ");
        self.line("NO", part, &text)
    }

    fn line(&mut self, mark: &str, part: &str, text: &str) -> Outcome<()> {
        self.console.print_line(&format!("{mark}  {part:13} {}", crate::output::sanitized(text)))
    }

    fn end(self) -> Exit {
        self.worst
    }
}
