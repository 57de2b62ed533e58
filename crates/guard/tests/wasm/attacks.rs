//! What scripts try, none of which leads anywhere.

use super::{check, executor, limits, printed, script, short};

/// Runs something hostile, which ends in one of these ways, and shows that the executor is well.
async fn contained(source: &str, ways: &[&str]) {
    let executor = executor(short()).await;
    let end = match executor.run(script(source)).await {
        Ok(_) => "ok",
        Err(error) => error.name(),
    };
    assert!(ways.contains(&end), "{end}: {source}");
    let well = super::executor(limits())
        .await
        .run(script("print('well')"))
        .await;
    assert_eq!(well.unwrap().stdout().text(), "well\n", "after {source}");
}

#[tokio::test]
async fn there_is_nothing_of_the_host_to_be_found() {
    let names = "
        fetch XMLHttpRequest WebSocket Worker SharedWorker WebAssembly importScripts Deno Bun std os
        bjson load loadScript read readFile system spawn fork navigator location window document
        __proto__host host host_call qjs
    ";
    let source = format!("print(`{names}`.split(/\\s+/).filter((it) => it && it in globalThis))");
    check(&source, "[]\n").await;
    check(
        "print(process.env, Object.keys(process))",
        "{} [ \"argv\", \"env\", \"stdout\", \"stderr\", \"exit\" ]\n",
    )
    .await;
    let fixed = "
        eval eval AggregateError Array ArrayBuffer AsyncDisposableStack Atomics BigInt Boolean
    ";
    let source = format!("print(`{fixed}`.split(/\\s+/).every((it) => !it || it in globalThis))");
    printed(&source).await;
}

#[tokio::test]
async fn what_is_global_is_what_is_written_down() {
    let source = "
        const language = new Set(`
            Object Function Error EvalError RangeError ReferenceError SyntaxError TypeError URIError
            InternalError AggregateError SuppressedError Iterator Array parseInt parseFloat isNaN
            isFinite queueMicrotask decodeURI decodeURIComponent encodeURI encodeURIComponent escape
            unescape Infinity NaN undefined eval Number Boolean String Math Reflect Symbol
            DisposableStack globalThis BigInt Date RegExp JSON Proxy Map Set WeakMap WeakSet
            ArrayBuffer SharedArrayBuffer Uint8ClampedArray Int8Array Uint8Array Int16Array
            Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array
            Float64Array DataView Promise AsyncDisposableStack WeakRef FinalizationRegistry
            DOMException btoa atob performance Atomics`.split(/\\s+/));
        print(Reflect.ownKeys(globalThis).filter((it) => !language.has(it)).map(String).sort().join(' '))
    ";
    let ours = "Symbol(Symbol.toStringTag) TextDecoder TextEncoder args clearImmediate \
        clearInterval clearTimeout console exit files print process require setImmediate \
        setInterval setTimeout stdin\n";
    check(source, ours).await;
}

#[tokio::test]
async fn files_of_the_host_are_no_files_here() {
    for path in [
        "/etc/passwd",
        "../../etc/passwd",
        "/proc/self/environ",
        "file:///etc/passwd",
        ".",
    ] {
        let read =
            format!("try {{ print(files.readText('{path}')) }} catch (e) {{ print(e.code) }}");
        check(&read, "ENOENT\n").await;
        let node =
            format!("try {{ require('fs').readFileSync('{path}') }} catch (e) {{ print(e.code) }}");
        check(&node, "ENOENT\n").await;
    }
}

#[tokio::test]
async fn modules_are_refused() {
    for source in [
        "await import('fs')",
        "await import('/etc/passwd')",
        "await import('data:text/javascript,1')",
        "import fs from 'fs'",
        "export default 1",
    ] {
        contained(source, &["exit"]).await;
    }
}

