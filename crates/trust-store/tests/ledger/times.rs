//! The table "Time" of catalogue section 9.

use stella_trust_store::ledger::*;
use stella_vocabulary::Code;

use crate::world::*;

fn revoked(cause: RevocationCause, since: Option<i64>) -> Option<Revocation> {
    Some(Revocation { cause, invalid_since: since.map(at), revoked_at: at(50) })
}

#[test]
fn windows_and_revocations_judge_signatures_by_the_table() {
    use Code::{
        DsseSignatureInvalid, KeyExpired, KeyExpiredAtSigning, KeyNotYetTrusted, KeyRevoked, TimeNoTrustedTime,
        TimeTsaUntrusted,
    };
    use ProvenBefore::{Accept, Refuse};
    use RevocationCause::{Ceased, Compromised, Superseded, Unspecified};

    enum When {
        Invalid(Code),
        Missing,
        Now(i64),
        Proven(&'static [i64]),
    }
    use When::{Invalid, Missing, Now, Proven};

    // The window is [10, 90); every revocation is as of 50.
    let table = [
        // One or more trusted times: every one must lie in the window.
        (Proven(&[10]), None, Refuse, None),
        (Proven(&[89]), None, Refuse, None),
        (Proven(&[9]), None, Refuse, Some(KeyNotYetTrusted)),
        (Proven(&[90]), None, Refuse, Some(KeyExpiredAtSigning)),
        (Proven(&[20, 90]), None, Refuse, Some(KeyExpiredAtSigning)),
        (Proven(&[9, 20]), None, Refuse, Some(KeyNotYetTrusted)),
        (Proven(&[]), None, Refuse, Some(TimeNoTrustedTime)),
        // Superseded or ceased: every trusted time must be before the revocation.
        (Proven(&[49]), revoked(Superseded, None), Refuse, None),
        (Proven(&[50]), revoked(Superseded, None), Refuse, Some(KeyRevoked)),
        (Proven(&[20, 50]), revoked(Ceased, None), Refuse, Some(KeyRevoked)),
        (Proven(&[49]), revoked(Ceased, Some(30)), Refuse, None),
        (Proven(&[9]), revoked(Superseded, None), Refuse, Some(KeyNotYetTrusted)),
        (Proven(&[95]), revoked(Superseded, None), Refuse, Some(KeyRevoked)),
        // Compromised or unknown: nothing, unless the policy accepts what is proven to be older.
        (Proven(&[20]), revoked(Compromised, Some(30)), Refuse, Some(KeyRevoked)),
        (Proven(&[20]), revoked(Unspecified, Some(30)), Refuse, Some(KeyRevoked)),
        (Proven(&[29]), revoked(Compromised, Some(30)), Accept, None),
        (Proven(&[30]), revoked(Compromised, Some(30)), Accept, Some(KeyRevoked)),
        (Proven(&[20, 30]), revoked(Unspecified, Some(30)), Accept, Some(KeyRevoked)),
        (Proven(&[20]), revoked(Compromised, None), Accept, Some(KeyRevoked)),
        (Proven(&[9]), revoked(Compromised, Some(30)), Accept, Some(KeyNotYetTrusted)),
        // No trusted time, and one is needed.
        (Missing, None, Refuse, Some(TimeNoTrustedTime)),
        (Missing, revoked(Superseded, None), Refuse, Some(TimeNoTrustedTime)),
        (Missing, revoked(Compromised, None), Accept, Some(TimeNoTrustedTime)),
        // No trusted time, and the policy takes long-lived keys at their word.
        (Now(10), None, Refuse, None),
        (Now(9), None, Refuse, Some(KeyNotYetTrusted)),
        (Now(90), None, Refuse, Some(KeyExpired)),
        (Now(49), revoked(Superseded, None), Refuse, None),
        (Now(50), revoked(Superseded, None), Refuse, Some(KeyRevoked)),
        (Now(20), revoked(Compromised, Some(30)), Accept, Some(KeyRevoked)),
        (Now(20), revoked(Unspecified, None), Refuse, Some(KeyRevoked)),
        // Evidence that is there and invalid.
        (Invalid(TimeTsaUntrusted), None, Refuse, Some(TimeTsaUntrusted)),
        (Invalid(DsseSignatureInvalid), revoked(Compromised, None), Accept, Some(DsseSignatureInvalid)),
    ];
    for (row, (when, revocation, proven_before, expected)) in table.into_iter().enumerate() {
        let times: Vec<_> = match &when {
            Proven(times) => times.iter().map(|time| at(*time)).collect(),
            _ => Vec::new(),
        };
        let evidence = match when {
            Invalid(code) => TimeEvidence::Invalid(code),
            Missing => TimeEvidence::Missing,
            Now(seconds) => TimeEvidence::JudgedAt(at(seconds)),
            Proven(_) => TimeEvidence::Trusted(&times),
        };
        let verdict = judge(window(Some(10), Some(90)), revocation.as_ref(), evidence, proven_before);
        assert_eq!(verdict.err(), expected, "row {row}");
    }
}

#[test]
fn what_is_signed_after_the_revocation_never_counts_whatever_it_says_of_the_compromise() {
    let late = revoked(RevocationCause::Compromised, Some(1000));
    for (time, expected) in [(49, None), (50, Some(Code::KeyRevoked)), (999, Some(Code::KeyRevoked))] {
        let times = [at(time)];
        let verdict = judge(window(None, None), late.as_ref(), TimeEvidence::Trusted(&times), ProvenBefore::Accept);
        assert_eq!(verdict.err(), expected, "{time}");
    }
}

#[test]
fn a_compromise_begins_neither_after_its_revocation_nor_in_the_future() {
    let revoke = |since: i64, at_seconds: i64| Change::Revoked {
        object: key_ref("key"),
        revocation: Revocation { invalid_since: Some(at(since)), ..compromised(at_seconds) },
    };
    let mut ledger = solo();
    ledger.make(add_key("key"), 1).unwrap();
    // Later than the revocation; than now; both.
    for (since, revoked_at) in [(6, 5), (11, 20), (30, 20)] {
        let change = revoke(since, revoked_at);
        assert_eq!(code(ledger.make(change.clone(), 10)), Code::UsageDateInvalid, "{since}");
        assert_eq!(
            code(ledger.state().planned(&[change], at(10)).map(|planned| planned.steps)),
            Code::UsageDateInvalid
        );
    }
    ledger.make(revoke(10, 20), 10).unwrap();

    let mut ledger = three();
    ledger.agreed(add_key("key"), 1);
    assert_eq!(code(ledger.ask(revoke(11, 20), "alice", 10)), Code::UsageDateInvalid);
    ledger.ask(revoke(10, 20), "alice", 10).unwrap();
}
