//! The clients that may call an endpoint.

use std::fmt;
use std::str::FromStr;

use botticelli_error::{BotticelliError, BuilderError};

/// The clients that may call an endpoint.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum EndpointAccess {
    /// Anyone, without a token.
    Public,
    /// Every user of Hugging Face, with a token.
    Authenticated,
    /// Members of the namespace, with a token. The web page calls this "Private".
    #[default]
    Protected,
    /// Clients of a private link to an account of the cloud.
    Private,
}

impl EndpointAccess {
    const ALL: [Self; 4] = [Self::Public, Self::Authenticated, Self::Protected, Self::Private];

    /// Returns the word of the service: `protected`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Authenticated => "authenticated",
            Self::Protected => "protected",
            Self::Private => "private",
        }
    }
}

impl fmt::Display for EndpointAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for EndpointAccess {
    type Err = BotticelliError;

    fn from_str(word: &str) -> Result<Self, BotticelliError> {
        Self::ALL.into_iter().find(|access| access.as_str() == word).ok_or_else(|| {
            let remedy = "use public, authenticated, protected or private";
            BuilderError::refused("EndpointSpec", "access", format!("{word:?}"), "it is unknown", remedy)
                .into()
        })
    }
}
