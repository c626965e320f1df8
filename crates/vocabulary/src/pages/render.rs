//! The pages as Markdown.

use alloc::string::String;
use core::fmt::{self, Write as _};

use super::{Page, page};
use crate::Code;

/// What each family is about, sorted by name.
const FAMILIES: &[(&str, &str)] = &[
    ("approval", "a change of trust that the quorum has not agreed to"),
    ("audit", "the history of the trust store does not hold"),
    ("base64", "a value is not strict base64"),
    ("bundle", "a Sigstore bundle is not what its format prescribes"),
    ("config", "a policy or configuration makes no sense"),
    ("crypto", "an algorithm could not be computed"),
    ("dsse", "an envelope or its signatures"),
    ("fetch", "something could not be fetched: the keys of an issuer, or what a registry has"),
    ("identity", "somebody else signed"),
    ("input", "an input is no document"),
    ("internal", "a defect of the program or its surroundings"),
    ("intoto", "a statement, or the artifact it is about"),
    ("json", "a document is not strict JSON"),
    ("key", "a public key, or the time in which it counts"),
    ("oci", "attestations of container images, in layout directories and registries"),
    ("output", "the result could not be delivered"),
    ("pem", "a file is not the PEM expected"),
    ("policy", "the signature is good, but not for this"),
    ("resign", "signing anew was refused"),
    ("sig", "a bare signature"),
    ("store", "where trust and attestations are kept"),
    ("time", "when a signature was made, and who says so"),
    ("tlog", "a transparency log"),
    ("trust", "anchors and other trust material"),
    ("usage", "the arguments of a command"),
    ("x509", "certificates, and the path to an anchor"),
];

const INTRODUCTION: &str = "\
# Codes

Every refusal and every error has one code, `family.name`. A code keeps its spelling and its meaning for good; the
wording of messages may improve at any time. `stella explain CODE` prints the page of a code without a network.

In commands, capitals stand for what you fill in; `X` is an attestation: its id, a unique prefix of it, a file, or `-`.
No remedy loosens trust by itself: each that would accept more says what.

| exit status | meaning |
|---|---|
| 0 | verified, healthy or done; no code has it |
| 1 | judged and rejected, or a check found a change |
| 2 | usage, configuration, or an input that is no document |
| 3 | not authorised |
| 4 | not found |
| 5 | network needed while offline, or a fetch failed |
| 6 | could not decide |
| 10 | try again |
| 70 | internal error |

";

/// The whole of `docs/codes.md`: a table of contents by family, then one section for each code.
pub fn render_markdown() -> String {
    let mut document = String::from(INTRODUCTION);
    // Writing to a `String` never fails.
    let _ = write_contents(&mut document);
    for &code in Code::ALL {
        document.push('\n');
        let _ = write_section(&mut document, code, page(code));
    }
    document
}

/// The section of one code, heading included.
pub fn render_section(code: Code) -> String {
    let mut section = String::new();
    // Writing to a `String` never fails.
    let _ = write_section(&mut section, code, page(code));
    section
}

fn write_contents(out: &mut String) -> fmt::Result {
    for (family, about) in FAMILIES {
        write!(out, "- `{family}.` {about}:")?;
        let members = Code::ALL.iter().filter(|code| code.family() == *family);
        for (position, code) in members.enumerate() {
            let separator = if position == 0 { "" } else { "," };
            write!(out, "{separator}\n  [{}](#{})", code.name(), code.anchor())?;
        }
        out.push('\n');
    }
    Ok(())
}

fn write_section(out: &mut String, code: Code, page: Page) -> fmt::Result {
    write!(out, "## {code}\n\n{}\n\n", page.meaning)?;
    write!(out, "Exit status: {}", code.exit_status())?;
    if let Some(clause) = page.clause {
        write!(out, ". Reference: {clause}")?;
    }
    write!(out, "\n\n```text\n{}\n```\n\nUsual causes:\n\n", page.example)?;
    for cause in page.causes {
        writeln!(out, "- {cause}")?;
    }
    out.push_str("\nRemedies:\n\n");
    for remedy in page.remedies {
        writeln!(out, "- {}\n  `{}`", remedy.advice, remedy.command)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_family_is_in_the_table_of_contents_and_sorted() {
        let mut families: alloc::vec::Vec<_> = Code::ALL.iter().map(|code| code.family()).collect();
        families.dedup();
        assert_eq!(families, FAMILIES.iter().map(|(family, _)| *family).collect::<alloc::vec::Vec<_>>());
    }
}
