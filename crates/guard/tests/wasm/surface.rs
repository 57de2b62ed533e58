//! What scripts find, and what comes back from them.

use purlin_guard::code::{OutputFile, Piece, Tier};

use super::{check, executor, limits, printed, ran, script};

#[tokio::test]
async fn a_script_prints_what_it_computes() {
    check("print(6 * 7)", "42\n").await;
    check(
        "console.log('a', 1, true, null, undefined, 10n)",
        "a 1 true null undefined 10n\n",
    )
    .await;
    check("process.stdout.write('a'); process.stdout.write('b')", "ab").await;
}

#[tokio::test]
async fn values_are_printed_so_that_they_can_be_read() {
    check(
        "print([1, 'a', [2]], {a: {b: 1}})",
        "[ 1, \"a\", [ 2 ] ] { a: { b: 1 } }\n",
    )
    .await;
    check(
        "print(new Map([[1, 2]]), new Set(['x']))",
        "Map { 1 => 2 } Set { \"x\" }\n",
    )
    .await;
    check(
        "print(new Uint8Array([1, 2]), [], {})",
        "Uint8Array [ 1, 2 ] [] {}\n",
    )
    .await;
    check("const a = []; a.push(a); print(a)", "[ [Circular] ]\n").await;
    check("print([[[[[1]]]]])", "[ [ [ [ [Array] ] ] ] ]\n").await;
    check(
        "print(function f() {}, () => 1)",
        "[Function f] [Function (anonymous)]\n",
    )
    .await;
    check("print(Symbol('s'), Object.create(null))", "Symbol(s) {}\n").await;
    let hundred = "print(new Array(101).fill(0))";
    assert!(printed(hundred).await.ends_with("0, … ]\n"));
}

#[tokio::test]
async fn standard_error_is_a_stream_of_its_own() {
    let outcome = ran("console.error('e'); print('o'); console.warn('w')")
        .await
        .unwrap();
    assert_eq!(outcome.stdout().text(), "o\n");
    assert_eq!(outcome.stderr().text(), "e\nw\n");
}

#[tokio::test]
async fn arguments_and_input_are_given() {
    let executor = executor(limits()).await;
    let source = "print(args, stdin.lines(), stdin.text().length, stdin.bytes().length)";
    let run = script(source)
        .argument("a b")
        .argument("ü")
        .input("x\r\ny\n");
    let outcome = executor.run(run).await.unwrap();
    assert_eq!(
        outcome.stdout().text(),
        "[ \"a b\", \"ü\" ] [ \"x\", \"y\" ] 5 5\n"
    );
    check("print(args, stdin.lines())", "[] []\n").await;
}

#[tokio::test]
async fn files_are_values_that_go_in_and_come_out() {
    let executor = executor(limits()).await;
    let source = "
        print(files.list(), files.exists('in.csv'), files.exists('none'));
        files.write('out.txt', files.readText('in.csv').toUpperCase());
        files.append('out.txt', '!');
        files.append('new.bin', new Uint16Array([258]));
        files.write('gone', ''); files.remove('gone');
        files.write('changed', 'b');
    ";
    let run = script(source).file("in.csv", "a,b").file("changed", "a");
    let outcome = executor.run(run).await.unwrap();
    assert_eq!(
        outcome.stdout().text(),
        "[ \"changed\", \"in.csv\" ] true false\n"
    );
    let names: Vec<_> = outcome.files().iter().map(OutputFile::name).collect();
    assert_eq!(names, ["changed", "new.bin", "out.txt"]);
    assert_eq!(outcome.file("out.txt").unwrap().bytes(), "A,B!");
    assert_eq!(outcome.file("new.bin").unwrap().bytes(), &[2, 1][..]);
}

#[tokio::test]
async fn a_file_that_cannot_be_is_an_exception() {
    let tried = |call: &str| format!("try {{ {call} }} catch (e) {{ print(e.message) }}");
    for (call, message) in [
        ("files.read('a')", "ENOENT: no such file, 'a'"),
        ("files.remove('a')", "ENOENT: no such file, 'a'"),
        ("files.write('', '')", "EINVAL: a file needs a name, ''"),
        ("files.write('..', '')", "EINVAL: a file needs a name, '..'"),
        (
            "files.write('/etc/passwd', '')",
            "EINVAL: there are no directories here, '/etc/passwd'",
        ),
        (
            "files.write('a\\\\b', '')",
            "EINVAL: there are no directories here, 'a\\b'",
        ),
        (
            "files.write('a\\0', '')",
            "EINVAL: there are control characters in the name, 'a\0'",
        ),
    ] {
        check(&tried(call), &format!("{message}\n")).await;
    }
    let long = "files.write('a'.repeat(256), '')";
    assert!(
        printed(&tried(long))
            .await
            .starts_with("EINVAL: the name is too long")
    );
}

