//! One answer of HTTP/1.1, read to its end within limits. RFC 9112, as far as one GET without compression needs it.

use alloc::string::String;
use alloc::vec::Vec;
use std::io::{self, BufRead, BufReader, Read};

use super::deadline::Phase;
use super::error::{Part, TlsFlaw};
use super::tls;

/// Most header fields of one answer. `httparse` needs a place for each.
const FIELDS: usize = 100;
/// Longest line with the size of a chunk, extensions included, in bytes.
const CHUNK_LINE: usize = 256;

/// How much is read, in bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    pub(super) headers: usize,
    pub(super) body: usize,
}

/// What a server answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Response {
    /// Only read for status 200.
    pub(super) body: Vec<u8>,
    pub(super) location: Option<String>,
    pub(super) retry_after: Option<String>,
    pub(super) status: u16,
}

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// The body is encoded, though that was not asked for.
    Compressed(String),
    /// The connection ended early.
    Ended {
        received: usize,
        expected: Option<usize>,
    },
    /// What was announced and what came differ.
    Excess,
    /// Not what HTTP/1.1 looks like.
    NotHttp(&'static str),
    TimedOut(Phase),
    Tls(TlsFlaw),
    TooLarge(Part),
}

impl Broken {
    /// Says how much had come before the end.
    fn after(self, received: usize, expected: Option<usize>) -> Self {
        if matches!(self, Self::Ended { .. }) { Self::Ended { received, expected } } else { self }
    }
}

/// Reads one answer from `source`; what follows it there is refused, not kept.
pub(super) fn read(source: &mut dyn Read, sizes: Sizes) -> Result<Response, Broken> {
    let mut source = BufReader::with_capacity(8192, source);
    let mut spent = 0;
    loop {
        let head = read_head(&mut source, sizes.headers, &mut spent)?;
        let head = Head::parse(&head)?;
        // 1xx announces the answer (RFC 9110 §15.2); 101 would be the end of HTTP, and nobody asked for that.
        if !(100..200).contains(&head.status) || head.status == 101 {
            return head.answer(&mut source, sizes);
        }
    }
}

/// The bytes up to the empty line. All heads of one answer share the limit.
fn read_head(source: &mut BufReader<&mut dyn Read>, limit: usize, spent: &mut usize) -> Result<Vec<u8>, Broken> {
    let mut head = Vec::new();
    loop {
        let phase = if *spent == 0 { Phase::Answer } else { Phase::Headers };
        let available = fill(source, phase)?;
        if available.is_empty() {
            return Err(Broken::Ended { received: 0, expected: None });
        }
        let mut used = 0;
        let mut complete = false;
        for byte in available {
            used += 1;
            head.push(*byte);
            if head.ends_with(b"\r\n\r\n") {
                complete = true;
                break;
            }
            if *spent + used > limit {
                return Err(Broken::TooLarge(Part::Headers));
            }
        }
        source.consume(used);
        *spent += used;
        if *spent > limit {
            return Err(Broken::TooLarge(Part::Headers));
        }
        if complete {
            return Ok(head);
        }
    }
}

/// What the head says about the rest.
struct Head {
    encoding: Option<String>,
    framing: Framing,
    location: Option<String>,
    retry_after: Option<String>,
    status: u16,
}

#[derive(Clone, Copy)]
enum Framing {
    Chunks,
    Length(usize),
    UntilClosed,
}

