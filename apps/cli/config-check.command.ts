import { Command } from 'nest-commander';

import { type Config } from '#libs/config/config.js';

import { described, ShowingCommand, type JsonOption } from './parceler-command.js';

const MASK = '(set)';

@Command(described('config:check'))
export class ConfigCheckCommand extends ShowingCommand {
  run(_: string[], { json = false }: JsonOption): Promise<void> {
    const view = configView(this.context.parts.config());
    if (json) this.terminal.json(view);
    else this.terminal.facts(Object.fromEntries(leaves(view)));
    return Promise.resolve();
  }
}

/** Everything in force; of secrets only that they are set. */
const configView = (config: Config) => ({
  ...config,
  app: { ...config.app, key: MASK },
  sync: { ...config.sync, environmentValues: Object.keys(config.sync.environmentValues) },
  entitlement: {
    ...config.entitlement,
    enterprise: { ...config.entitlement.enterprise, endpoint: withoutPassword(config.entitlement.enterprise.endpoint) },
    community: { ...config.entitlement.community, endpoint: withoutPassword(config.entitlement.community.endpoint) },
  },
});

function withoutPassword(address: URL | undefined): string | undefined {
  if (address === undefined) return undefined;
  const shown = new URL(address);
  shown.password &&= '…';
  return shown.href;
}

/** `http.port` → `8080`, for each value that is set. */
function leaves(value: object, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, inner]: [string, unknown]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (inner === undefined) return [];
    const nested = typeof inner === 'object' && inner !== null && !Array.isArray(inner) && !(inner instanceof URL);
    return nested ? leaves(inner, at) : [[at, Array.isArray(inner) ? inner.join(', ') : String(inner)] as const];
  });
}
