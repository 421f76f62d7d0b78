//! The settings in force, and who said what each of them is. They are changed where they stand.

use leptos::prelude::*;
use leptos_meta::Title;

use super::{Console, NoPage};
use crate::app::words::words;
use crate::wire::{Json, Place, Refusal, Said, SettingLine};

/// All settings.
#[server(prefix = "/api/console", endpoint = "look_up_settings", input = Json, output = Json)]
pub async fn look_up_settings() -> Result<Vec<SettingLine>, Refusal> {
    crate::server::Visit::current()?.settings().await
}

#[component]
pub fn SettingsPage() -> impl IntoView {
    view! {
        <Title text=words().console.settings.title />
        <Await future=look_up_settings() blocking=true let:settings>
            {match settings.clone() {
                Ok(settings) => view! { <Settings settings /> }.into_any(),
                Err(refusal) => view! { <NoPage refusal /> }.into_any(),
            }}
        </Await>
    }
}

#[component]
fn Settings(settings: Vec<SettingLine>) -> impl IntoView {
    let say = &words().console.settings;
    let lines = settings.into_iter().map(|setting| view! { <Line setting /> }).collect_view();
    view! {
        <Console place=Place::Settings>
            <h1>{say.title}</h1>
            <p class="lede">{say.lede}</p>
            <dl class="facts settings">{lines}</dl>
        </Console>
    }
}

#[component]
fn Line(setting: SettingLine) -> impl IntoView {
    let say = &words().console.settings;
    let SettingLine { key, value, said } = setting;
    let is_changed = said != Said::ByDefault;
    let whence = match said {
        Said::ByDefault => say.by_default.to_owned(),
        Said::InFile(line) => format!("{}: {line}", say.in_file),
        Said::InEnvironment(variable) => format!("{}: {variable}", say.in_environment),
        Said::OnCommandLine(option) => format!("{}: {option}", say.on_command_line),
    };
    let value = if value.is_empty() {
        view! { <span class="hint">{say.nothing}</span> }.into_any()
    } else {
        view! { <code>{value}</code> }.into_any()
    };
    view! {
        <div class:changed=is_changed>
            <dt><code>{key}</code></dt>
            <dd>{value} <p class="meta">{whence}</p></dd>
        </div>
    }
}