#[tokio::test]
async fn what_never_ends_is_ended() {
    for source in [
        "while (true) {}",
        "for (;;) try { throw 1 } catch {}",
        "for (;;) try { while (true) {} } finally { continue }",
        "const again = () => Promise.resolve().then(again); again()",
        "while (true) await null",
        "const spin = () => setTimeout(spin, 0); for (let i = 0; i < 1000; i++) spin(); while (true) {}",
        "function* g() { while (true) yield 1 } for (const it of g()) {}",
        "/^(a+)+$/.test('a'.repeat(64) + 'b')",
        "/(?=(.*)*)*x/.exec('y'.repeat(1 << 16))",
        "'a'.repeat(1 << 20).replaceAll(/(a*)*b/g, '')",
        "[1, 2].sort(() => { while (true) {} })",
        "new Array(1e6).fill(0).sort(() => { for (let i = 0; i < 1e9; i++); })",
        "JSON.stringify({ toJSON() { while (true) {} } })",
        "`${{ toString() { while (true) {} } }}`",
        "2n ** (2n ** 24n)",
        "new Proxy({}, { get() { while (true) {} } }).x",
        "Array.from({ length: 2 ** 53 - 1 })",
        "eval('while (true) {}')",
        "new Function('while (true) {}')()",
        "const a = new Uint8Array(1 << 24); while (true) a.fill(1)",
        "const s = 'x'.repeat(1 << 24); while (true) s.indexOf('y')",
        "while (true) files.exists('a')",
        "while (true) files.write('a', new Uint8Array(1 << 20))",
        "while (true) stdin.bytes()",
        "while (true) console.log()",
    ] {
        contained(
            source,
            &["cpu_limit", "memory_limit", "exit", "output_limit"],
        )
        .await;
    }
}

#[tokio::test]
async fn an_end_cannot_be_caught() {
    for source in [
        "while (true) try { while (true) {} } catch (e) { print('caught') }",
        "try { while (true) {} } finally { print('caught') }",
        "process.on = 1; try { exit(1) } catch { print('caught') } finally { print('caught') }",
        "async function f() { try { while (true) {} } catch { print('caught') } } await f()",
    ] {
        let error = executor(short())
            .await
            .run(script(source))
            .await
            .unwrap_err();
        assert_eq!(error.outcome().unwrap().stdout().text(), "", "{source}");
    }
}

#[tokio::test]
async fn deep_recursion_is_an_exception() {
    for source in [
        "function f() { f() } try { f() } catch (e) { print(e.name) }",
        "const f = () => [1].map(f); try { f() } catch (e) { print(e.name) }",
        "const f = () => eval('f()'); try { f() } catch (e) { print(e.name) }",
        "const a = []; a.toString = () => a + ''; try { a + '' } catch (e) { print(e.name) }",
        "const o = { get x() { return this.x } }; try { o.x } catch (e) { print(e.name) }",
        "const p = new Proxy({}, { get: (t, k, r) => r[k] }); try { p.x } catch (e) { print(e.name) }",
        "class A { constructor() { new A() } } try { new A() } catch (e) { print(e.name) }",
        "const f = () => 'a'.replace(/a/, f); try { f() } catch (e) { print(e.name) }",
        "const f = () => JSON.stringify({ toJSON: f }); try { f() } catch (e) { print(e.name) }",
        "const f = () => files.write({ toString: f }, ''); try { f() } catch (e) { print(e.name) }",
        "const f = () => print({ get a() { return f() } }); try { f() } catch (e) { print(e.name) }",
    ] {
        assert_eq!(printed(source).await, "RangeError\n", "{source}");
    }
}

#[tokio::test]
async fn deep_structures_are_contained() {
    for source in [
        "JSON.parse('['.repeat(1e6))",
        "JSON.parse('[' .repeat(1e5) + ']'.repeat(1e5))",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; JSON.stringify(a)",
        "let a = []; for (let i = 0; i < 1e5; i++) a = [a]; print(a); String(a)",
        "eval('('.repeat(1e5))",
        "eval('1' + '+1'.repeat(1e5))",
        "eval('a'.repeat(1e6))",
        "eval('[' .repeat(1e5) + ']'.repeat(1e5))",
        "eval('{'.repeat(1e5))",
        "new RegExp('('.repeat(1e5) + ')'.repeat(1e5))",
        "new RegExp('(?:a'.repeat(2000) + ')*'.repeat(2000)).test('a'.repeat(100))",
        "let p = {}; for (let i = 0; i < 1e5; i++) p = Object.create(p); p.x",
        "let f = () => 1; for (let i = 0; i < 1e5; i++) f = f.bind(null); f()",
        "let p = {}; for (let i = 0; i < 1e5; i++) p = new Proxy(p, {}); p.x",
        "let e; for (let i = 0; i < 1e5; i++) e = new Error('x', { cause: e }); throw e",
    ] {
        contained(
            source,
            &["ok", "exit", "cpu_limit", "memory_limit", "killed"],
        )
        .await;
    }
}

