//! A connection that is made again when it is lost, and work that is tried again when others were in the way.

use super::connection::Connection;
use super::fault::Fault;
use super::wire::Wire;
use crate::error::StoreError;

/// How often a change is tried again after others were in its way.
const RETRIES: u32 = 3;

/// A way to one schema. Each call reconnects at most once.
pub(super) struct Session {
    connection: Connection,
    place: String,
    wire: Option<Wire>,
}

impl Session {
    /// Connects.
    pub(super) fn open(connection: &Connection) -> Result<Self, StoreError> {
        let place = connection.to_string();
        let mut session = Self { connection: connection.clone(), place, wire: None };
        session.repeated(&mut |_| Ok(()))?;
        Ok(session)
    }

    /// Where, without secrets.
    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// The schema, a plain identifier.
    pub(super) fn schema(&self) -> &str {
        &self.connection.schema
    }

    /// Reads. Each statement sees one version of the store.
    pub(super) fn read<T>(&mut self, mut work: impl FnMut(&mut Wire) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.repeated(&mut work)
    }

    /// Changes something in one transaction. `work` may be called several times, also after a change that was made without the answer
    /// having come through: it has to see for itself what is there.
    pub(super) fn write<T>(&mut self, mut work: impl FnMut(&mut Wire) -> Result<T, Fault>) -> Result<T, StoreError> {
        self.repeated(&mut |wire| {
            wire.batch("begin", "BEGIN ISOLATION LEVEL READ COMMITTED")?;
            match work(wire) {
                Ok(value) => wire.batch("commit", "COMMIT").map(|()| value),
                Err(Fault::Lost(error)) => Err(Fault::Lost(error)),
                Err(fault) => match wire.batch("roll back", "ROLLBACK") {
                    Ok(()) => Err(fault),
                    Err(_) => {
                        // The server rolls back what nobody is connected to. What is reported is why it was to be rolled back.
                        wire.spoil();
                        Err(fault)
                    }
                },
            }
        })
    }

    fn repeated<T>(&mut self, work: &mut dyn FnMut(&mut Wire) -> Result<T, Fault>) -> Result<T, StoreError> {
        let (mut retries, mut lost) = (0, false);
        loop {
            let fault = match self.wire().and_then(&mut *work) {
                Ok(value) => return Ok(value),
                Err(fault) => fault,
            };
            match fault {
                Fault::Again(_) if retries < RETRIES => {
                    retries += 1;
                    // 20, 80, 320 ms, and apart from others that were in the way of each other.
                    let apart = u64::from(std::process::id() % 16);
                    Wire::pause(&self.place, (5 << (2 * retries)) + apart)?;
                }
                Fault::Lost(_) if !lost => {
                    lost = true;
                    self.wire = None;
                }
                Fault::Lost(error) => {
                    self.wire = None;
                    return Err(error);
                }
                other => return Err(other.error()),
            }
        }
    }

    /// The connection; a new one if there is none any more.
    fn wire(&mut self) -> Result<&mut Wire, Fault> {
        if self.wire.as_ref().is_some_and(Wire::is_closed) {
            self.wire = None;
        }
        match &mut self.wire {
            Some(wire) => Ok(wire),
            empty => Ok(empty.insert(Wire::open(&self.connection)?)),
        }
    }
}
