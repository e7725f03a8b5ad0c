//! The commit that a folder is checked out at, asked of the system's own git.
//!
//! Git only looks: no lock is taken, no hook, monitor or prompt is started, nothing is fetched.
//! What cannot be told in time is not known, and that is never an error.

use std::io::Read as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::process::{Pid, Signal, kill_process_group};

use super::files::{DiskTree, Seen};
use crate::alembic::source::FileTree as _;
use crate::domain::directory::Checkout;
use crate::domain::text;

/// All questions together may take this long.
const PATIENCE: Duration = Duration::from_secs(2);

/// How often a process that has said everything is asked whether it is over.
const PAUSE: Duration = Duration::from_millis(2);

/// More output than this is not read.
const LARGEST: u64 = 1024 * 1024;

/// Settings of the repository that could start another program, or print something else.
const SETTINGS: [&str; 5] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "log.showSignature=false",
    "color.ui=false",
    "status.renames=false",
];

/// Variables that name another repository than the one around the folder; a hook of git sets them.
const MISLEADING: [&str; 7] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
];

/// What git said, and the files of the repository that tell when it would say something else.
#[derive(Debug)]
pub(super) struct Answer {
    /// The commit; `None` when it is not known.
    pub(super) checkout: Option<Checkout>,
    seen: Option<Seen>,
}

impl Answer {
    /// Whether neither the commit nor the index has changed since. Files that are no part of
    /// the migration directory are not watched.
    pub(super) fn is_current(&self) -> bool {
        self.seen.as_ref().is_some_and(Seen::is_current)
    }

    /// Whether git told everything.
    pub(super) fn is_complete(&self) -> bool {
        self.checkout.as_ref().is_some_and(|c| c.edited.is_some())
    }
}

/// Asks for the commit around these files and folders; the first one is where git is asked.
pub(super) fn ask(program: &Path, places: &[PathBuf]) -> Answer {
    let began = std::time::SystemTime::now();
    let resolved: Vec<_> = places
        .iter()
        .filter_map(|path| path.canonicalize().ok())
        .collect();
    let folder = resolved.first().and_then(|path| {
        let is_folder = path.is_dir();
        if is_folder {
            Some(path.as_path())
        } else {
            path.parent()
        }
    });
    let nothing = Answer {
        checkout: None,
        seen: None,
    };
    let Some(folder) = folder else { return nothing };
    let git = Git {
        program,
        folder,
        until: Instant::now() + PATIENCE,
    };
    let Some(repository) = git.repository() else {
        return nothing;
    };
    let tree = DiskTree::default();
    let checkout = git.commit().map(|commit| {
        repository.watch(&tree, commit.branch.as_deref());
        Checkout {
            edited: git.is_edited(&repository.top, &resolved),
            ..commit
        }
    });
    Answer {
        checkout,
        seen: Some(tree.into_seen(began)),
    }
}

/// Git, asked in one folder until one moment.
struct Git<'a> {
    program: &'a Path,
    folder: &'a Path,
    until: Instant,
}

/// Where a repository keeps what.
struct Repository {
    /// Of this work tree.
    folder: PathBuf,
    /// The top of the work tree.
    top: PathBuf,
}

impl Repository {
    /// Remembers the files that change when the commit or the index does.
    fn watch(&self, tree: &DiskTree, branch: Option<&str>) {
        let common = std::fs::read_to_string(self.folder.join("commondir")).ok();
        let common = common.map_or_else(
            || self.folder.clone(),
            |path| self.folder.join(path.trim_end()),
        );
        for name in ["HEAD", "index", "logs/HEAD"] {
            tree.kind(&self.folder.join(name));
        }
        tree.kind(&common.join("packed-refs"));
        if let Some(branch) = branch {
            tree.kind(&common.join("refs/heads").join(branch));
        }
    }
}