#[tokio::test]
async fn text_is_utf_8_and_what_is_none_is_replaced() {
    check("print('\\u00fc\\u{1f600}\\0.')", "ü😀\0.\n").await;
    check("print('a\\ud800b')", "a\u{fffd}b\n").await;
    check(
        "print(new TextEncoder().encode('ü\\udc00'))",
        "Uint8Array [ 195, 188, 239, 191, 189 ]\n",
    )
    .await;
    check(
        "print(new TextDecoder().decode(new Uint8Array([97, 255, 98])))",
        "a\u{fffd}b\n",
    )
    .await;
    check("print(atob(btoa('abc')))", "abc\n").await;
    check(
        "try { new TextDecoder('latin1') } catch (e) { print(e.name) }",
        "RangeError\n",
    )
    .await;
}

#[tokio::test]
async fn promises_and_timers_are_waited_for() {
    check("print(await Promise.resolve(1))", "1\n").await;
    check(
        "setTimeout((a) => print(a), 2, 'later'); print('now')",
        "now\nlater\n",
    )
    .await;
    check(
        "setTimeout(() => print(2), 3); setTimeout(() => print(1), 1)",
        "1\n2\n",
    )
    .await;
    check(
        "let n = 0; const i = setInterval(() => { print(n); if (++n == 2) clearInterval(i) })",
        "0\n1\n",
    )
    .await;
    check(
        "const i = setTimeout(() => print('no')); clearTimeout(i)",
        "",
    )
    .await;
    check("queueMicrotask(() => print('b')); print('a')", "a\nb\n").await;
    check(
        "await new Promise((done) => setTimeout(done, 1)); print('done')",
        "done\n",
    )
    .await;
}

#[tokio::test]
async fn scripts_for_node_find_the_little_they_reach_for() {
    let executor = executor(limits()).await;
    let source = "
        const fs = require('node:fs');
        fs.writeFileSync('./a', fs.readFileSync(0, 'utf8') + process.argv[2]);
        fs.appendFileSync('a', '.');
        console.log(fs.readFileSync('a', { encoding: 'utf8' }), fs.existsSync('b'));
        console.log(fs.readdirSync('.'), fs.readFileSync('a').length, process.env);
        fs.unlinkSync('a');
        try { require('child_process') } catch (e) { console.log(e.message) }
        process.exit(0);
    ";
    let outcome = executor
        .run(script(source).input("in").argument("x"))
        .await
        .unwrap();
    let expected = "inx. false\n[ \"a\" ] 4 {}\n\
        there is no module 'child_process' here: only 'fs' and 'process'\n";
    assert_eq!(outcome.stdout().text(), expected);
}

#[tokio::test]
async fn the_tier_and_the_usage_are_told() {
    let executor = executor(limits()).await;
    let languages: Vec<_> = executor.languages().collect();
    assert_eq!(languages, [("javascript", Tier::WebAssembly)]);
    let source = "const a = new Uint8Array(8 << 20); for (let i = 0; i < 1000; i++) a[i] = 1";
    let outcome = executor.run(script(source)).await.unwrap();
    assert_eq!(outcome.tier(), Tier::WebAssembly);
    let usage = outcome.usage();
    assert!(!usage.cpu.is_zero() && usage.cpu <= usage.wall, "{usage:?}");
    assert!(
        usage.peak_memory > 8 << 20 && usage.peak_memory <= 64 << 20,
        "{usage:?}"
    );
}

#[tokio::test]
async fn output_comes_as_it_is_printed() {
    let executor = executor(limits()).await;
    let source = "print('a'); await new Promise((done) => setTimeout(done, 3_600_000))";
    let mut running = executor.stream(script(source));
    let first = running.next().await;
    assert_eq!(first, Some(Piece::Stdout("a\n".into())));
}
