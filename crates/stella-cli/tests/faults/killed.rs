//! Signals in the middle of every command.

use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::program;
use crate::killer::{End, Killer, run};
use crate::scene::{LENGTH, Scene, Tally, command};

const INTERRUPT: i32 = 2;
pub(crate) const KILL: i32 = 9;
const TERMINATE: i32 = 15;

pub(crate) fn stride(default: usize) -> usize {
    std::env::var("STELLA_KILL_STRIDE").map_or(default, |text| text.parse().unwrap())
}

/// Sends a signal at the chosen moments of all commands; gives how many programs it ended.
fn sweep(signal: i32, stride: usize, tally: &mut Tally) -> (usize, usize) {
    let scene = Scene::new();
    let killer = Killer::here();
    let outside = scene.outside();
    let (mut all, mut ended) = (0, 0);
    for number in 0..LENGTH {
        let program = scene.after(number).program(number);
        let moments = killer.moments(&program, scene.home.room.path(".").as_path());
        assert!(moments.len() >= 12, "{}: {moments:?}", command(number));
        for moment in moments {
            all += 1;
            if !(all + number).is_multiple_of(stride) {
                continue;
            }
            scene.after(number);
            let end = run(&program, &moment, signal);
            match end {
                End::Signal(found) => assert_eq!(found, signal),
                // It was done before the signal came.
                End::Exit(status) => assert_eq!(status, scene.status(number), "{} at {moment:?}", command(number)),
            }
            ended += usize::from(end == End::Signal(signal));
            scene.judge(number, end == End::Exit(scene.status(number)), tally);
            tally.is_clean(&format!("{} at {moment:?}", command(number)));
        }
    }
    let untouched = scene.outside();
    assert!(
        outside.iter().all(|(path, bytes)| untouched.get(path) == Some(bytes)),
        "a file outside the store was changed"
    );
    let kind = if matches!(killer, Killer::Numbered) { "numbered system calls" } else { "delays" };
    println!("{LENGTH} commands, {all} {kind}");
    (all, ended)
}

#[test]
fn a_command_killed_at_any_step_is_done_or_not_done_f01() {
    let mut tally = Tally::default();
    let (all, ended) = sweep(KILL, stride(17), &mut tally);
    assert!(all >= 500, "{all}");
    assert!(ended * 2 > usize::try_from(tally.points).unwrap(), "{ended} were ended");
    tally.finish("kill -9 of the program");
}

#[test]
fn an_interrupted_command_is_done_or_not_done_f12() {
    let mut tally = Tally::default();
    sweep(INTERRUPT, stride(60), &mut tally);
    sweep(TERMINATE, stride(60), &mut tally);
    tally.finish("SIGINT and SIGTERM of the program");
}

/// A shell shows 128 and the number of the signal: 130 and 143.
#[test]
fn a_command_that_waits_is_ended_by_a_signal_f12() {
    for signal in [INTERRUPT, TERMINATE] {
        let mut waiting = program();
        let mut child =
            waiting.args(["attest", "show", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(100));
        let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
        kill_process(pid, Signal::from_named_raw(signal).unwrap()).unwrap();
        assert_eq!(child.wait().unwrap().signal(), Some(signal));
    }
}
