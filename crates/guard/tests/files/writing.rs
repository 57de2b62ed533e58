//! What is written.

use std::fs;

use purlin_guard::Tenant;

use crate::ground::both;

#[tokio::test]
async fn a_file_is_written_and_replaced() {
    both(async |ground| {
        let files = ground.files();
        files.write("a", "one").await.unwrap();
        files.write("a", "two").await.unwrap();
        files.append("a", "!").await.unwrap();
        assert_eq!(fs::read_to_string(ground.at("a")).unwrap(), "two!");
        assert_eq!(ground.names(), ["a"]);
        assert_eq!(files.list(".").await.unwrap().entries[0].name, "a");
        assert_eq!((files.usage().bytes, files.usage().files), (4, 1));
        files.create_dir_all("x/y/z").await.unwrap();
        files.rename("a", "x/y/z/b").await.unwrap();
        files.copy("x/y/z/b", "c").await.unwrap();
        files.remove_all("x").await.unwrap();
        assert_eq!((files.usage().bytes, files.usage().files), (4, 1));
        let tenant = files.scoped(&Tenant::new("Acme")).await.unwrap();
        tenant.create_new("a", "").await.unwrap();
        files.remove("c").await.unwrap();
        assert_eq!(ground.names(), ["tenant-=41cme", "tenant-=41cme/a"]);
    })
    .await;
}
