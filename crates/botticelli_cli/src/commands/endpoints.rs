//! `endpoints`: dedicated endpoints.

use crate::Exit;
use crate::cli::{CreateArgs, EndpointsArgs, EndpointsCommand, ScaleArgs};
use crate::confirm::ask_user;
use crate::failure::{Failure, Outcome};
use crate::output::{Console, columns};
use botticelli::endpoints::{
    EndpointAccess, EndpointInstance, EndpointProgress, EndpointSpec, EndpointUpdate, Endpoints,
    InferenceEndpoint,
};
use botticelli::{Environment, Usd};
use serde_json::{Value, json};
use std::io::Write;

/// Runs a command about dedicated endpoints.
pub(crate) async fn endpoints(
    arguments: &EndpointsArgs,
    environment: &Environment,
    console: &mut Console,
) -> Outcome<Exit> {
    let client = client(arguments, environment, console)?;
    let is_json = arguments.json;
    match &arguments.command {
        EndpointsCommand::Ls => list(&client.list().await?, is_json, console)?,
        EndpointsCommand::Instances => instances(&client.instances().await?, is_json, console)?,
        EndpointsCommand::Show { name } => show(&client.get(name).await?, is_json, console)?,
        EndpointsCommand::Create(create) => {
            let endpoint = new_endpoint(create, &client, environment, console).await?;
            show(&endpoint, is_json, console)?;
        }
        EndpointsCommand::Pause { name } => show(&client.pause(name).await?, is_json, console)?,
        EndpointsCommand::Resume { name, wait } => {
            let endpoint = client.resume(name).await?;
            let endpoint = if *wait { waited(&client, name).await? } else { endpoint };
            show(&endpoint, is_json, console)?;
        }
        EndpointsCommand::Scale(scale) => show(&scaled(scale, &client).await?, is_json, console)?,
        EndpointsCommand::Delete { name, yes } => {
            confirm(&format!("Delete the endpoint {name}?"), *yes)?;
            client.delete(name).await?;
            console.note(&format!("Deleted {name}"));
        }
        EndpointsCommand::Logs { name, lines } => {
            let text = client.logs(name, *lines).await?;
            let text = if console.is_terminal() { crate::output::sanitized(&text) } else { text };
            console.print_line(text.trim_end())?;
        }
    }
    Ok(Exit::Complete)
}

fn client(arguments: &EndpointsArgs, environment: &Environment, console: &Console) -> Outcome<Endpoints> {
    let mut builder = Endpoints::builder().with_environment(environment.clone());
    if let Some(namespace) = &arguments.namespace {
        builder = builder.with_namespace(namespace);
    }
    if let Some(url) = &arguments.api_url {
        builder = builder.with_base_url(url);
    }
    if let Some(price) = &arguments.max_price {
        let price = Usd::parse(price).map_err(|error| Failure::usage(format!("--max-price: {error}")))?;
        builder = builder.with_max_price_per_hour(price);
    }
    if !console.is_quiet() {
        builder = builder.with_observer(|progress: &EndpointProgress| {
            let line = format!("{} after {} s\n", progress.state().as_str(), progress.elapsed().as_secs());
            // A closed standard error is ignored: there is nowhere to report it.
            let _ = std::io::stderr().write_all(line.as_bytes());
        });
    }
    Ok(builder.build()?)
}

async fn new_endpoint(
    arguments: &CreateArgs,
    client: &Endpoints,
    environment: &Environment,
    console: &Console,
) -> Outcome<InferenceEndpoint> {
    let spec = spec(arguments, environment)?;
    let price = client.price(&spec).await?;
    let text = format!(
        "{} costs {} per hour, and {} with all replicas.",
        arguments.name,
        price.replica_per_hour(),
        price.max_per_hour()
    );
    console.note(&text);
    confirm(&format!("Create the endpoint {}?", arguments.name), arguments.yes)?;
    let endpoint = client.create(&spec).await?;
    if arguments.wait { waited(client, &arguments.name).await } else { Ok(endpoint) }
}

fn spec(arguments: &CreateArgs, environment: &Environment) -> Outcome<EndpointSpec> {
    let mut spec =
        EndpointSpec::new(&arguments.name, &arguments.model).with_replicas(arguments.min, arguments.max);
    if let [instance, size] = arguments.instance.as_slice() {
        spec = spec.with_instance(instance, size);
    }
    if let [cloud, region] = arguments.region.as_slice() {
        spec = spec.with_region(cloud, region);
    }
    if arguments.scale_to_zero.is_some() {
        spec = spec.with_scale_to_zero_minutes(arguments.scale_to_zero);
    }
    if let Some(access) = &arguments.access {
        let access: EndpointAccess =
            access.parse().map_err(|error| Failure::usage(format!("--access: {error}")))?;
        spec = spec.with_access(access);
    }
    if let Some(task) = &arguments.task {
        spec = spec.with_task(task);
    }
    for pair in &arguments.variables {
        let Some((name, value)) = pair.split_once('=') else {
            return Err(Failure::usage(format!("--env {pair}: there is no '='. Write --env NAME=VALUE.")));
        };
        spec = spec.with_variable(name, value);
    }
    for name in &arguments.secrets {
        let Some(value) = environment.variable(name) else {
            return Err(Failure::usage(format!("--secret {name}: the variable is not set in this shell")));
        };
        spec = spec.with_secret(name, value);
    }
    Ok(spec)
}

