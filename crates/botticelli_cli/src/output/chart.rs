//! Charts of amounts by day.

use std::fmt::Write;

/// Returns a line with a bar for each amount, at most `width` columns wide.
pub(crate) fn bar_chart(rows: &[(String, u64, String)], width: usize) -> String {
    let most = rows.iter().map(|(_, amount, _)| *amount).max().unwrap_or(0).max(1);
    let names = rows.iter().map(|(name, ..)| name.chars().count()).max().unwrap_or(0);
    let labels = rows.iter().map(|(.., label)| label.chars().count()).max().unwrap_or(0);
    let room = width.saturating_sub(names).saturating_sub(labels).saturating_sub(4).clamp(5, 60);
    let mut text = String::new();
    for (name, amount, label) in rows {
        let length = share(*amount, most, room);
        let blanks = room.saturating_sub(length);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name:names$}  {}{}  {label}", "█".repeat(length), " ".repeat(blanks));
    }
    text
}

/// Returns the part of `room` that `amount` has of `most`; at least 1 for an amount above 0.
fn share(amount: u64, most: u64, room: usize) -> usize {
    let room = u128::try_from(room).unwrap_or(u128::MAX);
    let length = u128::from(amount).saturating_mul(room) / u128::from(most);
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    if amount > 0 { length.max(1) } else { 0 }
}

/// Returns a chart as an SVG document. Its texts are names of days and amounts, which need no escapes.
pub(crate) fn svg_chart(title: &str, rows: &[(String, u64, String)]) -> String {
    const ROW: usize = 22;
    const TOP: usize = 46;
    const LEFT: usize = 110;
    const ROOM: usize = 420;
    let most = rows.iter().map(|(_, amount, _)| *amount).max().unwrap_or(0).max(1);
    let height = TOP.saturating_add(rows.len().saturating_mul(ROW)).saturating_add(14);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"{height}\" font-family=\"sans-serif\" \
         font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n<text x=\"14\" y=\"26\" \
         font-size=\"16\">{title}</text>\n"
    );
    for (at, (name, amount, label)) in rows.iter().enumerate() {
        let y = TOP.saturating_add(at.saturating_mul(ROW));
        let base = y.saturating_add(13);
        let length = share(*amount, most, ROOM);
        let end = LEFT.saturating_add(length).saturating_add(8);
        // Writing to a string cannot fail.
        let _ = writeln!(
            svg,
            "<text x=\"14\" y=\"{base}\">{name}</text><rect x=\"{LEFT}\" y=\"{y}\" width=\"{length}\" height=\"16\" \
             fill=\"#4c72b0\"/><text x=\"{end}\" y=\"{base}\">{label}</text>"
        );
    }
    svg.push_str("</svg>\n");
    svg
}
