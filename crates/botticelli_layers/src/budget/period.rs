//! Days and months in UTC.

use botticelli_error::BudgetPeriod;
use std::time::SystemTime;
use time::{Date, Duration, Month, OffsetDateTime};

/// A day in UTC, which names the periods that contain it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day(Date);

impl Day {
    /// Returns the day of a time. A wrong clock must not end the process, so the day is between 1970 and the last one of the calendar.
    pub(super) fn of(time: SystemTime) -> Self {
        let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let time =
            Duration::try_from(since).ok().and_then(|since| OffsetDateTime::UNIX_EPOCH.checked_add(since));
        Self(time.map_or(Date::MAX, OffsetDateTime::date))
    }

    /// Returns the name of the day: `2026-11-28`.
    pub(super) fn name(self) -> String {
        format!("{}-{:02}", self.month(), self.0.day())
    }

    /// Returns the name of its month: `2026-11`.
    pub(super) fn month(self) -> String {
        format!("{:04}-{:02}", self.0.year(), u8::from(self.0.month()))
    }

    /// Returns the end of a period in RFC 3339. `None` for a call and a run.
    pub(super) fn end_of(self, period: BudgetPeriod) -> Option<String> {
        let next = match period {
            BudgetPeriod::Day => self.0.next_day()?,
            BudgetPeriod::Month => self.next_month()?,
            _ => return None,
        };
        Some(format!("{}T00:00:00Z", Self(next).name()))
    }

    fn next_month(self) -> Option<Date> {
        let next = self.0.month().next();
        let year = if next == Month::January { self.0.year().checked_add(1)? } else { self.0.year() };
        Date::from_calendar_date(year, next, 1).ok()
    }
}

/// The periods that a call counts in, with their names in a store.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Periods {
    pub(super) day: Day,
    /// Name of the day.
    pub(super) day_name: String,
    scopes: Vec<(BudgetPeriod, String)>,
}

impl Periods {
    /// Returns the periods of a day. Runs count only if they are limited.
    pub(super) fn new(day: Day, account: &str, run: Option<&str>) -> Self {
        let run = run.map(|run| (BudgetPeriod::Run, format!("{account}/run/{run}")));
        let calendar = [
            (BudgetPeriod::Day, format!("{account}/day/{}", day.name())),
            (BudgetPeriod::Month, format!("{account}/month/{}", day.month())),
        ];
        Self { day, day_name: day.name(), scopes: run.into_iter().chain(calendar).collect() }
    }

    /// Returns whether the day of these periods is earlier than the day of a time in RFC 3339.
    pub(super) fn is_before(&self, time: &str) -> bool {
        time.get(..self.day_name.len()).is_some_and(|day| day > self.day_name.as_str())
    }

    /// Returns the periods with their names in a store.
    pub(super) fn scopes(&self) -> impl ExactSizeIterator<Item = (BudgetPeriod, &str)> {
        self.scopes.iter().map(|(period, scope)| (*period, scope.as_str()))
    }

    /// Returns the number of a period among the others, and its name in a store.
    pub(super) fn scope(&self, period: BudgetPeriod) -> Option<(usize, &str)> {
        let numbered = self.scopes().enumerate().find(|(_, (known, _))| *known == period);
        numbered.map(|(number, (_, scope))| (number, scope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn day(seconds: u64) -> Day {
        Day::of(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
    }

    #[test]
    fn days_and_months_end_where_the_calendar_says() {
        // 2026-12-31T23:59:59Z and 2028-02-29T00:00:00Z.
        let (last, leap) = (day(1_798_761_599), day(1_835_395_200));
        assert_eq!((last.name(), last.month()), ("2026-12-31".to_owned(), "2026-12".to_owned()));
        assert_eq!(last.end_of(BudgetPeriod::Day).as_deref(), Some("2027-01-01T00:00:00Z"));
        assert_eq!(last.end_of(BudgetPeriod::Month).as_deref(), Some("2027-01-01T00:00:00Z"));
        assert_eq!(leap.name(), "2028-02-29");
        assert_eq!(leap.end_of(BudgetPeriod::Day).as_deref(), Some("2028-03-01T00:00:00Z"));
        assert_eq!(leap.end_of(BudgetPeriod::Run), None);
    }
}