impl Git<'_> {
    fn repository(&self) -> Option<Repository> {
        let answer = self.run(&["rev-parse", "--absolute-git-dir", "--show-toplevel"])?;
        let answer = String::from_utf8(answer).ok()?;
        let (folder, top) = answer.trim_end_matches('\n').split_once('\n')?;
        Some(Repository {
            folder: folder.into(),
            top: top.into(),
        })
    }

    fn commit(&self) -> Option<Checkout> {
        let format = "--format=%h%n%ct%n%D";
        let answer = self.run(&["log", "-1", "--decorate=short", format, "HEAD"])?;
        parse_commit(&String::from_utf8_lossy(&answer))
    }

    /// Whether something in these places differs from the commit; what Python leaves behind
    /// does not count.
    fn is_edited(&self, top: &Path, places: &[PathBuf]) -> Option<bool> {
        let mut arguments: Vec<String> = [
            "status",
            "--porcelain=v1",
            "-z",
            "--untracked-files=normal",
            "--ignored=traditional",
            "--ignore-submodules=all",
            "--",
        ]
        .map(String::from)
        .into();
        for place in places {
            arguments.push(format!(":(literal){}", place.to_str()?));
        }
        arguments.push(":(exclude,glob)**/__pycache__/**".to_owned());
        arguments.push(":(exclude,glob)**/*.pyc".to_owned());
        let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let answer = self.run(&words)?;
        Some(has_edits(&String::from_utf8_lossy(&answer), top, places))
    }

    fn run(&self, arguments: &[&str]) -> Option<Vec<u8>> {
        let mut command = Command::new(self.program);
        command.arg("-C").arg(self.folder).arg("--no-pager");
        for setting in SETTINGS {
            command.args(["-c", setting]);
        }
        for variable in MISLEADING {
            command.env_remove(variable);
        }
        command
            .args(arguments)
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0);
        let mut child = command.spawn().ok()?;
        let answer = self.listen(&mut child);
        if answer.is_none() {
            end(&mut child);
        }
        answer
    }

    /// What the process says, if it says it in time and ends well.
    fn listen(&self, child: &mut Child) -> Option<Vec<u8>> {
        let output = child.stdout.take()?;
        let (heard, hearing) = mpsc::channel();
        std::thread::spawn(move || {
            let mut answer = Vec::new();
            let read = output.take(LARGEST).read_to_end(&mut answer);
            // Nobody listens any more when the time was up.
            let _ = heard.send(read.map(|_| answer));
        });
        let left = self.until.saturating_duration_since(Instant::now());
        let answer = hearing.recv_timeout(left).ok()?.ok()?;
        loop {
            match child.try_wait().ok()? {
                Some(status) => return status.success().then_some(answer),
                None if Instant::now() >= self.until => return None,
                None => std::thread::sleep(PAUSE),
            }
        }
    }
}

/// Ends a process and what it started.
fn end(child: &mut Child) {
    let group = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let (Some(group), Ok(None)) = (group, child.try_wait()) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    let _ = child.wait();
}

/// Reads the short hash, the time and the names of a commit.
fn parse_commit(answer: &str) -> Option<Checkout> {
    let mut lines = answer.lines();
    let (commit, seconds) = (lines.next()?.trim(), lines.next()?.trim());
    if commit.is_empty() || !commit.chars().all(|c| c.is_ascii_hexdigit()) {
        return None;
    }
    // A name holds no space, so a comma and a space part two names.
    let names = lines.next().unwrap_or_default();
    let branch = names
        .split(", ")
        .find_map(|name| name.strip_prefix("HEAD -> "));
    Some(Checkout {
        commit: commit.to_owned(),
        committed_at: Timestamp::from_second(seconds.parse().ok()?).ok()?,
        branch: branch.map(|name| text::clean(name).into_owned()),
        edited: None,
    })
}

