//! Pages of `identity.` and `policy.`: who may sign what.

use super::{Page, run};
use crate::Code;

pub(super) const PAGES: &[(Code, Page)] = &[
    (
        Code::IdentityIssuerMismatch,
        Page {
            meaning: "The signer's certificate says that somebody else vouched for the identity. The same name at \
                 another identity provider is another person.",
            example: "error[identity.issuer_mismatch]: another identity issuer in certificate 0: found \
                 `https://accounts.example`, expected `https://token.actions.githubusercontent.com`; try: stella \
                 verify cert --attestation 3f2a91c4",
            causes: &[
                "`--issuer` names the wrong provider, or differs in a slash or in case.",
                "Somebody registered the same name with another provider.",
            ],
            remedies: &[
                run("See who vouched for the signer.", "stella verify cert --attestation X --show-expiry"),
                run(
                    "If that provider is right, name it. This accepts what identities of that name at that provider \
                         sign, for this command.",
                    "stella verify attestation --attestation X --identity S --issuer S",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::IdentityMismatch,
        Page {
            meaning: "The certificate belongs to another identity than the one required. Names are compared whole; \
                 patterns must match from the first to the last character, and the common name of a subject never \
                 counts.",
            example: "error[identity.mismatch]: another identity in certificate 0: found \
                 `https://github.com/acme/app/.github/workflows/test.yml@refs/heads/main`, expected \
                 `https://github.com/acme/app/.github/workflows/release.yml@refs/tags/v1.2`; try: stella verify cert \
                 --attestation 3f2a91c4",
            causes: &[
                "Another workflow, branch or tag signed than expected.",
                "The name asked for has a typing error, or is a prefix of the real one.",
                "Somebody else signed.",
            ],
            remedies: &[
                run("See whose signature it is.", "stella verify cert --attestation X --show-expiry"),
                run(
                    "If this signer is right, name it in full. This accepts what that identity signs, for this \
                         command.",
                    "stella verify attestation --attestation X --identity S --issuer S",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::PolicyAnchorScope,
        Page {
            meaning: "The path leads to a trust anchor, but that anchor was added for something else: other predicate \
                 types, identities or artifacts. A path cannot borrow the scope of another anchor.",
            example: "error[policy.anchor_scope]: outside the scope of the anchor in anchor `acme-ci`: found predicate \
                 type `https://spdx.dev/Document`, expected `https://slsa.dev/provenance/v1`; try: stella \
                 trust-anchors show ID",
            causes: &[
                "A signer who is trusted for one kind of statement made another kind.",
                "The scope was written before the signer took on this task.",
            ],
            remedies: &[
                run("See the scope of the anchor.", "stella trust-anchors show ID"),
                run(
                    "A wider scope needs approval. It newly accepts that kind of statement from every signer below the \
                         anchor.",
                    "stella trust plan CHANGE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::PolicyIssuerRequired,
        Page {
            meaning: "An identity was given, or a shared public authority is involved, and it was not said who vouches \
                 for identities. At a public authority anybody can get a certificate for some identity, so a name \
                 alone proves nothing.",
            example: "error[policy.issuer_required]: no identity issuer in the policy: found identity \
                 `ci@acme.example` without issuer, expected both; try: stella verify attestation --attestation \
                 3f2a91c4 --identity S --issuer S",
            causes: &[
                "`--identity` was given without `--issuer`.",
                "The attestation was signed with a public authority, and no policy says whom to expect.",
            ],
            remedies: &[
                run("See whose signature it would be; it is not yet accepted.", "stella attest show X --details"),
                run(
                    "Name both. This accepts what that identity signs, for this command.",
                    "stella verify attestation --attestation X --identity S --issuer S",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::PolicyNoAttestations,
        Page {
            meaning: "There is no attestation for this artifact. That is a refusal, because an artifact that nobody \
                 attested must not pass for a good one.",
            example: "error[policy.no_attestations]: nothing is attested in sha256:fcde…: found 0 attestations, \
                 expected at least 1; try: stella attest list --subject sha256:fcde…",
            causes: &[
                "The attestations have not been imported here.",
                "The artifact was rebuilt, and attested was the earlier one.",
            ],
            remedies: &[
                run("See what is stored about the artifact.", "stella attest list --subject DIGEST"),
                run("Bring the attestations in; importing accepts nothing by itself.", "stella attest import FILE"),
            ],
            clause: None,
        },
    ),
    (
        Code::PolicyPredicateTypeMismatch,
        Page {
            meaning: "No attestation makes the kind of statement that is required. Predicate types are compared \
                 exactly, without regard to similar beginnings or endings.",
            example: "error[policy.predicate_type_mismatch]: another predicate type in $.predicateType: found \
                 `https://slsa.dev/provenance/v0.2`, expected `https://slsa.dev/provenance/v1`; try: stella verify \
                 artifact --digest D",
            causes: &[
                "The build writes another version of the predicate than the policy asks for.",
                "The required scan or review has not been attested.",
            ],
            remedies: &[
                run("See what is attested about the artifact.", "stella verify artifact --digest D"),
                run(
                    "If the other type is as good, name it. This accepts statements of that type, for this command.",
                    "stella verify attestation --attestation X --predicate-type URI",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::PolicySubjectNameMismatch,
        Page {
            meaning: "The artifact has the right digest, but the subject's name is not the one the policy asks for. \
                 Names are compared as plain text; they are never used as paths, and `./a` is not `a`.",
            example: "error[policy.subject_name_mismatch]: another subject name in $.subject[0].name: found \
                 `../../etc/passwd`, expected `app.tar.gz`; try: stella attest show 3f2a91c4 --details",
            causes: &[
                "The build names files with a directory, and the policy without, or the reverse.",
                "One file was published under the name of another.",
            ],
            remedies: &[
                run("Compare the names.", "stella attest show X --details"),
                run(
                    "Correct the policy if the name is right. It then newly accepts that name.",
                    "stella verify attestation --attestation X --policy FILE",
                ),
            ],
            clause: None,
        },
    ),
    (
        Code::PolicyThresholdInvalid,
        Page {
            meaning: "The policy asks for no signature at all, or for more distinct keys than it names. Nothing was \
                 judged against it, since it would accept everything or nothing.",
            example: "error[policy.threshold_invalid]: the threshold is impossible in policy, line 4: found 0, \
                 expected 1 to 3; try: correct the policy file",
            causes: &[
                "A typing error, or a key was removed from the list without lowering the threshold.",
                "An approver was to be removed or revoked, and fewer persons than the quorum would be left, who could \
                 not agree to anything any more: add another approver first.",
            ],
            remedies: &[run(
                "Correct the policy. A lower threshold newly accepts what fewer persons sign.",
                "stella verify attestation --attestation X --policy FILE",
            )],
            clause: None,
        },
    ),
    (
        Code::PolicyUnsafeOptionRefused,
        Page {
            meaning: "An option that skips a check was used, and the policy does not allow it. Such options have \
                 `unsafe` in their names, and the report says what was not checked.",
            example: "error[policy.unsafe_option_refused]: an unsafe option is not allowed in the command line: found \
                 an option that skips a check, expected none; try: run the command without it",
            causes: &["A script written during an earlier incident still skips the check."],
            remedies: &[run(
                "Run the command without the option, and mend what it was meant to hide.",
                "stella verify attestation --attestation X --explain",
            )],
            clause: None,
        },
    ),
];
