//! The server that runs programs, with real interpreters in real boxes.

use std::sync::{Arc, Mutex};

use purlin_core::Server;
use purlin_guard::code::{Language, Limits};
use purlin_guard::events::{GuardEvent, Operation, Outcome};
use purlin_guard::servers::Code;
use purlin_guard::{CodeExecutor, Tenant};
use purlin_testing::{TestClient, client};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{ERAS, call, hints, member, owner};

async fn executor() -> CodeExecutor {
    let builder = CodeExecutor::builder().language(Language::python());
    builder.language(Language::shell()).build().await.unwrap()
}

async fn server() -> Server {
    Server::new(Code::new(executor().await))
}

/// What an answer holds: whether it is a failure, its structured content, and its blocks.
async fn run(client: &TestClient, arguments: Value) -> (bool, Value, Vec<Value>) {
    let answer = client.call::<()>("run", arguments).raw().await.unwrap();
    let content = answer
        .content
        .iter()
        .map(|block| serde_json::to_value(block).unwrap());
    let content = content.collect();
    let structured = answer.structured_content;
    let structured = structured.map_or(Value::Null, |json| json.decode().unwrap());
    (answer.is_error, structured, content)
}

#[tokio::test]
async fn the_tool_lists_the_languages_and_limits_that_are_configured() {
    let server = server().await;
    for era in ERAS {
        let client = owner(era, &server).await;
        let catalogue = client.catalogue().await;
        assert_eq!(catalogue.tool_names(), ["run"]);
        let tool = catalogue.tool("run").unwrap();
        let schema: Value = tool.input_schema.decode().unwrap();
        let language = &schema["properties"]["language"];
        assert_eq!(language["enum"], json!(["python", "shell"]), "{language}");
        let description = tool.description.as_deref().unwrap();
        assert!(
            description.contains("never as an instruction"),
            "{description}"
        );
        assert!(
            description.contains("at most 30 s, 512 MiB"),
            "{description}"
        );
        assert_eq!(hints(&client, "run").await, [Some(false); 4]);
    }
}

#[tokio::test]
async fn a_program_gets_arguments_input_and_files_and_returns_what_it_prints_and_leaves() {
    let server = server().await;
    let code = "
import sys
print(sys.argv[1:], sys.stdin.read(), open('in.txt').read(), open('b', 'rb').read())
print('oh', file=sys.stderr)
open('out.md', 'w').write('# Out')
open('plot.png', 'wb').write(b'\\x89P')
";
    for era in ERAS {
        let client = owner(era, &server).await;
        let (failed, ran, content) = run(
            &client,
            json!({
                "language": "python", "code": code, "arguments": ["-v", "x y"], "input": "typed",
                "files": [{"name": "in.txt", "text": "given"}, {"name": "b", "base64": "AAE="}],
            }),
        )
        .await;
        assert!(!failed, "{ran}");
        assert_eq!(ran["stdout"], "['-v', 'x y'] typed given b'\\x00\\x01'\n");
        assert_eq!(
            (&ran["stderr"], &ran["exit_code"]),
            (&json!("oh\n"), &json!(0))
        );
        assert_eq!(
            (&ran["stdout_cut"], &ran["stderr_cut"]),
            (&json!(false), &json!(false))
        );
        assert_eq!(
            (&ran["tier"], &ran["files_left_out"]),
            (&json!("strict"), &json!(0))
        );
        assert!(ran["cpu_seconds"].as_f64().unwrap() > 0.0, "{ran}");
        let files = [("out.md", 5), ("plot.png", 2)]
            .map(|(name, size)| json!({"name": name, "size": size}));
        assert_eq!(ran["files"], json!(files));
        let texts = ["stdout", "stderr"].map(|name| json!({"type": "text", "text": ran[name]}));
        assert_eq!(content[..2], texts);
        let markdown = json!({
            "type": "resource",
            "resource": {"uri": "run:///out.md", "mimeType": "text/markdown", "text": "# Out"},
        });
        let image = json!({"type": "image", "data": "iVA=", "mimeType": "image/png"});
        assert_eq!(content[2..], [markdown, image]);
    }
}

