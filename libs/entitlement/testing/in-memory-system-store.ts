import { type Act } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type Edition } from '../edition.js';
import { assertMayAdd, systemNotFound } from '../systems/system-errors.js';
import { withoutHash, type RegisteredSystem, type System, type SystemStore } from '../systems/system-store.js';

export class InMemorySystemStore implements SystemStore {
  private systems: readonly RegisteredSystem[] = [];

  async add(system: RegisteredSystem, _act: Act, { replace } = { replace: false }): Promise<void> {
    const before = await this.find(system.id, system.edition);
    assertMayAdd(system, before, replace);
    this.systems = [...this.systems.filter((other) => other !== before), system];
  }

  async find(id: SystemId, edition: Edition): Promise<RegisteredSystem | undefined> {
    return this.systems.find((system) => system.id === id && system.edition === edition);
  }

  async list(): Promise<readonly RegisteredSystem[]> {
    return this.systems.toSorted((one, other) => (order(one) < order(other) ? -1 : 1));
  }

  async revoke(id: SystemId, at: Date, _act: Act): Promise<readonly System[]> {
    if (!this.systems.some((system) => system.id === id)) throw systemNotFound(id);
    this.systems = this.systems.map((system) =>
      system.id === id && system.revokedAt === undefined ? { ...system, revokedAt: at } : system,
    );
    return (await this.list()).filter((system) => system.id === id).map(withoutHash);
  }
}

const order = ({ id, edition }: System): string => `${id}\0${edition}`;
