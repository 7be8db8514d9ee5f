//! Handlers, as far as their types tell.

use super::{Answers, Operation, Reads};

/// A handler whose arguments and answer describe themselves. `T` is what axum infers of the arguments.
pub trait Described<T> {
    /// The name of the function: the id of the operation.
    fn name() -> &'static str {
        let path = std::any::type_name::<Self>();
        path.rsplit_once("::").map_or(path, |(_, name)| name)
    }

    /// Says what the handler takes and answers.
    fn describe(operation: &mut Operation<'_>);
}

macro_rules! described {
    ($($Argument:ident)*) => {
        impl<F, Fut, M, $($Argument,)*> Described<(M, $($Argument,)*)> for F
        where
            F: Fn($($Argument),*) -> Fut,
            Fut: Future<Output: Answers>,
            $($Argument: Reads,)*
        {
            fn describe(operation: &mut Operation<'_>) {
                $($Argument::describe(operation);)*
                <Fut::Output as Answers>::describe(operation);
            }
        }
    };
}

described!(A);
described!(A B);
described!(A B C);
described!(A B C D);
described!(A B C D E);
described!(A B C D E G);
described!(A B C D E G H);
