//! Safe hands for whoever works with the platform: pages of the web, files of one's own, and
//! programs, each where this machine lets it be done safely.

use std::{fs, path::Path};

use purlin::{
    ErrorKind,
    guard::{
        CodeExecutor, FileOperations, UrlFetcher,
        code::{Builder, CodeError, Language, Tier},
        files::FileError,
        servers::{Code, Fetch, Files},
    },
    middleware::{Audit, audit::GuardLog},
    prelude::*,
};
use tempfile::TempDir;

use crate::{Settings, settings::RunCode};

/// What there is to work with. Each is mounted under a prefix of its own.
#[derive(Debug)]
pub(crate) struct Hands {
    web: Fetch,
    /// Unless there is no place for them.
    files: Option<Files>,
    /// Where this machine has what a box takes.
    code: Option<Code>,
    /// What is said of all that at the start.
    notices: Vec<Notice>,
    /// The files, if they go with the process.
    _scratch: Option<TempDir>,
}

/// Something to be said once the log has been started.
#[derive(Debug, Clone)]
enum Notice {
    Offered(String),
    Missing(String),
}

/// That all was said.
struct Noticed;

impl Notice {
    fn tell(&self) {
        match self {
            Self::Offered(text) => tracing::info!("{text}"),
            Self::Missing(text) => tracing::warn!("{text}"),
        }
    }
}

impl Hands {
    /// Those that the settings want and the machine can have. What they refuse is audited, and so
    /// is each run.
    ///
    /// # Errors
    /// When the directory of the files cannot be used.
    pub(crate) async fn open(settings: &Settings, audit: &Audit) -> Result<Self> {
        let log = GuardLog::to(audit);
        let mut notices = Vec::new();
        let (files, scratch) = match &settings.files_directory {
            Some(directory) => (Some(open_files(directory, &log)?), None),
            None => open_scratch(&log, &mut notices).unzip(),
        };
        Ok(Self {
            web: Fetch::new(UrlFetcher::web().events(log.clone()).build()),
            files: files.map(Files::per_tenant),
            code: open_code(settings.run_code, &log, &mut notices).await,
            notices,
            _scratch: scratch,
        })
    }

    /// The server, with these beside what the teams offer.
    pub(crate) fn beside(&self, server: Server) -> Server {
        let server = server.with("web", self.web.clone());
        let server = match &self.files {
            Some(files) => server.with("files", files.clone()),
            None => server,
        };
        let server = match &self.code {
            Some(code) => server.with("code", code.clone()),
            None => server,
        };
        let notices = self.notices.clone();
        let tell = move || {
            notices.iter().for_each(Notice::tell);
            async { Ok::<_, Error>(Noticed) }
        };
        server.lifespan(tell, |_| async {})
    }
}

/// The files below a directory, which is made if it is missing.
fn open_files(directory: &Path, log: &GuardLog) -> Result<FileOperations> {
    let made = fs::create_dir_all(directory).map_err(FileError::from);
    let files = FileOperations::builder(directory).events(log.clone());
    made.and_then(|()| files.build()).map_err(|error| {
        let problem = format!("`files_directory` cannot be used: {error}");
        Error::new(ErrorKind::Configuration, problem)
    })
}

/// The files below a directory that goes with the process, where one can be made.
fn open_scratch(log: &GuardLog, notices: &mut Vec<Notice>) -> Option<(FileOperations, TempDir)> {
    let scratch = tempfile::tempdir();
    let opened = scratch.map_err(FileError::from).and_then(|scratch| {
        let files = FileOperations::builder(scratch.path()).events(log.clone());
        Ok((files.build()?, scratch))
    });
    if let Err(error) = &opened {
        let text = format!("files are not offered: {error}: set `files_directory`");
        notices.push(Notice::Missing(text));
    }
    opened.ok()
}

/// Python and the shell, or the shell alone; nothing, where no box can be made for them.
async fn open_code(wanted: RunCode, log: &GuardLog, notices: &mut Vec<Notice>) -> Option<Code> {
    let minimum = match wanted {
        RunCode::Off => return None,
        RunCode::Strict => Tier::Strict,
        RunCode::Confined => Tier::Confined,
    };
    let both = [Language::python(), Language::shell()];
    let executor = match build(both, minimum, log).await {
        Ok(executor) => executor,
        Err(error) => match build([Language::shell()], minimum, log).await {
            Ok(executor) => executor,
            Err(_) => {
                let text = format!("`code_run` is not offered; missing: {}", reason(&error));
                notices.push(Notice::Missing(text));
                return None;
            }
        },
    };
    let tiers = executor
        .languages()
        .map(|(name, tier)| format!("{name}: {tier}"));
    let tiers: Vec<_> = tiers.collect();
    let text = format!("`code_run` is offered ({})", tiers.join(", "));
    notices.push(Notice::Offered(text));
    Some(Code::new(executor))
}

async fn build<const N: usize>(
    languages: [Language; N],
    minimum: Tier,
    log: &GuardLog,
) -> std::result::Result<CodeExecutor, CodeError> {
    let builder = CodeExecutor::builder().minimum(minimum).events(log.clone());
    let builder = languages.into_iter().fold(builder, Builder::language);
    builder.build().await
}

/// All that is missing, for whoever runs the platform.
fn reason(error: &CodeError) -> String {
    match error {
        CodeError::Unavailable(unavailable) => {
            let missing = unavailable.missing().iter();
            let missing: Vec<_> = missing.map(ToString::to_string).collect();
            missing.join("; ")
        }
        other => other.to_string(),
    }
}
