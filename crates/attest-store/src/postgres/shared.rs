//! The store in PostgreSQL.

use stella_attest_model::{AttestationId, IdPrefix};

use super::arrivals::{self, Head};
use super::connection::Connection;
use super::row::{corrupt, count, exact};
use super::session::Session;
use super::{check, journal, marks, reports, runs, schema};
use crate::arrival::{Added, Arrival, Incoming};
use crate::error::StoreError;
use crate::event::{Event, EventFilter, NewEvent, Retention};
use crate::filter::Filter;
use crate::report_record::{Link, ReportRecord};
use crate::store::{About, AttestationStore, Flaw, OperationId, Progress};
use crate::work::{Finished, RunId, RunPlan, RunState, Share};

/// A store in a schema of a PostgreSQL database, for any number of nodes at once. A value is one connection.
pub struct Shared {
    session: Session,
}

impl Shared {
    /// Makes an empty store and opens it. `id` is 16 random bytes, or that of the store whose copy this is to be. The schema and its
    /// tables are made where they are not there.
    ///
    /// # Errors
    /// [`StoreError::AlreadyExists`]; those of [`Shared::connect`].
    pub fn create(connection: &Connection, id: [u8; 16]) -> Result<Self, StoreError> {
        let mut session = Session::open(connection)?;
        schema::make(&mut session)?;
        let place = session.place().to_owned();
        let mut tried = false;
        session.write(|wire| {
            let made = wire.execute("INSERT INTO store (id) VALUES ($1) ON CONFLICT DO NOTHING", &[&id.as_slice()])?;
            if made == 0 {
                let row = wire.query_opt("SELECT id FROM store", &[])?;
                let is_ours = row.map(|row| exact(&row, 0, "store")).transpose()? == Some(id);
                // The answer to the first try may have been lost.
                return if tried && is_ours {
                    Ok(())
                } else {
                    Err(StoreError::AlreadyExists { place: place.clone() }.into())
                };
            }
            tried = true;
            wire.execute(
                "INSERT INTO head (size, link, attestations, bytes, sum) VALUES (0, $1, 0, 0, $2)",
                &[&Head::EMPTY.arrivals.link.as_slice(), &Head::EMPTY.sum()],
            )?;
            wire.execute("INSERT INTO journal_head (latest, events) VALUES (0, 0)", &[])?;
            Ok(())
        })?;
        Ok(Self { session })
    }

    /// Opens a store. Tables of an older version are brought to this one.
    ///
    /// # Errors
    /// [`StoreError::NotFound`] where no store was made; [`StoreError::SchemaTooNew`]; [`StoreError::Permissions`], [`StoreError::Busy`] and
    /// [`StoreError::Io`] where the server does not let in, cannot take one more, or cannot be reached or believed.
    pub fn connect(connection: &Connection) -> Result<Self, StoreError> {
        let mut session = Session::open(connection)?;
        schema::open(&mut session)?;
        if session.read(|wire| wire.query_opt("SELECT id FROM store", &[]))?.is_none() {
            return Err(schema::not_found(&session));
        }
        Ok(Self { session })
    }
}

impl AttestationStore for Shared {
    fn about(&mut self) -> Result<About, StoreError> {
        let place = self.session.place().to_owned();
        self.session.read(|wire| {
            let sql = "SELECT s.id, j.events FROM store s, journal_head j";
            let row = wire.query_opt(sql, &[])?.ok_or_else(|| corrupt("store", "it is empty"))?;
            let head = Head::read(wire)?;
            Ok(About {
                kind: "postgres",
                place: place.clone(),
                id: exact(&row, 0, "store")?,
                schema: schema::VERSION,
                head: head.arrivals,
                attestations: head.attestations,
                bytes: head.bytes,
                events: count(&row, 1, "journal_head")?,
            })
        })
    }

