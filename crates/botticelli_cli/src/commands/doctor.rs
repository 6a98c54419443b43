//! `doctor`: a line for each part, with the remedy.

use super::auth::{account, token_place};
use super::doctor_network::{check_clock, check_network};
use super::doctor_report::Report;
use crate::Exit;
use crate::cli::Connection;
use crate::connect::{Connected, connect, connect_for_lookups};
use crate::failure::{Failure, Outcome, is_missing_token};
use crate::output::Console;
use crate::settings::Settings;
use botticelli::{BotticelliDriver, Environment, ErrorCategory, HuggingFaceConfig, HuggingFaceDriver};
use std::time::SystemTime;

/// Checks every part that a call needs.
pub(crate) async fn doctor(
    connection: &Connection,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let mut report = Report::new(console);
    let file = settings.file().map_or("no file, defaults".to_owned(), |file| file.display().to_string());
    report.good("configuration", &file)?;
    check_engine(environment, &mut report)?;
    let place = token_place(&settings, environment);
    if connection.sandbox.is_some() {
        report.good("token", "the sandbox's own")?;
    } else if place == "none" {
        report.note("token", "none")?;
    } else {
        report.good("token", &place)?;
    }
    let Some(connected) = check_driver(connection, settings, environment, &mut report).await? else {
        return Ok(report.end());
    };
    if connected.driver.provider_name() != "huggingface" {
        return Ok(report.end());
    }
    // A list of models costs nothing.
    let driver = HuggingFaceDriver::for_lookups(&connected.config, connected.environment.clone())?;
    let catalog = driver.catalog();
    let result = catalog.refresh().await;
    let base_url = base_url(&connected)?;
    let is_secure = base_url.as_deref().is_none_or(|url| url.trim_start().starts_with("https://"));
    if !check_network(result.as_ref().err(), is_secure, &connected.environment, &mut report)? {
        return Ok(report.end());
    }
    check_clock(catalog.server_date(), SystemTime::now(), &mut report)?;
    match result {
        Ok(models) => {
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
        Err(error) if error.category() == ErrorCategory::NotFound => {
            report.note("catalog", "this server has none, so prices are unknown")?;
        }
        Err(error) => report.bad("catalog", &error.into())?,
    }
    check_account(&connected, base_url.is_some(), connection, &mut report).await?;
    Ok(report.end())
}

/// Builds the driver. Without a token, the lookups still work.
async fn check_driver(
    connection: &Connection,
    settings: Settings,
    environment: &Environment,
    report: &mut Report<'_>,
) -> Outcome<Option<Connected>> {
    let failure = match connect(settings.clone(), connection, &[], environment, report.console).await {
        Ok(connected) => {
            let name = connected.driver.provider_name();
            report.good("driver", &format!("{name} for {}", connected.config.model()))?;
            return Ok(Some(connected));
        }
        Err(failure) => failure,
    };
    report.bad("driver", &failure)?;
    if !failure.error().is_some_and(is_missing_token) {
        return Ok(None);
    }
    let connected = connect_for_lookups(settings, connection, &[], environment, report.console).await?;
    Ok(Some(connected))
}

/// Returns the base URL, unless it is the URL of Hugging Face's router.
fn base_url(connected: &Connected) -> Outcome<Option<String>> {
    let config = HuggingFaceConfig::from_config(&connected.config)?;
    let named = config.base_url().map(str::to_owned);
    Ok(named.or_else(|| connected.environment.variable("HUGGINGFACE_BASE_URL")))
}

/// Asks the Hub for the owner of the token, which costs nothing.
async fn check_account(
    connected: &Connected,
    is_other_server: bool,
    connection: &Connection,
    report: &mut Report<'_>,
) -> Outcome<()> {
    let environment = &connected.environment;
    let has_hub = connection.sandbox.is_some() || environment.variable("HF_ENDPOINT").is_some();
    if is_other_server && !has_hub {
        return report.note("account", "not checked, because this server is not Hugging Face's router");
    }
    match account(connected.config.auth().api_key_env(), environment).await {
        Ok(owner) => report.good("account", &format!("the token of {} is accepted", owner.name())),
        Err(error) if is_missing_token(&error) => report.note("account", "not checked without a token"),
        Err(error) => report.bad("account", &Failure::from(error)),
    }
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
