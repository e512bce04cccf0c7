declare const injected: unique symbol;

/** The name under which a thing of that type is injected, for things that have no class to name them. */
export type Token<T> = symbol & { readonly [injected]?: T };

export const token = <T>(description: string): Token<T> => Symbol(description);

type Class<T> = abstract new (...parts: never) => T;
/** What a thing is asked for by. */
export type Name<T> = Token<T> | Class<T>;
type Names = readonly Name<unknown>[];
/** What is had by that name. */
export type Thing<N> = N extends Class<infer T> ? T : N extends Token<infer T> ? T : never;
type Things<N extends Names> = { readonly [Index in keyof N]: Thing<N[Index]> };

/** As Nest takes it. */
export interface Provider<T> {
  readonly provide: Name<T>;
  readonly useFactory: (...parts: never) => T | Promise<T>;
  readonly inject: Name<unknown>[];
}

/** A provider whose parts are checked by the compiler: Nest itself hands over by position whatever stands in the list. */
export const provide = <T, const N extends Names>(
  name: Name<T>,
  parts: N,
  make: (...parts: Things<N>) => NoInfer<T> | Promise<NoInfer<T>>,
): Provider<T> => ({ provide: name, useFactory: make, inject: [...parts] });

/** A provider of a class that takes just these parts. */
export const provideClass = <T, const N extends Names>(name: new (...parts: Things<N>) => T, parts: N): Provider<T> =>
  provide(name, parts, (...things) => new name(...things));
