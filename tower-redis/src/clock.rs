//! Where time comes from, so that a test can turn it.
//!
//! A [`Clock`] answers three questions: what is the time, to the nanosecond ([`Clock::now`]: rate
//! limits); what is it, cheaply and to a few milliseconds ([`Clock::coarse`]: does this entry still
//! live); and what does the calendar say ([`Clock::wall`]: HTTP dates). The first two are monotonic
//! and each counts from its own origin: compare a [`Moment`] only with one of the same kind.

use std::sync::OnceLock;
#[cfg(any(test, feature = "testing"))]
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

/// A point on a clock's monotonic axis, in nanoseconds since an origin of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Moment(u64);

impl Moment {
    /// The last moment there is: what never comes.
    pub const NEVER: Moment = Moment(u64::MAX);

    /// That many nanoseconds after the origin.
    pub(crate) const fn from_nanos(nanos: u64) -> Self {
        Self(nanos)
    }

    /// Whole nanoseconds since the origin.
    #[must_use]
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// Whole microseconds since the origin.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0 / 1_000
    }

    /// How long after `earlier` this is; zero when it is not after it.
    #[must_use]
    pub const fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// This moment and `duration` more. Saturates at [`Moment::NEVER`], so a TTL of a thousand
    /// years is simply never over.
    #[must_use]
    pub fn after(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(nanos))
    }

    /// This moment and `duration` less; the origin at the earliest.
    pub(crate) fn before(self, duration: Duration) -> Self {
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        Self(self.0.saturating_sub(nanos))
    }
}

/// A handle to a source of time. Clones read the same source.
#[derive(Debug, Clone, Default)]
pub struct Clock(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    System,
    #[cfg(any(test, feature = "testing"))]
    Manual(Arc<Manual>),
}

impl Clock {
    /// The machine's own clocks.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// The time, to the nanosecond.
    #[must_use]
    #[inline]
    pub fn now(&self) -> Moment {
        match &self.0 {
            Source::System => precise_now(),
            #[cfg(any(test, feature = "testing"))]
            Source::Manual(manual) => manual.moment(),
        }
    }

    /// The time to within a few milliseconds, for a tenth of the price. It never runs ahead of the
    /// true time, so what it calls alive may live up to one tick longer and nothing dies early.
    #[must_use]
    #[inline]
    pub fn coarse(&self) -> Moment {
        match &self.0 {
            Source::System => coarse_now(),
            #[cfg(any(test, feature = "testing"))]
            Source::Manual(manual) => manual.moment(),
        }
    }

    /// The calendar's time. It may jump; nothing that decides how long something lives reads it.
    #[must_use]
    pub fn wall(&self) -> SystemTime {
        match &self.0 {
            Source::System => wall_now(),
            #[cfg(any(test, feature = "testing"))]
            Source::Manual(manual) => manual.wall(),
        }
    }
}

fn precise_now() -> Moment {
    /// A counter of the processor where there is one, and what it showed first.
    static SINCE: OnceLock<(quanta::Clock, u64)> = OnceLock::new();
    let (clock, origin) = SINCE.get_or_init(|| {
        let clock = quanta::Clock::new();
        let origin = clock.raw();
        (clock, origin)
    });
    // without a `Duration` in between, which takes a division to make and another to read
    Moment(clock.delta_as_nanos(*origin, clock.raw()))
}

/// The machine's own count is as good an origin as any.
#[cfg(any(target_os = "linux", target_os = "android"))]
#[expect(clippy::disallowed_methods, reason = "this is the clock")]
#[inline]
fn coarse_now() -> Moment {
    use rustix::time::{ClockId, clock_gettime};
    const SECOND: u64 = 1_000_000_000;
    // as numbers: every hit asks, and a `Duration` takes a division to make
    let now = clock_gettime(ClockId::MonotonicCoarse);
    Moment(
        (now.tv_sec as u64)
            .wrapping_mul(SECOND)
            .wrapping_add(now.tv_nsec as u64),
    )
}