/// Reads `git status -z`. An ignored file is in no commit, so one that Alembic would load counts.
fn has_edits(answer: &str, top: &Path, places: &[PathBuf]) -> bool {
    answer
        .split('\0')
        .filter(|entry| !entry.is_empty())
        .any(|entry| match entry.strip_prefix("!! ") {
            Some(ignored) => {
                let path = top.join(ignored);
                path.extension() == Some("py".as_ref())
                    || places.iter().any(|place| place.starts_with(&path))
            }
            None => true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs git for a test, without the settings of whoever runs it.
    fn git(folder: &Path, arguments: &[&str]) {
        let done = Command::new("git")
            .arg("-C")
            .arg(folder)
            .args(["-c", "user.name=Ines", "-c", "user.email=ines@example.com"])
            .args(arguments)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .env("GIT_COMMITTER_DATE", "2026-11-20T10:00:00Z")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status()
            .unwrap();
        assert!(done.success(), "{arguments:?}");
    }

    /// A repository with one commit of `migrations/versions/a1.py`.
    fn repository() -> (tempfile::TempDir, PathBuf) {
        let top = tempfile::tempdir().unwrap();
        let versions = top.path().join("migrations [x]/versions");
        std::fs::create_dir_all(&versions).unwrap();
        std::fs::write(versions.join("a1.py"), "revision = 'a1'\n").unwrap();
        std::fs::write(top.path().join(".gitignore"), "*.pyc\nscratch.py\n").unwrap();
        git(
            top.path(),
            &["init", "--quiet", "--initial-branch=feature/x,y"],
        );
        git(top.path(), &["add", "."]);
        git(top.path(), &["commit", "--quiet", "--message", "first"]);
        let folder = versions.parent().unwrap().to_owned();
        (top, folder)
    }

    fn checkout(folder: &Path) -> Checkout {
        let answer = ask(
            Path::new("git"),
            &[folder.to_owned(), folder.join("versions")],
        );
        assert!(answer.is_complete());
        answer.checkout.unwrap()
    }

    #[test]
    fn a_commit_has_a_hash_a_time_and_a_branch() {
        let (_top, folder) = repository();
        let found = checkout(&folder);
        assert!(found.commit.len() >= 7, "{found:?}");
        assert_eq!(found.committed_at, "2026-11-20T10:00:00Z".parse().unwrap());
        assert_eq!(found.branch.as_deref(), Some("feature/x,y"));
        assert_eq!(found.edited, Some(false));
    }

    #[test]
    fn only_files_of_the_migrations_make_it_edited() {
        let (top, folder) = repository();
        let versions = folder.join("versions");
        let edited = || checkout(&folder).edited;
        std::fs::write(top.path().join("elsewhere.py"), "").unwrap();
        std::fs::create_dir(versions.join("__pycache__")).unwrap();
        std::fs::write(versions.join("__pycache__/a1.cpython-313.pyc"), "").unwrap();
        std::fs::write(versions.join("old.pyc"), "").unwrap();
        assert_eq!(edited(), Some(false));
        std::fs::write(top.path().join(".gitignore"), "scratch.py\n").unwrap();
        assert_eq!(edited(), Some(false), "what Python leaves is not ignored");
        for name in ["a2.py", "scratch.py", "a1.py"] {
            std::fs::write(versions.join(name), "revision = 'zz'\n").unwrap();
            assert_eq!(edited(), Some(true), "{name}");
            if name != "a1.py" {
                std::fs::remove_file(versions.join(name)).unwrap();
            }
        }
        git(top.path(), &["checkout", "--quiet", "--", "."]);
        assert_eq!(edited(), Some(false));
        std::fs::remove_file(versions.join("a1.py")).unwrap();
        assert_eq!(edited(), Some(true), "deleted");
    }

    #[test]
    fn a_folder_that_is_ignored_is_in_no_commit() {
        let (top, _) = repository();
        std::fs::write(top.path().join(".gitignore"), "state/\n").unwrap();
        git(
            top.path(),
            &["commit", "--quiet", "--all", "--message", "x"],
        );
        let folder = top.path().join("state/migrations");
        std::fs::create_dir_all(folder.join("versions")).unwrap();
        std::fs::write(folder.join("versions/a1.py"), "").unwrap();
        assert_eq!(checkout(&folder).edited, Some(true));
    }

    #[test]
    fn a_commit_makes_the_answer_old() {
        let (top, folder) = repository();
        let places = [folder.clone(), folder.join("versions")];
        let mut answer = ask(Path::new("git"), &places);
        // Files that were written a moment ago do not count as settled.
        let deadline = Instant::now() + Duration::from_secs(20);
        while !answer.is_current() {
            assert!(Instant::now() < deadline, "{answer:?}");
            answer = ask(Path::new("git"), &places);
        }
        git(
            top.path(),
            &["commit", "--quiet", "--allow-empty", "--message", "y"],
        );
        assert!(!answer.is_current());
        let first = answer.checkout.unwrap().commit;
        assert_ne!(checkout(&folder).commit, first);
        git(top.path(), &["checkout", "--quiet", "--detach"]);
        assert_eq!(checkout(&folder).branch, None);
    }

    #[test]
    fn without_git_or_a_repository_nothing_is_known() {
        let plain = tempfile::tempdir().unwrap();
        let (_top, folder) = repository();
        let ask = |program: &str, place: &Path| ask(Path::new(program), &[place.to_owned()]);
        assert_eq!(ask("git", plain.path()).checkout, None);
        assert_eq!(ask("git", Path::new("/nowhere/at/all")).checkout, None);
        assert_eq!(ask("/nowhere/git", &folder).checkout, None);
    }

    #[test]
    fn neither_hooks_nor_monitors_are_started() {
        let (top, folder) = repository();
        let trace = top.path().join("started");
        let program = top.path().join(".git/spy");
        std::fs::write(
            &program,
            format!("#!/bin/sh\ntouch '{}'\n", trace.display()),
        )
        .unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).unwrap();
        let spy = program.to_str().unwrap();
        for key in ["core.fsmonitor", "gpg.program", "core.pager"] {
            git(top.path(), &["config", key, spy]);
        }
        git(top.path(), &["config", "log.showSignature", "true"]);
        assert_eq!(checkout(&folder).edited, Some(false));
        assert!(!trace.exists());
    }

    #[test]
    fn a_git_that_hangs_is_ended_in_time() {
        let (top, folder) = repository();
        let program = top.path().join("slow");
        let pid = top.path().join("pid");
        let script = format!("#!/bin/sh\necho $$ > '{}'\nsleep 600\n", pid.display());
        std::fs::write(&program, script).unwrap();
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        std::fs::set_permissions(&program, mode).unwrap();
        let began = Instant::now();
        assert_eq!(ask(&program, &[folder]).checkout, None);
        assert!(began.elapsed() < PATIENCE * 4);
        let pid = std::fs::read_to_string(pid).unwrap();
        assert!(!Path::new("/proc").join(pid.trim()).exists());
    }

    #[test]
    fn what_git_says_is_cleaned() {
        let answer = "abc1234\n1700000000\nHEAD -> ma\u{1b}[31min, tag: v1\n";
        let found = parse_commit(answer).unwrap();
        assert_eq!(found.branch.as_deref(), Some("main"));
        assert_eq!(parse_commit("\u{1b}[31m\n1\n\n"), None);
        assert_eq!(parse_commit("abc1234\nnever\n\n"), None);
    }
}
