//! The tables, and how they came to be.
//!
//! Free text is kept as UTF-8 in `bytea`, so that neither the encoding of the database nor a zero byte can keep anything out; `convert_from(column, 'UTF8')`
//! shows it. Text is found by the first eight bytes of its SHA-256, since an index takes no text of any length. `sum` is a checksum of the row.

use super::fault::Fault;
use super::row::cell;
use super::session::Session;
use super::wire::Wire;
use crate::error::StoreError;

/// Each brings the tables from the version that is its index to the next, in a transaction of its own.
const MIGRATIONS: &[&str] = &[FIRST, SECOND, THIRD];

/// The version that this program reads and writes.
pub(super) const VERSION: u64 = MIGRATIONS.len() as u64;

/// Held while tables are made: `stella` as a number. The second half is that of the schema's name, so that schemas do not wait for each other.
const ADVISORY: i32 = 0x7374_656c;

const FIRST: &str = "
CREATE TABLE store (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id bytea NOT NULL CHECK (octet_length(id) = 16)
);

-- Where the arrivals end. Whoever adds some holds this row, so that their numbers have no gap.
CREATE TABLE head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    size bigint NOT NULL CHECK (size >= 0),
    link bytea NOT NULL CHECK (octet_length(link) = 32),
    attestations bigint NOT NULL CHECK (attestations >= 0),
    bytes bigint NOT NULL CHECK (bytes >= 0),
    sum bytea NOT NULL
);

CREATE TABLE arrival (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    at bigint NOT NULL,
    attestation bytea NOT NULL CHECK (octet_length(attestation) = 32),
    document bytea NOT NULL UNIQUE CHECK (octet_length(document) = 32),
    form text NOT NULL,
    length bigint NOT NULL CHECK (length >= 0),
    first boolean NOT NULL,
    predicate_type bytea,
    identity bytea,
    issuer bytea,
    predicate_type_mark bigint,
    identity_mark bigint,
    issuer_mark bigint,
    link bytea NOT NULL CHECK (octet_length(link) = 32),
    sum bytea NOT NULL,
    UNIQUE (attestation, sequence)
);
CREATE INDEX arrival_at ON arrival (at);
CREATE INDEX arrival_predicate_type ON arrival (predicate_type_mark, sequence) WHERE predicate_type_mark IS NOT NULL;
CREATE INDEX arrival_identity ON arrival (identity_mark, sequence) WHERE identity_mark IS NOT NULL;
CREATE INDEX arrival_issuer ON arrival (issuer_mark, sequence) WHERE issuer_mark IS NOT NULL;

-- zstd already, so the server need not try; and within the row up to a page, so that one look is enough.
CREATE TABLE body (
    sequence bigint PRIMARY KEY,
    document bytea NOT NULL
) WITH (toast_tuple_target = 8160);
ALTER TABLE body ALTER COLUMN document SET STORAGE EXTERNAL;

CREATE TABLE subject (
    algorithm text NOT NULL,
    digest bytea NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (digest, algorithm, sequence)
);

-- The id of a key, or what a signature says about its key; the first 16 bytes of its SHA-256.
CREATE TABLE arrival_key (
    mark bytea NOT NULL,
    sequence bigint NOT NULL,
    PRIMARY KEY (mark, sequence)
);

CREATE TABLE report (
    attestation bytea PRIMARY KEY CHECK (octet_length(attestation) = 32),
    arrival bigint NOT NULL,
    dependencies bytea NOT NULL,
    record bytea NOT NULL,
    sum bytea NOT NULL
);
CREATE INDEX report_arrival ON report (arrival, attestation);
CREATE TABLE report_dependency (
    mark bytea NOT NULL,
    arrival bigint NOT NULL,
    attestation bytea NOT NULL,
    PRIMARY KEY (mark, arrival, attestation)
);
CREATE INDEX report_dependency_attestation ON report_dependency (attestation);

