//! Tokens that are bound to a key (RFC 9449).

use std::sync::Arc;

use purlin_auth::client::store::{MemoryStore, TokenStore};

use crate::statement::{claims, header};
use crate::town::Town;

#[tokio::test]
async fn each_server_is_given_its_own_nonce() {
    let town = Town::start().await;
    town.want_proofs();
    town.world().wants_nonces = true;
    let client = town.connect(town.login().build()).await.unwrap();
    client.call::<String>("t", ()).await.unwrap();
    let world = town.world();
    // The first proof at each server has none, for nobody has said one.
    let proof = |at: usize| claims(world.token_headers[at]["dpop"].to_str().unwrap());
    assert_eq!(world.grants(), ["authorization_code"; 2]);
    assert!(proof(0).get("nonce").is_none());
    assert_eq!(proof(1)["nonce"], "nonce-of-the-issuer");
    let nonces: Vec<_> = world
        .proofs
        .iter()
        .map(|proof| claims(proof)["nonce"].clone())
        .collect();
    assert_eq!(nonces[1..], ["nonce-of-the-server", "nonce-of-the-server"]);
    assert_eq!(world.authorizations.len(), 1);
}

#[tokio::test]
async fn a_stored_token_is_proven_with_the_key_it_was_issued_for() {
    let town = Town::start().await;
    town.want_proofs();
    let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::default());
    for _ in 0..2 {
        let oauth = town.login().shared_store(Arc::clone(&store)).build();
        town.connect(oauth).await.unwrap();
    }
    let world = town.world();
    assert_eq!(world.authorizations.len(), 1);
    let [first, second] = &world.proofs[..] else {
        panic!("two proofs, not {}", world.proofs.len());
    };
    assert_eq!(header(first), header(second));
    assert_ne!(claims(first)["jti"], claims(second)["jti"]);
    assert_eq!(claims(first)["ath"], claims(second)["ath"]);
}

#[tokio::test]
async fn a_server_that_wants_proofs_of_a_provider_that_binds_no_tokens_is_refused() {
    let town = Town::start().await;
    town.world().scheme = "DPoP";
    let error = town.connect(town.login().build()).await.unwrap_err();
    assert!(error.to_string().contains("ES256"), "{error}");
    assert!(town.world().authorizations.is_empty());
}
