//! How commands speak: columns, JSON, and the question before what cannot be undone.

use std::io::{BufRead as _, IsTerminal as _, Write as _};

use serde::Serialize;

/// One JSON value, for programs.
pub(super) fn as_json(value: &impl Serialize) -> String {
    // Fails only for maps with strange keys, of which there are none.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

/// Each column as wide as its widest text.
pub(super) fn in_columns<const N: usize>(rows: &[[String; N]]) -> String {
    let width = |column: usize| {
        let texts = rows.iter().filter_map(|row| row.get(column));
        texts.map(|text| text.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..N).map(width).collect();
    let line = |row: &[String; N]| {
        let cells = row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}"));
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
    };
    rows.iter().map(line).collect()
}

/// So many of something.
pub(super) fn counted(count: u64, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}

/// A dash where there is nothing.
pub(super) fn or_dash(value: Option<impl ToString>) -> String {
    value.map_or_else(|| "-".to_owned(), |value| value.to_string())
}

/// Asks whoever sits at the terminal to type the name once more; false where nobody sits there.
pub(super) fn is_confirmed(question: &str, name: &str) -> bool {
    let (input, mut output) = (std::io::stdin(), std::io::stderr());
    if !input.is_terminal() {
        return false;
    }
    let mut typed = String::new();
    let asked = output.write_all(question.as_bytes()).and_then(|()| output.flush());
    asked.and_then(|()| input.lock().read_line(&mut typed)).is_ok() && typed.trim() == name
}