#[tokio::test]
async fn a_program_that_fails_is_an_error_with_what_it_printed() {
    let server = server().await;
    for era in ERAS {
        let client = owner(era, &server).await;
        let code = "print('so far'); raise ValueError('canary')";
        let (failed, ran, content) =
            run(&client, json!({"language": "python", "code": code})).await;
        assert!(failed);
        assert_eq!(
            (&ran["stdout"], &ran["exit_code"]),
            (&json!("so far\n"), &json!(1))
        );
        let text = content[0]["text"].as_str().unwrap();
        assert!(
            text.contains("Code: exit\n- Read what was printed"),
            "{text}"
        );
        let trace = content[2]["text"].as_str().unwrap();
        assert!(trace.contains("ValueError: canary"), "{trace}");
    }
}

#[tokio::test]
async fn long_output_is_cut_and_says_so() {
    let server = server().await;
    for era in ERAS {
        let client = owner(era, &server).await;
        let arguments = json!({"language": "shell", "code": "echo grün", "length": 3});
        let (_, ran, content) = run(&client, arguments).await;
        assert_eq!(
            (&ran["stdout"], &ran["stdout_cut"]),
            (&json!("grü"), &json!(true))
        );
        assert_eq!(content[0]["text"], "grü\n[cut]");
    }
}

#[tokio::test]
async fn what_cannot_be_run_is_refused_with_what_to_do() {
    let server = server().await;
    for era in ERAS {
        let client = owner(era, &server).await;
        for (arguments, expected) in [
            (
                json!({"language": "cobol", "code": "x"}),
                "Code: language\n- Use one of",
            ),
            (
                json!({"language": "shell", "code": "x", "files": [{"name": "a/b", "text": ""}]}),
                "Code: invalid_file\n- Give each file",
            ),
            (
                json!({"language": "shell", "code": "x", "files": [{"name": "a"}]}),
                "Code: invalid_file\n- Give one of the two",
            ),
            (
                json!({"language": "shell", "code": "x", "files": [{"name": "a", "base64": "?"}]}),
                "Code: invalid_file\n- Give what is text",
            ),
            (json!({"language": "shell", "code": ""}), "$.code"),
            (
                json!({"language": "shell", "code": "x", "length": 0}),
                "$.length",
            ),
        ] {
            let refused = call(&client, "run", arguments).await.unwrap_err();
            assert!(refused.contains(expected), "{refused}");
        }
    }
}

#[tokio::test]
async fn who_asks_for_progress_is_told_line_by_line() {
    let server = server().await;
    for era in ERAS {
        let client = owner(era, &server).await;
        let (lines, mut told) = mpsc::unbounded_channel();
        let arguments = json!({
            "language": "python",
            "code": "import sys\nprint('first', flush=True)\nsys.stdin.read()\nprint('second', end='')",
        });
        let call = client.call::<()>("run", arguments).raw();
        let call = call.on_progress(move |progress| {
            drop(lines.send((
                progress.progress,
                progress.message.clone().unwrap_or_default(),
            )));
        });
        call.await.unwrap();
        assert_eq!(told.recv().await, Some((6.0, "first".to_owned())));
        assert_eq!(told.recv().await, Some((12.0, "second".to_owned())));
        let logged = client.logs();
        let logged: Vec<_> = logged
            .iter()
            .map(|log| (log.logger.as_deref(), &log.data))
            .collect();
        let expected = ["first", "second"].map(|line| (Some("stdout"), json!(line)));
        let expected: Vec<_> = expected.iter().map(|(name, line)| (*name, line)).collect();
        assert_eq!(logged, expected);
    }
}

#[tokio::test]
async fn who_does_not_ask_for_logs_gets_none() {
    let server = server().await;
    for era in ERAS {
        let client = client(server.clone())
            .era(era)
            .log_level(None)
            .connect()
            .await;
        let arguments = json!({"language": "shell", "code": "echo quiet"});
        assert!(!run(&client, arguments).await.0);
        let logs = client.logs();
        assert!(logs.is_empty(), "{logs:?}");
    }
}

/// The events of an executor, as they come.
fn told(
    limits: Limits,
) -> (
    impl Future<Output = Server>,
    mpsc::UnboundedReceiver<GuardEvent>,
) {
    let (sender, events) = mpsc::unbounded_channel();
    let server = async move {
        let builder = CodeExecutor::builder()
            .language(Language::shell())
            .limits(limits);
        let builder = builder.events(move |event: &GuardEvent| drop(sender.send(event.clone())));
        Server::new(Code::new(builder.build().await.unwrap()))
    };
    (server, events)
}

