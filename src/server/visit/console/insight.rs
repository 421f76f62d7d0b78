//! How many get through, and why not: counted, drawn, and as files.

use std::collections::BTreeMap;

use super::Visit;
use super::service_passkeys::asked;
use crate::server::charts::{self, Caption, MOST_SERIES};
use crate::server::passkeys::{self, Aspect, Day, Funnel, Happenings, Scope, Trouble as Happened};
use crate::server::refuse::Trouble;
use crate::wire::{
    Breakdown, Dimension, FunnelLine, INSIGHT_SPANS, Insight, InsightScope, Language, Reasons,
    Refusal,
};

/// A chart does not have more points than this; then several days make one.
const MOST_POINTS: usize = 100;

/// A table that can be had as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::server) enum Table {
    /// The funnels by each dimension.
    Funnel,
    /// The funnels over time.
    Days,
    /// Why answers were refused, over time.
    Refusals,
    /// Why browsers failed, over time.
    BrowserErrors,
}

impl From<Funnel> for FunnelLine {
    fn from(funnel: Funnel) -> Self {
        Self { offered: funnel.offered, begun: funnel.begun, finished: funnel.finished }
    }
}

const DIMENSIONS: [(Dimension, Aspect, &str); 5] = [
    (Dimension::Purpose, Aspect::Purpose, "purpose"),
    (Dimension::Mediation, Aspect::Mediation, "mediation"),
    (Dimension::System, Aspect::System, "system"),
    (Dimension::Browser, Aspect::Browser, "browser"),
    (Dimension::Authenticator, Aspect::Authenticator, "authenticator"),
];

impl Visit {
    /// All that is known of the ceremonies that are asked for.
    pub async fn insight(&self, asked: InsightScope) -> Result<Insight, Refusal> {
        let insight = async {
            self.admin().await?;
            self.look_into(asked).await
        };
        self.answered(insight.await)
    }

    /// One table of it as CSV.
    pub(in crate::server) async fn insight_table(
        &self,
        table: Table,
        asked: InsightScope,
    ) -> Result<String, Refusal> {
        let written = async {
            self.admin().await?;
            let (_, scope) = self.scope(asked);
            let rows = self.rows(table, &scope).await?;
            as_csv(&rows).map_err(|error| passkeys::Error::Internal(error.to_string()).into())
        };
        self.answered(written.await)
    }

    /// What is asked for, in the words of the service; what makes no sense is as if it was not asked.
    fn scope(&self, mut wanted: InsightScope) -> (InsightScope, Scope) {
        if !INSIGHT_SPANS.contains(&wanted.days) {
            wanted.days = INSIGHT_SPANS[1];
        }
        let kind = ["registration", "authentication"].into_iter().find(|kind| *kind == wanted.kind);
        wanted.kind = kind.unwrap_or_default().to_owned();
        let to = Day::of(self.site.clock.now());
        let relying_party = asked(&wanted.party);
        let scope = Scope { from: to.before(wanted.days - 1), to, relying_party, kind };
        (wanted, scope)
    }

    async fn look_into(&self, asked: InsightScope) -> Result<Insight, Trouble> {
        let ((asked, scope), passkeys) = (self.scope(asked), &self.site.passkeys);
        let mut breakdowns = Vec::new();
        for (by, aspect, _) in DIMENSIONS {
            let lines = passkeys.funnels(&scope, aspect).await?;
            let lines = lines.into_iter().map(|(word, funnel)| (word, funnel.into())).collect();
            breakdowns.push(Breakdown { by, lines });
        }
        let by_day = whole(&scope, &passkeys.funnels_by_day(&scope).await?);
        let total = sum(by_day.iter().map(|(_, line)| *line));
        let say = &self.language.words().insight;
        let refusals = passkeys.happenings(&scope, Happened::Refusals).await?;
        let browser_errors = passkeys.happenings(&scope, Happened::BrowserErrors).await?;
        let about = |id, title| Caption { id, title, description: say.in_table };
        Ok(Insight {
            funnel: charts::funnel(
                Caption { id: "funnel", title: say.funnel, description: say.funnel_text },
                &[
                    (say.offered, total.offered),
                    (say.begun, total.begun),
                    (say.finished, total.finished),
                ],
            ),
            days: draw_days(about("days", say.days), &by_day, self.language),
            refusals: reasons(about("refusals", say.refusals), &scope, &refusals, self.language),
            browser_errors: reasons(
                about("errors", say.browser_errors),
                &scope,
                &browser_errors,
                self.language,
            ),
            scope: asked,
            total,
            by_day: by_day.iter().map(|(day, line)| (date(*day), *line)).collect(),
            breakdowns,
            parties: self.party_choices().await?,
        })
    }

