//! `#[derive(Config)]`.

use super::{golden, messages, pipeline, quote};

#[test]
fn config_struct() {
    let expansion = pipeline::config(quote! {
        #[config(crate = other::path, validate = Shop::check)]
        struct Shop {
            /// Where orders are kept.
            #[config(env("DATABASE_URL", "PGURL"))]
            database_url: Secret<String>,
            #[config(default = 10_000, range = 1..=20_000, flag = "pool-size")]
            pool_size: u32,
            #[config(default = -0.5, range = ..1.0, name = "share", description = "How much.")]
            part: f64,
            #[config(default = "5m", validate = some_time)]
            r#type: Duration,
            #[config(default = Carrier::Post, secret)]
            carrier: Carrier,
        }
    });
    assert!(!expansion.to_string().contains("purlin"));
    golden("config_struct", expansion);
}

#[test]
fn config_enum() {
    golden(
        "config_enum",
        pipeline::config(quote! {
            enum Carrier {
                Post,
                #[config(name = "bike")]
                CargoBicycle,
            }
        }),
    );
}

#[test]
fn each_mistake_is_an_error() {
    let expansion = pipeline::config(quote! {
        #[config(validate = "check")]
        struct Shop {
            #[config(default = "many")]
            count: u32,
            #[config(default = 300, range = 1..=200)]
            size: u32,
            #[config(default = "5 weeks")]
            wait: Duration,
            #[config(default = 1)]
            maybe: Option<u8>,
            #[config(default = "hunter2", secret)]
            password: String,
            #[config(env = "A B", flag = "--dashes")]
            place: String,
            #[config(flag = "stdio", envv = "X")]
            other: String,
            #[config(name = "Not-A-Name")]
            name: String,
        }
    });
    assert_eq!(messages(expansion).len(), 11);
}

#[test]
fn a_name_a_variable_or_a_flag_is_of_one_setting() {
    let expansion = pipeline::config(quote! {
        struct Shop {
            #[config(env = "A", flag = "a")]
            one: u8,
            #[config(env = "A", flag = "a", name = "one")]
            two: u8,
        }
    });
    assert_eq!(messages(expansion).len(), 3);
}

#[test]
fn variants_are_words() {
    let expansion = pipeline::config(quote! {
        enum Carrier<T> {
            Post(T),
            #[config(name = "post")]
            Mail,
        }
    });
    assert_eq!(messages(expansion).len(), 3);
}