async fn scaled(arguments: &ScaleArgs, client: &Endpoints) -> Outcome<InferenceEndpoint> {
    if arguments.zero {
        return Ok(client.scale_to_zero(&arguments.name).await?);
    }
    let mut update = EndpointUpdate::new();
    if let Some(minimum) = arguments.min {
        update = update.with_min_replicas(minimum);
    }
    if let Some(maximum) = arguments.max {
        update = update.with_max_replicas(maximum);
    }
    if arguments.min.is_none() && arguments.max.is_none() {
        return Err(Failure::usage("the number of replicas is missing. Add --min N, --max N or --zero."));
    }
    Ok(client.update(&arguments.name, &update).await?)
}

async fn waited(client: &Endpoints, name: &str) -> Outcome<InferenceEndpoint> {
    tokio::select! {
        endpoint = client.wait_until_running(name) => Ok(endpoint?),
        _ = tokio::signal::ctrl_c() => Err(Failure::interrupted(format!(
            "interrupted: {name} continues to start and to cost money. `botticelli endpoints pause {name}` stops it."
        ))),
    }
}

fn confirm(question: &str, is_confirmed: bool) -> Outcome<()> {
    if is_confirmed {
        return Ok(());
    }
    match ask_user(question) {
        Some(true) => Ok(()),
        Some(false) => Err(Failure::interrupted("nothing was changed")),
        None => Err(Failure::usage("there is no terminal to ask for confirmation. Add --yes.")),
    }
}

fn list(endpoints: &[InferenceEndpoint], is_json: bool, console: &mut Console) -> Outcome<()> {
    if is_json {
        let list: Vec<Value> = endpoints.iter().map(endpoint_json).collect();
        return console.print_line(&Value::Array(list).to_string());
    }
    if endpoints.is_empty() {
        console.note("There is no endpoint.");
        return Ok(());
    }
    let mut rows = vec![["name", "state", "model", "instance", "url"].map(str::to_owned).to_vec()];
    rows.extend(endpoints.iter().map(|endpoint| {
        vec![
            endpoint.name().to_owned(),
            endpoint.state().as_str().to_owned(),
            endpoint.repository().to_owned(),
            instance(endpoint),
            endpoint.url().unwrap_or_default().to_owned(),
        ]
    }));
    let width = console.is_terminal().then(|| console.width());
    console.print(&columns(&rows, width))
}

fn instance(endpoint: &InferenceEndpoint) -> String {
    let parts = [endpoint.instance_type(), endpoint.instance_size()];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

fn show(endpoint: &InferenceEndpoint, is_json: bool, console: &mut Console) -> Outcome<()> {
    let object = endpoint_json(endpoint);
    if is_json {
        return console.print_line(&object.to_string());
    }
    let rows: Vec<Vec<String>> = object
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(_, value)| !value.is_null())
        .map(|(key, value)| {
            vec![key.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned)]
        })
        .collect();
    console.print(&columns(&rows, None))
}

fn endpoint_json(endpoint: &InferenceEndpoint) -> Value {
    json!({
        "name": endpoint.name(),
        "namespace": endpoint.namespace(),
        "state": endpoint.state().as_str(),
        "billed": endpoint.state().is_billed(),
        "message": endpoint.message(),
        "url": endpoint.url(),
        "model": endpoint.repository(),
        "revision": endpoint.revision(),
        "task": endpoint.task(),
        "access": endpoint.access().map(EndpointAccess::as_str),
        "cloud": endpoint.vendor(),
        "region": endpoint.region(),
        "instance": instance(endpoint),
        "min_replicas": endpoint.min_replicas(),
        "max_replicas": endpoint.max_replicas(),
        "scale_to_zero_minutes": endpoint.scale_to_zero_minutes(),
        "ready_replicas": endpoint.ready_replicas(),
        "created_at": endpoint.created_at(),
        "updated_at": endpoint.updated_at(),
    })
}

fn instances(instances: &[EndpointInstance], is_json: bool, console: &mut Console) -> Outcome<()> {
    if is_json {
        let list: Vec<Value> = instances
            .iter()
            .map(|instance| {
                json!({
                    "cloud": instance.vendor(),
                    "region": instance.region(),
                    "accelerator": instance.accelerator(),
                    "type": instance.instance_type(),
                    "size": instance.instance_size(),
                    "usd_per_hour": instance
                        .price_per_hour()
                        .map(|price| price.to_string().trim_start_matches('$').to_owned()),
                    "status": instance.status(),
                })
            })
            .collect();
        return console.print_line(&Value::Array(list).to_string());
    }
    let mut rows =
        vec![["instance", "per hour", "accelerator", "cloud", "region"].map(str::to_owned).to_vec()];
    rows.extend(instances.iter().map(|instance| {
        vec![
            format!("{} {}", instance.instance_type(), instance.instance_size()),
            instance.price_per_hour().map_or("?".to_owned(), |price| price.to_string()),
            instance.accelerator().to_owned(),
            instance.vendor().to_owned(),
            instance.region().to_owned(),
        ]
    }));
    let width = console.is_terminal().then(|| console.width());
    console.print(&columns(&rows, width))
}
