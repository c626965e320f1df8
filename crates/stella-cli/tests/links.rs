//! Every file that the papers link to exists.
#![allow(clippy::unwrap_used)]

use std::path::{Path, PathBuf};

fn papers(root: &Path) -> Vec<PathBuf> {
    let markdown = |directory: &Path| -> Vec<PathBuf> {
        std::fs::read_dir(directory)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
            .collect()
    };
    [markdown(root), markdown(&root.join("docs")), vec![root.join("examples/README.md")]].concat()
}

/// The targets of `[text](target)` that are neither addresses nor places in the same page.
fn links(text: &str) -> Vec<String> {
    text.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#', ' ']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .map(ToString::to_string)
        .collect()
}

#[test]
fn every_link_between_the_papers_leads_somewhere() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let papers = papers(&root);
    assert!(papers.len() > 8);
    let mut seen = 0;
    for paper in papers {
        for link in links(&std::fs::read_to_string(&paper).unwrap()) {
            assert!(paper.parent().unwrap().join(&link).exists(), "{} links to {link}", paper.display());
            seen += 1;
        }
    }
    assert!(seen > 10, "only {seen} links were found");
}
