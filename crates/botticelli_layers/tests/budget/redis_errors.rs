//! Error responses of Redis servers.

use crate::common::{Attempt, Service, noon};
use botticelli_core::{CostEstimate, Usd};
use botticelli_error::ErrorCategory;
use botticelli_interface::BotticelliDriver;
use botticelli_layers::LayerExt;
use botticelli_layers::budget::{Budget, Ledger};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Starts a server that refuses every script with this error, and returns its address.
async fn refusing(error: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("redis://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut buffer = vec![0; 65_536];
            while let Ok(count @ 1..) = client.read(&mut buffer).await {
                let received = String::from_utf8_lossy(&buffer[..count]).to_lowercase();
                for command in received.split('*').skip(1) {
                    let reply = if command.contains("evalsha") { error } else { "+OK" };
                    client.write_all(format!("{reply}\r\n").as_bytes()).await.unwrap();
                }
            }
        }
    });
    address
}

/// The advice fits the error.
#[tokio::test]
async fn an_error_of_a_server_has_its_own_advice() {
    let cluster = "it is a node of a cluster, and a script needs all of its keys on one server. Use a server that is not in a \
                   cluster.";
    let disk = "the server cannot save its data, and refuses changes. Free its disk, and look at its log.";
    for (error, ending) in [
        ("-CROSSSLOT Keys in request don't hash to the same slot", cluster),
        ("-MOVED 3999 127.0.0.1:6381", cluster),
        ("-CLUSTERDOWN Hash slot not served", cluster),
        (
            "-MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk.",
            disk,
        ),
        ("-LOADING Redis is loading the dataset in memory", "the server is starting. Try again in a moment."),
    ] {
        let ledger = Ledger::open(&refusing(error).await).unwrap();
        let budget = Budget::per_month(Usd::from_nano_dollars(250)).with_clock(noon(0)).with_ledger(ledger);
        let driver = Service::new(CostEstimate::at_most(100), [Attempt::Answer(1)]).with_budget(budget);
        let refused = driver.generate("Hi".into()).await.unwrap_err();
        assert_eq!((refused.category(), driver.inner().sent()), (ErrorCategory::Store, 0));
        assert!(refused.to_string().ends_with(ending), "{error}: {refused}");
    }
}
