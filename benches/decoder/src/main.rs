//! Decodes a number of events that arrive in pieces of 16 KiB: `decoder EVENTS`.

fn main() {
    let events =
        std::env::args().nth(1).and_then(|number| number.parse().ok()).expect("usage: decoder EVENTS");
    println!("{}", decoder::decode(&decoder::stream(events), 16 << 10));
}