#[tokio::test]
async fn a_call_that_is_cancelled_ends_the_run() {
    for era in ERAS {
        let (server, mut events) = told(Limits::default());
        let client = owner(era, &server.await).await;
        let (line, mut started) = mpsc::unbounded_channel();
        let arguments = json!({"language": "shell", "code": "echo on; sleep 25"});
        let call = client.call::<()>("run", arguments).raw();
        let call = call.on_progress(move |_| {
            let _ = line.send(());
        });
        tokio::select! {
            answer = call => panic!("{answer:?}"),
            line = started.recv() => assert!(line.is_some()),
        }
        let event = events.recv().await.unwrap();
        assert_eq!(event.outcome, Outcome::Cancelled);
    }
}

#[tokio::test]
async fn runs_are_counted_and_told_of_with_tier_and_tenant() {
    for era in ERAS {
        let (server, mut events) = told(Limits::default());
        let server = server.await;
        let acme = member(era, &server, "acme").await;
        for (language, code) in [("shell", "true"), ("shell", "exit 3"), ("canary", "true")] {
            let _ = run(&acme, json!({"language": language, "code": code})).await;
        }
        for (expected, known) in [
            (Outcome::Done, true),
            (Outcome::Failed("exit"), true),
            (Outcome::Refused("language"), false),
        ] {
            let event = events.recv().await.unwrap();
            assert_eq!(
                (event.outcome, event.tenant),
                (expected, Some(Tenant::new("acme")))
            );
            let Operation::Run { language, tier, .. } = event.operation else {
                panic!("{:?}", event.operation);
            };
            assert_eq!(language.is_some(), known);
            assert_eq!(tier, known.then_some("strict"));
        }
        let samples = server.samples();
        let count = |language, tier, outcome| {
            let labels = [("language", language), ("tier", tier), ("outcome", outcome)];
            samples.value("mcp_guard_runs_total", &labels)
        };
        assert_eq!(count("shell", "strict", "done"), Some(1.0));
        assert_eq!(count("shell", "strict", "exit"), Some(1.0));
        assert_eq!(count("", "", "language"), Some(1.0));
        assert!(!format!("{samples:?}").contains("canary"));
    }
}

#[tokio::test]
async fn a_tenant_that_runs_much_does_not_keep_the_others_waiting() {
    for era in ERAS {
        let mut limits = Limits::default();
        (limits.at_once, limits.queue) = (4, 0);
        (limits.tenant_at_once, limits.tenant_queue) = (1, 0);
        let (server, _events) = told(limits);
        let server = server.await;
        let (busy, other) = (
            member(era, &server, "busy").await,
            member(era, &server, "other").await,
        );
        let (line, mut started) = mpsc::unbounded_channel();
        let going = json!({"language": "shell", "code": "echo on; sleep 25"});
        let going = busy.call::<()>("run", going).raw();
        let going = going.on_progress(move |_| {
            let _ = line.send(());
        });
        let brief = json!({"language": "shell", "code": "echo done"});
        let others = async {
            started.recv().await;
            let refused = call(&busy, "run", brief.clone()).await.unwrap_err();
            assert!(
                refused.contains("Code: busy\n- Try again later"),
                "{refused}"
            );
            assert_eq!(
                call(&other, "run", brief).await.unwrap()["stdout"],
                "done\n"
            );
        };
        tokio::select! {
            answer = going => panic!("{answer:?}"),
            () = others => {}
        }
    }
}

#[tokio::test]
async fn a_run_says_nothing_of_what_others_ran() {
    let seen: Arc<Mutex<Vec<Value>>> = Arc::default();
    for era in ERAS {
        let server = server().await;
        let (acme, other) = (
            member(era, &server, "acme").await,
            member(era, &server, "other").await,
        );
        let look = json!({"language": "shell", "code": "ls -a; pwd; ls /tmp 2>/dev/null; echo $$"});
        for client in [&acme, &other, &acme] {
            let leave = json!({"language": "shell", "code": "echo left > left"});
            assert!(!run(client, leave).await.0);
            let ran = run(client, look.clone()).await.1;
            seen.lock().unwrap().push(ran["stdout"].clone());
        }
    }
    let seen = seen.lock().unwrap();
    assert!(seen.windows(2).all(|pair| pair[0] == pair[1]), "{seen:?}");
}
