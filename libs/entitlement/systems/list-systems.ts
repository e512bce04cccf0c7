import { type System, type SystemStore } from './system-store.js';

/** The built-in register, without secrets. */
export class ListSystems {
  constructor(private readonly systems: SystemStore) {}

  run(): Promise<readonly System[]> {
    return this.systems.list();
  }
}
