use super::{finds, of_module, passes, quote};

const LINT: &str = "state_leakage";

#[test]
fn globals_that_change() {
    for global in [
        quote!(
            static mut COUNT: u32 = 0;
        ),
        quote!(
            pub(crate) static USERS: Mutex<Vec<User>> = Mutex::new(Vec::new());
        ),
        quote!(
            static USER: std::sync::OnceLock<User> = OnceLock::new();
        ),
        quote!(
            static USERS: LazyLock<RwLock<Vec<User>>> = LazyLock::new(a);
        ),
        quote!(
            static USERS: [Mutex<User>; 2] = a();
        ),
        quote!(thread_local! { static USER: RefCell<User> = a(); }),
        quote!(std::thread_local! { static USER: User = const { a() }; }),
        quote!(lazy_static! {
            static ref USERS: Mutex<Vec<User>> = a();
        }),
    ] {
        assert_eq!(of_module(&global), [LINT], "{global}");
        finds(LINT, [global]);
    }
}

#[test]
fn globals_that_stay_as_they_are() {
    passes([
        quote!(
            static NAMES: &[&str] = &["Mutex"];
        ),
        quote!(
            static WORD: LazyLock<Regex> = LazyLock::new(|| Regex::new("a"));
        ),
        quote!(
            const EMPTY: Mutex<u8> = Mutex::new(0);
        ),
        quote!(
            fn first(names: &'static str) -> Mutex<u8> {
                Mutex::new(0)
            }
        ),
        quote!(let users = Mutex::new(Vec::new());),
    ]);
}

#[test]
fn handlers_that_leak() {
    finds(
        LINT,
        [
            quote!(let name: &'static str = Box::leak(name.into_boxed_str());),
            quote!(let name: &'static str = name.leak();),
        ],
    );
    passes([quote!(pipes.leak(5);), quote!(let leak = Leak::find(a);)]);
    assert!(
        of_module(&quote!(
            fn new() -> Self {
                Self(Box::leak(a))
            }
        ))
        .is_empty()
    );
}