CREATE TABLE link (
    earlier bytea NOT NULL CHECK (octet_length(earlier) = 32),
    later bytea NOT NULL CHECK (octet_length(later) = 32),
    kind text NOT NULL,
    at bigint NOT NULL,
    sequence bigint GENERATED ALWAYS AS IDENTITY,
    PRIMARY KEY (earlier, later, kind)
);
CREATE INDEX link_later ON link (later);

-- Where the journal ends. Whoever writes into it holds this row, so that an event with a lower number is never seen after one with a higher.
CREATE TABLE journal_head (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    latest bigint NOT NULL CHECK (latest >= 0),
    events bigint NOT NULL CHECK (events >= 0)
);
CREATE TABLE event (
    sequence bigint PRIMARY KEY,
    at bigint NOT NULL,
    kind text NOT NULL,
    level smallint NOT NULL,
    code text,
    attestation bytea,
    record bytea NOT NULL,
    sum bytea NOT NULL
);
CREATE INDEX event_at ON event (at);
CREATE INDEX event_attestation ON event (attestation, sequence) WHERE attestation IS NOT NULL;

CREATE TABLE remembered (mark bytea PRIMARY KEY CHECK (octet_length(mark) = 32));

CREATE TABLE run (
    id bytea PRIMARY KEY CHECK (octet_length(id) = 16),
    plan bytea NOT NULL,
    planned bigint NOT NULL,
    started timestamptz NOT NULL DEFAULT now()
);
-- Taken while `worker` is set; taken over when `until` is past by the clock of the server; over when `outcome` is set.
CREATE TABLE share (
    run bytea NOT NULL REFERENCES run,
    number bigint NOT NULL,
    arrivals bigint[] NOT NULL,
    worker bytea,
    until timestamptz,
    outcome bytea,
    PRIMARY KEY (run, number)
);
CREATE INDEX share_open ON share (run, number) WHERE outcome IS NULL;

-- Changes that were made, by the name that their maker gave them, and what was answered.
CREATE TABLE operation (
    id bytea PRIMARY KEY CHECK (octet_length(id) = 16),
    answer bytea NOT NULL,
    made timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX operation_made ON operation (made);

-- The trust log: its entries, and its head after each group of them with the roots of the complete subtrees.
CREATE TABLE log (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    id bytea NOT NULL CHECK (octet_length(id) = 32),
    size bigint NOT NULL CHECK (size >= 0)
);
CREATE TABLE log_entry (
    sequence bigint PRIMARY KEY CHECK (sequence >= 0),
    entry bytea NOT NULL,
    sum bytea NOT NULL
);
CREATE TABLE log_group (
    size bigint PRIMARY KEY CHECK (size >= 0),
    root bytea NOT NULL CHECK (octet_length(root) = 32),
    frontier bytea NOT NULL,
    checkpoint bytea NOT NULL,
    sum bytea NOT NULL
);
";

/// Runs, their shares and links get checksums. Runs of before are dropped: they can be started again.
const SECOND: &str = "
DELETE FROM share;
DELETE FROM run;
ALTER TABLE run ADD COLUMN sum bytea NOT NULL;
ALTER TABLE share ADD COLUMN sum bytea NOT NULL, ADD COLUMN outcome_sum bytea;
ALTER TABLE link ADD COLUMN sum bytea;
UPDATE link SET sum = sha256(earlier || later || convert_to(kind, 'UTF8') || int8send(at));
ALTER TABLE link ALTER COLUMN sum SET NOT NULL;
";

/// Answers get checksums, and links are counted. Answers of before are dropped: nobody asks for one across an upgrade.
const THIRD: &str = "
DELETE FROM operation;
ALTER TABLE store ADD COLUMN links bigint NOT NULL DEFAULT 0 CHECK (links >= 0);
UPDATE store SET links = (SELECT count(*) FROM link);
";

/// The checksums that the server computes, of a run `r`, of what is in a share `s`, of what came of it, and of a link `l`.
pub(super) const RUN_SUM: &str = "sha256(r.id || r.plan || int8send(r.planned))";
pub(super) const SHARE_SUM: &str = "sha256(s.run || int8send(s.number) || array_send(s.arrivals))";
pub(super) const OUTCOME_SUM: &str = "sha256(s.run || int8send(s.number) || array_send(s.arrivals) || s.outcome)";
pub(super) const LINK_SUM: &str = "sha256(l.earlier || l.later || convert_to(l.kind, 'UTF8') || int8send(l.at))";

/// What came of looking for the tables.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Found {
    /// There are none.
    Nothing,
    /// In this version, which is not newer than ours.
    Version(u64),
}

