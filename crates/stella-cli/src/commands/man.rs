//! `stella man`.

use std::fs;
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory};
use clap_mangen::Man;
use stella_vocabulary::Code;

use crate::arguments::{Arguments, ManArguments};
use crate::complaint::Complaint;
use crate::context::{Context, Detail};
use crate::exit::Answer;
use crate::json::Value;
use crate::render::Page;

pub(crate) fn run(said: &ManArguments, context: &Context) -> Result<Answer, Complaint> {
    fs::create_dir_all(&said.directory).map_err(|error| unwritable(&said.directory, &error))?;
    let mut pages = Vec::new();
    let mut root = Arguments::command().disable_help_subcommand(true);
    // Global options and full names reach the subcommands only when the tree is built.
    root.build();
    collect(&root, "stella", &mut pages);
    let mut written = Vec::new();
    for (name, page) in pages {
        let path = said.directory.join(format!("{name}.1"));
        fs::write(&path, page).map_err(|error| unwritable(&path, &error))?;
        written.push(path.display().to_string());
    }
    if context.format.is_json() {
        let document = [("schema", Value::text("stella.man/1")), ("pages", Value::texts(written))];
        return Ok(Answer::done(Value::object(document).line()));
    }
    let mut page = Page::new(context);
    if context.detail != Detail::Quiet {
        for path in written {
            page.field("written", path);
        }
    }
    Ok(Answer::done(page.finish()))
}

/// The pages of `command`, called `name`, and of everything below it.
fn collect(command: &Command, name: &str, pages: &mut Vec<(String, Vec<u8>)>) {
    let mut page = Vec::new();
    // Writing to memory cannot fail.
    let _ = Man::new(command.clone()).render(&mut page);
    pages.push((name.to_string(), page));
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        collect(below, &format!("{name}-{}", below.get_name()), pages);
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Complaint {
    Complaint::new(Code::OutputWriteFailed, "this cannot be written")
        .in_file(path)
        .found(error.to_string())
        .expected("a directory that can be written to")
        .remedy("stella man DIR, with another directory")
}
