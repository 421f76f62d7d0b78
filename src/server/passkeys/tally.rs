//! How many ceremonies of each sort there were, day by day: what is left of them when they are gone.
//!
//! Decisions:
//! * A ceremony belongs to the day on which it began, so that what is finished is always a part of what
//!   was offered.
//! * It is counted by the sweep when nothing can become of it any more, and until then read where it
//!   stands: what is shown is always whole. The sweep names what it counts in the statement that
//!   chooses it, so that of two nodes that sweep at once one counts each.
//! * What a browser may say freely is not among the words: their number, and so that of the rows, has a
//!   bound. Ceremonies that made room for newer ones of the same browser are not counted: a flood says
//!   nothing about people.

use sqlx::{AssertSqlSafe, FromRow};

use super::{CEREMONY_LIFETIME, Error, Passkeys};
use crate::server::clock::Timestamp;
use crate::server::database::sql;

/// How many days are kept.
const DAYS_KEPT: i64 = 400;

/// A day, in milliseconds.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// Ceremonies as they are counted, one a row. An outcome says that the browser answered.
macro_rules! facts {
    () => {
        "select created_at / 86400000 as day, relying_party, kind,
            coalesce(purpose, case when user_handle is null then 'anyone' else 'one user' end) as purpose,
            coalesce(mediation, '') as mediation, coalesce(system, '') as system,
            coalesce(browser, '') as browser, coalesce(authenticator, '') as authenticator,
            case when taken_at is null or (outcome = 'expired' and taken_at = expires_at) then ''
                else coalesce(outcome, 'answered') end as outcome,
            coalesce(reason, '') as reason,
            case when client_error_at is null then ''
                else coalesce(client_meaning, 'device_failed') end as browser_error
        from ceremonies"
    };
}

/// All that is known within the bounds $1 and $2, for a relying party ($3) and a kind ($4) or all.
macro_rules! asked_for {
    () => {
        concat!(
            " from (select day, relying_party, kind, purpose, mediation, system, browser,
                    authenticator, outcome, reason, browser_error, ceremonies
                from ceremony_days where day between $1 and $2
                union all
                select day, relying_party, kind, purpose, mediation, system, browser,
                    authenticator, outcome, reason, browser_error, 1 as ceremonies
                from (",
            facts!(),
            " where counted_in is null) as waiting where day between $1 and $2) as all_of_them
            where ($3 is null or relying_party = $3) and ($4 is null or kind = $4)"
        )
    };
}

/// A funnel for each word of this column.
macro_rules! funnels_by {
    ($column:literal) => {
        concat!(
            "select ",
            $column,
            " as word, cast(sum(ceremonies) as bigint) as offered,
            cast(sum(case when outcome <> '' or browser_error <> '' then ceremonies else 0 end)
                as bigint) as begun,
            cast(sum(case when outcome = 'verified' then ceremonies else 0 end) as bigint)
                as finished",
            asked_for!(),
            " group by 1 order by 2 desc, 1"
        )
    };
}

/// How often there was each word of this column on each day.
macro_rules! words_by_day {
    ($column:literal) => {
        concat!(
            "select day, ",
            $column,
            " as word, cast(sum(ceremonies) as bigint) as ceremonies",
            asked_for!(),
            " and ",
            $column,
            " <> '' group by 1, 2 order by 1, 2"
        )
    };
}

/// Days since 1970, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(i64);

impl Day {
    /// The day of this time.
    pub fn of(time: Timestamp) -> Self {
        Self(time.milliseconds().div_euclid(DAY))
    }

    /// So many days before.
    #[must_use]
    pub fn before(self, days: u32) -> Self {
        Self(self.0 - i64::from(days))
    }

    /// This day and all after it up to the last one.
    pub fn up_to(self, last: Self) -> impl Iterator<Item = Self> {
        (self.0..=last.0).map(Self)
    }

    /// When it begins.
    pub fn begins_at(self) -> Timestamp {
        Timestamp::from_milliseconds(self.0.saturating_mul(DAY))
    }
}

/// Which ceremonies are asked for.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The first day.
    pub from: Day,
    /// The last one.
    pub to: Day,
    /// Of one relying party only.
    pub relying_party: Option<String>,
    /// `registration` or `authentication` only.
    pub kind: Option<&'static str>,
}

/// How many ceremonies got how far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Funnel {
    /// Options were given, such as with a page.
    pub offered: i64,
    /// The browser was asked, and said so: it answered or failed.
    pub begun: i64,
    /// The answer passed.
    pub finished: i64,
}

/// By what funnels can be told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// What the ceremony was for.
    Purpose,
    /// How the browser was to ask.
    Mediation,
    /// The family of the system.
    System,
    /// The family of the browser.
    Browser,
    /// Who made the authenticator that answered.
    Authenticator,
}

impl Aspect {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Purpose, Self::Mediation, Self::System, Self::Browser, Self::Authenticator];
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// Answers were refused.
    Refusals,
    /// Browsers failed.
    BrowserErrors,
}

/// How often something happened on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happenings {
    /// The day.
    pub day: Day,
    /// The reason.
    pub word: String,
    /// How often.
    pub count: i64,
}

#[derive(Debug, FromRow)]
struct FunnelRow<W> {
    word: W,
    offered: i64,
    begun: i64,
    finished: i64,
}

impl<W> From<FunnelRow<W>> for (W, Funnel) {
    fn from(row: FunnelRow<W>) -> Self {
        let FunnelRow { word, offered, begun, finished } = row;
        (word, Funnel { offered, begun, finished })
    }
}

