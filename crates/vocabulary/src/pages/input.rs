//! Pages of `input.`: inputs that are no document.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::InputChangedDuringRead,
        Page {
            meaning: "A file changed while it was being read. What was hashed and what lies there now may differ, so \
                 the result would speak of neither.",
            example: "error[input.changed_during_read]: the file changed while it was read in app.tar.gz: found size \
                 10485760, expected size 10481664; try: run the command again once nothing writes to the file",
            causes: &[
                "A build or a download is still writing the file.",
                "Somebody replaced the file between hashing and use.",
            ],
            remedies: &[run(
                "Wait until the writer has finished, or copy the file to a place of its own, and run the command \
                         again.",
                "stella verify attestation --attestation X --artifact FILE",
            )],
            clause: None,
        },
    ),
    (
        Code::InputEmpty,
        Page {
            meaning: "The input is empty or only white space. An empty document is never taken for one that has \
                 nothing to object to.",
            example: "error[input.empty]: the input is empty in attestation.json: found 0 bytes, expected a DSSE \
                 envelope or a Sigstore bundle; try: fetch the attestation again",
            causes: &[
                "A download or an earlier step of a pipe failed and left an empty file.",
                "A variable that should name a file or hold a document is empty.",
            ],
            remedies: &[run("Check the step that produces the file, then look at it again.", "stella attest show X")],
            clause: None,
        },
    ),
    (
        Code::InputNotRegularFile,
        Page {
            meaning: "A path names a directory, device, socket or pipe where a file is expected. Such things may never \
                 end, so they are not opened for reading; use `-` to read standard input.",
            example: "error[input.not_regular_file]: not a regular file in /dev/zero: found a character device, \
                 expected a regular file or `-`; try: stella attest show -",
            causes: &[
                "A directory was given where a file is meant.",
                "A process substitution or named pipe was given as a path.",
            ],
            remedies: &[
                run("Name the file itself. For a whole directory, import it.", "stella attest import DIR"),
                run("To read from a pipe, give `-`.", "stella verify attestation --attestation -"),
            ],
            clause: None,
        },
    ),
    (
        Code::InputTooLarge,
        Page {
            meaning: "The input is larger than the limit for its kind. It is refused before it is read or decoded, so \
                 that no document decides how much memory is used.",
            example: "error[input.too_large]: the document is too large in bundle.json: found 16777217 bytes, expected \
                 at most 16777216 bytes; try: stella config show",
            causes: &[
                "An artifact was given where its attestation is meant.",
                "The predicate carries large attachments, such as a whole software bill of materials with file \
                     contents.",
            ],
            remedies: &[
                run(
                    "Check that the path names the attestation and not the artifact. Artifacts have no limit; they are \
                         streamed.",
                    "stella verify attestation --attestation X --artifact FILE",
                ),
                run(
                    "See the limits in force. A higher limit accepts larger documents from everybody, and costs their \
                         memory.",
                    "stella config show",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::InputUnknownFormat,
        Page {
            meaning: "The input is none of the documents that are understood. Nothing is guessed and nothing is \
                 decompressed.",
            example: "error[input.unknown_format]: not a known document in provenance.json.gz: found gzip data, \
                 expected a DSSE envelope or a Sigstore bundle; try: gunzip it first",
            causes: &[
                "The file is compressed, or an archive.",
                "It is another kind of signature, such as a detached one, or a plain statement that nobody signed.",
            ],
            remedies: &[run(
                "Decompress or unpack it yourself, and give the document inside.",
                "stella attest show FILE",
            )],
            clause: None,
        },
    ),
];