/// Elsewhere the counter of the processor is as cheap as anything.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn coarse_now() -> Moment {
    precise_now()
}

#[expect(clippy::disallowed_methods, reason = "this is the clock")]
fn wall_now() -> SystemTime {
    SystemTime::now()
}

#[cfg(any(test, feature = "testing"))]
#[derive(Debug)]
struct Manual(Mutex<Hands>);

#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Clone, Copy)]
struct Hands {
    moment: Moment,
    wall: SystemTime,
}

#[cfg(any(test, feature = "testing"))]
impl Manual {
    fn hands(&self) -> Hands {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn moment(&self) -> Moment {
        self.hands().moment
    }

    fn wall(&self) -> SystemTime {
        self.hands().wall
    }

    fn turn(&self, change: impl FnOnce(&mut Hands)) {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// A clock that stands still until a test turns it.
///
/// ```
/// use std::time::Duration;
/// use tower_redis::Toolkit;
/// use tower_redis::testing::ManualClock;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let clock = ManualClock::new();
/// let toolkit = Toolkit::builder().clock(clock.clock()).build()?;
/// let cache = toolkit.cache::<u64, String>("users").ttl(Duration::from_secs(60)).build()?;
///
/// cache.put(&7, "Ada".to_owned(), Duration::from_secs(60)).await;
/// clock.advance(Duration::from_secs(59));
/// assert_eq!(cache.get(&7).await.as_deref(), Some("Ada"));
/// clock.advance(Duration::from_secs(1));
/// assert_eq!(cache.get(&7).await, None);
/// # Ok(())
/// # }
/// ```
#[cfg(any(test, feature = "testing"))]
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Manual>);

#[cfg(any(test, feature = "testing"))]
impl ManualClock {
    /// A clock at the start of 2026, one day after its monotonic origin.
    #[must_use]
    pub fn new() -> Self {
        const START_OF_2026: Duration = Duration::from_secs(1_767_225_600);
        const DAY: Duration = Duration::from_secs(86_400);
        Self(Arc::new(Manual(Mutex::new(Hands {
            moment: Moment::default().after(DAY),
            wall: SystemTime::UNIX_EPOCH + START_OF_2026,
        }))))
    }

    /// The handle to give to what is tested.
    #[must_use]
    pub fn clock(&self) -> Clock {
        Clock(Source::Manual(Arc::clone(&self.0)))
    }

    /// Lets `duration` pass, on the monotonic axis and in the calendar.
    pub fn advance(&self, duration: Duration) {
        self.0.turn(|hands| {
            hands.moment = hands.moment.after(duration);
            hands.wall += duration;
        });
    }

    /// Sets the calendar alone, as an operator or NTP does.
    pub fn set_wall(&self, wall: SystemTime) {
        self.0.turn(|hands| hands.wall = wall);
    }
}

#[cfg(any(test, feature = "testing"))]
impl Default for ManualClock {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_goes_forward_only() {
        let clock = Clock::system();
        let (precise, coarse) = (clock.now(), clock.coarse());
        for _ in 0..1_000 {
            assert!(clock.now() >= precise);
            assert!(clock.coarse() >= coarse);
        }
    }

    #[test]
    fn a_moment_saturates() {
        assert_eq!(Moment::default().after(Duration::MAX), Moment::NEVER);
        assert_eq!(Moment::NEVER.after(Duration::from_secs(1)), Moment::NEVER);
        assert_eq!(Moment::default().since(Moment::NEVER), Duration::ZERO);
    }

    #[test]
    fn a_jump_of_the_calendar_leaves_the_monotonic_axis_alone() {
        let manual = ManualClock::new();
        let clock = manual.clock();
        let before = (clock.now(), clock.coarse());
        manual.set_wall(SystemTime::UNIX_EPOCH);
        assert_eq!((clock.now(), clock.coarse()), before);
        assert_eq!(clock.wall(), SystemTime::UNIX_EPOCH);
        manual.advance(Duration::from_secs(2));
        assert_eq!(clock.now().since(before.0), Duration::from_secs(2));
    }
}
