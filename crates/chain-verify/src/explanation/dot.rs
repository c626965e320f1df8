//! Paths as a graph in the language of Graphviz.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Write as _;

use stella_vocabulary::Reason;

use super::{Explanation, plain, title};
use crate::certificate::Certificate;

/// A certificate of the graph, and what is said about it.
struct Node<'a> {
    certificate: &'a Certificate,
    is_accepted: bool,
    anchor: Option<&'a str>,
    findings: Vec<String>,
}

pub(super) fn draw(explanation: &Explanation) -> String {
    let mut nodes: Vec<Node<'_>> = Vec::new();
    let mut edges: Vec<(usize, usize, bool)> = Vec::new();
    for path in explanation.drawn() {
        let mut below = None;
        for (cert, certificate) in path.certificates.iter().enumerate() {
            let index = nodes.iter().position(|node| node.certificate == certificate).unwrap_or_else(|| {
                nodes.push(Node { certificate, is_accepted: false, anchor: None, findings: Vec::new() });
                nodes.len() - 1
            });
            if let Some(node) = nodes.get_mut(index) {
                node.is_accepted |= path.is_accepted();
                if cert + 1 == path.certificates.len() {
                    node.anchor = node.anchor.or(path.anchor.as_deref());
                }
                for finding in path.findings_at(cert) {
                    let text = alloc::format!("{}: {}", finding.code(), finding);
                    if node.findings.len() < 8 && !node.findings.contains(&text) {
                        node.findings.push(text);
                    }
                }
            }
            if let Some(below) = below {
                match edges.iter_mut().find(|(from, to, _)| (*from, *to) == (index, below)) {
                    Some((_, _, accepted)) => *accepted |= path.is_accepted(),
                    None => edges.push((index, below, path.is_accepted())),
                }
            }
            below = Some(index);
        }
    }
    let mut out =
        String::from("digraph chain {\n  rankdir=TB;\n  node [shape=box, fontname=\"sans-serif\", fontsize=10];\n");
    for (index, node) in nodes.iter().enumerate() {
        let mut lines = alloc::vec![quoted(&title(node.certificate, 100))];
        lines.extend(node.anchor.map(|anchor| quoted(&alloc::format!("anchor {}", plain(anchor, 60)))));
        lines.push(alloc::format!("{} to {}", node.certificate.not_before(), node.certificate.not_after()));
        lines.extend(node.findings.iter().map(|finding| quoted(&plain(finding, 160))));
        let color = match (node.is_accepted, node.findings.is_empty()) {
            (true, _) => "#1a7f37",
            (false, true) => "#57606a",
            (false, false) => "#cf222e",
        };
        // `\n` is how the language writes the end of a centred line.
        let _ = writeln!(out, "  n{index} [label=\"{}\", color=\"{color}\"];", lines.join("\\n"));
    }
    for (from, to, accepted) in edges {
        let color = if accepted { "#1a7f37" } else { "#57606a" };
        let _ = writeln!(out, "  n{from} -> n{to} [color=\"{color}\"];");
    }
    if explanation.left_out() > 0 {
        let _ = writeln!(out, "  more [shape=plaintext, label=\"{} more paths\"];", explanation.left_out());
    }
    out.push_str("}\n");
    out
}

/// Inside a quoted string, where a backslash begins an escape and a quotation mark ends all.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}
