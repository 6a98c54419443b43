//! Amounts of money.

use botticelli_error::{BotticelliError, BuilderError};
use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Nano-dollars in a dollar, and the number of its zeros.
const DOLLAR: u64 = 1_000_000_000;
const DECIMALS: usize = 9;

/// An amount of US dollars, in whole nano-dollars (10⁻⁹ USD).
///
/// ```
/// use botticelli::Usd;
///
/// # fn main() -> Result<(), botticelli::BotticelliError> {
/// let budget = Usd::parse("0.10")?;
/// assert_eq!(budget.nano_dollars(), 100_000_000);
/// assert_eq!(budget.to_string(), "$0.10");
/// assert!(Usd::parse("-1").is_err());
/// assert!(Usd::parse("5 EUR").is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usd {
    nano_dollars: u64,
}

impl Usd {
    /// No money.
    pub const ZERO: Self = Self::from_nano_dollars(0);

    /// Returns an amount of nano-dollars.
    pub const fn from_nano_dollars(nano_dollars: u64) -> Self {
        Self { nano_dollars }
    }

    /// Returns the amount in nano-dollars.
    pub const fn nano_dollars(self) -> u64 {
        self.nano_dollars
    }

    /// Reads an amount: `0.10`, `$0.10` or `0.10 USD`.
    ///
    /// # Errors
    ///
    /// A [`BuilderError`] for an empty text, a negative amount, another currency, more than nine decimals, or an amount above
    /// 18 billion dollars.
    #[track_caller]
    pub fn parse(text: &str) -> Result<Self, BotticelliError> {
        read(text).map(Self::from_nano_dollars).map_err(|(reason, remedy)| {
            let shown: String = text.chars().take(40).collect();
            BuilderError::refused("Usd", "amount", format!("{shown:?}"), reason, remedy).into()
        })
    }
}

const EXAMPLE: &str = "write dollars, for example \"0.10\"";

/// Returns the nano-dollars of a text, or the reason and the remedy.
fn read(text: &str) -> Result<u64, (&'static str, &'static str)> {
    let text = text.trim();
    let amount = text.strip_prefix('$').or_else(|| text.strip_suffix("USD")).unwrap_or(text).trim();
    if amount.is_empty() {
        return Err(("it has no amount", EXAMPLE));
    }
    if amount.starts_with('-') {
        return Err(("it is negative", "give 0 or more"));
    }
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let is_number = |digits: &str| digits.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || (whole.is_empty() && fraction.is_empty()) {
        let is_currency = amount.starts_with(|first: char| first.is_ascii_digit());
        return Err(if is_currency && amount.contains(char::is_alphabetic) {
            ("it is not a number of US dollars", "convert it to US dollars, and write for example \"0.10\"")
        } else {
            ("it is not a decimal number", EXAMPLE)
        });
    }
    if fraction.len() > DECIMALS {
        return Err(("it has more than nine decimals", "round it to whole nano-dollars"));
    }
    let too_large = ("it is too large", "give less than 18 billion dollars");
    let dollars: u64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_large)? };
    let nanos: u64 = format!("{fraction:0<DECIMALS$}").parse().map_err(|_| too_large)?;
    dollars.checked_mul(DOLLAR).and_then(|dollars| dollars.checked_add(nanos)).ok_or(too_large)
}

impl FromStr for Usd {
    type Err = BotticelliError;

    #[track_caller]
    fn from_str(text: &str) -> Result<Self, BotticelliError> {
        Self::parse(text)
    }
}

/// `$0.10`: at least two decimals, and more if the amount needs them.
impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:09}", self.nano_dollars / DOLLAR, self.nano_dollars % DOLLAR);
        let zeros = text.bytes().rev().take_while(|digit| *digit == b'0').count().min(DECIMALS - 2);
        write!(f, "${}", text.get(..text.len() - zeros).unwrap_or_default())
    }
}

/// As text: `"0.10"`.
impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.to_string().trim_start_matches('$'))
    }
}

/// From text or from a number.
impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Amount;

        impl Amount {
            fn read<E: serde::de::Error>(text: &str) -> Result<Usd, E> {
                read(text).map(Usd::from_nano_dollars).map_err(|(reason, remedy)| {
                    E::custom(format!("`{text}` is not an amount, because {reason}: {remedy}"))
                })
            }
        }

        impl Visitor<'_> for Amount {
            type Value = Usd;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("dollars, for example \"0.10\"")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Usd, E> {
                Self::read(text)
            }

            fn visit_u64<E: serde::de::Error>(self, dollars: u64) -> Result<Usd, E> {
                Self::read(&dollars.to_string())
            }

            fn visit_i64<E: serde::de::Error>(self, dollars: i64) -> Result<Usd, E> {
                Self::read(&dollars.to_string())
            }

            // The shortest text that reads as the same number is what the user wrote.
            fn visit_f64<E: serde::de::Error>(self, dollars: f64) -> Result<Usd, E> {
                Self::read(&dollars.to_string())
            }
        }

        deserializer.deserialize_any(Amount)
    }
}
