//! How scripts end, and the limits that end them.

use std::time::Duration;

use purlin_guard::code::{CodeError, OutputFile, Piece, Run};

use super::{executor, limits, printed, ran, script, short};

/// The name of the error that a script ends with, and what it said.
async fn ended(source: &str) -> (&'static str, String) {
    let error = executor(short())
        .await
        .run(script(source))
        .await
        .unwrap_err();
    let said = error.outcome().unwrap().stderr().text().into_owned();
    (error.name(), said)
}

/// The code that a script ends with, and what it said.
async fn exited(source: &str) -> (i32, String) {
    match ran(source).await {
        Err(CodeError::Exit { code, outcome }) => (code, outcome.stderr().text().into_owned()),
        other => panic!("{source}: {other:?}"),
    }
}

#[tokio::test]
async fn an_exception_that_nobody_catches_ends_it_with_its_stack() {
    let source = "function f() { throw new TypeError('boo') }\nf()";
    let stack = "Uncaught TypeError: boo\n    at f (main.js:1:26)\n    at <eval> (main.js:2:1)\n";
    assert_eq!(exited(source).await, (1, stack.to_owned()));
    assert_eq!(
        exited("throw {a: 1}").await,
        (1, "Uncaught { a: 1 }\n".to_owned())
    );
    assert_eq!(
        exited("await 1; throw 5").await,
        (1, "Uncaught 5\n".to_owned())
    );
    let (code, said) = exited("setTimeout(() => { throw new Error('late') })").await;
    assert!(
        code == 1 && said.starts_with("Uncaught Error: late\n"),
        "{said}"
    );
}

#[tokio::test]
async fn a_source_that_is_none_ends_with_where_it_is_wrong() {
    let (code, said) = exited("print(1)\nlet let = 1").await;
    assert!(
        code == 1 && said.starts_with("Uncaught SyntaxError"),
        "{said}"
    );
    assert!(said.contains("main.js:2"), "{said}");
}

#[tokio::test]
async fn a_rejection_that_nobody_handles_ends_it() {
    let (code, said) =
        exited("Promise.reject(new Error('lost')); setTimeout(print, 3_600_000)").await;
    assert!(
        code == 1 && said.starts_with("Uncaught Error: lost\n"),
        "{said}"
    );
    let handled = "const p = Promise.reject(1); p.catch((e) => print('caught', e))";
    assert_eq!(printed(handled).await, "caught 1\n");
    let many = "for (let i = 0; i < 1000; i++) Promise.reject(i).catch(() => {}); print('ok')";
    assert_eq!(printed(many).await, "ok\n");
}

#[tokio::test]
async fn a_script_can_end_itself() {
    assert_eq!(
        exited("print(1); exit(3); print(2)").await,
        (3, String::new())
    );
    assert_eq!(
        exited("try { exit(300) } finally { print('no') }").await.0,
        44
    );
    assert_eq!(exited("process.exit(-1)").await.0, 255);
    let outcome = ran("print(1); exit(); print(2)").await.unwrap();
    assert_eq!(outcome.stdout().text(), "1\n");
}

#[tokio::test]
async fn a_script_that_awaits_what_never_comes_ends() {
    let said = "The script awaits what never comes\n".to_owned();
    assert_eq!(exited("await new Promise(() => {})").await, (13, said));
}

#[tokio::test]
async fn what_was_printed_and_written_before_an_end_is_kept() {
    let source = "print('before'); files.write('a', 'b'); throw 1";
    let outcome = ran(source).await.unwrap_err().into_outcome().unwrap();
    assert_eq!(outcome.stdout().text(), "before\n");
    assert_eq!(outcome.file("a").unwrap().bytes(), "b");
    let source = "print('before'); while (true) {}";
    let error = executor(short())
        .await
        .run(script(source))
        .await
        .unwrap_err();
    assert_eq!(error.outcome().unwrap().stdout().text(), "before\n");
}

#[tokio::test]
async fn time_at_work_is_a_cpu_limit() {
    assert_eq!(ended("while (true) {}").await, ("cpu_limit", String::new()));
}

