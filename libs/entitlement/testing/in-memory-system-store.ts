import { type Act } from '#libs/kernel/actor.js';
import { type SystemId } from '#libs/kernel/ids.js';

import { type Edition } from '../edition.js';
import { systemExists, systemNotFound } from '../systems/system-errors.js';
import { withoutHash, type RegisteredSystem, type System, type SystemStore } from '../systems/system-store.js';

export class InMemorySystemStore implements SystemStore {
  private systems: readonly RegisteredSystem[] = [];

  async add(system: RegisteredSystem, _act: Act, { replace } = { replace: false }): Promise<void> {
    const before = await this.find(system.id, system.edition);
    const counts = before !== undefined && before.revokedAt === undefined;
    if (counts && !replace) throw systemExists(system.id, system.edition);
    this.systems = [...this.systems.filter((other) => other !== before), system];
  }

  async find(id: SystemId, edition: Edition): Promise<RegisteredSystem | undefined> {
    return this.systems.find((system) => system.id === id && system.edition === edition);
  }

  async list(): Promise<readonly System[]> {
    return this.systems.map(withoutHash).sort((one, other) => (order(one) < order(other) ? -1 : 1));
  }

  async revoke(id: SystemId, at: Date, _act: Act): Promise<readonly System[]> {
    if (!this.systems.some((system) => system.id === id)) throw systemNotFound(id);
    this.systems = this.systems.map((system) =>
      system.id === id && system.revokedAt === undefined ? { ...system, revokedAt: at } : system,
    );
    return (await this.list()).filter((system) => system.id === id);
  }
}

const order = ({ id, edition }: System): string => `${id}\0${edition}`;
