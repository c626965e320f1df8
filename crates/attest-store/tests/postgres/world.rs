//! Schemas of a server, and stores in them.

use stella_attest_store::AttestationStore;
use stella_attest_store::StoreError;
use stella_attest_store::postgres::{Connection, Shared};
use stella_testkit::postgres::Server;

use crate::suite::Place;
pub(crate) use crate::suite::made::*;

/// A name that no other test has.
pub(crate) fn schema() -> String {
    format!("s{}_{}", std::process::id(), number())
}

pub(crate) fn connection(url: &str) -> Connection {
    Connection::parse(url, AT).unwrap()
}

pub(crate) fn create(url: &str) -> Shared {
    Shared::create(&connection(url), [7; 16]).unwrap()
}

/// A schema of its own on the server of the tests.
pub(crate) struct Schema(String);

impl Schema {
    /// `None` without a server.
    pub(crate) fn new() -> Option<Self> {
        Server::shared().map(|server| Self(server.socket_url(&schema())))
    }
}

impl Place for Schema {
    fn create(&self, id: [u8; 16]) -> Result<Box<dyn AttestationStore>, StoreError> {
        Ok(Box::new(Shared::create(&connection(&self.0), id)?))
    }

    fn open(&self) -> Result<Box<dyn AttestationStore>, StoreError> {
        Ok(Box::new(Shared::connect(&connection(&self.0))?))
    }
}
