//! What a system has and what it lacks.

use purlin_sandbox::probe;

use crate::bench::TIERS;

#[test]
fn this_machine_has_all_of_both_tiers() {
    for tier in TIERS {
        assert_eq!(probe(tier), Ok(()), "{tier:?}");
    }
}
