//! The same calls with the client of the official Rust SDK.

use bench::load::{Error, Load, check};
use clap::Parser;
use rmcp::model::{CallToolRequestParams, ProtocolVersion};
use rmcp::service::RunningService;
use rmcp::transport::streamable_http_client::StreamableHttpClientTransportConfig;
use rmcp::transport::{StreamableHttpClientTransport, TokioChildProcess};
use rmcp::{ClientLifecycleMode, ClientServiceExt, RoleClient, object};
use tokio::process::Command;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let load = Load::parse();
    let client = connect(&load).await?;
    let peer = client.peer().clone();
    load.run(move || {
        let peer = peer.clone();
        async move {
            let params =
                CallToolRequestParams::new("add").with_arguments(object!({"a": 19, "b": 23}));
            let result = peer.call_tool(params).await?;
            let text = result.content.first().and_then(|block| block.as_text());
            check(text.map_or("", |text| &text.text))
        }
    })
    .await?;
    client.cancel().await?;
    Ok(())
}

async fn connect(load: &Load) -> Result<RunningService<RoleClient, ()>, Error> {
    let mode = if load.stateless {
        ClientLifecycleMode::Discover {
            preferred_versions: vec![ProtocolVersion::V_2026_07_28],
        }
    } else {
        ClientLifecycleMode::Initialize
    };
    Ok(match (&load.server.url, &load.server.program) {
        (Some(url), _) => {
            // By default it would hold back all but 16.
            let config = StreamableHttpClientTransportConfig::with_uri(url.as_str())
                .max_concurrent_requests(load.at_once);
            let transport = StreamableHttpClientTransport::from_config(config);
            ().serve_with_lifecycle(transport, mode).await?
        }
        (None, Some(program)) => {
            let transport = TokioChildProcess::new(Command::new(program))?;
            ().serve_with_lifecycle(transport, mode).await?
        }
        (None, None) => return Err("neither a URL nor a program".into()),
    })
}
