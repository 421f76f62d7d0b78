//! How many get through, and why not: charts drawn on the server, with the numbers beneath.

use leptos::prelude::*;
use leptos_meta::Title;

use super::filters::{Choice, Filters, PartyFilter, asked};
use super::users::in_query;
use super::{Console, NoPage};
use crate::app::words::words;
use crate::wire::{
    Breakdown, Code, Dimension, FunnelLine, INSIGHT_SPANS, Insight, InsightScope, Json, Place,
    Reasons, Refusal,
};

/// How many got through of the ceremonies that are asked for.
#[server(prefix = "/api/console", endpoint = "look_into", input = Json, output = Json)]
pub async fn look_into(scope: InsightScope) -> Result<Insight, Refusal> {
    crate::server::Visit::current()?.insight(scope).await
}

#[component]
pub fn InsightPage() -> impl IntoView {
    let days = asked("days").parse().unwrap_or_default();
    let scope = InsightScope { days, party: asked("party"), kind: asked("kind") };
    view! {
        <Title text=words().insight.title />
        <Await future=look_into(scope) blocking=true let:insight>
            {match insight.clone() {
                Ok(insight) => view! { <Shown insight /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Shown(insight: Insight) -> impl IntoView {
    let say = &words().insight;
    let Insight {
        scope,
        total,
        funnel,
        days,
        by_day,
        breakdowns,
        refusals,
        browser_errors,
        parties,
    } = insight;
    let spans = INSIGHT_SPANS.map(|days| (days.to_string(), (say.last_days)(days))).to_vec();
    let kinds = [("registration", say.registrations), ("authentication", say.authentications)];
    let kinds = kinds.map(|(kind, called)| (kind.to_owned(), called.to_owned())).to_vec();
    let file = {
        let scope = scope.clone();
        move |name: &str| {
            let days = scope.days.to_string();
            let query = [("days", days.as_str()), ("party", &scope.party), ("kind", &scope.kind)];
            format!("{}/{name}.csv?{}", Place::Insight.path(), in_query(&query))
        }
    };
    let charts = (total.offered > 0).then(|| {
        view! {
            <section aria-labelledby="funnel-heading">
                <h2 id="funnel-heading">{say.funnel}</h2>
                <p>{say.funnel_text}</p>
                <Chart svg=funnel />
                <Breakdowns breakdowns />
                <File to=file("funnel") />
            </section>
            <section>
                <h2 id="days-heading">{say.days}</h2>
                <Chart svg=days />
                <Legend stroke=true words=[say.offered, say.begun, say.finished].map(str::to_owned).to_vec() />
                <Days by_day />
                <File to=file("days") />
            </section>
            <section>
                <h2 id="refusals-heading">{say.refusals}</h2>
                <ReasonsOf reasons=refusals none=say.no_refusals heading="refusals-heading" />
                <File to=file("refusals") />
            </section>
            <section>
                <h2 id="errors-heading">{say.browser_errors}</h2>
                <ReasonsOf reasons=browser_errors none=say.no_browser_errors heading="errors-heading" />
                <File to=file("browser-errors") />
            </section>
        }
    });
    let nothing = charts.is_none().then(|| view! { <p class="empty">{say.nothing}</p> });
    view! {
        <Console place=Place::Insight>
            <h1>{say.title}</h1>
            <p class="lede">{say.lede}</p>
            <Filters to=Place::Insight.path()>
                <Choice name="days" label=say.span words=spans chosen=scope.days.to_string() always=true />
                <PartyFilter parties chosen=scope.party.clone() />
                <Choice name="kind" label=say.kind words=kinds chosen=scope.kind.clone() />
            </Filters>
            {nothing}
            {charts}
        </Console>
    }
}

/// What the server has drawn; it draws no text that came from anybody.
#[component]
fn Chart(svg: Option<String>) -> impl IntoView {
    svg.map(|svg| view! { <figure class="scroll" tabindex="0" inner_html=svg></figure> })
}

#[component]
fn Legend(
    words: Vec<String>,
    /// The series are lines.
    #[prop(optional)]
    stroke: bool,
) -> impl IntoView {
    let kind = if stroke { "stroke" } else { "fill" };
    let items = words.into_iter().enumerate().map(|(place, word)| {
        let class = format!("{kind}-{place}");
        let mark = if stroke {
            view! { <line class=class x1="0" y1="8" x2="28" y2="8" stroke-width="2"></line> }.into_any()
        } else {
            view! { <rect class=class x="8" y="2" width="12" height="12"></rect> }.into_any()
        };
        view! {
            <li><svg class="key" viewBox="0 0 28 16" width="28" height="16" aria-hidden="true">{mark}</svg> {word}</li>
        }
    });
    view! { <ul class="legend" role="list">{items.collect_view()}</ul> }
}

#[component]
fn File(to: String) -> impl IntoView {
    view! { <p><a href=to download="">{words().insight.as_csv}</a></p> }
}

/// The part of the begun ones that was finished.
fn share(line: FunnelLine) -> String {
    if line.begun == 0 {
        "–".to_owned()
    } else {
        format!("{} %", 100 * line.finished / line.begun)
    }
}

/// What a word of the service is called.
fn called(by: Dimension, word: &str) -> String {
    let service = &words().service;
    let known = match by {
        Dimension::Purpose => (service.purpose)(word).map(str::to_owned),
        Dimension::Mediation => (service.mediation)(word).map(str::to_owned),
        Dimension::System | Dimension::Browser | Dimension::Authenticator => None,
    };
    known.unwrap_or_else(|| if word.is_empty() { service.unknown } else { word }.to_owned())
}

#[component]
fn Breakdowns(breakdowns: Vec<Breakdown>) -> impl IntoView {
    let say = &words().insight;
    let tables = breakdowns.into_iter().filter(|breakdown| !breakdown.lines.is_empty());
    let tables = tables.map(|Breakdown { by, lines }| {
        let head = (say.dimension)(by);
        let rows = lines.into_iter().map(|(word, line)| {
            view! {
                <tr>
                    <th scope="row">{called(by, &word)}</th>
                    <td>{line.offered}</td>
                    <td>{line.begun}</td>
                    <td>{line.finished}</td>
                    <td>{share(line)}</td>
                </tr>
            }
        });
        view! {
            <div class="scroll" tabindex="0" role="region" aria-label=head>
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{head}</th>
                            <th scope="col">{say.offered}</th>
                            <th scope="col">{say.begun}</th>
                            <th scope="col">{say.finished}</th>
                            <th scope="col">{say.share}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        }
    });
    tables.collect_view()
}

#[component]
fn Days(by_day: Vec<(String, FunnelLine)>) -> impl IntoView {
    let say = &words().insight;
    // Days on which nothing happened would only make the table long.
    let days = by_day.into_iter().rev().filter(|(_, line)| line.offered > 0);
    let rows = days.map(|(day, line)| {
        view! {
            <tr>
                <th scope="row">{day}</th>
                <td>{line.offered}</td>
                <td>{line.begun}</td>
                <td>{line.finished}</td>
            </tr>
        }
    });
    view! {
        <details>
            <summary>{say.as_table}</summary>
            <div class="scroll" tabindex="0" role="region" aria-labelledby="days-heading">
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{say.day}</th>
                            <th scope="col">{say.offered}</th>
                            <th scope="col">{say.begun}</th>
                            <th scope="col">{say.finished}</th>
                        </tr>
                    </thead>
                    <tbody>{rows.collect_view()}</tbody>
                </table>
            </div>
        </details>
    }
}

/// Why something went wrong: what it is called, and the sentence that people were told.
fn explained(word: &str) -> Option<&'static str> {
    Code::parse(word).map(|code| (words().sentences)(code)[0])
}

#[component]
fn ReasonsOf(reasons: Reasons, none: &'static str, heading: &'static str) -> impl IntoView {
    let say = &words().insight;
    if reasons.lines.is_empty() {
        return view! { <p class="empty">{none}</p> }.into_any();
    }
    let drawn = reasons.drawn.into_iter();
    let drawn = drawn.map(|word| if word.is_empty() { say.others.to_owned() } else { word });
    let drawn = drawn.collect();
    let rows = reasons.lines.into_iter().map(|(word, count)| {
        let sentence = explained(&word).map(|sentence| view! { <p class="hint">{sentence}</p> });
        view! {
            <tr><th scope="row"><code>{word}</code> {sentence}</th><td>{count}</td></tr>
        }
    });
    view! {
        <Chart svg=reasons.chart />
        <Legend words=drawn />
        <div class="scroll" tabindex="0" role="region" aria-labelledby=heading>
            <table>
                <thead><tr><th scope="col">{say.reason}</th><th scope="col">{say.count}</th></tr></thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
