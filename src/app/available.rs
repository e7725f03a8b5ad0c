//! Whether a command can be given now, and why not; a command that cannot says so.

use super::command::{Command, ConsentCommand, LedgerCommand, LogCommand, RevisionCommand, Tab};
use super::commands::{Spec, offered};
use super::gate::{GateScreen, Stage, Subject};
use super::logs::LogView;
use super::model::Model;
use super::rows::{execution_rows, version_rows};
use super::screen::{LogSource, Screen};
use super::text::TextField;
use crate::domain::act::SecretVerb;
use crate::domain::fleet::EnvironmentStatus;
use crate::domain::operation::Risk;
use crate::domain::secret::{SecretVersion, VersionState};

/// Why a command cannot be given now.
pub type WhyNot = &'static str;

impl Model {
    /// Whether a command can be given now.
    pub fn available(&self, command: Command) -> Result<(), WhyNot> {
        match command {
            Command::Show(_)
            | Command::ShowLog
            | Command::Upgrade
            | Command::Operations
            | Command::Arm
                if self.focus().is_none() =>
            {
                Err("there is no environment here")
            }
            Command::Upgrade => self.can_upgrade(),
            Command::Operations => self.can_plan(),
            Command::Arm => self.can_arm(),
            Command::Replan => self.can_replan(),
            Command::BackupFirst => self.can_back_up(),
            Command::Approve => self.can_approve(),
            Command::CancelRun => self.can_cancel(),
            Command::Secret(verb) => self.can_change_secret(verb),
            Command::ShowLog => self.can_show_log(),
            Command::Log(command) => self.can_in_log(command),
            Command::Revision(command) => self.can_with_revisions(command),
            Command::Ledger(command) => self.can_with_ledger(command),
            Command::Consent(command) => self.can_with_consent(command),
            Command::Search => self.can_search(),
            _ => Ok(()),
        }
    }

