use super::{of_prompt, of_tool, quote, spoken};
use crate::pipeline;

const LINT: &str = "model_does_the_work";

#[test]
fn orders_to_reckon() {
    for text in [
        "Calculate the total of {a} and {b}.",
        "Here is a bill:\n{bill}\n\nPlease compute the VAT.",
        "Read the list and count the entries.",
        "1. Read it\n2. Sum the second column",
        "Add up all amounts",
        "You are an accountant. Convert {a} euros to dollars.",
        "Validate the form, then describe it.",
        "Divide {a} by {b}",
    ] {
        assert_eq!(of_prompt(&quote!(#text.to_owned())), [LINT], "{text}");
        assert_eq!(of_prompt(&quote!(format!(#text))), [LINT], "{text}");
    }
}

#[test]
fn orders_that_are_work_for_a_model() {
    for text in [
        "Summarise {text} in three sentences.",
        "Sum up what the customer wants.",
        "The calculated total is {total}: explain it.",
        "Explain how to calculate a mean.",
        "Count on the reader to know the terms.",
        "Convert this essay into a sonnet.",
        "Validate feelings before facts.",
        "Never compute anything yourself.",
        "Calculate the total with the tool `sum`.",
        "Call sum to add the numbers up, then count the rest with the same tool.",
        "{a} was validated.",
    ] {
        assert!(of_prompt(&quote!(format!(#text))).is_empty(), "{text}");
    }
}

#[test]
fn prompts_and_instructions_alone_are_read() {
    assert!(of_tool(&quote!(log("Calculate the total.");)).is_empty());
    let expansion = pipeline::mcp_server(
        quote!(instructions = "Calculate the total of every bill."),
        &quote!(impl S {}),
    );
    assert_eq!(spoken(&expansion), [LINT]);
}
