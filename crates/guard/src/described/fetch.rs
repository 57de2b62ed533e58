//! What a model may read of a URL that was not fetched.

use purlin_core::{Described, private::Said};

use crate::fetch::FetchError;

impl Described for FetchError {
    fn __said(&self) -> Said {
        Said {
            text: Some(self.to_string().into()),
            code: Some(self.public_name()),
            recovery: recovery(self),
            not_found: false,
        }
    }
}

/// What the caller can do about it.
fn recovery(error: &FetchError) -> &'static [&'static str] {
    match error {
        FetchError::InvalidUrl(_) => &["Give the URL in the form `https://host/path`."],
        FetchError::Scheme => &["Give a URL that starts with `https://`."],
        FetchError::Userinfo => &["Leave the user and the password out."],
        FetchError::Port => &["Leave the port out."],
        FetchError::BlockedHost | FetchError::BlockedAddress | FetchError::Dns(_) => {
            &["Ask for a page on a public host."]
        }
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use purlin_core::ToolError;

    use super::*;

    #[test]
    fn a_model_reads_what_to_do_and_nothing_of_the_network() {
        let told = |error| ToolError::described(error).public_text(true).into_owned();
        let expected = "this host cannot be asked\nCode: host\n- Ask for a page on a public host.";
        assert_eq!(told(FetchError::BlockedAddress), expected);
        assert_eq!(told(FetchError::Dns("canary".into())), expected);
        assert_eq!(
            told(FetchError::Connect("canary".into())),
            "no connection to the host\nCode: connect"
        );
    }
}