/// Makes the schema and its tables, or brings them to this version. Several nodes may do it at once.
pub(super) fn make(session: &mut Session) -> Result<(), StoreError> {
    let schema = session.schema().to_owned();
    if session.read(|wire| find(wire, &schema))? == Found::Version(VERSION) {
        return Ok(());
    }
    loop {
        let version = session.write(|wire| step(wire, &schema))?;
        if version >= VERSION {
            return Ok(());
        }
    }
}

/// Refuses what is not there or newer, and brings what is older to this version.
pub(super) fn open(session: &mut Session) -> Result<(), StoreError> {
    let schema = session.schema().to_owned();
    match session.read(|wire| find(wire, &schema))? {
        Found::Version(VERSION) => Ok(()),
        Found::Version(_) => make(session),
        Found::Nothing => Err(not_found(session)),
    }
}

pub(super) fn not_found(session: &Session) -> StoreError {
    StoreError::NotFound { what: format!("store at {}", session.place()) }
}

/// One migration in one transaction, and the version after it.
fn step(wire: &mut Wire, schema: &str) -> Result<u64, Fault> {
    // To the end of the transaction. Nobody else makes tables here meanwhile, whatever node it is on.
    wire.query_opt("SELECT 1 FROM pg_advisory_xact_lock($1, hashtext($2))", &[&ADVISORY, &schema])?;
    let from = match find(wire, schema)? {
        Found::Version(VERSION) => return Ok(VERSION),
        Found::Version(version) => version,
        Found::Nothing => {
            // An administrator may have made it for a user who may not.
            if wire.query_opt("SELECT true FROM pg_namespace WHERE nspname = $1", &[&schema])?.is_none() {
                wire.batch("create", &format!("CREATE SCHEMA \"{schema}\""))?;
            }
            wire.batch(
                "create",
                "CREATE TABLE schema_version (one boolean PRIMARY KEY DEFAULT true CHECK (one), version bigint NOT NULL);
                 INSERT INTO schema_version (version) VALUES (0)",
            )?;
            0
        }
    };
    let migration = usize::try_from(from).ok().and_then(|from| MIGRATIONS.get(from)).copied().unwrap_or_default();
    wire.batch("migrate", migration)?;
    let version = from + 1;
    wire.batch("migrate", &format!("UPDATE schema_version SET version = {version}"))?;
    Ok(version)
}

fn find(wire: &mut Wire, schema: &str) -> Result<Found, Fault> {
    let present = wire.query_opt(
        "SELECT true FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 AND c.relname = 'schema_version'",
        &[&schema],
    )?;
    if present.is_none() {
        return Ok(Found::Nothing);
    }
    let row = wire.query_opt("SELECT version FROM schema_version", &[])?;
    let found = match row {
        Some(row) => cell::<i64>(&row, 0, "schema_version")?,
        None => return Err(super::row::corrupt("schema_version", "it is empty").into()),
    };
    let found = u64::try_from(found).map_err(|_| super::row::corrupt("schema_version", "the version is negative"))?;
    if found > VERSION {
        return Err(StoreError::SchemaTooNew { place: wire.place().to_owned(), found, supported: VERSION }.into());
    }
    Ok(Found::Version(found))
}
