//! Tables for people.

use unicode_width::UnicodeWidthStr;

/// Returns rows with aligned columns, cut to `width` columns if it is given.
pub(crate) fn columns(rows: &[Vec<String>], width: Option<usize>) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count)
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let blanks = width.saturating_sub(cell.width()).saturating_add(2);
            line.push_str(cell);
            line.push_str(&" ".repeat(blanks));
        }
        let line = line.trim_end();
        match width {
            Some(width) => text.push_str(&cut(line, width)),
            None => text.push_str(line),
        }
        text.push('\n');
    }
    text
}

/// Cuts a line to a width, with an ellipsis.
fn cut(line: &str, width: usize) -> String {
    if line.width() <= width {
        return line.to_owned();
    }
    let mut short = String::new();
    for character in line.chars() {
        let next = format!("{short}{character}");
        if next.width() >= width {
            break;
        }
        short = next;
    }
    short.push('…');
    short
}
