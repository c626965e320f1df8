//! One connection. Every answer has a time limit, also from a server that says nothing at all.

use std::collections::HashMap;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::pin;
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::time::{sleep, timeout};
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::config::{ChannelBinding, SslMode};
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Config, Error, NoTls, Row, Statement};

use super::connection::{Connection, Host};
use super::fault::Fault;
use super::tls;
use crate::error::StoreError;

/// What the server is given beyond its own time limit before it counts as silent; at most as long as that limit.
const GRACE: Duration = Duration::from_secs(5);

/// The values of a statement.
pub(super) type Values<'a> = &'a [&'a (dyn ToSql + Sync)];

/// One connection, used by one thread at a time.
pub(super) struct Wire {
    client: Client,
    /// Statements that the server has prepared, by their text.
    statements: HashMap<String, Statement>,
    place: String,
    patience: Duration,
    /// Whether something went wrong that leaves open in what state the connection is.
    spoiled: bool,
    /// Last, so that the client goes before what it runs on.
    runtime: Runtime,
}

impl Wire {
    pub(super) fn open(connection: &Connection) -> Result<Self, Fault> {
        let place = connection.to_string();
        let io = |why: String| StoreError::Io { place: place.clone(), operation: "connect", why };
        let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| io(error.to_string()))?;
        let config = config(connection);
        let connected = runtime.block_on(async {
            let seconds = connection.connect_timeout.as_secs();
            let failed = |error: Error| Fault::of(&error, &place, "connect");
            let silent = |_| Fault::silent(&place, "connect", seconds);
            if let Host::Verified(_) = connection.host {
                let connecting = config.connect(tls::connector(connection)?);
                let (client, io) =
                    timeout(connection.connect_timeout, connecting).await.map_err(silent)?.map_err(failed)?;
                tokio::spawn(io);
                Ok(client)
            } else {
                let connecting = config.connect(NoTls);
                let (client, io) =
                    timeout(connection.connect_timeout, connecting).await.map_err(silent)?.map_err(failed)?;
                tokio::spawn(io);
                Ok(client)
            }
        });
        let client = connected.map_err(|fault: Fault| match fault {
            // Who cannot be reached at all will not be reached at the next moment either.
            Fault::Lost(error) => Fault::Plain(error),
            other => other,
        })?;
        let patience = connection.statement_timeout + GRACE.min(connection.statement_timeout);
        let mut wire = Self { client, statements: HashMap::new(), place, patience, spoiled: false, runtime };
        wire.batch("connect", &settings(connection))?;
        Ok(wire)
    }

    /// Whether it can be used no more.
    pub(super) fn is_closed(&self) -> bool {
        self.spoiled || self.client.is_closed()
    }

    /// Lets nobody use it any more.
    pub(super) fn spoil(&mut self) {
        self.spoiled = true;
    }

    pub(super) fn place(&self) -> &str {
        &self.place
    }

    /// Carries out statements without values.
    pub(super) fn batch(&mut self, operation: &'static str, sql: &str) -> Result<(), Fault> {
        let answer = self.wait(operation, self.client.batch_execute(sql));
        self.noted(answer)
    }

    pub(super) fn query(&mut self, sql: &str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        let statement = self.statement(sql)?;
        let answer = self.wait("read", self.client.query(&statement, values));
        self.noted(answer)
    }

    /// At most one row.
    pub(super) fn query_opt(&mut self, sql: &str, values: Values<'_>) -> Result<Option<Row>, Fault> {
        let mut rows = self.query(sql, values)?;
        if rows.len() > 1 {
            return Err(
                StoreError::Corrupt { place: self.place.clone(), what: "a row is there twice".to_owned() }.into()
            );
        }
        Ok(rows.pop())
    }

    pub(super) fn execute(&mut self, sql: &str, values: Values<'_>) -> Result<u64, Fault> {
        let statement = self.statement(sql)?;
        let answer = self.wait("write", self.client.execute(&statement, values));
        self.noted(answer)
    }

    /// Writes many rows into a table: `sql` is `COPY … FROM STDIN (FORMAT binary)`, and `row` gives the values of each row in turn to
    /// what it is called with.
    pub(super) fn copy<R>(
        &mut self,
        sql: &str,
        types: &[Type],
        rows: &[R],
        values: impl Fn(&R) -> Vec<&(dyn ToSql + Sync)>,
    ) -> Result<(), Fault> {
        if rows.is_empty() {
            return Ok(());
        }
        let statement = self.statement(sql)?;
        let answer = self.wait("write", async {
            let sink = self.client.copy_in(&statement).await?;
            let mut writer = pin!(BinaryCopyInWriter::new(sink, types));
            for row in rows {
                writer.as_mut().write(&values(row)).await?;
            }
            writer.finish().await
        });
        self.noted(answer).map(|_| ())
    }

    /// Waits a while before another try.
    pub(super) fn pause(place: &str, milliseconds: u64) -> Result<(), StoreError> {
        let runtime = Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|error| StoreError::Io {
            place: place.to_owned(),
            operation: "wait",
            why: error.to_string(),
        })?;
        runtime.block_on(async { sleep(Duration::from_millis(milliseconds)).await });
        Ok(())
    }

    fn statement(&mut self, sql: &str) -> Result<Statement, Fault> {
        if let Some(statement) = self.statements.get(sql) {
            return Ok(statement.clone());
        }
        let answer = self.wait("prepare", self.client.prepare(sql));
        let statement = self.noted(answer)?;
        self.statements.insert(sql.to_owned(), statement.clone());
        Ok(statement)
    }

    /// Anything but an answer of the server leaves open what it has got and done.
    fn wait<T>(&self, operation: &'static str, work: impl Future<Output = Result<T, Error>>) -> Answer<T> {
        match self.runtime.block_on(async { timeout(self.patience, work).await }) {
            Ok(Ok(value)) => Answer::Good(value),
            Ok(Err(error)) if error.as_db_error().is_some() => {
                Answer::Refused(Fault::of(&error, &self.place, operation))
            }
            Ok(Err(error)) => Answer::Spoiled(Fault::of(&error, &self.place, operation)),
            Err(_) => Answer::Spoiled(Fault::silent(&self.place, operation, self.patience.as_secs())),
        }
    }

    fn noted<T>(&mut self, answer: Answer<T>) -> Result<T, Fault> {
        match answer {
            Answer::Good(value) => Ok(value),
            Answer::Refused(fault) => Err(fault),
            Answer::Spoiled(fault) => {
                self.spoil();
                Err(fault)
            }
        }
    }
}

