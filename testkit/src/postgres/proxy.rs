//! Stands between a client and a server without TLS, counts what is asked, and cuts the line or changes an answer where it is told to.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::server::loopback_url;

/// When something happens to a statement.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum When {
    /// The server has carried it out and answered, and the answer is lost.
    After,
    /// The server has not heard of it.
    Before,
}

type Deed = Box<dyn FnOnce() + Send>;
type Change = Box<dyn FnMut(u8, Vec<u8>) -> Vec<u8> + Send>;

#[derive(Default)]
struct Plan {
    /// Statements so far; the preparation of a statement is one, too.
    statements: usize,
    cut: Option<(usize, When, Deed)>,
    change: Option<Change>,
}

/// A man in the middle.
pub struct Proxy {
    port: u16,
    plan: Arc<Mutex<Plan>>,
}

impl Proxy {
    /// Stands before the server on this port of this machine.
    ///
    /// # Panics
    /// When no port is free.
    pub fn before(server: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let plan = Arc::new(Mutex::new(Plan::default()));
        let shared = Arc::clone(&plan);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let plan = Arc::clone(&shared);
                thread::spawn(move || carry(client, server, &plan));
            }
        });
        Self { port, plan }
    }

    /// The address to connect to.
    pub fn url(&self, schema: &str) -> String {
        loopback_url(self.port, schema)
    }

    /// Counts from here on.
    pub fn reset(&self) {
        *held(&self.plan) = Plan::default();
    }

    /// How many statements there were.
    pub fn statements(&self) -> usize {
        held(&self.plan).statements
    }

    /// Does `deed` at the statement of this number, from 0, counted from here on, and cuts the line. Afterwards nothing happens any more.
    pub fn cut(&self, statement: usize, when: When, deed: impl FnOnce() + Send + 'static) {
        *held(&self.plan) = Plan { statements: 0, cut: Some((statement, when, Box::new(deed))), change: None };
    }

    /// Whether the cut is still to come.
    pub fn is_waiting(&self) -> bool {
        held(&self.plan).cut.is_some()
    }

    /// Gives each answer of the server, with its tag, to `change`, and what comes back to the client: whole messages with tag and length.
    pub fn change(&self, change: impl FnMut(u8, Vec<u8>) -> Vec<u8> + Send + 'static) {
        *held(&self.plan) = Plan { statements: 0, cut: None, change: Some(Box::new(change)) };
    }
}

fn held(plan: &Mutex<Plan>) -> MutexGuard<'_, Plan> {
    plan.lock().unwrap_or_else(PoisonError::into_inner)
}

fn carry(mut client: TcpStream, server: u16, plan: &Arc<Mutex<Plan>>) {
    let Ok(mut server) = TcpStream::connect(("127.0.0.1", server)) else { return };
    // The deed that waits for the answer to the statement that was let through.
    let lost: Arc<Mutex<Option<Deed>>> = Arc::default();
    let (Ok(back), Ok(answers)) = (client.try_clone(), server.try_clone()) else { return };
    let (others, deed) = (Arc::clone(plan), Arc::clone(&lost));
    let backward = thread::spawn(move || {
        let _ = backward(answers, back, &others, &deed);
    });
    let _ = forward(&mut client, &mut server, plan, &lost);
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    let _ = backward.join();
}

fn forward(
    client: &mut TcpStream,
    server: &mut TcpStream,
    plan: &Mutex<Plan>,
    lost: &Mutex<Option<Deed>>,
) -> io::Result<()> {
    // The first message has no tag.
    server.write_all(&body(client)?)?;
    loop {
        let mut tag = [0];
        client.read_exact(&mut tag)?;
        let body = body(client)?;
        // A simple query, or the end of an extended one.
        if matches!(tag[0], b'Q' | b'S') {
            let mut plan = held(plan);
            let number = plan.statements;
            plan.statements += 1;
            match plan.cut.take() {
                Some((at, When::Before, deed)) if at == number => {
                    drop(plan);
                    deed();
                    return Ok(());
                }
                Some((at, When::After, deed)) if at == number => {
                    *lost.lock().unwrap_or_else(PoisonError::into_inner) = Some(deed)
                }
                other => plan.cut = other,
            }
        }
        server.write_all(&[&tag, body.as_slice()].concat())?;
    }
}

fn backward(
    mut server: TcpStream,
    mut client: TcpStream,
    plan: &Mutex<Plan>,
    lost: &Mutex<Option<Deed>>,
) -> io::Result<()> {
    let done = (|| loop {
        let mut tag = [0];
        server.read_exact(&mut tag)?;
        let body = body(&mut server)?;
        let is_lost = lost.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        if is_lost {
            // Ready for the next statement, or for the rows of a COPY: this one is carried out.
            if matches!(tag[0], b'G' | b'Z') {
                if let Some(deed) = lost.lock().unwrap_or_else(PoisonError::into_inner).take() {
                    deed();
                }
                return Ok(());
            }
            continue;
        }
        let message = [&tag, body.as_slice()].concat();
        let message = match &mut held(plan).change {
            Some(change) => change(tag[0], message),
            None => message,
        };
        client.write_all(&message)?;
    })();
    let _ = (client.shutdown(Shutdown::Both), server.shutdown(Shutdown::Both));
    done
}

/// A length and what it is the length of, itself included.
fn body(from: &mut TcpStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let rest = usize::try_from(u32::from_be_bytes(length)).unwrap_or(0).saturating_sub(4);
    let mut body = length.to_vec();
    body.resize(4 + rest, 0);
    from.read_exact(&mut body[4..])?;
    Ok(body)
}
