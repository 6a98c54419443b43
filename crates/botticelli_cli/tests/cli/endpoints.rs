//! `endpoints`: dedicated endpoints of the sandbox.

use crate::program::{Home, Run, Server};
use botticelli::sandbox::Sandbox;

struct Cloud {
    server: Server,
    home: Home,
}

impl Cloud {
    fn new() -> Self {
        let server = Server::start(Sandbox::builder());
        let home = Home::at(&server).with("TEST_SECRET", "hf_very_secret_value");
        Self { server, home }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let url = self.server.sandbox().management_url();
        self.home.run(&[&["endpoints", "--api-url", &url, "--namespace", "sandbox"], arguments].concat())
    }

    fn create(&self, arguments: &[&str]) -> Run {
        self.run(
            &[&["create", "mine", "-m", "openai/gpt-oss-20b", "--instance", "nvidia-l4", "x1"], arguments]
                .concat(),
        )
    }
}

#[test]
fn an_endpoint_is_created_scaled_paused_and_deleted() {
    let cloud = Cloud::new();
    assert!(cloud.run(&["ls"]).err.contains("There is no endpoint"));
    let created =
        cloud.create(&["--yes", "--max", "2", "--env", "A=b", "--secret", "TEST_SECRET", "--json", "-q"]);
    assert_eq!(created.code, 0, "{created:?}");
    let json = created.json();
    assert_eq!((&json["name"], &json["max_replicas"]), (&"mine".into(), &2.into()));
    assert!(!created.out.contains("very_secret") && !created.err.contains("very_secret"));
    let body = cloud.server.bodies()[0].to_string();
    assert!(body.contains("very_secret") && body.contains("\"A\":\"b\""), "{body}");
    assert!(cloud.run(&["ls"]).out.contains("mine"));
    assert_eq!(cloud.run(&["scale", "mine", "--max", "3", "--json"]).json()["max_replicas"], 3);
    assert_eq!(cloud.run(&["scale", "mine"]).code, 2);
    assert_eq!(cloud.run(&["pause", "mine", "--json"]).json()["state"], "paused");
    assert_eq!(cloud.run(&["show", "mine", "--json"]).json()["billed"], false);
    let unconfirmed = cloud.run(&["delete", "mine"]);
    assert!(unconfirmed.code == 2 && unconfirmed.err.contains("--yes"), "{unconfirmed:?}");
    assert_eq!(cloud.run(&["delete", "mine", "--yes"]).code, 0);
    assert_eq!(cloud.run(&["show", "mine"]).code, 4);
}

#[test]
fn a_price_is_shown_and_limited_before_anything_is_created() {
    let cloud = Cloud::new();
    let asked = cloud.create(&[]);
    assert!(asked.code == 2 && asked.err.contains("per hour") && asked.err.contains("--yes"), "{asked:?}");
    let dear = cloud.create(&["--yes", "--max-price", "0.01"]);
    assert_eq!(dear.code, 6, "{dear:?}");
    assert_eq!(cloud.server.bodies().len(), 0);
    let prices = cloud.run(&["instances", "--json"]).json();
    assert!(
        prices
            .as_array()
            .unwrap()
            .iter()
            .any(|price| price["type"] == "nvidia-l4" && price["usd_per_hour"].is_string())
    );
}

#[test]
fn wrong_endpoints_are_refused() {
    let cloud = Cloud::new();
    for (arguments, words) in [
        (&["--yes", "--env", "A"][..], "there is no '='"),
        (&["--yes", "--secret", "NOT_SET"], "NOT_SET"),
        (&["--yes", "--access", "everybody"], "--access"),
    ] {
        let run = cloud.create(arguments);
        assert!(run.code == 2 && run.err.contains(words), "{run:?}");
    }
}
