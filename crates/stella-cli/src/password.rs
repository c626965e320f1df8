//! The password of a database, where the URL has none: PGPASSWORD, or the file that PGPASSFILE names.

use std::path::Path;

use stella_vocabulary::Code;

use crate::complaint::Complaint;
use crate::context;
use crate::private_file::{self, Secrecy};

/// The password for a login: host, port, database and user.
///
/// # Errors
/// A password file that is not there, or that others can read.
pub(crate) fn find(login: (&str, u16, &str, &str)) -> Result<Option<String>, Complaint> {
    if let Some(password) = context::database_password() {
        return Ok(Some(password));
    }
    let Some(path) = context::database_password_file() else { return Ok(None) };
    in_file(&path, login)
}

fn in_file(path: &Path, login: (&str, u16, &str, &str)) -> Result<Option<String>, Complaint> {
    let missing = || {
        Complaint::new(Code::ConfigInvalid, "the password file is not there")
            .place("PGPASSFILE")
            .found(path.display().to_string())
            .expected("a file of lines host:port:database:user:password that only you can read")
            .remedy("put it there, or unset PGPASSFILE")
    };
    let bytes = private_file::read(path, Secrecy::Secret)?.ok_or_else(missing)?;
    let bytes = zeroize::Zeroizing::new(bytes);
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.lines().find_map(|line| fits(line, login)))
}

/// The password in a line, if its first four parts fit: `*` fits all, and a backslash takes away what a colon means.
fn fits(line: &str, (host, port, database, user): (&str, u16, &str, &str)) -> Option<String> {
    let mut parts = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        // Behind the fourth colon everything is password.
        match letter {
            ':' if parts.len() < 5 => parts.push(String::new()),
            '\\' => parts.last_mut()?.extend(letters.next()),
            letter => parts.last_mut()?.push(letter),
        }
    }
    let port = port.to_string();
    let [a, b, c, d, password] = parts.as_slice() else { return None };
    let fits = [(a, host), (b, port.as_str()), (c, database), (d, user)];
    fits.into_iter().all(|(part, wanted)| part == "*" || part == wanted).then(|| password.clone())
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_line_of_a_password_file_fits_a_login() {
        let login = ("db", 5432, "trust", "ci");
        assert_eq!(fits("db:5432:trust:ci:a:b\\\\c", login).as_deref(), Some("a:b\\c"));
        assert_eq!(fits("*:*:*:ci:x", login).as_deref(), Some("x"));
        for other in ["db:5433:trust:ci:x", "# db:5432:trust:ci:x", "", "db:5432:trust:ci"] {
            assert_eq!(fits(other, login), None, "{other}");
        }
    }
}
