//! Texts and addresses for display, without secrets.

use botticelli_core::redact;

#[test]
fn an_address_is_shown_without_its_password() {
    for (address, shown) in [
        ("redis://user:secret@host:6379/0", "redis://host:6379/0"),
        ("redis://:sec?ret@host", "redis://host"),
        ("redis://:sec#ret@host/1", "redis://host/1"),
        ("redis://:sec@ret@host", "redis://host"),
        ("redis://:sec/ret@host", "redis://host"),
        ("https://host/path?key=secret#part", "https://host/path"),
        ("https://host/path?mail=a@secret", "https://secret"),
        ("user:secret@host", "host"),
        ("host", "host"),
        ("", ""),
    ] {
        assert_eq!(redact::address(address), shown, "{address}");
    }
}
