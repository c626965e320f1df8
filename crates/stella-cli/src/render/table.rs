//! Columns under a heading.

use std::fmt::Write as _;

use stella_vocabulary::text::Bounded;

/// The widest cell, in characters.
const WIDEST: usize = 100;

/// Rows of cells. Two spaces stand between columns, so that `awk` and eyes both find them.
#[derive(Debug)]
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(heading: &[&str]) -> Self {
        Self { rows: vec![heading.iter().map(|name| name.to_uppercase()).collect()] }
    }

    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = impl AsRef<str>>) {
        self.rows.push(
            cells
                .into_iter()
                .map(|cell| match cell.as_ref() {
                    "" => "-".to_string(),
                    text => Bounded(text, WIDEST).to_string(),
                })
                .collect(),
        );
    }

    pub(crate) fn finish(&self) -> String {
        let mut widths: Vec<usize> = Vec::new();
        for row in &self.rows {
            for (column, cell) in row.iter().enumerate() {
                let width = cell.chars().count();
                match widths.get_mut(column) {
                    Some(widest) => *widest = width.max(*widest),
                    None => widths.push(width),
                }
            }
        }
        let mut out = String::new();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                // Writing to a string cannot fail.
                let _ = write!(line, "{cell:width$}  ");
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    #[test]
    fn columns_line_up_and_hostile_cells_stay_on_their_row() {
        let mut table = Table::new(&["name", "status"]);
        table.row(["a\nb", "ok"]);
        table.row(["", "failed"]);
        assert_eq!(table.finish(), "NAME     STATUS\na\\u{a}b  ok\n-        failed\n");
    }
}
