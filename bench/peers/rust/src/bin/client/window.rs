//! The measured time, and what was seen in it. All workers share one.

use std::mem::MaybeUninit;
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::histogram::Histogram;

pub struct Window {
    pub from: Instant,
    pub to: Instant,
    pub samples: Histogram,
}

impl Window {
    pub fn new(warm_up: Duration, length: Duration) -> Window {
        let from = Instant::now() + warm_up;
        Window { from, to: from + length, samples: Histogram::new() }
    }

    /// A call that began then and has just ended; when that was. It counts where it ends.
    pub fn call(&self, from: Instant) -> Instant {
        let to = Instant::now();
        if self.from <= to && to < self.to {
            self.samples.record(to - from, 1);
        }
        to
    }

    /// `n` messages that are known to have arrived only all together: the part of them that lies inside counts.
    pub fn batch(&self, n: u32, from: Instant) -> Instant {
        let to = Instant::now();
        let inside = to.min(self.to).saturating_duration_since(from.max(self.from));
        if n > 0 && !inside.is_zero() {
            let took = to - from;
            let share = inside.as_secs_f64() / took.as_secs_f64();
            self.samples.record(took / n, (f64::from(n) * share) as u64);
        }
        to
    }

    pub fn is_over(&self) -> bool {
        Instant::now() >= self.to
    }

    /// Says when it opens and gives the CPU time, user and system, until its end. In a thread of its own: Tokio's may be busy.
    pub fn watch(&self) -> (Duration, Duration) {
        sleep(self.from.saturating_duration_since(Instant::now()));
        let before = cpu();
        println!("{{\"window\":\"open\"}}");
        sleep(self.to.saturating_duration_since(Instant::now()));
        let after = cpu();
        (after.0 - before.0, after.1 - before.1)
    }
}

fn cpu() -> (Duration, Duration) {
    let mut usage = MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage writes the struct, and zeroes are a valid one if it does not.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let duration = |time: libc::timeval| Duration::new(time.tv_sec as u64, time.tv_usec as u32 * 1000);
    (duration(usage.ru_utime), duration(usage.ru_stime))
}
