// Says whether two types are the same: assignable both ways is not enough.

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Compiles only if `A` and `B` are one type: `same<A, B>()`. */
export declare function same<A, B>(...ok: Equal<A, B> extends true ? [] : ["the types differ", A, B]): void;

/** Compiles only if the value's type is exactly `T`. */
export declare function is<T>(): <V>(value: V, ...ok: Equal<V, T> extends true ? [] : ["the types differ", V, T]) => void;