#[tokio::test]
async fn time_in_timers_is_a_timeout_and_no_cpu() {
    let mut limits = limits();
    limits.wall = Duration::from_millis(600);
    limits.cpu = Duration::from_millis(500);
    let executor = executor(limits).await;
    let error = executor
        .run(script("setTimeout(print, 3_600_000)"))
        .await
        .unwrap_err();
    assert_eq!(error.name(), "timeout");
    let usage = error.outcome().unwrap().usage();
    assert!(usage.cpu < usage.wall, "{usage:?}");
}

#[tokio::test]
async fn a_run_can_be_given_less_time() {
    let run = script("while (true) {}").wall(Duration::from_millis(100));
    let error = executor(limits()).await.run(run).await.unwrap_err();
    assert_eq!(error.name(), "timeout");
}

#[tokio::test]
async fn memory_is_bounded_by_64_mib_and_by_the_limit() {
    let hog = "const a = []; while (true) a.push(new Uint8Array(1 << 20))";
    let error = executor(limits()).await.run(script(hog)).await.unwrap_err();
    assert_eq!(error.name(), "memory_limit");
    let peak = error.outcome().unwrap().usage().peak_memory;
    assert!(peak > 60 << 20 && peak <= 64 << 20, "{peak}");

    let mut less = limits();
    less.memory = 8 << 20;
    let error = executor(less).await.run(script(hog)).await.unwrap_err();
    assert_eq!(error.name(), "memory_limit");
    assert!(error.outcome().unwrap().usage().peak_memory <= 8 << 20);
}

#[tokio::test]
async fn a_script_that_lives_with_less_memory_goes_on() {
    let source = "
        const a = [];
        try { while (true) a.push(new Uint8Array(1 << 20)) } catch { a.length = 0 }
        print('lives')
    ";
    assert_eq!(printed(source).await, "lives\n");
}

#[tokio::test]
async fn a_machine_that_does_not_fit_is_a_memory_limit() {
    let mut limits = limits();
    limits.memory = 1 << 20;
    let error = executor(limits)
        .await
        .run(script("print(1)"))
        .await
        .unwrap_err();
    assert_eq!(error.name(), "memory_limit");
}

#[tokio::test]
async fn output_beyond_the_limit_is_cut_and_flagged() {
    let mut limits = limits();
    limits.output = 10;
    let executor = executor(limits).await;
    let source = "for (let i = 0; i < 5; i++) print('123'); console.error('12345678901')";
    let outcome = executor.run(script(source)).await.unwrap();
    assert_eq!(outcome.stdout().text(), "123\n123\n12");
    assert!(outcome.stdout().is_cut() && outcome.stderr().is_cut());
    assert_eq!(outcome.stderr().text(), "1234567890");
}

#[tokio::test]
async fn a_flood_of_output_ends_the_run() {
    let mut limits = limits();
    limits.printed = 1 << 20;
    let executor = executor(limits).await;
    let flood = "const s = 'x'.repeat(1 << 16); while (true) print(s)";
    let error = executor.run(script(flood)).await.unwrap_err();
    assert_eq!(error.name(), "output_limit");
    assert_eq!(error.outcome().unwrap().stdout().bytes().len(), 1 << 20);
}

#[tokio::test]
async fn files_are_bounded_in_size_and_number() {
    let mut limits = limits();
    (limits.file, limits.work, limits.work_files) = (1000, 5000, 4);
    (limits.files, limits.files_bytes) = (3, 1500);
    let executor = executor(limits).await;
    let source = "
        const put = (name, size) => {
            try { files.write(name, new Uint8Array(size)) } catch (e) { print(e.message) }
        };
        put('a', 1001); put('a', 1000); put('b', 1000); put('c', 400); put('d', 10); put('e', 1);
        files.remove('d'); put('e', 60); put('e', 40);
    ";
    let outcome = executor.run(script(source)).await.unwrap();
    let said = "EINVAL: the file is too large, 'a'\nEINVAL: there are too many files, 'e'\n";
    assert_eq!(outcome.stdout().text(), said);
    let names: Vec<_> = outcome.files().iter().map(OutputFile::name).collect();
    assert_eq!((names, outcome.files_left_out()), (vec!["a", "c", "e"], 1));

    let mut small = super::limits();
    small.work = 2000;
    let source = "files.write('a', new Uint8Array(1500)); files.write('b', new Uint8Array(1500))";
    let error = super::executor(small)
        .await
        .run(script(source))
        .await
        .unwrap_err();
    let said = error.outcome().unwrap().stderr().text().into_owned();
    assert!(said.contains("there is no space left"), "{said}");
}