/// What came of a statement.
enum Answer<T> {
    Good(T),
    /// The server said no, and the connection is as good as before.
    Refused(Fault),
    Spoiled(Fault),
}

fn config(connection: &Connection) -> Config {
    let mut config = Config::new();
    config
        .user(&connection.user)
        .dbname(&connection.database)
        .port(connection.port)
        .application_name(&connection.application_name)
        .connect_timeout(connection.connect_timeout)
        .tcp_user_timeout(connection.statement_timeout + GRACE)
        .keepalives_idle(Duration::from_secs(30))
        .channel_binding(ChannelBinding::Prefer);
    if let Some(password) = &connection.password {
        config.password(password);
    }
    match &connection.host {
        Host::Loopback(host) => {
            // Whatever a resolver makes of `localhost`, nobody but this machine is talked to without TLS.
            let address = host.parse().unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST));
            config.host(host).hostaddr(address).ssl_mode(SslMode::Disable)
        }
        Host::Socket(directory) => config.host_path(directory).ssl_mode(SslMode::Disable),
        Host::Verified(host) => config.host(host).ssl_mode(SslMode::Require),
    };
    config
}

/// What every connection begins with. What the administrator has set for durability is made stronger, never weaker.
fn settings(connection: &Connection) -> String {
    format!(
        "SET search_path TO \"{}\"; SET statement_timeout TO {}; SET lock_timeout TO {}; \
         SET idle_in_transaction_session_timeout TO {}; SET client_min_messages TO error; \
         SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') IN ('off', 'local')",
        connection.schema,
        connection.statement_timeout.as_millis(),
        connection.lock_timeout.as_millis(),
        connection.idle_timeout.as_millis(),
    )
}
