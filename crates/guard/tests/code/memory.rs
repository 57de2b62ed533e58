//! Memory: of each process by the rule of its language, and of all of a run together.

use purlin_guard::CodeExecutor;
use purlin_guard::code::{Cgroups, Language, Limits, Run};

use crate::boxes::{built, executor, node_run, python_run, works};

async fn fails(executor: &CodeExecutor, run: Run) -> (&'static str, String) {
    let error = executor.run(run).await.unwrap_err();
    let said = error.outcome().unwrap().stdout().text().into_owned();
    (error.name(), said)
}

/// Python and JavaScript with 128 MiB, in control groups or without them.
async fn small(cgroups: Cgroups) -> CodeExecutor {
    let mut limits = Limits::default();
    limits.memory = 128 << 20;
    let builder = CodeExecutor::builder()
        .language(Language::python())
        .language(Language::javascript())
        .limits(limits)
        .cgroups(cgroups);
    built(builder.build().await)
}

#[tokio::test]
async fn python_has_no_more_memory_than_it_may() {
    let executor = executor().await;
    for code in [
        "print('before', flush=True); x = bytearray(1 << 30)",
        "print('before', flush=True)\nx = []\nwhile True: x.append(bytearray(1 << 20))",
        "import mmap; print('before', flush=True)\nm = mmap.mmap(-1, 1 << 30)\nm.write(bytes(1 << 30))",
    ] {
        let (name, said) = fails(executor, python_run(code)).await;
        assert!(name == "memory_limit" || name == "exit", "{code}: {name}");
        assert_eq!(said, "before\n");
    }
    let caught = "
try: x = bytearray(1 << 30)
except MemoryError: print('caught')
";
    let outcome = works(python_run(caught)).await;
    assert_eq!(outcome.stdout().text(), "caught\n");
}

#[tokio::test]
async fn node_has_no_more_memory_than_it_may() {
    let executor = small(Cgroups::Off).await;
    for code in [
        // Its heap.
        "console.log('before'); const a = []; for (;;) a.push(new Array(1e4).fill(1.5))",
        // Buffers, which are outside of it.
        "console.log('before'); const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))",
        "console.log('before'); const a = []; for (;;) a.push(new Float64Array(1 << 17).fill(1))",
        "console.log('before'); new WebAssembly.Memory({ initial: 4096, maximum: 4096 }); const a = []; \
         for (;;) { const m = new WebAssembly.Memory({ initial: 64 }); new Uint8Array(m.buffer).fill(1); a.push(m) }",
    ] {
        let (name, said) = fails(&executor, node_run(code)).await;
        assert_eq!(name, "memory_limit", "{code}");
        assert_eq!(said, "before\n");
    }
    let run = node_run("const a = Buffer.alloc(32 << 20, 1); console.log(a.length)");
    assert!(executor.run(run).await.is_ok());
}

/// Each of five processes stays below the limit, and all together do not.
const TOGETHER: &str = "
import os, time
print('before', flush=True)
for _ in range(5):
    if os.fork() == 0:
        x = bytearray(b'x') * (48 << 20)
        time.sleep(600)
time.sleep(600)
";

#[tokio::test]
async fn all_processes_of_a_run_have_no_more_memory_together_than_it_may() {
    let executor = small(Cgroups::Off).await;
    let failed = fails(&executor, python_run(TOGETHER)).await;
    assert_eq!(failed, ("memory_limit", "before\n".to_owned()));
    assert!(executor.run(python_run("print(1)")).await.is_ok());
}

#[tokio::test]
async fn a_control_group_bounds_the_memory_of_a_run() {
    // Where there is none, the test before this one shows the same.
    let executor = small(Cgroups::Detected).await;
    // Who of the processes is ended is the kernel's choice; the run is over in any case.
    let code = TOGETHER.replace("\ntime.sleep(600)\n", "\nfor _ in range(5): os.wait()\n");
    let result = executor
        .run(python_run(&code).wall(std::time::Duration::from_secs(5)))
        .await;
    let name = result.unwrap_err().name();
    assert!(
        ["memory_limit", "timeout", "killed"].contains(&name),
        "{name}"
    );
    assert!(executor.run(python_run("print(1)")).await.is_ok());
}

#[tokio::test]
async fn a_directory_without_control_groups_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let builder = CodeExecutor::builder()
        .language(Language::python())
        .cgroups(Cgroups::At(directory.path().join("none")));
    let error = builder.build().await.unwrap_err();
    assert_eq!(error.name(), "unavailable");
    let said = std::error::Error::source(&error).unwrap().to_string();
    assert!(said.contains("subtree_control"), "{said}");
}
