//! Content that a revision has no word for.

use super::Revision;
use crate::protocol::Content;

/// Replaces a block the revision does not know by a text that says the same,
/// as far as a text can: a client that checks what it gets would refuse the
/// whole result.
pub(crate) fn settle(block: &mut Content, revision: Revision) {
    let text = match block {
        Content::Audio(audio) if !revision.has_annotations() => {
            format!("(a sound of the type {})", audio.mime_type)
        }
        Content::ResourceLink(link) if !revision.has_titles() => {
            let title = link.title.as_deref().unwrap_or(&link.name);
            match &link.description {
                Some(description) => format!("{title}: {} ({description})", link.uri),
                None => format!("{title}: {}", link.uri),
            }
        }
        _ => return,
    };
    *block = Content::text(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Resource;

    fn settled(block: Content, revision: Revision) -> Content {
        let mut block = block;
        settle(&mut block, revision);
        block
    }

    #[test]
    fn unknown_blocks_become_text_and_others_stay() {
        let audio = Content::audio([1], "audio/wav");
        let old = settled(audio.clone(), Revision::V2024_11_05);
        assert_eq!(old, Content::text("(a sound of the type audio/wav)"));
        assert_eq!(settled(audio.clone(), Revision::V2025_03_26), audio);
        let link: Content = Resource::new("file:///a", "a")
            .with_title("A")
            .with_description("first")
            .into();
        let old = settled(link.clone(), Revision::V2025_03_26);
        assert_eq!(old, Content::text("A: file:///a (first)"));
        assert_eq!(settled(link.clone(), Revision::V2025_06_18), link);
    }
}
