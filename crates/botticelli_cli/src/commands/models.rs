//! `models`: the catalog.

use crate::Exit;
use crate::cli::{Connection, ModelOrder, ModelsArgs, ModelsCommand, ShowArgs};
use crate::connect::connect_for_lookups;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, columns};
use crate::settings::Settings;
use botticelli::{
    Catalog, Environment, HuggingFaceDriver, ModelFilter, ModelInfo, ModelMatch, Price, ProviderListing,
    SearchOrder, Usd,
};
use serde_json::{Value, json};

/// Lists models, or shows one.
pub(crate) async fn models(
    arguments: &ModelsArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    match &arguments.command {
        None => list(arguments, settings, environment, console).await?,
        Some(ModelsCommand::Show(arguments)) => show(arguments, settings, environment, console).await?,
        #[cfg(feature = "hub")]
        Some(ModelsCommand::Local) => return super::pull::list(environment, console),
        #[cfg(feature = "hub")]
        Some(ModelsCommand::Rm { name }) => return super::pull::remove(name, environment, console),
    }
    Ok(Exit::Complete)
}

/// A catalog, with the connection that it needs.
async fn catalog(
    settings: Settings,
    connection: &Connection,
    environment: &Environment,
    console: &Console,
) -> Outcome<(Catalog, crate::connect::Connected)> {
    let mut settings = settings;
    settings.set("provider", "huggingface", crate::settings::Origin::Default);
    let connected = connect_for_lookups(settings, connection, &[], environment, console).await?;
    let driver = HuggingFaceDriver::for_lookups(&connected.config, connected.environment.clone())?;
    Ok((driver.catalog(), connected))
}

async fn list(
    arguments: &ModelsArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<()> {
    let filter = filter(arguments)?;
    let (catalog, _connected) = catalog(settings, &arguments.connection, environment, console).await?;
    if arguments.refresh {
        catalog.refresh().await?;
    }
    let mut found = catalog.search(&filter).await?;
    if let Some(warning) = catalog.warning() {
        console.note(&format!("Warning: {warning}"));
    }
    if let Some(limit) = arguments.limit {
        found.truncate(limit);
    }
    if arguments.json {
        let list: Vec<Value> = found.iter().map(match_json).collect();
        return console.print_line(&Value::Array(list).to_string());
    }
    if found.is_empty() {
        return Err(Failure::new(Exit::Failed, "no model fits. Leave out an option, or a part of the name."));
    }
    let mut rows = vec![["model", "$ in", "$ out", "context", "tokens/s", "can"].map(str::to_owned).to_vec()];
    rows.extend(found.iter().map(|found| {
        let mut row = vec![found.route()];
        row.extend(cells(&found.provider));
        row
    }));
    let width = console.is_terminal().then(|| console.width());
    console.print(&columns(&rows, width))?;
    console.note("Prices are USD per million tokens. `botticelli models show MODEL` prints more.");
    Ok(())
}

fn filter(arguments: &ModelsArgs) -> Outcome<ModelFilter> {
    let mut filter = ModelFilter::new().with_order(match arguments.sort {
        ModelOrder::Price => SearchOrder::Price,
        ModelOrder::Throughput => SearchOrder::Throughput,
        ModelOrder::FirstToken => SearchOrder::FirstToken,
        ModelOrder::Context => SearchOrder::ContextLength,
        ModelOrder::Listed => SearchOrder::Listed,
    });
    if let Some(text) = &arguments.query {
        filter = filter.with_text(text);
    }
    if arguments.tools {
        filter = filter.with_tools();
    }
    if arguments.schemas {
        filter = filter.with_schema();
    }
    if arguments.images {
        filter = filter.with_images();
    }
    if let Some(tokens) = arguments.context {
        filter = filter.with_context_length(tokens);
    }
    if let Some(provider) = &arguments.provider {
        filter = filter.with_provider(provider);
    }
    match arguments.max_price {
        None => filter = filter.with_unknown(),
        Some(price) => {
            let price = Price::from_usd_per_million(price, price).ok_or_else(|| {
                Failure::usage(format!("--max-price: {price} is not an amount. Write USD, such as 0.5."))
            })?;
            filter = filter.with_max_price(price);
        }
    }
    Ok(filter)
}

async fn show(
    arguments: &ShowArgs,
    settings: Settings,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<()> {
    let (catalog, _connected) = catalog(settings, &arguments.connection, environment, console).await?;
    let id = arguments.name.split(':').next().unwrap_or_default();
    let Some(model) = catalog.model(id).await? else {
        return Err(Failure::new(
            Exit::Refused,
            format!(
                "the catalog has no model '{id}'. `botticelli models {}` lists similar names.",
                last_part(id)
            ),
        ));
    };
    if arguments.json {
        let value =
            serde_json::to_value(&model).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        return console.print_line(&value.to_string());
    }
    console.print(&text(&model))
}

fn last_part(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// Returns a model and its providers as text.
fn text(model: &ModelInfo) -> String {
    let mut rows = vec![
        ["provider", "$ in", "$ out", "context", "tokens/s", "can", "status"].map(str::to_owned).to_vec(),
    ];
    rows.extend(model.providers.iter().map(|provider| {
        let mut row = vec![provider.name.clone()];
        row.extend(cells(provider));
        row.push(provider.status.clone().unwrap_or_default());
        row
    }));
    format!(
        "{}\nreads {}, writes {}\n\n{}",
        model.id,
        model.input_modalities.join(", "),
        model.output_modalities.join(", "),
        columns(&rows, None)
    )
}

/// Returns the price, the context length, the speed and the abilities at a provider.
fn cells(provider: &ProviderListing) -> Vec<String> {
    let dollars = |nanos: u64| {
        let cents = nanos.saturating_add(500_000) / 1_000_000;
        format!("{}.{:03}", cents / 1000, cents % 1000)
    };
    let price = |part: fn(&Price) -> u64| {
        provider.price.as_ref().map_or_else(|| "?".to_owned(), |price| dollars(part(price)))
    };
    let mut abilities = Vec::new();
    if provider.supports_tools == Some(true) {
        abilities.push("tools");
    }
    if provider.supports_structured_output == Some(true) {
        abilities.push("schemas");
    }
    vec![
        price(|price| price.prompt),
        price(|price| price.completion),
        provider.context_length.map(|tokens| tokens.to_string()).unwrap_or_default(),
        speed(provider),
        abilities.join(" "),
    ]
}

/// Returns the throughput in tokens per second, without decimals.
fn speed(provider: &ProviderListing) -> String {
    let text = provider.throughput.map(|speed| speed.to_string()).unwrap_or_default();
    text.split(['.', ' ']).next().unwrap_or_default().to_owned()
}

fn match_json(found: &ModelMatch) -> Value {
    let mut value = serde_json::to_value(&found.provider).unwrap_or_else(|_| json!({}));
    if let Some(object) = value.as_object_mut() {
        object.insert("provider".to_owned(), found.provider.name.clone().into());
        object.remove("name");
        object.remove("price");
        let price = found.provider.price.as_ref();
        for (key, nanos) in [
            ("usd_per_million_in", price.map(|price| price.prompt)),
            ("usd_per_million_out", price.map(|price| price.completion)),
        ] {
            let amount = nanos.map(|nanos| Usd::from_nano_dollars(nanos).to_string());
            object.insert(
                key.to_owned(),
                json!(amount.map(|amount| amount.trim_start_matches('$').to_owned())),
            );
        }
        object.insert("model".to_owned(), found.model.clone().into());
        object.insert("route".to_owned(), found.route().into());
    }
    value
}
