//! Skills of servers (extension `io.modelcontextprotocol/skills`, SEP-2640), loaded only if they
//! are what their entry says.
//!
//! A skill is text that a model will follow, so whoever can change it can steer the model. The
//! entry in the list is what a user approves of; a file is given out only if its size, its digest
//! and, for the skill itself, its front matter are those of the entry. Files are read when they are
//! asked for, never before.

mod frontmatter;

use ring::digest::{SHA256, digest};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::Result;
use crate::client::Client;
use crate::error::ClientError;
use crate::items::Items;

const SKILLS_LIST: &str = "skills/list";

/// A skill, as listed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Skill {
    /// Where its `SKILL.md` is.
    pub uri: String,
    /// What its `SKILL.md` begins with: `name`, `description` and what else its author says.
    pub frontmatter: Map<String, Value>,
    /// Its files, the `SKILL.md` among them.
    pub resources: SkillFiles,
}

/// The files of a skill.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum SkillFiles {
    /// Every file, with what it has to be.
    Listed(Vec<SkillFile>),
    /// Files that differ from time to time (`"dynamic"`); nothing of them can be verified.
    Dynamic(String),
}

/// One file of a skill.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SkillFile {
    /// Where it is.
    pub uri: String,
    /// `sha256:` and 64 hexadecimal digits.
    pub digest: String,
    /// Its size in bytes.
    pub size: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListSkillsResult {
    skills: Vec<Skill>,
    #[serde(default)]
    next_cursor: Option<String>,
}

impl Client {
    /// The skills of the server, page by page. No file of them is read.
    pub fn skills(&self) -> Items<Skill> {
        self.items(SKILLS_LIST, |page: ListSkillsResult| {
            (page.skills, page.next_cursor)
        })
    }

    /// Reads the `SKILL.md` of a skill and verifies it.
    ///
    /// # Errors
    /// `Protocol` when it is not what its entry says; otherwise as any request.
    pub async fn load_skill(&self, skill: &Skill) -> Result<String> {
        let bytes = self.skill_file(skill, &skill.uri).await?;
        let text =
            String::from_utf8(bytes).map_err(|_| refused(&skill.uri, "it is no text in UTF-8"))?;
        let found = frontmatter::read(&text).map_err(|problem| refused(&skill.uri, &problem))?;
        if found != skill.frontmatter {
            return Err(refused(
                &skill.uri,
                "its front matter is not that of its entry",
            ));
        }
        Ok(text)
    }

    /// Reads one file of a skill and verifies it.
    ///
    /// # Errors
    /// `Protocol` when it is not what its entry says, or none of the skill's; otherwise as any
    /// request.
    pub async fn skill_file(&self, skill: &Skill, uri: &str) -> Result<Vec<u8>> {
        let entry = skill.files().iter().find(|file| file.uri == uri);
        if entry.is_none() && matches!(skill.resources, SkillFiles::Listed(_)) {
            return Err(refused(uri, "it is no file of the skill"));
        }
        let mut contents = self.read_resource(uri).await?.contents;
        let (Some(content), true) = (contents.pop(), contents.is_empty()) else {
            return Err(refused(uri, "it is not one file"));
        };
        let bytes = content.bytes();
        let bytes = bytes.map_err(|error| refused(uri, &error.to_string()))?;
        match entry.and_then(|entry| entry.mismatch(&bytes)) {
            Some(problem) => Err(refused(uri, problem)),
            None => Ok(bytes),
        }
    }
}

impl Skill {
    /// Its files, as far as they are listed.
    pub fn files(&self) -> &[SkillFile] {
        match &self.resources {
            SkillFiles::Listed(files) => files,
            SkillFiles::Dynamic(_) => &[],
        }
    }
}

impl SkillFile {
    fn mismatch(&self, bytes: &[u8]) -> Option<&'static str> {
        if u64::try_from(bytes.len()) != Ok(self.size) {
            return Some("its size is not that of its entry");
        }
        let found: String = digest(&SHA256, bytes)
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        (self.digest.strip_prefix("sha256:") != Some(&*found))
            .then_some("its digest is not that of its entry")
    }
}

fn refused(uri: &str, problem: &str) -> ClientError {
    ClientError::protocol(format!("skill file `{uri}` is refused: {problem}"))
}