    async fn rows(&self, table: Table, scope: &Scope) -> Result<Vec<Vec<String>>, Trouble> {
        let passkeys = &self.site.passkeys;
        let counts =
            |line: FunnelLine| [line.offered, line.begun, line.finished].map(|n| n.to_string());
        Ok(match table {
            Table::Funnel => {
                let mut rows =
                    vec![row(["by", "word"], ["offered", "begun", "finished"].map(str::to_owned))];
                for (_, aspect, name) in DIMENSIONS {
                    let lines = passkeys.funnels(scope, aspect).await?;
                    rows.extend(
                        lines.into_iter().map(|(word, funnel)| {
                            row([name, word.as_str()], counts(funnel.into()))
                        }),
                    );
                }
                rows
            }
            Table::Days => {
                let days = whole(scope, &passkeys.funnels_by_day(scope).await?);
                let head = row(["day"], ["offered", "begun", "finished"].map(str::to_owned));
                let days =
                    days.into_iter().map(|(day, line)| row([date(day).as_str()], counts(line)));
                std::iter::once(head).chain(days).collect()
            }
            Table::Refusals | Table::BrowserErrors => {
                let trouble = match table {
                    Table::Refusals => Happened::Refusals,
                    _ => Happened::BrowserErrors,
                };
                let happenings = passkeys.happenings(scope, trouble).await?;
                let head = row(["day", "reason"], ["ceremonies".to_owned()]);
                let rows = happenings.into_iter().map(|one| {
                    row([date(one.day).as_str(), one.word.as_str()], [one.count.to_string()])
                });
                std::iter::once(head).chain(rows).collect()
            }
        })
    }
}

fn row<const N: usize, const M: usize>(words: [&str; N], numbers: [String; M]) -> Vec<String> {
    words.into_iter().map(str::to_owned).chain(numbers).collect()
}

fn as_csv(rows: &[Vec<String>]) -> Result<String, Box<dyn std::error::Error>> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for row in rows {
        writer.write_record(row)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// The day as ISO 8601 writes it.
fn date(day: Day) -> String {
    day.begins_at().to_string().split('T').next().unwrap_or_default().to_owned()
}

fn sum(lines: impl Iterator<Item = FunnelLine>) -> FunnelLine {
    lines.fold(FunnelLine::default(), |sum, line| FunnelLine {
        offered: sum.offered + line.offered,
        begun: sum.begun + line.begun,
        finished: sum.finished + line.finished,
    })
}

/// Every day, also those on which there was nothing.
fn whole(scope: &Scope, known: &[(Day, Funnel)]) -> Vec<(Day, FunnelLine)> {
    let known: BTreeMap<Day, Funnel> = known.iter().copied().collect();
    let line = |day| known.get(&day).copied().unwrap_or_default().into();
    scope.from.up_to(scope.to).map(|day| (day, line(day))).collect()
}

/// How many days make one point of a chart.
fn days_of_a_point(days: usize) -> usize {
    if days > MOST_POINTS { 7 } else { 1 }
}

/// What stands below the points of a chart: the first day of each.
fn labels(days: &[Day], language: Language) -> Vec<String> {
    let firsts = days.chunks(days_of_a_point(days.len())).filter_map(|point| point.first());
    firsts.map(|day| day.begins_at().day_for_people(language)).collect()
}

fn draw_days(
    caption: Caption<'_>,
    by_day: &[(Day, FunnelLine)],
    language: Language,
) -> Option<String> {
    let days: Vec<Day> = by_day.iter().map(|(day, _)| *day).collect();
    let points: Vec<FunnelLine> = by_day
        .chunks(days_of_a_point(days.len()))
        .map(|point| sum(point.iter().map(|(_, line)| *line)))
        .collect();
    let series = [
        points.iter().map(|point| point.offered).collect(),
        points.iter().map(|point| point.begun).collect(),
        points.iter().map(|point| point.finished).collect(),
    ];
    charts::lines(caption, &labels(&days, language), &series)
}

/// The most frequent reasons by themselves, the others together.
fn reasons(
    caption: Caption<'_>,
    scope: &Scope,
    happenings: &[Happenings],
    language: Language,
) -> Reasons {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for one in happenings {
        *counts.entry(&one.word).or_default() += one.count;
    }
    let mut lines: Vec<(String, i64)> =
        counts.into_iter().map(|(word, count)| (word.to_owned(), count)).collect();
    lines.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let by_themselves = if lines.len() > MOST_SERIES { MOST_SERIES - 1 } else { lines.len() };
    let mut drawn: Vec<String> =
        lines.iter().take(by_themselves).map(|(word, _)| word.clone()).collect();
    if lines.len() > by_themselves {
        drawn.push(String::new());
    }
    let days: Vec<Day> = scope.from.up_to(scope.to).collect();
    let in_a_point = days_of_a_point(days.len());
    let mut series = vec![vec![0; days.len().div_ceil(in_a_point)]; drawn.len()];
    for one in happenings {
        let place = drawn.iter().position(|word| *word == one.word).unwrap_or(by_themselves);
        let day = days.iter().position(|day| *day == one.day).unwrap_or_default();
        if let Some(count) = series.get_mut(place).and_then(|one| one.get_mut(day / in_a_point)) {
            *count += one.count;
        }
    }
    let chart = charts::stacks(caption, &labels(&days, language), &series);
    Reasons { chart, drawn, lines }
}
