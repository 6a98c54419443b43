//! When the credits are gone, calls continue on this machine.

use super::{ModelFile, TinyModel};
use botticelli::{Environment, config_from_toml, driver_from};
use botticelli_sandbox::{Sandbox, Script};

#[tokio::test]
async fn a_local_model_takes_over_when_the_credits_are_gone() {
    let exhausted = Script::json(402, r#"{"error":"You have exceeded your monthly included credits"}"#);
    let sandbox = Sandbox::builder().with_turn(exhausted).start().await.unwrap();
    let file = ModelFile::new(&TinyModel::script(&["from", " here"]));
    let toml = format!(
        "[llm]\nprovider = \"huggingface\"\nmodel = \"openai/gpt-oss-20b\"\n\
         [llm.huggingface]\nbase_url = {:?}\ncatalog_prices = false\n\
         [llm.rate_limit]\nrequests_per_minute = 1\n\
         [[llm.fallback]]\nprovider = \"gguf\"\nmodel = {:?}\ncontext_length = 128\non = [\"credits_exhausted\"]\n",
        sandbox.base_url(),
        file.path,
    );
    let environment = Environment::empty().with("HF_TOKEN", Sandbox::TOKEN);
    let driver = driver_from(&config_from_toml(&toml).unwrap(), environment).unwrap();
    let response = driver.generate("Hi".into()).await.unwrap();
    assert_eq!(response.text(), "from here");
    assert_eq!(response.provider(), Some("gguf"));
    assert_eq!(sandbox.requests().len(), 1);
}
