//! Pages of `base64.`, `json.` and `pem.`: the outer form of documents.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::Base64Invalid,
        Page {
            meaning: "A value is not strict base64. Accepted are the standard and the URL-safe alphabet, each alone, \
                 fully padded or not padded at all, without white space.",
            example: "error[base64.invalid]: base64 holds `\\u{a}` at offset 76 in $.payload: found a line break, \
                 expected one unbroken base64 text; try: stella attest integrity-check 3f2a91c4",
            causes: &[
                "A tool wrapped the text into lines, as mail programs and `base64` without `-w0` do.",
                "The value was cut off, or padding was added or lost while it was copied.",
                "Two alphabets are mixed, for instance because somebody replaced characters by hand.",
            ],
            remedies: &[
                run(
                    "Fetch the document anew from where it was made. Do not repair the text: what was signed can only \
                         be read from the original.",
                    "stella attest import FILE",
                ),
                run(
                    "If you made it, encode with standard base64 and no line breaks.",
                    "stella attest create --subject FILE --type TYPE",
                ),
            ],
            clause: Some("RFC 4648 §3.2, §3.3"),
        },
    ),
    (
        Code::Base64Noncanonical,
        Page {
            meaning: "The last symbol of a base64 value carries bits that decode to nothing. Several texts would then \
                 stand for one value, so the document could be altered without its content changing.",
            example: "error[base64.noncanonical]: base64 has bits left over in its last symbol `R` in \
                 $.signatures[0].sig: found `R` at offset 1, expected a last symbol whose unused bits are zero; try: \
                 stella attest integrity-check 3f2a91c4",
            causes: &[
                "An encoder that does not clear the unused bits.",
                "A character of the text was changed or the text was cut.",
            ],
            remedies: &[
                run("Fetch the original again and compare.", "stella attest integrity-check X"),
                run(
                    "If you made it, encode the bytes again with a correct encoder; the signature stays as it is.",
                    "stella attest import FILE",
                ),
            ],
            clause: Some("RFC 4648 §3.5"),
        },
    ),
    (
        Code::JsonBom,
        Page {
            meaning: "The document starts with a byte order mark, or is UTF-16 or UTF-32. JSON between systems is \
                 UTF-8 without such a mark.",
            example: "error[json.bom]: the document starts with a byte order mark in line 1, column 1: found EF BB BF, \
                 expected `{`; try: save the file as UTF-8 without a byte order mark",
            causes: &["An editor or a shell redirection on Windows saved the file in another encoding."],
            remedies: &[run(
                "Fetch the document again without passing it through an editor or a text-mode redirection.",
                "stella attest import FILE",
            )],
            clause: Some("RFC 8259 §8.1"),
        },
    ),
    (
        Code::JsonControlCharacter,
        Page {
            meaning: "An identifier holds a control character. Identifiers are compared and shown, and a hidden \
                 character makes two different ones look alike.",
            example: "error[json.control_character]: a control character in an identifier in $.signatures[0].keyid: \
                 found `\\u{0}`, expected printable text; try: stella attest show 3f2a91c4 --details",
            causes: &[
                "A key id, issuer or subject name was built from binary data or from text with a line break.",
                "Somebody tries to smuggle a second line into a log or a report.",
            ],
            remedies: &[
                run("Look at the field; it is printed escaped.", "stella attest show X --details"),
                run(
                    "Whoever makes the document must use printable identifiers. Free text inside a predicate may hold \
                         control characters.",
                    "stella attest create --subject FILE --type TYPE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::JsonDepthExceeded,
        Page {
            meaning: "The document nests deeper than the limit of 64 levels. No real attestation needs that; parsers \
                 elsewhere crash on it.",
            example: "error[json.depth_exceeded]: nesting is too deep in line 1, column 65: found 65 levels, expected \
                 at most 64; try: stella attest show 3f2a91c4 --details",
            causes: &["A generator wraps the predicate again and again.", "The document was made to exhaust a parser."],
            remedies: &[run(
                "Find out who made the document; flatten the predicate if it is yours.",
                "stella attest show X --details",
            )],
            clause: None,
        },
    ),
    (
        Code::JsonDuplicateKey,
        Page {
            meaning: "An object has two members of one name. Parsers disagree on which one counts, so two tools could \
                 verify one value and use the other.",
            example: "error[json.duplicate_key]: a member is given twice in $.subject[0].digest.sha256: found a second \
                 `sha256` at line 1, column 214, expected one; try: fetch the document again",
            causes: &[
                "A generator writes a member twice, for instance after merging two templates.",
                "Somebody added a second value for tools that read the other one.",
            ],
            remedies: &[run(
                "Do not edit it: have the document made again without the second member.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: Some("RFC 8259 §4"),
        },
    ),
    (
        Code::JsonInvalidUnicode,
        Page {
            meaning: "The text is not valid UTF-8, or a string escapes half of a surrogate pair. Such text reads \
                 differently in different parsers.",
            example: "error[json.invalid_unicode]: text is not valid UTF-8 in line 4, column 31: found byte FF, \
                 expected UTF-8; try: fetch the document again",
            causes: &[
                "A string was cut in the middle of a character.",
                "The file is in another encoding, such as Latin-1, or damaged.",
            ],
            remedies: &[run("Fetch the document again as bytes, and compare the two.", "stella attest import FILE")],
            clause: Some("RFC 8259 §8.1, §8.2"),
        },
    ),
    (
        Code::JsonNumberOutOfRange,
        Page {
            meaning: "A number is not an integer of the range its member allows: too large, negative, or written with \
                 a fraction or an exponent. Indices and times are never rounded.",
            example: "error[json.number_out_of_range]: a number is out of range in \
                 $.verificationMaterial.tlogEntries[0].logIndex: found -1, expected an integer from 0 to \
                 9223372036854775807; try: fetch the bundle again",
            causes: &[
                "The document passed through a tool that turns integers into floating point numbers.",
                "The value was altered to overflow a verifier.",
            ],
            remedies: &[run("Fetch the original from where it was made.", "stella attest import FILE")],
            clause: Some("RFC 8259 §6"),
        },
    ),
    (
        Code::JsonSyntax,
        Page {
            meaning: "The document is not JSON. For JSON Lines, the line number is that of the file, and one bad line \
                 refuses the whole input.",
            example: "error[json.syntax]: not JSON in line 3, column 17: found `}`, expected a value; try: fetch the \
                 document again",
            causes: &[
                "The file was cut off, or an error page was saved in its place.",
                "Comments, trailing commas or single quotes: another dialect than JSON.",
            ],
            remedies: &[run("Look at the named line, then fetch the document again.", "stella attest import FILE")],
            clause: Some("RFC 8259"),
        },
    ),
    (
        Code::JsonTooManyMembers,
        Page {
            meaning: "One object has more than 10,000 members. The count is limited so that no document decides how \
                 long reading takes.",
            example: "error[json.too_many_members]: an object has too many members in $.predicate.materials: found \
                 more than 10000, expected at most 10000; try: stella attest show 3f2a91c4 --details",
            causes: &[
                "A predicate uses an object as a table with one member per file.",
                "The document was made to exhaust a parser.",
            ],
            remedies: &[run(
                "If the predicate is yours, split it, or move the table to a file of its own and refer to it by \
                         digest.",
                "stella attest create --subject FILE --type TYPE",
            )],
            clause: None,
        },
    ),
    (
        Code::JsonTrailingData,
        Page {
            meaning: "Something follows after the end of the document. One reader would stop there and another might \
                 read on, so nothing of it is used.",
            example: "error[json.trailing_data]: data after the document in line 2, column 1: found `{`, expected the \
                 end; try: one document per file, or JSON Lines for several",
            causes: &["Two documents were written to one file.", "A tool appended a log line or a second signature."],
            remedies: &[run(
                "Put each document into a file of its own, or one on each line, and import them.",
                "stella attest import FILE",
            )],
            clause: Some("RFC 8259 §2"),
        },
    ),
    (
        Code::JsonWrongType,
        Page {
            meaning: "A member has another type than it must have: a list or null where an object is due, a number \
                 where a string is due. Nothing is converted.",
            example: "error[json.wrong_type]: a member has the wrong type in $.signatures[0]: found an array, expected \
                 an object; try: fetch the document again",
            causes: &[
                "A generator writes null for values it does not have, instead of leaving them out.",
                "The document is of another kind or version than it says.",
            ],
            remedies: &[run(
                "Compare the named member with the specification of the format; then have the document made again.",
                "stella attest show X --details",
            )],
            clause: None,
        },
    ),
    (
        Code::PemMalformed,
        Page {
            meaning: "The file is not the PEM that is expected: no block, broken boundary lines, content that is not \
                 base64, or a block of another kind.",
            example: "error[pem.malformed]: a block of `PUBLIC KEY` where `CERTIFICATE` is expected in line 1: found \
                 `PUBLIC KEY`, expected `CERTIFICATE`; try: give the certificate file",
            causes: &[
                "The file is DER, a PKCS#12 store, or another key format.",
                "The file was cut off, or lines were lost while it was copied.",
                "A key was given where a certificate is meant, or the reverse.",
            ],
            remedies: &[run(
                "Give the right file, or convert it first: `openssl x509 -inform der -in FILE` for a DER \
                         certificate.",
                "stella verify cert --cert FILE",
            )],
            clause: Some("RFC 7468 §3"),
        },
    ),
    (
        Code::PemMultipleObjects,
        Page {
            meaning: "The file holds more than the one object asked for: a second block, or text beside it. Another \
                 tool might pick the other one, so none is picked.",
            example: "error[pem.multiple_objects]: a second block where one is expected in line 22: found a second \
                 block, expected exactly one block and nothing else; try: split the file",
            causes: &[
                "A full chain was given where a single certificate is meant.",
                "The output of `openssl x509 -text` was saved together with the certificate.",
            ],
            remedies: &[
                run(
                    "Cut the file into one block per file and give the one that is meant. Adding it as an anchor newly \
                         accepts every signer below it.",
                    "stella trust-anchors add --cert FILE --dry-run",
                ),
                run(
                    "Certificates that only complete a path are added as intermediates; they never give trust.",
                    "stella trust-anchors add-intermediate --cert FILE",
                ),
            ],
            clause: Some("RFC 7468 §5.2"),
        },
    ),
];
