//! The owner of a token.

use super::call::{Call, CallKind, clean};
use super::client::unusable;
use super::endpoints::Endpoints;
use super::json::{list, text};
use botticelli_error::BotticelliError;
use reqwest::Method;
use serde_json::Value;

/// The subject of an error about the owner.
const SUBJECT: &str = "(the owner of the token)";

/// The owner of a token, and the permissions of the token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TokenOwner {
    name: String,
    organizations: Vec<String>,
    token_name: Option<String>,
    role: Option<String>,
    permissions: Vec<String>,
}

impl TokenOwner {
    /// Reads an owner; `None` without a name. `clean` removes secrets, which a server may repeat.
    fn read(body: &Value, clean: impl Fn(String) -> String) -> Option<Self> {
        let mut permissions: Vec<String> = Vec::new();
        let grants = list(body, "/auth/accessToken/fineGrained/scoped").iter();
        let scoped = grants.flat_map(|grant| list(grant, "/permissions"));
        let global = list(body, "/auth/accessToken/fineGrained/global");
        for permission in global.iter().chain(scoped).filter_map(Value::as_str) {
            let permission = clean(permission.to_owned());
            if !permissions.contains(&permission) {
                permissions.push(permission);
            }
        }
        let text = |value: &Value, pointer: &str| text(value, pointer).map(&clean);
        Some(Self {
            name: text(body, "/name")?,
            organizations: list(body, "/orgs").iter().filter_map(|one| text(one, "/name")).collect(),
            token_name: text(body, "/auth/accessToken/displayName"),
            role: text(body, "/auth/accessToken/role"),
            permissions,
        })
    }

    /// Returns the name of the user or the organization.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the organizations of the user.
    pub fn organizations(&self) -> &[String] {
        &self.organizations
    }

    /// Returns the name that the owner gave to the token.
    pub fn token_name(&self) -> Option<&str> {
        self.token_name.as_deref()
    }

    /// Returns the role of the token: `read`, `write` or `fineGrained`.
    pub fn role(&self) -> Option<&str> {
        self.role.as_deref()
    }

    /// Returns the permissions of a fine-grained token, such as `inference.serverless.write`.
    pub fn permissions(&self) -> &[String] {
        &self.permissions
    }
}

impl Endpoints {
    /// Asks the Hub for the owner and the permissions of the token.
    ///
    /// # Errors
    ///
    /// An [`EndpointError`](botticelli_error::EndpointError), for example if the token is rejected, or a failed connection.
    pub async fn owner(&self) -> Result<TokenOwner, BotticelliError> {
        let call = Call::new(Method::GET, "api/whoami-v2".to_owned(), SUBJECT, CallKind::List);
        let hub = &self.settings.hub;
        let body = hub.json(&call, hub.limit).await?;
        // The Hub does not receive every token of the management API.
        let clean = |text| clean(clean(text, &hub.credentials, &[]), &self.settings.client.credentials, &[]);
        TokenOwner::read(&body, clean)
            .ok_or_else(|| unusable(SUBJECT, "the Hub does not name the owner of the token"))
    }
}
