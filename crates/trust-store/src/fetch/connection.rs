//! One TLS connection to an address that was checked, within the total time.

use alloc::string::ToString;
use alloc::sync::Arc;
use core::net::{IpAddr, SocketAddr};
use std::io::{self, Read, Write};
use std::net::TcpStream;

use rustls::{ClientConnection, RootCertStore, StreamOwned};
use stella_vocabulary::UnixTime;

use super::deadline::{Deadline, Phase};
use super::error::{FetchError, Interruption, TlsFlaw};
use super::tls;
use super::url::FetchUrl;

/// Most addresses that are tried.
const ADDRESSES: usize = 8;

/// What can be asked and answers.
pub(super) type Connection<'d> = StreamOwned<ClientConnection, Wire<'d>>;

/// Connects to the first of `addresses` that answers, and agrees on TLS with it.
pub(super) fn connect<'d>(
    url: &FetchUrl,
    addresses: &[IpAddr],
    authorities: &Arc<RootCertStore>,
    at: UnixTime,
    deadline: Deadline<'d>,
) -> Result<Connection<'d>, FetchError> {
    let socket = dial(url, addresses, &deadline)?;
    // The request is one small write, and nothing shall wait for a second one.
    let _ = socket.set_nodelay(true);
    let refused = |flaw| FetchError::Tls { url: url.to_string(), flaw };
    let mut wire = Wire { socket, deadline };
    let mut tls = tls::connection(authorities, &url.origin.host, at).map_err(refused)?;
    while tls.is_handshaking() {
        match tls.complete_io(&mut wire) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                return Err(FetchError::Timeout { url: url.to_string(), phase: Phase::Handshake });
            }
            Err(error) => return Err(refused(tls::flaw_in(&error).unwrap_or(TlsFlaw::Interrupted))),
        }
    }
    Ok(StreamOwned::new(tls, wire))
}

fn dial(url: &FetchUrl, addresses: &[IpAddr], deadline: &Deadline<'_>) -> Result<TcpStream, FetchError> {
    let mut outcome = Interruption::NotConnected { refused: false };
    let mut untried = u32::try_from(addresses.len().min(ADDRESSES)).unwrap_or(1);
    for address in addresses.iter().take(ADDRESSES) {
        let overdue = || FetchError::Timeout { url: url.to_string(), phase: Phase::Connecting };
        let left = deadline.left().ok_or_else(overdue)?;
        // Each address gets its share, so that one that swallows packets leaves time for the others.
        let share = left.checked_div(untried).filter(|share| !share.is_zero()).unwrap_or(left);
        untried = untried.saturating_sub(1).max(1);
        match TcpStream::connect_timeout(&SocketAddr::new(*address, url.origin.port), share) {
            Ok(socket) => return Ok(socket),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {}
            Err(error) => {
                outcome = Interruption::NotConnected { refused: error.kind() == io::ErrorKind::ConnectionRefused };
            }
        }
    }
    match deadline.left() {
        None => Err(FetchError::Timeout { url: url.to_string(), phase: Phase::Connecting }),
        Some(_) => Err(FetchError::Incomplete { url: url.to_string(), interruption: outcome }),
    }
}

/// A socket that no single read or write may keep beyond the total time, however slowly bytes trickle.
pub(super) struct Wire<'d> {
    socket: TcpStream,
    deadline: Deadline<'d>,
}

impl Read for Wire<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.left().ok_or(io::ErrorKind::TimedOut)?;
        self.socket.set_read_timeout(Some(left))?;
        self.socket.read(buffer).map_err(in_time)
    }
}

impl Write for Wire<'_> {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let left = self.deadline.left().ok_or(io::ErrorKind::TimedOut)?;
        self.socket.set_write_timeout(Some(left))?;
        self.socket.write(buffer).map_err(in_time)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.socket.flush()
    }
}

/// Systems differ in what they call it when the time is over.
fn in_time(error: io::Error) -> io::Error {
    if error.kind() == io::ErrorKind::WouldBlock { io::ErrorKind::TimedOut.into() } else { error }
}