    fn add(&mut self, batch: &[Incoming<'_>], operation: OperationId) -> Result<Vec<Added>, StoreError> {
        arrivals::add(&mut self.session, batch, operation)
    }

    fn take_over(&mut self, arrivals: &[(Arrival, Vec<u8>)]) -> Result<(), StoreError> {
        arrivals::take_over(&mut self.session, arrivals)
    }

    fn arrivals(&mut self, attestation: &AttestationId) -> Result<Vec<Arrival>, StoreError> {
        arrivals::of(&mut self.session, attestation)
    }

    fn arrival(&mut self, sequence: u64) -> Result<Option<Arrival>, StoreError> {
        arrivals::at(&mut self.session, sequence)
    }

    fn resolve(&mut self, prefix: &IdPrefix, most: usize) -> Result<Vec<AttestationId>, StoreError> {
        arrivals::resolve(&mut self.session, prefix, most)
    }

    fn find(&mut self, filter: &Filter, after: u64, most: usize) -> Result<Vec<Arrival>, StoreError> {
        arrivals::find(&mut self.session, filter, after, most)
    }

    fn document(&mut self, arrival: &Arrival) -> Result<Vec<u8>, StoreError> {
        arrivals::document(&mut self.session, arrival)
    }

    fn keep_reports(&mut self, reports: &[ReportRecord]) -> Result<(), StoreError> {
        reports::keep(&mut self.session, reports)
    }

    fn report(&mut self, attestation: &AttestationId) -> Result<Option<ReportRecord>, StoreError> {
        reports::of(&mut self.session, attestation)
    }

    fn reports(&mut self, dependency: Option<&str>, after: u64, most: usize) -> Result<Vec<ReportRecord>, StoreError> {
        reports::list(&mut self.session, dependency, after, most)
    }

    fn keep_link(&mut self, link: &Link) -> Result<(), StoreError> {
        reports::keep_link(&mut self.session, link)
    }

    fn links(&mut self, attestation: &AttestationId) -> Result<Vec<Link>, StoreError> {
        reports::links(&mut self.session, attestation)
    }

    fn journal(&mut self, events: &[NewEvent]) -> Result<(), StoreError> {
        journal::write(&mut self.session, events)
    }

    fn events(&mut self, filter: &EventFilter, after: u64, most: usize) -> Result<Vec<Event>, StoreError> {
        journal::events(&mut self.session, filter, after, most)
    }

    fn forget_events(&mut self, retention: &Retention) -> Result<u64, StoreError> {
        journal::forget(&mut self.session, retention)
    }

    fn remembered(&mut self, marks: &[[u8; 32]]) -> Result<Vec<bool>, StoreError> {
        marks::remembered(&mut self.session, marks)
    }

    fn remember(&mut self, marks: &[[u8; 32]]) -> Result<(), StoreError> {
        marks::remember(&mut self.session, marks)
    }

    fn forget_marks(&mut self) -> Result<u64, StoreError> {
        marks::forget(&mut self.session)
    }

    fn start_run(&mut self, run: RunId, plan: &RunPlan) -> Result<RunState, StoreError> {
        runs::start(&mut self.session, run, plan)
    }

    fn take_share(&mut self, run: RunId, worker: &str, lease: u32) -> Result<Option<Share>, StoreError> {
        runs::take(&mut self.session, run, worker, lease)
    }

    fn finish_share(
        &mut self,
        run: RunId,
        worker: &str,
        share: u64,
        results: &[ReportRecord],
    ) -> Result<Finished, StoreError> {
        runs::finish(&mut self.session, run, worker, share, results)
    }

    fn run(&mut self, run: RunId) -> Result<Option<RunState>, StoreError> {
        runs::state_of(&mut self.session, run)
    }

    fn check(&mut self, most: usize, progress: &mut dyn FnMut(Progress)) -> Result<Vec<Flaw>, StoreError> {
        check::check(&mut self.session, most, progress)
    }
}
