use super::{finds, messages, of_module, of_tool, passes, quote};
use crate::pipeline;

const LINT: &str = "hardcoded_secret";

/// Put together here, so that no scanner takes this file for a leak.
fn token(prefix: &str) -> String {
    format!("{prefix}{}", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8s9T0u1")
}

#[test]
fn tokens_of_known_makers() {
    for prefix in [
        "sk-",
        "sk-ant-",
        "sk_live_",
        "ghp_",
        "github_pat_",
        "glpat-",
        "AKIA",
        "xoxb-",
    ] {
        let token = token(prefix);
        finds(LINT, [quote!(let client = Client::with(#token);)]);
        let header = format!("Bearer {token}");
        finds(LINT, [quote!(request.header("Authorization", #header);)]);
    }
    let key = "-----BEGIN RSA PRIVATE KEY-----\nMIIE";
    finds(LINT, [quote!(let key = #key;), quote!(log!("{}", #key))]);
}

#[test]
fn addresses_with_a_password() {
    finds(
        LINT,
        [quote!(Pool::connect("postgres://app:hunter22@db/orders").await?;)],
    );
    passes([
        quote!(Pool::connect("postgres://app@db/orders").await?;),
        quote!(let url = format!("postgres://app:{password}@db/orders");),
        quote!(let url = "postgres://user:password@localhost/test";),
        quote!(let url = "https://example.com:8080/a@b";),
    ]);
}

#[test]
fn variables_that_name_a_secret() {
    finds(
        LINT,
        [
            quote!(let password = "hunter22";),
            quote!(let db_password: &'static str = "hunter22";),
            quote!(let api_key = "9f8e7d6c5b4a".to_owned();),
            quote!(let login = Login { user, password: "hunter22" };),
            quote!(self.client_secret = "9f8e7d6c5b4a";),
            quote!(
                const API_KEY: &str = "9f8e7d6c5b4a";
            ),
        ],
    );
    assert_eq!(
        of_module(&quote!(
            const API_KEY: &str = "9f8e7d6c5b4a";
        )),
        [LINT]
    );
    assert_eq!(
        of_module(&quote!(
            static PASSWORD: &str = "hunter22";
        )),
        [LINT]
    );
}

#[test]
fn what_is_no_secret() {
    passes([
        quote!(let api_key = std::env::var("OPENAI_API_KEY_2")?;),
        quote!(let password = "";),
        quote!(let password = "Enter your password";),
        quote!(let api_key = "X-Api-Key";),
        quote!(let password_field = "hunter22";),
        quote!(let secretary = "hunter22";),
        quote!(let key = "sk-xxxxxxxxxxxxxxxxxxxxxxxx";),
        quote!(let key = "sk-your-key-goes-here-1234567";),
        quote!(let slug = "sk-learn";),
        quote!(let token = 5;),
        quote!(if password == "hunter22" {}),
        quote!(let hash = "9f86d081884c7d659a2feaa0c55ad015";),
    ]);
}

#[test]
fn the_secret_is_in_no_message() {
    let expansion = pipeline::mcp_server(
        quote!(deny(hardcoded_secret)),
        &quote! {
            impl S {
                /// Does it.
                #[mcp_tool]
                async fn tool(&self) { let password = "hunter22"; }
            }
        },
    );
    let messages = messages(expansion);
    assert_eq!(messages.len(), 1);
    assert!(messages[0].contains("`password`") && !messages[0].contains("hunter22"));
}

#[test]
fn a_token_in_a_variable_that_names_it_is_one_finding() {
    let token = token("sk-");
    assert_eq!(of_tool(&quote!(let api_key = #token;)), [LINT]);
}
