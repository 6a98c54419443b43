//! Query parameters of a request.

/// Returns decoded names and values in order.
pub(crate) fn fields(target: &str) -> Vec<(String, String)> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query
        .split('&')
        .filter(|field| !field.is_empty())
        .map(|field| field.split_once('=').unwrap_or((field, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

/// Returns text without percent escapes. A plus is a space.
pub(crate) fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        let two: String = rest.clone().take(2).map(char::from).collect();
        match (byte, u8::from_str_radix(&two, 16)) {
            (b'%', Ok(decoded)) if two.len() == 2 => {
                bytes.push(decoded);
                rest.next();
                rest.next();
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
