//! Several processes at once.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use stella_trust_store::fs::{FileLog, Place};
use stella_trust_store::{LogStore as _, StoreError, Visit};
use stella_vocabulary::{Code, Reason as _};

use crate::layer::{Fault, Steps};
use crate::process::{lines, place, start};
use crate::workload::{self, ID, answers, append_next, clock, expected};

const PROCESSES: u64 = 16;

#[test]
fn appends_of_many_processes_are_one_history_and_readers_see_each_moment_of_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("trust");
    let remembered = || Place::at(&path).unwrap().remembered_at(&directory.path().join("seen")).unwrap();
    FileLog::create(remembered(), ID, clock()).unwrap();
    let appends = workload::size("STELLA_APPENDS", 40);
    let mut children: Vec<Child> =
        (0..PROCESSES).map(|number| start("append as one of many", directory.path(), number)).collect();
    // What readers see only grows, and copies made meanwhile are whole.
    let (mut reads, mut copies, mut slowest, mut size_before) = (0_u64, 0_u64, Duration::ZERO, 0);
    loop {
        let begun = Instant::now();
        let log = FileLog::open(Place::at(&path).unwrap(), clock()).unwrap();
        let head = log.head().unwrap();
        slowest = slowest.max(begun.elapsed());
        assert!(head.size >= size_before);
        size_before = head.size;
        let mut seen = 0;
        log.read(0, &mut |sequence, _| {
            assert_eq!(sequence, seen);
            seen += 1;
            Ok(Visit::Continue)
        })
        .unwrap();
        assert!(seen >= head.size);
        reads += 1;
        if reads % 16 == 1 {
            let copy = || Place::at(&directory.path().join(format!("copy {copies}"))).unwrap();
            let copied = log.back_up(copy()).unwrap();
            let copy = FileLog::open(copy(), clock()).unwrap();
            assert_eq!(copy.verify().unwrap().head, copied);
            copies += 1;
        }
        std::thread::sleep(Duration::from_millis(5));
        if children.iter_mut().all(|child| child.try_wait().unwrap().is_some()) {
            break;
        }
    }
    let log = FileLog::open(remembered(), clock()).unwrap();
    let mut history = vec![];
    log.read(0, &mut |_, entry| {
        history.push(String::from_utf8(entry.to_vec()).unwrap());
        Ok(Visit::Continue)
    })
    .unwrap();
    let mut acknowledged: HashMap<u64, String> = HashMap::new();
    for (number, child) in children.into_iter().enumerate() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let sizes = lines(&output, "acknowledged ");
        assert_eq!(sizes.len() as u64, appends);
        assert!(sizes.is_sorted(), "each process sees its own changes in order");
        for (count, size) in sizes.into_iter().enumerate() {
            let twice = acknowledged.insert(size - 1, format!("{number} {count}"));
            assert_eq!(twice, None, "two processes were told the same place");
        }
    }
    let total = PROCESSES * appends;
    let lost = acknowledged.iter().filter(|(at, entry)| history.get(**at as usize) != Some(entry)).count();
    let audit_failures = u64::from(log.verify().unwrap().head.size != total);
    println!(
        "{PROCESSES} processes: {total} points tested / {} acknowledged changes / {lost} lost / {} half-applied / {audit_failures} audit failures; {reads} reads, {copies} copies, slowest head {slowest:?}",
        acknowledged.len(),
        history.len() as u64 - total
    );
    assert_eq!((lost, history.len() as u64, acknowledged.len() as u64, audit_failures), (0, total, total, 0));
}

#[test]
fn a_stopped_writer_makes_others_give_up_with_its_process_id_and_readers_do_not_notice() {
    let directory = tempfile::tempdir().unwrap();
    let steps = Steps::new(Fault::None);
    let mut log = FileLog::create(place(directory.path(), &steps).lock_wait(300), ID, clock()).unwrap();
    let head = append_next(&mut log).unwrap();
    // Opening and taking the lock come before this step, the group's first byte after it.
    let child = start("append until stopped", directory.path(), 11);
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    let (_, status) = waitpid(Some(pid), WaitOptions::UNTRACED).unwrap().unwrap();
    assert!(status.stopped());
    let refusal = append_next(&mut log).unwrap_err();
    let StoreError::Locked { holder, waited, .. } = &refusal else { panic!("{refusal:?}") };
    assert_eq!((refusal.code(), *holder), (Code::StoreLocked, Some(child.id())));
    assert!(*waited >= 300);
    assert!(refusal.to_string().contains(&child.id().to_string()), "{refusal}");
    assert_eq!(
        answers(&FileLog::open(place(directory.path(), &steps), clock()).unwrap()).unwrap(),
        expected(head.size)
    );
    kill_process(pid, Signal::CONT).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{:?} {}", output.status.signal(), String::from_utf8_lossy(&output.stderr));
    append_next(&mut log).unwrap();
    assert_eq!(log.head().unwrap().size, workload::group_begin(crate::kills::GROUPS + 2));
}

#[test]
fn the_lock_of_a_dead_process_is_free() {
    let directory = tempfile::tempdir().unwrap();
    let output = start("append until killed", directory.path(), 60).wait_with_output().unwrap();
    assert_eq!(output.status.signal(), Some(9));
    let steps = Steps::new(Fault::None);
    let mut log = FileLog::open(place(directory.path(), &steps).lock_wait(0), clock()).unwrap();
    append_next(&mut log).unwrap();
}
