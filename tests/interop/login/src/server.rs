//! The example, with state that lasts and a clock that is ahead.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use protected::{Orders, authorization, protection};
use purlin::auth::authorization_server::{AuthorizationServerBuilder, Colour, Keys, Theme};
use purlin::auth::verify::Clock;
use purlin::http::{HttpConfig, HttpServer};
use purlin::stores::Disk;

use crate::{Failure, document};

/// The key of all runs: what one has sealed, the next one opens.
const KEY: [u8; 32] = [7; 32];

/// A picture of a mountain with a name, in a colour that is seen on light and dark grounds.
const LOGO: &str = "data:image/svg+xml,%3Csvg%20xmlns=%22http://www.w3.org/2000/svg%22%20width=%22112%22%20height=%2232%22%3E\
%3Cpath%20d=%22M4%2028L18%204l14%2024z%22%20fill=%22%239c4dcc%22/%3E\
%3Ctext%20x=%2240%22%20y=%2224%22%20font-family=%22sans-serif%22%20font-size=%2222%22%20font-weight=%22700%22%20fill=%22%239c4dcc%22%3EAcme%3C/text%3E%3C/svg%3E";

/// The clock of the machine, so much ahead.
#[derive(Debug)]
struct Ahead(Duration);

impl Clock for Ahead {
    fn now(&self) -> SystemTime {
        SystemTime::now() + self.0
    }
}

pub(crate) async fn serve(address: &str, directory: &str, seconds: u64) -> Result<(), Failure> {
    let state = Disk::open(directory).await?;
    let authorization = authorization(&format!("http://{address}"))
        .keys(Keys::new([KEY])?)
        .store(Arc::new(state))
        .clock(Ahead(Duration::from_secs(seconds)))
        .fetch(document::Web);
    listen(address, authorization).await
}

/// The example with pages of somebody else.
pub(crate) async fn themed(address: &str) -> Result<(), Failure> {
    let theme = Theme::new("Acme Tools")
        .accent(Colour(0x7a, 0x1f, 0xa2), Colour(0xd0, 0x9f, 0xe8))
        .logo(LOGO, "Acme")?;
    listen(
        address,
        authorization(&format!("http://{address}")).theme(theme),
    )
    .await
}

async fn listen(address: &str, authorization: AuthorizationServerBuilder) -> Result<(), Failure> {
    let config = HttpConfig::new().authenticator(protection(authorization)?);
    let server = HttpServer::builder(Orders::new()).config(config);
    server.bind(address).listen().await?.serve().await?;
    Ok(())
}