impl Passkeys {
    /// How many ceremonies got how far, by one aspect; the empty word is for what was not said.
    pub async fn funnels(
        &self,
        scope: &Scope,
        aspect: Aspect,
    ) -> Result<Vec<(String, Funnel)>, Error> {
        let select = match aspect {
            Aspect::Purpose => funnels_by!("purpose"),
            Aspect::Mediation => funnels_by!("mediation"),
            Aspect::System => funnels_by!("system"),
            Aspect::Browser => funnels_by!("browser"),
            Aspect::Authenticator => funnels_by!("authenticator"),
        };
        let query = sql::query_as::<FunnelRow<String>>(select);
        let query = query.bind(scope.from.0).bind(scope.to.0).bind(scope.relying_party.as_deref());
        let rows = query.bind(scope.kind).fetch_all(self.database.reader()).await?;
        Ok(rows.into_iter().map(Into::into).collect())
    }

    /// How many ceremonies got how far on each day on which there were any.
    pub async fn funnels_by_day(&self, scope: &Scope) -> Result<Vec<(Day, Funnel)>, Error> {
        let query = sql::query_as::<FunnelRow<i64>>(funnels_by!("day"));
        let query = query.bind(scope.from.0).bind(scope.to.0).bind(scope.relying_party.as_deref());
        let rows = query.bind(scope.kind).fetch_all(self.database.reader()).await?;
        let mut funnels: Vec<(i64, Funnel)> = rows.into_iter().map(Into::into).collect();
        funnels.sort_by_key(|(day, _)| *day);
        Ok(funnels.into_iter().map(|(day, funnel)| (Day(day), funnel)).collect())
    }

    /// How often what went wrong on each day.
    pub async fn happenings(
        &self,
        scope: &Scope,
        trouble: Trouble,
    ) -> Result<Vec<Happenings>, Error> {
        let select = match trouble {
            Trouble::Refusals => words_by_day!("reason"),
            Trouble::BrowserErrors => words_by_day!("browser_error"),
        };
        let query = sql::query_as(select);
        let query = query.bind(scope.from.0).bind(scope.to.0).bind(scope.relying_party.as_deref());
        let rows: Vec<(i64, String, i64)> =
            query.bind(scope.kind).fetch_all(self.database.reader()).await?;
        let happenings =
            rows.into_iter().map(|(day, word, count)| Happenings { day: Day(day), word, count });
        Ok(happenings.collect())
    }

    /// Counts the ceremonies of which nothing can become any more, and forgets the days that are too
    /// long ago.
    pub(super) async fn count_ceremonies(&self) -> Result<(), Error> {
        let now = self.clock.now();
        let over = now.before(CEREMONY_LIFETIME).milliseconds();
        let count = self.chance.id();
        // Nobody who answers a ceremony waits for the count.
        let mut transaction = self.database.begin_about(b"ceremony_days").await?;
        // What somebody is about to delete, or to answer, can be counted the next time: waiting for it, with
        // others in hand that somebody waits for, would be waiting in a circle.
        let passing_over = transaction.passing_over();
        let choose = format!(
            "update ceremonies set counted_in = $1, bucket = null
            where id in (select id from ceremonies where counted_in is null
              and (outcome is not null or coalesce(taken_at, expires_at) <= $2){passing_over})"
        );
        let query = sql::query(AssertSqlSafe(choose)).bind(&count).bind(over);
        if query.execute(&mut transaction).await?.rows_affected() > 0 {
            // In one order, so that of two nodes neither waits for the other in a circle.
            let add = concat!(
                "insert into ceremony_days
                    (day, relying_party, kind, purpose, mediation, system, browser, authenticator,
                     outcome, reason, browser_error, ceremonies)
                select day, relying_party, kind, purpose, mediation, system, browser, authenticator,
                    outcome, reason, browser_error, count(*)
                from (",
                facts!(),
                " where counted_in = $1) as chosen
                where true
                group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
                order by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
                on conflict (day, relying_party, kind, purpose, mediation, system, browser,
                    authenticator, outcome, reason, browser_error)
                do update set ceremonies = ceremony_days.ceremonies + excluded.ceremonies"
            );
            sql::query(add).bind(&count).execute(&mut transaction).await?;
        }
        transaction.commit().await?;
        let forget = "delete from ceremony_days where day <= $1";
        let query = sql::query(forget).bind(Day::of(now).0 - DAYS_KEPT);
        query.execute(self.database.writer()).await?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::server::database::sql;
    use crate::server::passkeys::tests::Scene;

    #[tokio::test]
    async fn what_somebody_is_about_to_delete_is_counted_the_next_time() {
        let scene = Scene::new().await;
        let (passkeys, database) = (&scene.passkeys, scene.passkeys.database());
        if !database.is_shared() {
            return; // Nobody writes beside.
        }
        let begun = scene.begin_at("192.0.2.0/24", &["192.0.2.1"; 3]).await;
        scene.pass(11 * 60 * 1000);

        let mut somebody = database.begin_about(b"somebody").await.expect("a transaction");
        let delete = "delete from ceremonies where id = $1";
        let query = sql::query(delete).bind(&begun[1]);
        query.execute(&mut somebody).await.expect("it is about to go");
        let counted = async || {
            let select = "select coalesce(sum(ceremonies), 0)::bigint from ceremony_days";
            let query = sql::query_scalar::<i64>(select);
            query.fetch_one(database.reader()).await.expect("a number")
        };
        passkeys.count_ceremonies().await.expect("it waits for nobody");
        assert_eq!(counted().await, 2);
        somebody.rollback().await.expect("it stays");
        passkeys.count_ceremonies().await.expect("there is one left");
        assert_eq!(counted().await, 3);
        passkeys.count_ceremonies().await.expect("there is none left");
        assert_eq!(counted().await, 3);
    }
}
