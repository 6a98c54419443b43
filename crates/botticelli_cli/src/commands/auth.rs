//! `auth`: the token and its origin.

use crate::Exit;
use crate::failure::Outcome;
use crate::output::Console;
use crate::settings::Settings;
use botticelli::endpoints::{Endpoints, TokenOwner};
use botticelli::{BotticelliError, Environment, HuggingFaceDriver};
use std::path::PathBuf;

/// The variables with a token, in the order of the library.
const VARIABLES: [&str; 3] = ["HUGGINGFACE_API_TOKEN", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"];

/// The permission to call models at providers.
const INFERENCE: &str = "inference.serverless.write";

/// Prints which token is used, and its owner, but never the token.
pub(crate) async fn auth(
    settings: &Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let mut settings = settings.clone();
    settings.set("provider", "huggingface", crate::settings::Origin::Default);
    let config = settings.config()?;
    // The driver decides whether the token can be used.
    HuggingFaceDriver::from_config(&config, environment.clone())?;
    let server = settings.get("huggingface.base_url").and_then(toml::Value::as_str).map(str::to_owned);
    let server = server.or_else(|| environment.variable("HUGGINGFACE_BASE_URL"));
    console.print_line(&format!("token   {}", token_place(&settings, environment)))?;
    console.print_line(&format!(
        "server  {}",
        server.as_deref().unwrap_or("https://router.huggingface.co/v1")
    ))?;
    if let Some(organization) = settings.get("huggingface.bill_to").and_then(toml::Value::as_str) {
        console.print_line(&format!("pays    {organization}"))?;
    }
    let variable = settings.get("auth.api_key_env").and_then(toml::Value::as_str);
    let owner = account(variable, environment).await?;
    console.print_line(&format!("owner   {}", owner.name()))?;
    if !owner.organizations().is_empty() {
        console.print_line(&format!("in      {}", owner.organizations().join(", ")))?;
    }
    let role = owner.role().unwrap_or("unknown role");
    console.print_line(&format!("role    {role} ({})", owner.token_name().unwrap_or("without a name")))?;
    if owner.role() == Some("fineGrained") {
        let permissions = owner.permissions();
        console.print_line(&format!("may     {}", permissions.join(", ")))?;
        if !permissions.iter().any(|permission| permission == INFERENCE) {
            console.note(&format!("The token lacks {INFERENCE}, which calls to models need."));
        }
    }
    Ok(Exit::Complete)
}

/// Asks the Hub for the owner of the token. `variable` is the one that the configuration names.
pub(crate) async fn account(
    variable: Option<&str>,
    environment: &Environment,
) -> Result<TokenOwner, BotticelliError> {
    let mut client = Endpoints::builder().with_environment(environment.clone());
    if let Some(token) = variable.and_then(|name| environment.variable(name)) {
        client = client.with_token(token);
    }
    client.build()?.owner().await
}

/// Returns the place of the token that the driver finds.
pub(crate) fn token_place(settings: &Settings, environment: &Environment) -> String {
    if let Some(name) = settings.get("auth.api_key_env").and_then(toml::Value::as_str) {
        let origin = settings.origin("auth.api_key_env").map(ToString::to_string).unwrap_or_default();
        return format!("the variable {name} ({origin})");
    }
    if let Some(name) = VARIABLES.iter().find(|name| environment.variable(name).is_some()) {
        return format!("the variable {name}");
    }
    match token_file(environment) {
        Some(path) => format!("the file {}", path.display()),
        None => "none".to_owned(),
    }
}

/// Returns the token file of the `hf` tools that exists.
fn token_file(environment: &Environment) -> Option<PathBuf> {
    let below =
        |name: &str, path: &str| environment.variable(name).map(|folder| PathBuf::from(folder).join(path));
    let places = [
        environment.variable("HF_TOKEN_PATH").map(PathBuf::from),
        below("HF_HOME", "token"),
        below("XDG_CACHE_HOME", "huggingface/token"),
        environment.home().map(|home| home.join(".cache/huggingface/token")),
    ];
    // The first place that is named is the only one that is read.
    places.into_iter().flatten().next().filter(|path| path.exists())
}
