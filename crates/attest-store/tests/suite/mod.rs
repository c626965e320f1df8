//! One suite for every form of store: what each of them must do, in the same words. A test program says how a store is made and opened, and
//! gets a test for each case.

pub(crate) mod arrivals;
pub(crate) mod changes;
pub(crate) mod events;
#[allow(dead_code, reason = "each test program uses its part")]
pub(crate) mod made;
pub(crate) mod marks;
pub(crate) mod reports;
pub(crate) mod whole;
pub(crate) mod work;

use stella_attest_store::{AttestationStore, StoreError};

/// A place for one store, which is empty at first.
pub(crate) trait Place: Sync {
    fn create(&self, id: [u8; 16]) -> Result<Box<dyn AttestationStore>, StoreError>;
    fn open(&self) -> Result<Box<dyn AttestationStore>, StoreError>;

    /// An empty store.
    fn fresh(&self) -> Box<dyn AttestationStore> {
        self.create([7; 16]).unwrap()
    }
}

/// A test for each case of the suite. `$place` makes a new [`Place`], or is `None` where there can be none here. A case that is not listed is
/// dead code, and no build is green with that.
macro_rules! every_case {
    ($place:path) => {
        $crate::suite::every_case!(@ $place, arrivals:
            a_batch_under_the_same_name_is_taken_in_once,
            a_document_of_several_mebibytes_comes_back,
            a_prefix_leads_to_all_ids_that_begin_like_it,
            facts_of_another_document_are_refused,
            filters_give_what_looking_at_each_arrival_gives,
            pages_come_to_the_whole,
            thousands_of_documents_of_one_attestation_are_no_more_work_each,
            the_same_bytes_are_kept_once_and_other_evidence_beside_them,
            what_is_not_there_is_not_found,
            what_was_taken_in_comes_back_after_the_store_was_closed,
            what_is_taken_over_continues_what_is_there,
        );
        $crate::suite::every_case!(@ $place, events:
            a_journal_is_followed_from_where_it_was_read_to,
            filters_give_what_looking_at_each_event_gives,
            retention_removes_the_oldest_and_nothing_else,
            what_is_too_long_is_cut,
        );
        $crate::suite::every_case!(@ $place, marks: marks_are_known_once_they_are_remembered,);
        $crate::suite::every_case!(@ $place, reports:
            a_report_takes_the_place_of_the_one_before,
            a_report_on_an_arrival_that_is_not_there_is_refused,
            links_are_kept_once_and_found_from_both_sides,
            reports_are_found_by_what_they_depended_on,
        );
        $crate::suite::every_case!(@ $place, whole:
            a_check_of_a_sound_store_finds_nothing,
            a_store_is_made_once_and_opened_where_it_was_made,
            many_writers_lose_nothing_and_readers_see_whole_batches,
        );
        $crate::suite::every_case!(@ $place, work:
            a_run_covers_each_attestation_that_fits_once,
            a_run_of_nothing_is_over_at_once,
            a_share_is_taken_over_when_its_lease_is_over_and_late_results_are_dropped,
            results_that_are_not_those_of_the_share_are_refused,
            the_first_results_of_a_share_count_whoever_hands_them_in,
            workers_judge_each_attestation_once_also_when_one_of_them_ends,
        );
    };
    (@ $place:path, $group:ident: $($case:ident,)*) => {
        mod $group {
            $(#[test]
            fn $case() {
                if let Some(place) = $place() {
                    crate::suite::$group::$case(&place);
                }
            })*
        }
    };
}
pub(crate) use every_case;
