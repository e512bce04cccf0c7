/** A value that is there already, or soon: what is in memory is not made to wait for a turn of the event loop. */
export type Soon<T> = T | Promise<T>;

export const andThen = <T, U>(value: Soon<T>, next: (value: T) => Soon<U>): Soon<U> =>
  value instanceof Promise ? value.then(next) : next(value);