    /// The commands that the palette offers for what was typed: first those that can be given now.
    pub fn palette_rows(&self, query: &TextField) -> Vec<&'static Spec> {
        let mut rows: Vec<_> = offered(query.text()).collect();
        rows.sort_by_key(|spec| self.available(spec.command).is_err());
        rows
    }

    fn focused_status(&self) -> Option<&EnvironmentStatus> {
        self.station(self.focus()?)
    }

    fn can_plan(&self) -> Result<(), WhyNot> {
        let status = self
            .focused_status()
            .ok_or("there is no environment here")?;
        if self.live_run(&status.environment.name).is_some() {
            return Err("a run goes on here; open it, or wait for its end");
        }
        if self.setup.operations.is_empty() {
            return Err("the config declares no operation");
        }
        Ok(())
    }

    fn can_upgrade(&self) -> Result<(), WhyNot> {
        self.can_plan()?;
        if self.setup.operations.iter().any(|o| o.name == "upgrade") {
            Ok(())
        } else {
            Err("the config declares no operation `upgrade`")
        }
    }

    fn can_arm(&self) -> Result<(), WhyNot> {
        let status = self
            .focused_status()
            .ok_or("there is no environment here")?;
        let policy = self.setup.policies.of(status.environment.tier);
        let asked = self
            .gate()
            .and_then(|gate| gate.demand())
            .is_some_and(|demand| demand.arm);
        if self.is_arming(&status.environment.name) {
            Err("that is being recorded")
        } else if policy.read_only || asked {
            Ok(())
        } else {
            Err("this tier is not read-only; nothing is to be armed")
        }
    }

    fn can_replan(&self) -> Result<(), WhyNot> {
        match self.screen() {
            Screen::Gate(gate) => match gate.stage {
                Stage::Open(Subject::Plan(_)) | Stage::Failed(_) => Ok(()),
                Stage::Planning(_) => Err("the plan is being made"),
                Stage::Open(_) => Err("this is no plan"),
            },
            Screen::Run(screen) => match self.run(screen.run) {
                Some(run) if run.is_live() => Err("the run goes on"),
                Some(run) if run.plan.is_some() => Ok(()),
                _ => Err("this run was not started here"),
            },
            _ => Err("there is no plan here"),
        }
    }

    fn can_back_up(&self) -> Result<(), WhyNot> {
        let stage = self.gate().map(|gate| &gate.stage);
        let Some(Stage::Open(Subject::Plan(prepared))) = stage else {
            return Err("there is no plan here");
        };
        let status = self.focused_status();
        if prepared.plan.risk == Risk::Read {
            Err("what only reads needs no backup")
        } else if status.is_none_or(|s| s.environment.sql_instance.is_none()) {
            Err("the config names no instance of this environment")
        } else {
            Ok(())
        }
    }

    fn can_approve(&self) -> Result<(), WhyNot> {
        let gate = self.gate().ok_or("there is no gate here")?;
        match gate.stage {
            Stage::Open(Subject::Request(ref seen, _))
                if seen.request.admits(&seen.who).is_err() =>
            {
                Err("your word does not count here; it can be declined")
            }
            Stage::Open(_) => Ok(()),
            Stage::Planning(_) => Err("the plan is being made"),
            Stage::Failed(_) => Err("there is no plan"),
        }
    }

    fn can_cancel(&self) -> Result<(), WhyNot> {
        match self.screen() {
            Screen::Run(screen) => {
                let run = self.run(screen.run).ok_or("there is no run here")?;
                match &run.execution {
                    Some(execution) if !execution.state.is_over() && !run.cancelling => Ok(()),
                    Some(_) if run.cancelling => Err("cancellation was asked for already"),
                    Some(_) => Err("the execution is over"),
                    None => Err("there is no execution yet"),
                }
            }
            Screen::Environment(screen) if screen.tab == Tab::Executions => {
                let status = self
                    .station(screen.station)
                    .ok_or("there is no environment here")?;
                match execution_rows(status, screen.list()).nth(screen.list().cursor) {
                    Some(execution) if !execution.state.is_over() => Ok(()),
                    Some(_) => Err("this execution is over"),
                    None => Err("there is no execution here"),
                }
            }
            _ => Err("there is no execution here"),
        }
    }

    /// The secret version under the cursor.
    pub fn selected_version(&self) -> Option<&SecretVersion> {
        match self.screen() {
            Screen::Environment(screen) if screen.tab == Tab::Secrets => {
                let status = self.station(screen.station)?;
                version_rows(status, screen.list()).nth(screen.list().cursor)
            }
            _ => None,
        }
    }

    fn can_change_secret(&self, verb: SecretVerb) -> Result<(), WhyNot> {
        let version = self
            .selected_version()
            .ok_or("there is no secret version here")?;
        match (verb, version.state) {
            (_, VersionState::Destroyed) => Err("this version was destroyed; its payload is gone"),
            (SecretVerb::Enable, VersionState::Enabled) => Err("this version is enabled already"),
            (SecretVerb::Disable, VersionState::Disabled) => {
                Err("this version is disabled already")
            }
            _ => Ok(()),
        }
    }

    fn can_show_log(&self) -> Result<(), WhyNot> {
        if self.log_target().is_some() {
            Ok(())
        } else {
            Err("there is no execution here")
        }
    }

    fn can_in_log(&self, command: LogCommand) -> Result<(), WhyNot> {
        match self.screen() {
            Screen::Revision(screen) => return can_in_page(command, &screen.view),
            Screen::Story(screen) => return can_in_page(command, &screen.view),
            _ => {}
        }
        if matches!(self.screen(), Screen::Comparison(_)) {
            return match command {
                LogCommand::Left | LogCommand::Right => Ok(()),
                _ => Err("there is no text here"),
            };
        }
        let (log, view) = match self.screen() {
            Screen::Log(screen) => match &screen.source {
                LogSource::Own { log, view, .. } => (log, view),
                LogSource::Run(id) => match self.run(*id) {
                    Some(run) => (&run.log, &run.view),
                    None => return Err("there is no log here"),
                },
            },
            Screen::Run(screen) => match self.run(screen.run) {
                Some(run) => (&run.log, &run.view),
                None => return Err("there is no log here"),
            },
            _ => return Err("there is no log here"),
        };
        match command {
            LogCommand::NextMatch | LogCommand::PreviousMatch if view.search.is_empty() => {
                Err("search for something first")
            }
            LogCommand::FirstError if log.first_error().is_none() => {
                Err("no line says that something is wrong")
            }
            LogCommand::Pager if log.is_empty() => Err("the log is empty"),
            _ => Ok(()),
        }
    }

    fn can_with_revisions(&self, command: RevisionCommand) -> Result<(), WhyNot> {
        let holds = |here: bool, why| if here { Ok(()) } else { Err(why) };
        let screen = self.screen();
        match command {
            RevisionCommand::Graph => holds(
                matches!(screen, Screen::Environment(s) if s.tab == Tab::Migrations),
                "there is no graph here",
            ),
            RevisionCommand::UpgradeTo => {
                self.can_upgrade()?;
                holds(
                    self.selected_is_pending(),
                    "only a pending revision can be upgraded to",
                )
            }
            RevisionCommand::Probe => {
                self.can_plan()?;
                holds(
                    self.setup.operations.iter().any(|o| o.name == "current"),
                    "the config declares no operation `current`",
                )
            }
            RevisionCommand::Compare => {
                holds(!self.stations.is_empty(), "the config names no environment")
            }
            RevisionCommand::Differences => holds(
                matches!(screen, Screen::Comparison(_)),
                "there is no comparison here",
            ),
            RevisionCommand::Newer | RevisionCommand::Older => holds(
                matches!(screen, Screen::Revision(_)),
                "there is no revision here",
            ),
        }
    }

    fn can_with_consent(&self, command: ConsentCommand) -> Result<(), WhyNot> {
        let request = matches!(
            self.gate().map(|gate| &gate.stage),
            Some(Stage::Open(Subject::Request(..)))
        );
        match command {
            ConsentCommand::Glass if self.gate().is_some_and(GateScreen::may_break) => Ok(()),
            ConsentCommand::Glass => Err("there is no glass to break here"),
            ConsentCommand::Requests if matches!(self.screen(), Screen::Requests(_)) => {
                Err("these are the requests")
            }
            ConsentCommand::Decline if !request => Err("there is no request here"),
            ConsentCommand::Review if self.selected_review().is_none() => Err("no review is owed"),
            _ => Ok(()),
        }
    }

    fn can_with_ledger(&self, command: LedgerCommand) -> Result<(), WhyNot> {
        match (command, self.screen()) {
            (LedgerCommand::Show, Screen::Ledger(_)) => Err("this is the ledger"),
            (LedgerCommand::Show, _) => Ok(()),
            (LedgerCommand::Story, Screen::Run(screen)) => self
                .run(screen.run)
                .and_then(|run| run.run_id.as_ref())
                .map(|_| ())
                .ok_or("this run is not in the ledger yet"),
            (LedgerCommand::Story, _) => Err("there is no run here"),
        }
    }

    fn selected_is_pending(&self) -> bool {
        self.selected_revision().is_some_and(|(station, id)| {
            let standing = self.station(station).and_then(|s| s.standing.as_ref());
            standing.is_some_and(|standing| standing.pending.contains(&id))
        })
    }

    fn can_search(&self) -> Result<(), WhyNot> {
        match self.screen() {
            Screen::Fleet(_)
            | Screen::Operations(_)
            | Screen::Log(_)
            | Screen::Revision(_)
            | Screen::Comparison(_)
            | Screen::Ledger(_)
            | Screen::Story(_)
            | Screen::Requests(_) => Ok(()),
            Screen::Environment(screen) if screen.tab != Tab::Overview => Ok(()),
            _ => Err("there is nothing to filter or to search here"),
        }
    }
}

/// What can be done in a page.
fn can_in_page(command: LogCommand, view: &LogView) -> Result<(), WhyNot> {
    match command {
        LogCommand::NextMatch | LogCommand::PreviousMatch if view.search.is_empty() => {
            Err("search for something first")
        }
        LogCommand::Follow | LogCommand::FirstError => Err("there is no log here"),
        _ => Ok(()),
    }
}
