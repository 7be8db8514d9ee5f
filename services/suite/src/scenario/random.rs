//! Numbers that look random and are the same for the same seed, on every machine and in every version.

/// SplitMix64 (Steele, Lea, Flood 2014): small, and fixed by its definition.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is not zero. The bias is far below what a roster of persons shows.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let bound = bound.max(1) as u64;
        usize::try_from(mixed % bound).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_of_a_seed_never_changes() {
        let mut random = Random::new(0);
        // The first outputs of SplitMix64 for seed 0 are e220a8397b1dcdaf, 6e789e6aa1b965f4.
        assert_eq!(random.below(1 << 16), 0xcdaf);
        assert_eq!(random.below(1 << 16), 0x65f4);
    }
}
