//! Pages of `config.`, `internal.`, `output.`, `resign.` and `usage.`: the command itself.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::ConfigInvalid,
        Page {
            meaning: "A policy or configuration can be read but makes no sense: a wrong type, an empty list of what is \
                 allowed, or a skipped check as the default for everything.",
            example: "error[config.invalid]: the configuration is invalid in policy.toml, line 7: found an empty list \
                 of algorithms, expected at least one; try: stella config show",
            causes: &[
                "A value was removed, and the empty list left behind.",
                "A setting is of another version of the program.",
            ],
            remedies: &[run("Correct the named line, and see where each value comes from.", "stella config show")],
            clause: None,
        },
    ),
    (
        Code::ConfigUnknownKey,
        Page {
            meaning: "A policy or configuration has a setting of a name that does not exist. A misspelt check that is \
                 silently ignored is a check that is not made. The nearest name is suggested.",
            example: "error[config.unknown_key]: an unknown setting in policy.toml, line 4: found `requrie_tlog`, \
                 expected `require_tlog`; try: stella config show",
            causes: &["A typing error.", "The setting is of a newer version of the program."],
            remedies: &[
                run("Correct the name.", "stella config show"),
                run("See which version this is.", "stella version"),
            ],
            clause: None,
        },
    ),
    (
        Code::InternalPanic,
        Page {
            meaning: "The program has a defect and stopped before it had a result. Nothing was verified, whatever was \
                 printed before.",
            example: "error[internal.panic]: an internal error in the program: found a panic, expected a result; try: \
                 report it with the input that caused it",
            causes: &["A defect of this program, which an input brought to light."],
            remedies: &[
                run(
                    "Keep the input and report both; then see whether a newer version is free of it.",
                    "stella version",
                ),
                run("Check that the program itself is in order.", "stella self-test"),
            ],
            clause: None,
        },
    ),
    (
        Code::InternalRandom,
        Page {
            meaning: "The operating system gave no random numbers. Nothing was generated or signed, because a \
                 predictable key or number is worse than none.",
            example: "error[internal.random]: no random numbers in the operating system: found an error, expected \
                 random bytes; try: stella self-test",
            causes: &[
                "The program runs in a sandbox that forbids the system call.",
                "A virtual machine or container starts without a source of randomness.",
            ],
            remedies: &[run(
                "Allow the process to use the random source of the system, then try again.",
                "stella self-test",
            )],
            clause: None,
        },
    ),
    (
        Code::OutputWriteFailed,
        Page {
            meaning: "The result could not be written in full. A verdict that nobody received is no success, whatever \
                 it was.",
            example: "error[output.write_failed]: the result was not written in standard output: found a closed pipe, \
                 expected all bytes written; try: write to a file",
            causes: &["The next command of a pipe, such as `head`, ended early.", "The disk is full."],
            remedies: &[run(
                "Write the result to a file, and look at that.",
                "stella verify attestation --attestation X -o json",
            )],
            clause: None,
        },
    ),
    (
        Code::ResignSourceUnverified,
        Page {
            meaning: "The attestation that should be signed anew does not verify itself, or its stored copy was \
                 changed. Nothing was signed: a new signature would make a bad payload look good.",
            example: "error[resign.source_unverified]: the old attestation does not verify in attestation 3f2a91c4: \
                 found dsse.signature_invalid, expected verified at its time; try: stella verify attestation \
                 --attestation 3f2a91c4 --explain",
            causes: &[
                "The old signature has no proof of its time, and its certificate has expired.",
                "The payload was modified, or what the store keeps of it.",
            ],
            remedies: &[
                run(
                    "See why the old one is refused, and mend that first.",
                    "stella verify attestation --attestation X --explain",
                ),
                run(
                    "If only its time is not proven, and it arrived in this store while its certificate was valid, take \
                     that time for a proof. Whoever can write to the store can put any time there.",
                    "stella attest resign X --trust-arrival-time",
                ),
                run(
                    "If you can vouch for the content yourself, make a new attestation instead.",
                    "stella attest create --subject FILE --type TYPE --force",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::UsageConflict,
        Page {
            meaning: "Two arguments contradict each other, for instance a file and a digest that are not of the same \
                 bytes. Neither is preferred.",
            example: "error[usage.conflict]: arguments contradict each other in the command line: found `--artifact \
                 app.tar.gz` with sha256:fcde…, expected sha256:2c26… as given by `--digest`; try: give one of them",
            causes: &[
                "The file was rebuilt or downloaded anew after the digest was noted.",
                "A script combines options of two uses.",
            ],
            remedies: &[run(
                "Give one of them, the one you mean.",
                "stella verify attestation --attestation X --artifact FILE",
            )],
            clause: None,
        },
    ),
    (
        Code::UsageDateInvalid,
        Page {
            meaning: "An instant or window on the command line cannot be used: no date, no zone, a day that does not \
                 exist, beyond the year 9999, or an end that is not after the start.",
            example: "error[usage.date_invalid]: not a date and time in --expires: found `2026-02-30`, expected a date \
                 and time with a zone, such as `2026-01-17T09:00:00Z`; try: add the time and `Z`",
            causes: &[
                "The zone is missing; without one, the instant depends on where the command runs.",
                "The end of a window was given before its start.",
            ],
            remedies: &[run(
                "Write the instant in full. A window in the past is allowed for rotated keys: it accepts only \
                         signatures proven to be of that time.",
                "stella trust-anchors add-key --key FILE --expires 2026-12-31T00:00:00Z",
            )],
            clause: Some("RFC 3339 §5.6"),
        },
    ),
    (
        Code::UsageDigestInvalid,
        Page {
            meaning: "A digest on the command line is not one: cut off, of an unknown algorithm, or with the algorithm \
                 in capitals. A part of a digest never stands for the whole.",
            example: "error[usage.digest_invalid]: not a digest in --digest: found `sha256:abcd`, expected `sha256:` \
                 and 64 hexadecimal digits; try: --artifact FILE",
            causes: &["The digest was copied from a shortened display.", "The prefix is missing or misspelt."],
            remedies: &[run(
                "Copy the whole digest, or give the file and have it hashed.",
                "stella verify attestation --attestation X --artifact FILE",
            )],
            clause: None,
        },
    ),
    (
        Code::UsagePredicateInvalid,
        Page {
            meaning: "A predicate that is to be signed is not as the specification of its type says: a required member \
                 is missing, or a member is of another kind. Or an assignment is none. Nothing was signed: who reads the \
                 attestation later could not make sense of it, and a new signature would be needed.",
            example: "error[usage.predicate_invalid]: this value is not allowed here in provenance.json, \
                 $.runDetails.builder.id (line 9, column 13): found \"builder\", expected a URI with a scheme; try: stella \
                 attest create --help",
            causes: &[
                "A member is misspelt; names are case sensitive.",
                "The predicate is of another version of the type, or the file holds a whole statement.",
                "A text that looks like a number was assigned without quotation marks.",
            ],
            remedies: &[
                run(
                    "Add what is missing to the file, or assign it.",
                    "stella attest create --subject DIGEST --type TYPE --predicate FILE --set KEY=VALUE",
                ),
                run("See how assignments are written.", "stella attest create --help"),
            ],
            clause: None,
        },
    ),
    (
        Code::UsageReasonInvalid,
        Page {
            meaning: "The reason for a change is empty, too long, or holds control characters. It goes into the audit \
                 log for good, where somebody must be able to read it.",
            example: "error[usage.reason_invalid]: the reason cannot be used in --reason: found an empty text, \
                 expected a line of text; try: --reason \"rotated on schedule, ticket 123\"",
            causes: &[
                "A variable that should hold the reason is empty.",
                "The text of a whole message with line breaks was given.",
            ],
            remedies: &[run(
                "Give one line that somebody will understand in a year. The change is still to be approved, and \
                         newly accepts the issuer then.",
                "stella issuer trust ID --reason TEXT",
            )],
            clause: None,
        },
    ),
];