impl Head {
    fn parse(bytes: &[u8]) -> Result<Self, Broken> {
        let mut fields = [httparse::EMPTY_HEADER; FIELDS];
        let mut parsed = httparse::Response::new(&mut fields);
        // RFC 9112 §2.2 lets a reader take a line feed alone for the end of a line. Then the head might end before the empty line
        // that it was cut at, and what is in between would be read by nobody.
        let ends = |pair: &[u8]| pair.starts_with(b"\r") == pair.ends_with(b"\n");
        if bytes.starts_with(b"\n") || !bytes.windows(2).all(ends) {
            return Err(Broken::NotHttp("a line of its head has another end than CR LF"));
        }
        match parsed.parse(bytes) {
            Ok(httparse::Status::Complete(_)) => {}
            Ok(httparse::Status::Partial) => return Err(Broken::NotHttp("its head is incomplete")),
            Err(httparse::Error::TooManyHeaders) => return Err(Broken::TooLarge(Part::Headers)),
            Err(_) => return Err(Broken::NotHttp("its head is malformed")),
        }
        let (Some(version), Some(status)) = (parsed.version, parsed.code) else {
            return Err(Broken::NotHttp("its head is incomplete"));
        };
        if !(100..600).contains(&status) {
            return Err(Broken::NotHttp("its status is none"));
        }
        let all = |name: &str| -> Vec<&[u8]> {
            let named = parsed.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name));
            named.map(|field| field.value.trim_ascii()).collect()
        };
        let text = |name: &str| all(name).first().map(|value| String::from_utf8_lossy(value).into_owned());
        let encodings = all("content-encoding");
        let encoding = encodings.iter().find(|value| !value.is_empty() && !value.eq_ignore_ascii_case(b"identity"));
        Ok(Self {
            encoding: encoding.map(|value| String::from_utf8_lossy(value).into_owned()),
            framing: framing(version, &all("transfer-encoding"), &all("content-length"))?,
            location: text("location"),
            retry_after: text("retry-after"),
            status,
        })
    }

    fn answer(self, source: &mut BufReader<&mut dyn Read>, sizes: Sizes) -> Result<Response, Broken> {
        let Self { encoding, framing, location, retry_after, status } = self;
        let mut body = Vec::new();
        if status == 200 {
            if let Some(encoding) = encoding {
                return Err(Broken::Compressed(encoding));
            }
            match framing {
                Framing::Chunks => read_chunks(source, sizes, &mut body)?,
                Framing::Length(length) if length > sizes.body => return Err(Broken::TooLarge(Part::Body)),
                Framing::Length(length) => read_exactly(source, length, Some(length), &mut body)?,
                Framing::UntilClosed => read_to_end(source, sizes.body, &mut body)?,
            }
            // Nothing was asked after this: more bytes mean that the length was wrong.
            if !source.buffer().is_empty() {
                return Err(Broken::Excess);
            }
        }
        Ok(Response { body, location, retry_after, status })
    }
}

/// RFC 9112 §6.3, without its leniency: what is ambiguous is refused.
fn framing(version: u8, codings: &[&[u8]], lengths: &[&[u8]]) -> Result<Framing, Broken> {
    match (codings, lengths) {
        ([], []) => Ok(Framing::UntilClosed),
        ([coding], []) if version == 1 && coding.eq_ignore_ascii_case(b"chunked") => Ok(Framing::Chunks),
        ([], [length]) => {
            if length.is_empty() || !length.iter().all(u8::is_ascii_digit) {
                return Err(Broken::NotHttp("its length is no number"));
            }
            // A number too large for a machine is a length too large for us.
            let digits = core::str::from_utf8(length).map_err(|_| Broken::NotHttp("its length is no number"))?;
            Ok(Framing::Length(digits.parse().unwrap_or(usize::MAX)))
        }
        ([], _) => Err(Broken::NotHttp("it has several lengths")),
        (_, []) => Err(Broken::NotHttp("it has another transfer coding than chunked")),
        _ => Err(Broken::NotHttp("it has both a length and a transfer coding")),
    }
}

fn read_exactly(
    source: &mut BufReader<&mut dyn Read>,
    mut length: usize,
    announced: Option<usize>,
    body: &mut Vec<u8>,
) -> Result<(), Broken> {
    while length > 0 {
        let available = fill(source, Phase::Body).map_err(|broken| broken.after(body.len(), announced))?;
        if available.is_empty() {
            return Err(Broken::Ended { received: body.len(), expected: announced });
        }
        let used = available.len().min(length);
        body.extend(available.iter().take(used));
        source.consume(used);
        length -= used;
    }
    Ok(())
}

