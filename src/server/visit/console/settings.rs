//! The settings in force.

use super::Visit;
use crate::server::config::{Origin, Setting};
use crate::wire::{Refusal, Said, SettingLine};

impl Visit {
    /// All settings, and who said what each of them is. Of a secret it is only said that it is set.
    pub async fn settings(&self) -> Result<Vec<SettingLine>, Refusal> {
        let admin = self.admin().await;
        self.answered(admin)?;
        Ok(self.site.config.in_force.all().iter().map(as_line).collect())
    }
}

fn as_line(setting: &Setting) -> SettingLine {
    let place = setting.origin.to_string();
    let said = match &setting.origin {
        Origin::Default => Said::ByDefault,
        Origin::File { .. } => Said::InFile(place),
        Origin::Environment(_) => Said::InEnvironment(place),
        Origin::CommandLine(_) => Said::OnCommandLine(place),
    };
    SettingLine { key: setting.key.clone(), value: setting.value.clone(), said }
}