#[tokio::test]
async fn a_run_that_is_dropped_gives_its_place_back() {
    let mut one = limits();
    (one.at_once, one.queue) = (1, 1);
    (one.wall, one.cpu) = (Duration::from_secs(3600), Duration::from_secs(3600));
    let executor = executor(one).await;
    for endless in [
        "print('on'); while (true) {}",
        "print('on'); setTimeout(print, 3_600_000)",
        "while (true) print('on')",
        "print('on'); while (true) await 1",
        "print('on'); /^(a+)+$/.test('a'.repeat(64) + 'b')",
    ] {
        let mut running = executor.stream(script(endless));
        assert!(matches!(running.next().await, Some(Piece::Stdout(_))));
        drop(running);
        // It has the only place once the machine of the other has stopped.
        let outcome = executor.run(script("print('next')")).await.unwrap();
        assert_eq!(outcome.stdout().text(), "next\n", "after {endless}");
    }
}

#[tokio::test]
async fn nobody_runs_beyond_the_places() {
    let mut one = limits();
    (one.at_once, one.queue) = (1, 0);
    let executor = executor(one).await;
    let mut running = executor.stream(script("print('on'); while (true) {}"));
    running.next().await;
    let error = executor.run(script("print(1)")).await.unwrap_err();
    assert_eq!(error.name(), "busy");
}

#[tokio::test]
async fn nothing_of_a_run_is_left_for_the_next() {
    let executor = executor(limits()).await;
    let first = "
        globalThis.secret = 1; Array.prototype.secret = 2; Object.prototype.secret = 3;
        print = null; files.write('secret', 'x'); console.log = null; JSON.parse = () => 'bent';
        setInterval(() => {}, 1); throw 1
    ";
    executor.run(script(first)).await.unwrap_err();
    let second = "print(typeof secret, [].secret, ({}).secret, files.list(), JSON.parse('1'))";
    let outcome = executor.run(script(second)).await.unwrap();
    assert_eq!(
        outcome.stdout().text(),
        "undefined undefined undefined [] 1\n"
    );
}

#[tokio::test]
async fn memory_of_a_run_is_clean() {
    let executor = executor(limits()).await;
    let secret = "print(new Uint8Array(4 << 20).fill(0x5e).length)";
    executor.run(script(secret)).await.unwrap();
    let look = "
        let found = 0;
        for (let i = 0; i < 8; i++) for (const it of new Uint8Array(1 << 16)) found += it == 0x5e;
        print(found)
    ";
    assert_eq!(
        executor.run(script(look)).await.unwrap().stdout().text(),
        "0\n"
    );
}

#[tokio::test]
async fn many_run_at_the_same_time() {
    let mut many = limits();
    (many.at_once, many.queue) = (4, 32);
    let executor = executor(many).await;
    let runs = (0..12).map(|it| {
        let executor = executor.clone();
        tokio::spawn(async move {
            let source = "let s = 0; for (let i = 0; i < 10000; i++) s += i; print(s, args[0])";
            let run = Run::new("javascript", source).argument(it.to_string());
            executor
                .run(run)
                .await
                .unwrap()
                .stdout()
                .text()
                .into_owned()
        })
    });
    let runs: Vec<_> = runs.collect();
    for (at, run) in runs.into_iter().enumerate() {
        assert_eq!(run.await.unwrap(), format!("49995000 {at}\n"));
    }
}