fn read_to_end(source: &mut BufReader<&mut dyn Read>, limit: usize, body: &mut Vec<u8>) -> Result<(), Broken> {
    loop {
        let available = fill(source, Phase::Body).map_err(|broken| broken.after(body.len(), None))?;
        if available.is_empty() {
            return Ok(());
        }
        if available.len() > limit.saturating_sub(body.len()) {
            return Err(Broken::TooLarge(Part::Body));
        }
        body.extend_from_slice(available);
        let used = available.len();
        source.consume(used);
    }
}

/// RFC 9112 §7.1. Extensions and trailers are passed over; they count like the headers.
fn read_chunks(source: &mut BufReader<&mut dyn Read>, sizes: Sizes, body: &mut Vec<u8>) -> Result<(), Broken> {
    // A chunk of one byte costs six: a body in the smallest pieces still fits, endless framing does not.
    let mut framing = sizes.headers.saturating_add(sizes.body.saturating_mul(6));
    loop {
        let line = read_line(source, &mut framing, body.len())?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii_end();
        let size = hexadecimal(digits).ok_or(Broken::NotHttp("the size of a chunk is none"))?;
        if size == 0 {
            break;
        }
        if size > sizes.body.saturating_sub(body.len()) {
            return Err(Broken::TooLarge(Part::Body));
        }
        read_exactly(source, size, None, body)?;
        if !read_line(source, &mut framing, body.len())?.is_empty() {
            return Err(Broken::NotHttp("a chunk is longer than it says"));
        }
    }
    while !read_line(source, &mut framing, body.len())?.is_empty() {}
    Ok(())
}

/// A line without its end.
fn read_line(source: &mut BufReader<&mut dyn Read>, left: &mut usize, received: usize) -> Result<Vec<u8>, Broken> {
    let mut line = Vec::new();
    loop {
        let available = fill(source, Phase::Body).map_err(|broken| broken.after(received, None))?;
        let Some(byte) = available.first().copied() else { return Err(Broken::Ended { received, expected: None }) };
        source.consume(1);
        *left = left.checked_sub(1).ok_or(Broken::TooLarge(Part::Body))?;
        line.push(byte);
        if line.ends_with(b"\r\n") {
            line.truncate(line.len() - 2);
            return Ok(line);
        }
        if line.len() > CHUNK_LINE {
            return Err(Broken::NotHttp("a line between chunks is too long"));
        }
    }
}

fn hexadecimal(digits: &[u8]) -> Option<usize> {
    let text = core::str::from_utf8(digits).ok().filter(|text| text.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    if text.is_empty() {
        return None;
    }
    // More digits than a machine has are a size beyond any limit.
    Some(usize::from_str_radix(text, 16).unwrap_or(usize::MAX))
}

fn fill<'b>(source: &'b mut BufReader<&mut dyn Read>, phase: Phase) -> Result<&'b [u8], Broken> {
    loop {
        match source.fill_buf() {
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) if error.kind() == io::ErrorKind::TimedOut => return Err(Broken::TimedOut(phase)),
            Err(error) => {
                return Err(match tls::flaw_in(&error) {
                    Some(flaw) => Broken::Tls(flaw),
                    // A reset, or a TLS connection that ended without saying so: nobody knows what is missing.
                    None => Broken::Ended { received: 0, expected: None },
                });
            }
        }
    }
    Ok(source.buffer())
}

/// The request for `target` of `host`. The connection is used once; nothing identifies who asks.
pub(super) fn request(host: &str, target: &str) -> String {
    alloc::format!(
        "GET {target} HTTP/1.1\r\nHost: {host}\r\n\
         Accept: application/jwk-set+json, application/json, application/x-pem-file, */*;q=0.1\r\n\
         Accept-Encoding: identity\r\nUser-Agent: stella/{}\r\nConnection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    )
}
