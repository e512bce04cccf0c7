import { inspect } from 'node:util';

const SHOWN = '[secret]';

/** A value that is told to nobody by accident: printed, logged, put into JSON or a message, it is `[secret]`. */
export class Secret<T> {
  readonly #value: T;

  constructor(value: T) {
    this.#value = value;
  }

  /** The one way to the value. Whoever calls it sees to where it goes. */
  reveal(): T {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