#[tokio::test]
async fn huge_allocations_are_refused() {
    for source in [
        "new Uint8Array(2 ** 31)",
        "new ArrayBuffer(2 ** 40)",
        "new Array(2 ** 32 - 1).fill(0)",
        "'x'.repeat(2 ** 29)",
        "'x'.padEnd(2 ** 30 - 1, 'y')",
        "let s = 'x'; while (true) s += s",
        "const a = []; while (true) a.push(a.slice())",
        "const m = new Map(); for (let i = 0; ; i++) m.set(i, { i })",
        "for (let i = 0; ; i++) globalThis['x' + i] = i",
        "for (let i = 0; ; i++) Symbol.for('x' + i)",
        "const t = []; while (true) t.push(setTimeout(() => {}, 3_600_000))",
        "while (true) Promise.reject(1)",
        "const b = new ArrayBuffer(8, { maxByteLength: 2 ** 40 }); b.resize(2 ** 40)",
        "new SharedArrayBuffer(2 ** 40)",
        "2n ** (2n ** 40n)",
        "files.write('a', 'x'.repeat(2 ** 25)); stdin.text(); print('x'.repeat(2 ** 25))",
        "print(new Array(1e6).fill('x'.repeat(100)).join(''))",
        "const many = new Array(1e6).fill('x'); print(...many)",
        "String.raw({ length: 2 ** 31 })",
        "structuredClone = 1; [].concat(new Proxy([], { get: (t, k) => k === 'length' ? 2 ** 53 - 1 : 1 }))",
    ] {
        contained(
            source,
            &["ok", "exit", "cpu_limit", "memory_limit", "output_limit"],
        )
        .await;
    }
}

#[tokio::test]
async fn bending_the_language_bends_nothing_of_the_host() {
    let bent = "
        for (const it of Reflect.ownKeys(globalThis)) {
            const value = globalThis[it];
            const proto = value && value.prototype;
            if (!proto || it === 'Function') continue;
            for (const key of Reflect.ownKeys(proto)) {
                try { proto[key] = () => { throw 'bent' } } catch {}
            }
        }
    ";
    for call in [
        "console.log(1)",
        "console.log({})",
        "files.write('a', 'b')",
        "files.read('a')",
        "files.list()",
        "stdin.text()",
        "setTimeout(() => {})",
        "exit(0)",
        "throw new Error('x')",
        "await 1",
        "require('fs')",
    ] {
        contained(&format!("{bent};{call}"), &["ok", "exit", "cpu_limit"]).await;
    }
}

