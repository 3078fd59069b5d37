//! The histogram of Go's benchmark: a fixed array that all workers share.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

/// Each power of two is split into 128 equal parts: a percentile is at most 0.8 % off.
const SUB_BITS: u32 = 7;
const BUCKETS: usize = (64 - SUB_BITS as usize + 1) << SUB_BITS;

pub struct Histogram(Vec<AtomicU64>);

fn bucket(ns: u64) -> usize {
    let shift = (64 - ns.leading_zeros()).saturating_sub(SUB_BITS + 1);
    ((shift as usize) << SUB_BITS) + (ns >> shift) as usize
}

/// The middle of a bucket.
fn value(bucket: usize) -> f64 {
    if bucket < 2 << SUB_BITS {
        return bucket as f64;
    }
    let shift = (bucket >> SUB_BITS) - 1;
    let low = ((bucket - (shift << SUB_BITS)) as u64) << shift;
    low as f64 + (1u64 << shift) as f64 / 2.0
}

impl Histogram {
    pub fn new() -> Histogram {
        Histogram((0..BUCKETS).map(|_| AtomicU64::new(0)).collect())
    }

    /// `n` samples that took this long each.
    pub fn record(&self, each: Duration, n: u64) {
        self.0[bucket(each.as_nanos() as u64)].fetch_add(n, Relaxed);
    }

    pub fn total(&self) -> u64 {
        self.0.iter().map(|count| count.load(Relaxed)).sum()
    }

    /// The latency that a share of all samples does not exceed; the longest for 1.
    pub fn micros(&self, share: f64) -> f64 {
        let total = self.total();
        let rank = ((share * total as f64) as u64).min(total.max(1) - 1);
        let mut seen = 0;
        for (i, count) in self.0.iter().enumerate() {
            seen += count.load(Relaxed);
            if seen > rank {
                return value(i) / 1000.0;
            }
        }
        0.0
    }
}
