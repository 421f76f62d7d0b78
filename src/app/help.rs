//! Help with passkeys, in plain words: the common cases, and what each message means.

use leptos::prelude::*;
use leptos_meta::Title;

use super::ui::icons::Mark;
use super::ui::{Foot, SkipLink};
use super::words::words;
use crate::wire::Code;

#[component]
pub fn HelpPage() -> impl IntoView {
    let say = words();
    let help = &say.help;
    let questions = help.questions.iter().map(|[question, answer]| {
        view! {
            <section>
                <h2>{*question}</h2>
                <p>{*answer}</p>
            </section>
        }
    });
    let messages = Code::OF_EVERY_CEREMONY.iter().map(|code| {
        let [what, next] = (say.sentences)(*code);
        view! { <div id=code.as_str()><dt>{what}</dt><dd>{next}</dd></div> }
    });
    view! {
        <Title text=words().help.title />
        <SkipLink />
        <header class="bar">
            <a class="mark" href="/" aria-label="Keyfold"><Mark /><span>"Keyfold"</span></a>
        </header>
        <main id="main" class="column">
            <h1>{help.title}</h1>
            <p class="lede">{help.lede}</p>
            {questions.collect_view()}
            <section>
                <h2>{help.messages}</h2>
                <p>{help.messages_lede}</p>
                <dl class="facts">{messages.collect_view()}</dl>
            </section>
            <section>
                <h2>{help.still_stuck}</h2>
                <p>{help.still_stuck_text}</p>
                <p><a href="/recover">{help.recover}</a></p>
            </section>
        </main>
        <Foot />
    }
}
