/**
 * Parts of a process that dies: each call of any of them counts, and from the `last` one on nothing is done and nothing
 * answered any more, as if the process had been killed there. A test that raises `last` until the process outlives its
 * work has tried every step.
 */
export class MortalProcess {
  private calls = 0;

  constructor(private readonly last: number) {}

  get isDead(): boolean {
    return this.calls > this.last;
  }

  /** The part as this process has it. */
  part<T extends object>(part: T): T {
    return new Proxy(part, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        if (typeof value !== 'function') return value;
        return (...args: unknown[]): unknown => {
          this.calls += 1;
          if (this.isDead) throw new Error('the process is dead');
          return Reflect.apply(value, target, args) as unknown;
        };
      },
    });
  }
}