#[tokio::test]
async fn operands_that_are_lies_are_refused() {
    for source in [
        "files.write('a', { length: 2 ** 40 })",
        "files.write({ toString: () => ({}) }, 'x')",
        "files.write(Symbol('a'), 'x')",
        "files.write('a', new Proxy(new Uint8Array(8), {}))",
        "files.write('a', Object.setPrototypeOf({}, Uint8Array.prototype))",
        "const a = new Uint8Array(8); a.buffer.transfer(); files.write('a', a)",
        "const a = new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 }), 4, 4); a.buffer.resize(2); files.write('a', a)",
        "Object.defineProperty(Uint8Array.prototype, 'length', { get: () => 2 ** 31 }); files.append('a', new Uint8Array(8)); files.append('a', new Uint8Array(8))",
        "Uint8Array = function () { return { set() {}, length: -1 } }; files.append('a', 'b'); files.append('a', 'b')",
        "ArrayBuffer.isView = () => true; files.write('a', 1); process.stdout.write(1)",
        "process.stdout.write(new DataView(new ArrayBuffer(4)))",
        "process.stdout.write(new Float64Array(4).subarray(1))",
        "exit({ valueOf() { throw 1 } })",
        "exit(NaN)",
        "exit(1e308)",
        "exit('x')",
        "exit(2n ** 80n)",
        "setTimeout(1)",
        "setTimeout(() => {}, NaN)",
        "setTimeout(() => {}, -1e308)",
        "clearTimeout({})",
        "setTimeout(() => {}, { valueOf: () => { throw 1 } })",
        "Date.now = () => NaN; setTimeout(() => {})",
        "new TextDecoder().decode({})",
        "new TextEncoder().encode({ toString() { throw 1 } })",
        "throw { get name() { throw 1 } }",
        "throw new Proxy({}, { get() { throw 1 }, getPrototypeOf() { throw 2 } })",
        "throw Object.setPrototypeOf({ get stack() { while (true) {} } }, Error.prototype)",
        "throw null",
        "throw undefined",
        "throw Symbol('x')",
        "Error.prepareStackTrace = () => { throw 1 }; throw new Error('x')",
        "Error.prepareStackTrace = () => { while (true) {} }; throw new Error('x')",
        "Object.prototype.then = function (f) { f(f) }; await {}",
        "Promise.prototype.then = () => { throw 1 }; await Promise.resolve(1)",
        "globalThis.Promise = 1; await 1",
        "delete globalThis.Object; delete globalThis.Array; print({ a: [1] })",
    ] {
        contained(source, &["ok", "exit", "cpu_limit"]).await;
    }
}

#[tokio::test]
async fn nothing_waits_where_there_is_nobody_to_wake_it() {
    let wait = "Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0)";
    contained(wait, &["exit"]).await;
    contained(
        "await Atomics.waitAsync?.(new Int32Array(new SharedArrayBuffer(8)), 0, 0).value",
        &["ok", "exit"],
    )
    .await;
}

#[tokio::test]
async fn memory_of_the_machine_is_its_own() {
    // The engine is C, and a defect of it would be one inside of the machine alone.
    for source in [
        "const a = new Uint32Array(8); a[-1] = 1; a[2 ** 31] = 1; a[4294967295] = 1",
        "new DataView(new ArrayBuffer(8)).setFloat64(2 ** 31, 1)",
        "new Uint8Array(8).set(new Uint8Array(16))",
        "Atomics.store(new Int32Array(8), 2 ** 31, 1)",
        "const a = [1, 2, 3]; a.sort(() => { a.length = 0; return 1 }); print(a)",
        "const a = [1, 2, 3]; for (const it of a) a.length = 0; a.splice(0, { valueOf() { a.length = 0; return 1 } })",
        "const a = new Uint8Array(64); a.fill({ valueOf() { a.buffer.transfer(); return 1 } })",
        "const a = new Uint8Array(64); a.subarray({ valueOf() { a.buffer.transfer(); return 1 } }).fill(1)",
        "const m = new Map([[1, 1]]); for (const [k] of m) { m.clear(); m.set(k, 1); if (m.n = (m.n ?? 0) + 1, m.n > 99) break }",
        "new FinalizationRegistry(() => { throw 1 }).register({}, 1); for (let i = 0; i < 1e4; i++) ({ i })",
        "/(?<a>.)\\k<a>/u.exec('\\ud800\\ud800'); /\\u{10ffff}/u.exec('\\udbff')",
    ] {
        contained(source, &["ok", "exit", "cpu_limit"]).await;
    }
}

#[tokio::test]
async fn time_is_coarse_and_chance_differs() {
    let source = "
        const step = (clock) => {
            const from = clock();
            let to = from;
            while (to === from) to = clock();
            return to - from;
        };
        print(step(Date.now) >= 1, step(() => performance.now()) > 0.99);
        print(new Date().getTimezoneOffset())
    ";
    check(source, "true true\n0\n").await;
    let chance = "print(Math.random(), Math.random())";
    assert_ne!(printed(chance).await, printed(chance).await);
}
